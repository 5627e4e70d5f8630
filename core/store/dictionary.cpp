#include "core/store/dictionary.h"

#include "core/base/digest.h"
#include "core/store/connection.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace riskdesk::store {
namespace {

constexpr std::size_t bytesPerPage = 256 * 1024;
constexpr std::size_t headerBytes = 16;
constexpr char pageVersion = 1;

std::int64_t pageId(std::size_t kind, std::uint32_t first)
{
    return static_cast<std::int64_t>(kind) << 32 | static_cast<std::int64_t>(first);
}

std::string sealed(std::string_view body)
{
    const auto digest = blake2b128(body);
    std::string page(1, pageVersion);
    page.append(reinterpret_cast<const char *>(digest.data()), headerBytes - 1);
    page += body;
    return page;
}

tl::unexpected<Error> damagedPage(std::string_view why, std::size_t kind, std::uint32_t first,
                                  const std::string &file)
{
    return fail(Code::StoreCorrupt, file, fmt::format("dictionary {} at {}: {}", kind, first, why));
}

// The entries of a page that is whole.
Result<std::string_view> unsealedPage(std::string_view page, std::size_t kind, std::uint32_t first,
                                      const std::string &file)
{
    if (page.size() < headerBytes)
        return damagedPage("it ends early", kind, first, file);
    if (page[0] != pageVersion)
        return fail(Code::Unsupported, file,
                    fmt::format("dictionary {} at {} has format {}", kind, first, static_cast<int>(page[0])));
    const auto body = page.substr(headerBytes);
    const auto digest = blake2b128(body);
    if (std::memcmp(digest.data(), page.data() + 1, headerBytes - 1) != 0)
        return damagedPage("the checksum differs", kind, first, file);
    return body;
}

constexpr std::string_view lastPageOfKind =
    "SELECT id, entries, data FROM dictionary_page WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT 1";

} // namespace

Dictionaries::Dictionaries() = default;

std::uint32_t Dictionaries::intern(Dictionary which, HashedText text)
{
    if (text.text.empty())
        return 0;
    auto &texts = m_kinds[static_cast<std::size_t>(which)].texts;
    if (!texts.isIndexed())
        texts.index();
    const auto known = texts.find(text);
    return known != 0 ? known : texts.add(text);
}

void Dictionaries::intern(Dictionary which, std::span<const HashedText> texts, std::span<std::uint32_t> ids)
{
    constexpr std::size_t step = 4;
    auto &index = m_kinds[static_cast<std::size_t>(which)].texts;
    index.index();
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i + 3 * step < texts.size())
            index.prefetchSlot(texts[i + 3 * step].hash);
        if (i + 2 * step < texts.size())
            index.prefetchPlace(texts[i + 2 * step].hash);
        if (i + step < texts.size())
            index.prefetchText(texts[i + step].hash);
        ids[i] = intern(which, texts[i]);
    }
}

std::uint32_t Dictionaries::find(Dictionary which, std::string_view text) const
{
    if (text.empty())
        return 0;
    const auto &texts = m_kinds[static_cast<std::size_t>(which)].texts;
    if (texts.isIndexed())
        return texts.find(hashed(text));
    std::uint32_t id = 1;
    while (id < texts.size() && texts.text(id) != text)
        ++id;
    return id < texts.size() ? id : 0;
}

std::string_view Dictionaries::text(Dictionary which, std::uint32_t id) const
{
    return m_kinds[static_cast<std::size_t>(which)].texts.text(id);
}

IpAddress Dictionaries::address(std::uint32_t id) const
{
    IpAddress ip;
    const auto bytes = text(Dictionary::Address, id);
    if (bytes.size() == ip.bytes.size())
        std::memcpy(ip.bytes.data(), bytes.data(), bytes.size());
    return ip;
}

std::uint32_t Dictionaries::size(Dictionary which) const
{
    return m_kinds[static_cast<std::size_t>(which)].texts.size();
}

Status Dictionaries::load(Connection &connection)
{
    for (std::size_t k = 0; k < m_kinds.size(); ++k)
        if (auto ok = loadKind(connection, k); !ok)
            return ok;
    return {};
}

Status Dictionaries::readPage(std::size_t k, std::uint32_t first, std::int64_t entries, std::string_view page,
                              const std::string &file)
{
    auto &kind = m_kinds[k];
    auto unsealed = unsealedPage(page, k, first, file);
    if (!unsealed)
        return tl::unexpected(unsealed.error());
    auto body = *unsealed;
    const auto damaged = [&](std::string_view why) { return damagedPage(why, k, first, file); };
    kind.lastPage = first;
    std::uint32_t id = first;
    const bool isNew = first == kind.texts.size();
    if (isNew)
        body = kind.texts.keep(body);
    for (; entries > 0; --entries, ++id) {
        std::uint32_t length;
        if (body.size() < sizeof length)
            return damaged("it ends early");
        std::memcpy(&length, body.data(), sizeof length);
        body.remove_prefix(sizeof length);
        if (body.size() < length)
            return damaged("it ends early");
        const auto text = body.substr(0, length);
        body.remove_prefix(length);
        if (id < kind.texts.size()) {
            // Known, from an earlier state of this page or because it waits to be written.
            if (kind.texts.text(id) != text)
                return fail(Code::Conflict, file,
                            fmt::format("another process gave id {} of dictionary {} away", id, k));
        } else if (id == kind.texts.size()) {
            isNew ? kind.texts.appendKept(text) : kind.texts.append(text);
        } else {
            return damaged("an id is missing");
        }
        kind.stored = std::max(kind.stored, id + 1);
    }
    return body.empty() ? Status() : damaged("it is longer than its entries");
}

Status Dictionaries::loadKind(Connection &connection, std::size_t k)
{
    // From the last page known, or the one before it if that one was rolled back.
    Statement pages(connection,
                    "SELECT id, entries, data FROM dictionary_page WHERE id < ?3 AND id >= coalesce((SELECT "
                    "max(id) FROM dictionary_page WHERE id BETWEEN ?1 AND ?2), ?1) ORDER BY id");
    pages.bind(pageId(k, 0), pageId(k, m_kinds[k].lastPage), pageId(k + 1, 0));
    while (pages.step()) {
        const auto blob = pages.blob(2);
        if (auto ok = readPage(k, pages.uint32(0), pages.int64(1),
                               {reinterpret_cast<const char *>(blob.data()), blob.size()},
                               connection.file().string());
            !ok)
            return ok;
    }
    return pages.ok() ? Status() : tl::unexpected(pages.error());
}

Status Dictionaries::flush(Connection &connection)
{
    Statement last(connection, lastPageOfKind);
    for (std::size_t k = 0; k < m_kinds.size(); ++k) {
        auto &kind = m_kinds[k];
        // The file's word, not our memory of it: what an earlier flush wrote may have been rolled back.
        std::int64_t stored = 1;
        if (last.bind(pageId(k, 0), pageId(k + 1, 0)).step())
            stored = last.int64(0) - pageId(k, 0) + last.int64(1);
        if (!last.ok())
            return tl::unexpected(last.error());
        if (stored == std::int64_t{kind.stored})
            continue;
        kind.stored = kind.lastPage = 1;
        if (auto ok = loadKind(connection, k); !ok)
            return ok;
    }
    last.reset();
    return writeTexts(connection, takeNew());
}

NewTexts Dictionaries::takeNew()
{
    NewTexts out;
    for (std::size_t k = 0; k < m_kinds.size(); ++k) {
        auto &kind = m_kinds[k];
        out.kinds[k].first = kind.stored;
        for (auto id = kind.stored; id < kind.texts.size(); ++id)
            out.kinds[k].texts.push_back(kind.texts.text(id));
        kind.stored = kind.texts.size();
    }
    return out;
}

Status writeTexts(Connection &connection, const NewTexts &texts)
{
    Statement write(connection,
                    "INSERT OR REPLACE INTO dictionary_page (id, entries, data) VALUES (?1, ?2, ?3)");
    Statement last(connection, lastPageOfKind);
    for (std::size_t k = 0; k < texts.kinds.size(); ++k) {
        const auto &kind = texts.kinds[k];
        if (kind.texts.empty())
            continue;
        const auto file = connection.file().string();
        std::uint32_t first = 1, id = 1; // of the page, of the text
        std::string body;
        if (last.bind(pageId(k, 0), pageId(k + 1, 0)).step()) {
            first = last.uint32(0);
            id = first + last.uint32(1);
            const auto blob = last.blob(2);
            const auto kept =
                unsealedPage({reinterpret_cast<const char *>(blob.data()), blob.size()}, k, first, file);
            if (!kept)
                return tl::unexpected(kept.error());
            if (kept->size() < bytesPerPage)
                body = *kept;
            else
                first = id;
        }
        if (!last.ok())
            return tl::unexpected(last.error());
        last.reset();
        if (id != kind.first)
            return fail(Code::Conflict, file,
                        fmt::format("another process gave id {} of dictionary {} away", kind.first, k));
        for (auto text = kind.texts.begin(); text != kind.texts.end();) {
            for (; text != kind.texts.end() && body.size() < bytesPerPage; ++text, ++id) {
                const auto length = static_cast<std::uint32_t>(text->size());
                body.append(reinterpret_cast<const char *>(&length), sizeof length);
                body += *text;
            }
            const auto page = sealed(body);
            if (auto ok =
                    write
                        .bind(pageId(k, first), id - first,
                              std::span(reinterpret_cast<const std::uint8_t *>(page.data()), page.size()))
                        .run();
                !ok)
                return ok;
            first = id;
            body.clear();
        }
    }
    return {};
}

} // namespace riskdesk::store

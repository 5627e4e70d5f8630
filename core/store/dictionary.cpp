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

} // namespace

Dictionaries::Dictionaries() = default;

std::uint32_t Dictionaries::intern(Dictionary which, HashedText text)
{
    if (text.text.empty())
        return 0;
    auto &texts = m_kinds[static_cast<std::size_t>(which)].texts;
    const auto known = texts.find(text);
    return known != 0 ? known : texts.add(text);
}

void Dictionaries::intern(Dictionary which, std::span<const HashedText> texts, std::span<std::uint32_t> ids)
{
    constexpr std::size_t step = 4;
    const auto &index = m_kinds[static_cast<std::size_t>(which)].texts;
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
    return text.empty() ? 0 : m_kinds[static_cast<std::size_t>(which)].texts.find(hashed(text));
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
    const auto damaged = [&](std::string_view why) {
        return fail(Code::StoreCorrupt, file, fmt::format("dictionary {} at {}: {}", k, first, why));
    };
    if (page.size() < headerBytes)
        return damaged("it ends early");
    if (page[0] != pageVersion)
        return fail(Code::Unsupported, file,
                    fmt::format("dictionary {} at {} has format {}", k, first, static_cast<int>(page[0])));
    auto body = page.substr(headerBytes);
    const auto digest = blake2b128(body);
    if (std::memcmp(digest.data(), page.data() + 1, headerBytes - 1) != 0)
        return damaged("the checksum differs");
    kind.lastPage = first;
    kind.lastPageBytes = body.size();
    std::uint32_t id = first;
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
            kind.texts.add(hashed(text));
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
    Statement write(connection,
                    "INSERT OR REPLACE INTO dictionary_page (id, entries, data) VALUES (?1, ?2, ?3)");
    Statement last(connection, "SELECT id, entries FROM dictionary_page WHERE id >= ?1 AND id < ?2 "
                               "ORDER BY id DESC LIMIT 1");
    for (std::size_t k = 0; k < m_kinds.size(); ++k) {
        auto &kind = m_kinds[k];
        // The file's word, not our memory of it: what an earlier flush wrote may have been rolled back.
        std::int64_t stored = 1;
        if (last.bind(pageId(k, 0), pageId(k + 1, 0)).step())
            stored = last.int64(0) - pageId(k, 0) + last.int64(1);
        if (!last.ok())
            return tl::unexpected(last.error());
        if (stored != std::int64_t{kind.stored}) {
            kind.stored = kind.lastPage = 1;
            kind.lastPageBytes = 0;
            if (auto ok = loadKind(connection, k); !ok)
                return ok;
        }
        const auto size = kind.texts.size();
        if (kind.stored == size)
            continue;
        std::uint32_t first = kind.lastPageBytes < bytesPerPage ? kind.lastPage : kind.stored;
        while (first < size) {
            std::string body;
            std::uint32_t id = first;
            for (; id < size && body.size() < bytesPerPage; ++id) {
                const auto length = static_cast<std::uint32_t>(kind.texts.text(id).size());
                body.append(reinterpret_cast<const char *>(&length), sizeof length);
                body += kind.texts.text(id);
            }
            const auto page = sealed(body);
            if (auto ok =
                    write
                        .bind(pageId(k, first), id - first,
                              std::span(reinterpret_cast<const std::uint8_t *>(page.data()), page.size()))
                        .run();
                !ok)
                return ok;
            kind.lastPage = first;
            kind.lastPageBytes = body.size();
            first = id;
        }
        kind.stored = size;
    }
    return {};
}

} // namespace riskdesk::store

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
constexpr std::size_t bytesPerBlock = 64 * 1024;
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

// FNV-1a over eight bytes at a time with a final mix; texts are short and trusted to no one, but a clash only
// costs a comparison.
std::uint64_t Dictionaries::hash(std::string_view text)
{
    std::uint64_t h = 0xcbf29ce484222325ULL ^ text.size();
    while (text.size() >= 8) {
        std::uint64_t word;
        std::memcpy(&word, text.data(), 8);
        h = (h ^ word) * 0x9fb21c651e98df25ULL;
        h ^= h >> 32;
        text.remove_prefix(8);
    }
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), text.size());
    h = (h ^ word) * 0x9fb21c651e98df25ULL;
    return h ^ (h >> 29);
}

std::uint32_t Dictionaries::lookUp(const Kind &kind, std::string_view text, std::uint64_t h)
{
    if (kind.slots.empty())
        return 0;
    const auto mask = kind.slots.size() - 1;
    for (std::size_t i = h & mask; kind.slots[i] != 0; i = (i + 1) & mask)
        if (kind.hashes[kind.slots[i]] == h && kind.texts[kind.slots[i]] == text)
            return kind.slots[i];
    return 0;
}

void Dictionaries::insertSlot(Kind &kind, std::uint32_t id)
{
    const auto mask = kind.slots.size() - 1;
    std::size_t i = kind.hashes[id] & mask;
    while (kind.slots[i] != 0)
        i = (i + 1) & mask;
    kind.slots[i] = id;
}

std::uint32_t Dictionaries::add(Kind &kind, std::string_view text, std::uint64_t h)
{
    if (kind.arena.empty() || kind.arena.back().capacity() - kind.arena.back().size() < text.size()) {
        kind.arena.emplace_back();
        kind.arena.back().reserve(std::max(bytesPerBlock, text.size()));
    }
    auto &block = kind.arena.back();
    const char *start = block.data() + block.size();
    block += text; // never past the capacity, so nothing moves
    const auto id = static_cast<std::uint32_t>(kind.texts.size());
    kind.texts.emplace_back(start, text.size());
    kind.hashes.push_back(h);
    if (kind.texts.size() * 2 > kind.slots.size()) {
        kind.slots.assign(std::max<std::size_t>(64, kind.slots.size() * 2), 0);
        for (std::uint32_t known = 1; known <= id; ++known)
            insertSlot(kind, known);
    } else {
        insertSlot(kind, id);
    }
    return id;
}

std::uint32_t Dictionaries::intern(Dictionary which, std::string_view text)
{
    if (text.empty())
        return 0;
    auto &kind = m_kinds[static_cast<std::size_t>(which)];
    const auto h = hash(text);
    const auto known = lookUp(kind, text, h);
    return known != 0 ? known : add(kind, text, h);
}

std::uint32_t Dictionaries::find(Dictionary which, std::string_view text) const
{
    return text.empty() ? 0 : lookUp(m_kinds[static_cast<std::size_t>(which)], text, hash(text));
}

std::string_view Dictionaries::text(Dictionary which, std::uint32_t id) const
{
    const auto &texts = m_kinds[static_cast<std::size_t>(which)].texts;
    return id < texts.size() ? texts[id] : std::string_view();
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
    return static_cast<std::uint32_t>(m_kinds[static_cast<std::size_t>(which)].texts.size());
}

Status Dictionaries::load(Connection &connection)
{
    for (std::size_t k = 0; k < m_kinds.size(); ++k) {
        auto &kind = m_kinds[k];
        Statement pages(
            connection,
            "SELECT id, entries, data FROM dictionary_page WHERE id >= ?1 AND id < ?2 ORDER BY id");
        pages.bind(pageId(k, kind.lastPage), pageId(k + 1, 0));
        while (pages.step()) {
            const auto first = static_cast<std::uint32_t>(pages.int64(0));
            const auto blob = pages.blob(2);
            const std::string_view page(reinterpret_cast<const char *>(blob.data()), blob.size());
            const auto damaged = [&](std::string why) {
                return fail(Code::StoreCorrupt, connection.file().string(),
                            fmt::format("dictionary {} at {}: {}", k, first, why));
            };
            if (page.size() < headerBytes || page[0] != pageVersion)
                return damaged("unknown version");
            auto body = page.substr(headerBytes);
            const auto digest = blake2b128(body);
            if (std::memcmp(digest.data(), page.data() + 1, headerBytes - 1) != 0)
                return damaged("the checksum differs");
            kind.lastPage = first;
            kind.lastPageBytes = body.size();
            std::uint32_t id = first;
            for (std::int64_t n = pages.int64(1); n > 0; --n, ++id) {
                std::uint32_t length;
                if (body.size() < sizeof length)
                    return damaged("it ends early");
                std::memcpy(&length, body.data(), sizeof length);
                body.remove_prefix(sizeof length);
                if (body.size() < length)
                    return damaged("it ends early");
                const auto text = body.substr(0, length);
                body.remove_prefix(length);
                if (id < kind.stored)
                    continue; // known from an earlier, shorter state of this page
                if (kind.texts.size() != id)
                    return damaged("an id is missing");
                add(kind, text, hash(text));
                kind.stored = id + 1;
            }
        }
        if (!pages.ok())
            return tl::unexpected(pages.error());
    }
    return {};
}

Status Dictionaries::flush(Connection &connection)
{
    Statement write(connection,
                    "INSERT OR REPLACE INTO dictionary_page (id, entries, data) VALUES (?1, ?2, ?3)");
    for (std::size_t k = 0; k < m_kinds.size(); ++k) {
        auto &kind = m_kinds[k];
        const auto size = static_cast<std::uint32_t>(kind.texts.size());
        if (kind.stored == size)
            continue;
        std::uint32_t first = kind.lastPageBytes < bytesPerPage ? kind.lastPage : kind.stored;
        while (first < size) {
            std::string body;
            std::uint32_t id = first;
            for (; id < size && body.size() < bytesPerPage; ++id) {
                const auto length = static_cast<std::uint32_t>(kind.texts[id].size());
                body.append(reinterpret_cast<const char *>(&length), sizeof length);
                body += kind.texts[id];
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

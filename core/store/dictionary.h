// Dictionaries: the texts that sign-ins refer to by id, one dictionary per kind (core/domain/sign_in.h).
//
// Append-only: an id once given never changes, id 0 is the empty text. Kept whole in memory while open;
// stored in pages of at most 256 KiB, each with a version and a checksum (dictionary_page: first id, count,
// blob). A blob is
//   u8 version (1) | u8[15] first bytes of BLAKE2b-128 of what follows | u32 length, bytes … per entry.
//
// One thread. intern() keeps new entries pending until flush(), inside the caller's transaction. After a
// rollback the next flush() writes them again, since it asks the file what is there. Where another thread
// writes, it is handed what takeNew() gives. Only one process may add (the holder of the import lease);
// Code::Conflict when another one did and gave the same ids away.
#pragma once

#include "core/base/result.h"
#include "core/base/text_index.h"
#include "core/domain/sign_in.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::store {

class Connection;

// Texts that wait to be written, by kind and in the order of their ids. A value for any thread as long as the
// Dictionaries live it came from: a text once kept neither moves nor changes.
struct NewTexts
{
    struct OfKind
    {
        std::uint32_t first = 0; // the id of the first of them
        std::vector<std::string_view> texts;
    };
    std::array<OfKind, static_cast<std::size_t>(Dictionary::Count)> kinds;
};
// Inside the caller's transaction. The last page of a kind is rewritten while it has room. Code::Conflict
// where the file does not end before the first of them, StoreCorrupt.
[[nodiscard]] Status writeTexts(Connection &connection, const NewTexts &texts);

class Dictionaries
{
public:
    Dictionaries();
    // Reads what is stored and not yet known: everything at first, later what other processes appended.
    // Code::StoreCorrupt, Unsupported (a format of a later version), Conflict.
    [[nodiscard]] Status load(Connection &connection);

    [[nodiscard]] std::uint32_t intern(Dictionary kind, std::string_view text)
    {
        return intern(kind, hashed(text));
    }
    [[nodiscard]] std::uint32_t intern(Dictionary kind, HashedText text);
    // The ids of many texts, given in their order. Memory is fetched ahead: in a large dictionary that is
    // what looking up costs.
    void intern(Dictionary kind, std::span<const HashedText> texts, std::span<std::uint32_t> ids);
    // 0 when there is no such text. Looks at one after another before anything was interned.
    [[nodiscard]] std::uint32_t find(Dictionary kind, std::string_view text) const;
    // Empty for an id that is not there. Valid as long as this object.
    [[nodiscard]] std::string_view text(Dictionary kind, std::uint32_t id) const;
    [[nodiscard]] IpAddress address(std::uint32_t id) const;
    // One more than the greatest id.
    [[nodiscard]] std::uint32_t size(Dictionary kind) const;
    // Writes what is new in the eyes of the file.
    [[nodiscard]] Status flush(Connection &connection);
    // What is new since load(), flush() or the last call.
    [[nodiscard]] NewTexts takeNew();

private:
    struct Kind
    {
        TextIndex texts;            // an id is the text's number
        std::uint32_t stored = 1;   // ids below are in the file, or given out to be written
        std::uint32_t lastPage = 1; // first id of the last page read
    };
    Status loadKind(Connection &connection, std::size_t kind);
    Status readPage(std::size_t kind, std::uint32_t first, std::int64_t entries, std::string_view page,
                    const std::string &file);

    std::array<Kind, static_cast<std::size_t>(Dictionary::Count)> m_kinds;
};

} // namespace riskdesk::store

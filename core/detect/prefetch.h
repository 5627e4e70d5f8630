// Fetching ahead: the next sign-ins are known, and what is remembered of their users and addresses lies all
// over main memory. Told of them a few steps early, the tables ask for those cache lines while other sign-ins
// are examined, instead of waiting for each when its turn comes.
//
// A hint only: it changes nothing, and a sign-in that was never announced is examined all the same.
#pragma once

#include <cstddef>
#include <cstdint>

namespace riskdesk::detect {

// What one step fetches holds the address of what the next one can ask for. The farther ahead the lower.
enum class Prefetch : std::uint8_t {
    Shards,       // the pointers to those of the address, of its network and of their spray scopes
    Tables,       // the shards themselves
    Slots,        // of the user's and the address' entries in their tables
    Records,      // the entries themselves
    Rows,         // the arrays they point to
    ScopeSlots,   // the same again for the scopes of a password spray,
    ScopeRecords, // which only some sign-ins ask for; that is known from the rows
    ScopeRows
};
struct PrefetchDistance
{
    Prefetch what;
    std::size_t signIns;
};
inline constexpr PrefetchDistance prefetchDistances[] = {
    {Prefetch::Shards, 36}, {Prefetch::Tables, 30},    {Prefetch::Slots, 24},       {Prefetch::Records, 18},
    {Prefetch::Rows, 12},   {Prefetch::ScopeSlots, 8}, {Prefetch::ScopeRecords, 5}, {Prefetch::ScopeRows, 2}};

inline void prefetch(const void *data, std::size_t bytes)
{
    constexpr std::size_t line = 64;
    const auto *at = static_cast<const char *>(data);
    for (std::size_t i = 0; i < bytes; i += line)
        __builtin_prefetch(at + i);
}

} // namespace riskdesk::detect

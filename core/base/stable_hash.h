// Hashes that are the same on every run and every machine, so that they may be stored and may choose a shard.
// Made of content (addresses, texts), never of dictionary ids. Not for hostile-proof hashing; tables are
// bounded. For tables in memory that anybody may fill: hash.h.
//
// Mixing: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014); texts: FNV-1a, 64 bits.
#pragma once

#include "core/base/ip_address.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace riskdesk {

[[nodiscard]] constexpr std::uint64_t mixBits(std::uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

[[nodiscard]] inline std::uint64_t stableHash(const std::array<std::uint8_t, 16> &bytes)
{
    std::uint64_t halves[2];
    std::memcpy(halves, bytes.data(), sizeof halves);
    return mixBits(mixBits(halves[0] + 0x9e3779b97f4a7c15u) ^ halves[1]);
}

[[nodiscard]] inline std::uint64_t stableHash(const IpAddress &ip)
{
    return stableHash(ip.bytes);
}

[[nodiscard]] constexpr std::uint64_t stableHash(std::string_view text)
{
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return mixBits(hash);
}

} // namespace riskdesk

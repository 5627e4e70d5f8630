// Hashes that are the same on every run and every machine, so that they may be stored and may choose a shard.
// Made of content (addresses, texts), never of dictionary ids. Not for hostile-proof hashing; tables are
// bounded.
//
// Mixing: the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014); texts: FNV-1a, 64 bits.
#pragma once

#include "core/base/ip_address.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace riskdesk::detect {

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

// Times are microseconds; these never overflow and round towards the past.
[[nodiscard]] constexpr std::int64_t plus(std::int64_t a, std::int64_t b)
{
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return b > 0 ? INT64_MAX : INT64_MIN;
}
[[nodiscard]] constexpr std::int64_t minus(std::int64_t a, std::int64_t b)
{
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(a, b, &difference))
        return difference;
    return a > b ? INT64_MAX : INT64_MIN;
}
[[nodiscard]] constexpr std::int64_t floorDivide(std::int64_t a, std::int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

inline constexpr std::int64_t minuteUs = 60'000'000;
inline constexpr std::int64_t hourUs = 60 * minuteUs;
inline constexpr std::int64_t dayUs = 24 * hourUs;

// A length of time given by a setting.
[[nodiscard]] constexpr std::int64_t span(double count, std::int64_t unitUs)
{
    return static_cast<std::int64_t>(count * static_cast<double>(unitUs));
}

} // namespace riskdesk::detect

// IpAddress: v4 and v6 as sixteen bytes in network order; v4 is kept as ::ffff:a.b.c.d.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace riskdesk {

struct IpAddress
{
    std::array<std::uint8_t, 16> bytes{}; // all zero: not known

    friend auto operator<=>(const IpAddress &, const IpAddress &) = default;
    // Two numbers are compared faster than sixteen bytes; tables ask this all the time.
    friend bool operator==(const IpAddress &a, const IpAddress &b)
    {
        std::uint64_t x[2], y[2];
        std::memcpy(x, a.bytes.data(), sizeof x);
        std::memcpy(y, b.bytes.data(), sizeof y);
        return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
    }

    // A bare address: "1.2.3.4", "2001:db8::1", "::ffff:1.2.3.4". Nothing else: ports, brackets and
    // zone ids are the log format's matter (core/ingest). Leading zeros ("01.2.3.4") are refused.
    [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
    [[nodiscard]] static IpAddress fromV4(std::uint32_t hostOrder);

    [[nodiscard]] bool isKnown() const { return !(*this == IpAddress{}); }
    [[nodiscard]] bool isV4() const;
    [[nodiscard]] std::uint32_t v4() const;     // host order; only when isV4()
    [[nodiscard]] std::string toString() const; // RFC 5952
    // RFC 1918, loopback, link-local, unique-local, carrier-grade NAT, unspecified.
    [[nodiscard]] bool isPrivate() const;
    // The first `bits` bits (0 to 128 in the sixteen-byte form; v4 /24 is 96 + 24), the rest zero.
    [[nodiscard]] IpAddress masked(int bits) const;
    // The network a neighbour shares: /24 for v4, /48 for v6.
    [[nodiscard]] IpAddress network() const { return masked(isV4() ? 96 + 24 : 48); }
};

// "192.0.2.0/24", "2001:db8::/32" or a bare address; host bits are masked off.
struct Cidr
{
    IpAddress first;
    IpAddress last; // inclusive
    int bits = 128; // in the sixteen-byte form

    [[nodiscard]] static std::optional<Cidr> parse(std::string_view text);
    [[nodiscard]] std::string toString() const;
    [[nodiscard]] bool contains(const IpAddress &ip) const { return first <= ip && ip <= last; }
};

} // namespace riskdesk

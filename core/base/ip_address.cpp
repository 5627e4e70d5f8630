#include "core/base/ip_address.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace riskdesk {
namespace {
constexpr std::array<std::uint8_t, 12> v4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

// Four numbers up to 255 without leading zeros, as inet_pton takes them.
bool parseV4(std::string_view text, std::uint8_t *bytes)
{
    std::size_t at = 0;
    for (int part = 0; part < 4; ++part) {
        if (part > 0 && (at == text.size() || text[at++] != '.'))
            return false;
        const std::size_t start = at;
        unsigned value = 0;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9' && at - start < 4)
            value = value * 10 + static_cast<unsigned>(text[at++] - '0');
        if (at == start || value > 255 || (at - start > 1 && text[start] == '0'))
            return false;
        bytes[part] = static_cast<std::uint8_t>(value);
    }
    return at == text.size();
}

} // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text)
{
    IpAddress ip;
    if (text.find(':') == std::string_view::npos) {
        std::memcpy(ip.bytes.data(), v4Prefix.data(), v4Prefix.size());
        return parseV4(text, ip.bytes.data() + 12) ? std::optional(ip) : std::nullopt;
    }
    char buffer[INET6_ADDRSTRLEN + 1];
    if (text.size() >= sizeof buffer)
        return std::nullopt;
    std::memcpy(buffer, text.data(), text.size());
    buffer[text.size()] = 0;
    if (inet_pton(AF_INET6, buffer, ip.bytes.data()) != 1)
        return std::nullopt;
    return ip;
}

IpAddress IpAddress::fromV4(std::uint32_t value)
{
    IpAddress ip;
    std::memcpy(ip.bytes.data(), v4Prefix.data(), v4Prefix.size());
    for (std::size_t i = 0; i < 4; ++i)
        ip.bytes[12 + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
    return ip;
}

bool IpAddress::isV4() const
{
    return std::memcmp(bytes.data(), v4Prefix.data(), v4Prefix.size()) == 0;
}

std::uint32_t IpAddress::v4() const
{
    return std::uint32_t{bytes[12]} << 24 | std::uint32_t{bytes[13]} << 16 | std::uint32_t{bytes[14]} << 8 |
           std::uint32_t{bytes[15]};
}

std::string IpAddress::toString() const
{
    if (!isKnown())
        return {};
    char buffer[INET6_ADDRSTRLEN];
    if (isV4())
        inet_ntop(AF_INET, bytes.data() + 12, buffer, sizeof buffer);
    else
        inet_ntop(AF_INET6, bytes.data(), buffer, sizeof buffer);
    return buffer;
}

bool IpAddress::isPrivate() const
{
    if (!isKnown())
        return true;
    if (isV4()) {
        const auto a = bytes[12], b = bytes[13];
        return a == 10 || a == 127 || a == 0 || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168) ||
               (a == 169 && b == 254) || (a == 100 && b >= 64 && b < 128);
    }
    const bool loopback = bytes[15] == 1 && masked(120) == IpAddress{};
    return loopback || (bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

IpAddress IpAddress::masked(int bits) const
{
    IpAddress ip = *this;
    for (int i = 0; i < 16; ++i) {
        const int keep = bits - i * 8;
        if (keep >= 8)
            continue;
        const auto mask = keep <= 0 ? 0 : (0xff << (8 - keep)) & 0xff;
        ip.bytes[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(mask);
    }
    return ip;
}

std::optional<Cidr> Cidr::parse(std::string_view text)
{
    const auto slash = text.find('/');
    const auto ip = IpAddress::parse(text.substr(0, slash));
    if (!ip)
        return std::nullopt;
    const int base = ip->isV4() ? 96 : 0;
    int bits = 128 - base;
    if (slash != std::string_view::npos) {
        const auto number = text.substr(slash + 1);
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
        if (error != std::errc() || end != number.data() + number.size() || bits < 0 || bits > 128 - base)
            return std::nullopt;
    }
    Cidr cidr;
    cidr.bits = base + bits;
    cidr.first = ip->masked(cidr.bits);
    cidr.last = cidr.first;
    for (int i = cidr.bits; i < 128; ++i)
        cidr.last.bytes[static_cast<std::size_t>(i / 8)] |= static_cast<std::uint8_t>(0x80 >> (i % 8));
    return cidr;
}

std::string Cidr::toString() const
{
    const int base = first.isV4() ? 96 : 0;
    return (first.isKnown() ? first.toString() : "::") + "/" + std::to_string(bits - base);
}

} // namespace riskdesk

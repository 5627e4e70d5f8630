#include "core/connect/ldap/values.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <iconv.h>
#include <ldap.h>
#include <sodium.h>

#include <algorithm>
#include <array>

namespace riskdesk::connect {
namespace {

// Where the bytes of an objectGUID stand in its text, two digits each.
constexpr std::array<std::size_t, 16> guidOrder = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

bool isHexDigit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string_view withoutBraces(std::string_view text)
{
    return text.size() == 38 && text.front() == '{' && text.back() == '}' ? text.substr(1, 36) : text;
}

} // namespace

std::string filterValue(std::string_view value)
{
    // The library asks for a value that it may write to, and does not.
    berval in{value.size(), const_cast<char *>(value.data())};
    berval out{0, nullptr};
    if (value.empty() || ldap_bv2escaped_filter_value(&in, &out) != 0 || out.bv_val == nullptr)
        return {};
    std::string escaped(out.bv_val, out.bv_len);
    // Where nothing had to be written otherwise it may hand back what it was given.
    if (out.bv_val != in.bv_val)
        ber_memfree(out.bv_val);
    return escaped;
}

bool isAttributeName(std::string_view text)
{
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.empty() || text.size() > 128)
        return false;
    if (digit(text.front()))
        return text.back() != '.' && text.find("..") == std::string_view::npos &&
               std::ranges::all_of(text, [&](char c) { return digit(c) || c == '.'; });
    return letter(text.front()) &&
           std::ranges::all_of(text, [&](char c) { return letter(c) || digit(c) || c == '-'; });
}

bool isDistinguishedName(const std::string &text)
{
    LDAPDN dn = nullptr;
    const bool read = text.find('=') != std::string::npos &&
                      ldap_str2dn(text.c_str(), &dn, LDAP_DN_FORMAT_LDAPV3) == LDAP_SUCCESS && dn != nullptr;
    ldap_dnfree(dn);
    return read;
}

bool isUuid(std::string_view text)
{
    text = withoutBraces(text);
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isHexDigit(text[i]))
            return false;
    }
    return true;
}

std::string guidText(std::string_view bytes)
{
    std::string text;
    if (bytes.size() != guidOrder.size())
        return text;
    for (std::size_t i = 0; i < guidOrder.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text += '-';
        text += fmt::format("{:02x}", static_cast<unsigned char>(bytes[guidOrder[i]]));
    }
    return text;
}

std::string guidFilterValue(std::string_view text)
{
    std::string digits;
    for (const char c : withoutBraces(text))
        if (isHexDigit(c))
            digits += c;
    std::string value;
    if (digits.size() != 2 * guidOrder.size())
        return value;
    // The order is its own inverse.
    for (const auto at : guidOrder)
        value += '\\' + digits.substr(2 * at, 2);
    return value;
}

std::optional<Secret> unicodePassword(const Secret &password)
{
    const auto text = password.reveal();
    const iconv_t converter = iconv_open("UTF-16LE", "UTF-8");
    if (converter == reinterpret_cast<iconv_t>(-1))
        return std::nullopt;
    std::string quoted;
    quoted.reserve(text.size() + 2); // so that no copy is left behind
    quoted.append(1, '"').append(text).append(1, '"');
    std::string wide(2 * quoted.size(), '\0'); // a byte of UTF-8 is at most two of UTF-16
    char *from = quoted.data(), *to = wide.data();
    std::size_t left = quoted.size(), room = wide.size();
    const bool whole =
        iconv(converter, &from, &left, &to, &room) != static_cast<std::size_t>(-1) && left == 0;
    iconv_close(converter);
    wipe(quoted);
    Secret made(std::string_view(wide).substr(0, wide.size() - room));
    wipe(wide);
    if (!whole)
        return std::nullopt;
    return made;
}

std::optional<std::uint32_t> userAccountControl(std::string_view text)
{
    const auto number = toInteger(text);
    if (!number || *number < INT32_MIN || *number > INT32_MAX)
        return std::nullopt;
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(*number));
}

std::string userAccountControl(std::uint32_t flags)
{
    return fmt::format("{}", static_cast<std::int32_t>(flags));
}

std::string toBase64Url(std::string_view bytes)
{
    constexpr auto variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char *>(bytes.data()),
                      bytes.size(), variant);
    text.resize(text.size() - 1); // its end mark
    return text;
}

std::optional<std::string> fromBase64Url(std::string_view text)
{
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char *>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

std::string quotable(std::string_view diagnostic)
{
    std::string line;
    for (const char c : toUtf8(diagnostic))
        line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    if (line.size() > 200) {
        line.resize(200);
        while (!line.empty() && !isValidUtf8(line))
            line.pop_back();
    }
    auto text = trim(line);
    while (text.ends_with('.'))
        text.remove_suffix(1);
    return std::string(text);
}

} // namespace riskdesk::connect

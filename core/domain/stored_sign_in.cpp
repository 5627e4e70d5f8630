#include "core/domain/stored_sign_in.h"

#include <cstring>
#include <type_traits>

namespace riskdesk {
namespace {

template <typename Number>
void writeNumber(std::uint8_t *to, Number value)
{
    auto bits = static_cast<std::make_unsigned_t<Number>>(value);
    for (std::size_t i = 0; i < sizeof bits; ++i)
        to[i] = static_cast<std::uint8_t>(bits >> (8 * i));
}

template <typename Number>
Number readNumber(const std::uint8_t *from)
{
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        bits |= std::uint64_t{from[i]} << (8 * i);
    return static_cast<Number>(bits);
}

// Its length in the image.
template <typename Member>
constexpr std::size_t bytesOf = sizeof(Member);

template <typename Member>
void writeMember(std::uint8_t *to, const Member &member)
{
    if constexpr (std::is_enum_v<Member>)
        writeNumber(to, static_cast<std::underlying_type_t<Member>>(member));
    else if constexpr (std::is_integral_v<Member>)
        writeNumber(to, member);
    else
        std::memcpy(to, &member, sizeof member); // bytes
}

template <typename Member>
void readMember(const std::uint8_t *from, Member &member)
{
    if constexpr (std::is_enum_v<Member>)
        member = static_cast<Member>(readNumber<std::underlying_type_t<Member>>(from));
    else if constexpr (std::is_integral_v<Member>)
        member = readNumber<Member>(from);
    else
        std::memcpy(&member, from, sizeof member);
}

constexpr std::size_t wholeLength()
{
    SignInRow row;
    std::size_t length = 0;
    visitSignIn(row, [&](std::string_view, const auto &member) {
        length += bytesOf<std::remove_cvref_t<decltype(member)>>;
    });
    return length;
}
static_assert(wholeLength() == storedSignInBytes);

} // namespace

StoredSignIn encode(const SignInRow &row)
{
    StoredSignIn image;
    std::uint8_t *to = image.data();
    visitSignIn(row, [&](std::string_view, const auto &member) {
        writeMember(to, member);
        to += bytesOf<std::remove_cvref_t<decltype(member)>>;
    });
    return image;
}

std::optional<SignInRow> decodeSignIn(std::span<const std::uint8_t> bytes)
{
    if (bytes.size() != storedSignInBytes)
        return std::nullopt;
    SignInRow row;
    const std::uint8_t *from = bytes.data();
    visitSignIn(row, [&](std::string_view, auto &member) {
        readMember(from, member);
        from += bytesOf<std::remove_cvref_t<decltype(member)>>;
    });
    if (row.outcome > Outcome::Interrupted || row.failure > FailureKind::Stopped ||
        row.eventIdKind > EventIdKind::Made || row.mfa > Mfa::Satisfied || row.identity > Identity::Social)
        return std::nullopt;
    return row;
}

} // namespace riskdesk

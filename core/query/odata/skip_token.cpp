#include "core/query/odata/skip_token.h"

#include "core/base/digest.h"

#include <bit>
#include <cstring>
#include <type_traits>

namespace riskdesk::query {
namespace {

constexpr char tokenVersion = 1;

std::span<const std::uint8_t> bytesOf(std::string_view text)
{
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

std::string number(std::uint64_t value)
{
    std::string out;
    for (int i = 0; i < 8; ++i)
        out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
}

// Each text behind its length, so that no two askings read the same.
std::string checkOf(std::string_view payload, std::string_view asked, std::string_view secret)
{
    std::string all;
    for (const auto text : {secret, asked, payload})
        all.append(number(text.size())).append(text);
    const auto digest = blake2b128(all);
    return {digest.begin(), digest.end()};
}

std::optional<std::string> fromHex(std::string_view hex)
{
    if (hex.size() % 2 != 0)
        return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        unsigned byte = 0;
        for (const char c : hex.substr(i, 2)) {
            const bool digit = c >= '0' && c <= '9';
            if (!digit && !(c >= 'a' && c <= 'f'))
                return std::nullopt;
            byte = byte * 16 + static_cast<unsigned>(digit ? c - '0' : c - 'a' + 10);
        }
        out += static_cast<char>(byte);
    }
    return out;
}

class TokenReader
{
public:
    explicit TokenReader(std::string_view payload)
        : m_rest(payload)
    {}

    std::optional<std::string_view> take(std::uint64_t size)
    {
        if (size > m_rest.size())
            return std::nullopt;
        const auto taken = m_rest.substr(0, static_cast<std::size_t>(size));
        m_rest.remove_prefix(taken.size());
        return taken;
    }
    std::optional<std::uint64_t> takeNumber()
    {
        const auto taken = take(8);
        if (!taken)
            return std::nullopt;
        std::uint64_t value = 0;
        for (std::size_t i = 8; i-- > 0;)
            value = value << 8 | static_cast<unsigned char>((*taken)[i]);
        return value;
    }
    std::optional<Position::Value> takeValue()
    {
        const auto kind = take(1);
        if (!kind)
            return std::nullopt;
        if (*kind == "n")
            return Position::Value{};
        const auto value = takeNumber(); // or the length of what follows
        if (!value)
            return std::nullopt;
        if (*kind == "i")
            return Position::Value{static_cast<std::int64_t>(*value)};
        if (*kind == "r")
            return Position::Value{std::bit_cast<double>(*value)};
        const auto text = take(*value);
        if (text && *kind == "t")
            return Position::Value{std::string(*text)};
        if (text && *kind == "b")
            return Position::Value{std::vector<std::uint8_t>(text->begin(), text->end())};
        return std::nullopt;
    }
    [[nodiscard]] bool atEnd() const { return m_rest.empty(); }

private:
    std::string_view m_rest;
};

std::string written(const Position::Value &value)
{
    return std::visit(
        []<typename T>(const T &v) -> std::string {
            if constexpr (std::is_same_v<T, std::monostate>)
                return "n";
            else if constexpr (std::is_same_v<T, std::int64_t>)
                return 'i' + number(static_cast<std::uint64_t>(v));
            else if constexpr (std::is_same_v<T, double>)
                return 'r' + number(std::bit_cast<std::uint64_t>(v));
            else if constexpr (std::is_same_v<T, std::string>)
                return 't' + number(v.size()) + v;
            else
                return 'b' + number(v.size()) + std::string(v.begin(), v.end());
        },
        value);
}

} // namespace

std::string encodeSkipToken(const Position &position, std::string_view asked, std::string_view secret)
{
    std::string payload(1, tokenVersion);
    payload += number(static_cast<std::uint64_t>(position.id));
    for (const auto &value : position.values)
        payload += written(value);
    return toHex(bytesOf(checkOf(payload, asked, secret))) + toHex(bytesOf(payload));
}

std::optional<Position> decodeSkipToken(std::string_view token, std::string_view asked,
                                        std::string_view secret)
{
    if (token.size() > longestSkipToken)
        return std::nullopt;
    const auto bytes = fromHex(token);
    constexpr std::size_t check = std::tuple_size_v<Digest128>;
    if (!bytes || bytes->size() < check)
        return std::nullopt;
    const auto payload = std::string_view(*bytes).substr(check);
    const auto expected = checkOf(payload, asked, secret);
    // Every byte is looked at, so that the time tells nothing of the check.
    unsigned difference = 0;
    for (std::size_t i = 0; i < check; ++i)
        difference |= static_cast<unsigned>(static_cast<unsigned char>((*bytes)[i]) ^
                                            static_cast<unsigned char>(expected[i]));
    TokenReader reader(payload);
    const auto version = reader.take(1);
    const auto id = reader.takeNumber();
    if (difference != 0 || !version || version->front() != tokenVersion || !id)
        return std::nullopt;
    Position position;
    position.id = static_cast<std::int64_t>(*id);
    while (!reader.atEnd()) {
        auto value = reader.takeValue();
        if (!value)
            return std::nullopt;
        position.values.push_back(std::move(*value));
    }
    return position;
}

} // namespace riskdesk::query

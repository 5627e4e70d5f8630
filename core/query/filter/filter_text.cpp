#include "core/query/filter/filter_text.h"

#include "core/base/text.h"
#include "core/query/filter/countries.h"
#include "core/query/filter/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace riskdesk::query {
namespace {

constexpr std::size_t longestText = 64 * 1024;
constexpr std::int64_t day = std::int64_t{24} * 3600 * 1'000'000;

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isFieldChar(char c)
{
    return isLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '/' || c == '.';
}

struct Unit
{
    char letter;
    std::int64_t us;
};
constexpr std::array units = {Unit{'w', 7 * day}, Unit{'d', day}, Unit{'h', day / 24}, Unit{'m', day / 1440},
                              Unit{'s', 1'000'000}};

std::optional<Ago> readAgo(std::string_view text)
{
    if (text.size() < 2)
        return std::nullopt;
    for (const auto &unit : units) {
        if ((text.back() | 0x20) != unit.letter)
            continue;
        const auto count = toInteger(text.substr(0, text.size() - 1));
        // A thousand years is enough and keeps every sum below far from overflow.
        if (!count || *count < 0 || *count > 365'250 * day / unit.us)
            return std::nullopt;
        return Ago{Microseconds(*count * unit.us)};
    }
    return std::nullopt;
}

std::optional<Moment> readMoment(std::string_view text)
{
    const auto time = Timestamp::fromIso(text);
    if (time)
        return text.size() == 10 ? Moment{*time, {time->us + day}} : Moment{*time, {time->us + 1}};
    if (text.size() == 10) // a bare date
        if (const auto midnight = Timestamp::fromIso(std::string(text) + "T00:00:00Z"))
            return Moment{*midnight, {midnight->us + day}};
    return std::nullopt;
}

constexpr std::string_view countryField = "countryOrRegion";

// Part of a code means nothing: what can be read as countries becomes their codes.
void useCountryCodes(Filter &filter)
{
    std::vector<Value> codes;
    bool known = false;
    for (const auto &value : filter.values) {
        const auto named = countriesNamed(std::get<std::string>(value));
        known = known || !named.empty();
        if (named.empty())
            codes.push_back(value);
        for (const auto &code : named)
            codes.emplace_back(code);
    }
    if (!known)
        return;
    filter.test = Test::Is;
    filter.values = std::move(codes);
}

bool isCountryCode(const Value &value)
{
    const auto *text = std::get_if<std::string>(&value);
    const auto *country = text != nullptr ? findCountry(*text) : nullptr;
    return country != nullptr && country->code == *text;
}

struct Piece
{
    std::string text;
    std::size_t position = 0, length = 0;
    bool quoted = false;
};

class Parser
{
public:
    Parser(Report report, std::string_view text)
        : m_report(report)
        , m_text(text)
    {}

    FilterResult<Filter> parse()
    {
        if (m_text.size() > longestText)
            return tl::unexpected(FilterError{FilterError::Kind::TooLong, 0, m_text.size(), {}, {}, {}});
        Filter all;
        while (skipBlanks()) {
            auto part = term();
            if (!part)
                return tl::unexpected(std::move(part.error()));
            all.children.push_back(std::move(*part));
        }
        return all.children.size() == 1 ? std::move(all.children[0]) : std::move(all);
    }

private:
    bool skipBlanks()
    {
        while (m_at < m_text.size() && isBlank(m_text[m_at]))
            ++m_at;
        return m_at < m_text.size();
    }

    FilterResult<Filter> term()
    {
        const bool negated = m_text[m_at] == '-' && m_at + 1 < m_text.size() && !isBlank(m_text[m_at + 1]);
        if (negated)
            ++m_at;
        auto part = condition();
        if (part && negated)
            return Filter::negate(std::move(*part));
        return part;
    }

    FilterResult<Filter> condition()
    {
        const std::size_t start = m_at;
        std::size_t end = start;
        while (end < m_text.size() && isFieldChar(m_text[end]))
            ++end;
        const bool names = end > start && isLetter(m_text[start]) && end < m_text.size() &&
                           (m_text[end] == ':' || m_text[end] == '<' || m_text[end] == '>') &&
                           !isAddress(start);
        if (!names) {
            auto word = piece(false);
            if (!word)
                return tl::unexpected(std::move(word.error()));
            return Filter::search(word->text);
        }
        const auto name = m_text.substr(start, end - start);
        m_at = end;
        const auto *field = findField(m_report, name);
        if (field == nullptr)
            return tl::unexpected(FilterError{FilterError::Kind::UnknownField,
                                              start,
                                              name.size(),
                                              std::string(name),
                                              {},
                                              nearestField(m_report, name)});
        return match(*field, start);
    }

    // "fe80::1" begins like a field and is a word to search for.
    [[nodiscard]] bool isAddress(std::size_t start) const
    {
        std::size_t end = start;
        while (end < m_text.size() && !isBlank(m_text[end]))
            ++end;
        return Cidr::parse(m_text.substr(start, end - start)).has_value();
    }

    FilterResult<Filter> match(const Field &field, std::size_t start)
    {
        const std::size_t operatorAt = m_at;
        auto test = field.kind == FieldKind::Text ? Test::Contains : Test::Is;
        const char op = m_text[m_at++];
        const bool orEqual = m_at < m_text.size() && m_text[m_at] == '=';
        if (op == ':') {
            if (orEqual)
                test = Test::Is;
        } else {
            test = op == '<' ? (orEqual ? Test::LessOrEqual : Test::Less)
                             : (orEqual ? Test::GreaterOrEqual : Test::Greater);
            const bool compares =
                field.ordered || field.kind == FieldKind::Time || field.kind == FieldKind::Number;
            if (!compares)
                return tl::unexpected(FilterError{
                    FilterError::Kind::NoComparison, operatorAt, orEqual ? 2u : 1u,
                    std::string(m_text.substr(operatorAt, orEqual ? 2 : 1)), std::string(field.name), ":"});
        }
        if (orEqual)
            ++m_at;
        auto filter = Filter::match(field.name, test, {});
        for (;;) {
            if (m_at >= m_text.size() || isBlank(m_text[m_at]) || m_text[m_at] == ',')
                return tl::unexpected(FilterError{FilterError::Kind::NoValue,
                                                  start,
                                                  m_at - start,
                                                  std::string(m_text.substr(start, m_at - start)),
                                                  std::string(field.name),
                                                  {}});
            auto text = piece(true);
            if (!text)
                return tl::unexpected(std::move(text.error()));
            auto value = read(field, *text);
            if (!value)
                return tl::unexpected(std::move(value.error()));
            filter.values.push_back(std::move(*value));
            if (m_at >= m_text.size() || m_text[m_at] != ',') {
                if (field.name == countryField && test == Test::Contains)
                    useCountryCodes(filter);
                return filter;
            }
            ++m_at;
        }
    }

    FilterResult<Value> read(const Field &field, const Piece &piece) const
    {
        const auto wrong = [&](FilterError::Kind kind, std::string suggestion = {}) {
            return tl::unexpected(FilterError{kind, piece.position, piece.length, piece.text,
                                              std::string(field.name), std::move(suggestion)});
        };
        switch (field.kind) {
        case FieldKind::Text: return Value(piece.text);
        case FieldKind::Enum:
            if (const auto value = valueOf(field, piece.text))
                return Value(*value);
            return wrong(FilterError::Kind::UnknownValue, nearestWord(field, piece.text));
        case FieldKind::Number: {
            std::string_view digits = piece.text;
            if (field.name == "asn" && digits.size() > 2 && equalsIgnoringCase(digits.substr(0, 2), "AS"))
                digits.remove_prefix(2);
            if (const auto whole = toInteger(digits))
                return Value(*whole);
            if (const auto real = toDouble(digits))
                return Value(*real);
            return wrong(FilterError::Kind::NotANumber);
        }
        case FieldKind::Time:
            if (const auto ago = readAgo(piece.text))
                return Value(*ago);
            if (const auto moment = readMoment(piece.text))
                return Value(*moment);
            return wrong(FilterError::Kind::NotATime);
        case FieldKind::Address:
            if (const auto range = Cidr::parse(piece.text))
                return Value(*range);
            return wrong(FilterError::Kind::NotAnAddress);
        }
        return wrong(FilterError::Kind::UnknownValue);
    }

    // A value or a word, from here to a blank (or comma, in lists), or a quoted text.
    FilterResult<Piece> piece(bool inList)
    {
        Piece piece;
        piece.position = m_at;
        if (m_text[m_at] == '"') {
            piece.quoted = true;
            for (++m_at;; ++m_at) {
                if (m_at >= m_text.size())
                    return tl::unexpected(FilterError{FilterError::Kind::OpenQuote,
                                                      piece.position,
                                                      m_text.size() - piece.position,
                                                      piece.text,
                                                      {},
                                                      {}});
                if (m_text[m_at] == '"') {
                    if (m_at + 1 >= m_text.size() || m_text[m_at + 1] != '"')
                        break;
                    ++m_at;
                }
                piece.text += m_text[m_at];
            }
            ++m_at;
        } else {
            while (m_at < m_text.size() && !isBlank(m_text[m_at]) && !(inList && m_text[m_at] == ','))
                piece.text += m_text[m_at++];
        }
        piece.length = m_at - piece.position;
        return piece;
    }

    Report m_report;
    std::string_view m_text;
    std::size_t m_at = 0;
};

// Quoted wherever bare text would read as something else.
std::string spelled(std::string_view text, bool isWord)
{
    bool plain = !text.empty() && text.front() != '-' && text.front() != '=';
    for (const char c : text)
        plain =
            plain && !isBlank(c) && c != '"' && c != ',' && (!isWord || (c != ':' && c != '<' && c != '>'));
    if (plain)
        return std::string(text);
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"')
            out += '"';
        out += c;
    }
    return out + '"';
}

std::string_view operatorText(const Field &field, Test test)
{
    switch (test) {
    case Test::Is: return field.kind == FieldKind::Text ? ":=" : ":";
    case Test::Contains: return ":";
    case Test::Less: return "<";
    case Test::LessOrEqual: return "<=";
    case Test::Greater: return ">";
    case Test::GreaterOrEqual: return ">=";
    case Test::StartsWith:
    case Test::EndsWith: break; // no word for it
    }
    return ":";
}

std::string shortName(const Field &field)
{
    if (field.shortForms.empty())
        return std::string(field.name);
    return std::string(field.shortForms.substr(0, field.shortForms.find('|')));
}

std::string spelled(const Field &field, const Value &value)
{
    if (const auto *text = std::get_if<std::string>(&value))
        return spelled(*text, false);
    if (const auto *number = std::get_if<std::int64_t>(&value)) {
        if (field.kind == FieldKind::Enum)
            return std::string(wordOf(field, *number));
        return std::to_string(*number);
    }
    if (const auto *real = std::get_if<double>(&value)) {
        auto text = fmt::format("{}", *real);
        // Kept apart from an integer, so that the text reads back as what it was.
        if (text.find_first_of(".e") == std::string::npos)
            text += ".0";
        return text;
    }
    if (const auto *range = std::get_if<Cidr>(&value))
        return range->toString();
    if (const auto *moment = std::get_if<Moment>(&value)) {
        const auto iso = moment->from.toIso();
        return moment->until.us - moment->from.us == day && iso.size() > 10 ? iso.substr(0, 10) : iso;
    }
    const auto *ago = std::get_if<Ago>(&value);
    const auto us = ago != nullptr ? ago->span.count() : 0;
    for (const auto &unit : units)
        if (us != 0 && us % unit.us == 0)
            return fmt::format("{}{}", us / unit.us, unit.letter);
    return "0s";
}

// The language has no word for the beginning or the end of a text, for no value, for a point between two
// microseconds, nor for the spelling of an address or an enumeration.
bool canBeSaid(const Field &field, const Filter &match)
{
    if (match.test == Test::StartsWith || match.test == Test::EndsWith)
        return false;
    return std::none_of(match.values.begin(), match.values.end(), [&](const Value &value) {
        const auto *moment = std::get_if<Moment>(&value);
        return std::holds_alternative<Nothing>(value) ||
               (field.kind != FieldKind::Text && std::holds_alternative<std::string>(value)) ||
               (moment != nullptr && moment->from == moment->until);
    });
}

std::optional<std::string> termText(Report report, const Filter &filter)
{
    switch (filter.kind) {
    case Filter::Kind::Search:
        if (const auto *word = filter.values.empty() ? nullptr : std::get_if<std::string>(&filter.values[0]))
            return spelled(*word, true);
        return std::nullopt;
    case Filter::Kind::Match: {
        const auto *field = findField(report, filter.field);
        if (field == nullptr || filter.values.empty() || !canBeSaid(*field, filter))
            return std::nullopt;
        const bool codes = filter.field == countryField && filter.test == Test::Is &&
                           std::all_of(filter.values.begin(), filter.values.end(), isCountryCode);
        auto text =
            shortName(*field) + std::string(operatorText(*field, codes ? Test::Contains : filter.test));
        for (const auto &value : filter.values) {
            if (&value != filter.values.data())
                text += ',';
            text += spelled(*field, value);
        }
        return text;
    }
    case Filter::Kind::Not:
        if (filter.children.size() == 1 && (filter.children[0].kind == Filter::Kind::Match ||
                                            filter.children[0].kind == Filter::Kind::Search))
            if (auto inner = termText(report, filter.children[0]))
                return '-' + *inner;
        return std::nullopt;
    case Filter::Kind::All:
    case Filter::Kind::Any: return std::nullopt;
    }
    return std::nullopt;
}

} // namespace

FilterResult<Filter> parseFilter(Report report, std::string_view text)
{
    return Parser(report, text).parse();
}

std::optional<std::string> filterText(Report report, const Filter &filter)
{
    if (filter.kind != Filter::Kind::All)
        return termText(report, filter);
    std::string text;
    for (const auto &part : filter.children) {
        const auto term = termText(report, part);
        if (!term)
            return std::nullopt;
        if (!text.empty())
            text += ' ';
        text += *term;
    }
    return text;
}

std::string valueText(Report report, std::string_view field, const Value &value)
{
    const auto *known = findField(report, field);
    if (known == nullptr)
        return {};
    if (const auto *text = std::get_if<std::string>(&value))
        return *text;
    if (std::holds_alternative<Nothing>(value))
        return {};
    return spelled(*known, value);
}

std::string FilterError::sentence() const
{
    const auto hint = suggestion.empty() ? std::string() : fmt::format(" Did you mean {}?", suggestion);
    switch (kind) {
    case Kind::UnknownField: return fmt::format("No field '{}'.{}", text, hint);
    case Kind::UnknownValue: return fmt::format("'{}' is no value of {}.{}", text, field, hint);
    case Kind::NoValue: return fmt::format("A value is missing after '{}'.", text);
    case Kind::NoComparison:
        return fmt::format("{} cannot be compared with {}; use {}:value.", field, text, field);
    case Kind::NotANumber: return fmt::format("'{}' is not a number, which {} needs.", text, field);
    case Kind::NotATime:
        return fmt::format("'{}' is not a time. {} takes 7d, 12h, 2026-03-18 or 2026-03-18T14:26:00Z.", text,
                           field);
    case Kind::NotAnAddress:
        return fmt::format("'{}' is not an address or range like 192.0.2.7 or 192.0.2.0/24.", text);
    case Kind::OpenQuote: return "A quotation mark is not closed.";
    case Kind::TooLong: return "The filter is longer than 64 KiB.";
    }
    return {};
}

Error FilterError::toError() const
{
    return Error{Code::WrongUsage, text, fmt::format("{} (at character {})", sentence(), position + 1)};
}

} // namespace riskdesk::query

#include "core/query/odata/odata_filter.h"

#include "core/base/text.h"
#include "core/query/filter/fields.h"
#include "core/query/odata/property_path.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace riskdesk::query {
namespace {

enum class Sign : std::uint8_t { End, Open, Close, Comma, Word, Text, Number };

struct Token
{
    Sign sign = Sign::End;
    std::string text; // of a text: what stands between its quotes
    std::size_t position = 0, length = 0;

    [[nodiscard]] bool is(std::string_view word) const
    {
        return sign == Sign::Word && equalsIgnoringCase(text, word);
    }
};

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}
bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}
bool beginsWord(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@' || c == '$';
}
bool isOfWord(char c)
{
    return beginsWord(c) || isDigit(c) || c == '/' || c == '.' || c == ':';
}

ODataError wrong(const Token &at, std::string sentence, ODataError::Kind kind = ODataError::Kind::Bad)
{
    return {kind, "$filter", std::move(sentence), at.position, at.length};
}

// As it is shown in a sentence.
std::string shown(const Token &token)
{
    if (token.sign == Sign::End)
        return "the end";
    constexpr std::size_t most = 80;
    if (token.text.size() <= most)
        return '\'' + token.text + '\'';
    // Not within a letter.
    auto end = most;
    while (end > 0 && (static_cast<unsigned char>(token.text[end]) & 0xc0) == 0x80)
        --end;
    return '\'' + token.text.substr(0, end) + "…'";
}

class Scanner
{
public:
    explicit Scanner(std::string_view text)
        : m_text(text)
    {}

    ODataResult<Token> next()
    {
        while (m_at < m_text.size() && isSpace(m_text[m_at]))
            ++m_at;
        Token token;
        token.position = m_at;
        if (m_at >= m_text.size())
            return token;
        const char c = m_text[m_at];
        if (c == '\'')
            return quoted(std::move(token));
        if (c == '(' || c == ')' || c == ',') {
            ++m_at;
            token.sign = c == '(' ? Sign::Open : c == ')' ? Sign::Close : Sign::Comma;
            token.text = c;
        } else if (beginsWord(c)) {
            token.sign = Sign::Word;
            while (m_at < m_text.size() && isOfWord(m_text[m_at]))
                token.text += m_text[m_at++];
            // microsoft.graph.riskLevel'high'
            if (m_at < m_text.size() && m_text[m_at] == '\'')
                return quoted(std::move(token));
        } else if (isDigit(c) || c == '-' || c == '+') {
            token.sign = Sign::Number;
            while (m_at < m_text.size() &&
                   (isOfWord(m_text[m_at]) || m_text[m_at] == '-' || m_text[m_at] == '+'))
                token.text += m_text[m_at++];
        } else {
            // A whole letter, so that the sentence stays text.
            auto end = m_at + 1;
            while (end < m_text.size() && (static_cast<unsigned char>(m_text[end]) & 0xc0) == 0x80)
                ++end;
            token.sign = Sign::Word;
            token.text = m_text.substr(m_at, end - m_at);
            token.length = end - m_at;
            const bool quote = c == '"';
            return tl::unexpected(
                wrong(token, quote ? "A text stands between two ' and not between two \"."
                                   : "Syntax error: " + shown(token) + " means nothing here."));
        }
        token.length = m_at - token.position;
        return token;
    }

private:
    ODataResult<Token> quoted(Token token)
    {
        token.sign = Sign::Text;
        token.text.clear();
        for (++m_at;; ++m_at) {
            if (m_at >= m_text.size()) {
                token.length = m_text.size() - token.position;
                return tl::unexpected(wrong(token, "A text is not closed; a ' within it is written ''."));
            }
            if (m_text[m_at] == '\'') {
                if (m_at + 1 >= m_text.size() || m_text[m_at + 1] != '\'')
                    break;
                ++m_at;
            }
            token.text += m_text[m_at];
        }
        ++m_at;
        token.length = m_at - token.position;
        return token;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

struct Comparison
{
    std::string_view word;
    Test test;
    bool negated;
};
constexpr std::array comparisons = {
    Comparison{"eq", Test::Is, false},      Comparison{"ne", Test::Is, true},
    Comparison{"lt", Test::Less, false},    Comparison{"le", Test::LessOrEqual, false},
    Comparison{"gt", Test::Greater, false}, Comparison{"ge", Test::GreaterOrEqual, false},
};
constexpr std::array functions = {std::pair{std::string_view("startswith"), Test::StartsWith},
                                  std::pair{std::string_view("endswith"), Test::EndsWith},
                                  std::pair{std::string_view("contains"), Test::Contains}};
// Members of Graph's enumerations that no row of ours has.
constexpr std::array neverHeld = {std::string_view("hidden"), std::string_view("unknownFutureValue")};

bool isBoolean(const Field &field)
{
    return field.kind == FieldKind::Enum && field.words.size() == 2 && field.words[0].key == "false";
}

// A moment; the digits behind the microsecond put it between two of them.
std::optional<Moment> readPoint(std::string_view text)
{
    const auto time =
        Timestamp::fromIso(text.size() == 10 ? std::string(text) + "T00:00:00Z" : std::string(text));
    if (!time)
        return std::nullopt;
    if (const auto dot = text.find('.'); dot != std::string_view::npos) {
        const auto end = std::min(text.find_first_not_of("0123456789", dot + 1), text.size());
        const auto finer = end - dot > 7 ? text.substr(dot + 7, end - dot - 7) : std::string_view();
        if (finer.find_first_not_of('0') != std::string_view::npos)
            return Moment{{time->us + 1}, {time->us + 1}};
    }
    return Moment{*time, {time->us + 1}};
}

class ODataParser
{
public:
    ODataParser(Report report, std::string_view text)
        : m_report(report)
        , m_scanner(text)
    {}

    ODataResult<Filter> parse()
    {
        auto filter = advance() ? either(1) : ODataResult<Filter>(tl::unexpected(m_error));
        if (!filter)
            return filter;
        if (m_token.sign == Sign::Close)
            return bad("A ')' closes nothing.");
        if (m_token.sign != Sign::End)
            return bad(fmt::format("'and' or 'or' is expected before {}.", shown(m_token)));
        if (filter->depth() > deepestFilter)
            return tooDeep();
        return filter;
    }

private:
    // Reads the next token; false: m_error says why there is none.
    bool advance()
    {
        auto token = m_scanner.next();
        if (!token) {
            m_error = std::move(token.error());
            return false;
        }
        m_token = std::move(*token);
        return true;
    }
    [[nodiscard]] tl::unexpected<ODataError> failed() const { return tl::unexpected(m_error); }
    [[nodiscard]] tl::unexpected<ODataError> bad(std::string sentence) const
    {
        return tl::unexpected(wrong(m_token, std::move(sentence)));
    }
    [[nodiscard]] tl::unexpected<ODataError> unsupported(const Token &at, std::string sentence) const
    {
        return tl::unexpected(wrong(at, std::move(sentence), ODataError::Kind::Unsupported));
    }
    [[nodiscard]] tl::unexpected<ODataError> tooDeep() const
    {
        return bad(fmt::format("It is nested more than {} levels deep.", deepestFilter));
    }

    [[nodiscard]] tl::unexpected<ODataError> tooMany() const
    {
        return bad(fmt::format("It has more than {} values.", mostODataValues));
    }

    // a or b or …
    ODataResult<Filter> either(std::size_t depth)
    {
        return joined(
            "or", depth, [this](std::size_t d) { return both(d); }, Filter::any);
    }
    // a and b and …
    ODataResult<Filter> both(std::size_t depth)
    {
        return joined(
            "and", depth, [this](std::size_t d) { return term(d); }, Filter::all);
    }
    template <typename Part, typename Join>
    ODataResult<Filter> joined(std::string_view word, std::size_t depth, Part part, Join join)
    {
        std::vector<Filter> parts;
        for (;;) {
            auto one = part(depth);
            if (!one)
                return one;
            parts.push_back(std::move(*one));
            if (!m_token.is(word))
                return parts.size() == 1 ? std::move(parts[0]) : join(std::move(parts));
            if (!advance())
                return failed();
        }
    }

    ODataResult<Filter> term(std::size_t depth)
    {
        if (depth > deepestFilter)
            return tooDeep();
        if (m_token.is("not")) {
            if (!advance())
                return failed();
            auto part = term(depth + 1);
            return part ? ODataResult<Filter>(Filter::negate(std::move(*part))) : part;
        }
        if (m_token.sign == Sign::Open) {
            if (!advance())
                return failed();
            auto inner = either(depth + 1);
            if (!inner)
                return inner;
            if (m_token.sign != Sign::Close)
                return bad(fmt::format("A ')' is expected before {}.", shown(m_token)));
            return advance() ? std::move(inner) : failed();
        }
        if (m_token.sign != Sign::Word)
            return bad(
                m_token.sign == Sign::End
                    ? "The name of a property is expected at the end."
                    : fmt::format("The name of a property is expected instead of {}.", shown(m_token)));
        const auto name = m_token;
        if (!advance())
            return failed();
        if (m_token.sign == Sign::Open)
            return function(name);
        const auto field = columnToFilter(m_report, name.text, name.position);
        if (!field)
            return tl::unexpected(field.error());
        return comparison(**field, name);
    }

    ODataResult<Filter> comparison(const Field &field, const Token &name)
    {
        const auto operation = m_token;
        if (operation.is("in"))
            return list(field, name);
        const auto *known = std::find_if(comparisons.begin(), comparisons.end(),
                                         [&](const Comparison &c) { return operation.is(c.word); });
        if (known == comparisons.end()) {
            const bool ends = operation.sign == Sign::End || operation.sign == Sign::Close ||
                              operation.is("and") || operation.is("or");
            if (ends && isBoolean(field) && ++m_values > mostODataValues)
                return tooMany();
            if (ends && isBoolean(field))
                return Filter::match(field.name, Test::Is, {Value(std::int64_t{1})});
            if (operation.is("has") || operation.is("add") || operation.is("sub") || operation.is("mul") ||
                operation.is("div") || operation.is("mod"))
                return unsupported(operation,
                                   fmt::format("The operator '{}' is not supported.", operation.text));
            return bad(fmt::format(
                "An operator (eq, ne, gt, ge, lt, le or in) is expected after '{}' instead of {}.", name.text,
                shown(operation)));
        }
        const bool orders = field.ordered && field.kind != FieldKind::Text;
        if (known->test != Test::Is && !orders)
            return unsupported(operation, fmt::format("'{}' has no order and cannot be compared with {}.",
                                                      name.text, known->word));
        if (!advance())
            return failed();
        auto value = literal(field, name);
        if (!value)
            return tl::unexpected(value.error());
        const bool isNull = m_token.is("null");
        if (!advance())
            return failed();
        std::vector<Value> values;
        // null is neither less nor greater than anything.
        if (*value && !(isNull && known->test != Test::Is))
            values.push_back(std::move(**value));
        auto match = Filter::match(field.name, known->test, std::move(values));
        if (known->test != Test::Is && field.zeroIsNone)
            match =
                Filter::all({std::move(match),
                             Filter::negate(Filter::match(field.name, Test::Is, {Value(std::int64_t{0})}))});
        return known->negated ? Filter::negate(std::move(match)) : std::move(match);
    }

    // … in ('a','b')
    ODataResult<Filter> list(const Field &field, const Token &name)
    {
        if (!advance())
            return failed();
        if (m_token.sign != Sign::Open)
            return bad(fmt::format("A '(' is expected after 'in' instead of {}.", shown(m_token)));
        auto match = Filter::match(field.name, Test::Is, {});
        do {
            if (!advance())
                return failed();
            auto value = literal(field, name);
            if (!value)
                return tl::unexpected(value.error());
            if (*value)
                match.values.push_back(std::move(**value));
            if (!advance())
                return failed();
        } while (m_token.sign == Sign::Comma);
        if (m_token.sign != Sign::Close)
            return bad(fmt::format("A ',' or ')' is expected instead of {}.", shown(m_token)));
        return advance() ? ODataResult<Filter>(std::move(match)) : failed();
    }

    // startswith(property,'text'), perhaps with "eq true" behind it.
    ODataResult<Filter> function(const Token &called)
    {
        const auto *known = std::find_if(functions.begin(), functions.end(),
                                         [&](const auto &f) { return called.is(f.first); });
        if (known == functions.end())
            return unsupported(called,
                               called.text.find('/') == std::string::npos
                                   ? fmt::format("The function {} is not supported.", shown(called))
                                   : fmt::format("The expression {} is not supported: lists cannot be "
                                                 "filtered by their members.",
                                                 shown(called)));
        if (!advance())
            return failed();
        const auto name = m_token;
        if (name.sign != Sign::Word)
            return bad(fmt::format("{} takes the name of a property first.", known->first));
        if (!advance())
            return failed();
        if (m_token.sign == Sign::Open)
            return unsupported(name, fmt::format("The function {} is not supported.", shown(name)));
        const auto column = columnToFilter(m_report, name.text, name.position);
        if (!column)
            return tl::unexpected(column.error());
        const Field &field = **column;
        if (m_token.sign != Sign::Comma)
            return bad(fmt::format("A ',' is expected after '{}' instead of {}.", name.text, shown(m_token)));
        if (field.kind != FieldKind::Text && field.spelled.empty())
            return unsupported(name,
                               fmt::format("{} needs a text and '{}' is none.", known->first, name.text));
        // Codes are compared as a whole or by their ends, see Storage.
        if (known->second == Test::Contains && field.spelled.empty() && field.storage == Storage::Plain)
            return unsupported(
                called, fmt::format("contains is not supported for '{}'; use eq or startswith.", name.text));
        if (!advance())
            return failed();
        if (m_token.sign != Sign::Text)
            return bad(fmt::format("{} takes a text between two ' second.", known->first));
        if (++m_values > mostODataValues)
            return tooMany();
        if (const auto checked = checkedText(); !checked)
            return tl::unexpected(checked.error());
        auto match = matchOf(field, known->second, m_token.text);
        if (!advance())
            return failed();
        if (m_token.sign != Sign::Close)
            return bad(
                fmt::format("A ')' is expected after {} instead of {}.", known->first, shown(m_token)));
        if (!advance())
            return failed();
        const bool isEqual = m_token.is("eq");
        if (!isEqual && !m_token.is("ne"))
            return match;
        if (!advance())
            return failed();
        if (!m_token.is("true") && !m_token.is("false"))
            return bad(fmt::format("{} is true or false, and nothing else.", known->first));
        if (m_token.is("true") != isEqual)
            match = Filter::negate(std::move(match));
        return advance() ? ODataResult<Filter>(std::move(match)) : failed();
    }

    static Filter matchOf(const Field &field, Test test, const std::string &text)
    {
        if (!text.empty())
            return Filter::match(field.name, test, {Value(text)});
        // Every text begins with nothing; only what is null does not.
        return Filter::negate(Filter::match(
            field.name, Test::Is, {field.kind == FieldKind::Text ? Value(std::string()) : Value(Nothing{})}));
    }

    // Nothing: no row holds it.
    ODataResult<std::optional<Value>> literal(const Field &field, const Token &name)
    {
        using Read = ODataResult<std::optional<Value>>;
        if (++m_values > mostODataValues)
            return tooMany();
        if (m_token.sign != Sign::Word && m_token.sign != Sign::Text && m_token.sign != Sign::Number)
            return bad(fmt::format("A value for '{}' is expected instead of {}.", name.text, shown(m_token)));
        const auto doesNotFit = [&](std::string_view needs) {
            return bad(fmt::format("{} is not {}, which '{}' needs.", shown(m_token), needs, name.text));
        };
        const bool isText = m_token.sign == Sign::Text;
        const bool isNull = m_token.is("null");
        switch (field.kind) {
        case FieldKind::Text:
            if (isNull)
                return Read(Value(std::string()));
            if (!isText)
                return doesNotFit("a text between two '");
            return checkedText();
        case FieldKind::Enum:
            if (isNull)
                return Read(std::nullopt);
            if (isBoolean(field)) {
                if (!m_token.is("true") && !m_token.is("false"))
                    return doesNotFit("true or false");
                return Read(Value(std::int64_t{m_token.is("true") ? 1 : 0}));
            }
            if (m_token.sign == Sign::Number)
                return doesNotFit("a word");
            if (!field.spelled.empty()) // any text in Graph
                return isText ? checkedText() : Read(Value(m_token.text));
            for (const auto &word : field.words)
                if (equalsIgnoringCase(word.key, m_token.text))
                    return Read(Value(word.value));
            if (std::any_of(neverHeld.begin(), neverHeld.end(),
                            [&](std::string_view word) { return equalsIgnoringCase(word, m_token.text); }))
                return Read(std::nullopt);
            return noSuchWord(field, name);
        case FieldKind::Number:
            if (isNull)
                return Read(field.zeroIsNone ? Value(std::int64_t{0}) : Value(Nothing{}));
            if (m_token.sign == Sign::Number) {
                if (const auto whole = toInteger(m_token.text))
                    return Read(whole == 0 && field.zeroIsNone ? std::nullopt : std::optional(Value(*whole)));
                if (const auto real = toDouble(m_token.text))
                    return Read(real == 0 && field.zeroIsNone ? std::nullopt : std::optional(Value(*real)));
            }
            return doesNotFit("a number without quotes");
        case FieldKind::Time:
            if (isNull)
                return Read(Value(Nothing{}));
            if (m_token.sign == Sign::Number)
                if (const auto moment = readPoint(m_token.text))
                    return Read(Value(*moment));
            return doesNotFit("a time without quotes like 2026-03-18T14:26:00Z");
        case FieldKind::Address:
            if (isNull)
                return Read(Value(Nothing{}));
            if (!isText)
                return doesNotFit("an address between two '");
            if (m_token.text.empty())
                return Read(Value(Nothing{}));
            if (const auto range = Cidr::parse(m_token.text))
                return Read(Value(*range));
            return doesNotFit("an address or range like 192.0.2.7 or 192.0.2.0/24");
        }
        return doesNotFit("a value");
    }

    [[nodiscard]] ODataResult<std::optional<Value>> checkedText() const
    {
        // Nobody's name has one, and SQL would end the text there.
        if (m_token.text.find('\0') != std::string::npos || !isValidUtf8(m_token.text))
            return bad("A text is not UTF-8, or has a NUL in it.");
        return std::optional(Value(m_token.text));
    }

    [[nodiscard]] tl::unexpected<ODataError> noSuchWord(const Field &field, const Token &name) const
    {
        // What is near may be a short form of ours, which Graph does not know.
        const auto near = nearestWord(field, m_token.text);
        const bool isWord = std::any_of(field.words.begin(), field.words.end(),
                                        [&](const EnumWord &word) { return word.key == near; });
        return bad(fmt::format("{} is no value of '{}'.{}", shown(m_token), name.text,
                               isWord ? fmt::format(" Did you mean '{}'?", near) : std::string()));
    }

    Report m_report;
    Scanner m_scanner;
    Token m_token;
    ODataError m_error;
    std::size_t m_values = 0;
};

} // namespace

ODataResult<Filter> parseODataFilter(Report report, std::string_view text)
{
    if (text.size() > longestODataFilter)
        return tl::unexpected(
            ODataError{ODataError::Kind::Bad, "$filter", "It is longer than 64 KiB.", longestODataFilter, 0});
    return ODataParser(report, text).parse();
}

} // namespace riskdesk::query

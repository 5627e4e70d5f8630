#include "core/ingest/json_scanner.h"

#include "core/ingest/prefix_xor.h"

#include <array>
#include <bit>
#include <cstring>
#include <optional>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace riskdesk::ingest {
namespace {

// Which containers are open, as bits; deeper than the array they are only counted.
class Nesting
{
public:
    void open(bool object)
    {
        if (m_depth < most) {
            const std::uint64_t bit = std::uint64_t{1} << (m_depth % 64);
            auto &word = m_bits[m_depth / 64];
            word = object ? word | bit : word & ~bit;
        }
        ++m_depth;
    }
    void close() { --m_depth; }
    [[nodiscard]] std::size_t depth() const { return m_depth; }
    [[nodiscard]] bool inObject() const
    {
        const std::size_t top = m_depth - 1;
        return top >= most || (m_bits[top / 64] >> (top % 64) & 1) != 0;
    }
    [[nodiscard]] bool knowsTop() const { return m_depth > 0 && m_depth <= most; }

private:
    static constexpr std::size_t most = 1024;
    std::array<std::uint64_t, most / 64> m_bits{};
    std::size_t m_depth = 0;
};

// The character before `at` that is not blank, or 0.
char before(const char *start, const char *at)
{
    while (at > start)
        if (!isBlank(*--at))
            return *at;
    return 0;
}

// '[' at `at`, directly in the outermost object: is its name one that envelopes use?
bool isListName(const char *start, const char *at)
{
    while (at > start && isBlank(at[-1]))
        --at;
    if (at == start || at[-1] != ':')
        return false;
    --at;
    while (at > start && isBlank(at[-1]))
        --at;
    const std::string_view text(start, static_cast<std::size_t>(at - start));
    for (const std::string_view name : {"\"value\"", "\"records\"", "\"Records\""})
        if (text.size() > name.size() && text.substr(text.size() - name.size()) == name)
            return true;
    return false;
}

struct Masks
{
    std::uint64_t quote = 0, backslash = 0, bracket = 0, newline = 0, mayFollow = 0;
};

#if defined(__SSE2__)
Masks classify(const char *at)
{
    Masks m;
    const auto same = [](__m128i v, char c) { return _mm_cmpeq_epi8(v, _mm_set1_epi8(c)); };
    for (unsigned i = 0; i < 4; ++i) {
        const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i *>(at + 16 * i));
        const auto put = [i](std::uint64_t &mask, __m128i hits) {
            mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(hits)))
                    << (16 * i);
        };
        // '{' and '[', '}' and ']' differ in one bit only.
        const __m128i folded = _mm_or_si128(v, _mm_set1_epi8(0x20));
        const __m128i closing = same(folded, '}');
        put(m.quote, same(v, '"'));
        put(m.backslash, same(v, '\\'));
        put(m.bracket, _mm_or_si128(same(folded, '{'), closing));
        put(m.newline, same(v, '\n'));
        const __m128i blank = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x20)), v);
        put(m.mayFollow,
            _mm_or_si128(_mm_or_si128(blank, closing), _mm_or_si128(same(v, ':'), same(v, ','))));
    }
    return m;
}
#else
Masks classify(const char *at)
{
    Masks m;
    for (unsigned i = 0; i < 64; ++i) {
        const std::uint64_t bit = std::uint64_t{1} << i;
        const char c = at[i];
        m.quote |= c == '"' ? bit : 0;
        m.backslash |= c == '\\' ? bit : 0;
        m.bracket |= c == '{' || c == '}' || c == '[' || c == ']' ? bit : 0;
        m.newline |= c == '\n' ? bit : 0;
        m.mayFollow |=
            static_cast<unsigned char>(c) <= 0x20 || c == '}' || c == ']' || c == ':' || c == ',' ? bit : 0;
    }
    return m;
}
#endif

// Characters that a backslash takes the meaning of; `carry` is whether the block before ended in one.
std::uint64_t escapedBy(std::uint64_t backslashes, bool &carry)
{
    std::uint64_t escaped = carry ? 1 : 0;
    carry = false;
    backslashes &= ~escaped;
    while (backslashes != 0) {
        const int at = std::countr_zero(backslashes);
        if (at == 63) {
            carry = true;
            break;
        }
        escaped |= std::uint64_t{1} << (at + 1);
        backslashes &= ~(std::uint64_t{3} << at);
    }
    return escaped;
}

// Nothing when the text is not well-formed as far as brackets and strings go.
std::optional<ScannedValue> scanSound(std::string_view text, bool lookForList)
{
    const char *const start = text.data();
    Nesting nesting;
    bool escapeCarry = false;
    std::uint64_t inStringCarry = 0, closedCarry = 0;
    for (std::size_t base = 0; base < text.size(); base += 64) {
        Masks m = classify(start + base);
        const std::size_t left = text.size() - base;
        const std::uint64_t valid = left >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
        if (m.backslash != 0 || escapeCarry)
            m.quote &= ~escapedBy(m.backslash & valid, escapeCarry);
        m.quote &= valid;
        const std::uint64_t inString = prefixXor(m.quote) ^ inStringCarry;
        inStringCarry = static_cast<std::uint64_t>(static_cast<std::int64_t>(inString) >> 63);
        const std::uint64_t closed = m.quote & ~inString;
        const std::uint64_t follows = (closed << 1 | closedCarry) & valid;
        closedCarry = closed >> 63;
        std::uint64_t anomaly = (m.newline & inString & valid) | (follows & ~m.mayFollow);
        std::uint64_t brackets = m.bracket & ~inString & valid;
        for (; brackets != 0; brackets &= brackets - 1) {
            const int bit = std::countr_zero(brackets);
            if (anomaly != 0 && std::countr_zero(anomaly) < bit)
                return std::nullopt;
            const char *const at = start + base + bit;
            const char c = *at;
            if (c == '{' || c == '[') {
                if (nesting.knowsTop() && nesting.inObject()) {
                    if (before(start, at) != ':')
                        return std::nullopt;
                    if (lookForList && c == '[' && nesting.depth() == 1 && isListName(start, at))
                        return ScannedValue{true, static_cast<std::size_t>(at - start) + 1, true};
                }
                nesting.open(c == '{');
            } else {
                if (nesting.knowsTop() && nesting.inObject() != (c == '}'))
                    return std::nullopt;
                nesting.close();
                if (nesting.depth() == 0)
                    return ScannedValue{true, static_cast<std::size_t>(at - start) + 1, false};
            }
        }
        if (anomaly != 0)
            return std::nullopt;
    }
    return ScannedValue{};
}

// In a broken record: the '{' of the next one, after "}," and before a name.
const char *nextRecord(const char *from, const char *end)
{
    for (const char *at = from; at < end; ++at) {
        at = static_cast<const char *>(std::memchr(at, '}', static_cast<std::size_t>(end - at)));
        if (at == nullptr)
            return nullptr;
        const char *p = at + 1;
        const auto skip = [&] {
            while (p < end && isBlank(*p))
                ++p;
        };
        skip();
        if (p == end || *p++ != ',')
            continue;
        skip();
        const char *const open = p;
        if (p == end || *p++ != '{')
            continue;
        skip();
        if (p < end && *p == '"')
            return open;
    }
    return nullptr;
}

// The length of a broken record that ends before `next`: without the comma and the blanks between them.
std::size_t lengthBefore(const char *start, const char *next)
{
    while (next > start + 1 && (isBlank(next[-1]) || next[-1] == ','))
        --next;
    return static_cast<std::size_t>(next - start);
}

ScannedValue scanBroken(std::string_view text, bool lookForList, bool atEnd)
{
    const char *const start = text.data(), *const end = start + text.size();
    Nesting nesting;
    const auto until = [&](const char *next) { return ScannedValue{true, lengthBefore(start, next), false}; };
    for (const char *at = start; at < end;) {
        const char c = *at;
        if (c == '"') {
            const char *p = at + 1;
            while (p < end && *p != '"' && *p != '\n')
                p += *p == '\\' ? 2 : 1;
            if (p >= end)
                break;
            if (*p == '\n') { // a string never spans lines: it was not closed
                at = p;
                continue;
            }
            if (p + 1 == end && !atEnd)
                break;
            if (p + 1 < end && !isBlank(p[1]) && p[1] != ',' && p[1] != ':' && p[1] != '}' && p[1] != ']') {
                const char *const line =
                    static_cast<const char *>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
                // Only as far as the line goes: what is decided must not depend on how much is there yet.
                if (const char *const next = nextRecord(at, line != nullptr ? line : end))
                    return until(next);
                if (line != nullptr) {
                    at = line;
                    continue;
                }
                break;
            }
            at = p + 1;
            continue;
        }
        if (c == '{' || c == '[') {
            if (nesting.depth() > 0 && nesting.inObject() && before(start, at) != ':') {
                if (c == '{')
                    return until(at);
            } else if (lookForList && c == '[' && nesting.depth() == 1 && isListName(start, at)) {
                return ScannedValue{true, static_cast<std::size_t>(at - start) + 1, true};
            }
            nesting.open(c == '{');
        } else if (c == '}' || c == ']') {
            while (nesting.depth() > 0 && nesting.inObject() != (c == '}'))
                nesting.close();
            if (nesting.depth() == 0) // closes something around this record
                return {true, static_cast<std::size_t>(at - start), false};
            nesting.close();
            if (nesting.depth() == 0)
                return {true, static_cast<std::size_t>(at - start) + 1, false};
        }
        ++at;
    }
    return {};
}

} // namespace

ScannedValue scanValue(std::string_view text, bool lookForList, bool atEnd)
{
    if (const auto sound = scanSound(text, lookForList))
        return *sound;
    auto broken = scanBroken(text, lookForList, atEnd);
    if (broken.complete && broken.length == 0)
        broken.length = 1;
    return broken;
}

std::size_t LongValueSkipper::feed(std::string_view piece)
{
    for (std::size_t i = 0; i < piece.size(); ++i) {
        const char c = piece[i];
        if (m_escaped) {
            m_escaped = false;
        } else if (m_inString) {
            if (c == '\\')
                m_escaped = true;
            else if (c == '"' || c == '\n')
                m_inString = false;
        } else if (c == '"') {
            m_inString = true;
        } else if (c == '{' || c == '[') {
            ++m_depth;
        } else if (c == '}' || c == ']') {
            if (m_depth <= 1)
                return i + 1;
            --m_depth;
        }
    }
    return std::string_view::npos;
}

} // namespace riskdesk::ingest

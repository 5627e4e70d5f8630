#include "core/ingest/plain_json.h"

#include "core/ingest/prefix_xor.h"

#include <simdjson.h>

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace riskdesk::ingest {
namespace {

constexpr std::size_t mostMembers = 1024;
constexpr unsigned failuresBeforePause = 16;
constexpr unsigned pauseLength = 256;

struct Seen
{
    bool oddByte = false; // a control character or a backslash
    bool nonAscii = false;
};

#if defined(__SSE2__)

__m128i load(const char *at)
{
    return _mm_loadu_si128(reinterpret_cast<const __m128i *>(at));
}

Seen look(const char *at, std::size_t size)
{
    __m128i least = _mm_set1_epi8('\x7f'), all = _mm_setzero_si128(), backslash = _mm_setzero_si128();
    const auto take = [&](const char *from) {
        for (int i = 0; i < 4; ++i) {
            const __m128i v = load(from + 16 * i);
            least = _mm_min_epu8(least, v);
            all = _mm_or_si128(all, v);
            backslash = _mm_or_si128(backslash, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
        }
    };
    std::size_t i = 0;
    for (; i + 64 <= size; i += 64)
        take(at + i);
    char tail[64];
    std::memset(tail, ' ', sizeof tail);
    std::memcpy(tail, at + i, size - i);
    take(tail);
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(least, _mm_set1_epi8(0x1f)), least);
    return {_mm_movemask_epi8(_mm_or_si128(control, backslash)) != 0, _mm_movemask_epi8(all) != 0};
}

// The next '"' before `end`, or null.
const char *quote(const char *at, const char *end)
{
    for (; at < end; at += 16) {
        const int hits = _mm_movemask_epi8(_mm_cmpeq_epi8(load(at), _mm_set1_epi8('"')));
        if (hits != 0) {
            at += std::countr_zero(static_cast<unsigned>(hits));
            return at < end ? at : nullptr;
        }
    }
    return nullptr;
}

// Up to 15 bytes behind either are read.
bool sameBytes(const char *a, const char *b, std::size_t size)
{
    for (std::size_t i = 0; i < size; i += 16) {
        const auto same = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(load(a + i), load(b + i))));
        const unsigned wanted = size - i >= 16 ? 0xffffU : (1U << (size - i)) - 1;
        if ((same & wanted) != wanted)
            return false;
    }
    return true;
}

// Behind the bracket that closes the one at `at`, or null. What is inside is only counted, as simdjson does
// when it passes over a value.
const char *behindClosing(const char *at, const char *end)
{
    std::uint64_t inStringBefore = 0;
    std::size_t depth = 0;
    for (; at < end; at += 64) {
        std::uint64_t quotes = 0, opening = 0, closing = 0;
        for (unsigned i = 0; i < 4; ++i) {
            const __m128i v = load(at + 16 * i);
            // '{' and '[', '}' and ']' differ in one bit only.
            const __m128i folded = _mm_or_si128(v, _mm_set1_epi8(0x20));
            const auto same = [i](__m128i text, char c) {
                const auto hits = _mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8(c)));
                return std::uint64_t{static_cast<std::uint32_t>(hits)} << (16 * i);
            };
            quotes |= same(v, '"');
            opening |= same(folded, '{');
            closing |= same(folded, '}');
        }
        const std::uint64_t inString = prefixXor(quotes) ^ inStringBefore;
        inStringBefore = (inString >> 63) != 0 ? ~std::uint64_t{0} : 0;
        closing &= ~inString;
        for (auto brackets = (opening & ~inString) | closing; brackets != 0; brackets &= brackets - 1) {
            const auto bit = brackets & (~brackets + 1);
            depth += (closing & bit) != 0 ? std::size_t(-1) : 1;
            if (depth == 0) {
                at += std::countr_zero(brackets) + 1;
                return at <= end ? at : nullptr;
            }
        }
    }
    return nullptr;
}

#else

Seen look(const char *at, std::size_t size)
{
    Seen seen;
    for (std::size_t i = 0; i < size; ++i) {
        const auto c = static_cast<unsigned char>(at[i]);
        seen.oddByte |= c < 0x20 || c == '\\';
        seen.nonAscii |= c >= 0x80;
    }
    return seen;
}

const char *quote(const char *at, const char *end)
{
    return static_cast<const char *>(std::memchr(at, '"', static_cast<std::size_t>(end - at)));
}

bool sameBytes(const char *a, const char *b, std::size_t size)
{
    return std::memcmp(a, b, size) == 0;
}

const char *behindClosing(const char *at, const char *end)
{
    bool inString = false;
    std::size_t depth = 0;
    for (; at < end; ++at) {
        const char folded = static_cast<char>(*at | 0x20);
        if (*at == '"')
            inString = !inString;
        else if (!inString && folded == '{')
            ++depth;
        else if (!inString && folded == '}' && --depth == 0)
            return at + 1;
    }
    return nullptr;
}

#endif

bool isOfNumber(char c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
}

} // namespace

PlainJson::PlainJson(const Provider &provider, JsonRecord &full)
    : m_provider(provider)
    , m_full(full)
{
    m_members.reserve(mostMembers);
    m_members.emplace_back();
}

inline std::string_view PlainJson::rest() const
{
    return {m_at, static_cast<std::size_t>(m_end - m_at)};
}

inline void PlainJson::skipBlank()
{
    if (*m_at == ' ') // as Python writes it; more than one is rare
        ++m_at;
}

inline bool PlainJson::standsHere(const Member &member) const
{
    return member.length != 0 && sameBytes(m_at, member.text.data(), member.length);
}

bool PlainJson::read(std::string_view text, Arena &arena, Fields &fields)
{
    // Logs written otherwise are not tried record by record in vain.
    if (m_pause > 0) {
        --m_pause;
        return false;
    }
    m_at = text.data();
    m_end = text.data() + text.size();
    m_arena = &arena;
    m_fields = &fields;
    m_propertiesRead = false;
    const auto plain = [&] {
        // That '}' stands last is what keeps names and numbers from being read beyond the end.
        if (text.size() < 2 || text.front() != '{' || text.back() != '}')
            return false;
        const auto seen = look(text.data(), text.size());
        return !seen.oddByte && (!seen.nonAscii || simdjson::validate_utf8(text));
    };
    const bool done = plain() && object(0, Level::Envelope, m_first, m_otherFirst) && m_at == m_end;
    m_failures = done ? 0 : m_failures + 1;
    if (m_failures == failuresBeforePause) {
        m_failures = 0;
        m_pause = pauseLength;
    }
    return done;
}

// `m_at` is at '{'.
bool PlainJson::object(Place place, Level level, std::uint32_t &firstExpected, std::uint32_t &firstOtherwise)
{
    ++m_at;
    auto *expected = &firstExpected, *otherwise = &firstOtherwise;
    if (*m_at == '}') {
        ++m_at;
        return true;
    }
    for (;;) {
        std::uint32_t number = *expected;
        if (!standsHere(m_members[number])) {
            number = *otherwise;
            if (!standsHere(m_members[number])) {
                number = findMember(place, level);
                if (number == 0)
                    return false;
                *otherwise = *expected;
                *expected = number;
            }
        }
        auto &member = m_members[number];
        m_at += member.length;
        skipBlank();
        if (!value(member, level) || m_at >= m_end)
            return false;
        const char behind = *m_at++;
        if (behind != ',')
            return behind == '}';
        skipBlank();
        expected = &member.next;
        otherwise = &member.otherNext;
    }
}

std::uint32_t PlainJson::findMember(Place place, Level level)
{
    if (*m_at != '"' || m_at >= m_end)
        return 0;
    const char *const close = quote(m_at + 1, m_end);
    if (close == nullptr || close[1] != ':')
        return 0;
    const std::string_view text(m_at, static_cast<std::size_t>(close - m_at) + 2);
    // A name with the character that ends the record could seem to go on behind it.
    if (text.size() > Member::most || text.find('}') != std::string_view::npos)
        return 0;
    std::string key(1, static_cast<char>(place * 2U + static_cast<unsigned>(level)));
    key += text;
    if (const auto known = m_known.find(key); known != m_known.end())
        return known->second;
    if (m_members.size() == mostMembers)
        return 0;
    const auto number = static_cast<std::uint32_t>(m_members.size());
    auto &member = m_members.emplace_back();
    std::memcpy(member.text.data(), text.data(), text.size());
    member.length = static_cast<std::uint8_t>(text.size());
    member.meaning = m_provider.meaningOf(place, text.substr(1, text.size() - 3));
    m_known.emplace(std::move(key), number);
    return number;
}

bool PlainJson::value(Member &member, Level level)
{
    const Meaning &meaning = member.meaning;
    if (*m_at == '{' || *m_at == '[')
        return meaning.holdsFields() ? nested(member, level) : skip();
    std::string_view text;
    if (!(*m_at == '"' ? string(text) : scalar(text)))
        return false;
    if (meaning.kind == Meaning::Kind::Ignored || text.empty())
        return true;
    if (meaning.holdsFields()) // JSON inside a text
        return false;
    // The same rule as in JsonRecord: what the properties say wins over the envelope.
    if (level == Level::Properties || !m_propertiesRead || !m_fields->has(meaning.slot))
        m_fields->set(meaning.slot, text);
    return true;
}

bool PlainJson::nested(Member &member, Level level)
{
    const bool isObject = *m_at == '{';
    switch (member.meaning.kind) {
    case Meaning::Kind::Record:
    case Meaning::Kind::WholeRecord:
        m_propertiesRead = true;
        if (!isObject)
            return false;
        return level == Level::Envelope ? object(0, Level::Properties, member.first, member.otherFirst)
                                        : skip();
    case Meaning::Kind::Object:
        return isObject && object(member.meaning.place, Level::Properties, member.first, member.otherFirst);
    default: {
        const char *const start = m_at;
        if (!skip())
            return false;
        const std::string_view text(start, static_cast<std::size_t>(m_at - start));
        return text == "[]" || m_full.readPart(member.meaning, text, *m_arena, *m_fields);
    }
    }
}

bool PlainJson::skip()
{
    const char *const behind = behindClosing(m_at, m_end);
    if (behind == nullptr)
        return false;
    m_at = behind;
    return true;
}

bool PlainJson::string(std::string_view &text)
{
    const char *const close = quote(m_at + 1, m_end);
    if (close == nullptr)
        return false;
    text = {m_at + 1, static_cast<std::size_t>(close - m_at) - 1};
    m_at = close + 1;
    return true;
}

// Numbers are taken as they stand, "null" as nothing.
bool PlainJson::scalar(std::string_view &text)
{
    const char *const start = m_at;
    const auto word = [&](std::string_view expected, bool isText) {
        if (rest().substr(0, expected.size()) != expected)
            return false;
        m_at += expected.size();
        if (isText)
            text = {start, expected.size()};
        return true;
    };
    switch (*m_at) {
    case 'n': return word("null", false);
    case 't': return word("true", true);
    case 'f': return word("false", true);
    default: break;
    }
    if (*m_at != '-' && (*m_at < '0' || *m_at > '9'))
        return false;
    while (isOfNumber(*m_at))
        ++m_at;
    text = {start, static_cast<std::size_t>(m_at - start)};
    return true;
}

} // namespace riskdesk::ingest

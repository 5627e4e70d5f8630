// A 64-bit hash of text for tables in memory: never stored, another one in each process.
//
// Texts come from logs, so the seed keeps whoever writes them from making clashes on purpose. A clash costs a
// comparison, nothing else, wherever the text is compared as well. Any thread.
// Source of the mixing step: folded multiplication, as in wyhash (Wang Yi, public domain).
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace riskdesk {

extern const std::uint64_t hashSeed;

// A text with its hash, so that one thread can do the hashing and another the looking up.
struct HashedText
{
    std::string_view text;
    std::uint64_t hash = 0;
};

namespace detail {

__extension__ using Wide = unsigned __int128;

[[nodiscard]] inline std::uint64_t fold(std::uint64_t a, std::uint64_t b)
{
    const Wide product = Wide{a} * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <typename Word>
[[nodiscard]] inline std::uint64_t wordAt(const char *at)
{
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

} // namespace detail

[[nodiscard]] inline std::uint64_t hashOf(std::string_view text)
{
    using namespace detail;
    constexpr std::uint64_t mask = 0xe7037ed1a0b428dbULL;
    const char *at = text.data();
    std::size_t left = text.size();
    std::uint64_t h = hashSeed;
    for (; left > 16; at += 16, left -= 16)
        h = fold(wordAt<std::uint64_t>(at) ^ h, wordAt<std::uint64_t>(at + 8) ^ mask);
    // What is left is read as two words that may overlap: no loop over single bytes.
    std::uint64_t a = 0, b = 0;
    if (left >= 8) {
        a = wordAt<std::uint64_t>(at);
        b = wordAt<std::uint64_t>(at + left - 8);
    } else if (left >= 4) {
        a = wordAt<std::uint32_t>(at);
        b = wordAt<std::uint32_t>(at + left - 4);
    } else if (left > 0) {
        a = wordAt<std::uint8_t>(at);
        b = wordAt<std::uint8_t>(at + left / 2) << 8 | wordAt<std::uint8_t>(at + left - 1);
    }
    return fold(fold(a ^ h, b ^ mask) ^ text.size(), h ^ mask);
}

[[nodiscard]] inline HashedText hashed(std::string_view text)
{
    return {text, hashOf(text)};
}

} // namespace riskdesk

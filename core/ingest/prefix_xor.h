// Bit i of the answer: whether the bits up to and including i hold an odd number of ones. With the quotes of
// a text as bits it says what is inside of strings.
#pragma once

#include <cstdint>

namespace riskdesk::ingest {

[[nodiscard]] constexpr std::uint64_t prefixXor(std::uint64_t bits)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

} // namespace riskdesk::ingest

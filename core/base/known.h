// Known: which numbers of an enumeration a file may hold. An enumeration that is stored says so beside its
// definition; store::Statement::as() takes no other one and answers a number that is not known with an error.
#pragma once

#include <cstdint>

namespace riskdesk {

// Specialised for each stored enumeration: `fallback` and `has(number)`.
template <typename E>
struct Known;

template <typename E, E Least, E Greatest>
struct KnownRange
{
    static constexpr E fallback = Least; // what a reader sees until it looks at the error
    static constexpr std::int64_t least = static_cast<std::int64_t>(Least);
    static constexpr std::int64_t greatest = static_cast<std::int64_t>(Greatest);
    [[nodiscard]] static constexpr bool has(std::int64_t number)
    {
        return number >= least && number <= greatest;
    }
};

} // namespace riskdesk

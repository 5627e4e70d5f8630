// Event times as the detectors count them: microseconds that never overflow and round towards the past.
#pragma once

#include <cstdint>

namespace riskdesk::detect {

[[nodiscard]] constexpr std::int64_t plus(std::int64_t a, std::int64_t b)
{
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return b > 0 ? INT64_MAX : INT64_MIN;
}
[[nodiscard]] constexpr std::int64_t minus(std::int64_t a, std::int64_t b)
{
    std::int64_t difference = 0;
    if (!__builtin_sub_overflow(a, b, &difference))
        return difference;
    return a > b ? INT64_MAX : INT64_MIN;
}
[[nodiscard]] constexpr std::int64_t floorDivide(std::int64_t a, std::int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

inline constexpr std::int64_t minuteUs = 60'000'000;
inline constexpr std::int64_t hourUs = 60 * minuteUs;
inline constexpr std::int64_t dayUs = 24 * hourUs;

// A length of time given by a setting.
[[nodiscard]] constexpr std::int64_t span(double count, std::int64_t unitUs)
{
    return static_cast<std::int64_t>(count * static_cast<double>(unitUs));
}

} // namespace riskdesk::detect

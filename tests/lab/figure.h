// Figure: a measured value with the interval in which 95 of 100 resamplings of the users fall.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace riskdesk::lab {

struct Figure
{
    double value = 0, least = 0, greatest = 0;
    std::uint64_t of = 0; // the denominator; 0: nothing was there to measure
};

// A share whose parts belong to users: sum of first over sum of second. Bootstrap over the entries, fixed
// seed.
[[nodiscard]] Figure share(const std::vector<std::pair<double, double>> &perUser);
// The median of whole numbers, one of each user, and its interval.
[[nodiscard]] Figure medianOf(const std::vector<unsigned> &perUser);
[[nodiscard]] double quantile(std::vector<double> values, double q);

// "85.2 % (81.0–89.1, n 120)", and "–" for nothing.
[[nodiscard]] std::string percentText(const Figure &figure);
// "0.135 (0.101–0.170)".
[[nodiscard]] std::string numberText(const Figure &figure, int decimals);

} // namespace riskdesk::lab

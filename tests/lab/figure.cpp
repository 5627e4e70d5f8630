#include "tests/lab/figure.h"

#include "core/demo/random.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace riskdesk::lab {
namespace {

constexpr unsigned resamplings = 400;
constexpr std::uint64_t resamplingSeed = 20260319;

void enclose(Figure &figure, const std::vector<double> &values)
{
    figure.least = quantile(values, 0.025);
    figure.greatest = quantile(values, 0.975);
}

} // namespace

double quantile(std::vector<double> values, double q)
{
    if (values.empty())
        return 0;
    const auto at = static_cast<std::size_t>(q * static_cast<double>(values.size() - 1) + 0.5);
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
    return values[at];
}

Figure share(const std::vector<std::pair<double, double>> &perUser)
{
    const auto ratio = [](double part, double whole) { return whole > 0 ? part / whole : 0; };
    double part = 0, whole = 0;
    for (const auto &[a, b] : perUser)
        part += a, whole += b;
    Figure figure{ratio(part, whole), 0, 0, static_cast<std::uint64_t>(whole)};
    demo::Random random(resamplingSeed);
    std::vector<double> values;
    for (unsigned r = 0; r < resamplings && !perUser.empty(); ++r) {
        part = whole = 0;
        for (std::size_t i = 0; i < perUser.size(); ++i) {
            const auto &[a, b] = perUser[random.below(static_cast<std::uint32_t>(perUser.size()))];
            part += a, whole += b;
        }
        values.push_back(ratio(part, whole));
    }
    enclose(figure, values);
    return figure;
}

Figure medianOf(const std::vector<unsigned> &perUser)
{
    Figure figure;
    figure.of = perUser.size();
    if (perUser.empty())
        return figure;
    std::vector<std::size_t> tally(*std::max_element(perUser.begin(), perUser.end()) + 1);
    // The same element that quantile() takes.
    const auto middle = [&] {
        const auto at = static_cast<std::size_t>(0.5 * static_cast<double>(perUser.size() - 1) + 0.5);
        std::size_t value = 0;
        for (std::size_t below = tally[0]; below <= at; below += tally[value])
            ++value;
        return static_cast<double>(value);
    };
    for (const unsigned n : perUser)
        ++tally[n];
    figure.value = middle();
    demo::Random random(resamplingSeed);
    std::vector<double> values;
    for (unsigned r = 0; r < resamplings; ++r) {
        std::fill(tally.begin(), tally.end(), 0);
        for (std::size_t i = 0; i < perUser.size(); ++i)
            ++tally[perUser[random.below(static_cast<std::uint32_t>(perUser.size()))]];
        values.push_back(middle());
    }
    enclose(figure, values);
    return figure;
}

std::string percentText(const Figure &f)
{
    return f.of == 0 ? "–"
                     : fmt::format("{:.1f} % ({:.1f}–{:.1f}, n {})", f.value * 100, f.least * 100,
                                   f.greatest * 100, f.of);
}

std::string numberText(const Figure &f, int decimals)
{
    return f.of == 0 ? "–"
                     : fmt::format("{:.{}f} ({:.{}f}–{:.{}f})", f.value, decimals, f.least, decimals,
                                   f.greatest, decimals);
}

} // namespace riskdesk::lab

#include "ui/widgets/charts/chart_stretches.h"

#include "ui/models/format.h"

#include <QLocale>
#include <QTimeZone>

#include <algorithm>
#include <initializer_list>

namespace riskdesk::widgets {
namespace {

constexpr std::int64_t minuteUs = 60'000'000, dayUs = 24 * 60 * minuteUs;

Timestamp of(const QDateTime &at)
{
    return {at.toMSecsSinceEpoch() * 1000};
}

// `minutes`: below a day, counted from each midnight, or whole days.
std::vector<Timestamp> cut(Timestamp from, Timestamp until, std::int64_t minutes)
{
    const auto days = std::max<std::int64_t>(minutes / (24 * 60), 1);
    std::vector<Timestamp> bounds{from};
    const auto begin = models::local(from);
    const auto zone = begin.timeZone();
    for (auto day = begin.date(); bounds.back() < until; day = day.addDays(days)) {
        const auto midnight = of(day.startOfDay(zone)), next = of(day.addDays(days).startOfDay(zone));
        if (!(midnight < next))
            break; // beyond what a calendar holds
        for (auto at = midnight; at < next && at < until; at = {at.us + minutes * minuteUs}) {
            if (bounds.back() < at)
                bounds.push_back(at);
            if (minutes >= 24 * 60)
                break; // a day may have 25 hours
        }
        if (!(next < until))
            break;
    }
    bounds.push_back(std::max(from, until));
    return bounds;
}

std::vector<Timestamp> firstThatFits(Timestamp from, Timestamp until, int most,
                                     std::initializer_list<int> minutes)
{
    const auto span = std::max<std::int64_t>(until.us - from.us, 0);
    for (const int step : minutes)
        if (span / (step * minuteUs) <= most)
            return cut(from, until, step);
    const auto days = span / dayUs / std::max(most, 1) + 1;
    return cut(from, until, days * 24 * 60);
}

} // namespace

std::vector<Timestamp> dayStretches(Timestamp from, Timestamp until, int most)
{
    return until.us - from.us <= dayUs + 60 * minuteUs ? cut(from, until, 60)
                                                       : firstThatFits(from, until, most, {24 * 60});
}

std::vector<Timestamp> fineStretches(Timestamp from, Timestamp until, int most)
{
    return firstThatFits(from, until, most, {15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60});
}

QStringList stretchLabels(const std::vector<Timestamp> &bounds)
{
    QStringList labels;
    if (bounds.size() < 2)
        return labels;
    const auto first = models::local(bounds.front()), last = models::local({bounds.back().us - 1});
    std::int64_t longest = 0;
    for (std::size_t i = 1; i < bounds.size(); ++i)
        longest = std::max(longest, bounds[i].us - bounds[i - 1].us);
    const bool years = first.date().year() != last.date().year();
    const bool clock = longest < 23 * 60 * minuteUs;
    const bool oneDay = bounds.back().us - bounds.front().us <= dayUs + 60 * minuteUs;
    const auto date = years ? QStringLiteral("d MMM yyyy") : QStringLiteral("d MMM");
    const auto form = !clock             ? date
                      : oneDay && !years ? QStringLiteral("HH:mm")
                                         : date + QStringLiteral(" HH:mm");
    const QLocale locale;
    for (std::size_t i = 0; i + 1 < bounds.size(); ++i)
        labels << locale.toString(models::local(bounds[i]), form);
    return labels;
}

} // namespace riskdesk::widgets

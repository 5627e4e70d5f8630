#include "core/base/timestamp.h"

#include <fmt/format.h>

namespace riskdesk {
namespace {

// Reads between `least` and `most` digits; false when there are fewer.
bool digits(std::string_view &text, int least, int most, int &value)
{
    int n = 0;
    value = 0;
    while (n < most && !text.empty() && text.front() >= '0' && text.front() <= '9') {
        value = value * 10 + (text.front() - '0');
        text.remove_prefix(1);
        ++n;
    }
    return n >= least;
}

bool take(std::string_view &text, char c)
{
    if (text.empty() || text.front() != c)
        return false;
    text.remove_prefix(1);
    return true;
}

} // namespace

Timestamp Timestamp::fromCivil(int year, unsigned month, unsigned day, int hour, int minute, int second,
                               int microsecond)
{
    using namespace std::chrono;
    const sys_days days = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
    const auto us = duration_cast<Microseconds>(days.time_since_epoch()) + hours(hour) + minutes(minute) +
                    seconds(second) + Microseconds(microsecond);
    return {us.count()};
}

Result<Timestamp> Timestamp::fromIso(std::string_view text)
{
    const std::string_view whole = text;
    const auto bad = [&] { return fail(Code::Malformed, std::string(whole), "not an ISO 8601 time"); };
    int year, month, day, hour = 0, minute = 0, second = 0, us = 0;
    if (!digits(text, 4, 4, year) || !take(text, '-') || !digits(text, 2, 2, month) || !take(text, '-') ||
        !digits(text, 2, 2, day))
        return bad();
    const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok())
        return bad();
    if (!text.empty()) {
        if (!take(text, 'T') && !take(text, 't') && !take(text, ' '))
            return bad();
        if (!digits(text, 1, 2, hour) || !take(text, ':') || !digits(text, 2, 2, minute))
            return bad();
        if (take(text, ':') && !digits(text, 2, 2, second))
            return bad();
        if (take(text, '.')) {
            int scale = 100000;
            if (text.empty() || text.front() < '0' || text.front() > '9')
                return bad();
            while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
                us += (text.front() - '0') * scale;
                scale /= 10;
                text.remove_prefix(1);
            }
        }
    }
    if (hour > 23 || minute > 59 || second > 60)
        return bad();
    int offsetMinutes = 0;
    if (!text.empty() && text != "Z" && text != "z") {
        const int sign = text.front() == '-' ? -1 : 1;
        int offsetHours, rest = 0;
        if ((!take(text, '+') && !take(text, '-')) || !digits(text, 2, 2, offsetHours))
            return bad();
        take(text, ':');
        if (!text.empty() && !digits(text, 2, 2, rest))
            return bad();
        if (!text.empty() || offsetHours > 23 || rest > 59)
            return bad();
        offsetMinutes = sign * (offsetHours * 60 + rest);
    }
    return fromCivil(year, static_cast<unsigned>(month), static_cast<unsigned>(day), hour, minute, second, us) -
           std::chrono::minutes(offsetMinutes);
}

std::string Timestamp::toIso() const
{
    using namespace std::chrono;
    // By division, which cannot overflow: a broken store may hold any number, and midnight of the first day
    // that 64 bits reach is before the first microsecond they reach.
    constexpr std::int64_t dayLength = Microseconds(std::chrono::days(1)).count();
    auto ofDay = us % dayLength;
    auto day = us / dayLength;
    if (ofDay < 0) {
        ofDay += dayLength;
        --day;
    }
    const year_month_day date{sys_days(std::chrono::days(day))};
    const hh_mm_ss clock{Microseconds(ofDay)};
    auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                            static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                            clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    if (const auto fraction = clock.subseconds().count(); fraction != 0) {
        auto tail = fmt::format(".{:06}", fraction);
        while (tail.back() == '0')
            tail.pop_back();
        text += tail;
    }
    return text + "Z";
}

} // namespace riskdesk

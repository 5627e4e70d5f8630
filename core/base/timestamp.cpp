#include "core/base/timestamp.h"

#include <fmt/format.h>

#include <optional>

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

// "2026-03-18T14:26:00Z" or the same with up to seven digits of a second: what nearly every log writes.
// Nothing for anything else, right or wrong.
std::optional<Timestamp> fromUsualIso(std::string_view text)
{
    if (text.size() < 20 || text.size() > 28 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':' || text.back() != 'Z')
        return std::nullopt;
    unsigned wrong = 0; // one look at the end instead of one at each digit
    const auto digit = [&](std::size_t at) {
        const auto value = static_cast<unsigned>(static_cast<unsigned char>(text[at])) - '0';
        wrong |= value > 9 ? 1U : 0U;
        return value;
    };
    const auto two = [&](std::size_t at) { return digit(at) * 10 + digit(at + 1); };
    const unsigned year = two(0) * 100 + two(2), month = two(5), day = two(8);
    const unsigned hour = two(11), minute = two(14), second = two(17);
    unsigned us = 0;
    if (text.size() > 20) {
        if (text[19] != '.' || text.size() == 21)
            return std::nullopt;
        unsigned scale = 100000;
        for (std::size_t at = 20; at < text.size() - 1; ++at, scale /= 10)
            us += digit(at) * scale;
    }
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(month), std::chrono::day(day));
    if (wrong != 0 || hour > 23 || minute > 59 || second > 60 || !date.ok())
        return std::nullopt;
    const std::chrono::sys_days days = date;
    return Timestamp{
        (std::int64_t{days.time_since_epoch().count()} * 86400 + hour * 3600 + minute * 60 + second) *
            1000000 +
        us};
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
    if (const auto usual = fromUsualIso(text))
        return *usual;
    const std::string_view whole = text;
    const auto bad = [&] { return fail(Code::Malformed, std::string(whole), "not an ISO 8601 time"); };
    int year, month, day, hour = 0, minute = 0, second = 0, us = 0;
    if (!digits(text, 4, 4, year) || !take(text, '-') || !digits(text, 2, 2, month) || !take(text, '-') ||
        !digits(text, 2, 2, day))
        return bad();
    const std::chrono::year_month_day date(std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
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
    return fromCivil(year, static_cast<unsigned>(month), static_cast<unsigned>(day), hour, minute, second,
                     us) -
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

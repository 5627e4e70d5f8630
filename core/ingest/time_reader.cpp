#include "core/ingest/time_reader.h"

#include "core/base/text.h"

#include <chrono>

namespace riskdesk::ingest {
namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool number(std::string_view &text, int most, int &value)
{
    int digits = 0;
    value = 0;
    while (digits < most && !text.empty() && isDigit(text.front())) {
        value = value * 10 + (text.front() - '0');
        text.remove_prefix(1);
        ++digits;
    }
    return digits > 0;
}

bool take(std::string_view &text, char c)
{
    if (text.empty() || text.front() != c)
        return false;
    text.remove_prefix(1);
    return true;
}

// Digits after the point as microseconds; finer ones are cut off.
int fraction(std::string_view &text)
{
    int value = 0;
    for (int scale = 100000; !text.empty() && isDigit(text.front()); scale /= 10) {
        value += (text.front() - '0') * scale;
        text.remove_prefix(1);
    }
    return value;
}

// ISO text that says Z or an offset behind its clock.
bool namesZone(std::string_view iso)
{
    if (iso.size() <= 10)
        return false;
    const auto clock = iso.substr(10);
    return clock.find_first_of("Zz+-") != std::string_view::npos;
}

Result<Timestamp> readSlashes(std::string_view whole)
{
    std::string_view text = whole;
    const auto bad = [&] {
        return fail(Code::Malformed, std::string(whole), "not a time this version can read");
    };
    int month, day, year, hour = 0, minute = 0, second = 0, us = 0;
    if (!number(text, 2, month) || !take(text, '/') || !number(text, 2, day) || !take(text, '/') ||
        !number(text, 4, year) || year < 1000)
        return bad();
    if (month > 12 && day <= 12)
        return fail(Code::Malformed, std::string(whole),
                    "the day stands before the month; month/day/year is expected");
    const std::chrono::year_month_day date(std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok())
        return bad();
    take(text, ',');
    text = trim(text);
    if (!text.empty()) {
        if (!number(text, 2, hour) || !take(text, ':') || !number(text, 2, minute))
            return bad();
        if (take(text, ':') && !number(text, 2, second))
            return bad();
        if (take(text, '.'))
            us = fraction(text);
        // Newer exports put U+202F, a narrow no-break space, before AM and PM.
        if (text.substr(0, 3) == "\xe2\x80\xaf")
            text.remove_prefix(3);
        text = trim(text);
        const bool pm = equalsIgnoringCase(text, "pm");
        if (pm || equalsIgnoringCase(text, "am")) {
            if (hour < 1 || hour > 12)
                return bad();
            hour = hour % 12 + (pm ? 12 : 0);
            text = {};
        }
    }
    if (!text.empty() || hour > 23 || minute > 59 || second > 60)
        return bad();
    return Timestamp::fromCivil(year, static_cast<unsigned>(month), static_cast<unsigned>(day), hour, minute,
                                second, us);
}

} // namespace

Result<Timestamp> readTime(std::string_view text, int zoneMinutes)
{
    text = trim(text);
    const bool slashes = text.size() > 2 && (text[1] == '/' || text[2] == '/');
    auto time = slashes ? readSlashes(text) : Timestamp::fromIso(text);
    if (!time)
        return time;
    if (text.substr(0, 5) == "0001-" || text.substr(0, 5) == "0000-")
        return fail(Code::Malformed, std::string(text), "year 1 stands for \"no value\"");
    if (zoneMinutes != 0 && (slashes || !namesZone(text)))
        return *time - std::chrono::minutes(zoneMinutes);
    return time;
}

} // namespace riskdesk::ingest

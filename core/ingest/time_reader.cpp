#include "core/ingest/time_reader.h"

#include "core/base/text.h"

#include <algorithm>
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

tl::unexpected<Error> unreadable(std::string_view text)
{
    return fail(Code::Malformed, std::string(text), "not a time this version can read");
}

// What stands behind a date: nothing, or "[,] hh:mm[:ss[.fraction]] [AM|PM]".
Result<Timestamp> readClock(std::string_view whole, std::string_view text, int year, int month, int day)
{
    int hour = 0, minute = 0, second = 0, us = 0;
    const std::chrono::year_month_day date(std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (year < 1000 || !date.ok())
        return unreadable(whole);
    take(text, ',');
    text = trim(text);
    if (!text.empty()) {
        if (!number(text, 2, hour) || !take(text, ':') || !number(text, 2, minute))
            return unreadable(whole);
        if (take(text, ':') && !number(text, 2, second))
            return unreadable(whole);
        if (take(text, '.'))
            us = fraction(text);
        // Newer exports put U+202F, a narrow no-break space, before AM and PM.
        if (text.substr(0, 3) == "\xe2\x80\xaf")
            text.remove_prefix(3);
        text = trim(text);
        const bool pm = equalsIgnoringCase(text, "pm");
        if (pm || equalsIgnoringCase(text, "am")) {
            if (hour < 1 || hour > 12)
                return unreadable(whole);
            hour = hour % 12 + (pm ? 12 : 0);
            text = {};
        }
    }
    if (!text.empty() || hour > 23 || minute > 59 || second > 60)
        return unreadable(whole);
    return Timestamp::fromCivil(year, static_cast<unsigned>(month), static_cast<unsigned>(day), hour, minute,
                                second, us);
}

// The three numbers of a date; false when there are none.
bool readNumbers(std::string_view &text, char between, int &first, int &second, int &year)
{
    return number(text, 2, first) && take(text, between) && number(text, 2, second) && take(text, between) &&
           number(text, 4, year);
}

Result<Timestamp> readDots(std::string_view whole)
{
    std::string_view text = whole;
    int day = 0, month = 0, year = 0;
    return readNumbers(text, '.', day, month, year) ? readClock(whole, text, year, month, day)
                                                    : unreadable(whole);
}

Result<Timestamp> readSlashes(std::string_view whole, DateOrder order, SlashDates *shown)
{
    std::string_view text = whole;
    int first = 0, second = 0, year = 0;
    if (!readNumbers(text, '/', first, second, year))
        return unreadable(whole);
    const bool dayFirst = first > 12 && second <= 12, monthFirst = second > 12 && first <= 12;
    const bool unclear = !dayFirst && !monthFirst && first != second;
    if (shown != nullptr) {
        shown->dayFirst += dayFirst ? 1 : 0;
        shown->monthFirst += monthFirst ? 1 : 0;
        shown->unclear += unclear ? 1 : 0;
    }
    if ((dayFirst && order == DateOrder::MonthFirst) || (monthFirst && order == DateOrder::DayFirst))
        return fail(Code::Malformed, std::string(whole),
                    dayFirst ? "the day stands before the month, unlike in the rest"
                             : "the month stands before the day, unlike in the rest");
    if (unclear && order == DateOrder::Open)
        return fail(Code::Malformed, std::string(whole), std::string(unclearDate));
    const bool swapped = dayFirst || (!monthFirst && order == DateOrder::DayFirst);
    return readClock(whole, text, year, swapped ? second : first, swapped ? first : second);
}

// "/Date(1619618925221)/", "/Date(1619618925221+0200)/": milliseconds since 1970 in UTC; the offset only says
// where they were written.
Result<Timestamp> readMilliseconds(std::string_view whole)
{
    constexpr std::string_view before = "/Date(", behind = ")/";
    // The years 1 and 9999, the first and the last that .NET knows; the first stands for "no value".
    constexpr std::int64_t earliest = -62'135'596'800'000, latest = 253'402'300'799'999;
    if (!whole.starts_with(before) || !whole.ends_with(behind))
        return unreadable(whole);
    auto digits = whole.substr(before.size(), whole.size() - before.size() - behind.size());
    digits = digits.substr(0, digits.find_first_of("+-", 1));
    const auto value = toInteger(digits);
    if (!value || *value <= earliest || *value > latest)
        return unreadable(whole);
    return Timestamp{*value * 1000};
}

} // namespace

Result<Timestamp> readTime(std::string_view text, TimeRules rules, SlashDates *shown)
{
    text = trim(text);
    // A digit or two and then the sign that parts a date; ISO has four.
    const char sign = text.size() > 2 ? (isDigit(text[1]) ? text[2] : text[1]) : '\0';
    if (sign == '/' || sign == '.') {
        auto time = sign == '/' ? readSlashes(text, rules.order, shown) : readDots(text);
        return time.map([&](Timestamp local) { return local - std::chrono::minutes(rules.zoneMinutes); });
    }
    if (text.starts_with('/'))
        return readMilliseconds(text);
    auto time = Timestamp::fromIso(text);
    if (!time)
        return time;
    if (text.substr(0, 5) == "0001-" || text.substr(0, 5) == "0000-")
        return fail(Code::Malformed, std::string(text), "year 1 stands for \"no value\"");
    if (rules.zoneMinutes != 0 && !namesZone(text))
        return *time - std::chrono::minutes(rules.zoneMinutes);
    return time;
}

bool holdsSlashDate(std::string_view text)
{
    for (auto at = text.find('/'); at != std::string_view::npos; at = text.find('/', at + 1)) {
        if (at == 0 || !(isDigit(text[at - 1]) || text[at - 1] == '\\'))
            continue;
        std::string_view rest = text.substr(at + 1);
        int ignored = 0;
        if (number(rest, 2, ignored) && (take(rest, '\\'), take(rest, '/')) && rest.size() >= 4 &&
            std::all_of(rest.begin(), rest.begin() + 4, isDigit))
            return true;
    }
    return false;
}

} // namespace riskdesk::ingest

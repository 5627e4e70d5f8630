#include "tests/lab/campus/calendar.h"

#include <chrono>

namespace riskdesk::lab {
namespace {

// Month and day as one number: 1006 is 6 October.
int dateInYear(int day)
{
    const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{day}}};
    return static_cast<int>(static_cast<unsigned>(date.month()) * 100 + static_cast<unsigned>(date.day()));
}

bool isWithin(int date, int first, int last)
{
    return first <= last ? date >= first && date <= last : date >= first || date <= last;
}

} // namespace

int dayNumber(int year, unsigned month, unsigned day)
{
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    return static_cast<int>(std::chrono::sys_days{date}.time_since_epoch().count());
}

bool isWeekend(int day)
{
    const int weekday = (day + 4) % 7; // 0 is Sunday
    return weekday == 0 || weekday == 6;
}

CampusDay campusDay(int day, bool school)
{
    const int date = dateInYear(day);
    const bool everybody = isWithin(date, 1222, 104) || date == 1101 || date == 501;
    if (everybody ||
        (school ? isWithin(date, 1027, 1031) || isWithin(date, 701, 831) : isWithin(date, 801, 831)))
        return CampusDay::Holiday;
    if (isWeekend(day))
        return CampusDay::Weekend;
    if (!school && (isWithin(date, 112, 206) || isWithin(date, 608, 703)))
        return CampusDay::Exams;
    return CampusDay::Lessons;
}

int dayOfIntake(int day, bool school)
{
    const int date = dateInYear(day);
    // The second is for evening courses and for those who come after the holidays.
    for (const int first : {school ? 901 : 1001, school ? 1103 : 1110, 216})
        if (isWithin(date, first, first + 4))
            return date - first;
    return -1;
}

bool isTravelTime(int day)
{
    const int date = dateInYear(day);
    return isWithin(date, 801, 831) || isWithin(date, 1222, 106);
}

} // namespace riskdesk::lab

// Calendar: the year of schools and a university, by days since 1970-01-01.
//
// Plain functions of the day, in whatever year. Closed days are the same for everybody, as a ministry sets
// them; nobody signs in from an institution's own network then.
#pragma once

#include <cstdint>

namespace riskdesk::lab {

enum class CampusDay : std::uint8_t { Lessons, Exams, Weekend, Holiday };

[[nodiscard]] int dayNumber(int year, unsigned month, unsigned day);
// Of a school or of the university.
[[nodiscard]] CampusDay campusDay(int day, bool school);
// The first days of a term, when newcomers are given their accounts: 0 is the first, -1 none of them.
[[nodiscard]] int dayOfIntake(int day, bool school);
// When people go away: August, and the weeks around New Year.
[[nodiscard]] bool isTravelTime(int day);
[[nodiscard]] bool isWeekend(int day);

} // namespace riskdesk::lab

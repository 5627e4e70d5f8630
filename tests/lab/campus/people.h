// People: who belongs to the campus, and what each is used to. Made once, from the seed and a number.
#pragma once

#include "tests/lab/campus/device.h"
#include "tests/lab/campus/world.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace riskdesk::lab {

enum class Role : std::uint8_t { Pupil, Student, Staff, Shift, Abroad, Remote, Guest };

struct Application
{
    const char *id, *name;
};
[[nodiscard]] std::span<const Application> applications();

struct Habit
{
    unsigned application = 0;
    double hour = 12; // local, in the middle; most days within an hour and a half of it
};

struct Holiday
{
    int first = 0, last = -1; // days; none
    unsigned country = 0;
    bool byCar = false;
};

struct Person
{
    unsigned number = 0;
    Role role = Role::Guest;
    std::string id, name, principal;
    unsigned country = 0, city = 0, provider = 0, carrier = 0, site = 0;
    std::uint64_t line = 0; // of the home; families have one
    int lease = 0;          // days that an address of the home lasts; 0 always
    bool six = false;       // the home's line gives IPv6 too
    double rate = 0;        // sign-ins on an ordinary day
    int since = 0;          // the first day
    bool newcomer = false;  // given the account at an intake
    std::vector<Habit> habits;
    Device main, second, pocket; // computer, another browser, phone
    Device set;                  // the television
    bool twoBrowsers = false, privacy = false, television = false, campusVpn = false, vpnService = false;
    int filtered = 0; // the day from which the school sends everything through a filter in the cloud; 0 never
    bool ownServer = false; // rents one, and goes through it as others do through a VPN
    bool inApp = false, familyPhone = false;
    int prepaid = 0;     // days after which the phone and its number are another; 0 never
    int replaced = 0;    // the day on which the phone is replaced
    double mistypes = 0; // of all sign-ins
    unsigned shift = 0;  // the crew, 0 to 2
    Holiday holiday;
};

// `first` and `end`: the days that will be lived.
[[nodiscard]] std::vector<Person> campusPeople(unsigned count, std::uint64_t seed, int first, int end);

} // namespace riskdesk::lab

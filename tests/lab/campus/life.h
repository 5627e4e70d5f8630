// Life: what the people of a campus do, a day at a time, and where and with what they do it.
//
// Whatever makes a harmless sign-in unlike the person has a label: "benign.lab" (a computer that everybody
// uses), "campusVpn", "newcomer", "exam", "kiosk", "shift" (at night), "carrier", "inApp", "family" (one phone
// for several people), "device" (the first sign-in with a new phone), "holiday", "border", "flight", "cafe",
// "familyHome", "browser" (the other of two), "privacy", "television", "vpn", "server" (through a server that
// they rent), "filter" (through the filter in the cloud that their school has begun to use), "mistype" (a wrong
// password of one's own).
#pragma once

#include "tests/lab/campus/people.h"

#include <cstdint>
#include <string>
#include <vector>

namespace riskdesk::lab {

struct Event
{
    std::int64_t at = 0;  // microseconds
    int person = -1;      // number; -1: no such account
    std::string stranger; // whom a guess named, where there is no such account
    int code = 0;         // as Graph has it; 0 is a success
    unsigned application = 0;
    Where where;
    Device device;
    const char *kind = "";
    unsigned campaign = 0;
    bool compromise = false;
};

class Life
{
public:
    Life(std::vector<Person> people, std::uint64_t seed);

    // Adds what happens on that day, not in order.
    void live(int day, std::vector<Event> &out);
    [[nodiscard]] const std::vector<Person> &people() const { return m_people; }
    // The person's own sign-ins so far, and the last of them.
    [[nodiscard]] unsigned successes(unsigned person) const { return m_states[person].successes; }
    [[nodiscard]] const Event &last(unsigned person) const { return m_states[person].last; }

private:
    struct State
    {
        demo::Random random;
        unsigned successes = 0;
        Event last;
        int phone = -1; // which one was used last
    };
    struct Situation
    {
        Where where;
        Device device;
        const char *kind = "";
    };
    double hourOf(const Person &p, State &s, int day, const Habit &habit);
    Situation situation(const Person &p, State &s, int day, double hour);
    Situation atHome(const Person &p, State &s, int day);
    Situation away(const Person &p, State &s, int day, double hour);
    Situation inInstitution(const Person &p, State &s, int day, double hour);
    Situation overPhone(const Person &p, State &s, int day);
    void signIn(const Person &p, State &s, int day, double hour, unsigned application,
                std::vector<Event> &out);

    std::vector<Person> m_people;
    std::vector<State> m_states;
};

// `hour` of the day where the person lives, as a moment of the day in UTC.
[[nodiscard]] std::int64_t momentOf(int day, double hour, unsigned country);

} // namespace riskdesk::lab

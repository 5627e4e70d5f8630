// Attackers: what is done to the people of a campus, as it is done in the field.
//
// The labels of core/demo/sample.h where the idea is the same, and four more:
//   takeover.phishing     the victim signs in through the attacker's server, which stands in the victim's
//                         country; the stolen session is used from there minutes later, with the victim's agent
//   takeover.stealer      password and agent bought from a log of malware: right at the first try, a browser
//                         that claims the victim's system, a home line in the victim's country
//   takeover.fatigue      the right password, a second factor asked for until somebody gives in
//   takeover.residential  home lines in the victim's city, another one at each sign-in
// Victims have signed in five times or more, except those of "learning". Nobody is taken over twice.
#pragma once

#include "tests/lab/campus/life.h"

#include <vector>

namespace riskdesk::lab {

class Attackers
{
public:
    // `first` and `end`: days.
    Attackers(const Life &life, std::uint64_t seed, int first, int end);

    // Adds what begins on that day, some of it on later days. `today`: what the people do, of which phishing
    // changes the place.
    void strike(int day, std::vector<Event> &today, std::vector<Event> &out);

private:
    enum class Idea : std::uint8_t;
    struct Row;
    struct Plan
    {
        int day = 0;
        const Row *row = nullptr;
        int victim = -1; // of a visit that follows another
        unsigned visits = 0;
        unsigned campaign = 0;
    };
    static const std::vector<Row> &rows();
    [[nodiscard]] int victimFor(const Row &row, int day, const std::vector<Event> &today);
    [[nodiscard]] Event begun(const Plan &plan, unsigned victim) const;
    void takeOver(const Plan &plan, unsigned victim, std::vector<Event> &today, std::vector<Event> &out);
    void spray(const Plan &plan, std::vector<Event> &out);

    const Life &m_life;
    demo::Random m_random;
    int m_end;
    std::vector<Plan> m_plans; // by day
    std::vector<bool> m_attacked;
    unsigned m_campaigns = 0;
};

} // namespace riskdesk::lab

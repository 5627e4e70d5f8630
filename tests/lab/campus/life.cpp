#include "tests/lab/campus/life.h"

#include "tests/lab/campus/calendar.h"

#include <algorithm>
#include <cmath>

namespace riskdesk::lab {
namespace {

constexpr std::int64_t second = 1'000'000, hourOfTime = 3600 * second, dayOfTime = 24 * hourOfTime;

// Old browsers, since somebody has to update them.
constexpr Device labComputer{Form::WindowsChrome, 45, 0}, kiosk{Form::WindowsEdge, 100, 0};

bool isSchool(const Person &p)
{
    return p.site >= static_cast<unsigned>(Site::Schools);
}

bool livesInDormitory(const Person &p)
{
    return p.role == Role::Student && mixed(p.number, 0xd0) % 10 < 4;
}

// 0 early, 1 late, 2 night; another every week.
unsigned turnOf(const Person &p, int day)
{
    return (static_cast<unsigned>((day + 3) / 7) + p.shift) % 3;
}

bool isOnDuty(const Person &p, int day)
{
    return mixed(p.number, static_cast<std::uint64_t>(day), 0xd7) % 7 < 5;
}

bool isAway(const Person &p, int day)
{
    return day >= p.holiday.first && day <= p.holiday.last;
}

// How much more than on an ordinary day.
double busyness(const Person &p, int day)
{
    const CampusDay kind = campusDay(day, isSchool(p));
    const auto by = [kind](double lessons, double exams, double weekend, double holiday) {
        switch (kind) {
        case CampusDay::Lessons: return lessons;
        case CampusDay::Exams: return exams;
        case CampusDay::Weekend: return weekend;
        case CampusDay::Holiday: break;
        }
        return holiday;
    };
    switch (p.role) {
    case Role::Pupil: return by(1.3, 1.3, 0.4, 0.1);
    case Role::Student: return by(1.1, 1.8, 0.5, 0.3);
    case Role::Staff: return by(1.4, 1.3, 0.1, 0.05);
    case Role::Shift: return isOnDuty(p, day) ? 1.3 : 0.2;
    case Role::Remote: return isWeekend(day) ? 0.3 : 1.3;
    default: return 1;
    }
}

int leaseOf(const Person &p, int day)
{
    return p.lease == 0 ? 0 : (day + static_cast<int>(p.line % 41)) / p.lease;
}

// Which phone somebody has by then.
int phoneOf(const Person &p, int day)
{
    if (p.prepaid > 0)
        return (day + static_cast<int>(p.line % 97)) / p.prepaid;
    return p.replaced > 0 && day >= p.replaced ? 1 : 0;
}

Device pocketOf(const Person &p, int day)
{
    const int number = phoneOf(p, day);
    if (number == 0)
        return p.pocket;
    demo::Random random(mixed(p.line, static_cast<std::uint64_t>(number), 0xf0e));
    return phone(random, p.role != Role::Abroad);
}

} // namespace

std::int64_t momentOf(int day, double hour, unsigned country)
{
    double utc = std::fmod(hour - campusCountries()[country].hoursEast + 48, 24);
    utc = std::clamp(utc, 0.1, 23.9); // with what comes shortly before and after, it stays within the day
    return day * dayOfTime + static_cast<std::int64_t>(utc * static_cast<double>(hourOfTime));
}

Life::Life(std::vector<Person> people, std::uint64_t seed)
    : m_people(std::move(people))
{
    m_states.reserve(m_people.size());
    for (const Person &p : m_people)
        m_states.push_back({demo::Random(mixed(seed, p.number, 0x11fe)), 0, {}, -1});
}

Life::Situation Life::overPhone(const Person &p, State &s, int day)
{
    Situation at{overCarrier(p.country, p.carrier, s.random.chance(0.4), s.random), pocketOf(p, day),
                 "benign.carrier"};
    if (p.familyPhone)
        at.kind = "benign.family";
    if (p.inApp && s.random.chance(0.35)) {
        at.device = inApp(at.device);
        at.kind = "benign.inApp";
    }
    if (const int number = phoneOf(p, day); number != s.phone) {
        if (s.phone >= 0)
            at.kind = "benign.device";
        s.phone = number;
    }
    return at;
}

Life::Situation Life::atHome(const Person &p, State &s, int day)
{
    const CampusDay kind = campusDay(day, false);
    if (livesInDormitory(p) && kind != CampusDay::Holiday && p.country == homeCountry)
        return {fromSite(static_cast<unsigned>(Site::Dormitory), p.number), p.main, ""};
    Situation at{fixedLine(p.country, p.city, p.provider, p.line, static_cast<std::uint64_t>(leaseOf(p, day)),
                           p.six && s.random.chance(0.6)),
                 p.main, livesInDormitory(p) ? "benign.familyHome" : ""};
    if (s.random.chance(0.2))
        at.device = pocketOf(p, day);
    return at;
}

Life::Situation Life::away(const Person &p, State &s, int day, double hour)
{
    const auto &h = p.holiday;
    const auto cities = campusCountries()[h.country].cities.size();
    const auto seen = mixed(p.number, static_cast<std::uint64_t>(h.first), 0xab);
    const bool travels = day == h.first || day == h.last;
    Situation at{{}, s.random.chance(0.75) ? pocketOf(p, day) : p.main, "benign.holiday"};
    if (travels && h.byCar) { // half of the day on either side of the border
        const bool there = (hour > 13) == (day == h.first);
        at.where = overCarrier(there ? h.country : p.country, p.carrier, false, s.random);
        at.device = pocketOf(p, day);
        at.kind = "benign.border";
    } else if (travels && (hour > 14) != (day == h.first)) { // has not left yet, or is back
        at = atHome(p, s, day);
    } else if (travels) { // the airport where planes are changed, or the first hours there
        const unsigned through = s.random.chance(0.5) ? 5 : h.country;
        at.where = fixedLine(through, 0, 0, mixed(through, 0xa1), 0, false);
        at.device = pocketOf(p, day);
        at.kind = "benign.flight";
    } else if (s.random.chance(0.2)) { // data abroad leaves through the carrier at home
        at.where = overCarrier(p.country, p.carrier, false, s.random);
    } else if (s.random.chance(0.35)) {
        at.where = overCarrier(h.country, static_cast<unsigned>(seen % carriers), false, s.random);
    } else {
        at.where = fixedLine(h.country, static_cast<unsigned>(seen % cities),
                             static_cast<unsigned>((seen >> 8) % homeProviders), seen % 400, 0, false);
    }
    return at;
}

Life::Situation Life::inInstitution(const Person &p, State &s, int day, double hour)
{
    const auto gateway = mixed(p.number, static_cast<std::uint64_t>(day));
    Situation at{fromSite(p.site, gateway), p.main, ""};
    if (p.filtered > 0 && day >= p.filtered) {
        at.where = throughFilter(p.site, gateway);
        at.kind = "benign.filter";
    }
    if (p.newcomer && day <= p.since + 1) {
        at.where = fromSite(p.site, 0); // the hall where accounts are given out
        at.device = s.random.chance(0.5) ? labComputer : pocketOf(p, day);
        at.kind = "benign.newcomer";
    } else if (p.role == Role::Shift) {
        const bool night = hour >= 22 || hour < 6;
        at.device = s.random.chance(0.65) ? kiosk : pocketOf(p, day);
        at.kind = at.device == kiosk ? "benign.kiosk" : night ? "benign.shift" : "";
    } else if (p.role != Role::Staff && s.random.chance(p.role == Role::Pupil ? 0.6 : 0.3)) {
        at.device = labComputer;
        at.kind = "benign.lab";
    } else if (s.random.chance(0.3)) {
        at.device = pocketOf(p, day);
    }
    if (*at.kind == 0 && p.role == Role::Student && campusDay(day, false) == CampusDay::Exams)
        at.kind = "benign.exam";
    return at;
}

Life::Situation Life::situation(const Person &p, State &s, int day, double hour)
{
    if (isAway(p, day))
        return away(p, s, day, hour);
    if (p.newcomer && day == p.since)
        return inInstitution(p, s, day, hour);
    const CampusDay kind = campusDay(day, isSchool(p));
    const bool open = kind == CampusDay::Lessons || kind == CampusDay::Exams;
    const bool hours = hour >= 8 && hour < (p.role == Role::Pupil ? 15 : 18);
    if (p.role == Role::Shift && isOnDuty(p, day))
        return inInstitution(p, s, day, hour);
    if ((p.role == Role::Pupil || p.role == Role::Staff) && open && hours)
        return inInstitution(p, s, day, hour);
    if (p.role == Role::Student && open && hours && s.random.chance(0.6))
        return inInstitution(p, s, day, hour);
    Situation at;
    if (p.television && s.random.chance(0.4)) {
        at = atHome(p, s, day);
        at.device = p.set;
        at.kind = "benign.television";
        return at;
    }
    if (s.random.chance(p.role == Role::Abroad ? 0.82 : 0.12))
        return overPhone(p, s, day);
    if (s.random.chance(p.role == Role::Remote ? 0.2 : 0.03)) {
        const auto table = mixed(p.city, s.random.below(25), p.country);
        at = {fixedLine(p.country, p.city, static_cast<unsigned>(table % homeProviders), table, 0, false),
              p.main, "benign.cafe"};
    } else {
        at = atHome(p, s, day);
    }
    if (p.campusVpn && s.random.chance(0.4)) {
        at.where = overCampusVpn(s.random.next());
        at.kind = "benign.campusVpn";
    } else if (p.vpnService && s.random.chance(0.7)) {
        at.where = overVpnService(s.random.next());
        at.kind = "benign.vpn";
    } else if (p.ownServer && s.random.chance(0.5)) {
        at.where = rentedServer(mixed(p.number, 0x5e8) % 3 == 0 ? 5 : p.country, mixed(p.number, 0x5e9));
        at.kind = "benign.server";
    }
    return at;
}

double Life::hourOf(const Person &p, State &s, int day, const Habit &habit)
{
    if (p.role == Role::Shift && isOnDuty(p, day))
        return std::fmod(6 + 8 * turnOf(p, day) + 8 * s.random.uniform(), 24);
    return std::clamp(habit.hour + 1.3 * s.random.normal(), 0.2, 23.8);
}

void Life::signIn(const Person &p, State &s, int day, double hour, unsigned application,
                  std::vector<Event> &out)
{
    Situation at = situation(p, s, day, hour);
    if (p.privacy && at.device == p.main) {
        at.device = disguised(s.random);
        at.kind = *at.kind == 0 ? "benign.privacy" : at.kind;
    } else if (p.twoBrowsers && at.device == p.main && s.random.chance(0.5)) {
        at.device = p.second;
        at.kind = *at.kind == 0 ? "benign.browser" : at.kind;
    }
    Event e;
    e.at = momentOf(day, hour, p.country) + s.random.below(60'000) * 1000;
    e.person = static_cast<int>(p.number);
    e.application = application;
    e.where = std::move(at.where);
    e.device = at.device;
    e.kind = at.kind;
    const auto before = [&](int code, std::int64_t by, const char *kind) {
        Event other = e;
        other.code = code;
        other.at -= by * second;
        other.kind = kind;
        out.push_back(std::move(other));
    };
    const std::int64_t typing = 6 + s.random.below(30);
    if (p.mistypes > 0 && s.random.chance(p.mistypes))
        for (unsigned i = s.random.chance(0.25) ? 2 : 1; i > 0; --i)
            before(50126, 20 + typing * i, "benign.mistype");
    if (p.newcomer && s.successes == 0)
        before(50125, typing, e.kind);
    else if ((p.role == Role::Staff || p.role == Role::Remote) && s.random.chance(0.25))
        before(50074, std::min<std::int64_t>(typing, 19), e.kind);
    ++s.successes;
    s.last = e;
    out.push_back(std::move(e));
}

void Life::live(int day, std::vector<Event> &out)
{
    for (const Person &p : m_people) {
        State &s = m_states[p.number];
        if (day < p.since)
            continue;
        if (p.newcomer && day == p.since)
            signIn(p, s, day, 9 + 3 * s.random.uniform(), p.habits.front().application, out);
        const double times = p.rate * busyness(p, day) * (isAway(p, day) ? 0.7 : 1);
        for (unsigned n = s.random.poisson(times); n > 0; --n) {
            const Habit &habit = p.habits[s.random.below(static_cast<std::uint32_t>(p.habits.size()))];
            const double hour = hourOf(p, s, day, habit);
            signIn(p, s, day, hour, habit.application, out);
        }
    }
}

} // namespace riskdesk::lab

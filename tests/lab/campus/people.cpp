#include "tests/lab/campus/people.h"

#include "tests/lab/campus/calendar.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::lab {
namespace {

constexpr const char *givenNames[] = {"Ana",  "Luka",  "Maja", "Jan",   "Nika",    "Tomaz", "Eva",
                                      "Mark", "Amina", "Kofi", "Priya", "Ravi",    "Joy",   "Chidi",
                                      "Lena", "Matej", "Sara", "Filip", "Wanjiru", "Arjun"};
constexpr const char *familyNames[] = {"Novak",  "Horvat", "Zupan",  "Kos",    "Vidmar", "Otieno", "Adeyemi",
                                       "Sharma", "Santos", "Kovac",  "Bizjak", "Hribar", "Mwangi", "Reyes",
                                       "Golob",  "Turk",   "Okafor", "Iyer",   "Kralj",  "Cruz"};

double within(demo::Random &random, double least, double most)
{
    return least + (most - least) * random.uniform();
}

Role drawRole(demo::Random &random)
{
    static constexpr std::pair<double, Role> shares[] = {{0.22, Role::Pupil},  {0.26, Role::Student},
                                                         {0.12, Role::Staff},  {0.12, Role::Shift},
                                                         {0.16, Role::Abroad}, {0.07, Role::Remote}};
    double turn = random.uniform();
    for (const auto &[part, role] : shares)
        if ((turn -= part) < 0)
            return role;
    return Role::Guest;
}

void settle(Person &p, demo::Random &random)
{
    static constexpr unsigned mobileFirst[] = {6, 7, 8, 9}, remote[] = {1, 2, 3, 5, 10, 14, 15, 18};
    if (p.role == Role::Abroad)
        p.country = random.pick(std::span<const unsigned>(mobileFirst));
    else if (p.role == Role::Remote)
        p.country = random.pick(std::span<const unsigned>(remote));
    const auto cities = static_cast<std::uint32_t>(campusCountries()[p.country].cities.size());
    p.city = random.chance(0.5) ? 0 : random.below(cities);
    p.provider = random.below(homeProviders);
    p.carrier = random.below(carriers);
    p.six = random.chance(0.35);
    // Forced reconnection at night, weeks, or an address for years.
    p.lease = random.chance(0.25) ? 1 : random.chance(0.4) ? 5 + static_cast<int>(random.below(40)) : 0;
    const auto site = [](Site s) { return static_cast<unsigned>(s); };
    switch (p.role) {
    case Role::Pupil: p.site = site(Site::Schools) + random.below(schools); break;
    case Role::Staff:
        p.site = random.chance(0.5) ? site(Site::University) : site(Site::Schools) + random.below(schools);
        break;
    case Role::Shift: p.site = random.chance(0.6) ? site(Site::Hospital) : site(Site::Depot); break;
    default: p.site = site(Site::University); break;
    }
    if (p.role == Role::Pupil || p.role == Role::Staff)
        p.city = p.site >= site(Site::Schools) ? (p.site - site(Site::Schools)) % 6 : p.city;
}

void equip(Person &p, demo::Random &random)
{
    const bool dear = p.role != Role::Abroad;
    p.main = computer(random);
    p.second = p.main;
    while (p.second.form == p.main.form)
        p.second = computer(random);
    p.pocket = phone(random, dear);
    p.set = living(random);
    p.twoBrowsers = random.chance(0.2);
    p.privacy = random.chance(0.03);
    p.television = random.chance(p.role == Role::Guest ? 0.4 : 0.04);
    p.campusVpn = (p.role == Role::Student || p.role == Role::Staff) && random.chance(0.25);
    p.vpnService = random.chance(0.015);
    p.inApp = random.chance(p.role == Role::Abroad ? 0.4 : 0.1);
    p.ownServer = !p.vpnService && p.role != Role::Pupil && mixed(p.number, 0x5e7) % 1000 < 12;
    if (p.role == Role::Abroad && random.chance(0.4))
        p.prepaid = 50 + static_cast<int>(random.below(70));
    // Those with a password manager do not mistype; of the others one in eight does so every other time.
    p.mistypes = random.chance(0.4) ? 0 : random.chance(0.12) ? 0.5 : 0.06;
}

void accustom(Person &p, demo::Random &random)
{
    const double median = p.role == Role::Guest ? 0.05 : p.role == Role::Abroad ? 0.11 : 0.14;
    p.rate = std::clamp(median * demo::portableExp(1.15 * random.normal()), 0.03, 5.0);
    const unsigned count = 2 + random.below(2);
    for (unsigned i = 0; i < count; ++i) {
        const bool works = p.role == Role::Pupil || p.role == Role::Student || p.role == Role::Staff ||
                           p.role == Role::Remote;
        const double hour = works && i == 0 ? within(random, 8, 15) : within(random, 7, 22.5);
        p.habits.push_back({random.below(static_cast<std::uint32_t>(applications().size())), hour});
    }
    p.shift = random.below(3);
}

// The first day, and for newcomers one of an intake.
void enrol(Person &p, demo::Random &random, int first, int end)
{
    p.since = first;
    const bool school = p.role == Role::Pupil;
    if ((!school && p.role != Role::Student) || !random.chance(0.22))
        return;
    std::vector<int> days;
    for (int day = first; day < end; ++day)
        if (const int of = dayOfIntake(day, school); of >= 0 && !isWeekend(day))
            days.insert(days.end(), of == 0 ? 8 : of == 1 ? 4 : 1, day); // most come on the first days
    if (days.empty())
        return;
    p.newcomer = true;
    p.since = days[random.below(static_cast<std::uint32_t>(days.size()))];
}

void sendAway(Person &p, demo::Random &random, int first, int end)
{
    static constexpr unsigned byPlane[] = {10, 11, 12, 13, 14, 15, 5};
    if (!random.chance(0.34))
        return;
    std::vector<int> days;
    for (int day = first; day < end; ++day)
        if (isTravelTime(day))
            days.push_back(day);
    if (days.empty())
        return;
    auto &h = p.holiday;
    h.first = days[random.below(static_cast<std::uint32_t>(days.size()))];
    h.last = h.first + 4 + static_cast<int>(random.below(11));
    const auto near = campusCountries()[p.country].neighbours;
    h.byCar = !near.empty() && random.chance(0.5);
    h.country = h.byCar ? random.pick(near) : random.pick(std::span<const unsigned>(byPlane));
    if (h.country == p.country)
        h.country = p.country == 10 ? 14 : 10;
}

} // namespace

std::span<const Application> applications()
{
    static const Application all[] = {
        {"5b0c1d00-7f11-4a52-9c31-100000000001", "Mail"},
        {"5b0c1d00-7f11-4a52-9c31-100000000002", "Lecture rooms"},
        {"5b0c1d00-7f11-4a52-9c31-100000000003", "Library"},
        {"5b0c1d00-7f11-4a52-9c31-100000000004", "Timetable"},
        {"5b0c1d00-7f11-4a52-9c31-100000000005", "Marks"},
        {"5b0c1d00-7f11-4a52-9c31-100000000006", "Rosters"},
        {"5b0c1d00-7f11-4a52-9c31-100000000007", "Canteen"},
        {"5b0c1d00-7f11-4a52-9c31-100000000008", "Files"},
        {"5b0c1d00-7f11-4a52-9c31-100000000009", "Recordings"},
        {"5b0c1d00-7f11-4a52-9c31-10000000000a", "Payroll"},
    };
    return all;
}

std::vector<Person> campusPeople(unsigned count, std::uint64_t seed, int first, int end)
{
    std::vector<Person> people;
    people.reserve(count);
    for (unsigned i = 0; i < count; ++i) {
        demo::Random random(mixed(seed, i, 0x9e09));
        Person p;
        p.number = i;
        p.id = random.guid();
        const char *given = random.pick(std::span<const char *const>(givenNames));
        const char *family = random.pick(std::span<const char *const>(familyNames));
        p.name = fmt::format("{} {}", given, family);
        p.principal = fmt::format("{}.{}.{}@campus.example", given, family, i);
        for (char &c : p.principal)
            if (c >= 'A' && c <= 'Z')
                c = static_cast<char>(c - 'A' + 'a');
        p.role = drawRole(random);
        settle(p, random);
        equip(p, random);
        accustom(p, random);
        enrol(p, random, first, end);
        sendAway(p, random, first, end);
        // Two schools in twelve begin to send everything through a filter in the cloud.
        if (const unsigned school = p.site - static_cast<unsigned>(Site::Schools);
            p.site >= static_cast<unsigned>(Site::Schools) && (school == 2 || school == 7))
            p.filtered = first + (end - first) * (school == 2 ? 2 : 3) / 5;
        p.line = mixed(seed, i, 0x11e);
        if (p.role != Role::Abroad && p.prepaid == 0 && random.chance(0.25) && end > first)
            p.replaced = first + static_cast<int>(random.below(static_cast<std::uint32_t>(end - first)));
        // A family has one line, and in poorer places one phone.
        if (i > 0 && random.chance(0.3)) {
            const Person &other = people.back();
            if (other.country == p.country) {
                p.line = other.line;
                p.city = other.city;
                p.provider = other.provider;
                p.lease = other.lease;
                p.six = other.six;
            }
        }
        if (i > 0 && p.role == Role::Abroad) {
            // Neighbours in number are of all countries, so the family is looked for a little further back.
            for (unsigned back = 1; back <= std::min(i, 40U); ++back) {
                Person &other = people[i - back];
                if (other.role == Role::Abroad && other.country == p.country && random.chance(0.15)) {
                    other.familyPhone = p.familyPhone = true;
                    p.pocket = other.pocket;
                    p.carrier = other.carrier;
                    p.prepaid = other.prepaid;
                    p.line = other.line;
                    break;
                }
            }
        }
        people.push_back(std::move(p));
    }
    return people;
}

} // namespace riskdesk::lab

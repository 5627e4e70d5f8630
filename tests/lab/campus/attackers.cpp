#include "tests/lab/campus/attackers.h"

#include <algorithm>
#include <cmath>

namespace riskdesk::lab {
namespace {

constexpr std::int64_t attackSecond = 1'000'000, attackMinute = 60 * attackSecond,
                       attackDay = 1440 * attackMinute;
constexpr unsigned farCountries[] = {16, 17, 18, 7, 15};
constexpr unsigned enough = 5; // sign-ins before a takeover

} // namespace

enum class Attackers::Idea : std::uint8_t {
    Naive,
    Vpn,
    SameProvider,
    Residential,
    Targeted,
    Cookie,
    Phishing,
    Stealer,
    Fatigue,
    Weekly,
    Learning,
    Travel,
    Onion,
    Malware,
    Threat,
    Single, // from here on sprays
    Slow,
    Wide,
    Agent,
    ResidentialSpray,
    Rotating,
    Stuffing
};

struct Attackers::Row
{
    Idea idea;
    const char *kind;
    double per8000; // people taken over, or campaigns
};

const std::vector<Attackers::Row> &Attackers::rows()
{
    static const std::vector<Row> all = {
        {Idea::Naive, "takeover.naive", 50},
        {Idea::Vpn, "takeover.vpn", 50},
        {Idea::SameProvider, "takeover.sameProvider", 40},
        {Idea::Residential, "takeover.residential", 40},
        {Idea::Targeted, "takeover.targeted", 30},
        {Idea::Cookie, "takeover.cookie", 30},
        {Idea::Phishing, "takeover.phishing", 50},
        {Idea::Stealer, "takeover.stealer", 50},
        {Idea::Fatigue, "takeover.fatigue", 40},
        {Idea::Weekly, "takeover.weekly", 30},
        {Idea::Learning, "takeover.learning", 30},
        {Idea::Travel, "travel.attacker", 40},
        {Idea::Onion, "anonymous.tor", 30},
        {Idea::Malware, "malware", 30},
        {Idea::Threat, "threat", 20},
        {Idea::Single, "spray.single", 3},
        {Idea::Slow, "spray.slow", 3},
        {Idea::Wide, "spray.wide", 3},
        {Idea::Agent, "spray.agent", 3},
        {Idea::ResidentialSpray, "spray.residential", 3},
        {Idea::Rotating, "spray.rotating", 3},
        {Idea::Stuffing, "spray.stuffing", 3},
    };
    return all;
}

Attackers::Attackers(const Life &life, std::uint64_t seed, int first, int end)
    : m_life(life)
    , m_random(mixed(seed, 0xa77ac))
    , m_end(end)
    , m_attacked(life.people().size(), false)
{
    const double scale = static_cast<double>(life.people().size()) / 8000;
    const int days = end - first;
    for (const Row &row : rows()) {
        const bool sprays = row.idea >= Idea::Single;
        const auto count = std::max(1, static_cast<int>(std::lround(row.per8000 * scale)));
        // Most need victims with a past, and those who come again time to do it.
        const int from = row.idea == Idea::Learning ? days / 20 : days / 6;
        const int until = row.idea == Idea::Weekly ? days * 3 / 4 : std::max(from + 1, days - 4);
        for (int i = 0; i < count; ++i) {
            Plan plan;
            plan.day =
                first + from + static_cast<int>(m_random.below(static_cast<std::uint32_t>(until - from)));
            plan.row = &row;
            if (sprays)
                plan.campaign = ++m_campaigns;
            m_plans.push_back(plan);
        }
    }
    std::stable_sort(m_plans.begin(), m_plans.end(),
                     [](const Plan &a, const Plan &b) { return a.day < b.day; });
}

int Attackers::victimFor(const Row &row, int day, const std::vector<Event> &today)
{
    const bool meets = row.idea == Idea::Phishing || row.idea == Idea::Cookie || row.idea == Idea::Travel;
    for (int i = 0; i < 3000; ++i) {
        int person = -1;
        if (meets) {
            if (today.empty())
                return -1;
            const Event &e = today[m_random.below(static_cast<std::uint32_t>(today.size()))];
            person = e.code == 0 ? e.person : -1;
        } else {
            person = static_cast<int>(m_random.below(static_cast<std::uint32_t>(m_attacked.size())));
        }
        if (person < 0 || m_attacked[static_cast<std::size_t>(person)])
            continue;
        const auto number = static_cast<unsigned>(person);
        const unsigned past = m_life.successes(number);
        const bool fits = row.idea == Idea::Learning ? past < enough && day >= m_life.people()[number].since
                                                     : past >= enough;
        if (fits)
            return person;
    }
    return -1;
}

void Attackers::strike(int day, std::vector<Event> &today, std::vector<Event> &out)
{
    std::vector<Plan> now;
    const auto later =
        std::find_if(m_plans.begin(), m_plans.end(), [&](const Plan &p) { return p.day > day; });
    now.assign(m_plans.begin(), later);
    m_plans.erase(m_plans.begin(), later);
    for (Plan &plan : now) {
        if (plan.row->idea >= Idea::Single) {
            spray(plan, out);
            continue;
        }
        if (plan.victim < 0)
            plan.victim = victimFor(*plan.row, day, today);
        if (plan.victim < 0)
            continue;
        m_attacked[static_cast<std::size_t>(plan.victim)] = true;
        takeOver(plan, static_cast<unsigned>(plan.victim), today, out);
        ++plan.visits;
        const bool comesAgain = (plan.row->idea == Idea::Weekly && plan.visits < 4) ||
                                (plan.row->idea == Idea::Travel && plan.visits < 3);
        if (comesAgain) {
            plan.day = day + (plan.row->idea == Idea::Weekly ? 6 + static_cast<int>(m_random.below(3)) : 1);
            m_plans.insert(std::upper_bound(m_plans.begin(), m_plans.end(), plan,
                                            [](const Plan &a, const Plan &b) { return a.day < b.day; }),
                           plan);
        }
    }
}

Event Attackers::begun(const Plan &plan, unsigned victim) const
{
    Event e;
    e.person = static_cast<int>(victim);
    e.kind = plan.row->kind;
    e.compromise = true;
    e.application = 0; // mail comes first
    return e;
}

void Attackers::takeOver(const Plan &plan, unsigned victim, std::vector<Event> &today,
                         std::vector<Event> &out)
{
    const Person &p = m_life.people()[victim];
    const Idea idea = plan.row->idea;
    const auto key = mixed(victim, 0xa77);
    Event e = begun(plan, victim);
    // Whole sets of tools and countries belong to one attacker, whatever the day.
    demo::Random tools(key);
    e.device = computer(tools);
    const unsigned far = tools.pick(std::span<const unsigned>(farCountries));
    double hour = 24 * m_random.uniform();
    unsigned visits = 1 + m_random.below(3);
    int failures = 0, prompts = 0;
    std::int64_t between = 40 * attackMinute; // at most, from one to the next
    Event *own = nullptr;
    for (Event &t : today)
        if (t.person == e.person && t.code == 0 && !t.compromise)
            own = &t;
    std::int64_t start = momentOf(plan.day, hour, p.country);
    const auto homeLine = [&](unsigned city, std::uint64_t line) {
        const auto provider = static_cast<unsigned>(mixed(line, key, 9) % homeProviders);
        return fixedLine(p.country, city, provider, mixed(line, key), 0, false);
    };
    const auto cities = campusCountries()[p.country].cities.size();
    switch (idea) {
    case Idea::Naive:
    case Idea::Learning:
        e.where = tools.chance(0.5) ? rentedServer(far, key) : fixedLine(far, 0, 1, key, 0, false);
        failures = m_random.chance(0.4) ? 1 + static_cast<int>(m_random.below(3)) : 0;
        break;
    case Idea::Vpn: e.where = rentedServer(p.country, key); break;
    case Idea::SameProvider: e.where = fixedLine(p.country, p.city, p.provider, key, 0, false); break;
    case Idea::Residential: e.where = homeLine(p.city, 0); break;
    case Idea::Targeted:
        e.where = fixedLine(p.country, p.city, p.provider, key, 0, false);
        e.device = p.main;
        start = momentOf(plan.day, p.habits.front().hour, p.country);
        e.application = p.habits.front().application;
        break;
    case Idea::Cookie:
    case Idea::Phishing:
        if (own == nullptr)
            return;
        e.where = rentedServer(p.country, key);
        e.device = own->device;
        if (idea == Idea::Phishing) { // the server stands between the victim and the sign-in page
            Event through = *own;
            through.where = e.where;
            through.at += attackSecond * (120 + m_random.below(600));
            through.kind = e.kind;
            through.compromise = true;
            out.push_back(through);
            start = through.at + attackSecond * (60 + m_random.below(1200));
        } else {
            start = own->at + attackMinute * (20 + m_random.below(400));
        }
        break;
    case Idea::Stealer:
        e.where = homeLine(m_random.below(static_cast<std::uint32_t>(cities)), 0);
        e.device = p.main;
        e.device.lag = static_cast<std::uint8_t>(60 + tools.below(120)); // the log is weeks old
        visits = 3;
        between = 7 * attackMinute;
        break;
    case Idea::Fatigue:
        e.where = rentedServer(tools.chance(0.5) ? p.country : far, key);
        start = momentOf(plan.day, 1 + 4 * m_random.uniform(), p.country);
        prompts = 3 + static_cast<int>(m_random.below(6));
        visits = 1;
        break;
    case Idea::Weekly:
        e.where = homeLine(static_cast<unsigned>(key % cities), 1);
        visits = 1;
        break;
    case Idea::Travel:
        if (own == nullptr)
            return;
        e.where = rentedServer(far, key);
        start = own->at + attackMinute * (15 + m_random.below(105));
        visits = 1;
        break;
    case Idea::Onion: e.device = {Form::WindowsFirefox, 100, 0}; break;
    case Idea::Malware: e.where = listedBot(key); break;
    case Idea::Threat: e.where = listedAttacker(key); break;
    default: return;
    }
    e.at = start;
    for (int i = 0; i < failures + prompts; ++i) {
        Event tried = e;
        tried.compromise = prompts > 0; // the password is right by then
        tried.code = prompts > 0 ? 50074 : 50126;
        out.push_back(tried);
        e.at += attackSecond * (20 + m_random.below(prompts > 0 ? 70 : 900));
    }
    for (unsigned visit = 0; visit < visits; ++visit) {
        if (idea == Idea::Residential && visit > 0)
            e.where = homeLine(p.city, 100 + visit);
        if (idea == Idea::Onion)
            e.where = overOnion(m_random.next());
        out.push_back(e);
        e.at +=
            attackSecond + m_random.below(static_cast<std::uint32_t>(between / attackSecond)) * attackSecond;
        e.application = visit == 0 ? 7 : m_random.below(static_cast<std::uint32_t>(applications().size()));
    }
}

void Attackers::spray(const Plan &plan, std::vector<Event> &out)
{
    const Idea idea = plan.row->idea;
    const auto key = mixed(plan.campaign, 0x5b7a);
    demo::Random tools(key);
    const unsigned far = tools.pick(std::span<const unsigned>(farCountries));
    const Device common{Form::WindowsChrome, 30, 0}, rare{Form::LinuxFirefox, 250, 0};
    const auto everybody = static_cast<std::uint32_t>(m_attacked.size());
    const unsigned targets = std::min(everybody / 3, 300 + m_random.below(400));
    const std::int64_t length = idea == Idea::Slow       ? 5 * attackDay
                                : idea == Idea::Rotating ? attackDay
                                : idea == Idea::Stuffing ? 90 * attackMinute
                                                         : 4 * 60 * attackMinute;
    const std::int64_t start = momentOf(plan.day, 24 * m_random.uniform(), homeCountry);
    for (unsigned i = 0; i < targets; ++i) {
        Event e = begun(plan, m_random.below(everybody));
        e.campaign = plan.campaign;
        e.at = start + static_cast<std::int64_t>(static_cast<double>(length) * m_random.uniform());
        e.device = common;
        switch (idea) {
        case Idea::Wide: e.where = rentedServer(far, key + i % 60); break;
        case Idea::Stuffing: e.where = rentedServer(far, key + i % 3); break;
        case Idea::Agent:
            e.where = rentedServer(m_random.pick(std::span<const unsigned>(farCountries)), key + i);
            e.device = rare;
            break;
        case Idea::Rotating: e.device = computer(m_random); [[fallthrough]];
        case Idea::ResidentialSpray: {
            const unsigned country = m_random.below(static_cast<std::uint32_t>(campusCountries().size()));
            e.where = fixedLine(country, 0, m_random.below(homeProviders), key + i, 0, false);
            break;
        }
        default: e.where = rentedServer(far, key); break;
        }
        const auto number = static_cast<std::size_t>(e.person);
        const bool exists = plan.day >= m_life.people()[number].since;
        if (!exists || (idea == Idea::Stuffing && m_random.chance(0.6))) {
            e.stranger = "user" + std::to_string(m_random.below(100'000)) + "@campus.example";
            e.person = -1;
            e.code = 50034;
            e.compromise = false;
        } else if (!m_attacked[number] && m_random.chance(0.03)) {
            m_attacked[number] = true;
        } else {
            e.code = 50126;
            e.compromise = false;
        }
        out.push_back(std::move(e));
    }
}

} // namespace riskdesk::lab

// The three detections by lists against an evaluation of their own, sign-in by sign-in: every entry of every
// list is looked at in turn, and what is usual is counted from the whole past each time.
#ifndef Q_MOC_RUN // moc stumbles over the standard library behind these
#include "core/base/stable_hash.h"
#include "core/enrich/enricher.h"

#include "tests/unit/detect/detector_stage.h"

#include <rapidcheck.h>
#endif

#include <QTest>

#include <set>
#include <tuple>

using namespace riskdesk;
using namespace riskdesk::detect;
using namespace riskdesk::detect::test;

namespace {

struct Row
{
    IntelligenceList list;
    ListEntry entry;
};

struct Seen
{
    std::int64_t at;
    std::string user, ip;
    bool teaches = false;                                 // nothing of medium or more was found
    std::string habit;                                    // the provider it counts for, or empty
    std::vector<std::pair<std::string, bool>> indicators; // matched
};

using Found = std::set<std::pair<std::string, std::string>>; // type, level

class Dice
{
public:
    explicit Dice(unsigned seed)
        : m_state(std::uint64_t{seed} * 2654435761u + 1)
    {}
    unsigned operator()(unsigned n)
    {
        m_state = mixBits(m_state + 0x9e3779b97f4a7c15u);
        return static_cast<unsigned>(m_state % n);
    }

private:
    std::uint64_t m_state;
};

const Timestamp begin = time("2026-01-05T00:00:00Z");

std::vector<Row> randomRows(Dice &dice)
{
    static const char *networks[] = {"203.0.113.0/24", "203.0.113.0/28", "203.0.113.4/30", "203.0.113.5/32",
                                     "203.0.113.0/30", "203.0.112.0/22", "203.0.113.8/29", "203.0.113.6/32",
                                     "2001:db8::/32",  "2001:db8::/64",  "2001:db8::1/128"};
    static const NetworkClass kinds[] = {NetworkClass::Tor,         NetworkClass::Vpn,
                                         NetworkClass::PublicProxy, NetworkClass::ResidentialProxy,
                                         NetworkClass::Relay,       NetworkClass::Hosting};
    std::vector<Row> rows;
    const bool comeLate = dice(3) == 0; // so that many share an address before it is listed
    for (unsigned l = 0; l < 6; ++l) {
        IntelligenceList list;
        list.id = l + 1;
        list.kind = static_cast<ListKind>(1 + l % 3);
        list.name = "list" + std::to_string(l);
        list.date = begin + day * dice(3);
        for (unsigned n = 2 + dice(5); n > 0; --n) {
            auto e = Lists::network(networks[dice(std::size(networks))]);
            e.list = list.id;
            if (list.kind == ListKind::Anonymizer) {
                e.kind = kinds[dice(std::size(kinds))];
                e.name = "provider" + std::to_string(dice(3));
            }
            e.confidence = static_cast<int>(dice(110)) - 1;
            e.confidence = e.confidence > 100 ? -1 : e.confidence;
            if (comeLate || dice(2) == 0)
                e.from = (begin + day * (comeLate ? 20 + dice(10) : dice(40))).us;
            if (dice(2) == 0)
                e.until = std::max(e.from == beginningOfTime ? begin.us : e.from,
                                   (begin + day * dice(50) + hour * dice(24)).us);
            rows.push_back({list, e});
        }
    }
    return rows;
}

// The rules of the design, written down a second time and without haste.
class BruteForce
{
public:
    BruteForce(std::vector<Row> rows, bool guarded)
        : m_rows(std::move(rows))
        , m_guarded(guarded)
    {}

    Found judge(const Happening &h)
    {
        const auto ip = *IpAddress::parse(h.ip);
        const auto inside = [&](const Row &r, ListKind kind) {
            return r.list.kind == kind && r.entry.first <= ip && ip <= r.entry.last;
        };
        Seen seen{h.at.us, h.user, h.ip, false, {}, {}};
        Found found;
        bool flagged = false;
        const auto raise = [&](DetectionType type, RiskLevel level) {
            found.emplace(toText(type), toText(level));
            flagged = flagged || level >= RiskLevel::Medium;
        };

        // Anonymous IP address: the narrowest that holds decides; of equals the strongest kind.
        bool hosting = false, anyMalware = false, anyThreat = false;
        const Row *best = nullptr;
        for (const Row &r : m_rows) {
            anyMalware = anyMalware || inside(r, ListKind::Malware);
            anyThreat = anyThreat || inside(r, ListKind::Threat);
            if (!inside(r, ListKind::Anonymizer))
                continue;
            hosting = hosting || r.entry.kind == NetworkClass::Hosting;
            const auto grace = r.entry.kind == NetworkClass::Tor ? day : day * 7;
            if (rank(r) == 0 || !holds(r, h.at.us, grace.count()))
                continue;
            if (best == nullptr || order(r) < order(*best))
                best = &r;
        }
        bool quiet = false;
        if (best != nullptr && best->entry.kind != NetworkClass::Relay) {
            const bool known = h.familiarity.deviceKnown;
            const bool habit = isHabit(h.user, best->entry.name, h.at.us);
            const auto byKind =
                best->entry.kind == NetworkClass::Tor   ? (known ? RiskLevel::Medium : RiskLevel::High)
                : best->entry.kind == NetworkClass::Vpn ? (known ? RiskLevel::Low : RiskLevel::Medium)
                                                        : RiskLevel::Medium;
            raise(DetectionType::AnonymizedIPAddress, habit ? RiskLevel::Low : byKind);
            quiet = known && !anyMalware && !anyThreat && (habit || best->entry.kind == NetworkClass::Vpn);
            seen.habit = best->entry.name;
        }

        // Malware: the most certain entry that holds; whoever shares the address softens it.
        int certain = -1;
        std::set<std::string> matched;
        for (const Row &r : m_rows) {
            if (!inside(r, ListKind::Malware))
                continue;
            matched.insert("malware " + r.entry.indicator);
            const bool own = isOwnTraffic("malware " + r.entry.indicator, h.at.us);
            if (holds(r, h.at.us, (day * (hosting ? 30 : 7)).count()) && !own)
                certain = std::max(certain, confidence(r));
        }
        if (certain >= 0) {
            std::set<std::string> users;
            for (const Seen &s : m_past)
                if (s.ip == h.ip && s.teaches && s.at >= h.at.us - (day * 30).count())
                    users.insert(s.user);
            raise(DetectionType::MalwareInfectedIPAddress, users.size() > 10 ? RiskLevel::Low
                                                           : certain >= 80 && users.size() <= 2
                                                               ? RiskLevel::High
                                                               : RiskLevel::Medium);
        }

        // Threat intelligence: the most certain indicator that holds and is not the directory's own traffic.
        int threat = -1;
        for (const Row &r : m_rows) {
            if (!inside(r, ListKind::Threat))
                continue;
            matched.insert("threat " + r.entry.indicator);
            const bool own = isOwnTraffic("threat " + r.entry.indicator, h.at.us);
            if (holds(r, h.at.us, 0) && !own)
                threat = std::max(threat, confidence(r));
        }
        if (threat >= 0)
            raise(DetectionType::InvestigationsThreatIntelligence, threat >= 80   ? RiskLevel::High
                                                                   : threat >= 50 ? RiskLevel::Medium
                                                                                  : RiskLevel::Low);

        seen.teaches = !flagged;
        if (flagged && !quiet)
            seen.habit.clear();
        for (const auto &indicator : matched)
            seen.indicators.emplace_back(indicator, true);
        m_past.push_back(std::move(seen));
        return found;
    }
    [[nodiscard]] bool everSetAside() const { return m_setAside; }

private:
    static int rank(const Row &r)
    {
        switch (r.entry.kind) {
        case NetworkClass::Tor: return 5;
        case NetworkClass::PublicProxy: return 4;
        case NetworkClass::ResidentialProxy: return 3;
        case NetworkClass::Vpn: return 2;
        case NetworkClass::Relay: return 1;
        default: return 0;
        }
    }
    // Nested networks: the later the first address and the earlier the last, the narrower. Then the kind,
    // the newer list, its name, the later beginning.
    static std::tuple<int, int, std::int64_t, std::string, std::int64_t> order(const Row &r)
    {
        const auto slash = r.entry.indicator.find('/');
        const int bits = std::stoi(r.entry.indicator.substr(slash + 1));
        return {-bits, -rank(r), -r.list.date.us, r.list.name,
                r.entry.from == beginningOfTime ? endOfTime : -r.entry.from};
    }
    static int confidence(const Row &r) { return r.entry.confidence < 0 ? 50 : r.entry.confidence; }
    static bool holds(const Row &r, std::int64_t at, std::int64_t grace)
    {
        return at >= r.entry.from && (r.entry.until == endOfTime || at <= r.entry.until + grace);
    }
    bool isHabit(const std::string &user, const std::string &provider, std::int64_t) const
    {
        std::int64_t first = 0, last = 0;
        int count = 0;
        for (const Seen &s : m_past)
            if (s.user == user && s.habit == provider) {
                first = count++ == 0 ? s.at : first;
                last = s.at;
            }
        return count >= 3 && last - first >= (day * 7).count();
    }
    bool isOwnTraffic(const std::string &indicator, std::int64_t at)
    {
        const auto dayOf = [](std::int64_t us) { return us / day.count(); }; // after 1970
        std::size_t all = 0, matched = 0;
        std::set<std::string> users;
        std::set<std::int64_t> days;
        for (const Seen &s : m_past) {
            const bool here =
                std::ranges::any_of(s.indicators, [&](const auto &i) { return i.first == indicator; });
            if (here)
                users.insert(s.user);
            if (dayOf(s.at) < dayOf(at) - 30)
                continue;
            ++all;
            matched += here ? 1 : 0;
            if (here)
                days.insert(dayOf(s.at));
        }
        if (m_guarded && all >= 50 && users.size() >= 2 && days.size() >= 5 && matched * 100 > all * 2)
            m_aside.insert(indicator); // and so it stays
        m_setAside = !m_aside.empty();
        return m_aside.contains(indicator);
    }

    std::vector<Row> m_rows;
    bool m_guarded;
    std::vector<Seen> m_past;
    std::set<std::string> m_aside;
    bool m_setAside = false;
};

} // namespace

class ListExactnessTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void findsWhatTheRulesSay()
    {
        qputenv("RC_PARAMS", "seed=20260119 max_success=150");
        std::map<std::string, int> levels;
        int setAside = 0;
        const bool ok = rc::check("event by event", [&] {
            Dice dice(*rc::gen::arbitrary<unsigned>());
            auto rows = randomRows(dice);
            const bool guarded = dice(2) == 0;
            if (!guarded && dice(2) == 0) // so that many share an address that nobody doubts
                std::erase_if(rows, [](const Row &r) { return r.list.kind != ListKind::Malware; });
            enrich::Enricher enricher;
            for (std::uint32_t id = 1; id <= 6; ++id) {
                std::vector<ListEntry> entries;
                IntelligenceList list;
                for (const Row &r : rows)
                    if (r.list.id == id) {
                        list = r.list;
                        entries.push_back(r.entry);
                    }
                enricher.addList(list, std::move(entries));
            }
            Tuning tuning;
            if (!guarded)
                tuning.set(Tune::ThreatQuarantinePercent, 100);
            BruteForce brute(rows, guarded);
            Stage stage(tuning);
            std::map<std::string, AddressFacts> facts;
            const unsigned quietPerListed = dice(guarded ? 60 : 8); // so that few runs set indicators aside
            const unsigned users = 5 + dice(30), addresses = 1 + dice(dice(2) == 0 ? 12 : 1);
            const unsigned firstAddress = dice(13 - addresses);
            Timestamp at = begin;
            for (int i = 0; i < 250; ++i) {
                at = at + hour * dice(9) + second * (1 + dice(3000));
                Happening h{.at = at, .user = "u" + std::to_string(dice(users))};
                h.ip = dice(quietPerListed + 2) > 1 ? "198.51.100." + std::to_string(dice(20))
                       : dice(4) == 0               ? "2001:db8::" + std::to_string(dice(3))
                                      : "203.0.113." + std::to_string(firstAddress + dice(addresses));
                h.familiarity = dice(2) == 0 ? Happening::known() : Happening::strange();
                if (!facts.contains(h.ip))
                    facts[h.ip] = enricher.facts(*IpAddress::parse(h.ip));
                h.facts = &facts[h.ip];
                Found found;
                for (const Noted &n : stage.play(h))
                    found.emplace(toText(n.type), toText(n.level));
                const auto expected = brute.judge(h);
                for (const auto &[type, level] : expected)
                    ++levels[type + ' ' + level];
                RC_ASSERT(found == expected);
            }
            setAside += brute.everSetAside() ? 1 : 0;
        });
        QVERIFY(ok);
        // What was compared was worth comparing.
        QVERIFY(setAside > 5);
        for (const char *type :
             {"anonymizedIPAddress", "malwareInfectedIPAddress", "investigationsThreatIntelligence"})
            for (const char *level : {"low", "medium", "high"})
                QVERIFY2(
                    levels[std::string(type) + ' ' + level] > 10,
                    qPrintable(
                        QString("%1 %2: %3").arg(type, level).arg(levels[std::string(type) + ' ' + level])));
    }
};

QTEST_APPLESS_MAIN(ListExactnessTest)
#include "tst_list_exactness.moc"

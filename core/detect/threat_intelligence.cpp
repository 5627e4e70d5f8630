#include "core/detect/threat_intelligence.h"

#include "core/detect/list_evidence.h"
#include "core/detect/shards.h"
#include "core/detect/stable_hash.h"

#include <algorithm>
#include <unordered_map>

namespace riskdesk::detect {
namespace {

constexpr std::size_t mostIndicators = 1024;
constexpr std::size_t mostDays = 128;
constexpr std::uint64_t leastSuccesses = 50;
constexpr std::size_t leastUsers = 2;

// Successes by UTC day, ascending.
struct DayCounts
{
    struct Day
    {
        std::int32_t day = 0;
        std::uint32_t count = 0;
    };
    std::vector<Day> days;

    void add(std::int32_t day, std::int32_t keep)
    {
        if (days.empty() || days.back().day < day) {
            std::erase_if(days, [&](const Day &d) { return d.day < day - keep; });
            days.push_back({day, 0});
        }
        ++days.back().count;
    }
    std::uint64_t since(std::int32_t first) const
    {
        std::uint64_t sum = 0;
        for (const Day &d : days)
            if (d.day >= first)
                sum += d.count;
        return sum;
    }
};

struct Indicator
{
    DayCounts matched;
    std::vector<std::uint32_t> users; // the first few; only how many there are is asked
};

struct Counts
{
    static constexpr std::uint8_t version = 1;
    std::int64_t newest = INT64_MIN;
    EventKey newestKey{};
    DayCounts successes;
    std::unordered_map<std::uint64_t, Indicator> indicators; // by stable hash of the text

    void write(StateWriter &out) const
    {
        out.put(newest);
        out.put(newestKey);
        putRows(out, successes.days);
        std::vector<std::uint64_t> order;
        for (const auto &[key, indicator] : indicators)
            order.push_back(key);
        std::sort(order.begin(), order.end());
        out.put(static_cast<std::uint32_t>(order.size()));
        for (const auto key : order) {
            out.put(key);
            putRows(out, indicators.at(key).matched.days);
            putRows(out, indicators.at(key).users);
        }
    }
    bool read(StateReader &in)
    {
        std::uint32_t count = 0;
        if (!in.get(newest) || !in.get(newestKey) || !getRows(in, successes.days, mostDays) ||
            !in.get(count) || count > mostIndicators)
            return false;
        for (; count > 0; --count) {
            std::uint64_t key = 0;
            if (!in.get(key) || !getRows(in, indicators[key].matched.days, mostDays) ||
                !getRows(in, indicators[key].users, leastUsers))
                return false;
        }
        return true;
    }
};

class ThreatIntelligence final : public Detector
{
public:
    ThreatIntelligence(const Tuning &tuning, StateSource &source, const Names &names)
        : m_tuning(tuning)
        , m_names(names)
    {
        static_cast<void>(readPart(source.load(StatePart::Global, 2), m_counts));
    }

    DetectionType type() const override { return DetectionType::InvestigationsThreatIntelligence; }
    Verdict judge(const Sighting &sighting, const Familiarity &familiarity, bool explain) override;
    void learn(const Sighting &sighting, const Familiarity &familiarity, bool teaches) override;
    void save(StateSink &sink) override
    {
        if (m_changed)
            sink.save(StatePart::Global, 2, writePart(m_counts));
        m_changed = false;
    }

private:
    struct Share
    {
        std::uint64_t matched = 0, all = 0;
        bool tooMuch = false;
        double percent() const
        {
            return all == 0 ? 0 : 100 * static_cast<double>(matched) / static_cast<double>(all);
        }
    };
    // An indicator of several fields names a sign-in only when all of them do.
    bool names(const Sighting &sighting, const ListEntry &entry) const
    {
        if (entry.first.isKnown() && !(entry.first <= sighting.ip && sighting.ip <= entry.last))
            return false;
        return entry.userAgent.empty() ||
               (sighting.threatAgent != nullptr && sighting.threatAgent->entry == &entry) ||
               m_names.text(Dictionary::UserAgent, sighting.row.userAgent) == entry.userAgent;
    }
    static std::uint64_t keyOf(const ListEntry &entry)
    {
        return mixBits(stableHash(entry.indicator) + stableHash(entry.userAgent));
    }
    static std::string_view field(const ListEntry &entry)
    {
        if (entry.first.isKnown())
            return !entry.userAgent.empty()    ? "networkAndUserAgent"
                   : entry.first == entry.last ? "ipAddress"
                                               : "network";
        return !entry.userAgent.empty() ? "userAgent" : entry.asn != 0 ? "asn" : "other";
    }
    Share share(const ListEntry &entry, std::int64_t at) const;
    template <typename Function>
    void forEachMatch(const Sighting &sighting, Function function) const
    {
        for (const ListMatch &match : sighting.facts->threats)
            if (names(sighting, *match.entry))
                function(match);
        if (const auto *agent = sighting.threatAgent; agent != nullptr && names(sighting, *agent->entry)) {
            const auto &threats = sighting.facts->threats;
            if (std::none_of(threats.begin(), threats.end(),
                             [&](const ListMatch &m) { return m.entry == agent->entry; }))
                function(*agent);
        }
    }

    Tuning m_tuning;
    const Names &m_names;
    Counts m_counts;
    bool m_changed = false;
};

ThreatIntelligence::Share ThreatIntelligence::share(const ListEntry &entry, std::int64_t at) const
{
    Share share;
    const auto first = static_cast<std::int32_t>(
        floorDivide(plus(at, -span(m_tuning[Tune::ThreatQuarantineDays], dayUs)), dayUs));
    share.all = m_counts.successes.since(first);
    const auto known = m_counts.indicators.find(keyOf(entry));
    if (known == m_counts.indicators.end())
        return share;
    share.matched = known->second.matched.since(first);
    share.tooMuch = share.all >= leastSuccesses && known->second.users.size() >= leastUsers &&
                    share.percent() > m_tuning[Tune::ThreatQuarantinePercent];
    return share;
}

Verdict ThreatIntelligence::judge(const Sighting &sighting, const Familiarity &, bool explain)
{
    Verdict v;
    if (!sighting.succeeded()) {
        v.reason = Reason::NotASuccess;
        return v;
    }
    if (!m_tuning.on(Tune::ThreatEnabled)) {
        v.reason = Reason::SwitchedOff;
        return v;
    }
    if (sighting.facts->threats.empty() && sighting.threatAgent == nullptr)
        return v; // not listed
    ListMatch best, aside, other;
    Share bestShare, asideShare;
    const auto better = [](const ListMatch &a, const ListMatch &b) {
        if (b.entry == nullptr)
            return true;
        const int gain = confidenceOf(*a.entry) - confidenceOf(*b.entry);
        return gain > 0 ||
               (gain == 0 && (sameRange(*a.entry, *b.entry) || !a.entry->first.isKnown()) && preferred(a, b));
    };
    forEachMatch(sighting, [&](const ListMatch &match) {
        if (!holdsAt(*match.entry, sighting.row.at, 0)) {
            if (better(match, other))
                other = match;
            return;
        }
        const Share s = share(*match.entry, sighting.row.at);
        if (s.tooMuch ? better(match, aside) : better(match, best)) {
            (s.tooMuch ? aside : best) = match;
            (s.tooMuch ? asideShare : bestShare) = s;
        }
    });
    const ListMatch &match = best.entry != nullptr ? best : aside.entry != nullptr ? aside : other;
    if (match.entry == nullptr)
        return v;
    const int confidence = confidenceOf(*match.entry);
    const Share &shown = best.entry != nullptr ? bestShare : asideShare;
    v.value = shown.percent();
    v.limit = m_tuning[Tune::ThreatQuarantinePercent];
    v.unit = "%";
    if (best.entry != nullptr) {
        v.reason = Reason::Raised;
        v.level = confidence >= m_tuning[Tune::ThreatHighConfidence]     ? RiskLevel::High
                  : confidence >= m_tuning[Tune::ThreatMediumConfidence] ? RiskLevel::Medium
                                                                         : RiskLevel::Low;
        v.foldKey = match.entry->indicator;
    } else if (aside.entry != nullptr) {
        v.reason = Reason::SetAside;
    } else {
        v.reason = Reason::ListedAtAnotherTime;
        v.value =
            static_cast<double>(missedBy(*match.entry, sighting.row.at, 0)) / static_cast<double>(dayUs);
        v.limit = 0;
        v.unit = "days";
    }
    if (v.reason != Reason::Raised && !explain)
        return v;

    Evidence &e = v.evidence;
    addListFacts(e, match, sighting.row.at, "indicator", "validFrom", "validUntil");
    e.add("field", std::string(field(*match.entry)));
    if (match.entry->confidence >= 0)
        e.add("confidence", static_cast<std::int64_t>(match.entry->confidence));
    e.add("label", match.entry->name);
    e.add("trusted", sighting.trusted());
    e.add("matchedSuccesses", static_cast<std::int64_t>(shown.matched));
    e.add("allSuccesses", static_cast<std::int64_t>(shown.all));
    e.add("matchedPercent", shown.percent());
    if (aside.entry != nullptr) { // also when another indicator was raised
        e.add("warning", std::string("indicatorMatchesOwnTraffic"));
        e.add("setAside", aside.entry->indicator);
    }
    e.signals.push_back({"list", "", match.entry->indicator,
                         v.reason == Reason::Raised ? SignalResult::OnList : SignalResult::Unknown, 0});
    return v;
}

void ThreatIntelligence::learn(const Sighting &sighting, const Familiarity &, bool)
{
    if (sighting.late || !sighting.succeeded())
        return;
    const std::int64_t at = sighting.row.at;
    if (at < m_counts.newest || (at == m_counts.newest && sighting.row.eventKey == m_counts.newestKey))
        return; // taught afterwards; it was counted when it came
    m_changed = true;
    m_counts.newest = at;
    m_counts.newestKey = sighting.row.eventKey;
    const auto day = static_cast<std::int32_t>(floorDivide(at, dayUs));
    const auto keep = static_cast<std::int32_t>(m_tuning[Tune::ThreatQuarantineDays]) + 1;
    m_counts.successes.add(day, keep);
    if (sighting.facts->threats.empty() && sighting.threatAgent == nullptr)
        return;
    std::uint64_t counted[8] = {}; // an indicator on several lists is counted once
    std::size_t count = 0;
    forEachMatch(sighting, [&](const ListMatch &match) {
        const auto key = keyOf(*match.entry);
        if (count == std::size(counted) || std::find(counted, counted + count, key) != counted + count)
            return;
        counted[count++] = key;
        auto &all = m_counts.indicators;
        if (all.size() >= mostIndicators && !all.contains(key)) {
            std::erase_if(all,
                          [&](const auto &entry) { return entry.second.matched.since(day - keep) == 0; });
            if (all.size() >= mostIndicators) // the one that matched least says least
                all.erase(std::min_element(all.begin(), all.end(), [&](const auto &a, const auto &b) {
                    const auto left = a.second.matched.since(day - keep),
                               right = b.second.matched.since(day - keep);
                    return left != right ? left < right : a.first < b.first;
                }));
        }
        Indicator &indicator = all[key];
        indicator.matched.add(day, keep);
        auto &users = indicator.users;
        if (users.size() < leastUsers &&
            std::find(users.begin(), users.end(), sighting.row.user) == users.end())
            users.push_back(sighting.row.user);
    });
}

} // namespace

std::unique_ptr<Detector> makeThreatIntelligence(const Tuning &tuning, StateSource &source,
                                                 const Names &names)
{
    return std::make_unique<ThreatIntelligence>(tuning, source, names);
}

} // namespace riskdesk::detect

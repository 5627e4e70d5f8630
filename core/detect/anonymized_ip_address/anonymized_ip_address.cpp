#include "core/detect/anonymized_ip_address/anonymized_ip_address.h"

#include "core/base/stable_hash.h"
#include "core/detect/event_time.h"
#include "core/detect/list_evidence.h"
#include "core/detect/shards.h"
#include "core/detect/usual/features.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace riskdesk::detect {
namespace {

constexpr std::size_t mostProviders = 8; // a user
constexpr std::int64_t rememberUs = 180 * dayUs;

struct Habit
{
    std::uint64_t provider = 0; // stable hash of its name
    std::int64_t first = 0, last = 0;
    std::uint64_t successes = 0;
};

struct HabitShard
{
    static constexpr std::uint8_t version = 2;
    std::unordered_map<std::uint32_t, std::vector<Habit>> users;

    void write(StateWriter &out) const
    {
        std::vector<std::uint32_t> order;
        for (const auto &[user, habits] : users)
            order.push_back(user);
        std::sort(order.begin(), order.end());
        out.put(static_cast<std::uint32_t>(order.size()));
        for (const auto user : order) {
            out.put(user);
            out.putRows(users.at(user));
        }
    }
    bool read(StateReader &in)
    {
        std::uint32_t count = 0;
        if (!in.get(count))
            return false;
        for (; count > 0; --count) {
            std::uint32_t user = 0;
            if (!in.get(user) || !in.getRows(users[user], mostProviders))
                return false;
        }
        return true;
    }
};

// 0: says nothing by itself.
int strength(NetworkClass kind)
{
    switch (kind) {
    case NetworkClass::Tor: return 5;
    case NetworkClass::PublicProxy: return 4;
    case NetworkClass::ResidentialProxy: return 3;
    case NetworkClass::Vpn:
    case NetworkClass::Unknown: return 2; // listed as an anonymizer, of a kind the list does not name
    case NetworkClass::Relay: return 1;
    default: return 0;
    }
}

class AnonymizedIpAddress final : public Detector
{
public:
    AnonymizedIpAddress(const Tuning &tuning, StateSource &source, const Names &names)
        : m_tuning(tuning)
        , m_names(names)
        , m_habits(StatePart::Habit, source)
    {}

    DetectionType type() const override { return DetectionType::AnonymizedIPAddress; }
    Verdict judge(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool explain) override;
    void learn(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool teaches) override;
    void save(StateSink &sink) override { m_habits.save(sink); }

private:
    struct Found
    {
        const ListMatch *active = nullptr;  // what decides
        const ListMatch *hosting = nullptr; // active, but only evidence
        const ListMatch *other = nullptr;   // an anonymizer at another time
    };
    std::int64_t grace(NetworkClass kind) const
    {
        return kind == NetworkClass::Tor ? span(m_tuning[Tune::AnonymizerTorGraceHours], hourUs)
                                         : span(m_tuning[Tune::AnonymizerGraceDays], dayUs);
    }
    Found find(const EnrichedSignIn &signIn) const;
    static std::string provider(const EnrichedSignIn &signIn, const ListMatch &match);
    static RiskLevel level(NetworkClass kind, bool deviceKnown);
    static std::uint64_t shardOf(std::uint32_t user) { return mixBits(user + std::uint64_t{1}); }
    const Habit *habit(std::uint32_t user, std::string_view provider, std::int64_t at);
    bool isHabit(const Habit *habit) const
    {
        return habit != nullptr &&
               static_cast<double>(habit->successes) >= m_tuning[Tune::AnonymizerHabitSuccesses] &&
               minus(habit->last, habit->first) >= span(m_tuning[Tune::AnonymizerHabitDays], dayUs);
    }

    const Tuning &m_tuning;
    const Names &m_names;
    Shards<HabitShard> m_habits;
};

AnonymizedIpAddress::Found AnonymizedIpAddress::find(const EnrichedSignIn &signIn) const
{
    Found found;
    for (const ListMatch &match : signIn.facts->anonymizers) { // longest prefix first
        const NetworkClass kind = match.entry->kind;
        const bool holds = holdsAt(*match.entry, signIn.row.at, grace(kind));
        const ListMatch *&place = !holds ? found.other : strength(kind) == 0 ? found.hosting : found.active;
        if (!holds && strength(kind) == 0)
            continue;
        if (place == nullptr) {
            place = &match;
            continue;
        }
        if (!sameRange(*place->entry, *match.entry))
            continue;
        const int gain = strength(kind) - strength(place->entry->kind);
        if (gain > 0 || (gain == 0 && preferred(match, *place)))
            place = &match;
    }
    return found;
}

// Lists of VPN networks seldom name the provider; its AS is the next best name, being the same tomorrow.
std::string AnonymizedIpAddress::provider(const EnrichedSignIn &signIn, const ListMatch &match)
{
    if (!match.entry->name.empty())
        return match.entry->name;
    if (match.entry->kind == NetworkClass::Tor)
        return "Tor";
    if (signIn.asn != 0)
        return fmt::format("AS{}", signIn.asn);
    return match.list != nullptr && !match.list->name.empty() ? match.list->name
                                                              : std::string(toText(match.entry->kind));
}

RiskLevel AnonymizedIpAddress::level(NetworkClass kind, bool deviceKnown)
{
    switch (kind) {
    case NetworkClass::Tor: return deviceKnown ? RiskLevel::Medium : RiskLevel::High;
    case NetworkClass::PublicProxy:
    case NetworkClass::ResidentialProxy: return RiskLevel::Medium;
    default: return deviceKnown ? RiskLevel::Low : RiskLevel::Medium;
    }
}

const Habit *AnonymizedIpAddress::habit(std::uint32_t user, std::string_view provider, std::int64_t at)
{
    const auto &users = m_habits.at(shardOf(user)).users;
    const auto known = users.find(user);
    if (known == users.end())
        return nullptr;
    const auto hash = stableHash(provider);
    for (const Habit &h : known->second)
        if (h.provider == hash)
            return minus(at, h.last) > rememberUs ? nullptr : &h;
    return nullptr;
}

Verdict AnonymizedIpAddress::judge(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool explain)
{
    Verdict v;
    if (!signIn.succeeded()) {
        v.reason = Reason::NotASuccess;
        return v;
    }
    if (!m_tuning.on(Tune::AnonymizerEnabled)) {
        v.reason = Reason::SwitchedOff;
        return v;
    }
    if (signIn.facts->anonymizers.empty())
        return v; // not listed
    const Found found = find(signIn);
    const ListMatch *match = found.active != nullptr  ? found.active
                             : found.other != nullptr ? found.other
                                                      : found.hosting;
    if (match == nullptr)
        return v;
    const NetworkClass kind = match->entry->kind;
    const std::string by = provider(signIn, *match);
    const Habit *known = found.active == nullptr ? nullptr : habit(signIn.row.user, by, signIn.row.at);
    v.value = known == nullptr ? 0 : static_cast<double>(known->successes);
    v.limit = m_tuning[Tune::AnonymizerHabitSuccesses];
    v.unit = "sign-ins";
    if (found.active == nullptr) {
        v.reason = found.other != nullptr ? Reason::ListedAtAnotherTime : Reason::NotListed;
        v.value = static_cast<double>(missedBy(*match->entry, signIn.row.at, 0)) / static_cast<double>(dayUs);
        v.limit = static_cast<double>(grace(kind)) / static_cast<double>(dayUs);
        v.unit = "days";
    } else if (kind == NetworkClass::Relay) {
        v.reason = Reason::NotEvaluable;
    } else if (signIn.trusted()) {
        v.reason = Reason::Trusted;
    } else {
        v.reason = Reason::Raised;
        // Nobody's device is known before anything was learnt of them.
        v.level =
            isHabit(known) ? RiskLevel::Low : level(kind, familiarity.deviceKnown || familiarity.learning);
        v.foldKey = by;
    }
    if (v.reason != Reason::Raised && !explain)
        return v;

    AnonymizedIpEvidence e;
    e.list = listFacts(*match, signIn.row.at);
    e.kind = kind;
    e.provider = by;
    e.confidence = givenConfidence(*match->entry);
    if (known != nullptr) {
        e.habitSuccesses = known->successes;
        e.habitSince = Timestamp{known->first};
        e.habitDays = minus(known->last, known->first) / dayUs;
    }
    e.habit = isHabit(known);
    e.deviceKnown = familiarity.deviceKnown;
    e.learning = familiarity.learning;
    e.hosting = found.hosting != nullptr;
    v.evidence.facts = std::move(e);
    v.evidence.signals.push_back(
        {"list", "", by, found.active != nullptr ? SignalResult::OnList : SignalResult::AsUsual, 0});
    const auto device = deviceText(m_names, signIn.deviceKey(), signIn.agentBrowser, signIn.agentSystem);
    if (!device.empty())
        v.evidence.signals.push_back(familiarity.deviceKnown
                                         ? Signal{"device", device, device, SignalResult::AsUsual, 0}
                                         : Signal{"device", "", device, SignalResult::New, 0});
    return v;
}

void AnonymizedIpAddress::learn(const EnrichedSignIn &signIn, const Familiarity &familiarity, bool teaches)
{
    if (signIn.facts->anonymizers.empty() || !signIn.succeeded() || signIn.row.user == 0)
        return;
    const Found found = find(signIn);
    if (found.active == nullptr || found.active->entry->kind == NetworkClass::Relay)
        return;
    const std::string by = provider(signIn, *found.active);
    const std::int64_t at = signIn.row.at;
    const bool quiet = (familiarity.deviceKnown || familiarity.learning) && signIn.facts->malware.empty() &&
                       signIn.facts->threats.empty() && signIn.threatAgent == nullptr &&
                       (level(found.active->entry->kind, true) == RiskLevel::Low ||
                        isHabit(habit(signIn.row.user, by, at)) || signIn.trusted());
    if (!teaches && !quiet)
        return;
    auto &habits = m_habits.change(shardOf(signIn.row.user)).users[signIn.row.user];
    std::erase_if(habits, [&](const Habit &h) { return minus(at, h.last) > rememberUs; });
    const auto hash = stableHash(by);
    const auto known =
        std::find_if(habits.begin(), habits.end(), [&](const Habit &h) { return h.provider == hash; });
    if (known != habits.end()) {
        if (teaches && quiet && at <= known->last)
            return; // taught afterwards, and counted when it came
        known->first = std::min(known->first, at);
        known->last = std::max(known->last, at);
        ++known->successes;
        return;
    }
    if (habits.size() >= mostProviders)
        habits.erase(std::min_element(habits.begin(), habits.end(), [](const Habit &a, const Habit &b) {
            return std::tie(a.last, a.successes, a.provider) < std::tie(b.last, b.successes, b.provider);
        }));
    habits.push_back({hash, at, at, 1});
}

} // namespace

std::unique_ptr<Detector> makeAnonymizedIpAddress(const Shared &shared)
{
    return std::make_unique<AnonymizedIpAddress>(shared.tuning, shared.source, shared.names);
}

} // namespace riskdesk::detect

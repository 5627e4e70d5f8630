// A stage for detectors: told sign-ins in words, it feeds them as the engine does (every detector judges,
// then learns, then the shared profiles learn) and writes down what was found. Its memory can be saved and
// begun again, and its dictionary ids can be dealt out in another order.
#pragma once

#include "core/base/digest.h"
#include "core/detect/anonymized_ip_address/anonymized_ip_address.h"
#include "core/detect/malware_infected_ip_address/malware_infected_ip_address.h"
#include "core/detect/password_spray/password_spray.h"
#include "core/detect/threat_intelligence/threat_intelligence.h"
#include "core/detect/usual/features.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace riskdesk::detect::test {

class MemoryState final : public StateSource, public StateSink
{
public:
    std::map<std::pair<int, std::uint64_t>, std::string> parts;
    std::optional<std::string> everything; // what every part is, whatever was saved
    std::optional<std::string> load(StatePart part, std::uint64_t id) override
    {
        if (everything)
            return everything;
        const auto it = parts.find({static_cast<int>(part), id});
        return it == parts.end() ? std::nullopt : std::optional(it->second);
    }
    void save(StatePart part, std::uint64_t id, std::string_view data) override
    {
        parts[{static_cast<int>(part), id}] = std::string(data);
    }
};

// Deals ids to texts; `stride` (odd) changes which.
class TestNames final : public Names
{
public:
    explicit TestNames(std::uint32_t stride = 1)
        : m_stride(stride)
    {}
    std::uint32_t id(Dictionary d, const std::string &text)
    {
        if (text.empty())
            return 0;
        auto &ids = m_ids[static_cast<int>(d)];
        const auto next = static_cast<std::uint32_t>(ids.size() + 1) * m_stride & 0x3fffffffu;
        const auto it = ids.try_emplace(text, next).first;
        m_texts[{static_cast<int>(d), it->second}] = text;
        return it->second;
    }
    std::uint32_t user(const std::string &name)
    {
        const auto next = static_cast<std::uint32_t>(m_users.size() + 1) * m_stride & 0x3fffffffu;
        const auto it = m_users.try_emplace(name, next).first;
        m_userNames[it->second] = name;
        return it->second;
    }
    std::string text(Dictionary d, std::uint32_t id) const override
    {
        const auto it = m_texts.find({static_cast<int>(d), id});
        return it == m_texts.end() ? std::string() : it->second;
    }
    IpAddress address(std::uint32_t id) const override
    {
        return IpAddress::parse(text(Dictionary::Address, id)).value_or(IpAddress());
    }
    std::string userName(std::uint32_t user) const override
    {
        const auto it = m_userNames.find(user);
        return it == m_userNames.end() ? std::string() : it->second;
    }
    std::string userKey(std::uint32_t user) const override { return userName(user); }

private:
    std::uint32_t m_stride;
    std::map<int, std::map<std::string, std::uint32_t>> m_ids;
    std::map<std::pair<int, std::uint32_t>, std::string> m_texts;
    std::map<std::string, std::uint32_t> m_users;
    std::map<std::uint32_t, std::string> m_userNames;
};

struct Happening
{
    Timestamp at;
    std::string user;
    std::string ip = "198.51.100.7";
    FailureKind failure = FailureKind::None; // None: a success
    std::string agent = "Mozilla/5.0 (X11) Firefox/128.0";
    std::uint32_t asn = 64500;
    bool deviceId = false; // the log names the device
    Familiarity familiarity = known();
    bool social = false;
    bool teaches = true; // unless something of medium or more is found
    const AddressFacts *facts = nullptr;
    const ListMatch *threatAgent = nullptr;

    static Familiarity known() { return {-3, -6, false, true, true, true, true}; }
    static Familiarity strange() { return {7, 4, false, false, false, false, false}; }
    static Familiarity fresh() { return {0, 0, true, false, false, false, false}; }
};

struct Noted
{
    DetectionType type;
    std::string user;
    Timestamp at;
    RiskLevel level;
    std::string foldKey;
    bool late = false;
    std::string line() const
    {
        return std::string(toText(type)) + " " + user + " " + at.toIso() + " " + std::string(toText(level)) +
               " " + foldKey + (late ? " late" : "");
    }
};

class Stage
{
public:
    explicit Stage(Tuning tuning = {}, std::uint32_t stride = 1)
        : m_tuning(tuning)
        , m_names(stride)
    {
        begin();
    }

    TestNames &names() { return m_names; }
    AddressProfiles &profiles() { return *m_profiles; }
    MemoryState &memory() { return m_memory; }
    Detector &detector(DetectionType type)
    {
        for (auto &d : m_detectors)
            if (d->type() == type)
                return *d;
        std::abort();
    }

    EnrichedSignIn signIn(const Happening &h)
    {
        static const Place nowhere;
        static const AddressFacts nothing;
        EnrichedSignIn s;
        s.row.at = h.at.us;
        s.row.eventKey =
            blake2b128(h.user + h.at.toIso() + h.ip + h.agent + std::to_string(static_cast<int>(h.failure)) +
                       std::to_string(m_count[h.user + h.at.toIso()]));
        // What happens at one time is played in the order of its keys.
        s.row.eventKey[0] = static_cast<std::uint8_t>(m_atOnce[h.at.us] >> 8);
        s.row.eventKey[1] = static_cast<std::uint8_t>(m_atOnce[h.at.us]++);
        s.row.user = m_names.user(h.user);
        s.row.ip = m_names.id(Dictionary::Address, h.ip);
        s.row.userAgent = m_names.id(Dictionary::UserAgent, h.agent);
        s.row.device = h.deviceId ? m_names.id(Dictionary::Device, h.user) : 0;
        s.row.outcome = h.failure == FailureKind::None ? Outcome::Success : Outcome::Failure;
        s.row.failure = h.failure;
        s.ip = IpAddress::parse(h.ip).value_or(IpAddress());
        s.place = &nowhere;
        s.facts = h.facts != nullptr ? h.facts : &nothing;
        s.asn = h.asn;
        s.social = h.social;
        s.threatAgent = h.threatAgent;
        return s;
    }
    Verdict explain(const Happening &h, DetectionType type)
    {
        return detector(type).judge(signIn(h), h.familiarity, true);
    }
    // What was found on this one sign-in.
    std::vector<Noted> play(const Happening &h)
    {
        const EnrichedSignIn s = signIn(h);
        ++m_count[h.user + h.at.toIso()];
        std::vector<Noted> found;
        bool flagged = false;
        if (s.validated())
            for (auto &d : m_detectors) {
                if (!s.succeeded() && !d->judgesStopped())
                    continue;
                const Verdict v = d->judge(s, h.familiarity, false);
                if (v.reason == Reason::Raised)
                    found.push_back({d->type(), h.user, h.at, v.level, v.foldKey});
                flagged = flagged || v.level >= RiskLevel::Medium;
            }
        for (auto &d : m_detectors)
            d->learn(s, h.familiarity, h.teaches && !flagged && s.succeeded());
        m_profiles->learn(s, h.teaches && !flagged && s.succeeded());
        std::vector<LateFinding> late;
        for (auto &d : m_detectors) {
            d->takeLate(late);
            std::vector<Campaign> moved;
            d->takeCampaigns(moved, false);
            for (auto &c : moved)
                campaigns[c.id] = c;
        }
        for (auto &f : late)
            found.push_back({DetectionType::PasswordSpray, m_names.userName(f.signIn.row.user), f.signIn.at(),
                             f.verdict.level, f.verdict.foldKey, true});
        all.insert(all.end(), found.begin(), found.end());
        return found;
    }
    // Writes everything down and begins again from it.
    void restart()
    {
        for (auto &d : m_detectors)
            d->save(m_memory);
        m_profiles->save(m_memory);
        begin();
    }
    std::vector<std::string> lines() const
    {
        std::vector<std::string> out;
        for (const Noted &n : all)
            out.push_back(n.line());
        return out;
    }

    std::vector<Noted> all;
    std::map<std::string, Campaign> campaigns;

private:
    void begin()
    {
        m_profiles = makeAddressProfiles(m_tuning, m_memory);
        m_detectors.clear();
        m_users = std::make_unique<Profiles>(m_memory);
        m_tenant = std::make_unique<TenantCounts>(m_memory);
        m_novelty = std::make_unique<Novelty>(m_memory);
        m_model = std::make_unique<FeatureModel>(m_tuning, *m_tenant, *m_novelty, *m_users);
        const Shared shared{m_tuning, m_memory, m_names, *m_model, *m_users, *m_tenant, m_profiles};
        for (auto *make : {makeAnonymizedIpAddress, makeMalwareInfectedIpAddress, makePasswordSpray,
                           makeThreatIntelligence})
            m_detectors.push_back(make(shared));
    }

    Tuning m_tuning;
    TestNames m_names;
    MemoryState m_memory;
    std::shared_ptr<AddressProfiles> m_profiles;
    std::unique_ptr<Profiles> m_users;
    std::unique_ptr<TenantCounts> m_tenant;
    std::unique_ptr<Novelty> m_novelty;
    std::unique_ptr<FeatureModel> m_model;
    std::vector<std::unique_ptr<Detector>> m_detectors;
    std::map<std::string, int> m_count; // how often the same thing happened
    std::map<std::int64_t, unsigned> m_atOnce; // sign-ins of one time
};

// Facts of an address, made of entries that live as long as the lists.
struct Lists
{
    std::deque<IntelligenceList> lists;
    std::deque<ListEntry> entries;
    std::deque<AddressFacts> facts;

    ListMatch add(ListKind kind, ListEntry entry, const std::string &name = "list", Timestamp date = {})
    {
        IntelligenceList list;
        list.kind = kind;
        list.name = name;
        list.licence = "CC0-1.0";
        list.path = name + ".csv";
        list.date = date;
        lists.push_back(list);
        if (entry.indicator.empty() && entry.first.isKnown())
            entry.indicator = entry.first.toString();
        entries.push_back(std::move(entry));
        return {&entries.back(), &lists.back()};
    }
    static ListEntry network(const std::string &cidr)
    {
        const auto range = Cidr::parse(cidr);
        ListEntry entry;
        entry.first = range->first;
        entry.last = range->last;
        entry.indicator = cidr;
        return entry;
    }
};

inline Timestamp time(const std::string &iso)
{
    const auto t = Timestamp::fromIso(iso);
    return t ? *t : Timestamp{};
}
inline constexpr Microseconds second{1'000'000}, minute{60'000'000}, hour{3'600'000'000}, day{86'400'000'000};

} // namespace riskdesk::detect::test

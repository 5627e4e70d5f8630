// Campaign: one password-spray attack, with whom it tried and whom it hit.
#pragma once

#include "core/base/timestamp.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk {

enum class ScopeKind : std::uint8_t { Address = 1, Network = 2, AsnAgent = 3, Agent = 4 };
[[nodiscard]] constexpr std::string_view toText(ScopeKind k)
{
    switch (k) {
    case ScopeKind::Address: return "address";
    case ScopeKind::Network: return "network";
    case ScopeKind::AsnAgent: return "asnAgent";
    case ScopeKind::Agent: return "agent";
    }
    return "";
}

// By which rule it was recognised; core/detect/password_spray/spray_rules.h tells their windows and
// thresholds.
enum class SprayRule : std::uint8_t {
    SingleSource = 1,
    SingleSourceDay = 2,
    ManySources = 3,
    LowAndSlow = 4
};
[[nodiscard]] constexpr std::string_view toText(SprayRule rule)
{
    switch (rule) {
    case SprayRule::SingleSource: return "singleSource";
    case SprayRule::SingleSourceDay: return "singleSourceDay";
    case SprayRule::ManySources: return "manySources";
    case SprayRule::LowAndSlow: return "lowAndSlow";
    }
    return "";
}

struct CampaignTarget
{
    std::uint32_t user = 0;
    std::uint32_t attempts = 0; // failed ones
    std::uint32_t successes = 0;
    Timestamp first, last;
};

// What is known of an attack, whoever its targets are.
struct CampaignFacts
{
    std::string id; // 64 hex digits, BLAKE2b-256 over (scope, first attempt)
    ScopeKind scope = ScopeKind::Address;
    std::string scopeText; // "178.85.138.132", "45.95.147.0/24", "AS64500 Python-urllib/3.9"
    Timestamp opened;      // first failed attempt that belongs to it
    Timestamp detected;    // event time at which the thresholds were crossed
    Timestamp last;        // newest attempt
    std::uint32_t attempts = 0, failures = 0, users = 0, addresses = 0;
    double badToGood = 0;    // ρ, Herley and Schechter (NDSS 2019); infinity is stored as 1e9
    double surpriseBits = 0; // -log2 P(Poisson(λ) ≥ F); 0 where the scope has no two weeks of history
    // At the moment it was recognised:
    SprayRule rule = SprayRule::SingleSource;
    std::int64_t windowMinutes = 0; // of the rule
    std::uint32_t failingUsers = 0, succeedingUsers = 0;
    double usualFailureShare = 0; // f0, 0..1
    double expectedUsers = 0;     // λ; 0 without history
    std::uint32_t unknownUserFailures = 0;
    std::string timeline;             // "12 0 8": attempts in bins …
    std::int64_t timelineMinutes = 0; // … of this width

    // See Evidence.
    template <typename Self, typename Visitor>
    static void visit(Self &c, Visitor &&v)
    {
        v("campaign", c.id);
        v("scope", c.scope);
        v("scopeText", c.scopeText);
        v("rule", c.rule);
        v("windowMinutes", c.windowMinutes);
        v("failingUsers", c.failingUsers);
        v("succeedingUsers", c.succeedingUsers);
        v("attempts", c.attempts);
        v("failures", c.failures);
        v("unknownUserFailures", c.unknownUserFailures);
        v("users", c.users);
        v("addresses", c.addresses);
        v("badToGood", c.badToGood);
        v("usualFailureShare", c.usualFailureShare);
        v("surpriseBits", c.surpriseBits);
        v("expectedUsers", c.expectedUsers);
        v("opened", c.opened);
        v("detected", c.detected);
        v("last", c.last);
        v("timeline", c.timeline);
        v("timelineMinutes", c.timelineMinutes);
    }
    // The form kept in campaign.evidence; as Evidence::toJson(), without signals.
    [[nodiscard]] std::string toJson() const;
    void readJson(std::string_view json); // what stands in it; the rest stays as it is
};

struct Campaign : CampaignFacts
{
    std::vector<CampaignTarget> targets;
};

} // namespace riskdesk

// Campaign: one password-spray attack, with whom it tried and whom it hit.
#pragma once

#include "core/base/timestamp.h"
#include "core/domain/evidence.h"

#include <cstdint>
#include <string>
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

struct CampaignTarget
{
    std::uint32_t user = 0;
    std::uint32_t attempts = 0; // failed ones
    std::uint32_t successes = 0;
    Timestamp first, last;
};

struct Campaign
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
    std::vector<CampaignTarget> targets;
    Evidence evidence;
};

} // namespace riskdesk

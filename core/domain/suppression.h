// Suppression: a rule that silences findings for a while. Every condition that is given must hold.
#pragma once

#include "core/base/ip_address.h"
#include "core/base/timestamp.h"
#include "core/domain/risk.h"

#include <cstdint>
#include <optional>
#include <string>

namespace riskdesk {

struct SuppressionMatch
{
    std::optional<std::uint32_t> user;
    std::string userName;    // for reading
    std::string network;     // as written; "": any
    IpAddress first, last;   // of the network
    std::uint32_t asn = 0;   // 0: any
    std::string agent;       // user agent, letter case ignored; "": any
    bool agentPart = false;  // the agent contains the text, else is it
    std::string application; // display name, letter case ignored; "": any
    std::optional<DetectionType> type;
};

struct SuppressionRule
{
    std::int64_t id = 0; // 0: not stored
    SuppressionMatch match;
    Timestamp until; // wall clock; from then on it does nothing
    std::string reason, actor;
    Timestamp addedAt;
    std::uint64_t silenced = 0;               // findings
    std::optional<Timestamp> firstAt, lastAt; // event times of them
};

} // namespace riskdesk

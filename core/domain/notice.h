// Notices: what is doubtful about the data as a whole, as facts. Each is kept under its key (table notice)
// until an import shows that it is no longer so; the sentence is core/query/words/why.h's.
#pragma once

#include "core/base/ip_address.h"

#include <cstdint>
#include <string_view>

namespace riskdesk {

// One address carries most users: a proxy in front of the application does not pass on where people come
// from.
struct CrowdedAddress
{
    static constexpr std::string_view key = "crowdedAddress";

    IpAddress ip;                    // unknown: several private ones
    std::uint64_t users = 0, of = 0; // that came from there, of all
};

} // namespace riskdesk

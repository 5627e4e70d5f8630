// Peers' published rules over a directory: each file of tests/lab/peer_rules is one rule as one SELECT over
// the table `signin` (core/store/sign_in_vtab.h), opening with what it is and where it departs.
//
//     scope      what was raised: an address, "tenant" or "directory" for all of it, or a user's id
//     user       the provider's id of the user, userId of `signin`; NULL for an alert on the scope alone
//     at         microseconds
//     requestId  the sign-in, `id` of `signin`; NULL where there is none
//     detail     for a person
//
// One thread, of the connection. A rule keeps the columns it reads in memory or in a temporary file.
#pragma once

#include "core/base/result.h"
#include "core/base/timestamp.h"
#include "core/store/connection.h"

#include <filesystem>
#include <string>
#include <vector>

namespace riskdesk::lab {

struct PeerAlert
{
    std::string scope;
    std::string user; // empty: only the scope was raised
    Timestamp at;
    std::string requestId, detail;

    friend bool operator==(const PeerAlert &, const PeerAlert &) = default;
};

// Of a connection that store::openForReading gave. In order of time. Code::NotFound and Io for the file,
// WrongUsage when it is not one such SELECT, and what the store reports.
[[nodiscard]] Result<std::vector<PeerAlert>> runPeerRule(store::Connection &connection,
                                                         const std::filesystem::path &sql);

// Every rule of a folder, by name. Code::NotFound when there is none.
[[nodiscard]] Result<std::vector<std::filesystem::path>> peerRules(const std::filesystem::path &folder);

} // namespace riskdesk::lab

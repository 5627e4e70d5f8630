// Purge: users are removed for good, because the law or they themselves ask for it.
//
//     auto lease = store::ImportLease::take(connection, "purge");
//     unsettleAll(connection);                       // core/replay/settle.h, in a transaction of its own
//     removeUsers(connection, *lease, clock, who, {users});
//     settle(directory, *lease, clock);              // the others, by what is left
//     cleanFile(connection);
//
// What goes: the row with ids, names, mail and phone, and every row of every table that refers to it by the schema's
// own word (aliases, detections, risk, the ledger, withheld sign-ins, settled requests, rules that silence this user
// alone, …); the sign-ins, which are taken out of their segments; what a decision changed, with reason and note where
// it was about nobody else; the detectors' memory, which is made anew of what is left.
//
// What stays: the audit log as it is, since each record vouches for the ones before it; names that stood in it stand
// there. The purge itself is recorded under the user's internal number: a digest of a mail address is found by trying
// addresses, and a number says nothing once its row is gone. Texts of sign-ins (addresses, devices, agents) stay in
// their dictionaries, whose entries are shared and never move, and belong to nobody any more. Not searched: excerpts
// of rejected records, notes of decisions about several users, names in intelligence lists, names as actor in the
// history of others, and copies of the file (backups, the one made before an update).
//
// Where old sign-ins were deleted, what the detectors knew of them cannot be made anew (retention.h): the user's own part
// goes from it, numbers stay in what users share there. The whole of it goes with the highest number of a user, as that
// is given again.
//
// The ledger can be cut: a state is a fold over one user's events, and seals are sums over rows (core/store/seal.h),
// so that what is left is sound. Others' findings may change where they rested on the sign-ins that went.
//
// Importing the same logs once more brings the user back. The highest number of a user, once purged, is given again.
// On the connection's thread, holding the import lease.
#pragma once

#include "core/action/permissions.h"
#include "core/base/clock.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/store/connection.h"
#include "core/store/lease.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::run {

struct PurgeRequest
{
    std::vector<std::uint32_t> users;
    bool notDeleted = false; // also those who are not marked deleted
};

// The users' names as a person types them, in the order of the request. NotAllowed, NotFound; Conflict with a sentence
// where one is not marked deleted or a request for one waits in the outbox.
[[nodiscard]] Result<std::vector<std::string>>
mayPurge(store::Connection &connection, const action::Operator &who, const PurgeRequest &request);

struct Purged
{
    std::uint64_t users = 0, signIns = 0, detections = 0;
    std::uint64_t events = 0; // of the ledger
    std::uint64_t rows = 0;   // of all tables, these and the users' own among them
    bool cancelled = false;   // some sign-ins are gone, the users are there; done again it goes on
};
// Sign-ins in transactions of some segments, then all the rest in one; each with its audit record. The errors of
// mayPurge(); Bug while the detectors' memory still knows the users; Conflict when the lease was lost.
[[nodiscard]] Result<Purged> removeUsers(store::Connection &connection, store::ImportLease &lease,
                                         const Clock &clock, const action::Operator &who,
                                         const PurgeRequest &request, std::stop_token stop = {},
                                         const ProgressSink &progress = {});

// Writes the file anew, so that nothing of what was deleted is left in unused pages or in the log beside it. Takes
// about as long as copying it twice, and up to twice its size of free disk meanwhile; writers wait. What a disk keeps
// of overwritten blocks is beyond it. Code::StoreBusy while another process reads an earlier state, DiskFull.
[[nodiscard]] Status cleanFile(store::Connection &connection);

} // namespace riskdesk::run

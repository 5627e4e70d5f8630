// Retention: stored sign-ins are deleted when they are old, whole segments at a time. Off unless somebody asks, or
// sets "store.retainDays".
//
// Only sign-ins go. Findings, risk, the ledger and the audit log stay, and with them the rows of the sign-ins that
// something was found in (sign_in_risk); so do users, what the detectors learnt, and texts. What they knew behind the
// newest sign-in that goes is kept besides (core/replay/keep_beginning.h): whoever looks at everything again begins
// there, and what comes later of that time is stored and not judged. The file keeps its size; the room is used again.
//
// Days count back from the newest sign-in, or from now if that lies in the future, since one wrong date must not
// take everything else with it. A segment stays while its newest row does, and the one that was written last stays
// in any case: numbers of segments are not used twice while it is there, which readers of the feed rely on.
//
// On the connection's thread, holding the import lease.
#pragma once

#include "core/action/permissions.h"
#include "core/base/clock.h"
#include "core/base/progress.h"
#include "core/base/result.h"
#include "core/store/connection.h"
#include "core/store/lease.h"

#include <cstdint>
#include <optional>
#include <stop_token>

namespace riskdesk::run {

inline constexpr int longestRetainDays = 36500;

struct KeptSignIns
{
    std::optional<Timestamp> oldest, newest; // nothing: there are none
    std::uint64_t signIns = 0;
    std::uint64_t bytes = 0; // of their columns, in the file
    int retainDays = 0;      // by the setting; 0: nothing is deleted by itself
};
[[nodiscard]] Result<KeptSignIns> keptSignIns(store::Connection &connection);

struct Removal
{
    std::uint64_t signIns = 0, bytes = 0;
    std::optional<Timestamp> before; // what is older may go; nothing: there are no sign-ins
    bool cancelled = false;          // what was deleted until then is gone
};
// First the beginning is kept, then in transactions of some segments, each with its audit record. Code::WrongUsage for days out of 1 to
// longestRetainDays, NotAllowed, Conflict when the lease was lost.
[[nodiscard]] Result<Removal> removeOldSignIns(store::Connection &connection, store::ImportLease &lease,
                                               const Clock &clock, const action::Operator &who, int days,
                                               std::stop_token stop = {}, const ProgressSink &progress = {});
// As the setting says; nothing is done while it is off.
[[nodiscard]] Result<Removal> removeBySetting(store::Connection &connection, store::ImportLease &lease,
                                              const Clock &clock, const action::Operator &who,
                                              std::stop_token stop = {}, const ProgressSink &progress = {});

} // namespace riskdesk::run

// Taught: what decisions taught the detectors, and behind which sign-in.
//
// A decision that calls a sign-in harmless waits in `withheld` (core/ledger/withheld_rows.h) until a run judges; then
// it teaches, and moves here in the transaction that writes the memory. Who puts the memory back to a rewind point has
// to teach it again what was taught behind that point. Who begins empty teaches sign-ins at their own places (replay.h)
// and needs from here only whose learning began again, and where. Who begins at the kept beginning is taught what that was
// not taught when it was made, of sign-ins that lie before it.
//
// In the caller's transaction; one thread.
#pragma once

#include "core/base/result.h"
#include "core/examine/detector_memory.h"
#include "core/ledger/withheld_rows.h"
#include "core/store/connection.h"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace riskdesk::run {

struct Taught
{
    Position behind{}; // the newest sign-in that had been examined
    std::uint32_t user = 0;
    EventKey key{};               // of the sign-in; all zero: of the user
    bool restart = false;         // the learning counters began again
    bool isKept = false;          // the kept beginning was taught it
    std::optional<SignInRow> row; // nothing where it was of another build
};

// Ascending by place.
[[nodiscard]] Result<std::vector<Taught>> taught(store::Connection &connection);
// They wait no longer. What was decided since they were read stays and waits.
[[nodiscard]] Status keepTaught(store::Connection &connection,
                                std::span<const ledger::WithheldRows::ToTeach> what, const Position &behind);
// A beginning is kept that was taught, at their places, what is here of sign-ins up to that time.
[[nodiscard]] Status markKept(store::Connection &connection, std::int64_t upTo);
// What the memory knows at every place that it can be put back to.
[[nodiscard]] Status dropTaught(store::Connection &connection);

} // namespace riskdesk::run

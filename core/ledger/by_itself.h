// By itself: what closes low detections without anybody's word, in the order of event times.
//
// A low detection ages when it was last seen risk.lowAgesDays ago. Whatever happens to a user at a moment finds
// things as they stood at that moment: what had aged before it is closed, and what closed by itself only later,
// by age or a password in the log, is open again. So the order in which logs are read does not matter.
//
// Inside the caller's transaction; one thread.
#pragma once

#include "core/base/timestamp.h"
#include "core/ledger/risk_rows.h"

#include <cstdint>
#include <string_view>

namespace riskdesk::ledger {

// The setting risk.lowAgesDays; 14 days when it was never set.
[[nodiscard]] Result<Microseconds> lowAges(store::Connection &connection);

// The ledger's reasons of what is opened again.
inline constexpr std::string_view somethingEarlier = "somethingEarlier", takenOut = "takenOut";

class ByItself
{
public:
    // `span`: lowAges(). `now`: when it is recorded.
    ByItself(RiskRows &rows, Microseconds span, Timestamp now)
        : m_rows(rows)
        , m_span(span)
        , m_now(now)
    {}

    // Before this is raised, or folded into another.
    [[nodiscard]] Status standAt(UserRows &user, const risk::DetectionFacts &facts);
    // Before a new password takes effect on what was last seen until then.
    [[nodiscard]] Status standAt(UserRows &user, Timestamp password);
    // Of what is low, all that has aged by then. The number of detections.
    [[nodiscard]] Result<std::uint64_t> age(UserRows &user, Timestamp until);
    // Opens again what had aged later than this.
    [[nodiscard]] Status unage(UserRows &user, Timestamp after);

private:
    [[nodiscard]] Status close(UserRows &user, std::uint32_t index);
    [[nodiscard]] Status open(UserRows &user, std::uint32_t index, std::string_view why);
    [[nodiscard]] Status record(UserRows &user, LedgerKind kind, std::uint32_t index, Timestamp at,
                                std::string_view why = {});

    RiskRows &m_rows;
    Microseconds m_span;
    Timestamp m_now;
};

} // namespace riskdesk::ledger

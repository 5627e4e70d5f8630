#include "core/ledger/by_itself.h"

#include "core/ledger/risk_writer.h"

#include <algorithm>
#include <cmath>

namespace riskdesk::ledger {

Result<Microseconds> lowAges(store::Connection &connection)
{
    const auto days = storedSetting(connection, "risk.lowAgesDays", 14);
    if (!days)
        return tl::unexpected(days.error());
    return Microseconds(std::llround(std::clamp(*days, 0.0, 36'500.0) * 86'400e6));
}

Status ByItself::record(UserRows &user, LedgerKind kind, std::uint32_t index, Timestamp at,
                        std::string_view why)
{
    LedgerEvent event;
    event.at = at;
    event.recordedAt = m_now;
    event.user = user.user;
    event.kind = kind;
    event.detection = user.reducer.detections()[index].facts.id;
    event.reason = why;
    if (!user.reducer.apply(event))
        return fail(Code::Bug, event.detection, "what closes by itself is not there");
    return m_rows.append(event);
}

// An event is of the moment the age was reached, not of the moment somebody looked.
Status ByItself::close(UserRows &user, std::uint32_t index)
{
    return record(user, LedgerKind::Aged, index, user.reducer.detections()[index].now.lastAt + m_span);
}

Status ByItself::open(UserRows &user, std::uint32_t index, std::string_view why)
{
    return record(user, LedgerKind::Reopened, index, m_now, why);
}

Status ByItself::standAt(UserRows &user, const risk::DetectionFacts &facts)
{
    for (const auto index : user.reducer.touchedBy(facts)) {
        const auto &now = user.reducer.detections()[index].now;
        Status ok;
        if (now.byItself && now.closedAt >= facts.at)
            ok = open(user, index, somethingEarlier);
        else if (now.state == RiskState::AtRisk && now.weightLevel == RiskLevel::Low &&
                 now.lastAt + m_span < facts.at)
            ok = close(user, index);
        if (!ok)
            return ok;
    }
    return {};
}

Status ByItself::standAt(UserRows &user, Timestamp password)
{
    if (auto aged = age(user, password); !aged)
        return tl::unexpected(aged.error());
    for (const auto index : user.reducer.closedByItselfAfter(password))
        if (user.reducer.detections()[index].now.lastAt <= password)
            if (auto ok = open(user, index, somethingEarlier); !ok)
                return ok;
    return {};
}

Result<std::uint64_t> ByItself::age(UserRows &user, Timestamp until)
{
    const auto old = user.reducer.lowBefore(until - m_span);
    for (const auto index : old)
        if (auto ok = close(user, index); !ok)
            return tl::unexpected(ok.error());
    return old.size();
}

Status ByItself::unage(UserRows &user, Timestamp after)
{
    for (const auto index : user.reducer.closedByItselfAfter(after))
        if (user.reducer.detections()[index].now.state == RiskState::Dismissed)
            if (auto ok = open(user, index, somethingEarlier); !ok)
                return ok;
    return {};
}

} // namespace riskdesk::ledger

#include "ui/models/periods.h"

#include "core/query/spine.h"

#include "ui/models/format.h"

namespace riskdesk::models {

query::Period lastDays(Timestamp now, int days)
{
    if (days <= 1)
        return query::lastDays(now, days);
    const auto today = local(now);
    const auto first = today.date().addDays(1 - days).startOfDay(today.timeZone());
    return {Timestamp{first.toMSecsSinceEpoch() * 1000}, std::nullopt};
}

} // namespace riskdesk::models

// Question: what a list asks of the store, as a value. Times are UTC; a period is [from, until).
//
// A report is one of the lists of the console. `order` names columns by the ids of fields.h; ties always end
// in the row's id, so that the same question gives the same order.
#pragma once

#include "core/base/timestamp.h"
#include "core/query/filter/filter.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::query {

struct Period
{
    std::optional<Timestamp> from;
    std::optional<Timestamp> until;

    friend bool operator==(const Period &, const Period &) = default;
};

struct SortKey
{
    std::string column;
    bool descending = false;

    friend bool operator==(const SortKey &, const SortKey &) = default;
};

struct Question
{
    Report report = Report::RiskyUsers;
    Filter filter;
    Period period; // of the report's own time: risk updated, activity, sign-in
    std::vector<SortKey> order;
    Timestamp now; // what "7d" counts back from; see referenceNow()
};

} // namespace riskdesk::query

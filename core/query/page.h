// Page: a stretch of a list, and where it ended, so that the next one goes on behind it while rows arrive:
// whoever follows the pages gets every row that was there once and in order. A row that arrives before the
// place is not shown; one that changes what the list is sorted by may be missed or come again. Question says
// the rest (report.h).
//
// A position is what the last row was sorted by and its id, and holds for the order it was made in, whether
// the row is still there or not. That of a sign-in is its segment, its key and its row there: the place is
// looked up anew, so it ends with the sign-in (Code::NotFound).
#pragma once

#include "core/base/result.h"
#include "core/query/report.h"
#include "core/store/connection.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace riskdesk::query {

struct Position
{
    using Value = std::variant<std::monostate, std::int64_t, double, std::string, std::vector<std::uint8_t>>;
    std::vector<Value> values; // monostate: NULL
    std::int64_t id = 0;

    friend bool operator==(const Position &, const Position &) = default;
};

struct Page
{
    std::vector<std::int64_t> ids; // of a spine (spine.h); sign-ins: rows of the generation
    std::uint64_t generation = 0;  // sign-ins
    std::optional<Position> next;  // none: there are no more
};

// Code::WrongUsage for a filter, column or position the report does not know, and for campaigns, which are
// read whole; NotFound when the sign-in that the last page ended with is gone; Cancelled; store errors.
[[nodiscard]] Result<Page> readPage(store::Connection &connection, const Question &question,
                                    const std::optional<Position> &after, std::size_t atMost,
                                    std::stop_token stop = {});

} // namespace riskdesk::query

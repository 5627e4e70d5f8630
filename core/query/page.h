// Page: a stretch of a list, and where it ended, so that the next one goes on behind it while rows arrive and
// change: a row that comes to stand before the place is not shown, none is shown twice. Question says the
// rest (report.h).
//
// A position is what the last row was sorted by and its id, and holds for the order it was made in. That of a
// sign-in is its segment, its key and its row there: its place is looked up anew, so it ends with the sign-in
// (Code::NotFound), and a sign-in whose risk changes between two pages may be missed or come again when the
// list is sorted by risk.
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

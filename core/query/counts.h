// Counts: what the pills, strips, cards and saved views of the console say. Each is a query that opens the
// list with the same number.
#pragma once

#include "core/base/result.h"
#include "core/domain/notice.h"
#include "core/domain/risk.h"
#include "core/query/report.h"
#include "core/query/spine.h"
#include "core/store/connection.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::query {

// How many rows each value of a field has, the conditions on other fields and the period applied.
struct FacetValue
{
    Value value;      // what a pill puts into the filter
    std::string text; // Graph's word, or the text itself; "" is "none"
    std::int64_t count = 0;
};
// Enumerations in their own order, with those that have none; others by count, then text, at most `atMost`.
// Code::WrongUsage for times and addresses.
[[nodiscard]] Result<std::vector<FacetValue>> facet(store::Connection &connection, const Question &question,
                                                    std::string_view field, std::size_t atMost = 200,
                                                    std::stop_token stop = {});

// Rows of the question per stretch [bounds[i], bounds[i+1]) and level, by the report's own time. For users:
// their detections raised in that stretch that count, which is what the strip above the list draws.
using LevelCounts = std::array<std::int64_t, 4>; // by RiskLevel
[[nodiscard]] Result<std::vector<LevelCounts>> buckets(store::Connection &connection,
                                                       const Question &question,
                                                       std::span<const Timestamp> bounds,
                                                       std::stop_token stop = {});

struct UserFigures
{
    std::int64_t atRisk = 0; // at risk or confirmed compromised
    std::int64_t high = 0;   // of these, level high
    std::int64_t compromised = 0;
    std::optional<Microseconds> medianResolve; // of those resolved in the period; from at risk to closed
    std::int64_t resolved = 0;
    std::int64_t selfResolved = 0;   // by the user's own reset, change or MFA
    std::int64_t dismissedFalse = 0; // confirmed safe
};
struct UserFiguresChange
{
    UserFigures now;
    std::optional<UserFigures> before; // at the beginning of the period, resolve times of the one before it
};
// Of the users that the question finds, its period included, so that the figures are those of its list. What
// was resolved in `period` is of the users that its other conditions find, since no closed user is in a list
// of open ones. `period` also gives `before`; where it begins nowhere, `then` does, without resolve times.
[[nodiscard]] Result<UserFiguresChange> userFigures(store::Connection &connection, const Question &question,
                                                    const Period &period, std::stop_token stop = {},
                                                    std::optional<Timestamp> then = {});

// Users the filter finds who are still at risk but last changed before the period: the guard line.
[[nodiscard]] Result<std::int64_t> olderOpenUsers(store::Connection &connection, const Question &question,
                                                  std::stop_token stop = {});

struct BuiltInView
{
    std::string_view id;   // stable: "highRisk"
    std::string_view name; // English
    Report report;
    std::string_view filter; // filter text
    int days;                // 0: all
};
[[nodiscard]] std::span<const BuiltInView> builtInViews();
// In the same order, each in its `period`; counting stops at `atMost` ("9,999+"). -1 for views of sign-ins: they would have to be
// read into memory for it.
[[nodiscard]] Result<std::vector<std::int64_t>>
countViews(store::Connection &connection, Timestamp now, std::int64_t atMost = 10'000,
           std::stop_token stop = {}, Period (*period)(Timestamp now, int days) = lastDays);

// What the overview says about the state of the data.
struct DataHealth
{
    std::int64_t signIns = 0, users = 0, usersLearning = 0, rejects = 0;
    std::optional<Timestamp> newestSignIn, lastImport;
    // Sign-ins from here on were stored and not examined in their order yet; findings hold up to there.
    std::optional<Timestamp> unsettledFrom;
    std::int64_t lastRun = 0, lastImported = 0, lastRejected = 0; // import_run.id; records
    struct List
    {
        std::string name;
        int kind = 0; // ListKind
        Timestamp date;
        std::int64_t entries = 0;
    };
    std::vector<List> lists; // oldest first
    std::optional<CrowdedAddress> crowdedAddress;
};
[[nodiscard]] Result<DataHealth> dataHealth(store::Connection &connection);

} // namespace riskdesk::query

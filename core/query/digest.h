// Digest: what came up, what is open and what was decided in a stretch of time, a week as a rule. Each number is the
// count of the rows of one list, and stands beside the filter that lists them.
//
// Times are of the events: when a user came to risk, a detection was seen first, a sign-in or a decision was made. What
// is still at risk is so when the digest is made. On the connection's thread, only reads.
#pragma once

#include "core/base/result.h"
#include "core/query/report.h"
#include "core/store/connection.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace riskdesk::query {

enum class DigestPart : std::uint8_t {
    NewUsers,        // came to risk; then by their level now
    RealtimeSignIns, // risky when they happened
    Detections,      // then by type
    StillAtRisk,
    Decisions, // then by who made them
    Campaigns  // password sprays that were on
};

struct DigestFigure
{
    DigestPart part = DigestPart::NewUsers;
    std::string of; // level, riskEventType or actor; empty: all of the part
    std::int64_t count = 0;
    Report report = Report::RiskyUsers;
    std::string filter; // filter text that lists exactly these rows
    // Of decisions: from at risk to closed, of those that closed a risk.
    std::optional<Microseconds> medianOpen;
};

struct Digest
{
    Timestamp from, until; // [from, until)
    Timestamp made;
    std::vector<DigestFigure>
        figures; // parts in order, the whole before its pieces; pieces without rows are left out
    std::optional<Timestamp> oldestOpen; // since when the longest is at risk
};

// Code::Cancelled; else the store's.
[[nodiscard]] Result<Digest> readDigest(store::Connection &connection, Timestamp from, Timestamp until,
                                        Timestamp now, std::stop_token stop = {});

// ISO 8601 weeks in UTC, Monday 00:00 to the next.
[[nodiscard]] std::pair<Timestamp, Timestamp> isoWeek(Timestamp inside);
[[nodiscard]] std::string isoWeekText(Timestamp inside); // "2026-W11"
// Code::WrongUsage for what is no week.
[[nodiscard]] Result<std::pair<Timestamp, Timestamp>> isoWeekFromText(std::string_view text);

// As a command line takes it: "list users --filter 'level:high'".
[[nodiscard]] std::string listCommand(const DigestFigure &figure);
[[nodiscard]] std::string digestText(const Digest &digest);
[[nodiscard]] std::string digestJson(const Digest &digest);
// One page that needs nothing else. `link`: where a number leads; without it the command stands there as text.
// In a window its times are those of the window's zone; in a file they are UTC.
struct DigestShown
{
    std::function<std::string(const DigestFigure &)> link;
    std::function<std::string(Timestamp)> time; // "18 Mar 2026, 14:26", without the zone
    std::string zone;                           // "Lisbon (UTC+0)"
};
[[nodiscard]] std::string digestHtml(const Digest &digest, std::string_view directory,
                                     const DigestShown &shown = {});

// Where the page of each finished week is put (the row `digest.folder` of the settings); empty: nowhere. Set by
// core/directory/digest_folder.h.
[[nodiscard]] Result<std::string> digestFolder(store::Connection &connection);
// Puts the page of the last finished week there, named after the directory's file and the week, whole or not at all. Nothing
// where no folder is set or the page is there: whoever comes first writes it. Code::Io.
[[nodiscard]] Result<std::optional<std::filesystem::path>> writeDueDigest(store::Connection &connection,
                                                                          std::string_view directory,
                                                                          Timestamp now,
                                                                          std::stop_token stop = {});

} // namespace riskdesk::query

// Changes: what has come, changed or gone since a token, for whoever keeps a copy: an exporter, a SIEM, a delta query.
//
//     std::optional<ChangeToken> token; // none: from the beginning
//     do {
//         auto changes = readChanges(connection, Feed::Detections, token, 500);
//         use(changes->rows);           // read by their rows: readDetections, readRiskyUsers, …
//         token = changes->next;        // keep it only after that
//     } while (changes->more);
//
// Detections and users: at least the newest state of every row that changed behind the token, each row once in a
// batch and again only if it changed again; in the order of their last changes. A row that is gone is told as removed,
// unless it was gone before the first batch. Of a user counts what Graph's riskyUser tells; a detection does not change
// when its user is renamed. Sign-ins, by segment and row in it, and history, by ledger id, are only ever appended to:
// each once, in the order of their recording. Those of a user who was purged (core/retain/purge.h) are gone without a
// word, and the user too: his id is not kept to be told; his detections are told as removed.
//
// Numbers are given by the one writer at a time, so they are committed in their order and a transaction that commits
// late has later ones; a token stays good while others write, and across restarts. Marks are kept as long as the file:
// no token becomes too old but by a file that was put back to an earlier state. That is noticed until the file has
// come as far as the token again.
#pragma once

#include "core/base/result.h"
#include "core/query/report.h"
#include "core/store/connection.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::query {

enum class Feed : std::uint8_t { Detections = 1, Users = 2, SignIns = 3, History = 4 }; // part of tokens

// Where a reader is in a feed of one directory. The members are for readChanges() alone.
struct ChangeToken
{
    Feed feed = Feed::Detections;
    std::uint64_t directory = 0; // digest of what tells one directory from another
    std::int64_t position = 0;   // the last number read; sign-ins: the segment
    std::int64_t rows = 0;       // sign-ins: rows of the segment that were read
    // What was removed up to here was never told, so neither is its removal; sign-ins: the last purge that `rows`
    // reckons with.
    std::int64_t begin = 0;

    // Opaque, base64url, fit for an address and a command line. Checked against mistakes, not against forgers:
    // whoever may read a feed may read it from any place.
    [[nodiscard]] std::string toText() const;
    // Code::WrongUsage for what is no token, or one of another feed or version.
    [[nodiscard]] static Result<ChangeToken> fromText(std::string_view text, Feed feed);

    friend bool operator==(const ChangeToken &, const ChangeToken &) = default;
};

struct Change
{
    // detection.rowid, user.id, ledger.id; of a sign-in its number in SignIns. 0: a detection that is gone.
    std::int64_t row = 0;
    std::string id; // Graph's id of a detection or user
    bool removed = false;
};

struct Changes
{
    std::vector<Change> rows;
    bool more = false; // rows wait behind `next` already
    ChangeToken next;
};

// One look at the file. Inside a Reading of the caller the rows can be read as of the same moment. Code::WrongUsage for
// a token of another feed or directory; Conflict for one that the file does not reach any more; Cancelled; store
// errors. `atMost` is at least 1.
[[nodiscard]] Result<Changes> readChanges(store::Connection &connection, Feed feed,
                                          const std::optional<ChangeToken> &since, std::size_t atMost,
                                          std::stop_token stop = {});
// Behind everything that is there now: for who wants to hear of changes only.
[[nodiscard]] Result<ChangeToken> newestChange(store::Connection &connection, Feed feed);

// Those of the rows that the question's filter and period find, in their order. Detections and risky users; others are
// Code::WrongUsage.
[[nodiscard]] Result<std::vector<std::int64_t>> matchingRows(store::Connection &connection,
                                                             const Question &question,
                                                             std::span<const std::int64_t> rows,
                                                             std::stop_token stop = {});

} // namespace riskdesk::query

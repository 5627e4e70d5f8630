// User story: what the pane and the page of one user show: why, how risk went, what happened. Where the
// user signed in from: SignIns::places.
#pragma once

#include "core/base/result.h"
#include "core/domain/ledger_event.h"
#include "core/domain/place.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/risky_users.h"
#include "core/store/connection.h"

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace riskdesk::query {

struct ScorePoint
{
    Timestamp at;    // of the event
    Timestamp since; // the standing holds from here on: of the event, or of a newer one recorded before it
    RiskStanding standing;
    LedgerKind cause = LedgerKind::DetectionRaised;
    std::string detection; // id, where the event is about one
};

struct UserOverview
{
    RiskyUserRow user;
    std::vector<DetectionRow> contributing; // open ones, weightiest first, at most three
    std::int64_t detections = 0, openDetections = 0;
    std::vector<ScorePoint> scores; // a step line in the order of recording; its end is the user's score
    // The newest open detection's time is older than this: the evidence may be gone while the level stays.
    std::optional<Timestamp> evidenceFrom;
    bool passwordElsewhere = false; // a social identity: password spray and reset do not apply
};
// Code::NotFound.
[[nodiscard]] Result<UserOverview> userOverview(store::Connection &connection, std::int64_t user,
                                                std::stop_token stop = {});

// Newest first.
[[nodiscard]] Result<std::vector<std::int64_t>> userDetections(store::Connection &connection,
                                                               std::int64_t user);

// What an Undone event took back, or, where that had been an undo itself, did again.
struct TakenBack
{
    LedgerKind kind = LedgerKind::Undone;
    std::string actor; // who had done it
    Timestamp at;
    bool again = false;
};

struct HistoryRow
{
    LedgerEvent event;
    std::string detectionType; // riskEventType of the detection it is about
    std::uint32_t times = 1; // the detection was seen; repeats that changed nothing have no row of their own
    Timestamp lastAt;        // of the newest of them
    std::optional<TakenBack> takenBack;
    bool reversible = false;         // its command can still be taken back
    std::int64_t usersOfCommand = 0; // whom that changed, this one among them
};
// By the time of what happened, newest first.
[[nodiscard]] Result<std::vector<HistoryRow>> userHistory(store::Connection &connection, std::int64_t user);
// Ledger rows by their ids, in their order, each as it was recorded: nothing is folded or told as taken back. One that
// is not there is left out.
[[nodiscard]] Result<std::vector<HistoryRow>>
readHistory(store::Connection &connection, std::span<const std::int64_t> ids, std::stop_token stop = {});
// Graph's riskyUserHistoryItem: the standing after the event, with who and what caused it.
[[nodiscard]] std::string historyItemJson(const RiskyUserRow &user, const HistoryRow &row);

// The user's sign-ins that have a detection, newest first.
struct RiskySignIn
{
    std::string requestId;
    Timestamp at;
    SignInRisk risk;
    SignInRow row;
    Place place;
    IpAddress ip;
    std::string application, device, browser, operatingSystem;
    std::vector<std::string> types;
};
[[nodiscard]] Result<std::vector<RiskySignIn>> userRiskySignIns(store::Connection &connection,
                                                                std::int64_t user, std::size_t atMost = 500);

} // namespace riskdesk::query

// Overview: what stands on the first page. Each figure is the number of rows of a list that the page can
// open; the filter texts below are those lists' own.
//
// Times: `bounds` are the ends of the days (or hours) shown, oldest first; the period is from the first to
// before the last of them.
#pragma once

#include "core/query/counts.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/risky_users.h"

#include <map>

namespace riskdesk::query {

inline constexpr std::string_view atRiskUsers = "state:atRisk,confirmedCompromised status:active";
inline constexpr std::string_view highWithoutAction = "state:atRisk level:high status:active account:allowed";
inline constexpr std::string_view needsAction =
    "state:atRisk,confirmedCompromised level>=medium status:active account:allowed";
inline constexpr std::string_view countedDetections = "counted:yes"; // what days, types and places count
// As filter text: those that days, types and places count. The period of the list is about the last time.
[[nodiscard]] std::string firstSeenIn(const Period &period);
inline constexpr std::string_view riskySignIns = "riskLevelAggregated>=medium";
inline constexpr std::string_view riskyLetThrough = "riskLevelAggregated>=medium result:success";

// A user who needs somebody now, with the weightiest open detection.
struct UrgentUser
{
    RiskyUserRow user;
    std::optional<DetectionRow> detection;
    std::optional<Timestamp> openSince; // of the oldest open detection
};

struct RiskPlace
{
    Place place;
    std::int64_t detections = 0;
};

struct Overview
{
    std::int64_t users = 0;
    UserFiguresChange figures; // of atRiskUsers, and what was closed in the period
    std::int64_t high = 0;     // rows of highWithoutAction
    std::optional<Timestamp> highSince;
    std::int64_t riskySignIns = 0, letThrough = 0; // in the period
    std::vector<LevelCounts> days;                 // detections last seen then
    std::map<DetectionType, LevelCounts> types;    // in the period
    std::vector<std::int64_t> open, resolved; // users at the end of each day; resolved is a running total
    std::vector<RiskPlace> places;            // most detections first, those with coordinates
    std::int64_t countries = 0;
    std::int64_t urgentUsers = 0; // rows of needsAction
    std::vector<UrgentUser>
        urgent; // the first of them: by level, confirmed before suspected, longest open first
    DataHealth health;
};
[[nodiscard]] Result<Overview> readOverview(store::Connection &connection, Timestamp now,
                                            std::span<const Timestamp> bounds, std::size_t atMostUrgent = 6,
                                            std::stop_token stop = {});

} // namespace riskdesk::query

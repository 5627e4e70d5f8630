// Risk detections: one row of the report, and what the pane behind it shows.
#pragma once

#include "core/base/result.h"
#include "core/domain/detection.h"
#include "core/domain/place.h"
#include "core/query/tables/column.h"
#include "core/query/texts.h"
#include "core/store/connection.h"

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::query {

struct DetectionRow
{
    std::int64_t rowid = 0;
    bool found = false; // false: no longer there, only `rowid` means something
    Detection detection;
    RiskLevel weightLevel = RiskLevel::None; // the level it counts at
    std::string userKey, userName, userPrincipalName, mail;
    bool accountEnabled = true, userDeleted = false;
    Place place;              // city and country as stored with the detection, the rest from its place
    std::string organisation; // of the network, when a place file knew it
    std::vector<DetectionType> alsoTriggered; // other types on the same sign-in, each once
    std::string reason;                       // one line, at most 62 characters (why.h)
    // Of the sign-in; empty where there is none.
    std::optional<SignInRow> signIn;
    std::string application, clientApp, device, operatingSystem, browser, userAgent;

    [[nodiscard]] const std::string &name() const { return userName.empty() ? userPrincipalName : userName; }
};

// What the list filters and sorts by and what scripts are told: Graph's riskDetection. A field that Graph has
// and we cannot know is null.
[[nodiscard]] Columns<DetectionRow> riskDetectionColumns();
// The text inside additionalInfo: a JSON array of {Key,Value}, as Graph has it.
[[nodiscard]] std::string additionalInfo(const DetectionRow &row);

// In the order of the ids.
[[nodiscard]] Result<std::vector<DetectionRow>> readDetections(store::Connection &connection,
                                                               std::span<const std::int64_t> rowids,
                                                               std::stop_token stop = {});
// By its 64 hex digits, or their beginning when only one detection begins so. Code::NotFound, Conflict.
[[nodiscard]] Result<std::int64_t> findDetection(store::Connection &connection, std::string_view id);

// The ids of rows, in their order; a row that is gone has none.
[[nodiscard]] Result<std::vector<std::string>> idsOf(store::Connection &connection,
                                                     std::span<const std::int64_t> rowids);
// When the oldest detection was made; nothing without any.
[[nodiscard]] Result<std::optional<Timestamp>> firstDetection(store::Connection &connection);

// Detections on one sign-in, those that took it in as a repeat included; weightiest first.
[[nodiscard]] Result<std::vector<std::int64_t>> detectionsOn(store::Connection &connection,
                                                             std::uint32_t user, const EventKey &key,
                                                             std::string_view requestId);
// Other detections on the same sign-in, newest first.
[[nodiscard]] Result<std::vector<std::int64_t>> triggeredTogether(store::Connection &connection,
                                                                  std::int64_t rowid);
// A detection of another user that looks the same, and why: "sameCampaign", "sameNetwork" (/24 or /48),
// "sameMinute". The reasons come in this order, the strongest rows first.
struct SimilarDetection
{
    std::int64_t rowid = 0;
    std::vector<std::string_view> reasons;
};
[[nodiscard]] Result<std::vector<SimilarDetection>> samePattern(store::Connection &connection,
                                                                std::int64_t rowid, std::size_t atMost = 500);

} // namespace riskdesk::query

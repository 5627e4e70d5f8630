// Go to: what a few letters may mean: users (also those that no list of risk holds), addresses that sign-ins
// came from, detections by their id. The box above the window asks it at every key.
//
// Letters are found anywhere, letter case and accents ignored; of several words a user has all. What begins
// with them comes first and is looked up by an index; only when that leaves room is the rest searched, until
// there is enough or `stop` says so (Code::Cancelled).
#pragma once

#include "core/base/result.h"
#include "core/domain/risk.h"
#include "core/store/connection.h"

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::query {

struct FoundUser
{
    std::int64_t id = 0;
    std::string key; // Graph's id
    std::string name, mail;
    bool listed = false; // Risky users has a row for the account
    RiskLevel level = RiskLevel::None;
    RiskState state = RiskState::None;
};
[[nodiscard]] Result<std::vector<FoundUser>> findUsers(store::Connection &connection, std::string_view words,
                                                       std::size_t atMost, std::stop_token stop = {});
// As text, the nearest first.
[[nodiscard]] Result<std::vector<std::string>> findAddresses(store::Connection &connection,
                                                             std::string_view part, std::size_t atMost,
                                                             std::stop_token stop = {});

struct FoundDetection
{
    std::int64_t rowid = 0;
    std::string id;
    DetectionType type = DetectionType::Other;
    std::string userName;
};
[[nodiscard]] Result<std::vector<FoundDetection>> findDetections(store::Connection &connection,
                                                                 std::string_view part, std::size_t atMost,
                                                                 std::stop_token stop = {});

} // namespace riskdesk::query

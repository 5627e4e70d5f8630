// Graph objects: our rows shaped as Microsoft Graph shapes riskyUser, riskDetection, signIn and user (v1.0),
// one JSON object per call, and the same as CSV with dotted names.
//
// Text is UTF-8 (invalid bytes become U+FFFD), times ISO 8601 with Z, missing values null. additionalInfo is
// a string that holds a JSON array of {Key,Value}, as Graph has it. A field Graph has and we cannot know is
// null.
#pragma once

#include "core/query/detections.h"
#include "core/query/risky_users.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::query {

[[nodiscard]] std::string riskyUserJson(const RiskyUserRow &row);
[[nodiscard]] std::string riskDetectionJson(const DetectionRow &row);
[[nodiscard]] std::string userJson(const RiskyUserRow &row);
// The text inside additionalInfo.
[[nodiscard]] std::string additionalInfo(const DetectionRow &row);

// CSV (RFC 4180, CRLF). A cell that a spreadsheet would run (= + - @ tab return at its start) gets an
// apostrophe in front, unless the whole cell is a number.
[[nodiscard]] std::string csvCell(std::string_view text);
[[nodiscard]] std::string csvLine(std::span<const std::string> cells);
[[nodiscard]] std::span<const std::string_view> riskyUserCsvHeader();
[[nodiscard]] std::span<const std::string_view> riskDetectionCsvHeader();
[[nodiscard]] std::vector<std::string> riskyUserCsv(const RiskyUserRow &row);
[[nodiscard]] std::vector<std::string> riskDetectionCsv(const DetectionRow &row);

} // namespace riskdesk::query

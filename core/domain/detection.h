// Detection: one finding of one type, on a sign-in or on a user.
#pragma once

#include "core/base/digest.h"
#include "core/domain/evidence.h"
#include "core/domain/risk.h"
#include "core/domain/sign_in.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace riskdesk {

// 64 hex digits: BLAKE2b-256 over (type, user key, request id or scope key), so that the same finding made
// twice is the same row.
[[nodiscard]] std::string detectionId(DetectionType type, std::string_view userKey,
                                      std::string_view requestIdOrScope);

// The id a sign-in is known by outside: its GUID, its text, or the 32 hex digits of its key.
[[nodiscard]] std::string requestId(EventIdKind kind, const EventKey &key, std::string_view eventIdText);

// Our source name; imported detections carry their provider's.
inline constexpr std::string_view ourSource = "Riskdesk";

struct Detection
{
    std::string id;
    DetectionType type = DetectionType::Other;
    std::string typeText; // riskEventType as written; same as toText(type) for ours
    RiskLevel level = RiskLevel::None;
    RiskState state = RiskState::AtRisk;
    RiskDetail detail = RiskDetail::None;
    DetectionTiming timing = DetectionTiming::NotDefined;
    Activity activity = Activity::SignIn;
    std::string source{ourSource};
    std::uint32_t user = 0;
    bool hasSignIn = false;
    EventKey eventKey{}; // of the sign-in, when hasSignIn
    std::string requestId;
    std::string correlationId;
    Timestamp at;         // activityDateTime: the event's time
    Timestamp detectedAt; // the wall clock
    Timestamp lastUpdated;
    Timestamp lastAt;        // the newest occurrence folded into this one
    std::uint32_t count = 1; // occurrences folded into this one
    std::string foldKey; // provider or scope; same user, type and foldKey are one detection while it is open
    IpAddress ip;
    std::uint32_t place = 0; // Dictionary::Place
    std::uint32_t asn = 0;
    std::string campaign; // campaign.id for passwordSpray, else empty
    Evidence evidence;
};

} // namespace riskdesk

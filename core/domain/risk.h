// Risk: the enumerations of the product, named as Microsoft Graph names them, and the one table that gives
// each its stable text. Engine, console, command line, exports and help all read this table.
//
// Numeric values are stored in the database and never change their meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace riskdesk {

enum class RiskLevel : std::uint8_t { None = 0, Low = 1, Medium = 2, High = 3 };

enum class RiskState : std::uint8_t {
    None = 0,
    ConfirmedSafe = 1,
    Remediated = 2,
    Dismissed = 3,
    AtRisk = 4,
    ConfirmedCompromised = 5
};
// An open detection counts towards its user's risk.
[[nodiscard]] constexpr bool isOpen(RiskState s)
{
    return s == RiskState::AtRisk || s == RiskState::ConfirmedCompromised;
}

enum class RiskDetail : std::uint8_t {
    None = 0,
    AdminGeneratedTemporaryPassword = 1,
    UserPerformedSecuredPasswordChange = 2,
    UserPerformedSecuredPasswordReset = 3,
    AdminConfirmedSigninSafe = 4,
    AiConfirmedSigninSafe = 5, // never produced here; imported records may carry it
    UserPassedMFADrivenByRiskBasedPolicy = 6,
    AdminDismissedAllRiskForUser = 7,
    AdminConfirmedSigninCompromised = 8,
    Hidden = 9,
    AdminConfirmedUserCompromised = 10,
    AdminDismissedRiskForSignIn = 11,
    AdminConfirmedAccountSafe = 12
};

enum class DetectionType : std::uint8_t {
    UnlikelyTravel = 1,
    AnonymizedIPAddress = 2,
    MalwareInfectedIPAddress = 3,
    UnfamiliarFeatures = 4,
    PasswordSpray = 5,
    InvestigationsThreatIntelligence = 6,
    AdminConfirmedUserCompromised = 7,
    Other = 15 // an imported type we do not raise ourselves; its text is kept beside it
};

// Of ours; a new one gets the next number.
inline constexpr DetectionType newestDetectionType = DetectionType::AdminConfirmedUserCompromised;

enum class DetectionTiming : std::uint8_t { NotDefined = 0, Realtime = 1, NearRealtime = 2, Offline = 3 };
enum class Activity : std::uint8_t { SignIn = 0, User = 1 };

// One detection, in one row: what lists, filters, chips, charts, exports and help need of it. What a finding
// tells is a struct of core/domain/evidence.h, its sentences are in core/query/words/why.cpp, its detector
// and its thresholds in core/detect; each of them names the type, so that one left out does not compile.
struct DetectionTypeInfo
{
    DetectionType value;
    std::string_view key;         // riskEventType; the first part of its thresholds' keys
    std::string_view displayName; // as the reports call it
    std::string_view shortName;   // for chips
    std::string_view filterWords; // what a typed filter may call it: "travel|atypical"
    std::string_view icon;        // name of its drawing in resources/icons
    std::string_view mitre;       // technique, for additionalInfo
    DetectionTiming timing;
    bool needsPassword;         // concerns a password this directory keeps; not raised for social identities
    std::string_view cannotSee; // a sentence: where it stays silent although something is wrong
};
// Ours, in the order of the handbook.
[[nodiscard]] std::span<const DetectionTypeInfo> detectionTypes();
[[nodiscard]] const DetectionTypeInfo &info(DetectionType type);

[[nodiscard]] std::string_view toText(RiskLevel);
[[nodiscard]] std::string_view toText(RiskState);
[[nodiscard]] std::string_view toText(RiskDetail);
[[nodiscard]] std::string_view toText(DetectionType); // riskEventType
[[nodiscard]] std::string_view toText(DetectionTiming);
[[nodiscard]] std::string_view toText(Activity);
[[nodiscard]] std::optional<RiskLevel> riskLevelFromText(std::string_view); // case does not matter
[[nodiscard]] std::optional<RiskState> riskStateFromText(std::string_view);
[[nodiscard]] std::optional<RiskDetail> riskDetailFromText(std::string_view);
[[nodiscard]] std::optional<DetectionType> detectionTypeFromText(std::string_view);

// Words for people, English: "High", "At risk", "Admin dismissed all risk for user".
[[nodiscard]] std::string_view displayName(RiskLevel);
[[nodiscard]] std::string_view displayName(RiskState);
[[nodiscard]] std::string_view displayName(RiskDetail);

} // namespace riskdesk

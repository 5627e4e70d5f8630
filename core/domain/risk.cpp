#include "core/domain/risk.h"

#include "core/base/word_table.h"

namespace riskdesk {
namespace {

constexpr std::array levels = {
    Word{RiskLevel::None, "none", Risk::tr("None")},
    Word{RiskLevel::Low, "low", Risk::tr("Low")},
    Word{RiskLevel::Medium, "medium", Risk::tr("Medium")},
    Word{RiskLevel::High, "high", Risk::tr("High")},
};
constexpr std::array states = {
    Word{RiskState::None, "none", Risk::tr("None")},
    Word{RiskState::ConfirmedSafe, "confirmedSafe", Risk::tr("Confirmed safe")},
    Word{RiskState::Remediated, "remediated", Risk::tr("Remediated")},
    Word{RiskState::Dismissed, "dismissed", Risk::tr("Dismissed")},
    Word{RiskState::AtRisk, "atRisk", Risk::tr("At risk")},
    Word{RiskState::ConfirmedCompromised, "confirmedCompromised", Risk::tr("Confirmed compromised")},
};
constexpr std::array details = {
    Word{RiskDetail::None, "none", Risk::tr("None")},
    Word{RiskDetail::AdminGeneratedTemporaryPassword, "adminGeneratedTemporaryPassword",
         Risk::tr("Admin generated temporary password for user")},
    Word{RiskDetail::UserPerformedSecuredPasswordChange, "userPerformedSecuredPasswordChange",
         Risk::tr("User performed secure password change")},
    Word{RiskDetail::UserPerformedSecuredPasswordReset, "userPerformedSecuredPasswordReset",
         Risk::tr("User performed secured password reset")},
    Word{RiskDetail::AdminConfirmedSigninSafe, "adminConfirmedSigninSafe",
         Risk::tr("Admin confirmed sign-in safe")},
    Word{RiskDetail::AiConfirmedSigninSafe, "aiConfirmedSigninSafe", Risk::tr("AI confirmed sign-in safe")},
    Word{RiskDetail::UserPassedMFADrivenByRiskBasedPolicy, "userPassedMFADrivenByRiskBasedPolicy",
         Risk::tr("User passed multifactor authentication")},
    Word{RiskDetail::AdminDismissedAllRiskForUser, "adminDismissedAllRiskForUser",
         Risk::tr("Admin dismissed all risk for user")},
    Word{RiskDetail::AdminConfirmedSigninCompromised, "adminConfirmedSigninCompromised",
         Risk::tr("Admin confirmed sign-in compromised")},
    Word{RiskDetail::Hidden, "hidden", Risk::tr("Hidden")},
    Word{RiskDetail::AdminConfirmedUserCompromised, "adminConfirmedUserCompromised",
         Risk::tr("Admin confirmed user compromised")},
    Word{RiskDetail::AdminDismissedRiskForSignIn, "adminDismissedRiskForSignIn",
         Risk::tr("Admin dismissed risk for sign-in")},
    Word{RiskDetail::AdminConfirmedAccountSafe, "adminConfirmedAccountSafe",
         Risk::tr("Admin confirmed account safe")},
};
// By number, as the static_assert below asks. `value` is the type.
constexpr std::array types = {
    DetectionTypeInfo{
        DetectionType::UnlikelyTravel, "unlikelyTravel", Risk::tr("Atypical travel"),
        Risk::tr("Atypical travel", "short, for a chip"), "travel|atypical", "travel", "T1078",
        DetectionTiming::Offline, false,
        Risk::tr("Somebody near the user's own places, travel below the least distance, and sign-ins whose "
                 "place is hidden by a VPN or known to neither log nor place file.")},
    DetectionTypeInfo{
        DetectionType::AnonymizedIPAddress, "anonymizedIPAddress", Risk::tr("Anonymous IP address"),
        Risk::tr("Anonymous IP", "short, for a chip"), "anonymous|anonymizer", "anonymous", "T1090.003",
        DetectionTiming::Realtime, false,
        Risk::tr(
            "Anonymizers that no list named at that time: a rented server, somebody's home connection.")},
    DetectionTypeInfo{DetectionType::MalwareInfectedIPAddress, "malwareInfectedIPAddress",
                      Risk::tr("Malware linked IP address"), Risk::tr("Malware IP", "short, for a chip"),
                      "malware", "malware", "T1078", DetectionTiming::Offline, false,
                      Risk::tr("Infected machines that no list names yet and that have not failed here "
                               "often.")},
    DetectionTypeInfo{
        DetectionType::UnfamiliarFeatures, "unfamiliarFeatures", Risk::tr("Unfamiliar sign-in properties"),
        Risk::tr("Unfamiliar sign-in", "short, for a chip"), "unfamiliar|features", "unfamiliar", "T1078",
        DetectionTiming::Realtime, false,
        Risk::tr("Somebody who comes from the user's own network with a device like the user's, users of "
                 "whom too little is known yet, and stolen sessions, which sign in nowhere.")},
    DetectionTypeInfo{DetectionType::PasswordSpray, "passwordSpray", Risk::tr("Password spray"),
                      Risk::tr("Password spray", "short, for a chip"), "spray", "spray", "T1110.003",
                      DetectionTiming::Offline, true,
                      Risk::tr("Tries that this log does not hold, and those so few and so scattered that "
                               "they look like people mistyping.")},
    DetectionTypeInfo{
        DetectionType::InvestigationsThreatIntelligence, "investigationsThreatIntelligence",
        Risk::tr("Threat intelligence"), Risk::tr("Threat intelligence", "short, for a chip"),
        "threat|intelligence", "intelligence", "T1078", DetectionTiming::Offline, false,
        Risk::tr("What no indicator in use names, and what an indicator set aside would have named.")},
    DetectionTypeInfo{DetectionType::AdminConfirmedUserCompromised, "adminConfirmedUserCompromised",
                      Risk::tr("Admin confirmed user compromised"),
                      Risk::tr("Admin confirmed", "short, for a chip"), "admin", "person_check", "T1078",
                      DetectionTiming::Offline, false,
                      Risk::tr("It is what somebody said; nothing was measured.")},
};
constexpr DetectionTypeInfo otherType{
    DetectionType::Other,
    "generic",
    Risk::tr("Additional risk detected"),
    Risk::tr("Additional risk", "short, for a chip"),
    "other",
    "detections",
    "T1078",
    DetectionTiming::NotDefined,
    false,
    Risk::tr("The provider found it and tells nothing of what it would have missed.")};

static_assert(isComplete(levels, RiskLevel::High));
static_assert(isComplete(states, RiskState::ConfirmedCompromised));
static_assert(isComplete(details, RiskDetail::AdminConfirmedAccountSafe));
static_assert(isComplete(types, newestDetectionType), "a row for each type, by number");

} // namespace

std::span<const DetectionTypeInfo> detectionTypes()
{
    return types;
}

const DetectionTypeInfo &info(DetectionType type)
{
    const auto &row = word(types, type);
    return row.value == type ? row : otherType;
}

std::string_view toText(RiskLevel v)
{
    return word(levels, v).key;
}
std::string_view toText(RiskState v)
{
    return word(states, v).key;
}
std::string_view toText(RiskDetail v)
{
    return word(details, v).key;
}
std::string_view toText(DetectionType v)
{
    return info(v).key;
}
std::string_view displayName(RiskLevel v)
{
    return word(levels, v).display;
}
std::string_view displayName(RiskState v)
{
    return word(states, v).display;
}
std::string_view displayName(RiskDetail v)
{
    return word(details, v).display;
}

std::string_view toText(DetectionTiming v)
{
    switch (v) {
    case DetectionTiming::NotDefined: return "notDefined";
    case DetectionTiming::Realtime: return "realtime";
    case DetectionTiming::NearRealtime: return "nearRealtime";
    case DetectionTiming::Offline: return "offline";
    }
    return "notDefined";
}

std::string_view toText(Activity v)
{
    return v == Activity::User ? "user" : "signin";
}

std::optional<RiskLevel> riskLevelFromText(std::string_view text)
{
    return fromText(levels, text);
}
std::optional<RiskState> riskStateFromText(std::string_view text)
{
    return fromText(states, text);
}
std::optional<RiskDetail> riskDetailFromText(std::string_view text)
{
    return fromText(details, text);
}

std::optional<DetectionType> detectionTypeFromText(std::string_view text)
{
    return fromText(types, text);
}

} // namespace riskdesk

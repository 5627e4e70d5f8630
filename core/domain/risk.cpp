#include "core/domain/risk.h"

#include "core/base/text.h"

#include <array>

namespace riskdesk {
namespace {

template <typename E>
struct Word
{
    E value;
    std::string_view key;
    std::string_view display;
};

constexpr std::array levels = {
    Word{RiskLevel::None, "none", "None"},
    Word{RiskLevel::Low, "low", "Low"},
    Word{RiskLevel::Medium, "medium", "Medium"},
    Word{RiskLevel::High, "high", "High"},
};
constexpr std::array states = {
    Word{RiskState::None, "none", "None"},
    Word{RiskState::ConfirmedSafe, "confirmedSafe", "Confirmed safe"},
    Word{RiskState::Remediated, "remediated", "Remediated"},
    Word{RiskState::Dismissed, "dismissed", "Dismissed"},
    Word{RiskState::AtRisk, "atRisk", "At risk"},
    Word{RiskState::ConfirmedCompromised, "confirmedCompromised", "Confirmed compromised"},
};
constexpr std::array details = {
    Word{RiskDetail::None, "none", "None"},
    Word{RiskDetail::AdminGeneratedTemporaryPassword, "adminGeneratedTemporaryPassword",
         "Admin generated temporary password for user"},
    Word{RiskDetail::UserPerformedSecuredPasswordChange, "userPerformedSecuredPasswordChange",
         "User performed secure password change"},
    Word{RiskDetail::UserPerformedSecuredPasswordReset, "userPerformedSecuredPasswordReset",
         "User performed secured password reset"},
    Word{RiskDetail::AdminConfirmedSigninSafe, "adminConfirmedSigninSafe", "Admin confirmed sign-in safe"},
    Word{RiskDetail::AiConfirmedSigninSafe, "aiConfirmedSigninSafe", "AI confirmed sign-in safe"},
    Word{RiskDetail::UserPassedMFADrivenByRiskBasedPolicy, "userPassedMFADrivenByRiskBasedPolicy",
         "User passed multifactor authentication"},
    Word{RiskDetail::AdminDismissedAllRiskForUser, "adminDismissedAllRiskForUser",
         "Admin dismissed all risk for user"},
    Word{RiskDetail::AdminConfirmedSigninCompromised, "adminConfirmedSigninCompromised",
         "Admin confirmed sign-in compromised"},
    Word{RiskDetail::Hidden, "hidden", "Hidden"},
    Word{RiskDetail::AdminConfirmedUserCompromised, "adminConfirmedUserCompromised",
         "Admin confirmed user compromised"},
    Word{RiskDetail::AdminDismissedRiskForSignIn, "adminDismissedRiskForSignIn",
         "Admin dismissed risk for sign-in"},
    Word{RiskDetail::AdminConfirmedAccountSafe, "adminConfirmedAccountSafe", "Admin confirmed account safe"},
};
constexpr std::array types = {
    DetectionTypeInfo{DetectionType::UnlikelyTravel, "unlikelyTravel", "Atypical travel", "Atypical travel",
                      "T1078", DetectionTiming::Offline, false},
    DetectionTypeInfo{DetectionType::AnonymizedIPAddress, "anonymizedIPAddress", "Anonymous IP address",
                      "Anonymous IP", "T1090.003", DetectionTiming::Realtime, false},
    DetectionTypeInfo{DetectionType::MalwareInfectedIPAddress, "malwareInfectedIPAddress",
                      "Malware linked IP address", "Malware IP", "T1078", DetectionTiming::Offline, false},
    DetectionTypeInfo{DetectionType::UnfamiliarFeatures, "unfamiliarFeatures",
                      "Unfamiliar sign-in properties", "Unfamiliar sign-in", "T1078",
                      DetectionTiming::Realtime, false},
    DetectionTypeInfo{DetectionType::PasswordSpray, "passwordSpray", "Password spray", "Password spray",
                      "T1110.003", DetectionTiming::Offline, true},
    DetectionTypeInfo{DetectionType::InvestigationsThreatIntelligence, "investigationsThreatIntelligence",
                      "Threat intelligence", "Threat intelligence", "T1078", DetectionTiming::Offline, false},
    DetectionTypeInfo{DetectionType::AdminConfirmedUserCompromised, "adminConfirmedUserCompromised",
                      "Admin confirmed user compromised", "Admin confirmed", "T1078",
                      DetectionTiming::Offline, false},
};
constexpr DetectionTypeInfo otherType{
    DetectionType::Other,        "generic", "Additional risk detected", "Additional risk", "T1078",
    DetectionTiming::NotDefined, false};

template <typename Table, typename E>
const auto &word(const Table &table, E value)
{
    for (const auto &w : table)
        if (w.value == value)
            return w;
    return table[0];
}

template <typename Table>
auto fromText(const Table &table, std::string_view text) -> std::optional<decltype(table[0].value)>
{
    for (const auto &w : table)
        if (equalsIgnoringCase(w.key, text))
            return w.value;
    return std::nullopt;
}

} // namespace

std::span<const DetectionTypeInfo> detectionTypes()
{
    return types;
}

const DetectionTypeInfo &info(DetectionType type)
{
    for (const auto &t : types)
        if (t.type == type)
            return t;
    return otherType;
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
    for (const auto &t : types)
        if (equalsIgnoringCase(t.key, text))
            return t.type;
    return std::nullopt;
}

} // namespace riskdesk

// The tables themselves; see fields.h. A line is a row.
// clang-format off
#include "core/query/fields.h"

#include "core/domain/ledger_event.h"
#include "core/domain/risk.h"
#include "core/domain/sign_in.h"

#include <array>
#include <cstddef>

namespace riskdesk::query {
namespace {

constexpr std::array levels = {EnumWord{0, "none", "", "None"}, EnumWord{1, "low", "", "Low"},
                               EnumWord{2, "medium", "med", "Medium"}, EnumWord{3, "high", "", "High"}};
constexpr std::array states = {
    EnumWord{0, "none", "", "None"},
    EnumWord{1, "confirmedSafe", "safe", "Confirmed safe"},
    EnumWord{2, "remediated", "", "Remediated"},
    EnumWord{3, "dismissed", "", "Dismissed"},
    EnumWord{4, "atRisk", "risk", "At risk"},
    EnumWord{5, "confirmedCompromised", "compromised", "Confirmed compromised"},
};
constexpr std::array timings = {EnumWord{0, "notDefined", "", "Not defined"},
                                EnumWord{1, "realtime", "atSignIn", "At sign-in"},
                                EnumWord{2, "nearRealtime", "", "Near real time"},
                                EnumWord{3, "offline", "later", "Later"}};
constexpr std::array activities = {EnumWord{0, "signin", "", "Sign-in"}, EnumWord{1, "user", "", "User"}};
constexpr std::array yesNo = {EnumWord{0, "false", "no", "No"}, EnumWord{1, "true", "yes", "Yes"}};
constexpr std::array enabled = {EnumWord{0, "false", "no|blocked", "Sign-in blocked"},
                                EnumWord{1, "true", "yes|allowed", "Sign-in allowed"}};
constexpr std::array deleted = {EnumWord{0, "false", "no|active", "Active"},
                                EnumWord{1, "true", "yes|deleted", "Deleted"}};
constexpr std::array learning = {EnumWord{0, "done", "over", "Done"}, EnumWord{1, "learning", "", "Still learning"}};
constexpr std::array outcomes = {EnumWord{0, "success", "succeeded|ok", "Success"},
                                 EnumWord{1, "failure", "failed", "Failure"},
                                 EnumWord{2, "interrupted", "", "Interrupted"}};
constexpr std::array identities = {EnumWord{0, "unknown", "", "Unknown"}, EnumWord{1, "local", "", "Local"},
                                   EnumWord{2, "social", "", "Social"}};
constexpr std::array mfas = {EnumWord{0, "unknown", "", "Unknown"},
                             EnumWord{1, "singleFactor", "single", "Single factor"},
                             EnumWord{2, "required", "", "Required"}, EnumWord{3, "passed", "", "Passed"},
 EnumWord{4, "satisfied", "", "Met earlier"}};
constexpr std::array failures = {EnumWord{0, "none", "", "None"},
                                 EnumWord{1, "badPassword", "", "Wrong password"},
                                 EnumWord{2, "unknownUser", "", "Unknown user"},
                                 EnumWord{3, "locked", "", "Locked out"},
                                 EnumWord{4, "expired", "", "Password expired"},
                                 EnumWord{5, "disabled", "", "Account disabled"},
                                 EnumWord{6, "other", "", "Other"},
                                 EnumWord{7, "stopped", "", "Right password, stopped"}};
constexpr std::array scopes = {EnumWord{1, "address", "", "Address"}, EnumWord{2, "network", "", "Network"},
                               EnumWord{3, "asnAgent", "", "Network owner and user agent"},
                               EnumWord{4, "agent", "", "User agent"}};

// Names and displays of the domain's own tables, so that there is no second spelling of them.
std::span<const EnumWord> types()
{
    static const auto table = [] {
        std::array<EnumWord, 8> words{};
        std::size_t i = 0;
        for (const auto &t : detectionTypes()) {
            words.at(i) = {static_cast<std::int64_t>(t.value), t.key, t.filterWords, t.displayName};
            ++i;
        }
        const auto &other = info(DetectionType::Other);
        words.at(i) = {static_cast<std::int64_t>(other.value), other.key, other.filterWords, other.displayName};
        return words;
    }();
    return table;
}

std::span<const EnumWord> details()
{
    static const auto table = [] {
        std::array<EnumWord, 13> words{};
        for (std::size_t i = 0; i < words.size(); ++i) {
            const auto detail = static_cast<RiskDetail>(i);
            words.at(i) = {static_cast<std::int64_t>(i), toText(detail), "", displayName(detail)};
        }
        return words;
    }();
    return table;
}

std::span<const EnumWord> ledgerKinds()
{
    static const auto table = [] {
        std::array<EnumWord, 21> words{};
        for (std::size_t i = 0; i < words.size(); ++i) {
            const auto kind = static_cast<LedgerKind>(i + 1);
            words.at(i) = {static_cast<std::int64_t>(i + 1), toText(kind), "", displayName(kind)};
        }
        return words;
    }();
    return table;
}

using K = FieldKind;
using S = Storage;

constexpr std::string_view anyDetection = "EXISTS (SELECT 1 FROM detection d WHERE d.user = r.user AND ";
constexpr std::string_view lastActor =
    "coalesce((SELECT l.actor FROM ledger l WHERE l.user = u.id AND l.actor <> '' ORDER BY l.id DESC LIMIT 1), '')";
constexpr std::string_view lastKind =
    "(SELECT l.kind FROM ledger l WHERE l.user = u.id AND l.actor <> '' ORDER BY l.id DESC LIMIT 1)";
constexpr std::string_view hasNote =
    "EXISTS (SELECT 1 FROM ledger l WHERE l.user = u.id AND l.note <> '')";
constexpr std::string_view provider = "CASE u.identity WHEN 1 THEN 'local' ELSE u.issuer END";
constexpr std::string_view mitre =
    "CASE d.type WHEN 2 THEN 'T1090.003' WHEN 5 THEN 'T1110.003' ELSE 'T1078' END";
// Alphabetical as people read the types (displayName), for sorting.
constexpr std::string_view typeRank = "CASE d.type WHEN 7 THEN 1 WHEN 2 THEN 2 WHEN 1 THEN 3 WHEN 3 THEN 4 "
                                      "WHEN 5 THEN 5 WHEN 6 THEN 6 WHEN 4 THEN 7 ELSE 8 END";
constexpr std::string_view topTypeRank = "CASE r.top_type WHEN 7 THEN 1 WHEN 2 THEN 2 WHEN 1 THEN 3 WHEN 3 THEN 4 "
                                         "WHEN 5 THEN 5 WHEN 6 THEN 6 WHEN 4 THEN 7 WHEN 0 THEN 9 ELSE 8 END";

// Bytes of sign_in_risk.row, which is a SignInRow as it lies in memory.
static_assert(offsetof(SignInRow, outcome) == 124 && offsetof(SignInRow, mfa) == 127 &&
              offsetof(SignInRow, application) == 76 && offsetof(SignInRow, clientApp) == 72 &&
              offsetof(SignInRow, device) == 68 && offsetof(SignInRow, operatingSystem) == 64 &&
              offsetof(SignInRow, browser) == 60 && offsetof(SignInRow, userAgent) == 56);

std::span<const Field> userFields()
{
    static const auto table = std::array{
        Field{"id", "userId|key", K::Text, S::Fold, {}, false, "u.key", "", "The user's id."},
        Field{"user", "", K::Text, S::Folded, {}, false, "u.search", "", "Name, sign-in name, mail or id."},
        Field{"userDisplayName", "name", K::Text, S::Fold, {}, false, "u.display_name", "", "The user's name."},
        Field{"userPrincipalName", "upn", K::Text, S::Fold, {}, false, "u.upn", "", "The user's sign-in name."},
        Field{"mail", "", K::Text, S::Fold, {}, false, "u.mail", "", "The user's mail address."},
        Field{"phone", "", K::Text, S::Fold, {}, false, "u.phone", "", "The user's phone number."},
        Field{"riskLevel", "level", K::Enum, S::Plain, levels, true, "r.level", "", "How sure it is that somebody else has this account."},
        Field{"riskState", "state", K::Enum, S::Plain, states, false, "r.state", "", "Whether the risk is open, and if not, how it was closed."},
        Field{"riskDetail", "detail", K::Enum, S::Plain, details(), false, "r.detail", "", "What changed the state."},
        Field{"riskLastUpdatedDateTime", "updated", K::Time, S::Plain, {}, true, "r.updated_at", "", "When the user's risk last changed."},
        Field{"riskScore", "score", K::Number, S::Plain, {}, true, "r.score", "", "0 to 100; medium begins at 47, high at 75."},
        Field{"riskEventType", "type|riskType|detection", K::Enum, S::Bits, types(), false, "r.types", "", "A detection type the user has or had."},
        Field{"topDetection", "top", K::Enum, S::Plain, types(), false, "r.top_type", "", "The weightiest open detection's type, else the newest's."},
        Field{"countryOrRegion", "country", K::Text, S::Words, {}, false, "r.countries", "", "A country that the user's detections came from."},
        Field{"city", "place", K::Text, S::Fold, {}, false, "d.city", anyDetection, "A city that the user's detections came from."},
        Field{"ipAddress", "ip|range", K::Address, S::Blob, {}, false, "d.ip", anyDetection, "Address or range that the user's detections came from."},
        Field{"asn", "network", K::Number, S::Plain, {}, true, "d.asn", anyDetection, "Number of a network that the user's detections came from."},
        Field{"source", "", K::Text, S::Fold, {}, false, "d.source", anyDetection, "Who raised one of the user's detections."},
        Field{"providerRiskLevel", "providerLevel", K::Text, S::Fold, {}, false, "p.level", "", "The level that the identity provider gives; it does not count here."},
        Field{"providerRiskState", "providerState", K::Text, S::Fold, {}, false, "p.state", "", "The state that the identity provider gives; it does not count here."},
        Field{"identityProvider", "provider", K::Text, S::Fold, {}, false, provider, "", "Who keeps the password: local, or the provider's name."},
        Field{"identity", "", K::Enum, S::Plain, identities, false, "u.identity", "", "Local or social account."},
        Field{"accountEnabled", "enabled|account", K::Enum, S::Plain, enabled, false, "u.account_enabled", "", "Whether the user may sign in."},
        Field{"isDeleted", "deleted|status", K::Enum, S::Plain, deleted, false, "u.is_deleted", "", "Active or deleted."},
        Field{"isProcessing", "processing", K::Enum, S::Plain, yesNo, false, "r.is_processing", "", "Whether an action is on its way to the provider."},
        Field{"learningStatus", "learning", K::Enum, S::Plain, learning, false, "(u.learning_needed <> 0)", "", "Whether the detectors still learn what is usual."},
        Field{"lastAction", "action", K::Enum, S::Plain, ledgerKinds(), false, lastKind, "", "The last thing an operator did about the user."},
        Field{"lastActionBy", "by|actor", K::Text, S::Fold, {}, false, lastActor, "", "The operator who did it."},
        Field{"hasNote", "note|notes", K::Enum, S::Plain, yesNo, false, hasNote, "", "Whether anybody left a note."},
        Field{"openDetections", "open", K::Number, S::Plain, {}, true, "r.open_detections", "", "Detections that still count."},
        Field{"totalDetections", "detections", K::Number, S::Plain, {}, true, "r.total_detections", "", "All detections."},
        Field{"riskySignIns", "", K::Number, S::Plain, {}, true, "r.risky_sign_ins", "", "Sign-ins with a detection."},
        Field{"createdDateTime", "created", K::Time, S::Plain, {}, true, "u.created_at", "", "When the account was made."},
        Field{"lastSignInDateTime", "lastSignIn", K::Time, S::Plain, {}, true, "u.last_sign_in", "", "The newest sign-in."},
        Field{"lastPasswordChangeDateTime", "passwordChanged", K::Time, S::Plain, {}, true, "u.password_changed_at", "", "When the password was last changed."},
        Field{"campaign", "", K::Text, S::Plain, {}, false, "t.campaign", "EXISTS (SELECT 1 FROM campaign_target t WHERE t.user = r.user AND ", "A password spray that tried the user."},
    };
    return table;
}

std::span<const Field> detectionFields()
{
    static const auto table = std::array{
        Field{"id", "", K::Text, S::Fold, {}, false, "d.id", "", "The detection's id, 64 hex digits."},
        Field{"requestId", "request", K::Text, S::Fold, {}, false, "d.request_id", "", "The sign-in's id."},
        Field{"correlationId", "correlation", K::Text, S::Fold, {}, false, "d.correlation_id", "", "The sign-in's correlation id."},
        Field{"riskEventType", "type|riskType|detection", K::Enum, S::Plain, types(), false, "d.type", "", "What was detected."},
        Field{"riskLevel", "level", K::Enum, S::Plain, levels, true, "d.level", "", "How sure the detection is."},
        Field{"riskState", "state", K::Enum, S::Plain, states, false, "d.state", "", "Whether the detection is open, and if not, how it was closed."},
        Field{"riskDetail", "detail", K::Enum, S::Plain, details(), false, "d.detail", "", "What changed the state."},
        Field{"detectionTimingType", "timing", K::Enum, S::Plain, timings, false, "d.timing", "", "At sign-in, or found later."},
        Field{"activity", "", K::Enum, S::Plain, activities, false, "d.activity", "", "Linked to a sign-in, or to the user alone."},
        Field{"source", "", K::Text, S::Fold, {}, false, "d.source", "", "Who raised it: Riskdesk, or the provider."},
        Field{"counted", "", K::Enum, S::Plain, yesNo, false, countedDetection, "", "Whether it takes part in risk; the provider's own do not, unless a setting says so."},
        Field{"userId", "", K::Text, S::Fold, {}, false, "u.key", "", "The user's id."},
        Field{"user", "", K::Text, S::Folded, {}, false, "u.search", "", "Name, sign-in name, mail or id."},
        Field{"userDisplayName", "name", K::Text, S::Fold, {}, false, "u.display_name", "", "The user's name."},
        Field{"userPrincipalName", "upn", K::Text, S::Fold, {}, false, "u.upn", "", "The user's sign-in name."},
        Field{"ipAddress", "ip|range", K::Address, S::Blob, {}, false, "d.ip", "", "Address or range of the sign-in."},
        Field{"city", "place", K::Text, S::Fold, {}, false, "d.city", "", "City of the sign-in."},
        Field{"countryOrRegion", "country", K::Text, S::Plain, {}, false, "d.country", "", "Country of the sign-in, two letters."},
        Field{"asn", "network", K::Number, S::Plain, {}, true, "d.asn", "", "Number of the network."},
        Field{"activityDateTime", "time|at", K::Time, S::Plain, {}, true, "d.at", "", "The moment of the sign-in."},
        Field{"lastActivityDateTime", "last", K::Time, S::Plain, {}, true, "d.last_at", "", "The moment it was seen last."},
        Field{"detectedDateTime", "detected", K::Time, S::Plain, {}, true, "d.detected_at", "", "When it was found."},
        Field{"lastUpdatedDateTime", "updated", K::Time, S::Plain, {}, true, "d.last_updated", "", "When it last changed."},
        Field{"mitreTechnique", "mitre|attack", K::Text, S::Plain, {}, false, mitre, "", "The attack technique, as MITRE ATT&CK numbers it."},
        Field{"result", "outcome|signIn", K::Enum, S::Plain, outcomes, false, "rd_byte(s.row, 124)", "", "How the sign-in ended."},
        Field{"mfa", "", K::Enum, S::Plain, mfas, false, "rd_byte(s.row, 127)", "", "Multifactor authentication of the sign-in."},
        Field{"count", "", K::Number, S::Plain, {}, true, "d.count", "", "How often it was seen while open."},
        Field{"campaign", "", K::Text, S::Plain, {}, false, "d.campaign", "", "The password spray it belongs to."},
        Field{"identityProvider", "provider", K::Text, S::Fold, {}, false, provider, "", "Who keeps the password: local, or the provider's name."},
        Field{"accountEnabled", "enabled|account", K::Enum, S::Plain, enabled, false, "u.account_enabled", "", "Whether the user may sign in."},
        Field{"isDeleted", "deleted|status", K::Enum, S::Plain, deleted, false, "u.is_deleted", "", "Whether the user is active or deleted."},
        Field{"appDisplayName", "app", K::Text, S::Fold, {}, false, "rd_text(5, rd_id(s.row, 76))", "", "The application signed in to."},
        Field{"clientAppUsed", "client", K::Text, S::Fold, {}, false, "rd_text(4, rd_id(s.row, 72))", "", "Browser, mobile app, or another client."},
        Field{"deviceId", "device", K::Text, S::Fold, {}, false, "rd_text(3, rd_id(s.row, 68))", "", "The device's id."},
        Field{"operatingSystem", "os", K::Text, S::Fold, {}, false, "rd_text(2, rd_id(s.row, 64))", "", "The device's system."},
        Field{"browser", "", K::Text, S::Fold, {}, false, "rd_text(1, rd_id(s.row, 60))", "", "The browser."},
        Field{"userAgent", "agent", K::Text, S::Fold, {}, false, "rd_text(0, rd_id(s.row, 56))", "", "The full user agent."},
    };
    return table;
}

std::span<const Field> signInFields()
{
    static const auto table = std::array{
        Field{"id", "requestId|request", K::Text, S::Fold, {}, false, "n.id", "", "The sign-in's id."},
        Field{"createdDateTime", "time|at", K::Time, S::Plain, {}, true, "n.at", "", "The moment of the sign-in."},
        Field{"userId", "", K::Text, S::Fold, {}, false, "n.user_key", "", "The user's id."},
        Field{"user", "", K::Text, S::Folded, {}, false, "n.user_search", "", "Name, sign-in name, mail or id."},
        Field{"userDisplayName", "name", K::Text, S::Fold, {}, false, "n.display_name", "", "The user's name."},
        Field{"userPrincipalName", "upn", K::Text, S::Fold, {}, false, "n.upn", "", "The user's sign-in name."},
        Field{"result", "outcome", K::Enum, S::Plain, outcomes, false, "n.outcome", "", "How the sign-in ended."},
        Field{"errorCode", "error", K::Number, S::Plain, {}, true, "n.error_code", "", "The provider's error number; 0 is none."},
        Field{"failureKind", "failure", K::Enum, S::Plain, failures, false, "n.failure", "", "What the failure says about the password."},
        Field{"failureReason", "reason", K::Text, S::Fold, {}, false, "n.failure_reason", "", "The provider's words for the failure."},
        Field{"ipAddress", "ip|range", K::Address, S::Blob, {}, false, "n.ip", "", "Address or range."},
        Field{"city", "place", K::Text, S::Fold, {}, false, "n.city", "", "City."},
        Field{"countryOrRegion", "country", K::Text, S::Plain, {}, false, "n.country", "", "Country, two letters."},
        Field{"asn", "network", K::Number, S::Plain, {}, true, "n.asn", "", "Number of the network."},
        Field{"appDisplayName", "app", K::Text, S::Fold, {}, false, "n.app", "", "The application signed in to."},
        Field{"resourceDisplayName", "resource", K::Text, S::Fold, {}, false, "n.resource", "", "The resource asked for."},
        Field{"clientAppUsed", "client", K::Text, S::Fold, {}, false, "n.client", "", "Browser, mobile app, or another client."},
        Field{"deviceId", "device", K::Text, S::Fold, {}, false, "n.device", "", "The device's id."},
        Field{"operatingSystem", "os", K::Text, S::Fold, {}, false, "n.os", "", "The device's system."},
        Field{"browser", "", K::Text, S::Fold, {}, false, "n.browser", "", "The browser."},
        Field{"userAgent", "agent", K::Text, S::Fold, {}, false, "n.agent", "", "The full user agent."},
        Field{"sessionId", "session", K::Text, S::Fold, {}, false, "n.session", "", "The session's id."},
        Field{"correlationId", "correlation", K::Text, S::Fold, {}, false, "n.correlation", "", "The correlation id."},
        Field{"isInteractive", "interactive", K::Enum, S::Plain, yesNo, false, "n.interactive", "", "Whether a person signed in."},
        Field{"mfa", "", K::Enum, S::Plain, mfas, false, "n.mfa", "", "Multifactor authentication."},
        Field{"identity", "", K::Enum, S::Plain, identities, false, "n.identity", "", "Local or social account."},
        Field{"riskLevelDuringSignIn", "during|signInRisk", K::Enum, S::Plain, levels, true, "n.level_during", "", "Risk known at the moment of the sign-in."},
        Field{"riskLevelAggregated", "level|riskLevel|risk", K::Enum, S::Plain, levels, true, "n.level_aggregated", "", "Risk with everything found later."},
        Field{"riskState", "state", K::Enum, S::Plain, states, false, "n.state", "", "Whether the sign-in's risk is open, and if not, how it was closed."},
        Field{"riskDetail", "detail", K::Enum, S::Plain, details(), false, "n.detail", "", "What changed the state."},
        Field{"sourceFile", "file", K::Text, S::Fold, {}, false, "n.source", "", "The log file it was read from."},
    };
    return table;
}

std::span<const Field> campaignFields()
{
    static const auto table = std::array{
        Field{"id", "", K::Text, S::Fold, {}, false, "c.id", "", "The campaign's id."},
        Field{"scope", "kind", K::Enum, S::Plain, scopes, false, "c.scope", "", "What the tries have in common."},
        Field{"scopeText", "range|ip", K::Text, S::Fold, {}, false, "c.scope_text", "", "Address, network or user agent."},
        Field{"openedDateTime", "opened", K::Time, S::Plain, {}, true, "c.opened", "", "The first failed attempt."},
        Field{"detectedDateTime", "detected", K::Time, S::Plain, {}, true, "c.detected", "", "When the thresholds were crossed."},
        Field{"lastDateTime", "last|updated", K::Time, S::Plain, {}, true, "c.last", "", "The newest attempt."},
        Field{"attempts", "", K::Number, S::Plain, {}, true, "c.attempts", "", "All attempts."},
        Field{"failures", "", K::Number, S::Plain, {}, true, "c.failures", "", "Attempts with a wrong password."},
        Field{"users", "", K::Number, S::Plain, {}, true, "c.users", "", "Accounts that were tried."},
        Field{"addresses", "", K::Number, S::Plain, {}, true, "c.addresses", "", "Addresses that tried."},
        Field{"hits", "", K::Number, S::Plain, {}, true, "c.hits", "", "Accounts whose password was right."},
    };
    return table;
}

std::span<const Field> rejectFields()
{
    static const auto table = std::array{
        Field{"file", "", K::Text, S::Fold, {}, false, "j.file", "", "The log file."},
        Field{"line", "", K::Number, S::Plain, {}, true, "j.line", "", "Line of the record, from 1."},
        Field{"reason", "", K::Text, S::Fold, {}, false, "j.reason", "", "Why the record could not be read."},
        Field{"detail", "", K::Text, S::Fold, {}, false, "j.detail", "", "The value that could not be read."},
        Field{"excerpt", "", K::Text, S::Fold, {}, false, "j.excerpt", "", "The beginning of the record."},
        Field{"run", "import", K::Number, S::Plain, {}, true, "j.run", "", "Number of the import."},
    };
    return table;
}

std::span<const Field> auditFields()
{
    static const auto table = std::array{
        Field{"activityDateTime", "time|at", K::Time, S::Plain, {}, true, "a.at", "", "When it was done."},
        Field{"actor", "by", K::Text, S::Fold, {}, false, "a.actor", "", "Who did it."},
        Field{"role", "", K::Text, S::Fold, {}, false, "a.role", "", "The actor's role."},
        Field{"action", "", K::Text, S::Fold, {}, false, "a.action", "", "What was done."},
        Field{"target", "user", K::Text, S::Fold, {}, false, "a.target", "", "What it was done to."},
        Field{"reason", "", K::Text, S::Fold, {}, false, "a.reason", "", "The reason given."},
        Field{"note", "", K::Text, S::Fold, {}, false, "a.note", "", "The note left."},
        Field{"via", "", K::Text, S::Fold, {}, false, "a.via", "", "Window or command line."},
    };
    return table;
}

constexpr std::array userOrders = {
    Order{"user", "u.search"},
    Order{"riskLevel", "r.level", "r.score"},
    Order{"riskState", "r.state"},
    Order{"riskTrend", "r.score"},
    Order{"topDetection", topTypeRank, "r.other_types"},
    Order{"lastLocation", "rd_fold(r.last_city)", "r.last_country", true},
    Order{"riskLastUpdatedDateTime", "r.updated_at", "", true},
    Order{"riskScore", "r.score"},
    Order{"riskDetail", "r.detail"},
    Order{"openDetections", "r.open_detections"},
    Order{"totalDetections", "r.total_detections"},
    Order{"riskySignIns", "r.risky_sign_ins"},
    Order{"countryOrRegion", "r.countries", "", true},
    Order{"identityProvider", provider, "", true},
    Order{"providerRiskState", "p.state", "p.level", true},
    Order{"accountEnabled", "u.account_enabled"},
    Order{"userPrincipalName", "rd_fold(u.upn)", "", true},
    Order{"mail", "rd_fold(u.mail)", "", true},
    Order{"phone", "u.phone", "", true},
    Order{"id", "u.key"},
    Order{"createdDateTime", "u.created_at", "", true},
    Order{"lastSignInDateTime", "u.last_sign_in", "", true},
    Order{"lastPasswordChangeDateTime", "u.password_changed_at", "", true},
    Order{"learningStatus", "(u.learning_needed <> 0)", "u.learning_done"},
    Order{"isProcessing", "r.is_processing"},
    Order{"lastAction", lastKind, "", true},
    Order{"lastActionBy", lastActor, "", true},
    Order{"hasNote", hasNote},
    Order{"isDeleted", "u.is_deleted"},
};

constexpr std::array detectionOrders = {
    Order{"riskEventType", typeRank, "d.type_text"},
    Order{"riskLevel", "d.level"},
    Order{"riskState", "d.state"},
    Order{"user", "u.search"},
    Order{"alsoTriggered", "(SELECT count(DISTINCT o.type) FROM detection o WHERE o.event_key = d.event_key AND o.rowid <> d.rowid)"},
    Order{"location", "rd_fold(d.city)", "d.country", true},
    Order{"activityDateTime", "d.at"},
    Order{"lastActivityDateTime", "d.last_at"},
    Order{"detectedDateTime", "d.detected_at"},
    Order{"lastUpdatedDateTime", "d.last_updated"},
    Order{"detectionTimingType", "d.timing"},
    Order{"riskDetail", "d.detail"},
    Order{"ipAddress", "d.ip", "", true},
    Order{"asn", "nullif(d.asn, 0)", "", true},
    Order{"mitreTechnique", mitre},
    Order{"source", "rd_fold(d.source)", "", true},
    Order{"requestId", "d.request_id", "", true},
    Order{"correlationId", "d.correlation_id", "", true},
    Order{"result", "rd_byte(s.row, 124)", "", true},
    Order{"mfa", "rd_byte(s.row, 127)", "", true},
    Order{"count", "d.count"},
    Order{"activity", "d.activity"},
    Order{"id", "d.id"},
    Order{"appDisplayName", "rd_fold(rd_text(5, rd_id(s.row, 76)))", "", true},
    Order{"clientAppUsed", "rd_fold(rd_text(4, rd_id(s.row, 72)))", "", true},
    Order{"deviceId", "rd_fold(rd_text(3, rd_id(s.row, 68)))", "", true},
    Order{"operatingSystem", "rd_fold(rd_text(2, rd_id(s.row, 64)))", "", true},
    Order{"browser", "rd_fold(rd_text(1, rd_id(s.row, 60)))", "", true},
};

// Evaluated over columns (sign_in_sort.cpp); the SQL is there for tests and outside readers.
constexpr std::array signInOrders = {
    Order{"createdDateTime", "n.at"},
    Order{"user", "n.user_search", "", true},
    Order{"result", "n.outcome"},
    Order{"riskLevelDuringSignIn", "n.level_during"},
    Order{"riskLevelAggregated", "n.level_aggregated"},
    Order{"riskState", "n.state"},
    Order{"appDisplayName", "rd_fold(n.app)", "", true},
    Order{"resourceDisplayName", "rd_fold(n.resource)", "", true},
    Order{"location", "rd_fold(n.city)", "n.country", true},
    Order{"asn", "nullif(n.asn, 0)", "", true},
    Order{"deviceId", "rd_fold(n.device)", "", true},
    Order{"operatingSystem", "rd_fold(n.os)", "", true},
    Order{"browser", "rd_fold(n.browser)", "", true},
    Order{"clientAppUsed", "rd_fold(n.client)", "", true},
    Order{"mfa", "n.mfa"},
    Order{"ipAddress", "n.ip", "", true},
    Order{"isInteractive", "n.interactive"},
    Order{"errorCode", "n.error_code"},
    Order{"failureReason", "rd_fold(n.failure_reason)", "", true},
    Order{"sessionId", "rd_fold(n.session)", "", true},
};

constexpr std::array campaignOrders = {
    Order{"scopeText", "c.scope_text"}, Order{"scope", "c.scope"}, Order{"openedDateTime", "c.opened"},
    Order{"detectedDateTime", "c.detected"}, Order{"lastDateTime", "c.last"}, Order{"attempts", "c.attempts"},
    Order{"failures", "c.failures"}, Order{"users", "c.users"}, Order{"addresses", "c.addresses"},
    Order{"hits", "c.hits"}, Order{"id", "c.id"},
};
constexpr std::array rejectOrders = {Order{"file", "j.file", "j.offset"}, Order{"line", "j.line"},
                                     Order{"reason", "j.reason"}, Order{"run", "j.run"}};
constexpr std::array auditOrders = {Order{"activityDateTime", "a.at"}, Order{"actor", "rd_fold(a.actor)"},
                                    Order{"role", "a.role"}, Order{"action", "a.action"},
                                    Order{"target", "rd_fold(a.target)", "", true}, Order{"reason", "a.reason", "", true},
                                    Order{"via", "a.via"}};

// Those with a risk of ours, and those whom only the provider holds at risk: they have none of it and count nowhere.
// No view of the file, since one that somebody else put there could say anything (`verify` knows none).
constexpr std::string_view riskyUsers =
    "(SELECT user, level, state, detail, score, updated_at, is_processing, open_detections, total_detections,"
    " risky_sign_ins, top_type, other_types, last_country, last_place, last_city, countries, types FROM user_risk"
    " WHERE total_detections > 0 OR state <> 0"
    " UNION ALL SELECT p.user, 0, 0, 0, 0, p.updated_at, 0, 0, 0, 0, 0, 0, '', 0, '', '', 0 FROM provider_risk p"
    " WHERE p.state NOT IN ('', 'none') AND NOT EXISTS (SELECT 1 FROM user_risk o WHERE o.user = p.user"
    " AND (o.total_detections > 0 OR o.state <> 0))) r"
    " LEFT JOIN user u ON u.id = r.user LEFT JOIN provider_risk p ON p.user = r.user";

// The sign-in list is evaluated over columns; its text form exists for tests and for outside readers.
constexpr std::array<Source, 6> sources = {
    Source{riskyUsers, "r.user", "r.updated_at", "", "u.search",
           "EXISTS (SELECT 1 FROM detection d WHERE d.user = r.user AND instr(d.ip_text, ?) > 0)"},
    Source{"detection d LEFT JOIN user u ON u.id = d.user LEFT JOIN sign_in_risk s ON s.event_key = d.event_key",
           "d.rowid", "d.last_at", "",
           "u.search || char(31) || rd_fold(d.city)", "instr(d.ip_text, ?) > 0",
           "instr(d.id || char(31) || rd_fold(d.request_id), ?) > 0"},
    Source{"sign_in_text n", "n.row", "n.at", "",
           "n.user_search || char(31) || rd_fold(n.city) || char(31) || rd_fold(n.app)",
           "instr(n.ip_text, ?) > 0", "instr(rd_fold(n.id), ?) > 0"},
    Source{"campaign c", "c.id", "c.opened", "", "rd_fold(c.scope_text) || char(31) || c.id"},
    Source{"reject j", "j.id", "", "", "rd_fold(j.file) || char(31) || rd_fold(j.reason) || char(31) || rd_fold(j.detail) || char(31) || rd_fold(j.excerpt)"},
    Source{"audit a", "a.id", "a.at", "", "rd_fold(a.actor) || char(31) || rd_fold(a.target) || char(31) || rd_fold(a.action) || char(31) || rd_fold(a.note)"},
};

} // namespace

std::span<const Field> fields(Report report)
{
    switch (report) {
    case Report::RiskyUsers: return userFields();
    case Report::Detections: return detectionFields();
    case Report::SignIns: return signInFields();
    case Report::Campaigns: return campaignFields();
    case Report::Rejects: return rejectFields();
    case Report::Audit: return auditFields();
    }
    return {};
}

std::span<const Order> orders(Report report)
{
    switch (report) {
    case Report::RiskyUsers: return userOrders;
    case Report::Detections: return detectionOrders;
    case Report::SignIns: return signInOrders;
    case Report::Campaigns: return campaignOrders;
    case Report::Rejects: return rejectOrders;
    case Report::Audit: return auditOrders;
    }
    return {};
}

const Source &source(Report report) { return sources.at(static_cast<std::size_t>(report)); }

} // namespace riskdesk::query

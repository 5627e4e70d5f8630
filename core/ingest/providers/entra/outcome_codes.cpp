#include "core/ingest/providers/entra/outcome_codes.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace riskdesk::ingest::entra {
namespace {

struct Entry
{
    std::int32_t code;
    CodeMeaning meaning;
};

constexpr CodeMeaning interrupted{Outcome::Interrupted, FailureKind::None};
// The password was right: by then only a second factor, the device or a policy is asked about.
constexpr CodeMeaning secondFactor{Outcome::Interrupted, FailureKind::Stopped};
constexpr CodeMeaning policy{Outcome::Failure, FailureKind::Stopped};
constexpr CodeMeaning badPassword{Outcome::Failure, FailureKind::BadPassword};
constexpr CodeMeaning unknownUser{Outcome::Failure, FailureKind::UnknownUser};
constexpr CodeMeaning locked{Outcome::Failure, FailureKind::Locked};
constexpr CodeMeaning expired{Outcome::Failure, FailureKind::Expired};
constexpr CodeMeaning disabled{Outcome::Failure, FailureKind::Disabled};

// Meanings: Microsoft, "Microsoft Entra authentication and authorization error codes" (AADSTS reference,
// learn.microsoft.com/entra/identity-platform/reference-error-codes). Sorted by code.
constexpr auto table = std::to_array<Entry>({
    {0, {Outcome::Success, FailureKind::None}},
    {16000, interrupted}, // several signed-in accounts, one has to be chosen
    {50034, unknownUser}, // the account does not exist in the directory
    {50053, locked},      // smart lock-out, or the address was seen attacking
    {50055, expired},     // the password was right and has expired
    {50056, badPassword}, // the directory holds no such password for the account
    {50057, disabled},
    {50058, interrupted},  // silent sign-in without a session
    {50064, badPassword},  // credential validation failed
    {50072, secondFactor}, // has to enrol for a second factor
    {50074, secondFactor}, // a second factor is required
    {50076, secondFactor}, // a second factor is required by policy or a new place
    {50079, secondFactor}, // has to enrol for a second factor, by policy
    {50097, interrupted},  // device authentication is required
    {50125, interrupted},  // password reset or registration entry
    {50126, badPassword},  // wrong user name or password
    {50127, interrupted},  // a broker app has to be installed
    {50129, interrupted},  // the device has to be joined to the workplace
    {50131, policy},       // Conditional Access: the device, the place or the risk
    {50140, interrupted},  // "keep me signed in" prompt
    {50142, secondFactor}, // a password change is required by policy
    {50144, expired},      // the password of the on-premises directory has expired
    {50158, secondFactor}, // sent to an external second factor
    {50199, interrupted},  // confirmation page before leaving for an application
    {50203, secondFactor}, // has to register an authenticator
    {51004, unknownUser},  // the account is not in the directory
    {51006, secondFactor}, // a second factor is required by the application
    {53000, policy},       // the device does not comply
    {53001, policy},       // the device has not joined the domain
    {53002, policy},       // the application is not approved
    {53003, policy},       // Conditional Access blocked it
    {53004, policy},       // has to enrol for a second factor, and is seen as risky
    {65001, interrupted},  // consent has not been given yet
});
static_assert(std::is_sorted(table.begin(), table.end(),
                             [](const Entry &a, const Entry &b) { return a.code < b.code; }));

// Those that speak of the password, or of what came behind it.
constexpr auto words = std::to_array<std::pair<std::string_view, std::int32_t>>({
    {"InvalidUserNameOrPassword", 50126},
    {"UserAccountNotFound", 50034},
    {"IdsLocked", 50053},
    {"UserDisabled", 50057},
    {"InvalidPasswordExpiredPassword", 50055},
    {"UserStrongAuthEnrollmentRequiredInterrupt", 50072},
    {"UserStrongAuthClientAuthNRequiredInterrupt", 50074},
    {"UserStrongAuthClientAuthNRequired", 50076},
    {"UserStrongAuthEnrollmentRequired", 50079},
    {"DeviceAuthenticationRequired", 50097},
    {"BlockedByConditionalAccess", 53003},
});

} // namespace

CodeMeaning meaningOf(std::int32_t errorCode)
{
    const auto *at =
        std::lower_bound(table.begin(), table.end(), errorCode,
                         [](const Entry &entry, std::int32_t code) { return entry.code < code; });
    return at != table.end() && at->code == errorCode ? at->meaning : CodeMeaning{};
}

CodeMeaning meaningOf(std::string_view logonError)
{
    const auto *at = std::find_if(words.begin(), words.end(),
                                  [&](const auto &entry) { return entry.first == logonError; });
    return at != words.end() ? meaningOf(at->second) : CodeMeaning{};
}

std::optional<std::int32_t> errorCodeIn(std::string_view text)
{
    const auto value = toInteger(trim(text));
    if (!value || *value < std::numeric_limits<std::int32_t>::min() ||
        *value > std::numeric_limits<std::int32_t>::max())
        return std::nullopt;
    return static_cast<std::int32_t>(*value);
}

void apply(SignIn &s, std::int32_t code)
{
    const auto meaning = meaningOf(code);
    s.errorCode = code;
    s.outcome = meaning.outcome;
    s.failure = meaning.failure;
}

void forgetFailure(SignIn &s)
{
    const bool validated = s.failure == FailureKind::Stopped || s.failure == FailureKind::Expired;
    if (s.outcome == Outcome::Success || (s.outcome == Outcome::Interrupted && !validated))
        s.failure = FailureKind::None;
}

} // namespace riskdesk::ingest::entra

// Known: which numbers of an enumeration a file may hold. store::Statement::as() takes no other one and
// answers a number that is not known with an error. An enumeration that is stored has its line here.
#pragma once

#include "core/domain/account.h"
#include "core/domain/campaign.h"
#include "core/domain/intelligence.h"
#include "core/domain/ledger_event.h"
#include "core/domain/provider.h"
#include "core/domain/risk.h"
#include "core/domain/sign_in.h"

#include <cstdint>

namespace riskdesk {

template <typename E>
struct Known;

template <typename E, E Least, E Greatest>
struct KnownRange
{
    static constexpr E fallback = Least; // what a reader sees until it looks at the error
    [[nodiscard]] static constexpr bool has(std::int64_t number)
    {
        return number >= static_cast<std::int64_t>(Least) && number <= static_cast<std::int64_t>(Greatest);
    }
};

// clang-format off
template <> struct Known<Activity> : KnownRange<Activity, Activity::SignIn, Activity::User> {};
template <> struct Known<DetectionTiming> : KnownRange<DetectionTiming, DetectionTiming::NotDefined, DetectionTiming::Offline> {};
template <> struct Known<EventIdKind> : KnownRange<EventIdKind, EventIdKind::Guid, EventIdKind::Made> {};
template <> struct Known<FailureKind> : KnownRange<FailureKind, FailureKind::None, FailureKind::Stopped> {};
template <> struct Known<Identity> : KnownRange<Identity, Identity::Unknown, Identity::Social> {};
template <> struct Known<LedgerKind> : KnownRange<LedgerKind, LedgerKind::DetectionRaised, LedgerKind::Reopened> {};
template <> struct Known<ListKind> : KnownRange<ListKind, ListKind::Anonymizer, ListKind::Warning> {};
template <> struct Known<Mfa> : KnownRange<Mfa, Mfa::Unknown, Mfa::Satisfied> {};
template <> struct Known<NetworkClass> : KnownRange<NetworkClass, NetworkClass::Unknown, NetworkClass::Satellite> {};
template <> struct Known<Outcome> : KnownRange<Outcome, Outcome::Success, Outcome::Interrupted> {};
template <> struct Known<OutboxState> : KnownRange<OutboxState, OutboxState::Held, OutboxState::Discarded> {};
template <> struct Known<PasswordChange> : KnownRange<PasswordChange, PasswordChange::ChangedByUser, PasswordChange::ResetByAdmin> {};
template <> struct Known<ProviderOperation> : KnownRange<ProviderOperation, ProviderOperation::ResetPassword, ProviderOperation::PullRisk> {};
template <> struct Known<RiskDetail> : KnownRange<RiskDetail, RiskDetail::None, RiskDetail::AdminConfirmedAccountSafe> {};
template <> struct Known<RiskLevel> : KnownRange<RiskLevel, RiskLevel::None, RiskLevel::High> {};
template <> struct Known<RiskState> : KnownRange<RiskState, RiskState::None, RiskState::ConfirmedCompromised> {};
template <> struct Known<ScopeKind> : KnownRange<ScopeKind, ScopeKind::Address, ScopeKind::Agent> {};
// clang-format on
template <>
struct Known<DetectionType> : KnownRange<DetectionType, DetectionType::UnlikelyTravel, newestDetectionType>
{
    static constexpr DetectionType fallback = DetectionType::Other;
    [[nodiscard]] static constexpr bool has(std::int64_t number)
    {
        return KnownRange::has(number) || number == static_cast<std::int64_t>(DetectionType::Other);
    }
};

} // namespace riskdesk

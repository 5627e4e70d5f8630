// A sign-in as Graph, Azure Monitor, Log Analytics and the portal write it.
#pragma once

#include "core/ingest/name_table.h"
#include "core/ingest/provider.h"

#include <optional>
#include <span>

namespace riskdesk::ingest::entra {

class Record;

enum class SignInField : Slot {
    IdentityName,
    AlternateSignInName,
    SignInIdentifier,
    SignInIdentifierType,
    FederatedTokenIssuer,
    ErrorCode,
    StatusText,
    FailureReason,
    StatusDetails,
    ResultType,
    ResultDescription,
    ClientApp,
    AppDisplayName,
    AppId,
    ResourceDisplayName,
    ResourceId,
    Asn,
    IsInteractive,
    SignInEventType,
    AuthenticationRequirement,
    MfaMethod,
    AuthenticationMethod,
    MfaEvidence, // "fresh" or "earlier", of the authentication steps
    RiskLevelDuringSignIn,
    ServicePrincipalId,
    Count
};

[[nodiscard]] std::span<const Name> signInNames();
[[nodiscard]] std::optional<Refusal> signIn(const Record &record, const Building &with);

} // namespace riskdesk::ingest::entra

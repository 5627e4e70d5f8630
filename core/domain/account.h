// Account: a user as the directory or its log tells it.
#pragma once

#include "core/base/timestamp.h"
#include "core/domain/risk.h"
#include "core/domain/sign_in.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace riskdesk {

// A user record of an import (Graph users): views into the chunk, like SignIn.
struct UserRecord
{
    std::string_view id, userPrincipalName, displayName, mail, phone;
    Identity identity = Identity::Unknown;
    std::string_view issuer;
    std::optional<bool> accountEnabled;
    std::optional<bool> isDeleted;
    std::optional<Timestamp> createdAt;
    std::optional<Timestamp> passwordChangedAt;
};

// The provider's own word about risk (riskDetections, riskyUsers): stored with its source, shown, never
// counted.
struct ProviderDetection
{
    std::string_view id, requestId, correlationId, riskEventType, riskLevel, riskState, riskDetail, source,
        timing, activity, additionalInfo, userId, userPrincipalName, userDisplayName;
    IpAddress ip;
    std::string_view city, state, country;
    double latitude = noCoordinate, longitude = noCoordinate;
    Timestamp at, detectedAt, lastUpdated;
};

struct ProviderRiskyUser
{
    std::string_view id, userPrincipalName, userDisplayName, riskLevel, riskState, riskDetail;
    std::optional<bool> isDeleted, isProcessing;
    std::optional<Timestamp> riskLastUpdated;
};

// A new password that a log tells of.
enum class PasswordChange : std::uint8_t {
    ChangedByUser = 1, // who knew the old one
    ResetByUser = 2,   // by self-service
    ResetByAdmin = 3
};

struct PasswordRecord
{
    std::string_view eventId; // the provider's; empty when it gives none
    Timestamp at;
    std::string_view userId, userPrincipalName; // whose password it is
    PasswordChange what = PasswordChange::ChangedByUser;
    std::string_view by; // who did it: a user principal name or an application
};

struct Account
{
    std::uint32_t id = 0;
    std::string key;        // provider id, else the case-folded user principal name
    std::string providerId; // may be empty
    std::string userPrincipalName, displayName, mail, phone;
    Identity identity = Identity::Unknown;
    std::string issuer;
    bool accountEnabled = true;
    bool isDeleted = false;
    Timestamp namedAt; // when its names were told last: by a sign-in, or at the end of time by its directory
    std::optional<Timestamp> createdAt, passwordChangedAt;
};

} // namespace riskdesk

// Bearer tokens of the API: made, listed, revoked, and recognised when one is presented.
//
// A secret is "rd_" and 43 characters of base64url, 32 random bytes. It is handed out once, when it is made;
// the directory keeps its digest, so that who reads the file cannot use it. It stands in no log, no audit
// record and no error.
//
// The one writer of the table `access_token`. Making and revoking are one transaction with their audit record
// and need Permission::Settings. On the connection's thread. Errors that are not named are the store's.
#pragma once

#include "core/action/permissions.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/connect/secret.h"
#include "core/serve/scope.h"
#include "core/store/connection.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::serve {

inline constexpr int longestTokenDays = 3650;
inline constexpr std::size_t longestTokenName = 64; // characters

struct AccessToken
{
    std::int64_t id = 0;
    std::string name;
    Scopes scopes;
    Timestamp createdAt;
    std::string createdBy;
    std::optional<Timestamp> expiresAt; // nothing: never; from that moment on it is refused
    std::optional<Timestamp> revokedAt;
    std::optional<Timestamp> lastUsedAt; // to the minute
};

enum class TokenStanding : std::uint8_t { Good, Unknown, Expired, Revoked };
[[nodiscard]] std::string_view toText(TokenStanding); // "good", "unknown", "expired", "revoked"
[[nodiscard]] TokenStanding standingOf(const AccessToken &token, Timestamp now); // revoked before expired

struct NewToken
{
    AccessToken token;
    connect::Secret secret; // is kept nowhere
};
// The name is trimmed; it lasts `days` times 24 hours, or until it is revoked. Code::NotAllowed. WrongUsage
// for a name that is empty, longer than longestTokenName or has control characters, for no scopes and for
// days out of 1 to longestTokenDays. Conflict while a token of that name is not revoked, even when it
// expired.
[[nodiscard]] Result<NewToken> createToken(store::Connection &connection, const Clock &clock,
                                           const action::Operator &who, std::string_view name, Scopes scopes,
                                           std::optional<int> days = {});

// All that ever were, the oldest first.
[[nodiscard]] Result<std::vector<AccessToken>> accessTokens(store::Connection &connection);

// The one of that name that is not revoked. Code::NotAllowed, NotFound.
[[nodiscard]] Result<AccessToken> revokeToken(store::Connection &connection, const Clock &clock,
                                              const action::Operator &who, std::string_view name);

struct TokenLookup
{
    TokenStanding standing = TokenStanding::Unknown; // for the log; a client hears the same of all refusals
    std::string name;                                // for the log; empty: Unknown
    std::optional<AccessToken> token;                // only when Good
};
// Whose secret is it? Reads every token, of which there are few. A good one's last use is noted once a minute
// at most, and not at all while the directory cannot be written: who may read is not turned away for it.
// Not inside a transaction.
[[nodiscard]] Result<TokenLookup> findToken(store::Connection &connection, const Clock &clock,
                                            std::string_view presented);

} // namespace riskdesk::serve

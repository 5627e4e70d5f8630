#include "core/serve/access_tokens.h"

#include "core/base/desk.h"
#include "core/base/digest.h"
#include "core/base/name_text.h"
#include "core/base/text.h"
#include "core/ledger/audit.h"
#include "core/store/statement.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>

namespace riskdesk::serve {
namespace {

constexpr std::string_view prefix = "rd_"; // tells people and secret scanners what it is
constexpr std::size_t secretBytes = 32;
constexpr std::size_t secretSize = prefix.size() + 43; // base64url without padding
constexpr auto noteEvery = std::chrono::minutes(1);
constexpr auto day = std::chrono::hours(24);

constexpr std::string_view columns =
    "id, name, scopes, created_at, created_by, expires_at, revoked_at, last_used_at";
constexpr int hashColumn = 8; // where it is asked for behind them

std::optional<Timestamp> timeOrNone(const store::Statement &row, int column)
{
    return row.isNull(column) ? std::nullopt : std::optional(row.time(column));
}

Result<AccessToken> tokenOf(const store::Statement &row)
{
    AccessToken token;
    token.id = row.int64(0);
    token.name = row.string(1);
    // A scope that is not ours may not be read as fewer: it was written from outside.
    const auto scopes = Scopes::parse(row.text(2));
    if (!scopes)
        return fail(Code::StoreCorrupt, token.name, "the scopes of an access token: " + row.string(2));
    token.scopes = *scopes;
    token.createdAt = row.time(3);
    token.createdBy = row.string(4);
    token.expiresAt = timeOrNone(row, 5);
    token.revokedAt = timeOrNone(row, 6);
    token.lastUsedAt = timeOrNone(row, 7);
    return token;
}

connect::Secret makeSecret()
{
    [[maybe_unused]] static const int once = sodium_init();
    std::array<unsigned char, secretBytes> random;
    randombytes_buf(random.data(), random.size());
    constexpr auto variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
    std::array<char, sodium_base64_ENCODED_LEN(secretBytes, variant)> encoded; // with its end mark
    static_assert(prefix.size() + encoded.size() - 1 == secretSize);
    sodium_bin2base64(encoded.data(), encoded.size(), random.data(), random.size(), variant);
    std::string text;
    text.reserve(secretSize); // so that no copy is left behind
    text.append(prefix).append(encoded.data());
    sodium_memzero(random.data(), random.size());
    sodium_memzero(encoded.data(), encoded.size());
    return connect::Secret::taking(std::move(text));
}

// A fast hash without key or salt is right here, as it would not be for a password: the secret is 256 random
// bits, so nobody can try them all, and no two are the same.
Digest256 hashOfSecret(std::string_view secret)
{
    return blake2b256(secret);
}

// "User.Read.All until 2026-04-17T12:00:00Z"
std::string describe(const AccessToken &token)
{
    return token.scopes.toText() + (token.expiresAt ? " until " + token.expiresAt->toIso() : "");
}

Status appendAudit(store::Connection &connection, const Clock &clock, const action::Operator &who,
                   std::string_view action, const AccessToken &token)
{
    ledger::AuditRecord record;
    record.actor = who.name;
    record.role = action::toText(who.role);
    record.action = action;
    record.target = token.name;
    record.after = describe(token);
    record.via = who.via;
    record.host = who.host;
    return ledger::appendAudit(connection, clock, record);
}

Result<std::optional<AccessToken>> living(store::Connection &connection, std::string_view name)
{
    store::Statement row(
        connection,
        fmt::format("SELECT {} FROM access_token WHERE name = ?1 AND revoked_at IS NULL", columns));
    row.bind(name);
    if (!row.step())
        return row.ok() ? Result<std::optional<AccessToken>>(std::nullopt) : tl::unexpected(row.error());
    auto token = tokenOf(row);
    if (!token)
        return tl::unexpected(token.error());
    return std::optional(std::move(*token));
}

// While it lives, a lock that somebody else holds is not waited for.
class WithoutWaiting
{
public:
    explicit WithoutWaiting(store::Connection &connection)
        : m_connection(connection)
    {
        store::Statement row(connection, "PRAGMA busy_timeout");
        m_milliseconds = row.step() ? row.int64(0) : 0;
        set(0);
    }
    ~WithoutWaiting() { set(m_milliseconds); }
    WithoutWaiting(const WithoutWaiting &) = delete;
    WithoutWaiting &operator=(const WithoutWaiting &) = delete;

private:
    void set(std::int64_t milliseconds)
    {
        store::Statement row(m_connection, fmt::format("PRAGMA busy_timeout = {}", milliseconds));
        row.step();
    }
    store::Connection &m_connection;
    std::int64_t m_milliseconds = 0;
};

// Reads must not make the file grow, so a use is noted once a minute; nor may they wait for an import.
Status noteUse(store::Connection &connection, AccessToken &token, Timestamp now)
{
    // A clock that was set back is believed.
    const auto last = token.lastUsedAt;
    if (last && now >= *last && now - *last < noteEvery)
        return {};
    const WithoutWaiting atOnce(connection);
    const auto noted = store::Statement(connection, "UPDATE access_token SET last_used_at = ?2 WHERE id = ?1")
                           .bind(token.id, now)
                           .run();
    if (noted)
        token.lastUsedAt = now;
    else if (const auto code = noted.error().code;
             code != Code::StoreBusy && code != Code::ReadOnly && code != Code::DiskFull)
        return noted;
    return {};
}

} // namespace

std::string_view toText(TokenStanding standing)
{
    switch (standing) {
    case TokenStanding::Good: return "good";
    case TokenStanding::Expired: return "expired";
    case TokenStanding::Revoked: return "revoked";
    case TokenStanding::Unknown: break;
    }
    return "unknown";
}

TokenStanding standingOf(const AccessToken &token, Timestamp now)
{
    if (token.revokedAt)
        return TokenStanding::Revoked;
    return token.expiresAt && now >= *token.expiresAt ? TokenStanding::Expired : TokenStanding::Good;
}

Result<NewToken> createToken(store::Connection &connection, const Clock &clock, const action::Operator &who,
                             std::string_view name, Scopes scopes, std::optional<int> days)
{
    if (auto ok = action::allowed(who.role, action::Permission::Settings); !ok)
        return tl::unexpected(ok.error());
    auto trimmed = nameText(name, "The name of a token", longestTokenName);
    if (!trimmed)
        return tl::unexpected(trimmed.error());
    if (scopes.empty())
        return fail(Code::WrongUsage, *trimmed, "a token without scopes would open nothing");
    if (days && (*days < 1 || *days > longestTokenDays))
        return fail(Code::WrongUsage, fmt::format("{}", *days),
                    fmt::format("a token lasts between 1 and {} days", longestTokenDays));
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto before = living(connection, *trimmed);
    if (!before)
        return tl::unexpected(before.error());
    if (*before)
        return fail(Code::Conflict, *trimmed,
                    standingOf(**before, clock.now()) == TokenStanding::Expired
                        ? "a token of that name has expired; revoke it to use the name again"
                        : "there is a token of that name; revoke it, or choose another name");
    NewToken made;
    auto &token = made.token;
    token.name = std::move(*trimmed);
    token.scopes = scopes;
    token.createdAt = clock.now();
    token.createdBy = who.name.empty() ? desktopAccount() : who.name;
    if (days)
        token.expiresAt = token.createdAt + *days * day;
    made.secret = makeSecret();
    const auto hash = hashOfSecret(made.secret.reveal());
    store::Statement insert(connection,
                            "INSERT INTO access_token (name, hash, scopes, created_at, created_by, "
                            "expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id");
    insert.bind(token.name, std::span<const std::uint8_t>(hash), scopes.toText(), token.createdAt,
                token.createdBy, token.expiresAt);
    if (!insert.step())
        return tl::unexpected(insert.error());
    token.id = insert.int64(0);
    if (auto ok = insert.run(); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = appendAudit(connection, clock, who, "tokenCreate", token); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return made;
}

Result<std::vector<AccessToken>> accessTokens(store::Connection &connection)
{
    std::vector<AccessToken> tokens;
    store::Statement row(connection, fmt::format("SELECT {} FROM access_token ORDER BY id", columns));
    while (row.step()) {
        auto token = tokenOf(row);
        if (!token)
            return tl::unexpected(token.error());
        tokens.push_back(std::move(*token));
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return tokens;
}

Result<AccessToken> revokeToken(store::Connection &connection, const Clock &clock,
                                const action::Operator &who, std::string_view name)
{
    if (auto ok = action::allowed(who.role, action::Permission::Settings); !ok)
        return tl::unexpected(ok.error());
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto found = living(connection, trim(name));
    if (!found)
        return tl::unexpected(found.error());
    if (!*found)
        return fail(Code::NotFound, std::string(trim(name)),
                    "there is no token of that name, or it is revoked; \"token list\" shows them");
    auto token = **found;
    token.revokedAt = clock.now();
    if (auto ok = store::Statement(connection, "UPDATE access_token SET revoked_at = ?2 WHERE id = ?1")
                      .bind(token.id, token.revokedAt)
                      .run();
        !ok)
        return tl::unexpected(ok.error());
    if (auto ok = appendAudit(connection, clock, who, "tokenRevoke", token); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return token;
}

Result<TokenLookup> findToken(store::Connection &connection, const Clock &clock, std::string_view presented)
{
    TokenLookup lookup;
    if (presented.size() != secretSize || !presented.starts_with(prefix))
        return lookup;
    const auto hash = hashOfSecret(presented);
    const auto now = clock.now();
    std::optional<AccessToken> found;
    {
        // Every row is compared, in constant time and to the end: how long it takes says neither how much of
        // a digest was right nor whose it is. An index would tell the beginning of a digest.
        store::Statement row(connection, fmt::format("SELECT {}, hash FROM access_token", columns));
        while (row.step()) {
            const auto kept = row.blob(hashColumn);
            if (kept.size() != hash.size() || sodium_memcmp(kept.data(), hash.data(), hash.size()) != 0)
                continue;
            auto token = tokenOf(row);
            if (!token)
                return tl::unexpected(token.error());
            found = std::move(*token);
        }
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    if (!found)
        return lookup;
    lookup.standing = standingOf(*found, now);
    lookup.name = found->name;
    if (lookup.standing != TokenStanding::Good)
        return lookup;
    if (auto ok = noteUse(connection, *found, now); !ok)
        return tl::unexpected(ok.error());
    lookup.token = std::move(found);
    return lookup;
}

} // namespace riskdesk::serve

#include "core/query/risky_users.h"

#include "core/base/text.h"
#include "core/query/reading.h"
#include "core/store/statement.h"

#include <algorithm>

namespace riskdesk::query {
namespace {

constexpr std::string_view rowSql =
    "SELECT u.key, u.display_name, u.upn, u.mail, u.phone, u.identity, u.issuer, u.account_enabled,"
    " u.force_password_change, u.is_deleted, u.created_at, u.password_changed_at, u.last_sign_in, u.sign_ins,"
    " u.learning_done, u.learning_needed, r.is_processing, r.level, r.state, r.detail, r.score, r.updated_at,"
    " r.open_detections, r.total_detections, r.risky_sign_ins, r.top_type, r.other_types, r.last_city,"
    " r.last_country, r.countries, r.types, r.trend, p.level, p.state, p.updated_at"
    " FROM user u LEFT JOIN user_risk r ON r.user = u.id LEFT JOIN provider_risk p ON p.user = u.id WHERE "
    "u.id = ?1";

std::optional<Timestamp> optionalTime(const store::Statement &row, int column)
{
    if (row.isNull(column))
        return std::nullopt;
    return row.time(column);
}

void read(const store::Statement &row, RiskyUserRow &user)
{
    user.found = true;
    user.key = row.string(0);
    user.displayName = row.string(1);
    user.userPrincipalName = row.string(2);
    user.mail = row.string(3);
    user.phone = row.string(4);
    user.identity = row.as<Identity>(5);
    user.issuer = row.string(6);
    user.accountEnabled = row.int64(7) != 0;
    user.forcePasswordChange = row.int64(8) != 0;
    user.isDeleted = row.int64(9) != 0;
    user.createdAt = optionalTime(row, 10);
    user.passwordChangedAt = optionalTime(row, 11);
    user.lastSignIn = optionalTime(row, 12);
    user.signIns = row.int64(13);
    user.learningDone = row.int64(14);
    user.learningNeeded = row.int64(15);
    user.isProcessing = row.int64(16) != 0;
    user.standing = {row.as<RiskLevel>(17), row.as<RiskState>(18), row.as<RiskDetail>(19),
                     static_cast<std::uint8_t>(std::clamp<std::int64_t>(row.int64(20), 0, 100))};
    user.updatedAt = optionalTime(row, 21);
    user.openDetections = row.int64(22);
    user.totalDetections = row.int64(23);
    user.riskySignIns = row.int64(24);
    if (row.int64(25) != 0) // none: no detection
        user.topType = row.as<DetectionType>(25);
    user.otherTypes = row.int64(26);
    user.lastCity = row.string(27);
    user.lastCountry = row.string(28);
    user.countries = row.string(29);
    user.types = row.uint32(30);
    const auto trend = row.blob(31);
    // A shorter trend is a younger one: it ends today too.
    const auto size = std::min(trend.size(), user.trend.size());
    std::copy_n(trend.end() - static_cast<std::ptrdiff_t>(size), size,
                user.trend.end() - static_cast<std::ptrdiff_t>(size));
    user.providerLevel = row.string(32);
    user.providerState = row.string(33);
    user.providerUpdatedAt = optionalTime(row, 34);
}

} // namespace

Result<std::vector<RiskyUserRow>> readRiskyUsers(store::Connection &connection,
                                                 std::span<const std::int64_t> ids, std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    store::Statement row(connection, rowSql);
    store::Statement action(connection, "SELECT kind, actor, recorded_at FROM ledger"
                                        " WHERE user = ?1 AND actor <> '' ORDER BY id DESC LIMIT 1");
    store::Statement note(connection,
                          "SELECT note FROM ledger WHERE user = ?1 AND note <> '' ORDER BY id DESC LIMIT 1");
    std::vector<RiskyUserRow> users;
    users.reserve(ids.size());
    for (const auto id : ids) {
        auto &user = users.emplace_back();
        user.id = static_cast<std::uint32_t>(id);
        if (row.bind(id).step())
            read(row, user);
        if (user.found && action.bind(id).step()) {
            user.lastAction = action.as<LedgerKind>(0);
            user.lastActionBy = action.string(1);
            user.lastActionAt = action.time(2);
        }
        if (user.found && note.bind(id).step())
            user.note = note.string(0);
        for (const auto *statement : {&row, &action, &note})
            if (!statement->ok())
                return tl::unexpected(statement->error());
    }
    return users;
}

std::string providersWord(const RiskyUserRow &user)
{
    // A word that Graph does not know stays as the provider wrote it.
    const auto state = riskStateFromText(user.providerState);
    const auto level = riskLevelFromText(user.providerLevel);
    std::string out = state ? foldCase(displayName(*state)) : user.providerState;
    if (level ? *level != RiskLevel::None : !user.providerLevel.empty())
        out += ", " + (level ? foldCase(displayName(*level)) : user.providerLevel);
    return out;
}

Result<std::uint32_t> findUser(store::Connection &connection, std::string_view name)
{
    const auto folded = foldCase(trim(name));
    const std::string aliases[] = {"id:" + std::string(trim(name)), "id:" + folded, "upn:" + folded};
    for (const auto &alias : aliases) {
        store::Statement found(connection, "SELECT user FROM user_alias WHERE alias = ?1");
        if (found.bind(alias).step())
            return found.uint32(0);
        if (!found.ok())
            return tl::unexpected(found.error());
    }
    store::Statement found(
        connection, "SELECT id, is_deleted FROM user WHERE key = ?1 OR key = ?2 OR upn = ?1 COLLATE NOCASE"
                    " OR mail = ?1 COLLATE NOCASE ORDER BY is_deleted, id LIMIT 2");
    // A deleted account does not stand in the way of the one that has its name now.
    std::vector<std::pair<std::uint32_t, bool>> users;
    for (found.bind(trim(name), folded); found.step();)
        users.emplace_back(found.uint32(0), found.int64(1) != 0);
    if (!found.ok())
        return tl::unexpected(found.error());
    if (users.empty())
        return fail(Code::NotFound, std::string(name), "there is no such user");
    if (users.size() > 1 && users[0].second == users[1].second)
        return fail(Code::Conflict, std::string(name), "more than one user is called that; use the id");
    return users[0].first;
}

} // namespace riskdesk::query

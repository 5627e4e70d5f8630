#include "core/query/tables/risky_users.h"

#include "core/base/text.h"
#include "core/query/reading.h"
#include "core/query/tables/enumerations.h"
#include "core/store/row_reader.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::query {
namespace {

using U = const RiskyUserRow &;
using User = Column<RiskyUserRow>;
using store::Cell;
using store::into;

constexpr std::string_view anyDetection = "EXISTS (SELECT 1 FROM detection d WHERE d.user = r.user AND ";
constexpr std::string_view lastActor = "coalesce((SELECT l.actor FROM ledger l WHERE l.user = u.id AND "
                                       "l.actor <> '' ORDER BY l.id DESC LIMIT 1), '')";
constexpr std::string_view lastKind =
    "(SELECT l.kind FROM ledger l WHERE l.user = u.id AND l.actor <> '' ORDER BY l.id DESC LIMIT 1)";
constexpr std::string_view hasNote = "EXISTS (SELECT 1 FROM ledger l WHERE l.user = u.id AND l.note <> '')";

constexpr std::string_view atRiskSince =
    "(SELECT l.at FROM ledger l WHERE l.user = r.user AND l.from_state < 4 AND "
    "l.to_state >= 4 AND l.kind <> 21 ORDER BY l.id DESC LIMIT 1)"; // 21: undone

// clang-format off
const store::RowReader<RiskyUserRow> &userReader()
{
    static const store::RowReader<RiskyUserRow> parts{
        {"u.key", into<&RiskyUserRow::key>},
        {"u.display_name", into<&RiskyUserRow::displayName>},
        {"u.upn", into<&RiskyUserRow::userPrincipalName>},
        {"u.mail", into<&RiskyUserRow::mail>},
        {"u.phone", into<&RiskyUserRow::phone>},
        {"u.identity", into<&RiskyUserRow::identity>},
        {"u.issuer", into<&RiskyUserRow::issuer>},
        {"u.account_enabled", into<&RiskyUserRow::accountEnabled>},
        {"u.force_password_change", into<&RiskyUserRow::forcePasswordChange>},
        {"u.sessions_valid_from", into<&RiskyUserRow::sessionsValidFrom>},
        {"u.is_deleted", into<&RiskyUserRow::isDeleted>},
        {"u.created_at", into<&RiskyUserRow::createdAt>},
        {"u.password_changed_at", into<&RiskyUserRow::passwordChangedAt>},
        {"u.last_sign_in", into<&RiskyUserRow::lastSignIn>},
        {"u.sign_ins", into<&RiskyUserRow::signIns>},
        {"u.learning_done", into<&RiskyUserRow::learningDone>},
        {"u.learning_needed", into<&RiskyUserRow::learningNeeded>},
        {"r.is_processing", into<&RiskyUserRow::isProcessing>},
        {"r.level", into<&RiskyUserRow::standing, &RiskStanding::level>},
        {"r.state", into<&RiskyUserRow::standing, &RiskStanding::state>},
        {"r.detail", into<&RiskyUserRow::standing, &RiskStanding::detail>},
        {"min(max(r.score, 0), 100)", into<&RiskyUserRow::standing, &RiskStanding::score>},
        {"r.updated_at", into<&RiskyUserRow::updatedAt>},
        {"r.open_detections", into<&RiskyUserRow::openDetections>},
        {"r.total_detections", into<&RiskyUserRow::totalDetections>},
        {"r.risky_sign_ins", into<&RiskyUserRow::riskySignIns>},
        {"nullif(r.top_type, 0)", [](const Cell &cell, RiskyUserRow &user) { // none: no detection
             if (!cell.isNull())
                 cell.to(user.topType);
         }},
        {"r.other_types", into<&RiskyUserRow::otherTypes>},
        {"r.last_city", into<&RiskyUserRow::lastCity>},
        {"r.last_country", into<&RiskyUserRow::lastCountry>},
        {"r.countries", into<&RiskyUserRow::countries>},
        {"r.types", into<&RiskyUserRow::types>},
        {"r.trend", [](const Cell &cell, RiskyUserRow &user) {
             const auto trend = cell.blob();
             // A shorter trend is a younger one: it ends today too.
             const auto size = std::min(trend.size(), user.trend.size());
             std::copy_n(trend.end() - static_cast<std::ptrdiff_t>(size), size,
                         user.trend.end() - static_cast<std::ptrdiff_t>(size));
         }},
        {"p.level", into<&RiskyUserRow::providerLevel>},
        {"p.state", into<&RiskyUserRow::providerState>},
        {"p.updated_at", into<&RiskyUserRow::providerUpdatedAt>},
    };
    return parts;
}
// clang-format on

} // namespace

// clang-format off
Columns<RiskyUserRow> riskyUserColumns()
{
    static const std::string topTypeRank = typeRank("r.top_type");
    static const std::vector<User> table{
        User("id").also("userId|key").text("u.key").sorts().titled(Reports::tr("User ID")).means(Reports::tr("The provider's id of this user.")).told([](U u) -> Property { return u.key; }),
        User("isDeleted").also("deleted|status").oneOf(deleted(), "u.is_deleted").sorts().titled(Reports::tr("Status")).means(Reports::tr("Whether the user is active or deleted.")).told([](U u) -> Property { return u.isDeleted; }),
        User("isProcessing").also("processing").oneOf(yesNo(), "r.is_processing").sorts().titled(Reports::tr("Processing")).means(Reports::tr("Whether an action is on its way to the identity provider.")).told([](U u) -> Property { return u.isProcessing; }),
        User("riskLevel").also("level").ranked(levels(), "r.level").sorts("r.level", "r.score").titled(Reports::tr("Risk level")).means(Reports::tr("How sure it is that the account is in other hands.")).told([](U u) -> Property { return toText(u.standing.level); }),
        User("riskState").also("state").oneOf(states(), "r.state").sorts().titled(Reports::tr("Risk state")).means(Reports::tr("Whether the risk is open, and if not, how it was closed.")).told([](U u) -> Property { return toText(u.standing.state); }),
        User("riskDetail").also("detail").oneOf(details(), "r.detail").sorts().titled(Reports::tr("Risk detail")).means(Reports::tr("What changed the state, for example an admin's dismissal.")).told([](U u) -> Property { return toText(u.standing.detail); }),
        User("riskLastUpdatedDateTime").also("updated").time("r.updated_at").sorts(Empty::Last).titled(Reports::tr("Risk updated")).means(Reports::tr("When the risk of this user last changed.")).told([](U u) -> Property { return u.updatedAt; }),
        User("atRiskSince").also("since").time(atRiskSince).sorts(Empty::Last).means("When the user came to risk the last time, also where the risk is closed by now."),
        User("userDisplayName").also("name").text("u.display_name").sorts("rd_fold(u.display_name)", Empty::Last).means("The user's name.").told([](U u) -> Property { return Property::orNull(u.displayName); }),
        User("userPrincipalName").also("upn").text("u.upn").sorts("rd_fold(u.upn)", Empty::Last).titled(Reports::tr("Sign-in name")).means(Reports::tr("The name used to sign in.")).told([](U u) -> Property { return Property::orNull(u.userPrincipalName); }),
        User("user").searched("u.search").sorts().titled(Reports::tr("User")).means(Reports::tr("Who it is: name and mail address.")),
        User("mail").text("u.mail").sorts("rd_fold(u.mail)", Empty::Last).means("The user's mail address."),
        User("phone").text("u.phone").sorts(Empty::Last).titled(Reports::tr("Phone")).means(Reports::tr("The phone number the directory knows.")),
        User("riskScore").also("score").number("r.score").sorts().titled(Reports::tr("Score")).means(Reports::tr("0 to 100: medium begins at 47, high at 75.")),
        User("riskEventType").also("type|riskType|detection").someOf(types(), "r.types").means("A detection type the user has or had."),
        User("topDetection").also("top").oneOf(types(), "r.top_type").sorts(topTypeRank, "r.other_types").titled(Reports::tr("Top detection")).means(Reports::tr("The weightiest open detection, and how many other types there are.")),
        User("countryOrRegion").also("country").parts("r.countries").sorts(Empty::Last).titled(Reports::tr("Countries")).means(Reports::tr("Countries that this user's detections came from.")),
        User("city").also("place").text("d.city").inside(anyDetection).means("A city that the user's detections came from."),
        User("ipAddress").also("ip|range").address("d.ip").inside(anyDetection).means("Address or range that the user's detections came from."),
        User("asn").also("network").number("d.asn").inside(anyDetection).means("Number of a network that the user's detections came from."),
        User("source").text("d.source").inside(anyDetection).means("Who raised one of the user's detections."),
        User("providerRiskLevel").also("providerLevel").text("p.level").means("The level that the identity provider gives; it does not count here."),
        User("providerRiskState").also("providerState").text("p.state").sorts("p.state", "p.level", Empty::Last).titled(Reports::tr("Risk at the provider")).means(Reports::tr("What the identity provider says of the user. It does not count here.")),
        User("identityProvider").also("provider").text(passwordKeeper).sorts(Empty::Last).titled(Reports::tr("Identity provider")).means(Reports::tr("Who keeps the password.")),
        User("identity").oneOf(identities(), "u.identity").means("Local or social account."),
        User("accountEnabled").also("enabled|account").oneOf(enabled(), "u.account_enabled").sorts().titled(Reports::tr("Account status")).means(Reports::tr("Whether the user may sign in.")),
        User("learningStatus").also("learning").oneOf(learning(), "(u.learning_needed <> 0)").sorts("(u.learning_needed <> 0)", "u.learning_done").titled(Reports::tr("Learning status")).means(Reports::tr("How far the slowest detector has got to know this user.")),
        User("lastAction").also("action").oneOf(ledgerKinds(), lastKind).sorts(Empty::Last).titled(Reports::tr("Last action")).means(Reports::tr("What an operator last did about this user.")),
        User("lastActionBy").also("by|actor").text(lastActor).sorts(Empty::Last).titled(Reports::tr("Last action by")).means(Reports::tr("The operator who did it.")),
        User("hasNote").also("note|notes").oneOf(yesNo(), hasNote).sorts().titled(Reports::tr("Note")).means(Reports::tr("The newest note.")),
        User("openDetections").also("open").number("r.open_detections").sorts().titled(Reports::tr("Open detections")).means(Reports::tr("Detections that still count.")),
        User("totalDetections").also("detections").number("r.total_detections").sorts().titled(Reports::tr("Detections")).means(Reports::tr("All detections of this user.")),
        User("riskySignIns").number("r.risky_sign_ins").sorts().titled(Reports::tr("Risky sign-ins")).means(Reports::tr("Sign-ins with a detection.")),
        User("createdDateTime").also("created").time("u.created_at").sorts(Empty::Last).titled(Reports::tr("Created")).means(Reports::tr("When the account was made.")),
        User("lastSignInDateTime").also("lastSignIn").time("u.last_sign_in").sorts(Empty::Last).titled(Reports::tr("Last sign-in")).means(Reports::tr("The newest sign-in, successful or not.")),
        User("lastPasswordChangeDateTime").also("passwordChanged").time("u.password_changed_at").sorts(Empty::Last).titled(Reports::tr("Password changed")).means(Reports::tr("When the password was last changed.")),
        User("campaign").exact("t.campaign").inside("EXISTS (SELECT 1 FROM campaign_target t WHERE t.user = r.user AND ").means("A password spray that tried the user."),
        User("riskTrend").sorts("r.score").titled(Reports::tr("Risk, 30 days")).means(Reports::tr("The risk score over the 30 days before the last change.")),
        User("lastLocation").sorts("rd_fold(r.last_city)", "r.last_country", Empty::Last).titled(Reports::tr("Last location")).means(Reports::tr("Where the newest detection came from.")),
    };
    return table;
}
// clang-format on

Result<std::vector<RiskyUserRow>> readRiskyUsers(store::Connection &connection,
                                                 std::span<const std::int64_t> ids, std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    store::Statement row(connection,
                         fmt::format("SELECT {} FROM user u LEFT JOIN user_risk r ON r.user = u.id"
                                     " LEFT JOIN provider_risk p ON p.user = u.id WHERE u.id = ?1",
                                     userReader().columns()));
    store::Statement action(connection, "SELECT kind, actor, recorded_at FROM ledger"
                                        " WHERE user = ?1 AND actor <> '' ORDER BY id DESC LIMIT 1");
    store::Statement note(connection,
                          "SELECT note FROM ledger WHERE user = ?1 AND note <> '' ORDER BY id DESC LIMIT 1");
    std::vector<RiskyUserRow> users;
    users.reserve(ids.size());
    for (const auto id : ids) {
        auto &user = users.emplace_back();
        user.id = static_cast<std::uint32_t>(id);
        if (row.bind(id).step()) {
            user.found = true;
            userReader().read(row, user);
        }
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

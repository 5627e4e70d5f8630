#include "core/query/tables/risky_users.h"

#include "ui/models/cells.h"
#include "ui/models/format.h"
#include "ui/models/report_sources.h"

#include <QByteArray>

namespace riskdesk::models {
namespace {

using query::RiskyUserRow;
using K = CellKind;

// The score over the last thirty days, said in words for those who do not see the line.
QString trendWords(const RiskyUserRow &u)
{
    const int first = u.trend.front();
    const int last = u.trend.back();
    return first == last  ? Words::tr("risk %1, unchanged in 30 days").arg(last)
           : first < last ? Words::tr("risk %1 to %2 in 30 days, rising").arg(first).arg(last)
                          : Words::tr("risk %1 to %2 in 30 days, falling").arg(first).arg(last);
}

Cell trendCell(const RiskyUserRow &u)
{
    return Cell(QString())
        .with(SparkRole, QByteArray(reinterpret_cast<const char *>(u.trend.data()),
                                    static_cast<qsizetype>(u.trend.size())))
        .with(LevelRole, static_cast<int>(u.standing.level))
        .with(RawRole, static_cast<int>(u.standing.score))
        .with(Qt::ToolTipRole, trendWords(u))
        .with(Qt::AccessibleTextRole, trendWords(u));
}

Cell topCell(const RiskyUserRow &u)
{
    if (u.totalDetections == 0)
        return Cell(dash());
    const auto name = typeName(u.topType);
    const int more = static_cast<int>(u.otherTypes);
    return Cell(name)
        .with(ChipRole, more)
        .with(TypeRole, static_cast<int>(u.topType))
        .with(RawRole, text(toText(u.topType)))
        .with(Qt::AccessibleTextRole, more > 0 ? Words::tr("%1 and %n more", nullptr, more).arg(name) : name);
}

Cell providerCell(const RiskyUserRow &u)
{
    if (u.identity == Identity::Local)
        return Cell(Words::tr("Local")).with(RawRole, QStringLiteral("local"));
    return textCell(std::string_view(u.issuer));
}

// Who is here by the provider's word alone shows that, and whose it is.
Cell riskStateCell(const RiskyUserRow &u)
{
    if (!u.isProvidersOnly() || u.providerState.empty())
        return stateCell(u.standing.state);
    const auto whole =
        Words::tr("The identity provider says: %1. It does not count here.").arg(atProvider(u));
    return Cell(Words::tr("At the provider"))
        .with(RawRole, text(toText(u.standing.state)))
        .with(Qt::ToolTipRole, whole)
        .with(Qt::AccessibleTextRole, whole);
}

std::vector<Spec<RiskyUserRow>> table()
{
    using U = const RiskyUserRow &;
    const auto id = [](const char *name) { return QString::fromLatin1(name); };
    return {
        {{id("user"),
          Words::tr("User"),
          Words::tr("Who it is: name and mail address."),
          318,
          true,
          K::Person,
          {}},
         [](U u) {
             return personCell(u.name(), u.mail.empty() ? u.userPrincipalName : u.mail, !u.accountEnabled);
         }},
        {{id("riskLevel"),
          Words::tr("Risk level"),
          Words::tr("How sure it is that the account is in other hands."),
          98,
          true,
          K::Level,
          {}},
         [](U u) { return levelCell(u.standing.level); }},
        {{id("riskState"),
          Words::tr("Risk state"),
          Words::tr("Whether the risk is open, and if not, how it was closed."),
          128,
          true,
          K::State,
          {}},
         riskStateCell},
        {{id("riskTrend"), Words::tr("Risk, 30 days"),
          Words::tr("The risk score over the 30 days before the last change."), 112, true, K::Spark,
          id("riskScore")},
         trendCell},
        {{id("topDetection"), Words::tr("Top detection"),
          Words::tr("The weightiest open detection, and how many other types there are."), 206, true,
          K::TextChip, id("riskEventType")},
         topCell},
        {{id("lastLocation"), Words::tr("Last location"), Words::tr("Where the newest detection came from."),
          162, true, K::Place, id("countryOrRegion")},
         [](U u) { return placeCell(u.lastCity, u.lastCountry); }},
        {{id("riskLastUpdatedDateTime"),
          Words::tr("Risk updated"),
          Words::tr("When the risk of this user last changed."),
          118,
          true,
          K::Time,
          {}},
         [](U u) { return timeCell(u.isProvidersOnly() ? u.providerUpdatedAt : u.updatedAt); }},
        {{id("riskScore"),
          Words::tr("Score"),
          Words::tr("0 to 100: medium begins at 47, high at 75."),
          70,
          false,
          K::Number,
          {}},
         [](U u) { return numberCell(u.standing.score); }},
        {{id("riskDetail"),
          Words::tr("Risk detail"),
          Words::tr("What changed the state, for example an admin's dismissal."),
          220,
          false,
          K::Text,
          {}},
         [](U u) {
             return textCell(detailName(u.standing.detail)).with(RawRole, text(toText(u.standing.detail)));
         }},
        {{id("openDetections"),
          Words::tr("Open detections"),
          Words::tr("Detections that still count."),
          112,
          false,
          K::Number,
          {}},
         [](U u) { return numberCell(u.openDetections); }},
        {{id("totalDetections"),
          Words::tr("Detections"),
          Words::tr("All detections of this user."),
          90,
          false,
          K::Number,
          {}},
         [](U u) { return numberCell(u.totalDetections); }},
        {{id("riskySignIns"),
          Words::tr("Risky sign-ins"),
          Words::tr("Sign-ins with a detection."),
          100,
          false,
          K::Number,
          {}},
         [](U u) { return numberCell(u.riskySignIns); }},
        {{id("countryOrRegion"),
          Words::tr("Countries"),
          Words::tr("Countries that this user's detections came from."),
          110,
          false,
          K::Text,
          {}},
         [](U u) { return textCell(u.countries); }},
        {{id("identityProvider"),
          Words::tr("Identity provider"),
          Words::tr("Who keeps the password."),
          120,
          false,
          K::Text,
          {}},
         providerCell},
        {{id("providerRiskState"),
          Words::tr("Risk at the provider"),
          Words::tr("What the identity provider says of the user. It does not count here."),
          160,
          false,
          K::Text,
          {}},
         [](U u) { return textCell(atProvider(u)).with(RawRole, text(u.providerState)); }},
        {{id("accountEnabled"),
          Words::tr("Account status"),
          Words::tr("Whether the user may sign in."),
          130,
          false,
          K::Text,
          {}},
         [](U u) {
             return Cell(u.accountEnabled ? Words::tr("Sign-in allowed") : Words::tr("Sign-in blocked"))
                 .with(RawRole, u.accountEnabled ? QStringLiteral("true") : QStringLiteral("false"));
         }},
        {{id("userPrincipalName"),
          Words::tr("Sign-in name"),
          Words::tr("The name used to sign in."),
          220,
          false,
          K::Text,
          {}},
         [](U u) { return textCell(u.userPrincipalName); }},
        {{id("phone"),
          Words::tr("Phone"),
          Words::tr("The phone number the directory knows."),
          130,
          false,
          K::Text,
          {}},
         [](U u) { return textCell(u.phone); }},
        {{id("id"),
          Words::tr("User ID"),
          Words::tr("The provider's id of this user."),
          260,
          false,
          K::Text,
          {}},
         [](U u) { return textCell(u.key); }},
        {{id("createdDateTime"),
          Words::tr("Created"),
          Words::tr("When the account was made."),
          118,
          false,
          K::Time,
          {}},
         [](U u) { return timeCell(u.createdAt); }},
        {{id("lastSignInDateTime"),
          Words::tr("Last sign-in"),
          Words::tr("The newest sign-in, successful or not."),
          118,
          false,
          K::Time,
          {}},
         [](U u) { return timeCell(u.lastSignIn); }},
        {{id("lastPasswordChangeDateTime"),
          Words::tr("Password changed"),
          Words::tr("When the password was last changed."),
          128,
          false,
          K::Time,
          {}},
         [](U u) { return timeCell(u.passwordChangedAt); }},
        {{id("learningStatus"),
          Words::tr("Learning status"),
          Words::tr("How far the slowest detector has got to know this user."),
          120,
          false,
          K::Text,
          {}},
         [](U u) {
             return u.learningNeeded == 0 ? Cell(Words::tr("Done")).with(RawRole, QStringLiteral("done"))
                                          : Cell(Words::tr("%1 of %2", "sign-ins learnt")
                                                     .arg(u.learningDone)
                                                     .arg(u.learningNeeded))
                                                .with(RawRole, QStringLiteral("learning"));
         }},
        {{id("isProcessing"),
          Words::tr("Processing"),
          Words::tr("Whether an action is on its way to the identity provider."),
          96,
          false,
          K::Text,
          {}},
         [](U u) { return yesNoCell(u.isProcessing); }},
        {{id("lastAction"),
          Words::tr("Last action"),
          Words::tr("What an operator last did about this user."),
          180,
          false,
          K::Text,
          {}},
         [](U u) {
             return u.lastAction ? Cell(ledgerName(*u.lastAction)).with(RawRole, text(toText(*u.lastAction)))
                                 : Cell(dash());
         }},
        {{id("lastActionBy"),
          Words::tr("Last action by"),
          Words::tr("The operator who did it."),
          120,
          false,
          K::Text,
          {}},
         [](U u) { return textCell(u.lastActionBy); }},
        {{id("hasNote"), Words::tr("Note"), Words::tr("The newest note."), 220, false, K::Text, {}},
         [](U u) {
             return textCell(u.note).with(RawRole,
                                          u.note.empty() ? QStringLiteral("false") : QStringLiteral("true"));
         }},
        {{id("isDeleted"),
          Words::tr("Deleted"),
          Words::tr("Whether the user was deleted."),
          84,
          false,
          K::Text,
          {}},
         [](U u) { return yesNoCell(u.isDeleted); }},
    };
}

} // namespace

QString atProvider(const RiskyUserRow &u)
{
    const auto state = riskStateFromText(u.providerState);
    const auto level = riskLevelFromText(u.providerLevel);
    const auto word = state ? stateName(*state) : shown(u.providerState);
    if (level ? *level == RiskLevel::None : u.providerLevel.empty())
        return word;
    return Words::tr("%1, %2", "risk state, risk level")
        .arg(word, level ? levelName(*level) : shown(u.providerLevel));
}

QList<Column> RiskyUsersSource::columns() const
{
    return columnsOf(table());
}

Result<std::shared_ptr<const RowPage>> RiskyUsersSource::readPage(store::Connection &connection,
                                                                  std::span<const std::int64_t> ids,
                                                                  std::stop_token stop) const
{
    const auto rows = query::readRiskyUsers(connection, ids, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    const auto columns = table();
    auto page = std::make_shared<CellPage>(static_cast<int>(columns.size()));
    for (const auto &row : *rows)
        page->add(text(row.key), makeCells(columns, row));
    return std::shared_ptr<const RowPage>(std::move(page));
}

} // namespace riskdesk::models

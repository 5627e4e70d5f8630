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
        .with(Qt::AccessibleTextRole,
              more > 0 ? Words::tr("%1 and %Ln more", nullptr, more).arg(name) : name);
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

const std::vector<Spec<RiskyUserRow>> &table()
{
    using U = const RiskyUserRow &;
    static const std::vector<Spec<RiskyUserRow>> columns{
        {"user", 318, true, K::Person,
         [](U u) {
             return personCell(u.name(), u.mail.empty() ? u.userPrincipalName : u.mail, !u.accountEnabled);
         }},
        {"riskLevel", 98, true, K::Level, [](U u) { return levelCell(u.standing.level); }},
        {"riskState", 128, true, K::State, riskStateCell},
        {"riskTrend", 112, true, K::Spark, trendCell, "riskScore"},
        {"topDetection", 206, true, K::TextChip, topCell, "riskEventType"},
        {"lastLocation", 162, true, K::Place, [](U u) { return placeCell(u.lastCity, u.lastCountry); },
         "countryOrRegion"},
        {"riskLastUpdatedDateTime", 118, true, K::Time,
         [](U u) { return timeCell(u.isProvidersOnly() ? u.providerUpdatedAt : u.updatedAt); }},
        {"riskScore", 70, false, K::Number, [](U u) { return numberCell(u.standing.score); }},
        {"riskDetail", 220, false, K::Text,
         [](U u) {
             return textCell(detailName(u.standing.detail)).with(RawRole, text(toText(u.standing.detail)));
         }},
        {"openDetections", 112, false, K::Number, [](U u) { return numberCell(u.openDetections); }},
        {"totalDetections", 90, false, K::Number, [](U u) { return numberCell(u.totalDetections); }},
        {"riskySignIns", 100, false, K::Number, [](U u) { return numberCell(u.riskySignIns); }},
        {"countryOrRegion", 110, false, K::Text, [](U u) { return textCell(u.countries); }},
        {"identityProvider", 120, false, K::Text, providerCell},
        {"providerRiskState", 160, false, K::Text,
         [](U u) { return textCell(atProvider(u)).with(RawRole, text(u.providerState)); }},
        {"accountEnabled", 130, false, K::Text,
         [](U u) {
             return Cell(u.accountEnabled ? Words::tr("Sign-in allowed") : Words::tr("Sign-in blocked"))
                 .with(RawRole, u.accountEnabled ? QStringLiteral("true") : QStringLiteral("false"));
         }},
        {"userPrincipalName", 220, false, K::Text, [](U u) { return textCell(u.userPrincipalName); }},
        {"phone", 130, false, K::Text, [](U u) { return textCell(u.phone); }},
        {"id", 260, false, K::Text, [](U u) { return textCell(u.key); }},
        {"createdDateTime", 118, false, K::Time, [](U u) { return timeCell(u.createdAt); }},
        {"lastSignInDateTime", 118, false, K::Time, [](U u) { return timeCell(u.lastSignIn); }},
        {"lastPasswordChangeDateTime", 128, false, K::Time,
         [](U u) { return timeCell(u.passwordChangedAt); }},
        {"learningStatus", 120, false, K::Text,
         [](U u) {
             return u.learningNeeded == 0 ? Cell(Words::tr("Done")).with(RawRole, QStringLiteral("done"))
                                          : Cell(Words::tr("%1 of %2", "sign-ins learnt")
                                                     .arg(u.learningDone)
                                                     .arg(u.learningNeeded))
                                                .with(RawRole, QStringLiteral("learning"));
         }},
        {"isProcessing", 96, false, K::Text, [](U u) { return yesNoCell(u.isProcessing); }},
        {"lastAction", 180, false, K::Text,
         [](U u) {
             return u.lastAction ? Cell(ledgerName(*u.lastAction)).with(RawRole, text(toText(*u.lastAction)))
                                 : Cell(dash());
         }},
        {"lastActionBy", 120, false, K::Text, [](U u) { return textCell(u.lastActionBy); }},
        {"hasNote", 220, false, K::Text,
         [](U u) {
             return textCell(u.note).with(RawRole,
                                          u.note.empty() ? QStringLiteral("false") : QStringLiteral("true"));
         }},
        {"isDeleted", 84, false, K::Text,
         [](U u) {
             return textCell(u.isDeleted ? Words::tr("Deleted") : Words::tr("Active", "a user"))
                 .with(RawRole, u.isDeleted ? QStringLiteral("true") : QStringLiteral("false"));
         }},
    };
    return columns;
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
    return columnsOf(query::Report::RiskyUsers, table());
}

Result<std::shared_ptr<const RowPage>> RiskyUsersSource::readPage(store::Connection &connection,
                                                                  std::span<const std::int64_t> ids,
                                                                  std::stop_token stop) const
{
    const auto rows = query::readRiskyUsers(connection, ids, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    const auto &columns = table();
    auto page = std::make_shared<CellPage>(static_cast<int>(columns.size()));
    for (const auto &row : *rows)
        page->add(text(row.key), makeCells(columns, row));
    return std::shared_ptr<const RowPage>(std::move(page));
}

} // namespace riskdesk::models

#include "core/query/read_session.h"
#include "core/query/sign_ins/sign_ins.h"

#include "ui/models/cells.h"
#include "ui/models/format.h"
#include "ui/models/report_sources.h"

namespace riskdesk::models {
namespace {

using query::SignInItem;
using K = CellKind;

QString mfaName(Mfa mfa)
{
    switch (mfa) {
    case Mfa::Unknown: return {};
    case Mfa::SingleFactor: return Words::tr("Single factor");
    case Mfa::Required: return Words::tr("Required");
    case Mfa::Passed: return Words::tr("Passed");
    case Mfa::Satisfied: return Words::tr("Met earlier");
    }
    return {};
}

Cell mfaCell(const SignInItem &s)
{
    static constexpr const char *keys[] = {"unknown", "singleFactor", "required", "passed"};
    const auto number = static_cast<std::size_t>(s.row.mfa);
    return textCell(mfaName(s.row.mfa))
        .with(RawRole, QString::fromLatin1(number < 4 ? keys[number] : keys[0]));
}

// What a person knows a device by: its id, else system and browser.
Cell deviceCell(const SignInItem &s)
{
    if (!s.operatingSystem.empty() && !s.browser.empty())
        return Cell(Words::tr("%1, %2", "system, browser")
                        .arg(systemName(s.operatingSystem), shown(s.browser)))
            .with(RawRole, text(s.device))
            .with(Qt::ToolTipRole, shown(s.userAgent));
    const auto known = !s.operatingSystem.empty() ? systemName(s.operatingSystem)
                                                  : shown(!s.browser.empty() ? s.browser : s.device);
    return textCell(known).with(RawRole, text(s.device)).with(Qt::ToolTipRole, shown(s.userAgent));
}

const std::vector<Spec<SignInItem>> &table()
{
    using S = const SignInItem &;
    static const std::vector<Spec<SignInItem>> columns{
        {"createdDateTime", 134, true, K::Time, [](S s) { return timeCell(s.row.time(), true); }},
        {"user", 220, true, K::Person,
         [](S s) {
             return personCell(s.name(), s.mail.empty() ? s.userPrincipalName : s.mail, !s.accountEnabled,
                               false);
         }},
        {"result", 110, true, K::Result,
         [](S s) {
             auto cell = resultCell(s.row.outcome);
             if (!s.failureReason.empty())
                 cell.with(Qt::ToolTipRole, shown(s.failureReason));
             return cell;
         }},
        {"riskLevelDuringSignIn", 112, true, K::Level, [](S s) { return levelCell(s.risk.during); }},
        {"riskLevelAggregated", 98, true, K::Level, [](S s) { return levelCell(s.risk.aggregated); }},
        {"appDisplayName", 140, true, K::Text, [](S s) { return textCell(s.application); }},
        {"location", 160, true, K::Place,
         [](S s) {
             return placeCell(s.place.city, s.place.country)
                 .with(Qt::ToolTipRole, !s.place.isKnown() ? QString()
                                        : s.ownPlace       ? Words::tr("The event brought this place.")
                                                           : Words::tr("The place file says so."));
         },
         "countryOrRegion"},
        {"asn", 160, true, K::Text, [](S s) { return networkCell(s.asn, s.organisation); }},
        {"deviceId", 170, true, K::Text, deviceCell},
        {"mfa", 100, true, K::Text, mfaCell},
        {"ipAddress", 130, true, K::Text,
         [](S s) { return textCell(s.ip.isKnown() ? s.ip.toString() : std::string()); }},
        {"riskState", 124, false, K::State, [](S s) { return stateCell(s.risk.state); }},
        {"isInteractive", 92, false, K::Text, [](S s) { return yesNoCell(s.row.interactive != 0); }},
        {"failureReason", 240, false, K::Text, [](S s) { return textCell(s.failureReason); }},
        {"errorCode", 90, false, K::Number,
         [](S s) {
             return Cell(QString::number(s.row.errorCode))
                 .with(RawRole, static_cast<qint64>(s.row.errorCode));
         }},
        {"resourceDisplayName", 140, false, K::Text, [](S s) { return textCell(s.resource); }},
        {"clientAppUsed", 120, false, K::Text, [](S s) { return textCell(s.clientApp); }},
        {"operatingSystem", 110, false, K::Text,
         [](S s) { return textCell(systemName(s.operatingSystem)).with(RawRole, text(s.operatingSystem)); }},
        {"browser", 110, false, K::Text, [](S s) { return textCell(s.browser); }},
        {"sessionId", 220, false, K::Text, [](S s) { return textCell(s.session); }},
        {"correlationId", 260, false, K::Text, [](S s) { return textCell(s.correlationId); }},
        {"id", 260, false, K::Text, [](S s) { return textCell(s.requestId); }},
    };
    return columns;
}

} // namespace

QList<Column> SignInsSource::columns() const
{
    return columnsOf(query::Report::SignIns, table());
}

std::shared_ptr<query::SignIns> SignInsSource::signIns(store::Connection &connection) const
{
    auto all = query::ReadSession::of(connection)->signIns();
    const std::lock_guard lock(m_mutex);
    m_held = all;
    return all;
}

Result<std::vector<std::int64_t>> SignInsSource::readSpine(store::Connection &connection,
                                                           const query::Question &question,
                                                           std::stop_token stop) const
{
    const auto all = signIns(connection);
    const auto spine = all->ask(connection, question, std::move(stop));
    if (!spine)
        return tl::unexpected(spine.error());
    std::vector<std::int64_t> ids;
    ids.reserve(spine->rows.size());
    for (const auto row : spine->rows)
        ids.push_back(static_cast<std::int64_t>(spine->generation << 32 | row));
    return ids;
}

Result<std::shared_ptr<const RowPage>> SignInsSource::readPage(store::Connection &connection,
                                                               std::span<const std::int64_t> ids,
                                                               std::stop_token stop) const
{
    const auto all = signIns(connection);
    std::vector<std::uint32_t> numbers;
    numbers.reserve(ids.size());
    for (const auto id : ids)
        numbers.push_back(numberOf(id));
    const auto rows =
        all->read(connection, ids.empty() ? 0 : generationOf(ids.front()), numbers, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    const auto &columns = table();
    auto page = std::make_shared<CellPage>(static_cast<int>(columns.size()));
    for (const auto &row : *rows)
        page->add(text(row.requestId), makeCells(columns, row));
    return std::shared_ptr<const RowPage>(std::move(page));
}

} // namespace riskdesk::models

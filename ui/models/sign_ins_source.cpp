#include "core/query/sign_ins.h"

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

std::vector<Spec<SignInItem>> table()
{
    using S = const SignInItem &;
    const auto id = [](const char *name) { return QString::fromLatin1(name); };
    return {
        {{id("createdDateTime"),
          Words::tr("Time"),
          Words::tr("The moment of the sign-in."),
          134,
          true,
          K::Time,
          {}},
         [](S s) { return timeCell(s.row.time(), true); }},
        {{id("user"), Words::tr("User"), Words::tr("Who signed in."), 220, true, K::Person, {}},
         [](S s) {
             return personCell(s.name(), s.mail.empty() ? s.userPrincipalName : s.mail, !s.accountEnabled,
                               false);
         }},
        {{id("result"), Words::tr("Result"), Words::tr("How the sign-in ended."), 110, true, K::Result, {}},
         [](S s) {
             auto cell = resultCell(s.row.outcome);
             if (!s.failureReason.empty())
                 cell.with(Qt::ToolTipRole, shown(s.failureReason));
             return cell;
         }},
        {{id("riskLevelDuringSignIn"),
          Words::tr("Risk at sign-in"),
          Words::tr("Risk known at the moment of the sign-in."),
          112,
          true,
          K::Level,
          {}},
         [](S s) { return levelCell(s.risk.during); }},
        {{id("riskLevelAggregated"),
          Words::tr("Risk, total"),
          Words::tr("Risk with everything found later."),
          98,
          true,
          K::Level,
          {}},
         [](S s) { return levelCell(s.risk.aggregated); }},
        {{id("appDisplayName"),
          Words::tr("App"),
          Words::tr("The application signed in to."),
          140,
          true,
          K::Text,
          {}},
         [](S s) { return textCell(s.application); }},
        {{id("location"), Words::tr("Location"),
          Words::tr("Where it came from: the event's own place, else the place file's."), 160, true, K::Place,
          id("countryOrRegion")},
         [](S s) {
             return placeCell(s.place.city, s.place.country)
                 .with(Qt::ToolTipRole, !s.place.isKnown() ? QString()
                                        : s.ownPlace       ? Words::tr("The event brought this place.")
                                                           : Words::tr("The place file says so."));
         }},
        {{id("asn"),
          Words::tr("Network"),
          Words::tr("The network that the address belongs to, and who runs it."),
          160,
          true,
          K::Text,
          {}},
         [](S s) { return networkCell(s.asn, s.organisation); }},
        {{id("deviceId"),
          Words::tr("Device"),
          Words::tr("System and browser, else the id of the device."),
          170,
          true,
          K::Text,
          {}},
         deviceCell},
        {{id("mfa"), Words::tr("MFA"), Words::tr("Multifactor authentication."), 100, true, K::Text, {}},
         mfaCell},
        {{id("ipAddress"), Words::tr("IP address"), Words::tr("The address."), 130, true, K::Text, {}},
         [](S s) { return textCell(s.ip.isKnown() ? s.ip.toString() : std::string()); }},
        {{id("riskState"),
          Words::tr("Risk state"),
          Words::tr("Whether the sign-in's risk is open, and if not, how it was closed."),
          124,
          false,
          K::State,
          {}},
         [](S s) { return stateCell(s.risk.state); }},
        {{id("isInteractive"),
          Words::tr("Interactive"),
          Words::tr("Whether a person signed in."),
          92,
          false,
          K::Text,
          {}},
         [](S s) { return yesNoCell(s.row.interactive != 0); }},
        {{id("failureReason"),
          Words::tr("Failure reason"),
          Words::tr("The provider's words for the failure."),
          240,
          false,
          K::Text,
          {}},
         [](S s) { return textCell(s.failureReason); }},
        {{id("errorCode"),
          Words::tr("Error code"),
          Words::tr("The provider's error number; 0 is none."),
          90,
          false,
          K::Number,
          {}},
         [](S s) {
             return Cell(QString::number(s.row.errorCode))
                 .with(RawRole, static_cast<qint64>(s.row.errorCode));
         }},
        {{id("resourceDisplayName"),
          Words::tr("Resource"),
          Words::tr("The resource asked for."),
          140,
          false,
          K::Text,
          {}},
         [](S s) { return textCell(s.resource); }},
        {{id("clientAppUsed"),
          Words::tr("Client"),
          Words::tr("Browser, mobile app, or another client."),
          120,
          false,
          K::Text,
          {}},
         [](S s) { return textCell(s.clientApp); }},
        {{id("operatingSystem"),
          Words::tr("OS"),
          Words::tr("The system of the device."),
          110,
          false,
          K::Text,
          {}},
         [](S s) { return textCell(systemName(s.operatingSystem)).with(RawRole, text(s.operatingSystem)); }},
        {{id("browser"), Words::tr("Browser"), Words::tr("The browser."), 110, false, K::Text, {}},
         [](S s) { return textCell(s.browser); }},
        {{id("sessionId"),
          Words::tr("Session ID"),
          Words::tr("The id of the session."),
          220,
          false,
          K::Text,
          {}},
         [](S s) { return textCell(s.session); }},
        {{QString(), Words::tr("Correlation ID"),
          Words::tr("The id that ties records of one attempt together."), 260, false, K::Text,
          id("correlationId")},
         [](S s) { return textCell(s.correlationId); }},
        {{QString(), Words::tr("Request ID"), Words::tr("The id of the sign-in."), 260, false, K::Text,
          id("id")},
         [](S s) { return textCell(s.requestId); }},
    };
}

} // namespace

QList<Column> SignInsSource::columns() const
{
    return columnsOf(table());
}

Result<std::shared_ptr<query::SignIns>> SignInsSource::signIns(store::Connection &connection) const
{
    auto found = query::SignIns::of(connection);
    if (found) {
        const std::lock_guard lock(m_mutex);
        m_held = *found;
    }
    return found;
}

Result<std::vector<std::int64_t>> SignInsSource::readSpine(store::Connection &connection,
                                                           const query::Question &question,
                                                           std::stop_token stop) const
{
    const auto all = signIns(connection);
    if (!all)
        return tl::unexpected(all.error());
    const auto spine = (*all)->ask(connection, question, std::move(stop));
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
    if (!all)
        return tl::unexpected(all.error());
    std::vector<std::uint32_t> numbers;
    numbers.reserve(ids.size());
    for (const auto id : ids)
        numbers.push_back(numberOf(id));
    const auto rows =
        (*all)->read(connection, ids.empty() ? 0 : generationOf(ids.front()), numbers, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    const auto columns = table();
    auto page = std::make_shared<CellPage>(static_cast<int>(columns.size()));
    for (const auto &row : *rows)
        page->add(text(row.requestId), makeCells(columns, row));
    return std::shared_ptr<const RowPage>(std::move(page));
}

} // namespace riskdesk::models

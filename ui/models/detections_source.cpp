#include "core/query/tables/detections.h"

#include "ui/models/cells.h"
#include "ui/models/format.h"
#include "ui/models/report_sources.h"
#include "ui/models/why_text.h"

namespace riskdesk::models {
namespace {

using query::DetectionRow;
using K = CellKind;

Cell typeCell(const DetectionRow &r)
{
    const auto &d = r.detection;
    auto name = d.type == DetectionType::Other && !d.typeText.empty() ? shown(d.typeText) : typeName(d.type);
    if (d.source != ourSource)
        name = Words::tr("%1, by %2", "detection, who raised it").arg(name, shown(d.source));
    return Cell(name)
        .with(TypeRole, static_cast<int>(d.type))
        .with(RawRole, text(toText(d.type)))
        .with(Qt::ToolTipRole, reasonLine(d));
}

Cell alsoCell(const DetectionRow &r)
{
    QStringList names;
    for (const auto type : r.alsoTriggered)
        names << shortTypeName(type);
    auto cell = textCell(names.join(Words::tr(", ", "between items of a list")));
    cell.with(ChipRole, names);
    return cell;
}

Cell timingCell(const DetectionRow &r)
{
    const auto timing = r.detection.timing;
    const bool later = timing == DetectionTiming::Offline || timing == DetectionTiming::NearRealtime;
    return textCell(timing == DetectionTiming::Realtime ? Words::tr("At sign-in")
                    : later                             ? Words::tr("Later")
                                                        : QString())
        .with(RawRole, text(toText(timing)));
}

Cell resultOf(const DetectionRow &r)
{
    return r.signIn ? resultCell(r.signIn->outcome) : Cell(dash());
}

std::vector<Spec<DetectionRow>> table()
{
    using D = const DetectionRow &;
    const auto id = [](const char *name) { return QString::fromLatin1(name); };
    return {
        {{id("riskEventType"),
          Words::tr("Detection"),
          Words::tr("What was found."),
          260,
          true,
          K::Detection,
          {}},
         typeCell},
        {{id("riskLevel"),
          Words::tr("Risk level"),
          Words::tr("How sure the detection is."),
          98,
          true,
          K::Level,
          {}},
         [](D r) { return levelCell(r.detection.level); }},
        {{id("riskState"),
          Words::tr("Risk state"),
          Words::tr("Whether the detection is open, and if not, how it was closed."),
          124,
          true,
          K::State,
          {}},
         [](D r) { return stateCell(r.detection.state); }},
        {{id("user"), Words::tr("User"), Words::tr("Whose sign-in it was."), 190, true, K::Person, {}},
         [](D r) {
             return personCell(r.name(), r.mail.empty() ? r.userPrincipalName : r.mail, !r.accountEnabled,
                               false);
         }},
        {{id("alsoTriggered"),
          Words::tr("Also triggered"),
          Words::tr("What else was found on the same sign-in."),
          180,
          true,
          K::Chips,
          {}},
         alsoCell},
        {{id("location"), Words::tr("Sign-in location"), Words::tr("Where the sign-in came from."), 160, true,
          K::Place, id("countryOrRegion")},
         [](D r) { return placeCell(r.place.city, r.place.country); }},
        {{id("lastActivityDateTime"),
          Words::tr("Time"),
          Words::tr("The moment it was seen last."),
          150,
          true,
          K::Time,
          {}},
         [](D r) { return timeCell(r.detection.lastAt, true); }},
        {{id("activityDateTime"),
          Words::tr("First time"),
          Words::tr("The moment of the first sign-in it was seen on."),
          150,
          false,
          K::Time,
          {}},
         [](D r) { return timeCell(r.detection.at, true); }},
        {{id("detectedDateTime"),
          Words::tr("Detected"),
          Words::tr("When it was found."),
          150,
          false,
          K::Time,
          {}},
         [](D r) { return timeCell(r.detection.detectedAt, true); }},
        {{id("lastUpdatedDateTime"),
          Words::tr("Last updated"),
          Words::tr("When it last changed, by new facts or a decision."),
          134,
          false,
          K::Time,
          {}},
         [](D r) { return timeCell(r.detection.lastUpdated, true); }},
        {{id("detectionTimingType"),
          Words::tr("Timing"),
          Words::tr("Found at sign-in, or later."),
          90,
          false,
          K::Text,
          {}},
         timingCell},
        {{id("riskDetail"),
          Words::tr("Risk detail"),
          Words::tr("What changed the state."),
          220,
          false,
          K::Text,
          {}},
         [](D r) {
             return textCell(detailName(r.detection.detail)).with(RawRole, text(toText(r.detection.detail)));
         }},
        {{id("ipAddress"),
          Words::tr("IP address"),
          Words::tr("The address of the sign-in."),
          130,
          false,
          K::Text,
          {}},
         [](D r) { return textCell(r.detection.ip.isKnown() ? r.detection.ip.toString() : std::string()); }},
        {{id("asn"),
          Words::tr("Network"),
          Words::tr("The network that the address belongs to, and who runs it."),
          160,
          false,
          K::Text,
          {}},
         [](D r) { return networkCell(r.detection.asn, r.organisation); }},
        {{id("appDisplayName"),
          Words::tr("App"),
          Words::tr("The application signed in to."),
          140,
          false,
          K::Text,
          {}},
         [](D r) { return textCell(r.application); }},
        {{id("clientAppUsed"),
          Words::tr("Client"),
          Words::tr("Browser, mobile app, or another client."),
          120,
          false,
          K::Text,
          {}},
         [](D r) { return textCell(r.clientApp); }},
        {{id("deviceId"), Words::tr("Device"), Words::tr("The id of the device."), 140, false, K::Text, {}},
         [](D r) { return textCell(r.device); }},
        {{id("operatingSystem"),
          Words::tr("OS"),
          Words::tr("The system of the device."),
          110,
          false,
          K::Text,
          {}},
         [](D r) { return textCell(systemName(r.operatingSystem)).with(RawRole, text(r.operatingSystem)); }},
        {{id("browser"), Words::tr("Browser"), Words::tr("The browser."), 110, false, K::Text, {}},
         [](D r) { return textCell(r.browser); }},
        {{id("mitreTechnique"),
          Words::tr("MITRE technique"),
          Words::tr("The technique, as ATT&CK numbers it."),
          120,
          false,
          K::Text,
          {}},
         [](D r) { return textCell(info(r.detection.type).mitre); }},
        {{id("source"), Words::tr("Source"), Words::tr("Who raised it."), 110, false, K::Text, {}},
         [](D r) { return textCell(r.detection.source); }},
        {{id("requestId"),
          Words::tr("Request ID"),
          Words::tr("The id of the sign-in."),
          260,
          false,
          K::Text,
          {}},
         [](D r) { return textCell(r.detection.requestId); }},
        {{id("correlationId"),
          Words::tr("Correlation ID"),
          Words::tr("The id that ties records of one attempt together."),
          260,
          false,
          K::Text,
          {}},
         [](D r) { return textCell(r.detection.correlationId); }},
        {{id("result"),
          Words::tr("Sign-in result"),
          Words::tr("How the sign-in ended."),
          110,
          false,
          K::Result,
          {}},
         resultOf},
        {{id("count"),
          Words::tr("Times"),
          Words::tr("How often it was seen while open."),
          70,
          false,
          K::Number,
          {}},
         [](D r) { return numberCell(r.detection.count); }},
        {{QString(), Words::tr("Why"), Words::tr("The finding in one line."), 360, false, K::Text, {}},
         [](D r) { return textCell(reasonLine(r.detection)); }},
    };
}

} // namespace

QList<Column> DetectionsSource::columns() const
{
    return columnsOf(table());
}

Result<std::shared_ptr<const RowPage>> DetectionsSource::readPage(store::Connection &connection,
                                                                  std::span<const std::int64_t> ids,
                                                                  std::stop_token stop) const
{
    const auto rows = query::readDetections(connection, ids, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    const auto columns = table();
    auto page = std::make_shared<CellPage>(static_cast<int>(columns.size()));
    for (const auto &row : *rows)
        page->add(text(row.detection.id), makeCells(columns, row));
    return std::shared_ptr<const RowPage>(std::move(page));
}

} // namespace riskdesk::models

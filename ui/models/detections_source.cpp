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
        .with(Qt::ToolTipRole, reasonLine(d, r.organisation));
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

const std::vector<Spec<DetectionRow>> &table()
{
    using D = const DetectionRow &;
    static const std::vector<Spec<DetectionRow>> columns{
        {"riskEventType", 260, true, K::Detection, typeCell},
        {"riskLevel", 98, true, K::Level, [](D r) { return levelCell(r.detection.level); }},
        {"riskState", 124, true, K::State, [](D r) { return stateCell(r.detection.state); }},
        {"user", 190, true, K::Person,
         [](D r) {
             return personCell(r.name(), r.mail.empty() ? r.userPrincipalName : r.mail, !r.accountEnabled,
                               false);
         }},
        {"alsoTriggered", 180, true, K::Chips, alsoCell},
        {"location", 160, true, K::Place, [](D r) { return placeCell(r.place.city, r.place.country); },
         "countryOrRegion"},
        {"lastActivityDateTime", 150, true, K::Time, [](D r) { return timeCell(r.detection.lastAt, true); }},
        {"activityDateTime", 150, false, K::Time, [](D r) { return timeCell(r.detection.at, true); }},
        {"detectedDateTime", 150, false, K::Time, [](D r) { return timeCell(r.detection.detectedAt, true); }},
        {"lastUpdatedDateTime", 134, false, K::Time,
         [](D r) { return timeCell(r.detection.lastUpdated, true); }},
        {"detectionTimingType", 90, false, K::Text, timingCell},
        {"riskDetail", 220, false, K::Text,
         [](D r) {
             return textCell(detailName(r.detection.detail)).with(RawRole, text(toText(r.detection.detail)));
         }},
        {"ipAddress", 130, false, K::Text,
         [](D r) { return textCell(r.detection.ip.isKnown() ? r.detection.ip.toString() : std::string()); }},
        {"asn", 160, false, K::Text, [](D r) { return networkCell(r.detection.asn, r.organisation); }},
        {"appDisplayName", 140, false, K::Text, [](D r) { return textCell(r.application); }},
        {"clientAppUsed", 120, false, K::Text, [](D r) { return textCell(r.clientApp); }},
        {"deviceId", 140, false, K::Text, [](D r) { return textCell(r.device); }},
        {"operatingSystem", 110, false, K::Text,
         [](D r) { return textCell(systemName(r.operatingSystem)).with(RawRole, text(r.operatingSystem)); }},
        {"browser", 110, false, K::Text, [](D r) { return textCell(r.browser); }},
        {"mitreTechnique", 120, false, K::Text, [](D r) { return textCell(info(r.detection.type).mitre); }},
        {"source", 110, false, K::Text, [](D r) { return textCell(r.detection.source); }},
        {"requestId", 260, false, K::Text, [](D r) { return textCell(r.detection.requestId); }},
        {"correlationId", 260, false, K::Text, [](D r) { return textCell(r.detection.correlationId); }},
        {"result", 110, false, K::Result, resultOf},
        {"count", 70, false, K::Number, [](D r) { return numberCell(r.detection.count); }},
        {"reason", 360, false, K::Text,
         [](D r) { return textCell(reasonLine(r.detection, r.organisation)); }},
    };
    return columns;
}

} // namespace

QList<Column> DetectionsSource::columns() const
{
    return columnsOf(query::Report::Detections, table());
}

Result<std::shared_ptr<const RowPage>> DetectionsSource::readPage(store::Connection &connection,
                                                                  std::span<const std::int64_t> ids,
                                                                  std::stop_token stop) const
{
    const auto rows = query::readDetections(connection, ids, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    const auto &columns = table();
    auto page = std::make_shared<CellPage>(static_cast<int>(columns.size()));
    for (const auto &row : *rows)
        page->add(text(row.detection.id), makeCells(columns, row));
    return std::shared_ptr<const RowPage>(std::move(page));
}

} // namespace riskdesk::models

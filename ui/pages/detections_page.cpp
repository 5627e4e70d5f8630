#include "ui/pages/detections_page.h"

#include "core/query/words/why.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/models/report_sources.h"
#include "ui/models/why_text.h"
#include "ui/pages/export_rows.h"
#include "ui/pages/map_marks.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/frame/details_pane.h"
#include "ui/widgets/table/table_view.h"
#include "ui/widgets/table/why_table.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace riskdesk::pages {
namespace {

using action::Action;

QList<models::Column> togetherColumns()
{
    using K = models::CellKind;
    return {models::shortColumn(DetectionsPage::tr("Time"), 130, K::Time),
            models::shortColumn(DetectionsPage::tr("Detection"), 230, K::Detection),
            models::shortColumn(DetectionsPage::tr("Risk level"), 98, K::Level),
            models::shortColumn(DetectionsPage::tr("Risk state"), 128, K::State),
            models::shortColumn(DetectionsPage::tr("Why"), 420, K::Text)};
}

theme::Icon signalIcon(const std::string &key)
{
    using theme::Icon;
    if (key.find("speed") != std::string::npos)
        return Icon::Travel;
    if (key.find("country") != std::string::npos || key.find("place") != std::string::npos)
        return Icon::Globe;
    if (key.find("browser") != std::string::npos)
        return Icon::Browser;
    if (key.find("device") != std::string::npos || key.find("system") != std::string::npos)
        return Icon::Device;
    if (key.find("Time") != std::string::npos || key.find("hour") != std::string::npos)
        return Icon::Clock;
    if (key.find("list") != std::string::npos)
        return Icon::Intelligence;
    return Icon::Network;
}

models::Tone toneOf(SignalResult result)
{
    switch (result) {
    case SignalResult::AsUsual: return models::Tone::Good;
    case SignalResult::Rare:
    case SignalResult::New: return models::Tone::Notice;
    case SignalResult::NotPlausible:
    case SignalResult::OnList: return models::Tone::Bad;
    case SignalResult::Unknown: return models::Tone::Neutral;
    }
    return models::Tone::Neutral;
}

} // namespace

DetectionsPage::DetectionsPage(Context &context)
    : ReportPage(context, query::Report::Detections, tr("Risk detections"),
                 std::make_shared<models::DetectionsSource>(),
                 {{QStringLiteral("riskEventType"), tr("Detection type")},
                  {QStringLiteral("riskLevel"), tr("Risk level")},
                  {QStringLiteral("riskState"), tr("Risk state")},
                  {QStringLiteral("countryOrRegion"), tr("Country")}},
                 tr("Filter by user, IP, network, ID"), false)
{
    using theme::Icon;
    const QList<widgets::Command> commands = {
        {QStringLiteral("user"), Icon::Person, tr("Open user"), QStringLiteral("Ctrl+Shift+P"), {}, false},
        {QStringLiteral("compromised"),
         Icon::ShieldAlert,
         tr("Confirm compromised"),
         QStringLiteral("Ctrl+Shift+C"),
         {},
         false},
        {QStringLiteral("safe"),
         Icon::ShieldCheck,
         tr("Confirm safe"),
         QStringLiteral("Ctrl+Shift+D"),
         {},
         false},
        {QStringLiteral("dismiss"),
         Icon::Dismiss,
         tr("Dismiss detection"),
         QStringLiteral("Ctrl+D"),
         {},
         false}};
    m_commands->setSelectionCommands(commands);
    m_commands->setGeneralCommands(
        {{QStringLiteral("refresh"), Icon::Refresh, tr("Refresh"), QStringLiteral("F5"), {}, false},
         {QStringLiteral("columns"), Icon::Columns, tr("Columns"), QStringLiteral("Ctrl+Shift+E"), {}, false},
         exportCommand()});
    m_pane->setCommands({commands[0], commands[2], commands[3]}, {commands[1]});
    setRowCommands(commands);
    m_pane->addTab(tr("Why"), makeWhy());
    m_facts = new widgets::FactTable(context.theme);
    auto *factBox = new QWidget;
    auto *factColumn = new QVBoxLayout(factBox);
    factColumn->setContentsMargins(16, 10, 16, 10);
    factColumn->addWidget(m_facts);
    factColumn->addStretch();
    m_pane->addTab(tr("Sign-in"), factBox);
    m_together = new models::CellModel(togetherColumns(), this);
    auto *together = new widgets::TableView(context.theme);
    together->setTicksShown(false);
    together->setSortable(false);
    together->setDensity(widgets::Density::Compact);
    together->setModel(m_together);
    together->setAccessibleName(tr("Triggered together"));
    connect(together, &widgets::TableView::opened, this,
            [this](int row, bool) { openRow(m_together->index(row, 0).data(models::IdRole).toLongLong()); });
    m_togetherTab = m_pane->addTab(tr("Triggered together"), together);
}

QWidget *DetectionsPage::makeWhy()
{
    const auto &theme = m_context.theme;
    auto *box = new QWidget;
    auto *row = new QHBoxLayout(box);
    row->setContentsMargins(16, 8, 16, 10);
    row->setSpacing(16);
    auto *words = new QWidget;
    auto *column = new QVBoxLayout(words);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    m_sentence = new widgets::Paragraph(theme, theme::TextStyle::Body, theme::Token::Text, {}, words);
    m_why = new widgets::WhyTable(theme, words);
    column->addWidget(m_sentence);
    column->addWidget(m_why);
    m_cannotSee = new widgets::Paragraph(theme, theme::TextStyle::Secondary, theme::Token::Text2, {}, words);
    column->addWidget(m_cannotSee);
    column->addStretch();
    m_map = new widgets::WorldMap(theme, box);
    row->addWidget(new widgets::ScrollPane(theme, words), 66);
    row->addWidget(m_map, 34);
    return box;
}

void DetectionsPage::showRow(std::int64_t id)
{
    m_storyTicket = m_context.readers->ask(
        this, m_storyTicket,
        [id, onlooker = m_context.onlooker()](store::Connection &db, std::stop_token stop) -> Result<Story> {
            const std::int64_t ids[] = {id};
            auto rows = query::readDetections(db, ids, stop);
            auto others = query::triggeredTogether(db, id);
            if (!rows || !others)
                return tl::unexpected(!rows ? rows.error() : others.error());
            if (auto noted = onlooker.sees(db, "detection " + rows->front().detection.id); !noted)
                return tl::unexpected(noted.error());
            auto together = query::readDetections(db, *others, stop);
            if (!together)
                return tl::unexpected(together.error());
            return Story{rows->front(), std::move(*together)};
        },
        [this](Result<Story> story) {
            if (story)
                show(*story);
            else
                m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(story.error()));
        });
}

void DetectionsPage::show(const Story &story)
{
    const auto &r = story.row;
    const auto &d = r.detection;
    m_nameOf = r.rowid;
    m_name = tr("%1 of %2", "detection, user").arg(models::typeName(d.type), models::shown(r.name()));
    widgets::PaneSubject subject;
    subject.title = models::typeName(d.type);
    subject.icon = widgets::detectionIcon(d.type);
    subject.level = d.level;
    subject.state = d.state;
    subject.facts << models::shown(r.name())
                  << (d.count > 1 ? tr("first seen %1").arg(models::shortTime(d.at, true))
                                  : models::shortTime(d.at, true))
                  << (d.timing == DetectionTiming::Realtime ? tr("found at sign-in") : tr("found later"));
    if (!r.application.empty())
        subject.facts << models::shown(r.application);
    subject.facts << models::shown(d.ip.toString());
    if (d.source != ourSource)
        subject.facts << tr("from %1").arg(models::shown(d.source));
    m_pane->setSubject(subject);
    const auto notOpen = isOpen(d.state) ? QString() : tr("This detection is closed already.");
    setRefusals({{QStringLiteral("safe"), notOpen},
                 {QStringLiteral("dismiss"), notOpen},
                 {QStringLiteral("compromised"), d.state == RiskState::ConfirmedCompromised
                                                     ? tr("This detection is confirmed already.")
                                                     : QString()}});
    m_sentence->setText(models::explanation(d));
    m_cannotSee->setText(
        tr("What this detection cannot see: %1", "a sentence").arg(models::cannotSee(d.type)));

    const auto &e = d.evidence;
    QList<widgets::WhyRow> rows;
    for (const auto &s : e.signals) {
        const auto words = models::signalWords(e, s);
        rows << widgets::WhyRow{signalIcon(s.key), words.name,   words.usual,    words.seen,
                                toneOf(s.result),  words.result, words.usualTip, words.seenTip};
    }
    m_why->setRows(tr("Usual"), rows);

    QList<widgets::MapMark> marks;
    QList<widgets::MapLeg> legs;
    if (const auto *travel = e.as<UnlikelyTravelEvidence>();
        travel != nullptr && travel->from.hasCoordinates() && travel->to.hasCoordinates()) {
        marks << markOf(travel->from, false, travel->radiusFromKm)
              << markOf(travel->to, true, travel->radiusToKm);
        legs << widgets::MapLeg{
            0, 1,
            tr("%1 in %2").arg(models::distance(travel->distanceKm), models::duration(travel->between())),
            true};
    } else if (r.place.hasCoordinates()) {
        marks << widgets::MapMark{
            r.place.latitude, r.place.longitude, models::shown(r.place.city), true, 0, r.place.radiusKm, {}};
    }
    m_map->setContent(marks, legs);
    m_map->setVisible(!marks.isEmpty());
    m_map->setSummary(legs.isEmpty() ? tr("The sign-in came from %1").arg(models::shown(r.place.city))
                                     : legs.front().label);

    QList<std::pair<QString, QString>> facts;
    const auto fact = [&](const QString &name, const QString &value) {
        if (!value.isEmpty())
            facts << std::pair(name, value);
    };
    fact(d.count > 1 ? tr("First seen") : tr("Seen"), models::longTime(d.at));
    if (d.count > 1)
        fact(tr("Last seen"), models::longTime(d.lastAt));
    fact(tr("User"),
         QStringLiteral("%1, %2").arg(models::shown(r.name()), models::shown(r.userPrincipalName)));
    fact(tr("Request ID"), models::shown(d.requestId));
    fact(tr("Correlation ID"), models::shown(d.correlationId));
    fact(tr("IP address"), models::shown(d.ip.toString()));
    fact(tr("Location"), models::placeText(r.place.city, r.place.state, r.place.country));
    fact(tr("Network"),
         d.asn == 0 ? QString()
                    : QStringLiteral("AS%1 %2").arg(d.asn).arg(models::shown(r.organisation)).trimmed());
    fact(tr("Application"), models::shown(r.application));
    fact(tr("Client"), models::shown(r.clientApp));
    fact(tr("Browser"), models::shown(r.browser));
    fact(tr("System"), models::systemName(r.operatingSystem));
    fact(tr("Device"), models::shown(r.device));
    fact(tr("User agent"), models::shown(r.userAgent));
    fact(tr("Detection ID"), models::shown(d.id));
    m_facts->setFacts(facts);

    auto page = std::make_shared<models::CellPage>(static_cast<int>(togetherColumns().size()));
    for (const auto &t : story.together)
        page->add(QString::number(t.rowid),
                  {models::timeCell(t.detection.at),
                   models::Cell(models::typeName(t.detection.type))
                       .with(models::TypeRole, static_cast<int>(t.detection.type)),
                   models::levelCell(t.detection.level), models::stateCell(t.detection.state),
                   models::textCell(models::reasonLine(t.detection, t.organisation))});
    m_together->setPage(page);
    m_pane->setTabCount(m_togetherTab, page->size());
    setPosition();
}

void DetectionsPage::command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener)
{
    if (id == QLatin1String("export")) {
        exportTo(tr("Export risk detections"), [](store::Connection &db, const query::Question &question,
                                                  const ExportTarget &to) {
            return exportRows(db, question, to, query::riskDetectionColumns(), query::readDetections);
        });
        return;
    }
    if (id == QLatin1String("user")) {
        // Asked of the store: the pane may still show the row before.
        m_userTicket = m_context.readers->ask(
            this, m_userTicket,
            [id = ids.front()](store::Connection &db, std::stop_token stop) {
                const std::int64_t one[] = {id};
                return query::readDetections(db, one, std::move(stop));
            },
            [this](Result<std::vector<query::DetectionRow>> rows) {
                if (rows && !rows->empty() && rows->front().found)
                    Q_EMIT userAsked(rows->front().detection.user);
                else if (!rows)
                    m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(rows.error()));
            });
        return;
    }
    Targets targets;
    targets.detections = ids;
    targets.name = ids.size() == 1 && ids.front() == m_nameOf ? m_name : QString();
    if (const auto action = actionOf(id))
        m_decisions->ask(*action, targets, opener != nullptr ? opener : m_commands);
}

} // namespace riskdesk::pages

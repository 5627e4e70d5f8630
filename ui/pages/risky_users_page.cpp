#include "ui/pages/risky_users_page.h"

#include "core/query/counts.h"
#include "core/query/read_session.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/tables/detections.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/models/report_sources.h"
#include "ui/models/why_text.h"
#include "ui/pages/export_rows.h"
#include "ui/pages/map_marks.h"
#include "ui/widgets/charts/chart.h"
#include "ui/widgets/charts/chart_stretches.h"
#include "ui/widgets/charts/day_bars.h"
#include "ui/widgets/charts/kpi_strip.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/frame/details_pane.h"
#include "ui/widgets/table/table_view.h"
#include "ui/widgets/table/why_table.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace riskdesk::pages {
namespace {

using action::Action;

constexpr int comparedDays = 7; // where the list has no period

QList<models::Column> detectionColumns()
{
    using K = models::CellKind;
    return {models::shortColumn(RiskyUsersPage::tr("Time"), 120, K::Time),
            models::shortColumn(RiskyUsersPage::tr("Detection"), 220, K::Detection),
            models::shortColumn(RiskyUsersPage::tr("Risk level"), 98, K::Level),
            models::shortColumn(RiskyUsersPage::tr("Risk state"), 128, K::State),
            models::shortColumn(RiskyUsersPage::tr("Why"), 380, K::Text),
            models::shortColumn(RiskyUsersPage::tr("Location"), 150, K::Place),
            models::shortColumn(RiskyUsersPage::tr("IP address"), 130, K::Text)};
}

QList<models::Column> signInColumns()
{
    using K = models::CellKind;
    return {models::shortColumn(RiskyUsersPage::tr("Time"), 120, K::Time),
            models::shortColumn(RiskyUsersPage::tr("Result"), 110, K::Result),
            models::shortColumn(RiskyUsersPage::tr("Risk level"), 98, K::Level),
            models::shortColumn(RiskyUsersPage::tr("Risk state"), 128, K::State),
            models::shortColumn(RiskyUsersPage::tr("Application"), 150, K::Text),
            models::shortColumn(RiskyUsersPage::tr("Location"), 150, K::Place),
            models::shortColumn(RiskyUsersPage::tr("IP address"), 130, K::Text),
            models::shortColumn(RiskyUsersPage::tr("Browser"), 150, K::Text),
            models::shortColumn(RiskyUsersPage::tr("System"), 120, K::Text)};
}

QList<models::Column> historyColumns()
{
    using K = models::CellKind;
    return {models::shortColumn(RiskyUsersPage::tr("Time"), 120, K::Time),
            models::shortColumn(RiskyUsersPage::tr("What happened"), 430, K::Text),
            models::shortColumn(RiskyUsersPage::tr("From"), 160, K::Text),
            models::shortColumn(RiskyUsersPage::tr("To"), 160, K::Text),
            models::shortColumn(RiskyUsersPage::tr("By"), 110, K::Text),
            models::shortColumn(RiskyUsersPage::tr("Reason"), 140, K::Text),
            models::shortColumn(RiskyUsersPage::tr("Note"), 220, K::Text)};
}

QString standing(const RiskStanding &s)
{
    return s.state == RiskState::None ? QStringLiteral("–")
                                      : QStringLiteral("%1, %2 (%3)")
                                            .arg(models::stateName(s.state), models::levelName(s.level))
                                            .arg(s.score);
}

} // namespace

struct RiskyUsersPage::Story
{
    query::UserOverview overview;
    std::vector<query::DetectionRow> closed; // where none is open, the newest
    std::shared_ptr<models::CellPage> detections, signIns, history;
    std::vector<query::SignInPlace> places;
    std::vector<query::HistoryRow> events; // those of `history`
};

RiskyUsersPage::RiskyUsersPage(Context &context)
    : ReportPage(context, query::Report::RiskyUsers, tr("Risky users"),
                 std::make_shared<models::RiskyUsersSource>(),
                 {{QStringLiteral("riskState"), tr("Risk state")},
                  {QStringLiteral("riskLevel"), tr("Risk level")},
                  {QStringLiteral("countryOrRegion"), tr("Country")},
                  {QStringLiteral("riskEventType"), tr("Detection type")}},
                 tr("Filter by name, email, ID, IP"), true)
{
    using theme::Icon;
    const QList<widgets::Command> commands = {
        {QStringLiteral("reset"), Icon::Key, tr("Reset password"), QStringLiteral("Ctrl+Shift+R"), {}, false},
        {QStringLiteral("compromised"),
         Icon::ShieldAlert,
         tr("Confirm compromised"),
         QStringLiteral("Ctrl+Shift+C"),
         {},
         false},
        {QStringLiteral("dismiss"), Icon::Dismiss, tr("Dismiss risk"), QStringLiteral("Ctrl+D"), {}, false},
        {QStringLiteral("block"), Icon::Block, tr("Block sign-in"), QStringLiteral("Ctrl+B"), {}, false}};
    const QList<widgets::Command> more = {
        {QStringLiteral("unblock"), Icon::Unblock, tr("Unblock sign-in"), {}, {}, false},
        {QStringLiteral("sessions"), Icon::Signout, tr("End sessions"), {}, {}, false},
        {QStringLiteral("safe"),
         Icon::ShieldCheck,
         tr("Confirm safe"),
         QStringLiteral("Ctrl+Shift+D"),
         {},
         false},
        {QStringLiteral("resolve"), Icon::CheckCircle, tr("Remediated elsewhere"), {}, {}, false}};
    m_commands->setSelectionCommands(commands, more);
    m_commands->setGeneralCommands(
        {{QStringLiteral("refresh"), Icon::Refresh, tr("Refresh"), QStringLiteral("F5"), {}, false},
         {QStringLiteral("columns"), Icon::Columns, tr("Columns"), QStringLiteral("Ctrl+Shift+E"), {}, false},
         exportCommand()});
    m_pane->setCommands(commands.mid(0, 3), commands.mid(3) + more);
    setRowCommands(commands + more);
    connect(m_figures, &widgets::KpiStrip::pressed, this, &RiskyUsersPage::narrow);
    connect(m_bars, &widgets::DayBars::barPressed, this, [this](int bar) {
        if (bar >= 0 && bar + 1 < static_cast<int>(m_barBounds.size()))
            setFixedPeriod(
                {m_barBounds[static_cast<std::size_t>(bar)], m_barBounds[static_cast<std::size_t>(bar) + 1]});
    });
    m_pane->addTab(tr("Overview"), makeOverview());
    m_detections = new models::CellModel(detectionColumns(), this);
    m_signIns = new models::CellModel(signInColumns(), this);
    m_history = new models::CellModel(historyColumns(), this);
    auto *detections = widgets::shortList(context.theme, m_detections, tr("Detections of this user"));
    m_detectionsTab = m_pane->addTab(tr("Detections"), detections);
    m_signInsTab =
        m_pane->addTab(tr("Risky sign-ins"),
                       widgets::shortList(context.theme, m_signIns, tr("Risky sign-ins of this user")));
    m_historyTab = m_pane->addTab(tr("Risk history"), makeHistory());
    connect(detections, &widgets::TableView::opened, this, [this](int row, bool) {
        Q_EMIT detectionAsked(m_detections->index(row, 0).data(models::IdRole).toLongLong());
    });
}

QWidget *RiskyUsersPage::makeHistory()
{
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(16, 4, 16, 4);
    m_reverseHint =
        new widgets::Label(m_context.theme, theme::TextStyle::Secondary, theme::Token::Text2, {}, box);
    m_reverse = new QPushButton(tr("Reverse"), box);
    m_reverse->setObjectName(QStringLiteral("reverse"));
    head->addWidget(m_reverseHint, 1);
    head->addWidget(m_reverse);
    column->addLayout(head);
    m_historyList = widgets::shortList(m_context.theme, m_history, tr("Risk history of this user"));
    column->addWidget(m_historyList, 1);
    connect(m_historyList, &widgets::TableView::currentRowChanged, this, [this] { offerReverse(); });
    connect(m_reverse, &QPushButton::clicked, this, [this] {
        if (const auto *row = reversible())
            m_decisions->reverse({{row->event.command}, models::whatHappened(*row), row->event.at},
                                 row->event.actor.empty() ? QStringLiteral("Riskdesk")
                                                          : models::shown(row->event.actor),
                                 row->usersOfCommand, m_reverse);
    });
    return box;
}

// The decision of the current row; where that is none that stands, the newest that does.
const query::HistoryRow *RiskyUsersPage::reversible() const
{
    const auto current = static_cast<std::size_t>(std::max(m_historyList->currentRow(), 0));
    if (m_historyList->currentRow() >= 0 && current < m_events.size() && m_events[current].reversible)
        return &m_events[current];
    const auto newest =
        std::find_if(m_events.begin(), m_events.end(), [](const auto &row) { return row.reversible; });
    return newest == m_events.end() ? nullptr : &*newest;
}

void RiskyUsersPage::offerReverse()
{
    const auto *row = reversible();
    m_reverse->setEnabled(row != nullptr);
    m_reverseHint->setText(row == nullptr
                               ? tr("No decision stands that could be reversed.")
                               : tr("%1, %2", "decision, time")
                                     .arg(models::whatHappened(*row), models::shortTime(row->event.at)));
    m_reverse->setToolTip(row == nullptr ? m_reverseHint->text() : QString());
}

// A number opens what it counts.
void RiskyUsersPage::narrow(const QString &figure)
{
    const auto number = [](auto value) { return query::Value(static_cast<std::int64_t>(value)); };
    if (figure == QLatin1String("compromised"))
        setCondition(QStringLiteral("riskState"), {number(RiskState::ConfirmedCompromised)});
    else if (figure == QLatin1String("atRisk") || figure == QLatin1String("high"))
        setCondition(QStringLiteral("riskState"),
                     {number(RiskState::AtRisk), number(RiskState::ConfirmedCompromised)});
    if (figure == QLatin1String("high"))
        setCondition(QStringLiteral("riskLevel"), {number(RiskLevel::High)});
}

QWidget *RiskyUsersPage::makeOverview()
{
    const auto &theme = m_context.theme;
    auto *box = new QWidget;
    auto *row = new QHBoxLayout(box);
    row->setContentsMargins(16, 8, 16, 10);
    row->setSpacing(20);
    const auto column = [&](const QString &title, widgets::Label **side, QWidget *content, int stretch) {
        auto *name = new widgets::Label(theme, theme::TextStyle::CardTitle, theme::Token::Text, title, box);
        auto *part = new QVBoxLayout;
        part->setSpacing(6);
        auto *head = new QHBoxLayout;
        head->addWidget(name);
        head->addStretch();
        if (side != nullptr) {
            *side = new widgets::Label(theme, theme::TextStyle::Secondary, theme::Token::Text2, {}, box);
            head->addWidget(*side);
        }
        part->addLayout(head);
        part->addWidget(content, 1);
        row->addLayout(part, stretch);
        return name;
    };
    m_reasons = new widgets::ReasonList(theme, box);
    m_line = new widgets::RiskLine(theme, box);
    m_map = new widgets::WorldMap(theme, box);
    m_reasonsTitle = column({}, nullptr, m_reasons, 40);
    column(tr("Risk over time"), &m_lineNow, m_line, 30);
    column(tr("Sign-in locations"), &m_mapTitle, m_map, 30);
    connect(m_reasons, &widgets::ReasonList::pressed, this,
            [this](const QString &id) { Q_EMIT detectionAsked(id.toLongLong()); });
    connect(m_reasons, &widgets::ReasonList::morePressed, this,
            [this] { m_pane->setCurrentTab(m_detectionsTab); });
    return box;
}

void RiskyUsersPage::showRow(std::int64_t id)
{
    m_storyTicket = m_context.readers->ask(
        this, m_storyTicket,
        [id, onlooker = m_context.onlooker()](store::Connection &db, std::stop_token stop) -> Result<Story> {
            Story story;
            auto overview = query::userOverview(db, id, stop);
            if (!overview)
                return tl::unexpected(overview.error());
            if (auto noted = onlooker.sees(db, "user " + overview->user.userPrincipalName); !noted)
                return tl::unexpected(noted.error());
            story.overview = std::move(*overview);
            auto ids = query::userDetections(db, id);
            auto rows = ids ? query::readDetections(db, *ids, stop)
                            : Result<std::vector<query::DetectionRow>>(tl::unexpected(ids.error()));
            auto signIns = query::userRiskySignIns(db, id);
            auto events = query::userHistory(db, id);
            if (!rows || !signIns || !events)
                return tl::unexpected(!rows ? rows.error() : !signIns ? signIns.error() : events.error());
            if (story.overview.contributing.empty()) // closed: what it was is told all the same
                story.closed.assign(rows->begin(),
                                    rows->begin() + std::min<std::ptrdiff_t>(3, std::ssize(*rows)));
            story.detections =
                std::make_shared<models::CellPage>(static_cast<int>(detectionColumns().size()));
            for (const auto &d : *rows)
                story.detections->add(QString::number(d.rowid),
                                      {models::timeCell(d.detection.at),
                                       models::Cell(models::typeName(d.detection.type))
                                           .with(models::TypeRole, static_cast<int>(d.detection.type)),
                                       models::levelCell(d.detection.level),
                                       models::stateCell(d.detection.state),
                                       models::textCell(models::reasonLine(d.detection, d.organisation)),
                                       models::placeCell(d.place.city, d.place.country),
                                       models::textCell(d.detection.ip.toString())});
            story.signIns = std::make_shared<models::CellPage>(static_cast<int>(signInColumns().size()));
            for (const auto &s : *signIns)
                story.signIns->add(models::text(s.requestId),
                                   {models::timeCell(s.at), models::resultCell(s.row.outcome),
                                    models::levelCell(s.risk.aggregated), models::stateCell(s.risk.state),
                                    models::textCell(s.application),
                                    models::placeCell(s.place.city, s.place.country),
                                    models::textCell(s.ip.toString()), models::textCell(s.browser),
                                    models::textCell(models::systemName(s.operatingSystem))});
            story.history = std::make_shared<models::CellPage>(static_cast<int>(historyColumns().size()));
            for (const auto &h : *events) {
                story.history->add(QString::number(h.event.id),
                                   {models::timeCell(h.event.at), models::textCell(models::whatHappened(h)),
                                    models::textCell(standing(h.event.from)),
                                    models::textCell(standing(h.event.to)),
                                    models::textCell(h.event.actor.empty() ? QStringLiteral("Riskdesk")
                                                                           : models::shown(h.event.actor)),
                                    models::textCell(models::reasonName(h.event.reason)),
                                    models::textCell(models::shown(h.event.note))});
            }
            story.events = std::move(*events);
            if (auto places = query::ReadSession::of(db)->signIns()->places(
                    db, static_cast<std::uint32_t>(id), {}, stop))
                story.places = std::move(*places);
            return story;
        },
        [this](Result<Story> story) {
            if (story)
                show(*story);
            else
                m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(story.error()));
        });
}

void RiskyUsersPage::show(const Story &story)
{
    const auto &u = story.overview.user;
    m_name = models::shown(u.name());
    m_nameOf = u.id;
    widgets::PaneSubject subject;
    subject.title = m_name;
    subject.initials = models::initials(m_name);
    subject.level = u.standing.level;
    subject.state = u.standing.state;
    subject.facts << models::shown(u.mail.empty() ? u.userPrincipalName : u.mail)
                  << (u.identity == Identity::Social
                          ? tr("%1 keeps the password").arg(models::shown(u.issuer))
                          : tr("Local account"))
                  << (u.accountEnabled ? tr("Sign-in allowed") : tr("Sign-in blocked"))
                  << tr("ID %1").arg(models::shown(u.key));
    if (u.learningNeeded > 0 && m_context.notJudged.isEmpty())
        subject.facts << tr("Learning, %1 of %2").arg(u.learningDone).arg(u.learningNeeded);
    m_pane->setSubject(subject);
    const bool open = isOpen(u.standing.state);
    const auto notOpen = open ? QString() : tr("This user is not at risk.");
    setRefusals(
        {{QStringLiteral("reset"), story.overview.passwordElsewhere
                                       ? tr("%1 manages this password.").arg(models::shown(u.issuer))
                                       : QString()},
         {QStringLiteral("compromised"), u.standing.detail == RiskDetail::AdminConfirmedUserCompromised
                                             ? tr("This user is confirmed compromised already.")
                                             : QString()},
         {QStringLiteral("dismiss"), notOpen},
         {QStringLiteral("safe"), notOpen},
         {QStringLiteral("resolve"), notOpen},
         {QStringLiteral("block"), u.accountEnabled ? QString() : tr("Sign-in is already blocked.")},
         {QStringLiteral("unblock"), u.accountEnabled ? tr("Sign-in is not blocked.") : QString()}});

    QList<widgets::Reason> reasons;
    m_reasonsTitle->setText(u.isProvidersOnly()
                                ? tr("At the provider: %1. Not counted here.").arg(models::atProvider(u))
                            : story.closed.empty() ? tr("Why this user is at risk")
                                                   : tr("What was found, closed by now"));
    for (const auto &d : story.closed.empty() ? story.overview.contributing : story.closed)
        reasons << widgets::Reason{
            QString::number(d.rowid),           widgets::detectionIcon(d.detection.type),
            models::typeName(d.detection.type), d.detection.level,
            models::shortTime(d.detection.at),  models::reasonLine(d.detection, d.organisation)};
    m_reasons->setReasons(
        reasons, story.overview.detections > static_cast<std::int64_t>(reasons.size())
                     ? tr("Show all %Ln detection(s)", nullptr, static_cast<int>(story.overview.detections))
                     : QString());

    QList<widgets::RiskStep> steps;
    QStringList labels;
    if (!story.overview.scores.empty()) {
        const auto last = std::max(story.overview.scores.back().since.us, question().now.us);
        const auto first = std::min(story.overview.scores.front().since.us - std::int64_t{86400000000} * 2,
                                    last - std::int64_t{86400000000} * 30);
        const double span = static_cast<double>(std::max<std::int64_t>(last - first, 1));
        std::optional<std::uint8_t> before;
        for (const auto &point : story.overview.scores) {
            if (std::exchange(before, point.standing.score) == point.standing.score)
                continue; // a repeat: it is told in the history and moves nothing
            steps << widgets::RiskStep{static_cast<double>(point.since.us - first) / span,
                                       point.standing.score, true,
                                       QStringLiteral("%1: %2, %3")
                                           .arg(models::shortTime(point.at), models::ledgerName(point.cause))
                                           .arg(point.standing.score)};
        }
        std::vector<Timestamp> ends;
        for (int i = 0; i <= 4; ++i)
            ends.push_back({first + static_cast<std::int64_t>(span * i / 4)});
        ends.push_back({last + 1});
        labels = widgets::stretchLabels(ends);
    }
    m_line->setSteps(steps, labels);
    m_line->setSummary(tr("Risk score of %1 over time, now %2 of 100").arg(m_name).arg(u.standing.score));
    m_lineNow->setText(tr("now %1 of 100").arg(u.standing.score));

    QList<widgets::MapMark> marks;
    QList<widgets::MapLeg> legs;
    QSet<QString> countries;
    for (const auto &p : story.places) {
        countries.insert(models::shown(p.place.country));
        if (p.place.hasCoordinates() && marks.size() < 12)
            marks << widgets::MapMark{
                p.place.latitude,           p.place.longitude, models::shown(p.place.city), p.risky > 0, 0, 0,
                models::shown(p.place.city)};
    }
    // The leg of the weightiest travel, with its speed.
    for (const auto &d : story.overview.contributing) {
        const auto *travel = d.detection.evidence.as<UnlikelyTravelEvidence>();
        if (travel == nullptr || !travel->from.hasCoordinates())
            continue;
        marks << markOf(travel->from, false) << markOf(travel->to, true);
        legs << widgets::MapLeg{static_cast<int>(marks.size()) - 2, static_cast<int>(marks.size()) - 1,
                                models::speed(travel->speedKmh), true};
        break;
    }
    m_map->setContent(marks, legs);
    m_map->setSummary(tr("Sign-ins from %Ln place(s)", nullptr, static_cast<int>(story.places.size())));
    m_mapTitle->setText(countries.size() == 1 ? tr("1 country")
                                              : tr("%1 countries").arg(models::count(countries.size())));

    m_detections->setPage(story.detections);
    m_signIns->setPage(story.signIns);
    m_history->setPage(story.history);
    m_events = story.events;
    offerReverse();
    m_pane->setTabCount(m_detectionsTab, story.detections->size());
    m_pane->setTabCount(m_signInsTab, story.signIns->size());
    m_pane->setTabCount(m_historyTab, story.history->size());
    setPosition();
}

void RiskyUsersPage::fillFigures(const query::Question &question)
{
    struct Figures
    {
        query::UserFiguresChange users;
        std::vector<query::LevelCounts> days;
        std::vector<Timestamp> bounds;
    };
    m_figuresTicket = m_context.readers->ask(
        this, m_figuresTicket,
        [question](store::Connection &db, std::stop_token stop) -> Result<Figures> {
            Figures f;
            auto users = query::userFigures(db, question, question.period, stop,
                                            question.now - std::chrono::days(comparedDays));
            if (!users)
                return tl::unexpected(users.error());
            f.users = *users;
            const auto until = question.period.until.value_or(question.now + Microseconds(1));
            auto from = question.period.from;
            if (!from) { // everything: from the oldest detection on
                const auto oldest = query::firstDetection(db);
                if (!oldest)
                    return tl::unexpected(oldest.error());
                from = oldest->value_or(until);
            }
            f.bounds = widgets::dayStretches(*from, until);
            auto buckets = query::buckets(db, question, f.bounds, stop);
            if (!buckets)
                return tl::unexpected(buckets.error());
            f.days = std::move(*buckets);
            return f;
        },
        [this, always = !question.period.from](Result<Figures> figures) {
            if (!figures)
                return;
            const auto &now = figures->users.now;
            const auto &before = figures->users.before;
            const auto change = [&](std::int64_t a,
                                    std::int64_t b) -> std::tuple<QString, models::Tone, int> {
                if (!before)
                    return {QString(), models::Tone::Neutral, 0};
                if (a == b)
                    return {tr("no change"), models::Tone::Neutral, 0};
                // The list is of now, and so are those who are compared: nobody in it is at risk no more.
                if (always && a > b)
                    return {
                        tr("%1 new in %Ln day(s)", "number of users", comparedDays).arg(models::count(a - b)),
                        models::Tone::Bad, 1};
                if (always)
                    return {tr("%1 fewer in %Ln day(s)", "number of users", comparedDays)
                                .arg(models::count(b - a)),
                            models::Tone::Good, -1};
                return {QStringLiteral("%1%2 %3")
                            .arg(a > b ? QStringLiteral("+") : QStringLiteral("−"))
                            .arg(models::count(std::abs(a - b)))
                            .arg(tr("in the period")),
                        a > b ? models::Tone::Bad : models::Tone::Good, a > b ? 1 : -1};
            };
            QList<widgets::Kpi> kpis;
            const auto add = [&](const char *id, const QString &title, std::int64_t value, std::int64_t old,
                                 const QString &explanation) {
                const auto [words, tone, direction] = change(value, old);
                kpis << widgets::Kpi{QString::fromLatin1(id),
                                     title,
                                     models::count(value),
                                     words,
                                     tone,
                                     direction,
                                     explanation};
            };
            add("atRisk", tr("Users at risk"), now.atRisk, before ? before->atRisk : 0,
                tr("At risk or confirmed compromised, within this filter"));
            add("high", tr("High risk"), now.high, before ? before->high : 0, tr("Of these, at level High"));
            add("compromised", tr("Compromised"), now.compromised, before ? before->compromised : 0,
                tr("Confirmed by an operator"));
            kpis << widgets::Kpi{
                QStringLiteral("resolve"),
                tr("Median resolve time"),
                now.medianResolve ? models::duration(*now.medianResolve) : QStringLiteral("–"),
                now.resolved > 0 ? tr("%Ln resolved", nullptr, static_cast<int>(now.resolved))
                                 : tr("none resolved"),
                models::Tone::Neutral,
                0,
                tr("From at risk to closed, of users closed in the period whom the other filters find")};
            m_figures->setKpis(kpis);
            m_barBounds = figures->bounds;
            const auto labels = widgets::stretchLabels(figures->bounds);
            QList<widgets::DayBar> bars;
            int highest = 0;
            for (std::size_t i = 0; i < figures->days.size(); ++i) {
                const auto &d = figures->days[i];
                bars << widgets::DayBar{labels[static_cast<qsizetype>(i)], static_cast<int>(d[3]),
                                        static_cast<int>(d[2]), static_cast<int>(d[1])};
                highest = std::max(highest, static_cast<int>(d[1] + d[2] + d[3]));
            }
            m_bars->setBars(bars);
            m_bars->setSummary(tr("New detections from %1 on, at most %2 in one bar")
                                   .arg(models::shortDate(figures->bounds.front()))
                                   .arg(highest));
        });
}

void RiskyUsersPage::command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener)
{
    if (id == QLatin1String("export")) {
        exportTo(tr("Export risky users"),
                 [](store::Connection &db, const query::Question &question, const ExportTarget &to) {
                     return exportRows(db, question, to, query::riskyUserColumns(), query::readRiskyUsers);
                 });
        return;
    }
    const bool one = ids.size() == 1 && ids.front() == m_nameOf;
    Targets targets;
    targets.users = ids;
    targets.name = one ? m_name : QString();
    if (const auto action = actionOf(id))
        m_decisions->ask(*action, targets, opener != nullptr ? opener : m_commands);
}

} // namespace riskdesk::pages

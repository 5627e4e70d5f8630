#include "ui/pages/overview_page.h"

#include "core/query/spine.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/models/why_text.h"
#include "ui/widgets/charts/chart.h"
#include "ui/widgets/charts/chart_stretches.h"
#include "ui/widgets/charts/day_bars.h"
#include "ui/widgets/charts/kpi_strip.h"
#include "ui/widgets/charts/world_map.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/frame/page_header.h"
#include "ui/widgets/table/urgent_list.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QTimeZone>
#include <QVBoxLayout>

#include <array>

namespace riskdesk::pages {
namespace {

using action::Action;
constexpr std::array periodDays = {1, 7, 30, 90};

// Beside a title: whole, or not there.
class Question : public widgets::Label
{
public:
    using Label::Label;

protected:
    void paintEvent(QPaintEvent *event) override
    {
        if (width() >= sizeHint().width())
            Label::paintEvent(event);
    }
};

struct Panel
{
    widgets::Card *card;
    widgets::Label *question;
    QHBoxLayout *head;
    QVBoxLayout *column;
};

Panel panel(const theme::Theme &theme, const QString &title, const QString &question, QWidget *content,
            QWidget *parent)
{
    Panel p{};
    p.card = new widgets::Card(theme, parent);
    p.column = new QVBoxLayout(p.card);
    p.column->setContentsMargins(15, 10, 15, 12);
    p.column->setSpacing(8);
    p.head = new QHBoxLayout;
    p.head->setSpacing(8);
    auto *name = new widgets::Label(theme, theme::TextStyle::CardTitle, theme::Token::Text, title, p.card);
    name->setMinimumWidth(name->sizeHint().width()); // the question gives way first
    p.head->addWidget(name);
    p.question = new Question(theme, theme::TextStyle::Secondary, theme::Token::Text2, question, p.card);
    p.head->addWidget(p.question, 1);
    p.column->addLayout(p.head);
    content->setParent(p.card);
    p.column->addWidget(content, 1);
    return p;
}

QString share(std::int64_t part, std::int64_t whole)
{
    return whole == 0 ? QStringLiteral("–")
                      : OverviewPage::tr("%1 %", "per cent").arg((100 * part + whole / 2) / whole);
}

Action suggestedFor(const query::UrgentUser &urgent)
{
    const auto &user = urgent.user;
    const bool elsewhere = user.identity == Identity::Social;
    return user.standing.state == RiskState::ConfirmedCompromised || elsewhere ? Action::Block
                                                                               : Action::ResetPassword;
}

} // namespace

OverviewPage::OverviewPage(Context &context)
    : m_context(context)
    , m_decisions(new Decisions(context, this))
{
    const auto &theme = context.theme;
    m_header = new widgets::PageHeader(theme, title(),
                                       {tr("24 h"), tr("7 days"), tr("30 days"), tr("90 days")}, this);
    m_header->setPeriod(m_period);
    m_message = new widgets::MessageBar(theme, this);
    m_message->hide();
    m_kpis = new widgets::KpiStrip(theme, this);
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(m_kpis);
    column->addWidget(makeCharts(), 6);
    column->addWidget(makeBelow(), 7);
    auto *whole = new QVBoxLayout(this);
    whole->setContentsMargins(16, 8, 16, 10);
    whole->setSpacing(8);
    whole->addWidget(m_header);
    whole->addWidget(m_message);
    whole->addWidget(new widgets::ScrollPane(theme, content, this), 1);

    connect(m_header, &widgets::PageHeader::periodChosen, this, [this](int index) {
        m_period = std::clamp(index, 0, static_cast<int>(periodDays.size()) - 1);
        m_header->setPeriod(m_period);
        ask();
    });
    connect(m_kpis, &widgets::KpiStrip::pressed, this, &OverviewPage::openFigure);
    connect(m_decisions, &Decisions::happened, this,
            [this](models::Tone tone, const QString &text, const QString &link) {
                m_undo = !link.isEmpty();
                m_ofDecision = true;
                m_message->setMessage(tone == models::Tone::Bad ? widgets::MessageBar::Kind::Error
                                                                : widgets::MessageBar::Kind::Info,
                                      text, link);
            });
    connect(m_decisions, &Decisions::changed, this, &OverviewPage::decided);
    connect(m_message, &widgets::MessageBar::actionPressed, this, [this] {
        if (m_undo)
            m_decisions->followLink();
        else if (const auto &health = m_overview.health; health.signIns > 0 && health.lastRejected > 0)
            Q_EMIT listAsked(QStringLiteral("rejects"), QStringLiteral("run:%1").arg(health.lastRun),
                             std::nullopt);
        else
            Q_EMIT importAsked();
    });
}

QWidget *OverviewPage::makeCharts()
{
    const auto &theme = m_context.theme;
    auto *box = new QWidget;
    box->setMinimumHeight(theme.scaled(230));
    auto *row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    m_days = new widgets::DayBars(theme);
    const auto days = panel(theme, tr("Detections per day"), tr("Is it getting worse?"), m_days, box);
    days.column->addWidget(
        new widgets::LevelLegend(theme, days.card)); // below, so that the title has its room
    m_types = new widgets::TypeBars(theme);
    const auto types = panel(theme, tr("By detection type"), tr("What kind of attack?"), m_types, box);
    m_lines = new widgets::TwoLines(theme);
    const auto lines = panel(theme, tr("Open against resolved"), tr("Do we keep up?"), m_lines, box);
    row->addWidget(days.card, 39);
    row->addWidget(types.card, 34);
    row->addWidget(lines.card, 27);
    connect(m_days, &widgets::DayBars::barPressed, this, [this](int bar) {
        const auto n = static_cast<std::size_t>(bar);
        if (bar >= 0 && n + 1 < m_bounds.size())
            openDetections({}, query::Period{m_bounds[n], m_bounds[n + 1]});
    });
    connect(m_types, &widgets::TypeBars::barPressed, this,
            [this](const QString &type) { openDetections(QStringLiteral("type:") + type, period()); });
    return box;
}

QWidget *OverviewPage::makeBelow()
{
    const auto &theme = m_context.theme;
    auto *box = new QWidget;
    box->setMinimumHeight(theme.scaled(320));
    auto *row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(12);
    m_map = new widgets::WorldMap(theme);
    m_map->setFit(widgets::WorldMap::Fit::World);
    const auto map = panel(theme, tr("Detections by place"), {}, m_map, box);
    m_mapTitle = map.question;
    auto *all = widgets::linkButton(tr("Open in Risk detections"), map.card);
    map.head->addWidget(all);
    connect(all, &QPushButton::clicked, this, [this] { openDetections({}, period()); });
    connect(m_map, &widgets::WorldMap::markPressed, this, [this](const QString &id) {
        const auto n = static_cast<std::size_t>(id.toUInt());
        if (n >= m_overview.places.size())
            return;
        const auto &place = m_overview.places[n].place;
        auto city = models::text(place.city);
        city.replace(QLatin1Char('"'), QStringLiteral("\"\""));
        openDetections(city.isEmpty()
                           ? QStringLiteral("country:%1").arg(models::text(place.country))
                           : QStringLiteral("city:\"%1\" country:%2").arg(city, models::text(place.country)),
                       period());
    });
    m_urgent = new widgets::UrgentList(theme);
    const auto urgent = panel(theme, tr("Needs action first"), {}, m_urgent, box);
    m_urgentTitle = urgent.question;
    m_allUrgent = widgets::linkButton({}, urgent.card);
    urgent.head->addWidget(m_allUrgent);
    connect(m_allUrgent, &QPushButton::clicked, this, [this] {
        Q_EMIT listAsked(QStringLiteral("users"), models::text(query::needsAction), std::nullopt);
    });
    connect(m_urgent, &widgets::UrgentList::pressed, this,
            [this](const QString &id) { Q_EMIT userAsked(id.toLongLong()); });
    connect(m_urgent, &widgets::UrgentList::commandPressed, this, &OverviewPage::decide);
    row->addWidget(map.card, 50);
    row->addWidget(urgent.card, 50);
    return box;
}

void OverviewPage::enter(const QString &)
{
    ask();
}

void OverviewPage::refresh()
{
    ask();
}

void OverviewPage::reopen()
{
    m_message->hide();
    if (isVisibleTo(window()))
        ask();
}

void OverviewPage::focusContent()
{
    for (auto *entry : m_urgent->entries())
        if (entry->isVisible()) {
            entry->setFocus(Qt::ShortcutFocusReason);
            return;
        }
    m_days->setFocus(Qt::ShortcutFocusReason);
}

QList<QWidget *> OverviewPage::regions() const
{
    return {m_kpis, m_days, m_map, m_urgent};
}

// Whole days of the person's own time, the last one ending tonight, so that a bar is a day.
std::vector<Timestamp> OverviewPage::bounds(Timestamp now) const
{
    const int days = periodDays[static_cast<std::size_t>(m_period)];
    std::vector<Timestamp> out;
    const auto at = models::local(now);
    if (days == 1) {
        QDateTime end(at.date(), QTime(at.time().hour(), 0), at.timeZone());
        end = end.addSecs(3600);
        for (int i = 24; i >= 0; --i)
            out.push_back({end.addSecs(-3600 * i).toMSecsSinceEpoch() * 1000});
        return out;
    }
    for (int i = days - 1; i >= -1; --i)
        out.push_back({at.date().addDays(-i).startOfDay(at.timeZone()).toMSecsSinceEpoch() * 1000});
    return out;
}

std::optional<query::Period> OverviewPage::period() const
{
    if (m_bounds.size() < 2)
        return std::nullopt;
    return query::Period{m_bounds.front(), m_bounds.back()};
}

void OverviewPage::ask()
{
    if (!m_context.readers)
        return;
    m_ticket = m_context.readers->ask(
        this, m_ticket,
        [&clock = m_context.clock](store::Connection &db, std::stop_token) {
            return query::referenceNow(db, clock.now());
        },
        [this](Result<query::ReferenceNow> now) {
            if (!now) {
                m_ofDecision = false;
                m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(now.error()));
                return;
            }
            m_ticket = m_context.readers->ask(
                this, m_ticket,
                [now = now->now, bounds = bounds(now->now)](store::Connection &db, std::stop_token stop)
                    -> Result<std::pair<std::vector<Timestamp>, query::Overview>> {
                    auto overview = query::readOverview(db, now, bounds, 6, std::move(stop));
                    if (!overview)
                        return tl::unexpected(overview.error());
                    return std::pair(bounds, std::move(*overview));
                },
                [this](Result<std::pair<std::vector<Timestamp>, query::Overview>> overview) {
                    if (!overview) {
                        m_ofDecision = false;
                        m_message->setMessage(widgets::MessageBar::Kind::Error,
                                              models::errorText(overview.error()));
                        return;
                    }
                    m_bounds = std::move(overview->first);
                    show(overview->second);
                });
        });
}

void OverviewPage::show(const query::Overview &overview)
{
    m_overview = overview;
    const auto from = models::shortDate(m_bounds.front()),
               to = models::shortDate(m_bounds.back() - Microseconds(1));
    m_header->setRange(from == to ? from : tr("%1 to %2").arg(from, to));
    m_header->setCount(QStringLiteral("%1, %2").arg(
        m_context.directoryName, tr("%Ln user(s)", nullptr, static_cast<int>(overview.users))));
    showFigures();
    showCharts();
    showUrgent();
    const auto &health = overview.health;
    if (!m_undo && !m_context.notJudged.isEmpty()) {
        m_message->setMessage(widgets::MessageBar::Kind::Info, m_context.notJudged);
    } else if (!m_undo && health.signIns == 0) {
        m_message->setMessage(widgets::MessageBar::Kind::Info, tr("No sign-ins are stored yet."),
                              tr("Import a sign-in log"));
    } else if (!m_undo && health.lastRejected > 0) {
        m_message->setMessage(widgets::MessageBar::Kind::Warning,
                              tr("%Ln record(s) of the last import were rejected.", nullptr,
                                 static_cast<int>(health.lastRejected)),
                              tr("Rejected rows"));
    } else if (!m_ofDecision) { // it held before an import or a refresh
        m_message->hide();
    }
    Q_EMIT factsChanged(m_context.notJudged.isEmpty()
                            ? QStringList{tr("%Ln user(s) still being learnt", nullptr,
                                             static_cast<int>(health.usersLearning))}
                            : QStringList());
}

void OverviewPage::showFigures()
{
    const auto &now = m_overview.figures.now;
    const auto &before = m_overview.figures.before;
    const auto days = periodDays[static_cast<std::size_t>(m_period)];
    QList<widgets::Kpi> kpis;
    const auto add = [&](const char *id, const QString &title, const QString &value, const QString &change,
                         models::Tone tone, int direction, const QString &explanation) {
        kpis << widgets::Kpi{QString::fromLatin1(id), title, value, change, tone, direction, explanation};
        if (!m_context.notJudged.isEmpty()) // a 0 would read as all clear
            kpis.back() = {QString::fromLatin1(id), title, QStringLiteral("–"), tr("not judged"),
                           models::Tone::Neutral,   0,     m_context.notJudged};
    };
    const auto difference = now.atRisk - (before ? before->atRisk : 0);
    add("atRisk", tr("Users at risk"), models::count(now.atRisk),
        difference == 0 ? tr("no change")
                        : tr("%1%2 in %Ln day(s)", "sign, number", days)
                              .arg(difference > 0 ? QStringLiteral("+") : QStringLiteral("−"),
                                   models::count(std::abs(difference))),
        difference == 0  ? models::Tone::Neutral
        : difference > 0 ? models::Tone::Bad
                         : models::Tone::Good,
        difference == 0  ? 0
        : difference > 0 ? 1
                         : -1,
        tr("At risk or confirmed compromised, now"));
    const auto reference = m_bounds.back();
    add("high", tr("High risk, no action yet"), models::count(m_overview.high),
        m_overview.highSince
            ? tr("oldest %1")
                  .arg(models::duration(std::max(Microseconds(0), std::min(reference, m_context.clock.now()) -
                                                                      *m_overview.highSince)))
            : tr("none waits"),
        m_overview.high > 0 ? models::Tone::Bad : models::Tone::Good, 0,
        tr("At risk at level High, and nobody has confirmed, reset or blocked"));
    add("letThrough", tr("Risky sign-ins let through"), models::count(m_overview.letThrough),
        m_overview.riskySignIns == 0 ? tr("there were none")
        : m_overview.letThrough == m_overview.riskySignIns
            ? tr("all of Medium or High")
            : tr("%1 of %2, Medium or High", "per cent, sign-ins")
                  .arg(share(m_overview.letThrough, m_overview.riskySignIns),
                       models::count(m_overview.riskySignIns)),
        m_overview.letThrough > 0 ? models::Tone::Bad : models::Tone::Good, 0,
        tr("Sign-ins of Medium or High risk that succeeded, in the period; those of Low are not counted"));
    QString resolve = tr("none resolved");
    models::Tone tone = models::Tone::Neutral;
    int direction = 0;
    if (now.medianResolve && before && before->medianResolve) {
        const auto faster = *before->medianResolve - *now.medianResolve;
        const bool same = std::abs(faster.count()) < std::int64_t{60'000'000};
        tone = same ? models::Tone::Neutral : faster.count() > 0 ? models::Tone::Good : models::Tone::Bad;
        direction = same ? 0 : faster.count() > 0 ? -1 : 1;
        resolve = same                 ? tr("no change")
                  : faster.count() > 0 ? tr("%1 faster").arg(models::duration(faster))
                                       : tr("%1 slower").arg(models::duration(-faster));
    } else if (now.resolved > 0) {
        resolve = tr("%Ln resolved", nullptr, static_cast<int>(now.resolved));
    }
    add("resolve", tr("Median resolve time"),
        now.medianResolve ? models::duration(*now.medianResolve) : QStringLiteral("–"), resolve, tone,
        direction, tr("From at risk to closed, of those closed in the period"));
    const auto closed = tr("of %Ln closed", nullptr, static_cast<int>(now.resolved));
    add("self", tr("Self-resolved"), share(now.selfResolved, now.resolved), closed, models::Tone::Neutral, 0,
        tr("By the user's own password reset or change, of those closed in the period"));
    add("false", tr("Dismissed as false"), share(now.dismissedFalse, now.resolved), closed,
        models::Tone::Neutral, 0, tr("Confirmed safe, of those closed in the period"));
    for (auto &kpi : kpis)
        kpi.shortTitle = kpi.id == QLatin1String("high")         ? tr("High, no action")
                         : kpi.id == QLatin1String("letThrough") ? tr("Risky, let through")
                         : kpi.id == QLatin1String("resolve")    ? tr("Resolve time")
                         : kpi.id == QLatin1String("false")      ? tr("Dismissed")
                                                                 : QString();
    m_kpis->setKpis(kpis);
}

void OverviewPage::showCharts()
{
    QList<widgets::DayBar> bars;
    const auto labels = widgets::stretchLabels(m_bounds);
    QList<double> open, resolved;
    int highest = 0;
    for (std::size_t i = 0; i < m_overview.days.size(); ++i) {
        const auto &d = m_overview.days[i];
        const auto &label = labels[static_cast<qsizetype>(i)];
        bars << widgets::DayBar{label, static_cast<int>(d[3]), static_cast<int>(d[2]),
                                static_cast<int>(d[1])};
        highest = std::max(highest, static_cast<int>(d[1] + d[2] + d[3]));
        open << static_cast<double>(m_overview.open[i]);
        resolved << static_cast<double>(m_overview.resolved[i]);
    }
    m_days->setBars(bars);
    m_days->setSummary(m_period == 0 ? tr("Detections per hour, at most %1").arg(highest)
                                     : tr("Detections per day, at most %1").arg(highest));
    QList<widgets::TypeBar> types;
    for (const auto &spec : detectionTypes()) { // those without a detection too
        const auto found = m_overview.types.find(spec.value);
        const auto levels = found == m_overview.types.end() ? query::LevelCounts{} : found->second;
        types << widgets::TypeBar{models::text(spec.key),      models::typeName(spec.value),
                                  static_cast<int>(levels[3]), static_cast<int>(levels[2]),
                                  static_cast<int>(levels[1]), models::shortTypeName(spec.value)};
    }
    std::stable_sort(types.begin(), types.end(), [](const auto &a, const auto &b) {
        return a.high + a.medium + a.low > b.high + b.medium + b.low;
    });
    m_types->setBars(types);
    m_lines->setLines(tr("Open"), open, tr("Resolved, running total"), resolved, labels);
    QList<widgets::MapMark> marks;
    for (std::size_t i = 0; i < m_overview.places.size(); ++i) {
        const auto &p = m_overview.places[i];
        marks << widgets::MapMark{p.place.latitude,
                                  p.place.longitude,
                                  models::shown(p.place.city.empty() ? p.place.country : p.place.city),
                                  true,
                                  static_cast<int>(p.detections),
                                  0,
                                  QString::number(i)};
    }
    m_map->setContent(marks);
    m_mapTitle->setText(tr("Where from? %Ln countries", nullptr, static_cast<int>(m_overview.countries)));
    QStringList places;
    for (qsizetype i = 0; i < marks.size() && i < 5; ++i)
        places << QStringLiteral("%1 %2").arg(marks[i].label).arg(marks[i].weight);
    m_map->setSummary(tr("Detections by place: %1").arg(places.join(QStringLiteral(", "))));
}

void OverviewPage::showUrgent()
{
    QList<widgets::Urgent> urgent;
    const auto now = std::min(m_bounds.back(), m_context.clock.now());
    for (const auto &u : m_overview.urgent) {
        widgets::Urgent entry;
        entry.id = QString::number(u.user.id);
        entry.name = models::shown(u.user.name());
        entry.level = u.user.standing.level;
        entry.reason = u.user.standing.state == RiskState::ConfirmedCompromised
                           ? tr("Confirmed compromised, not blocked")
                       : u.detection ? models::reasonLine(u.detection->detection, u.detection->organisation)
                                     : QString();
        if (u.detection && u.user.standing.state != RiskState::ConfirmedCompromised)
            entry.whole = models::wholeReason(u.detection->detection, u.detection->organisation);
        if (u.openSince)
            entry.age = tr("open %1").arg(models::duration(std::max(Microseconds(0), now - *u.openSince)));
        entry.command = entry.level != RiskLevel::High     ? tr("Review")
                        : suggestedFor(u) == Action::Block ? tr("Block sign-in")
                                                           : tr("Reset password");
        urgent << entry;
    }
    m_urgent->setUrgent(urgent,
                        m_context.notJudged.isEmpty()
                            ? tr("Nobody. No user is at medium or high risk with sign-in still allowed.")
                            : tr("Not judged: detections do not run in a trial directory."));
    m_urgentTitle->setText(
        urgent.isEmpty()
            ? QString()
            : tr("The first %1 of %2").arg(urgent.size()).arg(models::count(m_overview.urgentUsers)));
    m_allUrgent->setText(tr("All %1").arg(models::count(m_overview.urgentUsers)));
    m_allUrgent->setVisible(m_overview.urgentUsers > 0);
}

// The rows behind a chart: those it counted.
void OverviewPage::openDetections(const QString &filter, const std::optional<query::Period> &period)
{
    auto words = models::text(query::countedDetections);
    if (!filter.isEmpty())
        words.prepend(filter + u' ');
    if (period)
        words += u' ' + models::text(query::firstSeenIn(*period));
    Q_EMIT listAsked(QStringLiteral("detections"), words, std::nullopt);
}

void OverviewPage::openFigure(const QString &id)
{
    if (id == QLatin1String("atRisk"))
        Q_EMIT listAsked(QStringLiteral("users"), models::text(query::atRiskUsers), std::nullopt);
    else if (id == QLatin1String("high"))
        Q_EMIT listAsked(QStringLiteral("users"), models::text(query::highWithoutAction), std::nullopt);
    else if (id == QLatin1String("letThrough"))
        Q_EMIT listAsked(QStringLiteral("signIns"), models::text(query::riskyLetThrough), period());
    else
        Q_EMIT listAsked(QStringLiteral("users"),
                         id == QLatin1String("false") ? QStringLiteral("state:confirmedSafe status:active")
                         : id == QLatin1String("self")
                             ? QStringLiteral("state:remediated status:active")
                             : QStringLiteral("state:remediated,dismissed,confirmedSafe "
                                              "status:active"),
                         period());
}

void OverviewPage::decide(const QString &id, QWidget *opener)
{
    for (const auto &u : m_overview.urgent) {
        if (QString::number(u.user.id) != id)
            continue;
        if (u.user.standing.level != RiskLevel::High) {
            Q_EMIT userAsked(u.user.id);
            return;
        }
        Targets targets;
        targets.users = {u.user.id};
        targets.name = models::shown(u.user.name());
        m_decisions->ask(suggestedFor(u), targets, opener);
    }
}

} // namespace riskdesk::pages

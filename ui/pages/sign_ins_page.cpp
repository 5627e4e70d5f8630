#include "ui/pages/sign_ins_page.h"

#include "core/base/shown_text.h"
#include "core/detect/geodesic.h"
#include "core/query/read_session.h"
#include "core/query/tables/sign_ins.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/models/report_sources.h"
#include "ui/models/why_text.h"
#include "ui/pages/export_rows.h"
#include "ui/widgets/charts/chart_stretches.h"
#include "ui/widgets/charts/density_strip.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/frame/details_pane.h"
#include "ui/widgets/table/table_view.h"
#include "ui/widgets/table/why_table.h"

#include <QFontDatabase>
#include <QJsonDocument>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <cmath>

namespace riskdesk::pages {
namespace {

using action::Action;
using models::Cell;
constexpr std::size_t neighboursEachSide = 10;

QList<models::Column> detectionColumns()
{
    using K = models::CellKind;
    return {models::shortColumn(SignInsPage::tr("Detection"), 230, K::Detection),
            models::shortColumn(SignInsPage::tr("Risk level"), 98, K::Level),
            models::shortColumn(SignInsPage::tr("Risk state"), 128, K::State),
            models::shortColumn(SignInsPage::tr("Why"), 480, K::Text)};
}

QList<models::Column> answerColumns()
{
    using K = models::CellKind;
    return {models::shortColumn(SignInsPage::tr("Detector"), 230, K::Detection),
            models::shortColumn(SignInsPage::tr("Level"), 98, K::Level),
            models::shortColumn(SignInsPage::tr("Answer"), 520, K::Text)};
}

QList<models::Column> aroundColumns()
{
    using K = models::CellKind;
    return {models::shortColumn(SignInsPage::tr("Time"), 134, K::Time),
            models::shortColumn(SignInsPage::tr("Result"), 110, K::Result),
            models::shortColumn(SignInsPage::tr("Risk"), 98, K::Level),
            models::shortColumn(SignInsPage::tr("Location"), 160, K::Place),
            models::shortColumn(SignInsPage::tr("From previous"), 110, K::Text),
            models::shortColumn(SignInsPage::tr("Speed"), 110, K::Text),
            models::shortColumn(SignInsPage::tr("IP address"), 130, K::Text),
            models::shortColumn(SignInsPage::tr("Device"), 170, K::Text),
            models::shortColumn(SignInsPage::tr("App"), 140, K::Text)};
}

QString deviceOf(const query::SignInItem &s)
{
    const auto system = models::systemName(s.operatingSystem), browser = models::shown(s.browser);
    return system.isEmpty() || browser.isEmpty() ? system + browser : system + QStringLiteral(", ") + browser;
}

} // namespace

SignInsPage::SignInsPage(Context &context)
    : ReportPage(context, query::Report::SignIns, tr("Sign-ins"), std::make_shared<models::SignInsSource>(),
                 {{QStringLiteral("result"), tr("Result")},
                  {QStringLiteral("riskLevelAggregated"), tr("Risk")},
                  {QStringLiteral("countryOrRegion"), tr("Country")},
                  {QStringLiteral("appDisplayName"), tr("App")},
                  {QStringLiteral("mfa"), tr("MFA")}},
                 tr("Filter by user, IP, app, device, ID"), false)
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
        {QStringLiteral("dismiss"), Icon::Dismiss, tr("Dismiss risk"), QStringLiteral("Ctrl+D"), {}, false}};
    m_commands->setSelectionCommands(commands);
    m_commands->setGeneralCommands(
        {{QStringLiteral("refresh"), Icon::Refresh, tr("Refresh"), QStringLiteral("F5"), {}, false},
         {QStringLiteral("columns"), Icon::Columns, tr("Columns"), QStringLiteral("Ctrl+Shift+E"), {}, false},
         exportCommand()});
    m_pane->setCommands({commands[0], commands[2], commands[3]}, {commands[1]});
    setRowCommands(commands);

    m_strip = new widgets::DensityStrip(context.theme, this);
    setStrip(m_strip);
    connect(m_strip, &widgets::DensityStrip::barPressed, this, [this](int bar) {
        const auto n = static_cast<std::size_t>(bar);
        if (bar >= 0 && n + 1 < m_bounds.size())
            setFixedPeriod({m_bounds[n], m_bounds[n + 1]});
    });

    m_facts = new widgets::FactTable(context.theme);
    auto *factBox = new QWidget;
    auto *factColumn = new QVBoxLayout(factBox);
    factColumn->setContentsMargins(16, 10, 16, 10);
    factColumn->addWidget(m_facts);
    factColumn->addStretch();
    m_pane->addTab(tr("Sign-in"), new widgets::ScrollPane(context.theme, factBox));
    m_detections = new models::CellModel(detectionColumns(), this);
    auto *detections = widgets::shortList(context.theme, m_detections, tr("Detections of this sign-in"));
    m_detectionsTab = m_pane->addTab(tr("Detections"), detections);
    connect(detections, &widgets::TableView::opened, this, [this](int row, bool) {
        Q_EMIT detectionAsked(m_detections->index(row, 0).data(models::IdRole).toLongLong());
    });
    m_pane->addTab(tr("Why not?"), makeAnswers());
    m_around = new models::CellModel(aroundColumns(), this);
    auto *around = widgets::shortList(context.theme, m_around, tr("Before and after"));
    connect(around, &widgets::TableView::opened, this,
            [this](int row, bool) { openRow(m_around->index(row, 0).data(models::IdRole).toLongLong()); });
    m_pane->addTab(tr("Before and after"), around);
    m_record = new QPlainTextEdit;
    m_record->setReadOnly(true);
    m_record->setFrameShape(QFrame::NoFrame);
    m_record->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_record->setAccessibleName(tr("Record of this sign-in, as Graph writes it"));
    m_pane->addTab(tr("Record"), m_record);
}

QWidget *SignInsPage::makeAnswers()
{
    const auto &theme = m_context.theme;
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(16, 8, 16, 8);
    column->setSpacing(8);
    auto *head = new QHBoxLayout;
    m_answerHint = new widgets::Paragraph(theme, theme::TextStyle::Body, theme::Token::Text2, {}, box);
    m_askButton = new QPushButton(tr("Ask the detectors"), box);
    m_askButton->setObjectName(QStringLiteral("askDetectors"));
    head->addWidget(m_answerHint, 1);
    head->addWidget(m_askButton, 0, Qt::AlignTop);
    m_answers = new models::CellModel(answerColumns(), this);
    column->addLayout(head);
    m_answerList = widgets::shortList(theme, m_answers, tr("What each detector says"));
    column->addWidget(m_answerList, 1);
    connect(m_askButton, &QPushButton::clicked, this, &SignInsPage::askDetectors);
    return box;
}

Result<SignInsPage::Story> SignInsPage::readStory(store::Connection &db, std::int64_t id,
                                                  std::stop_token stop)
{
    const auto all = query::ReadSession::of(db)->signIns();
    const auto generation = models::SignInsSource::generationOf(id);
    const std::uint32_t row[] = {models::SignInsSource::numberOf(id)};
    auto items = all->read(db, generation, row, stop);
    if (!items)
        return tl::unexpected(items.error());
    Story story;
    story.item = std::move(items->front());
    auto on = query::detectionsOn(db, story.item.row.user, story.item.row.eventKey, story.item.requestId);
    if (!on)
        return tl::unexpected(on.error());
    auto detections = query::readDetections(db, *on, stop);
    const auto spine = all->around(db, generation, row[0], neighboursEachSide, stop);
    if (!detections || !spine)
        return tl::unexpected(!detections ? detections.error() : spine.error());
    story.detections = std::move(*detections);
    auto others = all->read(db, spine->generation, spine->rows, stop);
    if (!others)
        return tl::unexpected(others.error());
    const query::SignInItem *before = nullptr; // with a place
    for (std::size_t i = 0; i < others->size(); ++i) {
        Neighbour one;
        one.item = (*others)[i];
        one.id = static_cast<std::int64_t>(spine->generation << 32 | spine->rows[i]);
        one.isThis = spine->rows[i] == row[0];
        if (one.item.place.hasCoordinates()) {
            const auto &now = (*others)[i];
            if (before != nullptr) {
                one.km = detect::geodesicKm(before->place.latitude, before->place.longitude,
                                            now.place.latitude, now.place.longitude);
                one.kmh = detect::speedKmh(one.km, now.row.time() - before->row.time());
            }
            before = &now;
        }
        story.around.insert(story.around.begin(), std::move(one));
    }
    return story;
}

void SignInsPage::showRow(std::int64_t id)
{
    if (id != m_nameOf)
        m_askButton->setEnabled(false); // it would ask about the one before
    m_storyTicket = m_context.readers->ask(
        this, m_storyTicket,
        [id, onlooker = m_context.onlooker()](store::Connection &db, std::stop_token stop) -> Result<Story> {
            auto story = readStory(db, id, std::move(stop));
            if (story)
                if (auto noted = onlooker.sees(db, "signin " + story->item.requestId); !noted)
                    return tl::unexpected(noted.error());
            return story;
        },
        [this, id](Result<Story> story) {
            if (story) {
                m_nameOf = id;
                show(*story);
            } else if (story.error().code == Code::Conflict) {
                refresh(); // segments went; the numbers began again
            } else {
                m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(story.error()));
            }
        });
}

void SignInsPage::show(const Story &story)
{
    const auto &s = story.item;
    m_name = models::shown(s.name());
    const bool isAnother = m_requestId != s.requestId;
    m_requestId = s.requestId;
    widgets::PaneSubject subject;
    subject.title = m_name;
    subject.initials = models::initials(m_name);
    if (s.risk.aggregated != RiskLevel::None)
        subject.level = s.risk.aggregated;
    if (s.risk.state != RiskState::None)
        subject.state = s.risk.state;
    subject.facts << models::shortTime(s.row.time(), true) << models::resultCell(s.row.outcome).display
                  << models::shown(s.application) << models::shown(s.place.city)
                  << models::shown(s.ip.isKnown() ? s.ip.toString() : std::string());
    subject.facts.removeAll(QString());
    m_pane->setSubject(subject);
    const bool open = isOpen(s.risk.state);
    const auto notRisky = open ? QString() : tr("This sign-in is not at risk.");
    setRefusals({{QStringLiteral("safe"), notRisky},
                 {QStringLiteral("dismiss"), notRisky},
                 {QStringLiteral("compromised"),
                  s.row.succeeded() ? QString() : tr("This sign-in did not succeed.")}});

    QList<std::pair<QString, QString>> facts;
    const auto fact = [&](const QString &name, const QString &value) {
        if (!value.isEmpty())
            facts << std::pair(name, value);
    };
    fact(tr("Time"), models::longTime(s.row.time()));
    fact(tr("User"), QStringLiteral("%1, %2").arg(m_name, models::shown(s.userPrincipalName)));
    fact(tr("Failure"),
         s.failureReason.empty() && s.row.errorCode == 0
             ? QString()
             : QStringLiteral("%1 %2").arg(s.row.errorCode).arg(models::shown(s.failureReason)));
    fact(tr("Application"), models::shown(s.application));
    fact(tr("Resource"), models::shown(s.resource));
    fact(tr("Client"), models::shown(s.clientApp));
    fact(tr("IP address"), models::shown(s.ip.isKnown() ? s.ip.toString() : std::string()));
    fact(tr("Location"), models::placeText(s.place.city, s.place.state, s.place.country));
    fact(tr("Network"),
         s.asn == 0 ? QString()
                    : QStringLiteral("AS%1 %2").arg(s.asn).arg(models::shown(s.organisation)).trimmed());
    fact(tr("Browser"), models::shown(s.browser));
    fact(tr("System"), models::systemName(s.operatingSystem));
    fact(tr("Device"), models::shown(s.device));
    fact(tr("User agent"), models::shown(s.userAgent));
    fact(tr("Session"), models::shown(s.session));
    fact(tr("Method"), models::shown(s.authenticationMethod));
    fact(tr("Interactive"), s.row.interactive != 0 ? tr("Yes") : tr("No"));
    if (!s.providerLevel.empty())
        fact(tr("The provider says"),
             QStringLiteral("%1 %2").arg(models::shown(s.providerLevel), models::shown(s.providerState)));
    fact(tr("Request ID"), models::shown(s.requestId));
    fact(tr("Correlation ID"), models::shown(s.correlationId));
    fact(tr("File"), models::shown(s.source));
    m_facts->setFacts(facts);

    auto found = std::make_shared<models::CellPage>(static_cast<int>(detectionColumns().size()));
    for (const auto &d : story.detections)
        found->add(QString::number(d.rowid),
                   {Cell(models::typeName(d.detection.type))
                        .with(models::TypeRole, static_cast<int>(d.detection.type)),
                    models::levelCell(d.detection.level), models::stateCell(d.detection.state),
                    models::textCell(models::reasonLine(d.detection, d.organisation))});
    m_detections->setPage(found);
    m_pane->setTabCount(m_detectionsTab, found->size());

    auto around = std::make_shared<models::CellPage>(static_cast<int>(aroundColumns().size()));
    for (const auto &n : story.around) {
        const auto &o = n.item;
        around->add(QString::number(n.id),
                    {models::timeCell(o.row.time(), true), models::resultCell(o.row.outcome),
                     models::levelCell(o.risk.aggregated), models::placeCell(o.place.city, o.place.country),
                     models::textCell(n.km < 0 ? QString() : models::distance(n.km)),
                     models::textCell(n.kmh < 0 || n.km < 1 ? QString() : models::speed(n.kmh)),
                     models::textCell(o.ip.isKnown() ? o.ip.toString() : std::string()),
                     models::textCell(n.isThis ? tr("%1 (this one)").arg(deviceOf(o)) : deviceOf(o)),
                     models::textCell(o.application)});
    }
    m_around->setPage(around);
    m_record->setPlainText(QString::fromStdString(
        shownJson(QJsonDocument::fromJson(QByteArray::fromStdString(query::json(query::signInColumns(), s)))
                      .toJson(QJsonDocument::Indented)
                      .toStdString())));
    // What was asked, or is being asked, stays when the list is only read again.
    if (isAnother) {
        m_answers->setPage(std::make_shared<models::CellPage>(static_cast<int>(answerColumns().size())));
        m_answerHint->setText(
            tr("Plays what happened before this sign-in again and asks every detector why it "
               "raised something or not. Takes some seconds for a million sign-ins."));
    }
    m_askButton->setEnabled(!m_isAsking);
    setPosition();
}

void SignInsPage::askDetectors()
{
    m_answerList->setFocus(); // the button goes
    m_askButton->setEnabled(false);
    m_isAsking = m_context.writer.run(
        tr("Asking the detectors"), this,
        [file = m_context.file, &clock = m_context.clock, id = m_requestId](
            std::stop_token stop, const ProgressSink &progress) -> Result<run::SignInExplanation> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            return run::explainSignIn(*directory, id, stop, progress, clock);
        },
        [this](Result<run::SignInExplanation> explanation) {
            m_isAsking = false;
            m_askButton->setEnabled(true);
            if (explanation && explanation->requestId == m_requestId)
                showAnswers(*explanation);
            else if (!explanation)
                m_answerHint->setText(models::errorText(explanation.error()));
        });
    if (!m_isAsking) {
        m_askButton->setEnabled(true);
        m_answerHint->setText(tr("Wait until \"%1\" is done.").arg(m_context.writer.title()));
    }
}

void SignInsPage::showAnswers(const run::SignInExplanation &explanation)
{
    auto page = std::make_shared<models::CellPage>(static_cast<int>(answerColumns().size()));
    for (const auto &e : explanation.detectors) {
        const auto rule = explanation.silencedBy.find(e.type);
        page->add(QString::number(static_cast<int>(e.type)),
                  {Cell(models::typeName(e.type)).with(models::TypeRole, static_cast<int>(e.type)),
                   models::levelCell(e.verdict.level),
                   models::textCell(rule == explanation.silencedBy.end()
                                        ? models::whyNot(e.type, e.verdict)
                                        : tr("Silenced by suppression rule %1").arg(rule->second.id))});
    }
    m_answers->setPage(page);
    auto hint = tr("As of the moment of the sign-in, by the settings that held then and today's lists.");
    if (explanation.listsChangedSince)
        hint += u' ' + tr("Lists or rules have changed since: what is stored of that time was found by those "
                          "before.");
    m_answerHint->setText(hint);
}

void SignInsPage::fillFigures(const query::Question &question)
{
    struct Filled
    {
        std::vector<Timestamp> bounds;
        std::vector<query::SignIns::Density> bars;
    };
    m_stripTicket = m_context.readers->ask(
        this, m_stripTicket,
        [question](store::Connection &db, std::stop_token stop) -> Result<Filled> {
            const auto all = query::ReadSession::of(db)->signIns();
            auto from = question.period.from;
            if (!from) { // everything: from the oldest row of the question
                auto oldest = question;
                oldest.order = {{"createdDateTime", false}};
                const auto spine = all->ask(db, oldest, stop);
                if (!spine)
                    return tl::unexpected(spine.error());
                if (spine->rows.empty())
                    return Filled{};
                const auto item = all->read(db, spine->generation, std::span(spine->rows).first(1), stop);
                if (!item)
                    return tl::unexpected(item.error());
                from = item->front().row.time();
            }
            Filled filled;
            filled.bounds =
                widgets::fineStretches(*from, question.period.until.value_or(question.now + Microseconds(1)));
            auto bars = all->density(db, question, filled.bounds, stop);
            if (!bars)
                return tl::unexpected(bars.error());
            filled.bars = std::move(*bars);
            return filled;
        },
        [this](Result<Filled> filled) {
            if (!filled)
                return; // the list says what is wrong
            m_bounds = filled->bounds;
            QList<widgets::DensityBar> bars;
            const auto labels = widgets::stretchLabels(m_bounds);
            for (std::size_t i = 0; i < filled->bars.size(); ++i) {
                const auto &d = filled->bars[i];
                bars << widgets::DensityBar{labels[static_cast<qsizetype>(i)], static_cast<int>(d.success),
                                            static_cast<int>(d.failure + d.interrupted),
                                            static_cast<int>(d.risky)};
            }
            m_strip->setBars(bars);
        });
}

namespace {

Result<std::size_t> exportSignIns(store::Connection &db, const query::Question &question,
                                  const ExportTarget &to)
{
    const auto all = query::ReadSession::of(db)->signIns();
    if (to.only) {
        std::vector<std::uint32_t> rows;
        for (const auto one : *to.only)
            rows.push_back(models::SignInsSource::numberOf(one));
        const auto generation =
            rows.empty() ? std::uint64_t{0} : models::SignInsSource::generationOf(to.only->front());
        return exportPages(
            to, query::signInColumns(), rows.size(), [&](std::size_t first, std::size_t count) {
                return all->read(db, generation, std::span(rows).subspan(first, count), to.stop);
            });
    }
    const auto spine = all->ask(db, question, to.stop);
    if (!spine)
        return tl::unexpected(spine.error());
    return exportPages(
        to, query::signInColumns(), spine->rows.size(), [&](std::size_t first, std::size_t count) {
            return all->read(db, spine->generation, std::span(spine->rows).subspan(first, count), to.stop);
        });
}

} // namespace

void SignInsPage::command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener)
{
    if (id == QLatin1String("export")) {
        exportTo(tr("Export sign-ins"), exportSignIns);
        return;
    }
    const QPointer<QWidget> at = opener != nullptr ? opener : m_commands;
    m_commandTicket = m_context.readers->ask(
        this, m_commandTicket,
        [ids](store::Connection &db, std::stop_token stop) -> Result<std::vector<query::SignInItem>> {
            const auto all = query::ReadSession::of(db)->signIns();
            std::vector<std::uint32_t> rows;
            for (const auto one : ids)
                rows.push_back(models::SignInsSource::numberOf(one));
            return all->read(db, models::SignInsSource::generationOf(ids.front()), rows, std::move(stop));
        },
        [this, id, at](Result<std::vector<query::SignInItem>> items) {
            if (!items) {
                m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(items.error()));
                return;
            }
            if (id == QLatin1String("user")) {
                if (!items->empty())
                    Q_EMIT userAsked(items->front().row.user);
                return;
            }
            Targets targets;
            for (const auto &item : *items)
                targets.signIns.push_back(item.requestId);
            if (items->size() == 1)
                targets.name = tr("the sign-in of %1").arg(models::shown(items->front().name()));
            if (const auto action = actionOf(id); action && at)
                m_decisions->ask(*action, targets, at);
        });
}

} // namespace riskdesk::pages

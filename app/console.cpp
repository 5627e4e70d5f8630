#include "app/console.h"

#include "core/ledger/audit.h"
#include "core/query/counts.h"
#include "core/query/spine.h"

#include "app/console_api.h"
#include "app/console_connections.h"
#include "app/console_digest.h"
#include "app/console_notifications.h"
#include "app/console_operators.h"
#include "app/console_settings.h"
#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/models/periods.h"
#include "ui/pages/audit_page.h"
#include "ui/pages/detections_page.h"
#include "ui/pages/go_to.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/rejects_page.h"
#include "ui/pages/risky_users_page.h"
#include "ui/pages/sign_ins_page.h"

#include <QStandardPaths>

namespace riskdesk {

QString Console::sectionOf(query::Report report)
{
    switch (report) {
    case query::Report::RiskyUsers: return QStringLiteral("users");
    case query::Report::SignIns: return QStringLiteral("signIns");
    case query::Report::Rejects: return QStringLiteral("rejects");
    case query::Report::Audit: return QStringLiteral("audit");
    default: return QStringLiteral("detections");
    }
}

Console::Console(theme::Theme &theme, const Clock &clock)
    : m_theme(theme)
    , m_clock(clock)
    , m_settings(QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) +
                     QStringLiteral("/riskdesk/console.ini"),
                 QSettings::IniFormat)
    , m_context{theme, clock, m_writer, nullptr, {}, {}, false, {}, {}, {}, {}, &m_settings, {}, {}, {}, 0}
    , m_window(std::make_unique<window::MainWindow>(theme, QStringLiteral("Riskdesk")))
{
    m_overview = new pages::OverviewPage(m_context);
    m_users = new pages::RiskyUsersPage(m_context);
    m_detections = new pages::DetectionsPage(m_context);
    m_signIns = new pages::SignInsPage(m_context);
    m_rejects = new pages::RejectsPage(m_context);
    m_audit = new pages::AuditPage(m_context);
    m_reports = {m_users, m_detections, m_signIns, m_rejects, m_audit};
    m_window->addPage(theme::Icon::Overview, m_overview);
    m_window->addPage(theme::Icon::Users, m_users);
    m_window->addPage(theme::Icon::Detections, m_detections);
    m_window->addPage(theme::Icon::Signins, m_signIns);
    m_window->addSpring();
    m_window->addPage(theme::Icon::Warning, m_rejects);
    m_window->addPage(theme::Icon::Audit, m_audit);
    m_window->setCurrent(QStringLiteral("users")); // where work begins
    const auto openDetection = [this](std::int64_t rowid) {
        m_window->setCurrent(QStringLiteral("detections"));
        m_detections->openRow(rowid);
        m_detections->focusContent();
    };
    const auto openUser = [this](std::int64_t user) { showUser(user); };
    connect(m_rejects, &pages::RejectsPage::datesAsked, this,
            [this](const QStringList &files, ingest::DateOrder dates) {
                importFiles(files, {dates, m_reading.zoneMinutes});
            });
    connect(m_users, &pages::RiskyUsersPage::detectionAsked, this, openDetection);
    connect(m_signIns, &pages::SignInsPage::detectionAsked, this, openDetection);
    connect(m_detections, &pages::DetectionsPage::userAsked, this, openUser);
    connect(m_signIns, &pages::SignInsPage::userAsked, this, openUser);
    connect(m_overview, &pages::OverviewPage::userAsked, this, openUser);
    connect(m_overview, &pages::OverviewPage::importAsked, this, &Console::chooseLogs);
    connect(
        m_overview, &pages::OverviewPage::listAsked, this,
        [this](const QString &section, const QString &filter, const std::optional<query::Period> &period) {
            auto *page = qobject_cast<pages::ReportPage *>(m_window->page(section));
            if (page == nullptr)
                return;
            m_window->setCurrent(section);
            page->showFiltered(filter, period);
            page->focusContent();
        });
    connect(m_overview, &pages::OverviewPage::decided, this, [this] {
        refreshReports(nullptr);
        storeChanged();
    });
    for (auto *page : m_reports) {
        connect(page, &pages::ReportPage::decided, this, [this, page] {
            refreshReports(page);
            storeChanged();
        });
        connect(page, &pages::ReportPage::importAsked, this, &Console::chooseLogs);
        connect(page, &pages::ReportPage::directoryAsked, this, &Console::newDirectory);
    }
    connect(m_window.get(), &window::MainWindow::filesDropped, this,
            [this](const QStringList &files) { take(files); });
    connect(&m_window->message(), &widgets::MessageBar::actionPressed, this, [this] {
        m_window->message().hide();
        if (const auto then = std::exchange(m_messageAction, {})) {
            then();
            return;
        }
        m_window->setCurrent(QStringLiteral("detections"), QStringLiteral("unreviewed"));
        m_detections->focusContent();
    });
    auto &top = m_window->topBar();
    connect(&top, &widgets::TopBar::directoryAsked, this, &Console::directoryMenu);
    connect(&top, &widgets::TopBar::operatorAsked, this, &Console::operatorMenu);
    connect(&top, &widgets::TopBar::goToAsked, this, &Console::goTo);
    m_goTo = new pages::GoTo(m_context, this);
    connect(m_goTo, &pages::GoTo::userAsked, this, openUser);
    connect(m_goTo, &pages::GoTo::detectionAsked, this, openDetection);
    connect(m_goTo, &pages::GoTo::signInsAsked, this, [this](const QString &filter) {
        m_window->setCurrent(QStringLiteral("signIns"));
        m_signIns->showFiltered(filter, {});
        m_signIns->focusContent();
    });
    auto &facts = m_window->facts();
    connect(&facts, &widgets::StatusBar::factPressed, this, [this](const QString &id) {
        if (id == QLatin1String("zone"))
            toggleUtc();
        else if (id == QLatin1String("api"))
            m_api->show();
        else if (id == QLatin1String("connections"))
            m_connections->showRequests();
        else if (id == QLatin1String("import") && m_lastRejects == 0)
            chooseLogs();
        else if (id == QLatin1String("import"))
            showRejects(m_lastRejects);
        else if (id == QLatin1String("settled"))
            settle();
    });
    connect(&facts.progress(), &widgets::ProgressStrip::cancelled, &m_writer, &jobs::Writer::cancel);
    connect(&m_writer, &jobs::Writer::started, this, [this](const QString &title) {
        m_window->facts().progress().setProgress(title, -1);
        m_window->facts().progress().setCancellable(true);
        m_window->facts().setProgressShown(true);
    });
    connect(&m_writer, &jobs::Writer::progressed, this, [this](const QString &phase, double share) {
        const auto words = phase == QLatin1String("read")     ? tr("Reading")
                           : phase == QLatin1String("detect") ? tr("Examining sign-ins")
                           : phase == QLatin1String("settle") ? tr("Examining again what came out of order")
                                                              : m_writer.title();
        m_window->facts().progress().setProgress(words, share);
    });
    connect(&m_writer, &jobs::Writer::finished, this, [this] { m_window->facts().setProgressShown(false); });
    connect(&theme, &theme::Theme::changed, this, [this] {
        if (m_theme.mode() != theme::Theme::Mode::FollowSystem)
            m_settings.setValue(QStringLiteral("theme"),
                                m_theme.isDark() ? QStringLiteral("dark") : QStringLiteral("light"));
    });
    m_api = std::make_unique<ConsoleApi>(m_context, *m_window);
    connect(m_api.get(), &ConsoleApi::failed, this, [this](const QString &sentence) {
        tell(widgets::MessageBar::Kind::Error, tr("The API does not run. %1").arg(sentence), tr("Look"),
             [this] { m_api->show(); });
    });
    m_connections = std::make_unique<ConsoleConnections>(m_context, *m_window);
    connect(m_connections.get(), &ConsoleConnections::failed, this,
            [this](const QString &sentence, bool ofRequest) {
                tell(widgets::MessageBar::Kind::Error, sentence, tr("Look"), [this, ofRequest] {
                    if (ofRequest)
                        m_connections->showRequests();
                    else
                        m_connections->show();
                });
            });
    connect(m_connections.get(), &ConsoleConnections::pulled, this, &Console::follow);
    m_operators = std::make_unique<ConsoleOperators>(m_context, *m_window);
    connect(m_operators.get(), &ConsoleOperators::actingChanged, this, [this] {
        for (auto *page : m_reports)
            page->actingChanged();
        if (m_settingsOf)
            m_settingsOf->actingChanged();
        if (m_context.who && !m_offered.isEmpty() && m_window->message().text() == m_offered)
            m_window->message().hide();
    });
    connect(m_operators.get(), &ConsoleOperators::changed, this, &Console::follow);
    connect(m_operators.get(), &ConsoleOperators::closeAsked, this, &Console::closeDirectory);
    connect(m_operators.get(), &ConsoleOperators::told, this,
            [this](const QString &sentence) { tell(widgets::MessageBar::Kind::Warning, sentence); });
    m_settingsOf = std::make_unique<ConsoleSettings>(m_context, *m_window);
    connect(m_settingsOf.get(), &ConsoleSettings::changed, this, &Console::follow);
    makeDigest();
    addShortcuts();
    m_window->restoreGeometry(m_settings.value(QStringLiteral("window")).toByteArray());
    models::setUtc(m_settings.value(QStringLiteral("utc"), false).toBool());
    for (auto *page : m_reports)
        page->restoreState(m_settings);
}

Console::~Console()
{
    m_settings.setValue(QStringLiteral("window"), m_window->saveGeometry());
    for (auto *page : m_reports)
        page->saveState(m_settings);
    m_watcher.reset();
    m_notifications.reset();
    m_digest.reset();
    m_settingsOf.reset();
    m_api.reset();
    m_connections.reset();
    m_operators.reset();
    m_window.reset(); // pages go before what they refer to
}

void Console::tell(widgets::MessageBar::Kind kind, const QString &text, const QString &action,
                   std::function<void()> then)
{
    m_messageAction = std::move(then);
    m_window->message().setMessage(kind, text, action);
}

// Those that were looked at: a page that was not asks when it is entered.
void Console::refreshReports(const pages::ReportPage *but)
{
    if (m_window->currentPage() == m_overview)
        m_overview->refresh();
    for (auto *page : m_reports)
        if (page != but && page->wasEntered())
            page->refresh();
}

// Somebody else wrote: the lists follow, and stay where they are read.
void Console::follow()
{
    storeChanged();
    refreshReports(nullptr);
}

void Console::storeChanged()
{
    countViews();
    showImportFact();
    m_api->storeChanged();
    m_connections->storeChanged();
    m_connections->wake();
    m_operators->storeChanged();
    m_settingsOf->storeChanged();
    if (m_notifications)
        m_notifications->storeChanged();
}

void Console::countViews()
{
    if (!m_context.readers)
        return;
    m_counts = m_context.readers->ask(
        this, m_counts,
        [&clock = m_clock](store::Connection &db, std::stop_token stop) -> Result<std::vector<std::int64_t>> {
            auto now = query::referenceNow(db, clock.now());
            if (!now)
                return tl::unexpected(now.error());
            return query::countViews(db, now->now, 10000, stop, models::lastDays);
        },
        [this](Result<std::vector<std::int64_t>> counts) {
            if (!counts)
                return;
            QHash<QString, QList<widgets::Navigation::View>> views;
            const auto all = query::builtInViews();
            for (std::size_t i = 0; i < all.size() && i < counts->size(); ++i) {
                const auto section = sectionOf(all[i].report);
                const auto id = models::text(all[i].id);
                views[section] << widgets::Navigation::View{id, models::text(all[i].name), (*counts)[i]};
                if (id == QLatin1String("allAtRisk") || id == QLatin1String("last90Days"))
                    m_window->navigation().setCount(section, (*counts)[i]);
            }
            for (auto it = views.constBegin(); it != views.constEnd(); ++it)
                m_window->navigation().setViews(it.key(), it.value());
            m_window->navigation().setCurrent(m_window->navigation().currentSection(),
                                              m_window->navigation().currentView());
        });
}

} // namespace riskdesk

#include "app/console.h"

#include "core/action/ageing.h"
#include "core/import/import_run.h"
#include "core/import/sample_run.h"
#include "core/ledger/audit.h"
#include "core/query/counts.h"
#include "core/query/spine.h"
#include "core/store/schema.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/pages/detections_page.h"
#include "ui/pages/go_to.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/rejects_page.h"
#include "ui/pages/risky_users_page.h"
#include "ui/pages/sign_ins_page.h"
#include "ui/widgets/controls/file_dialog.h"
#include "ui/widgets/controls/messages.h"

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QMenu>
#include <QShortcut>
#include <QStandardPaths>

namespace riskdesk {
namespace {

QString sectionOf(query::Report report)
{
    switch (report) {
    case query::Report::RiskyUsers: return QStringLiteral("users");
    case query::Report::SignIns: return QStringLiteral("signIns");
    case query::Report::Rejects: return QStringLiteral("rejects");
    default: return QStringLiteral("detections");
    }
}

struct Opened
{
    store::DirectoryInfo info;
    std::optional<Error> readOnly; // why it cannot be changed
};

Result<Opened> openUnchangeable(const std::filesystem::path &file, const Error &why)
{
    auto reader = store::openForReading(file);
    if (!reader)
        return tl::unexpected(reader.error().code == Code::Io ? why : reader.error());
    auto info = store::directoryInfo(*reader);
    if (!info)
        return tl::unexpected(info.error());
    return Opened{std::move(*info), why};
}

} // namespace

std::filesystem::path Console::dataFolder()
{
    const auto folder =
        QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/riskdesk");
    QDir().mkpath(folder);
    return folder.toStdString();
}

Console::Console(theme::Theme &theme, const Clock &clock)
    : m_theme(theme)
    , m_clock(clock)
    , m_settings(QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) +
                     QStringLiteral("/riskdesk/console.ini"),
                 QSettings::IniFormat)
    , m_context{theme, clock, m_writer, nullptr, {}, {}, false, {}, {}, &m_settings, {}, {}}
    , m_window(std::make_unique<window::MainWindow>(theme, QStringLiteral("Riskdesk")))
{
    m_overview = new pages::OverviewPage(m_context);
    m_users = new pages::RiskyUsersPage(m_context);
    m_detections = new pages::DetectionsPage(m_context);
    m_signIns = new pages::SignInsPage(m_context);
    m_rejects = new pages::RejectsPage(m_context);
    m_reports = {m_users, m_detections, m_signIns, m_rejects};
    m_window->addPage(theme::Icon::Overview, m_overview);
    m_window->addPage(theme::Icon::Users, m_users);
    m_window->addPage(theme::Icon::Detections, m_detections);
    m_window->addPage(theme::Icon::Signins, m_signIns);
    m_window->addSpring();
    m_window->addPage(theme::Icon::Warning, m_rejects);
    m_window->setCurrent(QStringLiteral("users")); // where work begins
    const auto openDetection = [this](std::int64_t rowid) {
        m_window->setCurrent(QStringLiteral("detections"));
        m_detections->openRow(rowid);
        m_detections->focusContent();
    };
    const auto openUser = [this](std::int64_t user) {
        m_window->setCurrent(QStringLiteral("users"));
        m_users->openRow(user);
        m_users->focusContent();
    };
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
    connect(m_window.get(), &window::MainWindow::filesDropped, this, &Console::take);
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
    top.setOperator(models::text(ledger::desktopAccount()), tr("Administrator"));
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
        else if (id == QLatin1String("import") && m_lastRejects == 0)
            chooseLogs();
        else if (id == QLatin1String("import"))
            showRejects(m_lastRejects);
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
                                                              : m_writer.title();
        m_window->facts().progress().setProgress(words, share);
    });
    connect(&m_writer, &jobs::Writer::finished, this, [this] { m_window->facts().setProgressShown(false); });
    connect(&theme, &theme::Theme::changed, this, [this] {
        if (m_theme.mode() != theme::Theme::Mode::FollowSystem)
            m_settings.setValue(QStringLiteral("theme"),
                                m_theme.isDark() ? QStringLiteral("dark") : QStringLiteral("light"));
    });
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
    m_window.reset(); // pages go before what they refer to
}

void Console::restoreTheme()
{
    const auto last = m_settings.value(QStringLiteral("theme")).toString();
    if (!last.isEmpty())
        m_theme.setMode(last == QLatin1String("dark") ? theme::Theme::Mode::Dark : theme::Theme::Mode::Light);
}

void Console::setSampleSize(unsigned users, unsigned days)
{
    m_sample.users = users;
    m_sample.days = days;
}

void Console::addShortcuts()
{
    const auto add = [this](const QString &keys, auto slot) {
        auto *shortcut = new QShortcut(QKeySequence(keys), m_window.get());
        connect(shortcut, &QShortcut::activated, this, slot);
    };
    add(QStringLiteral("Ctrl+1"), [this] { m_window->setCurrent(QStringLiteral("overview")); });
    add(QStringLiteral("Ctrl+2"), [this] { m_window->setCurrent(QStringLiteral("users")); });
    add(QStringLiteral("Ctrl+3"), [this] { m_window->setCurrent(QStringLiteral("detections")); });
    add(QStringLiteral("Ctrl+4"), [this] { m_window->setCurrent(QStringLiteral("signIns")); });
    add(QStringLiteral("Ctrl+5"), [this] { m_window->setCurrent(QStringLiteral("rejects")); });
    add(QStringLiteral("Ctrl+I"), [this] { chooseLogs(); });
    add(QStringLiteral("Ctrl+O"), [this] { chooseDirectory(); });
    add(QStringLiteral("Ctrl+U"), [this] { toggleUtc(); });
    add(QStringLiteral("Ctrl+Z"), [this] {
        if (auto *page = qobject_cast<pages::ReportPage *>(m_window->currentPage()))
            page->undoLast();
    });
    add(QStringLiteral("Ctrl+Shift+Z"), [this] {
        if (auto *page = qobject_cast<pages::ReportPage *>(m_window->currentPage()))
            page->redoLast();
    });
    add(QStringLiteral("Ctrl+Q"), [] { QApplication::quit(); });
}

void Console::goTo()
{
    using theme::Icon;
    QList<pages::GoTo::Destination> known;
    const auto place = [&](Icon icon, const QString &section, const QString &view, const QString &title,
                           const QString &of, const QString &keys) {
        known << pages::GoTo::Destination{icon, title, of, keys, false, [this, section, view] {
                                              m_window->setCurrent(section, view);
                                              m_window->currentPage()->focusContent();
                                          }};
    };
    const std::pair<Icon, window::Page *> pages[] = {{Icon::Overview, m_overview},
                                                     {Icon::Users, m_users},
                                                     {Icon::Detections, m_detections},
                                                     {Icon::Signins, m_signIns}};
    int number = 0;
    for (const auto &[icon, page] : pages) {
        place(icon, page->id(), {}, page->title(), {}, QStringLiteral("Ctrl+%1").arg(++number));
        for (const auto &view : query::builtInViews())
            if (sectionOf(view.report) == page->id())
                place(icon, page->id(), models::text(view.id), models::text(view.name), page->title(), {});
    }
    const auto command = [&](Icon icon, const QString &title, const QString &keys,
                             const std::function<void()> &run) {
        known << pages::GoTo::Destination{icon, title, {}, keys, true, run};
    };
    if (auto *page = qobject_cast<pages::ReportPage *>(m_window->currentPage()))
        for (const auto &one : page->rowCommands())
            if (!one.separator)
                command(one.icon, one.text, one.shortcut, [page, id = one.id] { page->keyed(id); });
    command(Icon::Import, tr("Import sign-in logs"), QStringLiteral("Ctrl+I"), [this] { chooseLogs(); });
    command(Icon::Folder, tr("Open a directory"), QStringLiteral("Ctrl+O"), [this] { chooseDirectory(); });
    command(Icon::Database, tr("New directory"), {}, [this] { newDirectory(); });
    command(Icon::Clock, tr("Switch between UTC and local time"), QStringLiteral("Ctrl+U"),
            [this] { toggleUtc(); });
    command(Icon::Moon, tr("Switch between light and dark"), QStringLiteral("Ctrl+Shift+T"),
            [this] { m_window->toggleTheme(); });
    command(Icon::Help, tr("Keyboard shortcuts"), QStringLiteral("F1"),
            [this] { m_window->showShortcuts(); });
    m_goTo->open(m_window->topBar().goToButton(), known);
}

void Console::start(const std::filesystem::path &directory, const QStringList &logs)
{
    m_waiting = logs;
    std::error_code ignored;
    if (directory.empty() && logs.isEmpty()) {
        for (const auto &known :
             {std::filesystem::path(m_settings.value(QStringLiteral("directory")).toString().toStdString()),
              dataFolder() / "sample.riskdesk"})
            if (!known.empty() && std::filesystem::exists(known, ignored)) {
                open(known);
                return;
            }
        firstRun();
        return;
    }
    auto file = directory;
    if (file.empty())
        file = dataFolder() / (QFileInfo(logs.first()).baseName().toStdString() + ".riskdesk");
    if (std::filesystem::exists(file, ignored)) {
        open(file);
    } else if (logs.isEmpty() && file.stem() == "sample") {
        makeSample(file);
    } else {
        store::DirectoryInfo info;
        info.name = file.stem().string();
        info.createdAt = m_clock.now();
        if (const auto made = store::createDirectory(file, info); made) {
            open(file);
        } else {
            if (m_context.file.empty())
                firstRun();
            tell(widgets::MessageBar::Kind::Error, models::errorText(made.error()));
        }
    }
}

void Console::tell(widgets::MessageBar::Kind kind, const QString &text, const QString &action,
                   std::function<void()> then)
{
    m_messageAction = std::move(then);
    m_window->message().setMessage(kind, text, action);
}

void Console::take(const QStringList &files)
{
    QStringList logs;
    for (const auto &file : files) {
        if (file.endsWith(QLatin1String(".riskdesk"), Qt::CaseInsensitive)) {
            open(file.toStdString());
            return;
        }
        logs << file;
    }
    if (logs.isEmpty())
        return;
    if (m_context.file.empty())
        start({}, logs);
    else
        importFiles(logs);
}

void Console::directoryMenu(QWidget *opener)
{
    auto *menu = widgets::freshMenu(opener, QStringLiteral("directoryMenu"));
    widgets::fillMenu(
        menu, m_theme,
        {{QStringLiteral("import"), theme::Icon::Import, tr("Import sign-in logs"), QStringLiteral("Ctrl+I"),
          m_context.file.empty() ? tr("No directory is open.") : QString(), false},
         {QStringLiteral("open"),
          theme::Icon::Folder,
          tr("Open another directory"),
          QStringLiteral("Ctrl+O"),
          {},
          false},
         {QStringLiteral("new"), theme::Icon::Plus, tr("New directory"), {}, {}, false},
         {QStringLiteral("sample"), theme::Icon::Flask, tr("Open the sample directory"), {}, {}, false}},
        [this](const QString &id) {
            if (id == QLatin1String("import"))
                chooseLogs();
            else if (id == QLatin1String("open"))
                chooseDirectory();
            else if (id == QLatin1String("new"))
                newDirectory();
            else
                start(dataFolder() / "sample.riskdesk", {});
        });
    menu->popup(opener->mapToGlobal(QPoint(0, opener->height() + 4)));
}

void Console::operatorMenu(QWidget *opener)
{
    auto *menu = widgets::freshMenu(opener, QStringLiteral("operatorMenu"));
    widgets::fillMenu(menu, m_theme,
                      {{QStringLiteral("theme"),
                        m_theme.isDark() ? theme::Icon::Sun : theme::Icon::Moon,
                        m_theme.isDark() ? tr("Light theme") : tr("Dark theme"),
                        QStringLiteral("Ctrl+Shift+T"),
                        {},
                        false},
                       {QStringLiteral("zone"),
                        theme::Icon::Clock,
                        models::isUtc() ? tr("Local time") : tr("Times in UTC"),
                        QStringLiteral("Ctrl+U"),
                        {},
                        false},
                       {QStringLiteral("keys"),
                        theme::Icon::Help,
                        tr("Keyboard shortcuts"),
                        QStringLiteral("Ctrl+/"),
                        {},
                        false}},
                      [this](const QString &id) {
                          if (id == QLatin1String("theme"))
                              m_window->toggleTheme();
                          else if (id == QLatin1String("zone"))
                              toggleUtc();
                          else
                              m_window->showShortcuts();
                      });
    const QSize size = menu->sizeHint();
    menu->popup(opener->mapToGlobal(QPoint(opener->width() - size.width(), opener->height() + 4)));
}

void Console::newDirectory()
{
    using widgets::FileQuestion;
    auto file = widgets::FileDialog::ask(m_window.get(), {FileQuestion::Kind::Save, tr("New directory"),
                                                          QString::fromStdString(dataFolder().string()),
                                                          tr("Riskdesk directories (*.riskdesk)"),
                                                          QStringLiteral("riskdesk")})
                    .value(0);
    if (file.isEmpty())
        return;
    if (!file.endsWith(QLatin1String(".riskdesk")))
        file += QStringLiteral(".riskdesk");
    start(file.toStdString(), {});
}

void Console::open(const std::filesystem::path &file)
{
    if (m_writer.isBusy()) {
        tell(widgets::MessageBar::Kind::Info, tr("Wait until \"%1\" is done.").arg(m_writer.title()));
        return;
    }
    // Opening for writing once brings an older file up to date and recovers one that was not closed in order.
    m_writer.run(
        tr("Opening %1").arg(QString::fromStdString(file.filename().string())), this,
        [file, &clock = m_clock](std::stop_token stop, const ProgressSink &) -> Result<Opened> {
            auto directory = run::Directory::open(file);
            if (!directory && directory.error().code == Code::ReadOnly)
                return openUnchangeable(file, directory.error());
            if (!directory)
                return tl::unexpected(directory.error());
            // Time passed since it was last open.
            if (auto aged = action::ageLowDetections(directory->connection(), clock, stop); !aged)
                return tl::unexpected(aged.error());
            return Opened{directory->info(), {}};
        },
        [this, file](Result<Opened> opened) {
            const auto *info = opened ? &opened->info : nullptr;
            if (info == nullptr) {
                if (m_context.readers && m_watcher) { // stay with the one that is open
                    tell(widgets::MessageBar::Kind::Error, models::errorText(opened.error()));
                    return;
                }
                auto *empty = new widgets::EmptyState(m_theme);
                empty->set(theme::Icon::ErrorMark, tr("The directory could not be opened"),
                           models::errorText(opened.error()),
                           {{QStringLiteral("other"), tr("Open another directory")}});
                connect(empty, &widgets::EmptyState::chosen, this, &Console::chooseDirectory);
                m_window->setOverlay(empty);
                return;
            }
            m_context.file = file;
            m_context.readers = std::make_shared<jobs::Readers>(file);
            m_context.directoryName = models::shown(info->name);
            m_context.sample = info->sample;
            m_context.notJudged =
                info->trial ? tr("Detections do not run in a trial directory, so nothing here says who is at "
                                 "risk. To have the sign-ins judged, make a directory for production and "
                                 "import the same logs there.")
                            : QString();
            m_lastRejects = 0;
            m_context.decided.clear();
            m_context.takenBack.clear();
            m_settings.setValue(QStringLiteral("directory"), QString::fromStdString(file.string()));
            m_window->setOverlay(nullptr);
            m_window->message().hide();
            m_window->facts().setFact(QStringLiteral("import"), widgets::StatusBar::Side::Trailing,
                                      tr("No log imported yet"), tr("Press to import sign-in logs (Ctrl+I)"));
            showZone();
            m_window->setDirectory(m_context.directoryName);
            m_context.refusal = opened->readOnly ? models::errorText(*opened->readOnly) : QString();
            m_window->topBar().setChip(opened->readOnly ? tr("Read-only")
                                       : info->sample   ? tr("Sample data")
                                       : info->trial    ? tr("Trial")
                                                        : QString(),
                                       opened->readOnly ? m_context.refusal : m_context.notJudged);
            if (opened->readOnly)
                tell(
                    widgets::MessageBar::Kind::Warning,
                    tr("%1 It is open read-only; decisions and imports are refused.").arg(m_context.refusal));
            m_watcher = std::make_unique<jobs::StoreWatcher>(m_context.readers);
            connect(m_watcher.get(), &jobs::StoreWatcher::changed, this, &Console::follow);
            connect(m_watcher.get(), &jobs::StoreWatcher::lost, this, &Console::lost);
            m_overview->reopen();
            for (auto *page : m_reports)
                page->reopen();
            m_window->setCurrent(QStringLiteral("users"));
            m_users->focusContent();
            storeChanged();
            if (!m_waiting.isEmpty())
                importFiles(std::exchange(m_waiting, {}));
        });
}

// What is shown was true when it was read; it cannot be acted upon, since what lies there now is another
// file.
void Console::lost(const Error &error)
{
    m_context.refusal = models::errorText(error);
    tell(widgets::MessageBar::Kind::Error, m_context.refusal, tr("Open again"), [this] { openAgain(); });
}

void Console::openAgain()
{
    m_watcher.reset();
    m_context.readers->letGo();
    // SQLite would write what the log says into whatever file has the name now.
    const auto log = m_context.file.string() + "-wal";
    std::error_code missing;
    if (const auto size = std::filesystem::file_size(log, missing); !missing && size > 0) {
        tell(widgets::MessageBar::Kind::Error,
             tr("\"%1\" belongs to the file that was there before. Put that file back, or move the log away; "
                "then open it again.")
                 .arg(QString::fromStdString(log)),
             tr("Open again"), [this] { openAgain(); });
        return;
    }
    open(m_context.file);
}

void Console::firstRun()
{
    auto *screen = new widgets::FirstRun(m_theme, QStringLiteral("Riskdesk"));
    screen->setObjectName(QStringLiteral("firstRun"));
    connect(screen, &widgets::FirstRun::sampleAsked, this,
            [this] { makeSample(dataFolder() / "sample.riskdesk"); });
    connect(screen, &widgets::FirstRun::importAsked, this, &Console::chooseLogs);
    connect(screen, &widgets::FirstRun::openAsked, this, &Console::chooseDirectory);
    m_window->setOverlay(screen);
}

void Console::makeSample(const std::filesystem::path &file)
{
    auto *waiting = new widgets::EmptyState(m_theme);
    waiting->set(theme::Icon::Database, tr("Making the sample directory"),
                 tr("Several thousand customers over 90 days, with attacks among them; the engine has to "
                    "find them. This takes some seconds."),
                 {});
    m_window->setOverlay(waiting);
    m_writer.run(
        tr("Making the sample directory"), this,
        [file, request = m_sample, &clock = m_clock](std::stop_token stop,
                                                     const ProgressSink &progress) mutable {
            request.end = clock.now();
            return run::makeSample(file, request, clock, stop, progress);
        },
        [this, file](Result<run::ImportSummary> summary) {
            if (summary && !summary->cancelled) {
                open(file);
                return;
            }
            firstRun();
            if (!summary)
                tell(widgets::MessageBar::Kind::Error, models::errorText(summary.error()));
        });
}

void Console::chooseLogs()
{
    const auto files = widgets::FileDialog::ask(
        m_window.get(), {widgets::FileQuestion::Kind::OpenMany,
                         tr("Import sign-in logs"),
                         m_logFolder,
                         tr("Logs (*.json *.ndjson *.jsonl *.csv *.gz *.zip *.log);;All files (*)"),
                         {}});
    if (files.isEmpty())
        return;
    m_logFolder = QFileInfo(files.first()).absolutePath();
    take(files);
}

void Console::chooseDirectory()
{
    const auto file = widgets::FileDialog::ask(m_window.get(), {widgets::FileQuestion::Kind::OpenOne,
                                                                tr("Open directory"),
                                                                QString::fromStdString(dataFolder().string()),
                                                                tr("Riskdesk directories (*.riskdesk)"),
                                                                {}})
                          .value(0);
    if (!file.isEmpty())
        open(file.toStdString());
}

void Console::importFiles(const QStringList &files, ingest::DateOrder dates)
{
    if (!m_context.refusal.isEmpty()) {
        tell(widgets::MessageBar::Kind::Error, m_context.refusal);
        return;
    }
    const auto title = files.size() == 1
                           ? tr("Importing %1").arg(QFileInfo(files.first()).fileName())
                           : tr("Importing %n file(s)", nullptr, static_cast<int>(files.size()));
    const bool started = m_writer.run(
        title, this,
        [file = m_context.file, files, dates,
         &clock = m_clock](std::stop_token stop, const ProgressSink &progress) -> Result<run::ImportSummary> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            std::vector<std::filesystem::path> paths;
            for (const auto &f : files)
                paths.emplace_back(QFile::encodeName(f).toStdString());
            run::ImportOptions options;
            options.via = "console";
            options.dates = dates;
            return run::importFiles(*directory, paths, options, clock, stop, progress);
        },
        [this, files](Result<run::ImportSummary> summary) {
            storeChanged();
            refreshReports(nullptr);
            if (summary)
                tellImport(files, *summary);
            else
                tell(widgets::MessageBar::Kind::Error, models::errorText(summary.error()));
        });
    if (!started)
        tell(widgets::MessageBar::Kind::Info, tr("Wait until \"%1\" is done.").arg(m_writer.title()));
    else
        m_window->message().hide();
}

void Console::tellImport(const QStringList &files, const run::ImportSummary &summary)
{
    using Kind = widgets::MessageBar::Kind;
    const auto number = [](std::uint64_t n) { return models::count(static_cast<qint64>(n)); };
    QStringList words;
    if (summary.cancelled)
        words << tr("Import cancelled; %1 sign-ins are kept. Run it again to continue.")
                     .arg(number(summary.stored));
    else if (summary.read > 0)
        words << tr("%1: %2 new, %3 known already, %4 rejected.")
                     .arg(files.size() == 1 ? QFileInfo(files.first()).fileName()
                                            : tr("%n file(s)", nullptr, static_cast<int>(files.size())),
                          number(summary.stored), number(summary.duplicates), number(summary.rejected));
    if (summary.notSignIns > 0)
        words << tr("%1 records are no sign-ins.").arg(number(summary.notSignIns));
    if (summary.detections > 0)
        words << tr("%n new detection(s).", nullptr, static_cast<int>(summary.detections));
    for (std::size_t i = 0; i < summary.notRead.size() && i < 3; ++i)
        words << models::errorText(summary.notRead[i]);
    if (words.isEmpty())
        words << tr("%1 holds no records.").arg(QFileInfo(files.first()).fileName());
    const auto kind = !summary.notRead.empty()                                         ? Kind::Error
                      : summary.cancelled || summary.rejected > 0 || summary.read == 0 ? Kind::Warning
                                                                                       : Kind::Info;
    if (summary.undecidedDates > 0)
        words << tr("%1 times could not be read: nothing tells whether the day or the month stands first.")
                     .arg(number(summary.undecidedDates));
    const auto text = words.join(QLatin1Char(' '));
    if (summary.undecidedDates > 0)
        tell(kind, text, tr("Say which"), [this, files, run = summary.run] { askDateOrder(files, run); });
    else if (summary.rejected > 0)
        tell(kind, text, tr("Rejected rows"), [this, run = summary.run] { showRejects(run); });
    else
        tell(kind, text, summary.detections > 0 ? tr("See detections") : QString());
}

// What is stored already is known again, so the whole files are read once more.
void Console::askDateOrder(const QStringList &files, std::int64_t run)
{
    auto *menu = new QMenu(m_window.get());
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("What stands first in these dates?"))->setEnabled(false);
    const auto offer = [&](const QString &words, ingest::DateOrder dates) {
        connect(menu->addAction(words), &QAction::triggered, this, [=, this] { importFiles(files, dates); });
    };
    offer(tr("Day first: 3/4 is 3 April"), ingest::DateOrder::DayFirst);
    offer(tr("Month first: 3/4 is March 4"), ingest::DateOrder::MonthFirst);
    menu->addSeparator();
    connect(menu->addAction(tr("Look at the rejected rows")), &QAction::triggered, this,
            [this, run] { showRejects(run); });
    menu->setActiveAction(menu->actions().at(1));
    // Where the message stood that asked for it.
    const auto &page = *m_window->currentPage();
    menu->popup(page.mapToGlobal(QPoint(page.width() - menu->sizeHint().width() - 16, 16)));
}

void Console::showRejects(std::int64_t run)
{
    m_window->setCurrent(QStringLiteral("rejects"));
    m_rejects->showRun(run);
    m_rejects->focusContent();
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
            return query::countViews(db, now->now, 10000, stop);
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

void Console::showImportFact()
{
    if (!m_context.readers)
        return;
    m_health = m_context.readers->ask(
        this, m_health, [](store::Connection &db, std::stop_token) { return query::dataHealth(db); },
        [this](Result<query::DataHealth> health) {
            if (!health || !health->lastImport)
                return;
            QStringList notices;
            for (const auto &notice : health->notices)
                notices << models::shown(notice);
            m_window->facts().setFact(QStringLiteral("notice"), widgets::StatusBar::Side::Trailing,
                                      notices.isEmpty() ? QString() : tr("Data in doubt"),
                                      notices.join(QLatin1Char('\n')), models::Tone::Notice);
            m_lastRejects = health->lastRejected > 0 ? health->lastRun : 0;
            m_window->facts().setFact(QStringLiteral("import"), widgets::StatusBar::Side::Trailing,
                                      tr("Last import %1, %2 stored, %3 rejected")
                                          .arg(models::shortTime(*health->lastImport),
                                               models::count(health->lastImported),
                                               models::count(health->lastRejected)),
                                      health->lastRejected > 0 ? tr("Press to see the rejected rows")
                                                               : tr("Press to import sign-in logs (Ctrl+I)"),
                                      health->lastRejected > 0 ? models::Tone::Notice : models::Tone::Good);
        });
}

void Console::showZone()
{
    m_window->facts().setFact(QStringLiteral("zone"), widgets::StatusBar::Side::Trailing,
                              tr("Times: %1").arg(models::zoneName()),
                              tr("Press to switch between local time and UTC (Ctrl+U)"));
}

void Console::toggleUtc()
{
    models::setUtc(!models::isUtc());
    m_settings.setValue(QStringLiteral("utc"), models::isUtc());
    showZone();
    showImportFact();
    m_overview->refresh();
    for (auto *page : m_reports)
        page->retranslateTimes();
}

} // namespace riskdesk

#include "app/console.h"

#include "core/action/ageing.h"
#include "core/action/audit.h"
#include "core/query/counts.h"
#include "core/query/spine.h"
#include "core/run/import_run.h"
#include "core/run/sample_run.h"
#include "core/store/schema.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/pages/detections_page.h"
#include "ui/pages/risky_users_page.h"
#include "ui/widgets/messages.h"

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QShortcut>
#include <QStandardPaths>

namespace riskdesk {
namespace {

QString sectionOf(query::Report report)
{
    return report == query::Report::RiskyUsers ? QStringLiteral("users") : QStringLiteral("detections");
}

} // namespace

std::filesystem::path Console::dataFolder()
{
    const auto folder =
        QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/riskdesk");
    QDir().mkpath(folder);
    return folder.toStdString();
}

Console::Console(theme::Theme &theme)
    : m_theme(theme)
    , m_context{theme, m_writer, nullptr, {}, {}, false, false}
    , m_window(std::make_unique<window::MainWindow>(theme, QStringLiteral("Riskdesk")))
{
    m_users = new pages::RiskyUsersPage(m_context);
    m_detections = new pages::DetectionsPage(m_context);
    m_window->addPage(theme::Icon::Users, m_users);
    m_window->addPage(theme::Icon::Detections, m_detections);
    m_window->addSpring();
    connect(m_users, &pages::RiskyUsersPage::detectionAsked, this, [this](std::int64_t rowid) {
        m_window->setCurrent(QStringLiteral("detections"), QStringLiteral("last90Days"));
        m_detections->openRow(rowid);
    });
    connect(m_detections, &pages::DetectionsPage::userAsked, this, [this](std::int64_t user) {
        m_window->setCurrent(QStringLiteral("users"), QStringLiteral("allAtRisk"));
        m_users->openRow(user);
    });
    auto &top = m_window->topBar();
    top.setOperator(models::text(action::desktopAccount()), tr("Administrator"));
    connect(&top, &widgets::TopBar::directoryAsked, this, &Console::chooseDirectory);
    connect(&top, &widgets::TopBar::goToAsked, this, [this] {
        m_window->setCurrent(QStringLiteral("users"));
        m_users->focusSearch();
    });
    auto &facts = m_window->facts();
    connect(&facts, &widgets::StatusBar::factPressed, this, [this](const QString &id) {
        if (id == QLatin1String("zone"))
            toggleUtc();
        else if (id == QLatin1String("import"))
            chooseLogs();
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
    addShortcuts();
}

void Console::addShortcuts()
{
    const auto add = [this](const QString &keys, auto slot) {
        auto *shortcut = new QShortcut(QKeySequence(keys), m_window.get());
        connect(shortcut, &QShortcut::activated, this, slot);
    };
    add(QStringLiteral("Ctrl+2"), [this] { m_window->setCurrent(QStringLiteral("users")); });
    add(QStringLiteral("Ctrl+3"), [this] { m_window->setCurrent(QStringLiteral("detections")); });
    add(QStringLiteral("Ctrl+I"), [this] { chooseLogs(); });
    add(QStringLiteral("Ctrl+O"), [this] { chooseDirectory(); });
    add(QStringLiteral("Ctrl+U"), [this] { toggleUtc(); });
    add(QStringLiteral("Ctrl+Z"), [this] {
        if (auto *page = qobject_cast<pages::ReportPage *>(m_window->currentPage()))
            page->undoLast();
    });
    add(QStringLiteral("Ctrl+Q"), [] { QApplication::quit(); });
}

void Console::start(const std::filesystem::path &directory, const QStringList &logs)
{
    m_waiting = logs;
    std::error_code ignored;
    const auto sample = dataFolder() / "sample.riskdesk";
    if (directory.empty() && logs.isEmpty()) {
        std::filesystem::exists(sample, ignored) ? open(sample) : firstRun();
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
        info.createdAt = SystemClock().now();
        if (auto made = store::createDirectory(file, info); made)
            open(file);
        else
            firstRun();
    }
}

void Console::open(const std::filesystem::path &file)
{
    // Opening for writing once brings an older file up to date and recovers one that was not closed in order.
    m_writer.run(
        tr("Opening %1").arg(QString::fromStdString(file.filename().string())), this,
        [file](std::stop_token stop, const ProgressSink &) -> Result<store::DirectoryInfo> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            // Time passed since it was last open.
            if (auto aged = action::ageLowDetections(directory->connection(), SystemClock(), stop); !aged)
                return tl::unexpected(aged.error());
            return directory->info();
        },
        [this, file](Result<store::DirectoryInfo> info) {
            if (!info) {
                auto *empty = new widgets::EmptyState(m_theme);
                empty->set(theme::Icon::ErrorMark, tr("The directory could not be opened"),
                           models::errorText(info.error()),
                           {{QStringLiteral("other"), tr("Open another directory")}});
                connect(empty, &widgets::EmptyState::chosen, this, &Console::chooseDirectory);
                m_window->setOverlay(empty);
                return;
            }
            m_context.file = file;
            m_context.readers = std::make_shared<jobs::Readers>(file);
            m_context.directoryName = models::text(info->name);
            m_context.sample = info->sample;
            m_context.trial = info->trial;
            m_window->setOverlay(nullptr);
            m_window->setDirectory(m_context.directoryName);
            m_window->topBar().setChip(info->sample  ? tr("Sample data")
                                       : info->trial ? tr("Trial")
                                                     : QString(),
                                       info->trial ? tr("In a trial directory detections do not run")
                                                   : QString());
            m_watcher = std::make_unique<jobs::StoreWatcher>(m_context.readers);
            connect(m_watcher.get(), &jobs::StoreWatcher::changed, this, &Console::storeChanged);
            m_users->reopen();
            m_detections->reopen();
            m_window->setCurrent(QStringLiteral("users"), QStringLiteral("allAtRisk"));
            m_window->facts().setFact(QStringLiteral("zone"), widgets::StatusBar::Side::Trailing,
                                      tr("Times: %1").arg(models::zoneName()),
                                      tr("Press to switch between local time and UTC (Ctrl+U)"));
            storeChanged();
            if (!m_waiting.isEmpty())
                importFiles(std::exchange(m_waiting, {}));
        });
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
        [file](std::stop_token stop, const ProgressSink &progress) {
            const SystemClock clock;
            run::SampleRequest request;
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
                m_window->facts().setFact(QStringLiteral("import"), widgets::StatusBar::Side::Trailing,
                                          models::errorText(summary.error()), {}, models::Tone::Bad);
        });
}

void Console::chooseLogs()
{
    const auto files = QFileDialog::getOpenFileNames(
        m_window.get(), tr("Import sign-in logs"), {},
        tr("Logs (*.json *.ndjson *.jsonl *.csv *.gz *.zip *.log);;All files (*)"));
    if (files.isEmpty())
        return;
    if (m_context.file.empty())
        start({}, files);
    else
        importFiles(files);
}

void Console::chooseDirectory()
{
    const auto file = QFileDialog::getOpenFileName(m_window.get(), tr("Open directory"),
                                                   QString::fromStdString(dataFolder().string()),
                                                   tr("Riskdesk directories (*.riskdesk)"));
    if (!file.isEmpty())
        open(file.toStdString());
}

void Console::importFiles(const QStringList &files)
{
    const auto title = files.size() == 1
                           ? tr("Importing %1").arg(QFileInfo(files.first()).fileName())
                           : tr("Importing %n file(s)", nullptr, static_cast<int>(files.size()));
    const bool started = m_writer.run(
        title, this,
        [file = m_context.file, files](std::stop_token stop,
                                       const ProgressSink &progress) -> Result<run::ImportSummary> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            std::vector<std::filesystem::path> paths;
            for (const auto &f : files)
                paths.emplace_back(f.toStdString());
            run::ImportOptions options;
            options.via = "console";
            return run::importFiles(*directory, paths, options, SystemClock(), stop, progress);
        },
        [this](Result<run::ImportSummary> summary) {
            auto &facts = m_window->facts();
            if (!summary) {
                facts.setFact(QStringLiteral("import"), widgets::StatusBar::Side::Trailing,
                              models::errorText(summary.error()), {}, models::Tone::Bad);
                return;
            }
            storeChanged();
            m_users->refresh();
            m_detections->refresh();
            if (!summary->notRead.empty())
                facts.setFact(QStringLiteral("import"), widgets::StatusBar::Side::Trailing,
                              models::errorText(summary->notRead.front()), {}, models::Tone::Bad);
            else if (summary->cancelled)
                facts.setFact(QStringLiteral("import"), widgets::StatusBar::Side::Trailing,
                              tr("Import cancelled; %1 sign-ins are kept, run it again to continue")
                                  .arg(models::count(static_cast<qint64>(summary->stored))),
                              {}, models::Tone::Notice);
        });
    if (!started)
        m_window->facts().setFact(QStringLiteral("import"), widgets::StatusBar::Side::Trailing,
                                  tr("Wait until \"%1\" is done").arg(m_writer.title()), {},
                                  models::Tone::Notice);
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
        [](store::Connection &db, std::stop_token stop) -> Result<std::vector<std::int64_t>> {
            auto now = query::referenceNow(db, SystemClock().now());
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
            m_window->facts().setFact(QStringLiteral("import"), widgets::StatusBar::Side::Trailing,
                                      tr("Last import %1, %2 stored, %3 rejected")
                                          .arg(models::shortTime(*health->lastImport),
                                               models::count(health->lastImported),
                                               models::count(health->lastRejected)),
                                      tr("Press to import sign-in logs (Ctrl+I)"),
                                      health->lastRejected > 0 ? models::Tone::Notice : models::Tone::Good);
        });
}

void Console::toggleUtc()
{
    models::setUtc(!models::isUtc());
    m_window->facts().setFact(QStringLiteral("zone"), widgets::StatusBar::Side::Trailing,
                              tr("Times: %1").arg(models::zoneName()),
                              tr("Press to switch between local time and UTC (Ctrl+U)"));
    m_users->retranslateTimes();
    m_detections->retranslateTimes();
}

} // namespace riskdesk

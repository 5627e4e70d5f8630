// Directories: which one is opened, made, lost and opened again.
#include "core/import/sample_run.h"
#include "core/ledger/ageing.h"
#include "core/replay/settle.h"
#include "core/store/schema.h"

#include "app/console.h"
#include "app/console_api.h"
#include "app/console_connections.h"
#include "app/console_digest.h"
#include "app/console_notifications.h"
#include "app/console_operators.h"
#include "app/console_settings.h"
#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/pages/acting.h"
#include "ui/pages/detections_page.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/rejects_page.h"
#include "ui/pages/risky_users_page.h"
#include "ui/pages/sign_ins_page.h"
#include "ui/widgets/controls/file_dialog.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

namespace riskdesk {
namespace {

struct Opened
{
    store::DirectoryInfo info;
    std::optional<Error> readOnly; // why it cannot be changed
    pages::Acting acting;          // the desktop account, as this directory knows it
    bool isUnsettled = false;      // an earlier run was stopped before all was examined
};

Result<Opened> openUnchangeable(const std::filesystem::path &file, const Error &why, const Clock &clock)
{
    auto reader = store::openForReading(file);
    if (!reader)
        return tl::unexpected(reader.error().code == Code::Io ? why : reader.error());
    auto info = store::directoryInfo(*reader);
    if (!info)
        return tl::unexpected(info.error());
    auto acting = pages::readActing(*reader, clock, {});
    if (!acting) // of before there were operators
        acting = pages::Acting{action::Operator{}, {}};
    return Opened{std::move(*info), why, std::move(*acting)};
}

} // namespace

std::filesystem::path Console::dataFolder()
{
    const auto folder =
        QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/riskdesk");
    QDir().mkpath(folder);
    return folder.toStdString();
}

void Console::setSampleSize(unsigned users, unsigned days)
{
    m_sample.users = users;
    m_sample.days = days;
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

void Console::newDirectory()
{
    using widgets::FileQuestion;
    auto file = widgets::FileDialog::ask(m_window.get(), {FileQuestion::Kind::Create, tr("New directory"),
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
                return openUnchangeable(file, directory.error(), clock);
            if (!directory)
                return tl::unexpected(directory.error());
            // Time passed since it was last open.
            if (auto aged = ledger::ageLowDetections(directory->connection(), clock, stop); !aged)
                return tl::unexpected(aged.error());
            const auto unsettled = run::unsettledFrom(directory->connection());
            auto acting = pages::readActing(directory->connection(), clock, {});
            if (!unsettled || !acting)
                return tl::unexpected(!unsettled ? unsettled.error() : acting.error());
            return Opened{directory->info(),
                          {},
                          std::move(*acting),
                          unsettled->has_value() && !directory->info().trial};
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
                                 "risk. \"riskdeskctl convert\" makes it one for production and judges the "
                                 "sign-ins that are stored.")
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
            m_operators->setUnchangeable(opened->readOnly ? models::errorText(*opened->readOnly) : QString());
            m_operators->opened(opened->acting);
            m_settingsOf->closed(); // those of the last one
            m_window->topBar().setChip(opened->readOnly ? tr("Read-only")
                                       : info->sample   ? tr("Sample data")
                                       : info->trial    ? tr("Trial")
                                                        : QString(),
                                       opened->readOnly ? m_context.refusal : m_context.notJudged);
            if (opened->readOnly)
                tell(
                    widgets::MessageBar::Kind::Warning,
                    tr("%1 It is open read-only; decisions and imports are refused.").arg(m_context.refusal));
            else
                offerSignIn();
            m_watcher = std::make_unique<jobs::StoreWatcher>(m_context.readers);
            connect(m_watcher.get(), &jobs::StoreWatcher::changed, this, &Console::follow);
            connect(m_watcher.get(), &jobs::StoreWatcher::lost, this, &Console::lost);
            m_overview->reopen();
            for (auto *page : m_reports)
                page->reopen();
            m_window->setCurrent(QStringLiteral("users"));
            m_users->focusContent();
            if (m_notifications)
                m_notifications->opened();
            storeChanged();
            m_api->opened();
            m_connections->opened();
            m_digest->opened();
            if (!m_waiting.isEmpty())
                importFiles(std::exchange(m_waiting, {}), m_reading); // settles too
            else if (opened->isUnsettled && m_context.refusal.isEmpty())
                settle();
        });
}

// What is shown was true when it was read; it cannot be acted upon, since what lies there now is another
// file.
void Console::lost(const Error &error)
{
    m_operators->setUnchangeable(models::errorText(error));
    m_api->close({});
    m_connections->close({});
    m_settingsOf->closed();
    tell(widgets::MessageBar::Kind::Error, m_context.refusal, tr("Open again"), [this] { openAgain(); });
}

void Console::openAgain()
{
    m_watcher.reset();
    m_context.readers->letGo();
    // Their connections belong to the file that was there.
    m_connections->close([this] { m_api->close([this] { openWhatIsThere(); }); });
}

void Console::openWhatIsThere()
{
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

void Console::offerSignIn()
{
    if (m_context.who)
        return;
    m_offered = m_context.refusal;
    if (m_operators->canSignIn())
        tell(widgets::MessageBar::Kind::Info, m_context.refusal, tr("Sign in as…"),
             [this] { m_operators->signIn(); });
    else
        tell(widgets::MessageBar::Kind::Info, m_context.refusal);
}

// Asked for on the page of a lock, so what lies behind it is gone before anything is shown.
void Console::closeDirectory()
{
    if (m_writer.isBusy()) {
        m_operators->stayLocked(tr("Wait until \"%1\" is done.").arg(m_writer.title()));
        return;
    }
    m_watcher.reset();
    m_context.readers->letGo();
    m_api->close({});
    m_connections->close({});
    m_settingsOf->closed();
    m_context.file.clear();
    m_context.directoryName.clear();
    m_context.decided.clear();
    m_context.takenBack.clear();
    m_window->message().hide();
    m_window->topBar().setChip({});
    m_window->setDirectory({});
    firstRun();
    m_overview->reopen();
    for (auto *page : m_reports)
        page->reopen();
    for (const char *fact : {"notice", "settled", "import"})
        m_window->facts().setFact(QLatin1String(fact), widgets::StatusBar::Side::Trailing, {});
    m_lastRejects = 0;
    m_operators->setUnchangeable({});
    m_operators->closed();
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

} // namespace riskdesk

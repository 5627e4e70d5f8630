// Imports: logs chosen or dropped, read in the background, and what is said of them afterwards.
#include "core/import/import_run.h"
#include "core/import/undo_import.h"
#include "core/query/counts.h"
#include "core/replay/settle.h"

#include "app/console.h"
#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/models/why_text.h"
#include "ui/pages/acting.h"
#include "ui/pages/decisions.h"
#include "ui/pages/reading_options.h"
#include "ui/pages/rejects_page.h"
#include "ui/widgets/controls/file_dialog.h"
#include "ui/widgets/controls/popover.h"
#include "ui/widgets/frame/top_bar.h"

#include <QDateTime>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QGridLayout>
#include <QMenu>

namespace riskdesk {

void Console::take(const QStringList &files, const pages::ReadingRules &rules)
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
    m_reading = rules;
    if (m_context.file.empty())
        start({}, logs);
    else
        importFiles(logs, m_reading);
}

QString Console::whyNoImport() const
{
    return m_context.file.empty() ? tr("No directory is open.")
                                  : pages::permissionRefusal(m_context, action::Permission::Import);
}

void Console::chooseLogs()
{
    // Where no directory is open they are taken to a new one. Who may not import need not look for files first.
    if (const auto why = whyNoImport(); !m_context.file.empty() && !why.isEmpty())
        return tell(widgets::MessageBar::Kind::Error, why);
    auto rules = m_chosenReading;
    const auto beneath = [this, &rules](QDialog &dialog, QGridLayout &layout, int row) {
        const int ownZone = QDateTime::currentDateTime().offsetFromUtc() / 60;
        auto *options = new pages::ReadingOptions(m_theme, rules, ownZone, &dialog);
        layout.addWidget(options, row, 0, 1, -1);
        connect(&dialog, &QDialog::accepted, options, [options, &rules] { rules = options->rules(); });
    };
    const auto files = widgets::FileDialog::ask(
        m_window.get(), {widgets::FileQuestion::Kind::OpenMany,
                         tr("Import sign-in logs"),
                         m_logFolder,
                         tr("Logs (*.json *.ndjson *.jsonl *.csv *.gz *.zip *.log);;All files (*)"),
                         {},
                         {},
                         beneath});
    if (files.isEmpty())
        return;
    m_logFolder = QFileInfo(files.first()).absolutePath();
    m_chosenReading = rules;
    take(files, rules);
}

void Console::importFiles(const QStringList &files, const pages::ReadingRules &rules)
{
    if (const auto why = whyNoImport(); !why.isEmpty())
        return tell(widgets::MessageBar::Kind::Error, why);
    const auto title = files.size() == 1
                           ? tr("Importing %1").arg(QFileInfo(files.first()).fileName())
                           : tr("Importing %Ln file(s)", nullptr, static_cast<int>(files.size()));
    const bool started = m_writer.run(
        title, this,
        [file = m_context.file, files, rules, as = m_context.signedIn,
         &clock = m_clock](std::stop_token stop, const ProgressSink &progress) -> Result<run::ImportSummary> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            std::vector<std::filesystem::path> paths;
            for (const auto &f : files)
                paths.emplace_back(QFile::encodeName(f).toStdString());
            run::ImportOptions options;
            auto who = pages::whoActs(directory->connection(), clock, as);
            if (!who)
                return tl::unexpected(who.error());
            options.who = std::move(*who);
            options.dates = rules.dates;
            options.zoneMinutes = rules.zoneMinutes;
            return run::importFiles(*directory, paths, options, clock, stop, progress);
        },
        [this, files, rules](Result<run::ImportSummary> summary) {
            storeChanged();
            refreshReports(nullptr);
            if (summary)
                tellImport(files, rules, *summary);
            else
                tell(widgets::MessageBar::Kind::Error, models::errorText(summary.error()));
        });
    if (!started)
        tell(widgets::MessageBar::Kind::Info, tr("Wait until \"%1\" is done.").arg(m_writer.title()));
    else
        m_window->message().hide();
}

// The question names what it is about, so that is looked up first.
void Console::askUndoImport()
{
    if (const auto why = whyNoImport(); !why.isEmpty())
        return tell(widgets::MessageBar::Kind::Error, why);
    if (!m_context.readers)
        return;
    m_undoable = m_context.readers->ask(
        this, m_undoable, [](store::Connection &db, std::stop_token) { return run::importToUndo(db); },
        [this](Result<run::ImportToUndo> found) {
            if (!found)
                return tell(widgets::MessageBar::Kind::Info,
                            found.error().code == Code::NotFound
                                ? tr("No import that is stored here brought sign-ins.")
                                : models::errorText(found.error()));
            QStringList files;
            for (const auto &file : found->files)
                files << models::shown(file);
            const auto from = files.size() == 1 ? files.first()
                                                : tr("%Ln file(s)", nullptr, static_cast<int>(files.size()));
            widgets::confirmDanger(
                m_theme, m_window.get(), m_window->topBar().directoryButton(),
                tr("Undo the import of %1").arg(models::shortTime(found->startedAt)),
                tr("%1 sign-in(s) of %2 are taken out, with what was found in them. The others are examined "
                   "again without them. To have them back, import the logs again.",
                   nullptr, static_cast<int>(found->signIns))
                    .arg(models::count(static_cast<qint64>(found->signIns)), from),
                tr("Take out"), [this, run = found->run] { undoImport(run); });
        });
}

void Console::undoImport(std::int64_t run)
{
    const bool started = m_writer.run(
        tr("Undoing an import"), this,
        [file = m_context.file, run, as = m_context.signedIn,
         &clock = m_clock](std::stop_token stop, const ProgressSink &progress) -> Result<run::UndoneImport> {
            auto directory = run::Directory::open(file);
            if (!directory)
                return tl::unexpected(directory.error());
            const auto who = pages::whoActs(directory->connection(), clock, as);
            if (!who)
                return tl::unexpected(who.error());
            return run::undoImport(*directory, run, *who, clock, stop, progress);
        },
        [this](Result<run::UndoneImport> undone) {
            storeChanged();
            refreshReports(nullptr);
            if (!undone)
                return tell(widgets::MessageBar::Kind::Error, models::errorText(undone.error()));
            QStringList words{
                tr("%1 sign-in(s) taken out again.", nullptr, static_cast<int>(undone->import.signIns))
                    .arg(models::count(static_cast<qint64>(undone->import.signIns)))};
            if (undone->settled.withdrawn > 0)
                words << tr("%Ln detection(s) withdrawn with them.", nullptr,
                            static_cast<int>(undone->settled.withdrawn));
            if (undone->settled.detections > 0)
                words << tr("%Ln new detection(s).", nullptr, static_cast<int>(undone->settled.detections));
            tell(widgets::MessageBar::Kind::Info, words.join(u' '));
        });
    if (!started)
        tell(widgets::MessageBar::Kind::Info, tr("Wait until \"%1\" is done.").arg(m_writer.title()));
    else
        m_window->message().hide();
}

void Console::settle()
{
    if (!m_context.refusal.isEmpty())
        return tell(widgets::MessageBar::Kind::Error, m_context.refusal);
    const bool started = m_writer.run(
        tr("Examining again what came out of order"), this,
        [file = m_context.file, &clock = m_clock](std::stop_token stop, const ProgressSink &progress) {
            auto directory = run::Directory::open(file);
            return directory ? run::settle(*directory, clock, stop, progress)
                             : Result<run::SettleSummary>(tl::unexpected(directory.error()));
        },
        [this](Result<run::SettleSummary> done) {
            storeChanged();
            refreshReports(nullptr);
            if (!done && done.error().code != Code::Cancelled)
                tell(widgets::MessageBar::Kind::Error, models::errorText(done.error()));
            else if (done && done->detections + done->withdrawn > 0)
                tell(widgets::MessageBar::Kind::Info, whatCameOfIt(done->detections, done->withdrawn));
        });
    if (!started)
        tell(widgets::MessageBar::Kind::Info, tr("Wait until \"%1\" is done.").arg(m_writer.title()));
}

// "3 new detections. 1 detection withdrawn: …"
QString Console::whatCameOfIt(std::uint64_t detections, std::uint64_t withdrawn)
{
    QStringList words;
    if (detections > 0)
        words << tr("%Ln new detection(s).", nullptr, static_cast<int>(detections));
    if (withdrawn > 0)
        words << tr("%Ln detection(s) withdrawn: what came now speaks against it.", nullptr,
                    static_cast<int>(withdrawn));
    return words.join(u' ');
}

void Console::tellImport(const QStringList &files, const pages::ReadingRules &rules,
                         const run::ImportSummary &summary)
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
                                            : tr("%Ln file(s)", nullptr, static_cast<int>(files.size())),
                          number(summary.stored), number(summary.duplicates), number(summary.rejected));
    if (summary.notSignIns > 0)
        words << tr("%1 records are no sign-ins.").arg(number(summary.notSignIns));
    if (const auto came = whatCameOfIt(summary.detections, summary.withdrawn); !came.isEmpty())
        words << came;
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
        tell(kind, text, tr("Say which"),
             [this, files, zone = rules.zoneMinutes, run = summary.run] { askDateOrder(files, zone, run); });
    else if (summary.rejected > 0)
        tell(kind, text, tr("Rejected rows"), [this, run = summary.run] { showRejects(run); });
    else
        tell(kind, text, summary.detections > 0 ? tr("See detections") : QString());
}

// What is stored already is known again, so the whole files are read once more.
void Console::askDateOrder(const QStringList &files, int zoneMinutes, std::int64_t run)
{
    auto *menu = new QMenu(m_window.get());
    menu->setAttribute(Qt::WA_DeleteOnClose);
    pages::RejectsPage::offerDates(*menu, this, [this, files, zoneMinutes](ingest::DateOrder dates) {
        importFiles(files, {dates, zoneMinutes});
    });
    menu->addSeparator();
    connect(menu->addAction(tr("Look at the rejected rows")), &QAction::triggered, this,
            [this, run] { showRejects(run); });
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

void Console::showImportFact()
{
    if (!m_context.readers)
        return;
    m_health = m_context.readers->ask(
        this, m_health, [](store::Connection &db, std::stop_token) { return query::dataHealth(db); },
        [this](Result<query::DataHealth> health) {
            if (!health || !health->lastImport)
                return;
            const auto &crowd = health->crowdedAddress;
            m_window->facts().setFact(QStringLiteral("notice"), widgets::StatusBar::Side::Trailing,
                                      crowd ? tr("Data in doubt") : QString(),
                                      crowd ? models::doubt(*crowd) : QString(), models::Tone::Notice);
            m_window->facts().setFact(
                QStringLiteral("settled"), widgets::StatusBar::Side::Trailing,
                health->unsettledFrom ? tr("Settled up to %1").arg(models::shortTime(*health->unsettledFrom))
                                      : QString(),
                tr("Sign-ins came out of order and were not examined yet. Press to examine them again with "
                   "what "
                   "follows them."),
                models::Tone::Notice);
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

} // namespace riskdesk

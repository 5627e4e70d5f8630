// Console: the one place where the window, its pages and an open directory are made and joined.
//
// It opens or makes directories, runs imports in the background, keeps the counts of the navigation fresh,
// and owns the shortcuts that hold everywhere. GUI thread.
//
// console.cpp makes and joins the parts; console_directory.cpp, console_import.cpp and console_commands.cpp
// do what their names say.
#pragma once

#include "core/base/clock.h"
#include "core/import/import_run.h"
#include "core/import/sample_run.h"
#include "core/query/report.h"

#include "ui/jobs/store_watcher.h"
#include "ui/pages/context.h"
#include "ui/pages/reading_options.h"
#include "ui/window/main_window.h"

#include <QDBusConnection>
#include <QObject>
#include <QSettings>
#include <QStringList>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace riskdesk::pages {
class AuditPage;
class DetectionsPage;
class GoTo;
class OverviewPage;
class RejectsPage;
class ReportPage;
class RiskyUsersPage;
class SignInsPage;
} // namespace riskdesk::pages

namespace riskdesk {

class ConsoleApi;
class ConsoleConnections;
class ConsoleOperators;
class ConsoleDigest;
class ConsoleNotifications;
class ConsoleSettings;

class Console : public QObject
{
    Q_OBJECT
public:
    // What the person arranged is kept in $XDG_CONFIG_HOME/riskdesk/console.ini.
    explicit Console(theme::Theme &theme, const Clock &clock);
    ~Console() override;

    // Opens the directory; makes it when it does not exist (a sample when `logs` is empty and the name says
    // so), then imports the logs. Without a directory the last one is opened, or the first-run screen shown.
    void start(const std::filesystem::path &directory, const QStringList &logs);
    // Into the open directory, in the background; without one it is made, named after the first log. A
    // directory file among them is opened instead.
    void take(const QStringList &files, const pages::ReadingRules &rules = {});
    void restoreTheme(); // the one chosen last
    // Of the sample that the first-run screen makes.
    void setSampleSize(unsigned users, unsigned days);
    // From now on the desktop is told who reaches a level of risk, over this bus; asked when there is something to tell.
    void tellDesktop(std::function<QDBusConnection()> bus,
                     std::chrono::milliseconds folded = std::chrono::seconds(5));
    [[nodiscard]] window::MainWindow &window() { return *m_window; }
    [[nodiscard]] static std::filesystem::path dataFolder(); // $XDG_DATA_HOME/riskdesk

private:
    [[nodiscard]] static QString sectionOf(query::Report report); // the page that shows it
    void open(const std::filesystem::path &file);
    void makeSample(const std::filesystem::path &file);
    void importFiles(const QStringList &files, const pages::ReadingRules &rules);
    void tellImport(const QStringList &files, const pages::ReadingRules &rules,
                    const run::ImportSummary &summary);
    void askUndoImport(); // of the newest one
    void undoImport(std::int64_t run);
    void settle(); // what came out of order and was not examined yet
    [[nodiscard]] static QString whatCameOfIt(std::uint64_t detections, std::uint64_t withdrawn);
    void askDateOrder(const QStringList &files, int zoneMinutes, std::int64_t run);
    void directoryMenu(QWidget *opener);
    void operatorMenu(QWidget *opener);
    // `then`: what the action does; without one it leads to the detections.
    void tell(widgets::MessageBar::Kind kind, const QString &text, const QString &action = {},
              std::function<void()> then = {});
    void lost(const Error &error); // the open file is not there any more
    void openAgain();
    void openWhatIsThere();
    void closeDirectory();
    void offerSignIn(); // where the desktop account is no operator
    void newDirectory();
    void chooseLogs();
    [[nodiscard]] QString whyNoImport() const; // into the directory that is open; empty: it may be
    void chooseDirectory();
    void firstRun();
    void countViews();
    void storeChanged();
    void follow();
    void showRejects(std::int64_t run); // the rows of one import that could not be read
    void refreshReports(const pages::ReportPage *but);
    void showImportFact();
    void showZone();
    void toggleUtc();
    void showUser(std::int64_t user);
    void showUsers(const QString &filter);
    void makeDigest();
    void addShortcuts();
    void goTo();

    theme::Theme &m_theme;
    const Clock &m_clock;
    QSettings m_settings;
    run::SampleRequest m_sample;
    jobs::Writer m_writer;
    pages::Context m_context;
    std::unique_ptr<window::MainWindow> m_window;
    std::unique_ptr<jobs::StoreWatcher> m_watcher;
    std::unique_ptr<ConsoleApi> m_api;
    std::unique_ptr<ConsoleConnections> m_connections;
    std::unique_ptr<ConsoleOperators> m_operators;
    std::unique_ptr<ConsoleDigest> m_digest;
    std::unique_ptr<ConsoleSettings> m_settingsOf; // of the open directory
    std::unique_ptr<ConsoleNotifications> m_notifications; // null: the desktop is not told
    pages::GoTo *m_goTo = nullptr;
    pages::OverviewPage *m_overview = nullptr;
    pages::RiskyUsersPage *m_users = nullptr;
    pages::DetectionsPage *m_detections = nullptr;
    pages::SignInsPage *m_signIns = nullptr;
    pages::RejectsPage *m_rejects = nullptr;
    pages::AuditPage *m_audit = nullptr;
    std::int64_t m_lastRejects = 0;             // the last import, when it rejected something
    std::vector<pages::ReportPage *> m_reports; // all of them
    jobs::Ticket m_counts, m_health, m_undoable;
    QString m_offered; // signing in, with these words
    std::function<void()> m_messageAction;
    QString m_logFolder;                 // of the logs chosen last
    pages::ReadingRules m_chosenReading; // with them
    pages::ReadingRules m_reading;       // of the newest import
    QStringList m_waiting;               // logs to import once the directory is there
};

} // namespace riskdesk

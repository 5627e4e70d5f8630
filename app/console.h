// Console: the one place where the window, its pages and an open directory are made and joined.
//
// It opens or makes directories, runs imports in the background, keeps the counts of the navigation fresh,
// and owns the shortcuts that hold everywhere. GUI thread.
#pragma once

#include "ui/jobs/store_watcher.h"
#include "ui/pages/context.h"
#include "ui/window/main_window.h"

#include <QObject>
#include <QStringList>

#include <filesystem>
#include <memory>

namespace riskdesk::pages {
class DetectionsPage;
class RiskyUsersPage;
} // namespace riskdesk::pages

namespace riskdesk {

class Console : public QObject
{
    Q_OBJECT
public:
    explicit Console(theme::Theme &theme);

    // Opens the directory; makes it when it does not exist (a sample when `logs` is empty and the name says
    // so), then imports the logs. Without a directory the first-run screen is shown.
    void start(const std::filesystem::path &directory, const QStringList &logs);
    [[nodiscard]] window::MainWindow &window() { return *m_window; }
    [[nodiscard]] static std::filesystem::path dataFolder(); // $XDG_DATA_HOME/riskdesk

private:
    void open(const std::filesystem::path &file);
    void makeSample(const std::filesystem::path &file);
    void importFiles(const QStringList &files);
    void chooseLogs();
    void chooseDirectory();
    void firstRun();
    void countViews();
    void storeChanged();
    void showImportFact();
    void toggleUtc();
    void addShortcuts();

    theme::Theme &m_theme;
    jobs::Writer m_writer;
    pages::Context m_context;
    std::unique_ptr<window::MainWindow> m_window;
    std::unique_ptr<jobs::StoreWatcher> m_watcher;
    pages::RiskyUsersPage *m_users = nullptr;
    pages::DetectionsPage *m_detections = nullptr;
    jobs::Ticket m_counts, m_health;
    QStringList m_waiting; // logs to import once the directory is there
};

} // namespace riskdesk

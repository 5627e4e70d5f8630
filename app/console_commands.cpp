// What holds everywhere: shortcuts, the menus of the top bar, "Go to", theme and zone.
#include "core/query/counts.h"

#include "app/console.h"
#include "app/console_api.h"
#include "app/console_connections.h"
#include "app/console_digest.h"
#include "app/console_notifications.h"
#include "app/console_operators.h"
#include "app/console_settings.h"
#include "ui/models/format.h"
#include "ui/pages/audit_page.h"
#include "ui/pages/detections_page.h"
#include "ui/pages/go_to.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/rejects_page.h"
#include "ui/pages/risky_users_page.h"
#include "ui/pages/sign_ins_page.h"
#include "ui/widgets/controls/messages.h"

#include <QApplication>
#include <QMenu>
#include <QShortcut>

namespace riskdesk {

void Console::restoreTheme()
{
    const auto last = m_settings.value(QStringLiteral("theme")).toString();
    if (!last.isEmpty())
        m_theme.setMode(last == QLatin1String("dark") ? theme::Theme::Mode::Dark : theme::Theme::Mode::Light);
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
    add(QStringLiteral("Ctrl+6"), [this] { m_window->setCurrent(QStringLiteral("audit")); });
    add(QStringLiteral("Ctrl+I"), [this] { chooseLogs(); });
    add(QStringLiteral("Ctrl+O"), [this] { chooseDirectory(); });
    add(QStringLiteral("Ctrl+U"), [this] { toggleUtc(); });
    add(QStringLiteral("Ctrl+,"), [this] { m_settingsOf->show(); });
    add(QStringLiteral("Ctrl+Z"), [this] {
        if (auto *page = qobject_cast<pages::ReportPage *>(m_window->currentPage()))
            page->undoLast();
    });
    add(QStringLiteral("Ctrl+Shift+Z"), [this] {
        if (auto *page = qobject_cast<pages::ReportPage *>(m_window->currentPage()))
            page->redoLast();
    });
    add(QStringLiteral("Ctrl+Shift+K"), [this] { m_operators->lock(); });
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
    const std::pair<Icon, window::Page *> pages[] = {
        {Icon::Overview, m_overview}, {Icon::Users, m_users},     {Icon::Detections, m_detections},
        {Icon::Signins, m_signIns},   {Icon::Warning, m_rejects}, {Icon::Audit, m_audit}};
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
    if (m_context.file.empty() || whyNoImport().isEmpty())
        command(Icon::Import, tr("Import sign-in logs"), QStringLiteral("Ctrl+I"), [this] { chooseLogs(); });
    if (whyNoImport().isEmpty())
        command(Icon::Undo, tr("Undo the newest import"), {}, [this] { askUndoImport(); });
    command(Icon::Folder, tr("Open a directory"), QStringLiteral("Ctrl+O"), [this] { chooseDirectory(); });
    command(Icon::Database, tr("New directory"), {}, [this] { newDirectory(); });
    command(Icon::Key, tr("API and tokens"), {}, [this] { m_api->show(); });
    command(Icon::Calendar, tr("Weekly digest"), {}, [this] { m_digest->show(); });
    command(Icon::Link, tr("Connections"), {}, [this] { m_connections->show(); });
    command(Icon::Settings, tr("Settings"), QStringLiteral("Ctrl+,"), [this] { m_settingsOf->show(); });
    command(Icon::Link, tr("Requests to the provider"), {}, [this] { m_connections->showRequests(); });
    for (const auto &one : m_operators->commands())
        if (one.refused.isEmpty())
            command(one.icon, QString(one.text).remove(QChar(0x2026)), one.shortcut,
                    [this, id = one.id] { m_operators->run(id); });
    command(Icon::Clock, tr("Switch between UTC and local time"), QStringLiteral("Ctrl+U"),
            [this] { toggleUtc(); });
    command(Icon::Moon, tr("Switch between light and dark"), QStringLiteral("Ctrl+Shift+T"),
            [this] { m_window->toggleTheme(); });
    command(Icon::Help, tr("Keyboard shortcuts"), QStringLiteral("F1"),
            [this] { m_window->showShortcuts(); });
    m_goTo->open(m_window->topBar().goToButton(), known);
}

void Console::directoryMenu(QWidget *opener)
{
    auto *menu = widgets::freshMenu(opener, QStringLiteral("directoryMenu"));
    widgets::fillMenu(
        menu, m_theme,
        {{QStringLiteral("import"), theme::Icon::Import, tr("Import sign-in logs"), QStringLiteral("Ctrl+I"),
          whyNoImport(), false},
         {QStringLiteral("undoImport"),
          theme::Icon::Undo,
          tr("Undo the newest import…"),
          {},
          whyNoImport(),
          false},
         {QStringLiteral("open"),
          theme::Icon::Folder,
          tr("Open another directory"),
          QStringLiteral("Ctrl+O"),
          {},
          false},
         {QStringLiteral("new"), theme::Icon::Plus, tr("New directory"), {}, {}, false},
         {QStringLiteral("sample"), theme::Icon::Flask, tr("Open the sample directory"), {}, {}, false},
         {QStringLiteral("api"),
          theme::Icon::Key,
          tr("API and tokens…"),
          {},
          m_context.file.empty() ? tr("No directory is open.") : QString(),
          false},
         {QStringLiteral("digest"),
          theme::Icon::Calendar,
          tr("Weekly digest…"),
          {},
          m_context.file.empty() ? tr("No directory is open.") : QString(),
          false},
         {QStringLiteral("connections"),
          theme::Icon::Link,
          tr("Connections…"),
          {},
          m_context.file.empty() ? tr("No directory is open.") : QString(),
          false},
         {QStringLiteral("settings"), theme::Icon::Settings, tr("Settings…"), QStringLiteral("Ctrl+,"),
          m_context.file.empty() ? tr("No directory is open.") : QString(), false}},
        [this](const QString &id) {
            if (id == QLatin1String("import"))
                chooseLogs();
            else if (id == QLatin1String("undoImport"))
                askUndoImport();
            else if (id == QLatin1String("open"))
                chooseDirectory();
            else if (id == QLatin1String("new"))
                newDirectory();
            else if (id == QLatin1String("api"))
                m_api->show();
            else if (id == QLatin1String("digest"))
                m_digest->show();
            else if (id == QLatin1String("connections"))
                m_connections->show();
            else if (id == QLatin1String("settings"))
                m_settingsOf->show();
            else
                start(dataFolder() / "sample.riskdesk", {});
        });
    menu->popup(opener->mapToGlobal(QPoint(0, opener->height() + 4)));
}

void Console::operatorMenu(QWidget *opener)
{
    auto *menu = widgets::freshMenu(opener, QStringLiteral("operatorMenu"));
    auto commands = m_operators->commands();
    commands << widgets::Command{{}, {}, {}, {}, {}, true}
             << widgets::Command{QStringLiteral("theme"),
                                 m_theme.isDark() ? theme::Icon::Sun : theme::Icon::Moon,
                                 m_theme.isDark() ? tr("Light theme") : tr("Dark theme"),
                                 QStringLiteral("Ctrl+Shift+T"),
                                 {},
                                 false}
             << widgets::Command{QStringLiteral("zone"),
                                 theme::Icon::Clock,
                                 models::isUtc() ? tr("Local time") : tr("Times in UTC"),
                                 QStringLiteral("Ctrl+U"),
                                 {},
                                 false}
             << widgets::Command{QStringLiteral("keys"),
                                 theme::Icon::Help,
                                 tr("Keyboard shortcuts"),
                                 QStringLiteral("Ctrl+/"),
                                 {},
                                 false};
    widgets::fillMenu(menu, m_theme, commands, [this](const QString &id) {
        if (id == QLatin1String("theme"))
            m_window->toggleTheme();
        else if (id == QLatin1String("zone"))
            toggleUtc();
        else if (id == QLatin1String("keys"))
            m_window->showShortcuts();
        else
            m_operators->run(id);
    });
    const QSize size = menu->sizeHint();
    menu->popup(opener->mapToGlobal(QPoint(opener->width() - size.width(), opener->height() + 4)));
}

void Console::tellDesktop(std::function<QDBusConnection()> bus, std::chrono::milliseconds folded)
{
    m_notifications = std::make_unique<ConsoleNotifications>(m_context, std::move(bus), folded,
                                                             [this] { return m_window->isLocked(); });
    m_notifications->setParent(this);
    const auto comeUp = [this] {
        m_window->setWindowState(m_window->windowState() & ~Qt::WindowMinimized);
        m_window->show();
        m_window->raise();
        m_window->activateWindow();
    };
    connect(m_notifications.get(), &ConsoleNotifications::userAsked, this, [this, comeUp](std::int64_t user) {
        comeUp();
        showUser(user);
    });
    connect(m_notifications.get(), &ConsoleNotifications::listAsked, this,
            [this, comeUp](const QString &filter) {
                comeUp();
                showUsers(filter);
            });
    connect(m_notifications.get(), &ConsoleNotifications::untold, this,
            [this](const QString &sentence, std::int64_t user, const QString &filter) {
                tell(widgets::MessageBar::Kind::Info, sentence, tr("Show"),
                     [this, user, filter] { user != 0 ? showUser(user) : showUsers(filter); });
            });
    if (m_context.readers)
        m_notifications->opened();
}

void Console::makeDigest()
{
    m_digest = std::make_unique<ConsoleDigest>(m_context, *m_window);
    connect(m_digest.get(), &ConsoleDigest::listAsked, this,
            [this](const QString &section, const QString &filter) {
                auto *page = qobject_cast<pages::ReportPage *>(m_window->page(section));
                if (page == nullptr)
                    return;
                m_window->setCurrent(section);
                page->showFiltered(filter, {});
                m_window->activateWindow();
                page->focusContent();
            });
    connect(m_digest.get(), &ConsoleDigest::failed, this, [this](const QString &sentence) {
        tell(widgets::MessageBar::Kind::Error, sentence, tr("Look"), [this] { m_digest->show(); });
    });
}

void Console::showUser(std::int64_t user)
{
    m_window->setCurrent(QStringLiteral("users"));
    m_users->openRow(user);
    m_users->focusContent();
}

void Console::showUsers(const QString &filter)
{
    m_window->setCurrent(QStringLiteral("users"));
    m_users->showFiltered(filter, {});
    m_users->focusContent();
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
    m_digest->showZone();
    m_overview->refresh();
    for (auto *page : m_reports)
        page->retranslateTimes();
}

} // namespace riskdesk

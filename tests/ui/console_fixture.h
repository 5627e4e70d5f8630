// ConsoleFixture: the real console on a real directory file, driven as a person drives it. Clicks and keys go
// through the window system (offscreen), so that what is covered, hidden or without focus is not reached;
// what came of it is read from the file by SQL of the test's own, never through the models that are tested.
#pragma once

#include "core/demo/sample.h"
#include "core/import/sample_run.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "app/console.h"
#include "ui/models/format.h"
#include "ui/models/list_model.h"
#include "ui/pages/report_page.h"
#include "ui/widgets/controls/filter_pill.h"
#include "ui/widgets/controls/popover.h"
#include "ui/widgets/controls/search_box.h"
#include "ui/widgets/frame/details_pane.h"
#include "ui/widgets/table/table_view.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QHeaderView>
#include <QListView>
#include <QMenu>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <QWindow>

#include <cstdio>
#include <stdexcept>

namespace riskdesk::test {

inline QString s(const char *text)
{
    return QString::fromUtf8(text);
}

// A Wednesday afternoon; no case may depend on the day it runs on.
inline const FixedClock fixtureClock{Timestamp::fromCivil(2026, 3, 18, 14, 26)};

// A home of its own for settings and directories, and one small sample that every case copies.
class Home
{
public:
    explicit Home(unsigned users = 400)
    {
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder.path() + QStringLiteral("/data")));
        qputenv("XDG_CONFIG_HOME", QFile::encodeName(m_folder.path() + QStringLiteral("/config")));
        run::SampleRequest request;
        request.users = users;
        request.days = 40;
        request.end = fixtureClock.now();
        const auto made = run::makeSample(seed(), request, fixtureClock);
        if (!made)
            throw std::runtime_error(made.error().subject + ": " + made.error().detail);
    }
    // Nothing arranged, nothing there.
    void clear() const
    {
        for (const char *part : {"/data", "/config", "/work"})
            QDir(m_folder.path() + QLatin1String(part)).removeRecursively();
        QDir().mkpath(m_folder.path() + QStringLiteral("/work"));
    }
    [[nodiscard]] std::filesystem::path copy() const
    {
        const auto file = path("copy.riskdesk");
        std::filesystem::copy_file(seed(), file, std::filesystem::copy_options::overwrite_existing);
        return file;
    }
    [[nodiscard]] std::filesystem::path path(const char *name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / "work" / name;
    }
    // Sign-ins of people unknown to the sample.
    [[nodiscard]] QString log(const char *name, unsigned users, unsigned days, unsigned seedOf = 77) const
    {
        demo::SampleOptions options;
        options.users = users;
        options.days = days;
        options.seed = seedOf;
        options.end = fixtureClock.now();
        const auto file = path(name);
        std::FILE *out = std::fopen(file.c_str(), "we");
        demo::Sample sample(options);
        sample.writeSignIns([out](std::string_view line) { std::fwrite(line.data(), 1, line.size(), out); });
        std::fclose(out);
        return QString::fromStdString(file.string());
    }

private:
    [[nodiscard]] std::filesystem::path seed() const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / "seed.riskdesk";
    }
    QTemporaryDir m_folder;
};

class ConsoleFixture
{
public:
    explicit ConsoleFixture(theme::Theme &theme, std::filesystem::path file = {},
                            const Clock &clock = fixtureClock)
        : console(theme, clock)
        , window(console.window())
        , m_file(std::move(file))
    {
        models::setClock(fixtureClock);
        window.resize(1440, 900);
        window.show();
        window.activateWindow();
        if (!QTest::qWaitForWindowActive(&window))
            throw std::runtime_error("the window does not become active");
        if (!m_file.empty())
            console.start(m_file, {});
    }

    Console console;
    window::MainWindow &window;

    // --- what is shown
    [[nodiscard]] pages::ReportPage &users() const { return page("users"); }
    [[nodiscard]] pages::ReportPage &detections() const { return page("detections"); }
    [[nodiscard]] pages::ReportPage &page(const char *id) const
    {
        return *qobject_cast<pages::ReportPage *>(window.page(s(id)));
    }
    [[nodiscard]] pages::ReportPage &current() const
    {
        return *qobject_cast<pages::ReportPage *>(window.currentPage());
    }
    template <typename T>
    [[nodiscard]] static T &part(const QWidget &of, const char *name = nullptr)
    {
        auto *found = of.findChild<T *>(name != nullptr ? s(name) : QString());
        if (found == nullptr)
            throw std::runtime_error(std::string("no such part: ") + (name != nullptr ? name : "?"));
        return *found;
    }
    [[nodiscard]] widgets::TableView &table() const
    {
        return part<widgets::TableView>(current(), "reportTable");
    }
    [[nodiscard]] models::ListModel &model() const { return current().model(); }
    [[nodiscard]] widgets::CommandBar &commands() const { return part<widgets::CommandBar>(current()); }
    [[nodiscard]] widgets::DetailsPane &pane() const
    {
        return part<widgets::DetailsPane>(current(), "detailsPane");
    }
    [[nodiscard]] widgets::SearchBox &search() const
    {
        return part<widgets::SearchBox>(current(), "searchBox");
    }
    [[nodiscard]] widgets::FilterPill &pill(const char *field) const
    {
        for (auto *one : current().findChildren<widgets::FilterPill *>())
            if (one->field() == s(field))
                return *one;
        throw std::runtime_error(std::string("no pill ") + field);
    }
    [[nodiscard]] int column(const char *id) const
    {
        for (int i = 0; i < model().columnCount(); ++i)
            if (model().columns()[i].id == s(id))
                return i;
        throw std::runtime_error(std::string("no column ") + id);
    }
    // The list as it stands, once it stands.
    [[nodiscard]] std::vector<std::int64_t> shownIds() const
    {
        std::vector<std::int64_t> ids;
        for (int row = 0; row < model().rowCount(); ++row)
            ids.push_back(model().idAt(row));
        return ids;
    }
    // Row of the list that the pane shows or will show; 0: none.
    [[nodiscard]] std::int64_t currentId() const
    {
        const int row = table().currentRow();
        return row >= 0 && row < model().rowCount() ? model().idAt(row) : 0;
    }
    [[nodiscard]] QString feedback() const { return commands().feedback(); }
    // Widths of tests differ; words of buttons do not.
    template <typename T>
    [[nodiscard]] static T *withText(const QWidget &of, const QString &text)
    {
        for (auto *one : of.findChildren<T *>())
            if (one->isVisible() && (one->text() == text || one->accessibleName() == text))
                return one;
        return nullptr;
    }

    // --- what is stored
    // There may be no row yet; a question that cannot be asked is a fault of the test.
    static void isAnswered(const store::Statement &rows, const std::string &sql)
    {
        if (!rows.ok())
            qFatal("%s: %s", sql.c_str(), rows.error().detail.c_str());
    }
    [[nodiscard]] std::vector<std::int64_t> stored(const std::string &sql) const
    {
        auto connection = store::openForReading(m_file);
        std::vector<std::int64_t> values;
        if (!connection)
            return values;
        store::Statement rows(*connection, sql);
        while (rows.step())
            values.push_back(rows.int64(0));
        isAnswered(rows, sql);
        return values;
    }
    [[nodiscard]] std::int64_t number(const std::string &sql) const
    {
        const auto values = stored(sql);
        return values.empty() ? -1 : values.front();
    }
    [[nodiscard]] QString text(const std::string &sql) const
    {
        auto connection = store::openForReading(m_file);
        if (!connection)
            return {};
        store::Statement rows(*connection, sql);
        const auto found = rows.step() ? QString::fromStdString(rows.string(0)) : QString();
        isAnswered(rows, sql);
        return found;
    }
    [[nodiscard]] int stateOf(std::int64_t user) const
    {
        return static_cast<int>(number("SELECT state FROM user_risk WHERE user = " + std::to_string(user)));
    }
    void setFile(const std::filesystem::path &file) { m_file = file; }

    // --- what a person does
    static void click(QWidget &widget, QPoint at = {-1, -1}, Qt::KeyboardModifiers modifiers = {},
                      Qt::MouseButton button = Qt::LeftButton)
    {
        if (at.x() < 0)
            at = widget.rect().center();
        QWidget *top = widget.window();
        QTest::mouseClick(top->windowHandle(), button, modifiers, widget.mapTo(top, at));
    }
    void clickRow(int row, int x = 120, Qt::KeyboardModifiers modifiers = {}) const
    {
        auto &view = table();
        click(*view.viewport(), {x, view.rowViewportPosition(row) + view.rowHeight(row) / 2}, modifiers);
    }
    void tick(int row) const { clickRow(row, 22); }
    void clickHeader(int column) const
    {
        auto *header = table().horizontalHeader();
        click(*header->viewport(), {header->sectionViewportPosition(column) + 60, header->height() / 2});
    }
    // The window system tells who has the focus by an event of its own.
    [[nodiscard]] static QWindow *focused()
    {
        QWindow *at = nullptr;
        if (!QTest::qWaitFor([&] { return (at = QGuiApplication::focusWindow()) != nullptr; }))
            throw std::runtime_error("no window has the focus");
        return at;
    }
    static void key(int key, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::keyClick(focused(), static_cast<Qt::Key>(key), modifiers);
    }
    static void type(const QString &text)
    {
        for (const QChar letter : text)
            QTest::keyClick(focused(), letter.toLatin1());
    }
    // A row of a list of values, by its label.
    static bool clickValue(QWidget &popover, const QString &label)
    {
        auto &list = part<QListView>(popover);
        // The sheet stands open before its values are counted.
        if (!QTest::qWaitFor([&list] { return list.model()->rowCount() > 0; }, 30000))
            return false;
        for (int row = 0; row < list.model()->rowCount(); ++row) {
            const auto index = list.model()->index(row, 0);
            if (index.data().toString() != label)
                continue;
            click(*list.viewport(), list.visualRect(index).center());
            return true;
        }
        return false;
    }
    template <typename T>
    [[nodiscard]] static T *popup()
    {
        return qobject_cast<T *>(QApplication::activePopupWidget());
    }
    [[nodiscard]] static QAction *entry(const QMenu &menu, const QString &begin)
    {
        for (auto *action : menu.actions())
            if (action->text().startsWith(begin))
                return action;
        return nullptr;
    }
    static void choose(QMenu &menu, QAction *action)
    {
        QTest::mouseClick(menu.windowHandle(), Qt::LeftButton, {}, menu.actionGeometry(action).center());
    }

private:
    std::filesystem::path m_file;
};

// SQL of the opening view, written out once more.
inline constexpr auto openUsers = "FROM user_risk r JOIN user u ON u.id = r.user WHERE r.state IN (4, 5) AND "
                                  "u.is_deleted = 0";

} // namespace riskdesk::test

// A person with a mouse: from the first start over finding, judging and taking back, to importing a log.
#include "core/verify/verify_run.h"

#include "tests/ui/console_fixture.h"
#include "ui/models/format.h"
#include "ui/widgets/charts/kpi_strip.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/frame/navigation.h"
#include "ui/widgets/table/why_table.h"

#include <QCheckBox>
#include <QClipboard>
#include <QDropEvent>
#include <QMimeData>
#include <QPlainTextEdit>

using namespace riskdesk;
using namespace riskdesk::test;
using widgets::TableView;

namespace {

constexpr int dismissed = 3, atRisk = 4, compromised = 5, remediated = 2;
constexpr int patience = 30000;

} // namespace

class MouseJourneys : public QObject
{
    Q_OBJECT
    std::unique_ptr<Home> m_home;
    std::unique_ptr<theme::Theme> m_theme;
    std::unique_ptr<ConsoleFixture> m;

    // The sample, opened, with its list there.
    void open(bool fresh = true)
    {
        m.reset();
        m = std::make_unique<ConsoleFixture>(*m_theme,
                                             fresh ? m_home->copy() : m_home->path("copy.riskdesk"));
        const auto expected = m->number(std::string("SELECT count(*) ") + openUsers);
        QVERIFY(expected > 5);
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), static_cast<int>(expected), patience);
        paneFilled();
    }
    // Shows the current row, not the one before.
    void paneFilled()
    {
        const auto &header = ConsoleFixture::part<widgets::SubjectHeader>(m->pane());
        const auto name = [&] { return m->model().index(m->table().currentRow(), 0).data().toString(); };
        QTRY_VERIFY_WITH_TIMEOUT(m->table().currentRow() >= 0 && name().size() > 1 &&
                                     header.accessibleName().startsWith(name()),
                                 patience);
    }
    void idle() { QTRY_VERIFY_WITH_TIMEOUT(!m->window.facts().progress().isVisible(), patience); }
    TableView &tabList(int tab)
    {
        auto &stack = ConsoleFixture::part<QStackedWidget>(m->pane());
        return ConsoleFixture::part<TableView>(*stack.widget(tab));
    }
    // Opens a command of the bar and presses the button that does it.
    void decide(const char *command, const QString &begin)
    {
        m->click(*m->commands().anchor(s(command)));
        QTRY_VERIFY(ConsoleFixture::popup<widgets::ConfirmPopover>() != nullptr);
        commit(begin);
    }
    void commit(const QString &begin)
    {
        auto *sheet = ConsoleFixture::popup<widgets::ConfirmPopover>();
        QVERIFY(sheet != nullptr);
        QPushButton *go = nullptr;
        for (auto *button : sheet->findChildren<QPushButton *>())
            if (button->text().startsWith(begin))
                go = button;
        QVERIFY(go != nullptr);
        m->click(*go);
        QTRY_VERIFY_WITH_TIMEOUT(!m->feedback().isEmpty(), patience);
        idle();
        QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy(), patience);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_home = std::make_unique<Home>();
        m_theme = std::make_unique<theme::Theme>();
        m_theme->setMode(theme::Theme::Mode::Light);
        m_theme->applyTo(*qApp);
    }
    void init() { m_home->clear(); }
    void cleanup()
    {
        m.reset();
        qputenv("TZ", "UTC"); // only while nothing reads
        tzset();
        models::setUtc(false);
        m_theme->setMode(theme::Theme::Mode::Light);
    }
    void cleanupTestCase()
    {
        m_theme.reset();
        QApplication::setStyle(s("fusion"));
    }

    void theFirstStartLeadsToTheSample()
    {
        m = std::make_unique<ConsoleFixture>(*m_theme);
        m->console.setSampleSize(300, 30);
        m->console.start({}, {});
        auto &screen = ConsoleFixture::part<QWidget>(m->window, "firstRun");
        QTRY_VERIFY(screen.isVisible());
        QVERIFY(!m->table().isVisible());
        auto *sample = ConsoleFixture::withText<QPushButton>(screen, s("Explore the sample directory"));
        QVERIFY(sample != nullptr);
        m->click(*sample);
        QTRY_VERIFY_WITH_TIMEOUT(m->table().isVisible() && m->model().rowCount() > 0, 60000);
        m->setFile(Console::dataFolder() / "sample.riskdesk");
        QCOMPARE(m->model().rowCount(), m->number(std::string("SELECT count(*) ") + openUsers));
        QVERIFY(m->window.topBar().directory().contains(s("Meadow")));
        // The next start opens it at once.
        m.reset();
        m = std::make_unique<ConsoleFixture>(*m_theme);
        m->console.start({}, {});
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, patience);
    }

    void aDirectoryThatCannotBeOpenedIsExplained()
    {
        const auto file = m_home->path("broken.riskdesk");
        QFile broken(QString::fromStdString(file.string()));
        QVERIFY(broken.open(QIODevice::WriteOnly));
        broken.write("this is no directory");
        broken.close();
        m = std::make_unique<ConsoleFixture>(*m_theme, file);
        QTRY_VERIFY_WITH_TIMEOUT(
            ConsoleFixture::withText<QPushButton>(m->window, s("Open another directory")) != nullptr,
            patience);
        QVERIFY(!m->table().isVisible());
    }

    void aPillNarrowsTheListToHighRisk()
    {
        open();
        const auto all = m->model().rowCount();
        const auto high = m->number(std::string("SELECT count(*) ") + openUsers + " AND r.level = 3");
        QVERIFY(high > 0 && high < all);
        auto &pill = m->pill("riskLevel");
        m->click(pill, {20, pill.height() / 2});
        QTRY_VERIFY(ConsoleFixture::popup<widgets::Popover>() != nullptr);
        auto *popover = ConsoleFixture::popup<widgets::Popover>();
        QVERIFY(ConsoleFixture::clickValue(*popover, s("High")));
        QTRY_COMPARE(m->model().rowCount(), static_cast<int>(high));
        QCOMPARE(pill.values(), QStringList{s("High")});
        // A click elsewhere closes the values and does nothing else.
        QTest::mouseClick(popover->windowHandle(), Qt::LeftButton, {}, QPoint(-200, 300));
        QTRY_VERIFY(QApplication::activePopupWidget() == nullptr);
        QCOMPARE(m->model().rowCount(), static_cast<int>(high));
        for (const auto id : m->shownIds())
            QCOMPARE(m->number("SELECT level FROM user_risk WHERE user = " + std::to_string(id)), 3);
        // The cross of the pill takes the condition away.
        m->click(pill, {pill.width() - 12, pill.height() / 2});
        QTRY_COMPARE(m->model().rowCount(), all);
        QVERIFY(!pill.isSet());
    }

    void aNameIsFoundAndTheSearchCleared()
    {
        open();
        const auto all = m->model().rowCount();
        const auto name = m->text(std::string("SELECT u.display_name ") + openUsers + " LIMIT 1");
        const auto word = name.section(QLatin1Char(' '), -1).left(5);
        const auto expected = m->number(std::string("SELECT count(*) ") + openUsers +
                                        " AND u.search LIKE '%" + word.toLower().toStdString() + "%'");
        QVERIFY(expected > 0 && expected < all);
        m->click(m->search());
        ConsoleFixture::type(word);
        QTRY_COMPARE(m->model().rowCount(), static_cast<int>(expected));
        auto *clear = ConsoleFixture::withText<QPushButton>(m->search(), s("Clear search"));
        QVERIFY(clear != nullptr);
        m->click(*clear);
        QTRY_COMPARE(m->model().rowCount(), all);
    }

    void aWrongSearchIsExplainedAndChangesNothing()
    {
        open();
        const auto all = m->model().rowCount();
        m->click(m->search());
        ConsoleFixture::type(s("contry:vn"));
        QTRY_VERIFY(m->search().problem().contains(s("country")));
        QCOMPARE(m->model().rowCount(), all);
    }

    void nothingFoundOffersTheWayBack()
    {
        open();
        const auto all = m->model().rowCount();
        m->click(m->search());
        ConsoleFixture::type(s("nobodyiscalledthis"));
        QTRY_COMPARE(m->model().rowCount(), 0);
        QCOMPARE(m->commands().button(s("dismiss"))->reason(), s("Select at least one user."));
        const auto way = [this] {
            return ConsoleFixture::withText<QPushButton>(m->current(), s("Clear all filters"));
        };
        QTRY_VERIFY_WITH_TIMEOUT(way() != nullptr, patience);
        auto *clear = way();
        QVERIFY(clear != nullptr);
        m->click(*clear);
        QTRY_VERIFY(m->model().rowCount() >= all);
        QVERIFY(m->table().isVisible());
        QVERIFY(m->search().text().isEmpty());
    }

    void everyColumnSortsExactly_data()
    {
        QTest::addColumn<QString>("column");
        QTest::addColumn<QString>("expression");
        QTest::newRow("by level") << "riskLevel"
                                  << "r.level";
        QTest::newRow("by the time the risk changed") << "riskLastUpdatedDateTime"
                                                      << "r.updated_at";
        QTest::newRow("by score") << "riskScore"
                                  << "r.score";
        QTest::newRow("by state") << "riskState"
                                  << "r.state";
    }
    void everyColumnSortsExactly()
    {
        QFETCH(QString, column);
        QFETCH(QString, expression);
        open();
        const int section = m->column(qPrintable(column));
        if (m->table().isColumnHidden(section))
            m->table().setColumnShown(section, true);
        m->table().scrollTo(m->model().index(0, section));
        const auto valuesOf = [&] {
            std::vector<std::int64_t> values;
            for (const auto id : m->shownIds())
                values.push_back(m->number("SELECT " + expression.toStdString() +
                                           " FROM user_risk r WHERE r.user = " + std::to_string(id)));
            return values;
        };
        const auto sorted = [&](bool down) {
            return m->stored("SELECT " + expression.toStdString() + " " + openUsers + " ORDER BY 1" +
                             (down ? " DESC" : ""));
        };
        const bool downAlready = column == s("riskLastUpdatedDateTime");
        if (downAlready)
            QCOMPARE(valuesOf(), sorted(true));
        QSignalSpy loaded(&m->model(), &models::ListModel::loaded);
        m->clickHeader(section);
        QTRY_VERIFY(!loaded.isEmpty());
        QCOMPARE(valuesOf(), sorted(!downAlready));
        loaded.clear();
        m->clickHeader(section);
        QTRY_VERIFY(!loaded.isEmpty());
        QCOMPARE(valuesOf(), sorted(downAlready));
    }

    void aRowFillsThePane()
    {
        open();
        // One with everything.
        const auto user =
            m->number("SELECT r.user FROM user_risk r WHERE r.state = 4 AND r.risky_sign_ins > 0 "
                      "AND r.total_detections > 1 ORDER BY r.score DESC LIMIT 1");
        const int row = m->model().rowOf(user);
        QVERIFY(row >= 0);
        m->table().scrollTo(m->model().index(row, 0), QAbstractItemView::PositionAtCenter);
        m->clickRow(row);
        QCOMPARE(m->table().currentRow(), row);
        QVERIFY(m->pane().isVisible());
        const auto id = std::to_string(user);
        const auto detections = m->number("SELECT count(*) FROM detection WHERE user = " + id);
        const auto history = m->number(
            "SELECT count(*) FROM ledger WHERE (kind <> 2 OR from_score <> to_score) AND user = " + id);
        auto *tabs = m->pane().tabs();
        QTRY_COMPARE(tabs->tabText(1), s("Detections  %1").arg(detections));
        QTRY_COMPARE(tabs->tabText(3), s("Risk history  %1").arg(history));
        const auto signIns = m->number("SELECT count(*) FROM sign_in_risk WHERE user = " + id);
        QCOMPARE(tabs->tabText(2), s("Risky sign-ins  %1").arg(signIns));
        auto &why = ConsoleFixture::part<widgets::ReasonList>(m->pane());
        QVERIFY(!why.findChildren<QAbstractButton *>().isEmpty());
        for (int tab = 1; tab < 4; ++tab) {
            m->click(*tabs, tabs->tabRect(tab).center());
            QCOMPARE(m->pane().currentTab(), tab);
            auto &list = tabList(tab);
            QVERIFY(list.isVisible());
            const auto rows = tab == 1 ? detections : tab == 2 ? signIns : history;
            QCOMPARE(list.model()->rowCount(), static_cast<int>(rows));
            for (int c = 0; c < list.model()->columnCount(); ++c)
                if (!list.isColumnHidden(c))
                    QVERIFY(!list.model()->index(0, c).data(Qt::AccessibleTextRole).toString().isEmpty() ||
                            !list.model()->index(0, c).data().toString().isEmpty());
        }
        // Next and previous walk the list; who was chosen may stand last.
        const bool last = row + 1 == m->model().rowCount();
        const auto there = last ? s("Previous") : s("Next"), back = last ? s("Next") : s("Previous");
        m->click(*ConsoleFixture::withText<QPushButton>(m->pane(), there));
        QCOMPARE(m->table().currentRow(), last ? row - 1 : row + 1);
        m->click(*ConsoleFixture::withText<QPushButton>(m->pane(), back));
        QCOMPARE(m->table().currentRow(), row);
        // Closing leaves the list; a refresh does not bring the pane back.
        m->click(*ConsoleFixture::withText<QPushButton>(m->pane(), s("Close the details")));
        QVERIFY(!m->pane().isVisible());
        QSignalSpy loaded(&m->model(), &models::ListModel::loaded);
        m->click(*m->commands().button(s("refresh")));
        QTRY_VERIFY(!loaded.isEmpty());
        QVERIFY(!m->pane().isVisible());
    }

    void aReasonOpensItsDetection()
    {
        open();
        auto &why = ConsoleFixture::part<widgets::ReasonList>(m->pane());
        QTRY_VERIFY(!why.findChildren<QAbstractButton *>(QString(), Qt::FindDirectChildrenOnly).isEmpty());
        const auto user = m->currentId();
        const auto first = [&]() -> QAbstractButton * {
            for (auto *button : why.findChildren<QAbstractButton *>())
                if (qobject_cast<QPushButton *>(button) == nullptr && button->isVisible() && // not "Show all"
                    button->height() > 20 && button->visibleRegion().boundingRect() == button->rect())
                    return button;
            return nullptr;
        };
        QTRY_VERIFY(first() != nullptr && !m->current().isBusy());
        m->click(*first());
        QTRY_COMPARE(m->window.currentPage(), static_cast<window::Page *>(&m->detections()));
        const auto userOfShown = [&] {
            return m->number("SELECT user FROM detection WHERE rowid = " + std::to_string(m->currentId()));
        };
        QTRY_COMPARE(userOfShown(), user);
        // And back by the button "Open user".
        QTRY_VERIFY(ConsoleFixture::withText<QPushButton>(m->pane(), s("Open user")) != nullptr);
        QTRY_VERIFY(m->pane().tabs()->tabText(2).size() > 18);
        m->click(*ConsoleFixture::withText<QPushButton>(m->pane(), s("Open user")));
        QTRY_COMPARE(m->window.currentPage(), static_cast<window::Page *>(&m->users()));
        QTRY_COMPARE(m->currentId(), user);
    }

    void dismissingAsksOnceAndCanBeTakenBack()
    {
        open();
        const auto before = m->shownIds();
        const auto user = before[2];
        m->clickRow(2);
        paneFilled();
        m->click(*m->commands().anchor(s("dismiss")));
        QTRY_VERIFY(ConsoleFixture::popup<widgets::ConfirmPopover>() != nullptr);
        QCOMPARE(m->stateOf(user), atRisk); // nothing happens before it is committed
        auto *sheet = ConsoleFixture::popup<widgets::ConfirmPopover>();
        auto *cancel = ConsoleFixture::withText<QPushButton>(*sheet, s("Cancel"));
        m->click(*cancel);
        QTRY_VERIFY(QApplication::activePopupWidget() == nullptr);
        QCOMPARE(m->stateOf(user), atRisk);
        decide("dismiss", s("Dismiss risk of"));
        QTRY_COMPARE(m->stateOf(user), dismissed);
        QTRY_COMPARE(m->model().rowCount(), static_cast<int>(before.size()) - 1);
        QCOMPARE(m->model().rowOf(user), -1);
        QTRY_COMPARE(m->table().currentRow(), 2); // the next one
        QCOMPARE(m->model().idAt(2), before[3]);
        QCOMPARE(m->text("SELECT reason FROM ledger WHERE user = " + std::to_string(user) +
                         " ORDER BY id DESC LIMIT 1"),
                 s("expectedActivity"));
        // The sentence stays with Undo, also when the list was read anew.
        QVERIFY2(m->feedback().startsWith(s("Risk dismissed for 1 user")), qPrintable(m->feedback()));
        auto *undo = ConsoleFixture::withText<QPushButton>(m->commands(), s("Undo"));
        QVERIFY(undo != nullptr);
        m->click(*undo);
        QTRY_COMPARE(m->stateOf(user), atRisk);
        QTRY_COMPARE(m->shownIds(), before);
        QTRY_VERIFY(m->feedback().startsWith(s("Taken back: Dismiss risk of ")));
        QVERIFY(ConsoleFixture::withText<QPushButton>(m->commands(), s("Undo")) == nullptr);
        auto *redo = ConsoleFixture::withText<QPushButton>(m->commands(), s("Redo"));
        QVERIFY(redo != nullptr);
        m->click(*redo);
        QTRY_COMPARE(m->stateOf(user), dismissed);
        QTRY_VERIFY(m->feedback().startsWith(s("Done again: Dismiss risk of ")));
    }

    // What was decided before the window was opened is named first, and taken back by its link alone.
    void anOlderDecisionIsNamedBeforeItIsTakenBack()
    {
        open();
        const auto user = m->shownIds()[0];
        m->clickRow(0);
        decide("dismiss", s("Dismiss"));
        QTRY_COMPARE(m->stateOf(user), dismissed);
        open(false);
        QTest::keyClick(&m->window, Qt::Key_Z, Qt::ControlModifier);
        QTRY_VERIFY2(m->feedback().contains(s("Dismiss risk of ")), qPrintable(m->feedback()));
        QCOMPARE(m->stateOf(user), dismissed);
        m->click(*ConsoleFixture::withText<QPushButton>(m->commands(), s("Take Back")));
        QTRY_COMPARE(m->stateOf(user), atRisk);
        QTRY_VERIFY(m->feedback().startsWith(s("Taken back: ")));
    }

    void severalTickedAreConfirmedCompromised()
    {
        open();
        const auto ids = m->shownIds();
        for (const int row : {1, 3, 4})
            m->tick(row);
        QCOMPARE(m->model().selectedCount(), 3);
        decide("compromised", s("Confirm 3 user"));
        for (const int row : {1, 3, 4})
            QTRY_COMPARE(m->stateOf(ids[static_cast<std::size_t>(row)]), compromised);
        QCOMPARE(m->stateOf(ids[0]), atRisk);
        QVERIFY2(m->feedback().startsWith(s("Confirmed compromised: 3 user")), qPrintable(m->feedback()));
        m->click(*ConsoleFixture::withText<QPushButton>(m->commands(), s("Undo")));
        for (const int row : {1, 3, 4})
            QTRY_COMPARE(m->stateOf(ids[static_cast<std::size_t>(row)]), atRisk);
    }

    void containmentIsRememberedAndTakenBackAsOne()
    {
        open();
        const auto user =
            m->number(std::string("SELECT r.user ") + openUsers + " AND u.identity = 1 LIMIT 1");
        const int row = m->model().rowOf(user);
        m->table().scrollTo(m->model().index(row, 0));
        m->clickRow(row);
        m->click(*m->commands().anchor(s("compromised")));
        QTRY_VERIFY(ConsoleFixture::popup<widgets::ConfirmPopover>() != nullptr);
        for (auto *box : ConsoleFixture::popup<widgets::ConfirmPopover>()->findChildren<QCheckBox *>()) {
            QVERIFY(!box->isChecked()); // containment is never done unasked
            m->click(*box, {10, box->height() / 2});
            QVERIFY(box->isChecked());
        }
        commit(s("Confirm "));
        const auto enabled = "SELECT account_enabled FROM user WHERE id = " + std::to_string(user);
        QTRY_COMPARE(m->number(enabled), 0);
        QCOMPARE(m->stateOf(user), remediated); // the reset closed it, as the sheet said
        QTRY_VERIFY(ConsoleFixture::withText<QPushButton>(m->commands(), s("Undo")) != nullptr);
        m->click(*ConsoleFixture::withText<QPushButton>(m->commands(), s("Undo")));
        QTRY_COMPARE(m->stateOf(user), atRisk);
        QTRY_COMPARE(m->number(enabled), 1);
        idle();
        m->click(*m->commands().anchor(s("compromised")));
        QTRY_VERIFY(ConsoleFixture::popup<widgets::ConfirmPopover>() != nullptr);
        for (auto *box : ConsoleFixture::popup<widgets::ConfirmPopover>()->findChildren<QCheckBox *>())
            QVERIFY(box->isChecked());
        ConsoleFixture::key(Qt::Key_Escape);
    }

    void blockingUnblockingAndResettingAreRecordedHere()
    {
        open();
        const auto user =
            m->number(std::string("SELECT r.user ") + openUsers + " AND u.identity = 1 LIMIT 1");
        const auto enabled = "SELECT account_enabled FROM user WHERE id = " + std::to_string(user);
        const auto go = [&] {
            const int row = m->model().rowOf(user);
            m->table().scrollTo(m->model().index(row, 0));
            m->clickRow(row);
            QTRY_COMPARE(m->table().currentRow(), row);
        };
        go();
        decide("block", s("Block sign-in of"));
        QTRY_COMPARE(m->number(enabled), 0);
        QVERIFY2(m->feedback().startsWith(s("Block recorded here")), qPrintable(m->feedback()));
        // Now the command is refused with its reason, and the other one allowed.
        QTRY_COMPARE(m->commands().button(s("block"))->reason(), s("Sign-in is already blocked."));
        m->click(*m->commands().anchor(s("unblock"))); // "..."
        QTRY_VERIFY(ConsoleFixture::popup<QMenu>() != nullptr);
        auto *menu = ConsoleFixture::popup<QMenu>();
        auto *unblock = ConsoleFixture::entry(*menu, s("Unblock sign-in"));
        QVERIFY(unblock != nullptr && unblock->isEnabled());
        ConsoleFixture::choose(*menu, unblock);
        QTRY_VERIFY(ConsoleFixture::popup<widgets::ConfirmPopover>() != nullptr);
        commit(s("Unblock sign-in of"));
        QTRY_COMPARE(m->number(enabled), 1);
        go();
        m->click(*m->commands().anchor(s("reset")));
        QTRY_VERIFY(ConsoleFixture::popup<widgets::ConfirmPopover>() != nullptr);
        bool said = false;
        for (const auto *words : ConsoleFixture::popup<widgets::ConfirmPopover>()->findChildren<QLabel *>())
            said = said || words->text().contains(s("Recorded here; your application is not connected"));
        QVERIFY(said);
        commit(s("Reset password of"));
        QTRY_COMPARE(m->stateOf(user), remediated);
        QVERIFY2(m->feedback().startsWith(s("Password reset recorded here")), qPrintable(m->feedback()));
        QCOMPARE(m->number("SELECT force_password_change FROM user WHERE id = " + std::to_string(user)), 1);
    }

    void aPasswordKeptElsewhereIsNotResetHere()
    {
        open();
        const auto user =
            m->number(std::string("SELECT r.user ") + openUsers + " AND u.identity = 2 LIMIT 1");
        QVERIFY(user > 0);
        const int row = m->model().rowOf(user);
        m->table().scrollTo(m->model().index(row, 0));
        m->clickRow(row);
        auto *reset = m->commands().button(s("reset"));
        QTRY_VERIFY(reset->reason().endsWith(s("manages this password.")));
        m->click(*reset);
        QTRY_VERIFY(m->feedback().endsWith(s("manages this password."))); // said, not only greyed
        QVERIFY(QApplication::activePopupWidget() == nullptr);
    }

    void theRowMenuHoldsTheSameCommands()
    {
        open();
        m->clickRow(1);
        paneFilled();
        auto &view = m->table();
        const QPoint at(160, view.rowViewportPosition(1) + 10);
        QContextMenuEvent asked(QContextMenuEvent::Mouse, at, view.viewport()->mapToGlobal(at));
        QApplication::sendEvent(view.viewport(), &asked);
        QTRY_VERIFY(ConsoleFixture::popup<QMenu>() != nullptr);
        auto *menu = ConsoleFixture::popup<QMenu>();
        for (const char *words : {"Reset password", "Confirm compromised", "Dismiss risk", "Block sign-in",
                                  "Unblock sign-in", "Confirm safe", "Remediated elsewhere", "Copy cell",
                                  "Copy rows", "Open in own window", "Show only: User is", "Hide: User is"})
            QVERIFY2(ConsoleFixture::entry(*menu, s(words)) != nullptr, words);
        QVERIFY(!ConsoleFixture::entry(*menu, s("Unblock sign-in"))->isEnabled());
        QCOMPARE(ConsoleFixture::entry(*menu, s("Unblock sign-in"))->toolTip(), s("Sign-in is not blocked."));
        const auto user = m->model().idAt(1);
        QVERIFY(ConsoleFixture::entry(*menu, s("Dismiss risk"))->isEnabled());
        ConsoleFixture::choose(*menu, ConsoleFixture::entry(*menu, s("Dismiss risk")));
        QTRY_VERIFY(ConsoleFixture::popup<widgets::ConfirmPopover>() != nullptr);
        commit(s("Dismiss risk of"));
        QTRY_COMPARE(m->stateOf(user), dismissed);
    }

    void showOnlyThisValueNarrowsTheList()
    {
        open();
        const auto place = m->column("riskLevel");
        auto &view = m->table();
        const auto rect = view.visualRect(m->model().index(0, place));
        const auto level =
            m->number("SELECT level FROM user_risk WHERE user = " + std::to_string(m->model().idAt(0)));
        const auto expected = m->number(std::string("SELECT count(*) ") + openUsers +
                                        " AND r.level = " + std::to_string(level));
        QContextMenuEvent asked(QContextMenuEvent::Mouse, rect.center(),
                                view.viewport()->mapToGlobal(rect.center()));
        QApplication::sendEvent(view.viewport(), &asked);
        QTRY_VERIFY(ConsoleFixture::popup<QMenu>() != nullptr);
        auto *menu = ConsoleFixture::popup<QMenu>();
        auto *only = ConsoleFixture::entry(*menu, s("Show only: Risk level is"));
        QVERIFY(only != nullptr);
        ConsoleFixture::choose(*menu, only);
        QTRY_COMPARE(m->model().rowCount(), static_cast<int>(expected));
    }

    void copyingTakesRowsThatWereNeverOnTheScreen()
    {
        open();
        m->click(*m->table().horizontalHeader()->viewport(), {22, 16}); // all
        QCOMPARE(m->model().selectedCount(), m->model().rowCount());
        QApplication::clipboard()->clear();
        ConsoleFixture::key(Qt::Key_C, Qt::ControlModifier);
        QTRY_VERIFY(!QApplication::clipboard()->text().isEmpty());
        const auto lines = QApplication::clipboard()->text().split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), m->model().rowCount() + 1);
        QVERIFY(lines.first().startsWith(s("User\tSign-in name\tRisk level")));
        for (const auto &line : lines)
            QVERIFY(!line.contains(QChar(0x2026)));
    }

    void aLogIsImportedOnce()
    {
        open();
        const auto log = m_home->log("shop.ndjson", 120, 20);
        const auto before = m->number("SELECT coalesce(sum(rows), 0) FROM segment");
        // Dropped on the window.
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(log)});
        QDragEnterEvent enters(QPoint(700, 400), Qt::CopyAction, &data, Qt::LeftButton, {});
        QApplication::sendEvent(&m->window, &enters);
        QVERIFY(enters.isAccepted());
        QDropEvent drops(QPointF(700, 400), Qt::CopyAction, &data, Qt::LeftButton, {});
        QApplication::sendEvent(&m->window, &drops);
        QVERIFY(m->window.facts().progress().isVisible());
        auto &message = m->window.message();
        QTRY_VERIFY_WITH_TIMEOUT(message.isVisible(), patience);
        QFile lines(log);
        QVERIFY(lines.open(QIODevice::ReadOnly));
        const auto count = lines.readAll().count('\n');
        QVERIFY(count > 100);
        QVERIFY2(message.text().startsWith(
                     s("shop.ndjson: %1 new, 0 known already, 0 rejected.").arg(models::count(count))),
                 qPrintable(message.text()));
        QCOMPARE(m->number("SELECT coalesce(sum(rows), 0) FROM segment"), before + count);
        idle();
        // The same once more: nothing new, and it says so.
        m->console.take({log});
        QTRY_VERIFY_WITH_TIMEOUT(message.isVisible() && message.text().contains(s(" 0 new, ")), patience);
        QVERIFY(message.text().contains(s("%1 known already").arg(models::count(count))));
        QCOMPARE(m->number("SELECT coalesce(sum(rows), 0) FROM segment"), before + count);
        // The words stay when the status bar is refreshed behind them.
        QTRY_VERIFY(qobject_cast<QAbstractButton *>(m->window.facts().fact(s("import")))
                        ->text()
                        .startsWith(s("Last import")));
        QVERIFY(message.isVisible());
    }

    void aCancelledImportLeavesWholeBatches()
    {
        open();
        const auto log = m_home->log("long.ndjson", 2000, 60);
        const auto before = m->number("SELECT coalesce(sum(rows), 0) FROM segment");
        m->console.take({log});
        auto &progress = m->window.facts().progress();
        QTRY_VERIFY(progress.isVisible());
        auto *cancel = ConsoleFixture::withText<QPushButton>(progress, s("Cancel"));
        QVERIFY(cancel != nullptr);
        m->click(*cancel);
        QTRY_VERIFY_WITH_TIMEOUT(m->window.message().isVisible(), patience);
        QVERIFY2(m->window.message().text().startsWith(s("Import cancelled; ")),
                 qPrintable(m->window.message().text()));
        idle();
        const auto kept = m->number("SELECT coalesce(sum(rows), 0) FROM segment") - before;
        QVERIFY(m->window.message().text().contains(s("; %1 sign-ins").arg(models::count(kept))));
        {
            auto directory = run::Directory::open(m_home->path("copy.riskdesk"));
            QVERIFY(directory);
            const auto findings = run::verifyDirectory(*directory);
            QVERIFY(findings && findings->empty());
        }
        // Again, to the end.
        QFile lines(log);
        QVERIFY(lines.open(QIODevice::ReadOnly));
        const auto count = lines.readAll().count('\n');
        m->console.take({log});
        QTRY_VERIFY_WITH_TIMEOUT(m->window.message().isVisible() &&
                                     m->window.message().text().startsWith(s("long.ndjson")),
                                 120000);
        QCOMPARE(m->number("SELECT coalesce(sum(rows), 0) FROM segment"), before + count);
    }

    void aBadFileIsRefusedInWords()
    {
        open();
        const auto file = QString::fromStdString(m_home->path("holiday.jpg").string());
        QFile bad(file);
        QVERIFY(bad.open(QIODevice::WriteOnly));
        bad.write(QByteArray("\xff\xd8\xff\xe0 not a log", 14).repeated(50));
        bad.close();
        m->console.take({file});
        QTRY_VERIFY_WITH_TIMEOUT(m->window.message().isVisible(), patience);
        QVERIFY2(m->window.message().text().contains(s("holiday.jpg")),
                 qPrintable(m->window.message().text()));
        QVERIFY2(m->window.message().text().contains(s("was not imported")),
                 qPrintable(m->window.message().text()));
        idle();
        const auto gone = QString::fromStdString(m_home->path("gone.ndjson").string());
        m->console.take({gone});
        QTRY_VERIFY_WITH_TIMEOUT(m->window.message().text().contains(s("gone.ndjson")), patience);
    }

    void aLogWithoutADirectoryMakesOne()
    {
        const auto log = m_home->log("corner shop.ndjson", 60, 20);
        m = std::make_unique<ConsoleFixture>(*m_theme);
        m->console.start({}, {});
        QTRY_VERIFY(m->window.findChild<QWidget *>(s("firstRun")) != nullptr);
        m->console.take({log});
        QTRY_VERIFY_WITH_TIMEOUT(m->window.message().text().startsWith(s("corner shop.ndjson: ")), patience);
        QVERIFY(m->window.topBar().directory() == s("corner shop"));
        m->setFile(Console::dataFolder() / "corner shop.riskdesk");
        QVERIFY(m->number("SELECT sum(rows) FROM segment") > 50);
    }

    void theThemeAndTheZoneSwitchWhileItRuns()
    {
        qputenv("TZ", "America/New_York");
        tzset();
        models::setUtc(false);
        open();
        const auto ground = [&] { return m->window.grab().toImage().pixelColor(5, 200); };
        const QColor light = ground();
        m->click(*m->window.topBar().themeButton());
        QVERIFY(m_theme->isDark());
        QVERIFY(ground().lightness() < 60);
        QVERIFY(light.lightness() > 200);
        m->click(*m->window.topBar().themeButton());
        QCOMPARE(ground(), light);

        auto *zone = qobject_cast<QAbstractButton *>(m->window.facts().fact(s("zone")));
        QVERIFY(zone != nullptr);
        const auto cell = m->model().index(0, m->column("riskLastUpdatedDateTime"));
        QTRY_VERIFY(cell.data().toString().size() > 5);
        const auto localTime = cell.data().toString();
        m->click(*zone);
        QCOMPARE(zone->text(), s("Times: UTC"));
        const auto now = [&] {
            return m->model().index(0, m->column("riskLastUpdatedDateTime")).data().toString();
        };
        QTRY_VERIFY(now().size() > 5 && now() != localTime);
        m->click(*zone);
        QTRY_COMPARE(now(), localTime);
    }

    void theNavigationCountsWhatTheListsHold()
    {
        open();
        auto &navigation = m->window.navigation();
        QList<std::pair<QString, QString>> places;
        QTRY_VERIFY(navigation.findChildren<widgets::NavigationItem *>().size() >= 9);
        for (const auto *item : navigation.findChildren<widgets::NavigationItem *>())
            if (!item->view.isEmpty())
                places << std::pair(item->section, item->view);
        QCOMPARE(places.size(), 14);
        for (const auto &[section, view] : places) {
            const auto find = [&, section = section, view = view]() -> widgets::NavigationItem * {
                for (auto *item : navigation.findChildren<widgets::NavigationItem *>())
                    if (item->section == section && item->view == view)
                        return item;
                return nullptr;
            };
            if (navigation.currentSection() != section)
                for (auto *item : navigation.findChildren<widgets::NavigationItem *>())
                    if (item->section == section && item->view.isEmpty())
                        m->click(*item);
            // A search left behind must not make the count a lie.
            m->current().searchFor(s("zzz"));
            QTRY_COMPARE(m->model().rowCount(), 0);
            auto *item = find();
            QVERIFY(item != nullptr && item->isVisible());
            m->click(*item);
            if (section == s("signIns")) { // a list of its own, which has no count beside it
                QTRY_VERIFY_WITH_TIMEOUT(m->search().text().isEmpty() && m->model().rowCount() > 0, patience);
                continue;
            }
            const auto said = item->accessibleName().section(QLatin1String(", "), -1);
            const auto list = [&] { return models::count(m->model().rowCount()); };
            if (said == s("0"))
                QTRY_COMPARE(m->model().rowCount(), 0);
            else
                QTRY_COMPARE_WITH_TIMEOUT(list(), said, patience);
        }
    }

    void decisionsMoveTheCounts()
    {
        open();
        auto &navigation = m->window.navigation();
        const auto count = [&] {
            for (const auto *item : navigation.findChildren<widgets::NavigationItem *>())
                if (item->view == s("allAtRisk"))
                    return item->accessibleName().section(QLatin1String(", "), -1).toInt();
            return -1;
        };
        const int before = m->model().rowCount();
        QTRY_COMPARE(count(), before);
        m->clickRow(0);
        paneFilled();
        decide("dismiss", s("Dismiss risk of"));
        QTRY_COMPARE(count(), before - 1);
    }

    void aNumberOpensWhatItCounts()
    {
        open();
        const auto high = m->number(std::string("SELECT count(*) ") + openUsers + " AND r.level = 3");
        widgets::KpiButton *button = nullptr;
        const auto find = [&] {
            for (auto *one : m->users().findChildren<widgets::KpiButton *>())
                if (one->accessibleName().startsWith(s("High risk")))
                    button = one;
            return button != nullptr;
        };
        QTRY_VERIFY(find());
        m->click(*button);
        QTRY_COMPARE(m->model().rowCount(), static_cast<int>(high));
        QCOMPARE(m->pill("riskLevel").values(), QStringList{s("High")});
    }

    void detectionsShowWhySignInAndWhatElseFired()
    {
        open();
        ConsoleFixture::key(Qt::Key_3, Qt::ControlModifier);
        const auto all = m->number("SELECT count(*) FROM detection");
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), static_cast<int>(all), patience);
        const auto rowid =
            m->number("SELECT a.rowid FROM detection a JOIN detection b ON a.event_key = b.event_key AND "
                      "a.rowid <> b.rowid LIMIT 1");
        QVERIFY(rowid > 0);
        const int row = m->model().rowOf(rowid);
        m->table().scrollTo(m->model().index(row, 0), QAbstractItemView::PositionAtCenter);
        m->clickRow(row);
        QTRY_VERIFY(m->pane().tabs()->tabText(2).startsWith(s("Triggered together  ")) &&
                    !m->pane().tabs()->tabText(2).endsWith(s("  0")));
        auto &stack = ConsoleFixture::part<QStackedWidget>(m->pane());
        const auto words = [&](int tab) {
            QStringList all_;
            for (const auto *label : stack.widget(tab)->findChildren<QLabel *>())
                all_ << label->text();
            for (const auto *label : stack.widget(tab)->findChildren<widgets::Label *>())
                all_ << label->text();
            return all_.join(QLatin1Char('\n'));
        };
        QVERIFY(words(0).contains(s("Signal")));
        QVERIFY(words(0).size() > 80);
        auto *tabs = m->pane().tabs();
        m->click(*tabs, tabs->tabRect(1).center());
        const auto id = m->text("SELECT request_id FROM detection WHERE rowid = " + std::to_string(rowid));
        QVERIFY(words(1).contains(id));
        QVERIFY(words(1).contains(s("IP address")));
        m->click(*tabs, tabs->tabRect(2).center());
        auto &together = tabList(2);
        QVERIFY(together.isVisible());
        QVERIFY(together.model()->rowCount() > 0);
        // Dismissing one detection leaves the others of its user.
        const auto user = m->number("SELECT user FROM detection WHERE rowid = " + std::to_string(rowid));
        const auto openOnes =
            "SELECT count(*) FROM detection WHERE state IN (4, 5) AND user = " + std::to_string(user);
        const auto before = m->number(openOnes);
        decide("dismiss", s("Dismiss "));
        QTRY_COMPARE(m->number("SELECT state FROM detection WHERE rowid = " + std::to_string(rowid)),
                     dismissed);
        QCOMPARE(m->number(openOnes), before - 1);
        QVERIFY2(m->feedback().contains(s("detection")), qPrintable(m->feedback()));
    }

    void columnsAreChosenAndKept()
    {
        open();
        const int score = m->column("riskScore");
        QVERIFY(m->table().isColumnHidden(score));
        m->click(*m->commands().button(s("columns")));
        QTRY_VERIFY(ConsoleFixture::popup<QMenu>() != nullptr);
        auto *menu = ConsoleFixture::popup<QMenu>();
        ConsoleFixture::choose(*menu, ConsoleFixture::entry(*menu, s("Score")));
        QVERIFY(!m->table().isColumnHidden(score));
        QSignalSpy loaded(&m->model(), &models::ListModel::loaded);
        m->clickHeader(m->column("riskLevel"));
        QTRY_VERIFY(!loaded.isEmpty());
        m->window.resize(1200, 800);
        m.reset();
        m = std::make_unique<ConsoleFixture>(*m_theme);
        m->console.start({}, {}); // the last directory
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, patience);
        m->setFile(m_home->path("copy.riskdesk"));
        QVERIFY(!m->table().isColumnHidden(m->column("riskScore")));
        QCOMPARE(m->number("SELECT level FROM user_risk WHERE user = " + std::to_string(m->model().idAt(0))),
                 3);
    }

    void theDetailsStandInAWindowOfTheirOwn()
    {
        open();
        m->clickRow(1);
        paneFilled();
        m->click(*ConsoleFixture::withText<QPushButton>(m->pane(), s("Open in own window")));
        QPointer<QWidget> alone = m->users().findChild<QWidget *>(s("paneWindow"));
        QVERIFY(alone != nullptr);
        QTRY_VERIFY(alone->isVisible() && alone->isWindow());
        QVERIFY(alone->isAncestorOf(alone->findChild<widgets::DetailsPane *>()));
        m->clickRow(2); // it follows the list
        QTRY_COMPARE(m->table().currentRow(), 2);
        alone->close();
        QTRY_VERIFY(alone == nullptr);
        QVERIFY(m->pane().isVisible());
        QCOMPARE(m->pane().window(), static_cast<QWidget *>(&m->window));
    }
};

QTEST_MAIN(MouseJourneys)
#include "tst_journeys_mouse.moc"

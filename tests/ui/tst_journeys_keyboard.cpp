// A person with a keyboard and nothing else: every part is reached, the focus is seen and never lost.
#include "tests/ui/console_fixture.h"
#include "ui/models/format.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/frame/navigation.h"
#include "ui/widgets/table/why_table.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QClipboard>
#include <QPlainTextEdit>
#include <QScrollBar>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

constexpr int dismissed = 3, atRisk = 4, compromised = 5;
constexpr int patience = 30000;
constexpr auto control = Qt::ControlModifier;
constexpr auto shift = Qt::ShiftModifier;

} // namespace

class KeyboardJourneys : public QObject
{
    Q_OBJECT
    std::unique_ptr<Home> m_home;
    std::unique_ptr<theme::Theme> m_theme;
    std::unique_ptr<ConsoleFixture> m;

    void open()
    {
        m = std::make_unique<ConsoleFixture>(*m_theme, m_home->copy());
        const auto expected = m->number(std::string("SELECT count(*) ") + openUsers);
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), static_cast<int>(expected), patience);
        QTRY_VERIFY(m->table().hasFocus()); // the keyboard begins in the list
        QTRY_COMPARE(m->table().currentRow(), 0);
        settle();
    }
    static void key(int code, Qt::KeyboardModifiers modifiers = {}) { ConsoleFixture::key(code, modifiers); }
    void settle()
    {
        const auto &header = ConsoleFixture::part<widgets::SubjectHeader>(m->pane());
        const auto name = [&] { return m->model().index(m->table().currentRow(), 0).data().toString(); };
        QTRY_VERIFY_WITH_TIMEOUT(m->table().currentRow() >= 0 && name().size() > 1 &&
                                     header.accessibleName().startsWith(name()),
                                 patience);
    }
    void sheet() { QTRY_VERIFY(ConsoleFixture::popup<widgets::ConfirmPopover>() != nullptr); }
    void decided()
    {
        QTRY_VERIFY(QApplication::activePopupWidget() == nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(!m->feedback().isEmpty() && !m->window.facts().progress().isVisible(),
                                 patience);
        QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy(), patience);
        focusIsSomewhere();
    }
    void focusIsSomewhere()
    {
        const auto *focus = QApplication::focusWidget();
        QVERIFY(focus != nullptr);
        QVERIFY2(focus->isVisible() && focus->isEnabled(), focus->metaObject()->className());
    }
    [[nodiscard]] std::int64_t currentUser() const { return m->currentId(); }

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
        models::setUtc(false);
        m_theme->setMode(theme::Theme::Mode::Light);
    }
    void cleanupTestCase()
    {
        m_theme.reset();
        QApplication::setStyle(s("fusion"));
    }

    void theFirstStartNeedsNoMouse()
    {
        m = std::make_unique<ConsoleFixture>(*m_theme);
        m->console.setSampleSize(200, 30);
        m->console.start({}, {});
        QTRY_VERIFY(m->window.findChild<QWidget *>(s("firstRun")) != nullptr);
        const auto word = [] {
            const auto *button = qobject_cast<QPushButton *>(QApplication::focusWidget());
            return button != nullptr ? button->text().trimmed() : QString();
        };
        QTRY_COMPARE(word(), s("Explore the sample directory"));
        key(Qt::Key_Tab);
        QCOMPARE(word(), s("Import a sign-in log"));
        key(Qt::Key_Tab);
        QCOMPARE(word(), s("Open a directory file"));
        key(Qt::Key_Backtab, shift);
        key(Qt::Key_Backtab, shift);
        key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, 60000);
        QTRY_VERIFY(m->table().hasFocus());
    }

    void keysBeforeADirectoryIsOpenDoNoHarm()
    {
        m = std::make_unique<ConsoleFixture>(*m_theme);
        m->console.start({}, {});
        QTRY_VERIFY(m->window.findChild<QWidget *>(s("firstRun")) != nullptr);
        for (const int code : {Qt::Key_F5, Qt::Key_F6, Qt::Key_F9, Qt::Key_BracketLeft, Qt::Key_Slash})
            key(code);
        for (const int code : {Qt::Key_2, Qt::Key_3, Qt::Key_R, Qt::Key_F, Qt::Key_K, Qt::Key_L, Qt::Key_D,
                               Qt::Key_Z, Qt::Key_U, Qt::Key_C, Qt::Key_A})
            key(code, control);
        key(Qt::Key_Left, Qt::AltModifier);
        QVERIFY(m->window.findChild<QWidget *>(s("firstRun"))->isVisible());
        QVERIFY(!m->window.facts().progress().isVisible());
        focusIsSomewhere();
    }

    void tabReachesEverythingAndTheFocusIsSeen_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<bool>("detections");
        QTest::newRow("risky users in the light") << false << false;
        QTest::newRow("risky users in the dark") << true << false;
        QTest::newRow("risk detections in the light") << false << true;
    }
    void tabReachesEverythingAndTheFocusIsSeen()
    {
        QFETCH(bool, dark);
        QFETCH(bool, detections);
        m_theme->setMode(dark ? theme::Theme::Mode::Dark : theme::Theme::Mode::Light);
        open();
        if (detections) {
            key(Qt::Key_3, control);
            QTRY_VERIFY(m->model().rowCount() > 0 && m->table().currentRow() >= 0);
            QTRY_VERIFY(ConsoleFixture::withText<QPushButton>(m->pane(), s("Open user")) != nullptr);
        }
        key(Qt::Key_Down);
        QTRY_VERIFY(m->table().hasFocus());
        settle(); // another user has other reasons; these are stops too
        QList<QWidget *> stops;
        for (int i = 0; i < 120; ++i) {
            auto *focus = QApplication::focusWidget();
            QVERIFY(focus != nullptr);
            if (stops.contains(focus))
                break;
            stops << focus;
            QVERIFY2(focus->isVisible(), focus->metaObject()->className());
            // Seen: the window looks different without it.
            const QRect around =
                QRect(focus->mapTo(&m->window, QPoint()), focus->size()).adjusted(-4, -4, 4, 4);
            const QImage with = m->window.grab(around).toImage();
            focus->clearFocus();
            const QImage without = m->window.grab(around).toImage();
            focus->setFocus(Qt::TabFocusReason);
            QVERIFY2(with != without,
                     qPrintable(QStringLiteral("%1 \"%2\"")
                                    .arg(s(focus->metaObject()->className()), focus->accessibleName())));
            key(Qt::Key_Tab);
        }
        QCOMPARE(QApplication::focusWidget(), stops.front()); // round, without a trap
        const auto reached = [&](const QWidget *part) {
            return std::any_of(stops.begin(), stops.end(),
                               [&](const QWidget *stop) { return stop == part || part->isAncestorOf(stop); });
        };
        auto &top = m->window.topBar();
        const QList<const QWidget *> parts = {&m->window.navigation(),
                                              top.directoryButton(),
                                              top.goToButton(),
                                              top.themeButton(),
                                              top.helpButton(),
                                              top.operatorButton(),
                                              &m->search(),
                                              &m->table(),
                                              m->pane().tabs(),
                                              &m->pane(),
                                              &m->window.facts()};
        for (const auto *part : parts)
            QVERIFY2(reached(part), qPrintable(part->accessibleName() + s(part->metaObject()->className())));
        for (const auto *pill : m->current().findChildren<widgets::FilterPill *>())
            QVERIFY2(stops.contains(const_cast<widgets::FilterPill *>(pill)), qPrintable(pill->name()));
        for (const auto *button : m->current().findChildren<widgets::CommandButton *>())
            if (button->isVisible())
                QVERIFY2(reached(button), qPrintable(button->word()));
        for (const auto *control_ : m->current().findChildren<widgets::SegmentedControl *>())
            if (control_->isVisible())
                QVERIFY(reached(control_));
        // Backwards the same way.
        key(Qt::Key_Backtab, shift);
        QCOMPARE(QApplication::focusWidget(), stops.back());
    }

    void everyButtonHasAName()
    {
        open();
        for (const int page : {Qt::Key_2, Qt::Key_3}) {
            key(page, control);
            QTRY_VERIFY(m->model().rowCount() > 0);
            settle_(page);
            int seen = 0;
            for (auto *button : m->window.findChildren<QAbstractButton *>()) {
                if (!button->isVisibleTo(&m->window))
                    continue;
                // Parts that Qt makes for itself and that take no focus: scroll buttons of the tab bar.
                if (qobject_cast<QTabBar *>(button->parentWidget()) != nullptr)
                    continue;
                ++seen;
                const auto where =
                    QStringLiteral("%1 in %2 \"%3\"")
                        .arg(s(button->metaObject()->className()),
                             s(button->parentWidget()->metaObject()->className()), button->text());
                auto *interface = QAccessible::queryAccessibleInterface(button);
                QVERIFY(interface != nullptr);
                QVERIFY2(!interface->text(QAccessible::Name).trimmed().isEmpty(), qPrintable(where));
                const bool iconOnly = (button->text().trimmed().isEmpty() && !button->icon().isNull()) ||
                                      (qobject_cast<widgets::CommandButton *>(button) != nullptr &&
                                       qobject_cast<widgets::CommandButton *>(button)->isCompact());
                if (iconOnly) {
                    QVERIFY2(!button->accessibleName().isEmpty(), qPrintable(where));
                    QVERIFY2(!button->toolTip().isEmpty(), qPrintable(where));
                }
            }
            QVERIFY(seen > 20);
        }
        // The same at the smallest size, where commands become icons and navigation is folded.
        m->window.resize(1024, 680);
        QTRY_VERIFY(m->window.navigation().isCollapsed());
        QTRY_COMPARE(m->table().horizontalScrollBar()->maximum(), 0); // every column is there
        for (auto *button : m->window.findChildren<QAbstractButton *>()) {
            if (!button->isVisibleTo(&m->window) ||
                qobject_cast<QTabBar *>(button->parentWidget()) != nullptr)
                continue;
            auto *command = qobject_cast<widgets::CommandButton *>(button);
            if (qobject_cast<widgets::NavigationItem *>(button) != nullptr ||
                (command != nullptr && command->isCompact()))
                QVERIFY2(!button->toolTip().isEmpty() && !button->accessibleName().isEmpty(),
                         qPrintable(button->text()));
        }
    }
    void settle_(int page)
    {
        if (page == Qt::Key_2)
            settle();
    }

    void judgingNeedsFourKeysAUser()
    {
        open();
        const auto before = m->shownIds();
        key(Qt::Key_Down);
        settle();
        QCOMPARE(currentUser(), before[1]);
        key(Qt::Key_D, control);
        sheet();
        key(Qt::Key_2); // Risk accepted
        key(Qt::Key_Return);
        decided();
        QTRY_COMPARE(m->stateOf(before[1]), dismissed);
        QCOMPARE(m->text("SELECT reason FROM ledger WHERE user = " + std::to_string(before[1]) +
                         " ORDER BY id DESC LIMIT 1"),
                 s("riskAccepted"));
        QTRY_VERIFY(m->table().hasFocus());
        QTRY_COMPARE(m->table().currentRow(), 1);
        QCOMPARE(currentUser(), before[2]); // the next one is there already
        settle();
        key(Qt::Key_D, control | shift);
        sheet();
        key(Qt::Key_Return);
        decided();
        QTRY_COMPARE(m->stateOf(before[2]), 1); // confirmed safe
        QTRY_VERIFY(m->table().hasFocus());
        settle();
        key(Qt::Key_C, control | shift);
        sheet();
        key(Qt::Key_Return);
        decided();
        QTRY_COMPARE(m->stateOf(before[3]), compromised);
        // Backwards, one by one.
        key(Qt::Key_Z, control);
        QTRY_COMPARE(m->stateOf(before[3]), atRisk);
        decided();
        key(Qt::Key_Z, control);
        QTRY_COMPARE(m->stateOf(before[2]), atRisk);
        decided();
        key(Qt::Key_Z, control);
        QTRY_COMPARE(m->stateOf(before[1]), atRisk);
        decided();
        QTRY_COMPARE(m->shownIds().size(), before.size());
        key(Qt::Key_Z, control);
        QTRY_COMPARE(m->feedback(), s("There is nothing to take back."));
        // And forwards again.
        key(Qt::Key_Z, control | shift);
        QTRY_VERIFY(m->stateOf(before[1]) != atRisk);
        decided();
        key(Qt::Key_Z, control | shift);
        QTRY_COMPARE(m->stateOf(before[2]), 1);
        decided();
        key(Qt::Key_Z, control | shift);
        QTRY_COMPARE(m->stateOf(before[3]), compromised);
        decided();
        key(Qt::Key_Z, control | shift);
        QTRY_COMPARE(m->feedback(), s("Nothing was taken back here that could be done again."));
    }

    void escapeLeavesASheetAndNothingIsDone()
    {
        open();
        const auto user = currentUser();
        key(Qt::Key_D, control);
        sheet();
        key(Qt::Key_Escape);
        QTRY_VERIFY(QApplication::activePopupWidget() == nullptr);
        QTRY_VERIFY(m->table().hasFocus());
        QCOMPARE(m->stateOf(user), atRisk);
        // From the button, back to the button.
        auto *button = m->commands().button(s("dismiss"));
        button->setFocus(Qt::TabFocusReason);
        key(Qt::Key_Space);
        sheet();
        key(Qt::Key_Escape);
        QTRY_VERIFY(button->hasFocus());
        QCOMPARE(m->stateOf(user), atRisk);
    }

    void aNoteIsWrittenWithoutCommitting()
    {
        open();
        const auto user = currentUser();
        key(Qt::Key_D, control);
        sheet();
        auto &note = ConsoleFixture::part<QPlainTextEdit>(*QApplication::activePopupWidget());
        for (int i = 0; i < 12 && !note.hasFocus(); ++i)
            key(Qt::Key_Tab);
        QVERIFY(note.hasFocus());
        ConsoleFixture::type(s("call 2"));
        QCOMPARE(note.toPlainText(), s("call 2"));
        key(Qt::Key_Return);
        decided();
        QTRY_COMPARE(m->stateOf(user), dismissed);
        QCOMPARE(m->text("SELECT note FROM ledger WHERE user = " + std::to_string(user) +
                         " ORDER BY id DESC LIMIT 1"),
                 s("call 2"));
    }

    void blockingTurnsIntoUnblocking()
    {
        open();
        const auto user = currentUser();
        const auto enabled = "SELECT account_enabled FROM user WHERE id = " + std::to_string(user);
        key(Qt::Key_B, control);
        sheet();
        key(Qt::Key_Return);
        decided();
        QTRY_COMPARE(m->number(enabled), 0);
        QTRY_VERIFY(!m->commands().button(s("block"))->isAllowed());
        key(Qt::Key_B, control);
        sheet();
        key(Qt::Key_Return);
        decided();
        QTRY_COMPARE(m->number(enabled), 1);
    }

    void tickingWorksOnManyAtOnce()
    {
        open();
        key(Qt::Key_Space);
        key(Qt::Key_Down);
        key(Qt::Key_J);
        key(Qt::Key_Space);
        QCOMPARE(m->model().selectedCount(), 2);
        key(Qt::Key_Down, shift);
        QVERIFY(m->model().selectedCount() >= 2);
        key(Qt::Key_A, control);
        QCOMPARE(m->model().selectedCount(), m->model().rowCount());
        key(Qt::Key_A, control | shift);
        QCOMPARE(m->model().selectedCount(), 0);
        key(Qt::Key_Space);
        key(Qt::Key_Escape);
        QCOMPARE(m->model().selectedCount(), 0);
        QVERIFY(m->table().hasFocus());
        key(Qt::Key_A, control);
        key(Qt::Key_D, control);
        sheet();
        key(Qt::Key_Return);
        decided();
        QTRY_COMPARE(m->number(std::string("SELECT count(*) ") + openUsers), 0);
        QTRY_COMPARE(m->model().rowCount(), 0);
        focusIsSomewhere(); // the list is gone, the way out has the focus
        QVERIFY(m->current().isAncestorOf(QApplication::focusWidget()));
        key(Qt::Key_Z, control);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 5, patience);
        decided();
        QTRY_VERIFY(m->table().hasFocus());
    }

    void theSearchIsOneKeyAway()
    {
        open();
        key(Qt::Key_Slash);
        QTRY_VERIFY(m->search().hasFocus());
        ConsoleFixture::type(s("a/b")); // the sign itself can be written
        QCOMPARE(m->search().text(), s("a/b"));
        key(Qt::Key_Escape);
        QVERIFY(m->search().text().isEmpty());
        QVERIFY(m->search().hasFocus());
        key(Qt::Key_Escape); // nothing to clear: back to the list
        QTRY_VERIFY(m->table().hasFocus());
        key(Qt::Key_F, control);
        QTRY_VERIFY(m->search().hasFocus());
        key(Qt::Key_Down);
        QTRY_VERIFY(m->table().hasFocus());
        const int all = m->model().rowCount();
        key(Qt::Key_F, control);
        ConsoleFixture::type(s("level:high"));
        key(Qt::Key_Return);
        const auto high = m->number(std::string("SELECT count(*) ") + openUsers + " AND r.level = 3");
        QTRY_COMPARE(m->model().rowCount(), static_cast<int>(high));
        key(Qt::Key_L, control | shift);
        QTRY_COMPARE(m->model().rowCount(), all);
        key(Qt::Key_K, control);
        QTRY_VERIFY(QApplication::activePopupWidget() != nullptr);
        key(Qt::Key_Escape);
        QTRY_VERIFY(QApplication::activePopupWidget() == nullptr);
    }

    void pillsAreSetAndClearedByKey()
    {
        open();
        const int all = m->model().rowCount();
        key(Qt::Key_L, control);
        QTRY_VERIFY(m->pill("riskState").hasFocus());
        key(Qt::Key_Right);
        QVERIFY(m->pill("riskLevel").hasFocus());
        key(Qt::Key_Return);
        QTRY_VERIFY(ConsoleFixture::popup<widgets::Popover>() != nullptr);
        auto &list = ConsoleFixture::part<QListView>(*QApplication::activePopupWidget());
        for (int i = 0; i < 6 && !list.hasFocus(); ++i)
            key(Qt::Key_Tab);
        QVERIFY(list.hasFocus());
        for (int i = 0; i < 6 && list.currentIndex().data().toString() != s("High"); ++i)
            key(Qt::Key_Down);
        if (list.currentIndex().data().toString() != s("High"))
            for (int i = 0; i < 6 && list.currentIndex().data().toString() != s("High"); ++i)
                key(Qt::Key_Up);
        QCOMPARE(list.currentIndex().data().toString(), s("High"));
        key(Qt::Key_Space);
        const auto high = m->number(std::string("SELECT count(*) ") + openUsers + " AND r.level = 3");
        QTRY_COMPARE(m->model().rowCount(), static_cast<int>(high));
        key(Qt::Key_Escape);
        QTRY_VERIFY(m->pill("riskLevel").hasFocus());
        key(Qt::Key_Delete);
        QTRY_COMPARE(m->model().rowCount(), all);
        QVERIFY(m->pill("riskLevel").hasFocus());
    }

    void theRowMenuOpensByKey_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<int>("modifiers");
        QTest::newRow("Menu") << static_cast<int>(Qt::Key_Menu) << 0;
        QTest::newRow("Shift+F10") << static_cast<int>(Qt::Key_F10) << static_cast<int>(shift);
    }
    void theRowMenuOpensByKey()
    {
        QFETCH(int, code);
        QFETCH(int, modifiers);
        open();
        const auto user = currentUser();
        key(code, Qt::KeyboardModifiers(modifiers));
        QTRY_VERIFY(ConsoleFixture::popup<QMenu>() != nullptr);
        QCOMPARE(m->users().findChildren<QMenu *>(s("rowMenu")).size(), 1);
        auto *menu = ConsoleFixture::popup<QMenu>();
        QVERIFY(m->window.geometry().contains(menu->pos()));
        for (int i = 0; i < 20; ++i) {
            key(Qt::Key_Down);
            if (menu->activeAction() != nullptr && menu->activeAction()->text().startsWith(s("Dismiss risk")))
                break;
        }
        QVERIFY(menu->activeAction()->text().startsWith(s("Dismiss risk")));
        key(Qt::Key_Return);
        sheet();
        key(Qt::Key_Return);
        decided();
        QTRY_COMPARE(m->stateOf(user), dismissed);
        // Left with Esc, the focus is in the list again.
        key(code, Qt::KeyboardModifiers(modifiers));
        QTRY_VERIFY(ConsoleFixture::popup<QMenu>() != nullptr);
        key(Qt::Key_Escape);
        QTRY_VERIFY(QApplication::activePopupWidget() == nullptr);
        QTRY_VERIFY(m->table().hasFocus());
    }

    void f6WalksTheRegions()
    {
        open();
        const auto in = [&](const QWidget &region) {
            auto *focus = QApplication::focusWidget();
            return focus != nullptr && (focus == &region || region.isAncestorOf(focus));
        };
        const QList<const QWidget *> order = {
            &m->pane(),   &m->window.facts(), &m->window.navigation(), &m->window.topBar(), &m->commands(),
            &m->search(), &m->table()};
        for (const auto *region : order) {
            key(Qt::Key_F6);
            QVERIFY2(in(*region), region->metaObject()->className());
        }
        for (qsizetype i = order.size() - 2; i >= 0; --i) {
            key(Qt::Key_F6, shift);
            QVERIFY2(in(*order[i]), order[i]->metaObject()->className());
        }
    }

    void thePaneIsReadWithoutLeavingTheList()
    {
        open();
        key(Qt::Key_2, Qt::AltModifier);
        QCOMPARE(m->pane().currentTab(), 1);
        QVERIFY(m->table().hasFocus());
        key(Qt::Key_Down, Qt::AltModifier);
        QCOMPARE(m->table().currentRow(), 1);
        key(Qt::Key_Up, Qt::AltModifier);
        QCOMPARE(m->table().currentRow(), 0);
        key(Qt::Key_F9);
        QVERIFY(!m->pane().isVisible());
        QVERIFY(m->table().hasFocus());
        key(Qt::Key_F9);
        QVERIFY(m->pane().isVisible());
        key(Qt::Key_Return);
        QTRY_VERIFY(m->pane().tabs()->hasFocus());
        key(Qt::Key_Right);
        QCOMPARE(m->pane().currentTab(), 2);
        key(Qt::Key_F9); // hidden with the focus in it
        QTRY_VERIFY(m->table().hasFocus());
        key(Qt::Key_F9);
        // The next user fills the pane; the focus stays where it is.
        key(Qt::Key_1, Qt::AltModifier);
        auto *reason = m->pane().findChild<widgets::ReasonEntry *>();
        QVERIFY(reason != nullptr);
        reason->setFocus(Qt::TabFocusReason);
        key(Qt::Key_Down, Qt::AltModifier);
        settle();
        QVERIFY(m->pane().isAncestorOf(QApplication::focusWidget()));
        m->table().setFocus(Qt::OtherFocusReason);
        // Evidence in the pane opens its detection.
        key(Qt::Key_2, Qt::AltModifier);
        key(Qt::Key_Return);
        key(Qt::Key_Tab);
        for (int i = 0; i < 6 && qobject_cast<widgets::TableView *>(QApplication::focusWidget()) == nullptr;
             ++i)
            key(Qt::Key_Tab);
        auto *list = qobject_cast<widgets::TableView *>(QApplication::focusWidget());
        QVERIFY(list != nullptr && list != &m->table());
        key(Qt::Key_Return);
        QTRY_COMPARE(m->window.currentPage(), static_cast<window::Page *>(&m->detections()));
        QTRY_VERIFY(m->table().hasFocus());
        key(Qt::Key_Left, Qt::AltModifier);
        QTRY_COMPARE(m->window.currentPage(), static_cast<window::Page *>(&m->users()));
        focusIsSomewhere();
    }

    void ctrlEnterGivesThePaneItsOwnWindow()
    {
        open();
        key(Qt::Key_Return, control);
        QPointer<QWidget> alone = m->users().findChild<QWidget *>(s("paneWindow"));
        QVERIFY(alone != nullptr);
        QTRY_VERIFY(alone->isVisible());
        QTRY_VERIFY(alone->isActiveWindow());
        QTRY_VERIFY(alone->isAncestorOf(QApplication::focusWidget()));
        key(Qt::Key_Escape);
        QTRY_VERIFY(alone == nullptr);
        QApplication::setActiveWindow(&m->window); // a window manager does this
        QVERIFY(m->pane().isVisible());
        QTRY_VERIFY(m->table().hasFocus());
    }

    void placesAreOneChordAway()
    {
        open();
        key(Qt::Key_3, control);
        QTRY_COMPARE(m->window.currentPage(), static_cast<window::Page *>(&m->detections()));
        QTRY_VERIFY(m->model().rowCount() > 0);
        QTRY_VERIFY(m->table().hasFocus());
        const auto fact = [&] { // the status bar speaks of the list that is shown
            const auto *button = qobject_cast<QAbstractButton *>(m->window.facts().fact(s("page0")));
            return button != nullptr ? button->text() : QString();
        };
        QTRY_VERIFY(fact().contains(s("detection")));
        key(Qt::Key_2, control);
        QTRY_VERIFY(fact().contains(s("user")));
        QTRY_COMPARE(m->window.currentPage(), static_cast<window::Page *>(&m->users()));
        QTRY_VERIFY(m->table().hasFocus());
        // The page is as it was left.
        const auto high = m->number(std::string("SELECT count(*) ") + openUsers + " AND r.level = 3");
        m->current().searchFor(s("level:high"));
        QTRY_COMPARE(m->model().rowCount(), static_cast<int>(high));
        key(Qt::Key_3, control);
        key(Qt::Key_Left, Qt::AltModifier);
        QTRY_COMPARE(m->window.currentPage(), static_cast<window::Page *>(&m->users()));
        QVERIFY(m->pill("riskLevel").accessibleName().endsWith(s("High")));
        QCOMPARE(m->model().rowCount(), static_cast<int>(high));
        key(Qt::Key_Right, Qt::AltModifier);
        QTRY_COMPARE(m->window.currentPage(), static_cast<window::Page *>(&m->detections()));
        // The navigation itself: one tab stop, arrows, Enter.
        auto *item = m->window.navigation().findChild<widgets::NavigationItem *>();
        QVERIFY(item != nullptr);
        item->setFocus(Qt::TabFocusReason);
        QCOMPARE(item->section, s("overview"));
        key(Qt::Key_Return);
        QTRY_COMPARE(m->window.currentPage()->id(), s("overview"));
        key(Qt::Key_Down);
        key(Qt::Key_Return);
        QTRY_COMPARE(m->window.currentPage(), static_cast<window::Page *>(&m->users()));
        key(Qt::Key_Down);
        key(Qt::Key_Down);
        auto *view = qobject_cast<widgets::NavigationItem *>(QApplication::focusWidget());
        QVERIFY(view != nullptr);
        QCOMPARE(view->view, s("highRisk"));
        key(Qt::Key_Return);
        QTRY_COMPARE(m->window.navigation().currentView(), s("highRisk"));
        QTRY_COMPARE(m->model().rowCount(), static_cast<int>(high));
        QVERIFY(m->search().text().isEmpty());
        QVERIFY(view->hasFocus());
    }

    void periodsFiltersAndCopies()
    {
        open();
        QSignalSpy loaded(&m->model(), &models::ListModel::loaded);
        key(Qt::Key_BracketLeft);
        QTRY_VERIFY(!loaded.isEmpty());
        const auto recent = std::string("SELECT count(*) ") + openUsers +
                            " AND r.updated_at >= (SELECT max(t1) FROM segment) - " +
                            std::to_string(30LL * 86400 * 1000000);
        QVERIFY(std::abs(m->model().rowCount() - m->number(recent)) <= 1); // the sample ends some minutes ago
        loaded.clear();
        key(Qt::Key_BracketRight);
        QTRY_VERIFY(!loaded.isEmpty());
        QCOMPARE(m->model().rowCount(),
                 static_cast<int>(m->number(std::string("SELECT count(*) ") + openUsers)));
        // F: only this value. The cell is reached with the arrows.
        const auto column = m->column("riskLevel");
        for (int i = 0; i < 12 && m->table().currentIndex().column() != column; ++i)
            key(Qt::Key_Right);
        const auto level =
            m->number("SELECT level FROM user_risk WHERE user = " + std::to_string(currentUser()));
        QTRY_VERIFY(!m->table().currentIndex().data(models::RawRole).toString().isEmpty());
        key(Qt::Key_F);
        QTRY_COMPARE(m->model().rowCount(),
                     static_cast<int>(m->number(std::string("SELECT count(*) ") + openUsers +
                                                " AND r.level = " + std::to_string(level))));
        QVERIFY(m->table().hasFocus());
        QApplication::clipboard()->clear();
        key(Qt::Key_C, control);
        QTRY_VERIFY(QApplication::clipboard()->text().contains(QLatin1Char('\t')));
    }

    void refreshingKeepsFocusRowAndTicks()
    {
        open();
        key(Qt::Key_Down);
        key(Qt::Key_Down);
        key(Qt::Key_Space);
        const auto user = currentUser();
        QSignalSpy loaded(&m->model(), &models::ListModel::loaded);
        key(Qt::Key_F5);
        QTRY_VERIFY(!loaded.isEmpty());
        QVERIFY(m->table().hasFocus());
        QCOMPARE(currentUser(), user);
        QCOMPARE(m->model().selectedCount(), 1);
        QVERIFY(m->model().isSelected(user));
    }

    void themeZoneAndHelpByKey()
    {
        open();
        key(Qt::Key_T, control | shift);
        QVERIFY(m_theme->isDark());
        key(Qt::Key_T, control | shift);
        QVERIFY(!m_theme->isDark());
        key(Qt::Key_U, control);
        QVERIFY(models::isUtc());
        key(Qt::Key_U, control);
        QVERIFY(!models::isUtc());
        QVERIFY(m->table().hasFocus());
        key(Qt::Key_Slash, control);
        QTRY_VERIFY(ConsoleFixture::popup<widgets::Popover>() != nullptr);
        QCOMPARE(QApplication::activePopupWidget()->objectName(), s("shortcutSheet"));
        const auto lines = QApplication::activePopupWidget()->findChildren<widgets::Paragraph *>();
        QVERIFY(lines.size() > 20);
        for (const auto *line : lines)
            QVERIFY2(line->height() >= line->heightForWidth(line->width()), qPrintable(line->text()));
        key(Qt::Key_Escape);
        QTRY_VERIFY(QApplication::activePopupWidget() == nullptr);
        QTRY_VERIFY(m->table().hasFocus());
    }
};

QTEST_MAIN(KeyboardJourneys)
#include "tst_journeys_keyboard.moc"

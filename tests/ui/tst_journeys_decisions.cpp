// Whom a decision is about: the row in sight or those that were ticked on purpose, told by name and number
// before anything happens; and what a page says where nothing was judged.
#include "core/action/operators.h"
#include "core/import/import_run.h"

#include "tests/ui/journeys.h"
#include "ui/widgets/charts/kpi_strip.h"
#include "ui/widgets/controls/command_bar.h"
#include "ui/widgets/controls/messages.h"

#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QTest>

#include <algorithm>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

constexpr int dismissed = 3, atRisk = 4;

} // namespace

class DecisionJourneys : public QObject, Journeys
{
    Q_OBJECT

    void ask(int key, Qt::KeyboardModifiers modifiers = Qt::ControlModifier)
    {
        ConsoleFixture::key(key, modifiers);
        QTRY_VERIFY(sheet() != nullptr);
    }
    static bool offers(const QString &words)
    {
        if (sheet() == nullptr)
            return false;
        const auto buttons = sheet()->findChildren<QPushButton *>();
        return std::any_of(buttons.begin(), buttons.end(),
                           [&](const QPushButton *b) { return b->text().startsWith(words); });
    }

private Q_SLOTS:
    void initTestCase() { begin(); }
    void init() { m_home->clear(); }
    void cleanup()
    {
        if (auto *open = QApplication::activePopupWidget())
            open->close();
        m.reset();
    }
    void cleanupTestCase() { end(); }

    void aClickedRowGoesWhereTheCurrentOneGoes()
    {
        open();
        const auto ids = m->shownIds();
        m->clickRow(1);
        QCOMPARE(m->model().selectedIds(), std::vector<std::int64_t>{ids[1]});
        ConsoleFixture::key(Qt::Key_Down);
        QCOMPARE(m->table().currentRow(), 2);
        QCOMPARE(m->model().selectedIds(), std::vector<std::int64_t>{ids[2]});
        ask(Qt::Key_D);
        QTRY_COMPARE(sheet()->accessibleName(), s("Dismiss risk of %1").arg(nameOf(ids[2])));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE(m->stateOf(ids[2]), dismissed);
        QCOMPARE(m->stateOf(ids[1]), atRisk);
    }

    void tickedRowsStayAndAreNamed()
    {
        open();
        const auto ids = m->shownIds();
        m->tick(0);
        m->tick(2);
        ConsoleFixture::key(Qt::Key_Down);
        ConsoleFixture::key(Qt::Key_Down);
        QCOMPARE(m->model().selectedIds().size(), 2u);
        ask(Qt::Key_D);
        QTRY_COMPARE(sheet()->accessibleName(),
                     s("Dismiss risk of %1 and %2").arg(nameOf(ids[0]), nameOf(ids[2])));
        QVERIFY(offers(s("Dismiss risk of 2 user")));
        picture("two-named");
        ConsoleFixture::key(Qt::Key_Escape);
        QTRY_VERIFY(sheet() == nullptr);
        // One that was ticked on purpose stays as well, and is named.
        m->tick(2);
        ConsoleFixture::key(Qt::Key_Down);
        QCOMPARE(m->model().selectedIds(), std::vector<std::int64_t>{ids[0]});
        ask(Qt::Key_D);
        QTRY_COMPARE(sheet()->accessibleName(), s("Dismiss risk of %1").arg(nameOf(ids[0])));
    }

    void previousAndNextOfThePaneTakeTheSelectionAlong()
    {
        open();
        const auto ids = m->shownIds();
        m->clickRow(1);
        ConsoleFixture::key(Qt::Key_Down, Qt::AltModifier);
        QCOMPARE(m->currentId(), ids[2]);
        QCOMPARE(m->model().selectedIds(), std::vector<std::int64_t>{ids[2]});
    }

    void severalSelectedAreSummedUpInThePane()
    {
        open();
        const auto ids = m->shownIds();
        const auto &header = ConsoleFixture::part<widgets::SubjectHeader>(m->pane());
        const auto buttons = [&] {
            const auto all = m->pane().findChildren<widgets::CommandButton *>();
            return std::any_of(all.begin(), all.end(), [](const auto *one) { return one->isVisible(); });
        };
        const auto levelsOf = [&](const std::string &which) {
            QStringList levels;
            for (const auto &[level, name] : {std::pair(3, "High"), {2, "Medium"}, {1, "Low"}})
                if (const auto n = m->number("SELECT count(*) FROM user_risk r JOIN user u ON u.id = r.user "
                                             "WHERE r.level = " +
                                             std::to_string(level) + " AND " + which);
                    n > 0)
                    levels << s("%1 %2").arg(n).arg(s(name));
            return levels.join(s(", "));
        };
        m->tick(0);
        QTRY_VERIFY(header.accessibleName().startsWith(nameOf(ids[0])));
        QVERIFY(buttons());
        m->tick(2);
        QVERIFY(!buttons());
        QTRY_COMPARE(header.accessibleName(),
                     s("2 user(s) selected, ") + levelsOf("r.user IN (" + std::to_string(ids[0]) + ", " +
                                                          std::to_string(ids[2]) + ")"));
        picture("several-selected");
        // The one below is read meanwhile and not shown in their place.
        ConsoleFixture::key(Qt::Key_Down);
        settled();
        QTest::qWait(100);
        QVERIFY(header.accessibleName().startsWith(s("2 user(s) selected")));
        ConsoleFixture::key(Qt::Key_A, Qt::ControlModifier);
        QTRY_COMPARE(header.accessibleName(), s("%1 user(s) selected, ").arg(ids.size()) +
                                                  levelsOf("r.state IN (4, 5) AND u.is_deleted = 0"));
        ConsoleFixture::key(Qt::Key_Escape);
        QTRY_VERIFY(header.accessibleName().startsWith(nameOf(m->currentId())));
        QVERIFY(buttons());
    }

    void theMenuOfARowIsAboutThatRow()
    {
        open();
        const auto ids = m->shownIds();
        m->clickRow(0);
        auto &view = m->table();
        const QPoint at(120, view.rowViewportPosition(3) + view.rowHeight(3) / 2);
        ConsoleFixture::click(*view.viewport(), at, {}, Qt::RightButton);
        QContextMenuEvent asked(QContextMenuEvent::Mouse, at, view.viewport()->mapToGlobal(at));
        QApplication::sendEvent(view.viewport(), &asked);
        QTRY_VERIFY(ConsoleFixture::popup<QMenu>() != nullptr);
        QCOMPARE(m->model().selectedIds(), std::vector<std::int64_t>{ids[3]});
    }

    void manyAreCountedByLevel()
    {
        open();
        const auto users = m->model().rowCount();
        ConsoleFixture::key(Qt::Key_A, Qt::ControlModifier);
        ask(Qt::Key_D);
        QTRY_VERIFY(offers(s("Dismiss risk of %1 user").arg(users)));
        QStringList levels;
        for (const auto &[level, name] : {std::pair(3, "High"), {2, "Medium"}, {1, "Low"}})
            if (const auto n = m->number(std::string("SELECT count(*) ") + openUsers +
                                         " AND r.level = " + std::to_string(level));
                n > 0)
                levels << s("%1 %2").arg(n).arg(s(name));
        const auto words = s("%1.").arg(levels.join(s(", ")));
        auto told = [&] { return ConsoleFixture::part<widgets::Paragraph>(*sheet()).text(); };
        QVERIFY2(levels.size() > 1 && told().contains(words), qPrintable(told() + " / " + words));
        QCOMPARE(m->stateOf(m->shownIds()[0]), atRisk);
    }

    void whoIsSkippedIsSaidBefore()
    {
        open();
        const auto ids = m->shownIds();
        m->clickRow(0);
        ask(Qt::Key_D);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE(m->stateOf(ids[0]), dismissed);
        settled();
        m->users().showFiltered({}, std::nullopt); // closed ones as well
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowOf(ids[0]) >= 0 && !m->users().isBusy(), patience);
        // Why somebody was at risk is told as well once nothing is open.
        m->clickRow(m->model().rowOf(ids[0]));
        const auto titled = [&] {
            const auto labels = m->pane().findChildren<widgets::Label *>();
            return std::any_of(labels.begin(), labels.end(), [](const widgets::Label *label) {
                return label->isVisible() && label->text() == s("What was found, closed by now");
            });
        };
        QTRY_VERIFY_WITH_TIMEOUT(titled(), patience);
        const auto open = m->number(std::string("SELECT count(*) ") + openUsers);
        m->users().focusContent();
        ConsoleFixture::key(Qt::Key_A, Qt::ControlModifier);
        ask(Qt::Key_D);
        QTRY_VERIFY(offers(s("Dismiss risk of %1 user").arg(open)));
        const auto told = ConsoleFixture::part<widgets::Paragraph>(*sheet()).text();
        QVERIFY2(told.contains(s("not changed:")), qPrintable(told));
        picture("skipped");
    }

    void aDetectionIsNamedWithItsUser()
    {
        open();
        m->window.setCurrent(s("detections"));
        QTRY_COMPARE(m->window.currentPage(), static_cast<window::Page *>(&m->detections()));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 5 && !m->current().isBusy(), patience);
        m->detections().focusContent();
        const auto user =
            m->number("SELECT user FROM detection WHERE rowid = " + std::to_string(m->currentId()));
        ask(Qt::Key_D);
        QTRY_VERIFY2(sheet()->accessibleName().endsWith(s(" of %1").arg(nameOf(user))),
                     qPrintable(sheet()->accessibleName()));
        picture("detection-named");
    }

    void whoIsNotInTheListIsNotReplacedByAnother()
    {
        open();
        const auto gone = m->number("SELECT max(id) + 1000 FROM user");
        m->users().openRow(gone);
        QTRY_VERIFY_WITH_TIMEOUT(!m->feedback().isEmpty() && !m->users().isBusy(), patience);
        QCOMPARE(m->currentId(), 0);
        QVERIFY(!m->pane().isVisible());
        picture("not-in-list");
        // The list goes on being used.
        m->users().focusContent();
        ConsoleFixture::key(Qt::Key_Down);
        QTRY_VERIFY(m->pane().isVisible());
        QVERIFY(m->currentId() != 0);
    }

    void theAccountsRoleHoldsHereToo()
    {
        const action::Operator chief;
        const auto change = [&](const std::filesystem::path &file, const auto &what) {
            auto directory = run::Directory::open(file);
            QVERIFY(directory.has_value());
            const auto done = what(directory->connection());
            QVERIFY2(done.has_value(), done ? "" : sentence(done.error()).c_str());
        };
        const auto dismissFirst = [&] {
            m->clickRow(0);
            ConsoleFixture::key(Qt::Key_D, Qt::ControlModifier);
        };
        const auto says = [&](const char *words) {
            return m->feedback().contains(s(words)) ||
                   (m->window.message().isVisible() && m->window.message().text().contains(s(words)));
        };
        open();
        const auto file = m_home->path("copy.riskdesk");
        const auto user = m->shownIds()[0];
        // A role that was taken away while the directory is open.
        change(file, [&](store::Connection &connection) {
            return action::addOperator(connection, fixtureClock, chief, "me", action::Role::Administrator,
                                       {desktopAccount(), {}});
        });
        change(file, [&](store::Connection &connection) {
            return action::addOperator(connection, fixtureClock, chief, "far", action::Role::Administrator,
                                       {"far@away", {}});
        });
        change(file, [&](store::Connection &connection) {
            return action::changeRole(connection, fixtureClock, chief, "me", action::Role::Reader);
        });
        dismissFirst();
        QTRY_VERIFY(sheet() != nullptr);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(says("You are Reader"), patience);
        QCOMPARE(m->stateOf(user), atRisk);
        const auto again = [&] {
            m.reset();
            m = std::make_unique<ConsoleFixture>(*m_theme, file);
            QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 5, patience);
            settled();
        };
        again();
        dismissFirst();
        QTRY_VERIFY_WITH_TIMEOUT(says("You are a reader of this directory"), patience);
        QVERIFY(sheet() == nullptr);
        change(file, [&](store::Connection &connection) {
            return action::removeOperator(connection, fixtureClock, chief, "me");
        });
        again();
        dismissFirst();
        QTRY_VERIFY_WITH_TIMEOUT(says("is no operator of this directory"), patience);
        QVERIFY(sheet() == nullptr);
        QCOMPARE(m->stateOf(user), atRisk);
        change(file, [&](store::Connection &connection) {
            return action::addOperator(connection, fixtureClock, chief, "ana", action::Role::Operator,
                                       {desktopAccount(), {}});
        });
        again();
        const auto first = m->shownIds()[0];
        dismissFirst();
        QTRY_VERIFY(sheet() != nullptr);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE(m->stateOf(first), dismissed);
        QCOMPARE(m->text("SELECT actor || ' ' || role || ' ' || via FROM audit WHERE action = 'dismiss'"),
                 s("ana operator console"));
    }

    void aTrialDirectorySaysThatNothingIsJudged()
    {
        const auto file = m_home->path("trial.riskdesk");
        store::DirectoryInfo info;
        info.name = "Trial";
        info.trial = true;
        info.createdAt = fixtureClock.now();
        QVERIFY(store::createDirectory(file, info));
        {
            auto directory = run::Directory::open(file);
            QVERIFY(directory.has_value());
            QVERIFY(run::importFiles(*directory, {m_home->log("log.ndjson", 20, 10).toStdString()}, {},
                                     fixtureClock)
                        .has_value());
        }
        m = std::make_unique<ConsoleFixture>(*m_theme, file);
        const auto says = [&](const QWidget &page) {
            const auto texts = page.findChildren<QLabel *>();
            return std::any_of(texts.begin(), texts.end(), [](const QLabel *text) {
                return text->isVisible() && text->text().contains(s("trial directory"));
            });
        };
        QTRY_VERIFY_WITH_TIMEOUT(says(m->users()), patience);
        for (const auto *page : {"overview", "detections"}) {
            m->window.setCurrent(s(page));
            QTRY_VERIFY_WITH_TIMEOUT(says(*m->window.page(s(page))), patience);
            picture(page);
        }
        // What helps is another directory; another log would not be judged either.
        const auto buttons = m->window.page(s("detections"))->findChildren<QAbstractButton *>();
        const auto offers = [&](const QString &words) {
            return std::any_of(buttons.begin(), buttons.end(), [&](const QAbstractButton *button) {
                return button->isVisible() && button->text() == words;
            });
        };
        QVERIFY(offers(s("New directory")) && !offers(s("Import a sign-in log")));
        m->window.setCurrent(s("overview"));
        auto *overview = m->window.page(s("overview"));
        for (auto *tile : overview->findChildren<widgets::KpiButton *>())
            QVERIFY2(!tile->accessibleName().contains(s("none waits")), qPrintable(tile->accessibleName()));
    }
};

QTEST_MAIN(DecisionJourneys)
#include "tst_journeys_decisions.moc"

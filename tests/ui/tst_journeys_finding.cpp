// Finding by hand: a country by its name, a condition typed where a pill stands already, what helps where
// nothing is found, and where the keyboard is afterwards.
#include "tests/ui/journeys.h"
#include "ui/theme/style.h"
#include "ui/widgets/controls/command_bar.h"
#include "ui/widgets/controls/filter_popover.h"
#include "ui/widgets/controls/go_to.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/frame/navigation.h"
#include "ui/widgets/frame/page_header.h"

#include <QClipboard>
#include <QLabel>
#include <QPushButton>
#include <QTest>

#include <algorithm>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

constexpr int dismissed = 3;

} // namespace

class FindingJourneys : public QObject, Journeys
{
    Q_OBJECT

    void openFilter(const char *field)
    {
        ConsoleFixture::click(m->pill(field), {20, 12});
        QTRY_VERIFY(filter() != nullptr);
    }
    static widgets::FilterPopover *filter() { return ConsoleFixture::popup<widgets::FilterPopover>(); }
    static int valuesShown() { return ConsoleFixture::part<QListView>(*filter()).model()->rowCount(); }
    void search(const QString &text, bool enter = true)
    {
        m->search().clear();
        ConsoleFixture::click(m->search());
        ConsoleFixture::type(text);
        if (enter)
            ConsoleFixture::key(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy(), patience);
    }
    static widgets::GoToSheet *sheetOfGoTo() { return ConsoleFixture::popup<widgets::GoToSheet>(); }
    // Enter may follow at once: it waits for what is still on its way.
    static void goTo(const QString &text)
    {
        ConsoleFixture::key(Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY(sheetOfGoTo() != nullptr);
        ConsoleFixture::type(text);
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

    // Seven clicks and six keys: high risk, seven days, country "vie" Enter Esc, three ticks, dismiss, Enter.
    void threeOfACountryAreDismissed()
    {
        const auto file = m_home->copy();
        {
            auto store = store::openForWriting(file);
            QVERIFY(store);
            store::Statement visits(*store, "UPDATE user_risk SET countries = 'BR VN', updated_at = " +
                                                std::to_string(fixtureClock.now().us - 3600'000'000) +
                                                " WHERE level = 3 AND state = 4");
            QVERIFY(visits.run());
        }
        m = std::make_unique<ConsoleFixture>(*m_theme, file);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 3, patience);
        settled();
        m->window.setCurrent(s("users"), s("highRisk"));
        settled();
        auto &periods = ConsoleFixture::part<widgets::PageHeader>(m->current());
        ConsoleFixture::click(*ConsoleFixture::withText<QAbstractButton>(periods, s("7 days")));
        settled();
        openFilter("countryOrRegion");
        picture("country-filter");
        ConsoleFixture::type(s("vie"));
        QTRY_COMPARE(valuesShown(), 1);
        ConsoleFixture::key(Qt::Key_Return);
        ConsoleFixture::key(Qt::Key_Escape);
        QTRY_VERIFY(filter() == nullptr);
        settled();
        QVERIFY(m->pill("countryOrRegion").accessibleName().contains(s("Vietnam")));
        const auto found = m->shownIds();
        QVERIFY(found.size() >= 3);
        for (int row = 0; row < 3; ++row)
            m->tick(row);
        ConsoleFixture::click(*ConsoleFixture::withText<QAbstractButton>(m->commands(), s("Dismiss risk")));
        QTRY_VERIFY(sheet() != nullptr);
        ConsoleFixture::key(Qt::Key_Return);
        for (int row = 0; row < 3; ++row)
            QTRY_COMPARE(m->stateOf(found[static_cast<std::size_t>(row)]), dismissed);
    }

    void aCountryIsFoundHoweverItIsWritten_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("label");
        QTest::newRow("beginning") << s("vie") << s("Vietnam");
        QTest::newRow("in two words") << s("VIET nam") << s("Vietnam");
        QTest::newRow("code") << s("vn") << s("Vietnam");
    }
    void aCountryIsFoundHoweverItIsWritten()
    {
        QFETCH(QString, typed);
        QFETCH(QString, label);
        open();
        openFilter("countryOrRegion");
        ConsoleFixture::type(typed);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE(filter()->tickedLabels(), QStringList{label}); // Enter waits for the values
    }

    void theFilterGivesTheFocusBack()
    {
        open();
        for (const char *field : {"riskState", "countryOrRegion"}) {
            m->table().setFocus();
            openFilter(field);
            QVERIFY(qobject_cast<widgets::SearchBox *>(filter()->focusWidget()) != nullptr);
            ConsoleFixture::key(Qt::Key_Escape);
            QTRY_VERIFY(filter() == nullptr);
            QTRY_VERIFY(m->window.focusWidget() == &m->table() || m->window.focusWidget() == &m->pill(field));
        }
    }

    void aTypedConditionTakesThePlaceOfThePill()
    {
        open();
        search(s("state:dismissed"));
        QVERIFY(m->pill("riskState").accessibleName().endsWith(s(": Dismissed")));
        QVERIFY(m->search().text().isEmpty());
        const auto expected = m->number("SELECT count(*) FROM user_risk r JOIN user u ON u.id = r.user "
                                        "WHERE r.state = 3 AND u.is_deleted = 0");
        QCOMPARE(m->model().rowCount(), static_cast<int>(expected));
        QVERIFY(expected > 0);
    }

    void itHoldsWhileItIsTyped()
    {
        open();
        search(s("state:dismissed"), false);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0 && m->stateOf(m->shownIds().front()) == dismissed,
                                 patience);
        // What was typed goes, the pill holds again.
        m->search().setFocus();
        ConsoleFixture::key(Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0 && m->stateOf(m->shownIds().front()) != dismissed,
                                 patience);
    }

    void wordsStayInTheSearchBox()
    {
        open();
        const auto name = nameOf(m->shownIds().front());
        search(s("level:high,medium,low ") + name.section(u' ', 0, 0));
        QCOMPARE(m->search().text(), name.section(u' ', 0, 0));
        QVERIFY(m->pill("riskLevel").accessibleName().contains(s("High")));
    }

    void aTypedCountryIsThePill()
    {
        open();
        search(s("country:vietnam"));
        QVERIFY(m->pill("countryOrRegion").accessibleName().endsWith(s(": Vietnam")));
        QVERIFY(m->model().rowCount() > 0);
    }

    [[nodiscard]] bool currentIsSeen() const
    {
        const auto cell = m->table().visualRect(m->model().index(m->table().currentRow(), 1));
        return m->table().viewport()->rect().contains(cell.center());
    }

    void theCurrentRowStaysWhileTheListHoldsIt()
    {
        open();
        m->clickRow(3);
        const auto id = m->currentId();
        openFilter("riskState");
        QVERIFY(ConsoleFixture::clickValue(*filter(), s("Dismissed")));
        ConsoleFixture::key(Qt::Key_Escape);
        settled();
        QTRY_COMPARE(m->currentId(), id);
        QTRY_VERIFY(currentIsSeen());
        // Where it is gone the list begins at its first row.
        search(s("state:dismissed"));
        settled();
        QVERIFY(m->model().rowCount() > 0 && m->model().rowOf(id) < 0);
        QTRY_COMPARE(m->table().currentRow(), 0);
        QVERIFY(currentIsSeen());
        // Reading anew is no filtering.
        m->clickRow(2);
        ConsoleFixture::key(Qt::Key_F5);
        settled();
        QCOMPARE(m->table().currentRow(), 2);
    }

    void anotherPeriodIsAboutTheSameUser()
    {
        open();
        m->tick(2);
        const auto id = m->currentId();
        auto &periods = ConsoleFixture::part<widgets::PageHeader>(m->current());
        for (const char *period : {"30 days", "All"}) {
            ConsoleFixture::click(*ConsoleFixture::withText<QAbstractButton>(periods, s(period)));
            settled();
            QTRY_COMPARE(m->currentId(), id);
            QVERIFY(m->model().isSelected(id) && currentIsSeen());
        }
        const auto &header = ConsoleFixture::part<widgets::SubjectHeader>(m->pane());
        QTRY_VERIFY(header.accessibleName().startsWith(nameOf(id)));
    }

    void aViewBeginsWithNothingSelected()
    {
        open();
        m->clickRow(3);
        m->window.setCurrent(s("users"), s("needsAction"));
        settled();
        QCOMPARE(m->model().selectedCount(), 0);
        QTRY_COMPARE(m->table().currentRow(), 0);
    }

    // However long the first answer takes: a page that has not asked yet stands for one that waits.
    void nothingIsSaidBeforeTheFirstAnswer()
    {
        open();
        auto &page = m->page("signIns");
        QVERIFY(&page != &m->current());
        const auto &empty = ConsoleFixture::part<widgets::EmptyState>(page);
        const auto &header = ConsoleFixture::part<widgets::PageHeader>(page);
        QVERIFY(!empty.isVisibleTo(&page));
        QCOMPARE(header.count(), QString());
        m->window.setCurrent(s("signIns"), {});
        QVERIFY(!empty.isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, patience);
        QVERIFY(!header.count().isEmpty());
        const auto *rows = m->window.facts().fact(s("page0")), *selected = m->window.facts().fact(s("page1"));
        QVERIFY(rows != nullptr && selected != nullptr);
        QTRY_VERIFY(rows->x() < selected->x());
    }

    void whatFindsNothingIsNotOfferedFirst()
    {
        open();
        // No row without the word, whatever the period.
        search(s("zzyzx"));
        QTRY_COMPARE(m->model().rowCount(), 0);
        auto &empty = ConsoleFixture::part<widgets::EmptyState>(m->current());
        const auto ways = [&empty] {
            QStringList words;
            for (const auto *button : empty.findChildren<QPushButton *>())
                if (!button->isHidden())
                    words << button->text();
            return words;
        };
        QTRY_VERIFY_WITH_TIMEOUT(!ways().isEmpty(), patience);
        picture("no-match");
        QTRY_VERIFY_WITH_TIMEOUT(!ways().isEmpty(), patience);
        QTRY_VERIFY_WITH_TIMEOUT(ways().contains(s("Remove the search")), patience);
        QVERIFY(!ways().contains(s("Show every period")));
        ConsoleFixture::click(*ConsoleFixture::withText<QPushButton>(empty, ways().front()));
        settled();
        QVERIFY(m->model().rowCount() > 0);
    }

    void copiedRowsSayWhoAndWhen()
    {
        open();
        const auto id = m->currentId();
        m->table().setFocus();
        QApplication::clipboard()->clear();
        ConsoleFixture::key(Qt::Key_C, Qt::ControlModifier);
        QTRY_VERIFY(!QApplication::clipboard()->text().isEmpty());
        const auto of = " FROM user u JOIN user_risk r ON r.user = u.id WHERE u.id = " + std::to_string(id);
        const auto one = QApplication::clipboard()->text();
        QVERIFY(!one.contains(QLatin1Char('\n')));
        const auto cells = one.split(QLatin1Char('\t'));
        QVERIFY(cells.contains(nameOf(id)));
        QVERIFY(cells.contains(m->text("SELECT u.upn" + of)));
        auto iso = m->text("SELECT strftime('%Y-%m-%dT%H:%M:%S', r.updated_at / 1000000, 'unixepoch')" + of);
        QVERIFY2(cells.contains(iso + s("Z")) || cells.contains(iso + s("+00:00")), qPrintable(one));
        // Several have a line that says what is what.
        m->tick(0);
        m->tick(1);
        ConsoleFixture::key(Qt::Key_C, Qt::ControlModifier);
        QTRY_COMPARE(QApplication::clipboard()->text().count(QLatin1Char('\n')), 2);
        const auto lines = QApplication::clipboard()->text().split(QLatin1Char('\n'));
        QVERIFY(lines.front().split(QLatin1Char('\t')).contains(s("Sign-in name")));
        for (const auto &line : lines)
            QCOMPARE(line.count(QLatin1Char('\t')), lines.front().count(QLatin1Char('\t')));
    }

    // --- go to: everything by keyboard
    void goToFindsAnybody()
    {
        open();
        const auto id =
            m->number("SELECT u.id FROM user u JOIN user_risk r ON r.user = u.id WHERE r.state = 4 AND "
                      "u.is_deleted = 0 ORDER BY u.id LIMIT 1");
        const auto mail = m->text("SELECT upn FROM user WHERE id = " + std::to_string(id));
        goTo(mail.mid(2, 12).toUpper());
        picture("go-to");
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(m->currentId(), id, patience);
        QVERIFY(m->table().hasFocus());
    }

    // Ctrl+D is about whoever the pane shows, not about somebody ticked before and scrolled off.
    void commandsAreAboutWhomGoToFound()
    {
        open();
        const auto ids = m->shownIds();
        m->tick(0);
        goTo(m->text("SELECT upn FROM user WHERE id = " + std::to_string(ids.back())));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(m->currentId(), ids.back(), patience);
        settled();
        QCOMPARE(m->model().selectedIds(), std::vector<std::int64_t>{ids.back()});
        QVERIFY(currentIsSeen());
        ConsoleFixture::key(Qt::Key_D, Qt::ControlModifier);
        QTRY_VERIFY(sheet() != nullptr);
        QTRY_COMPARE(sheet()->accessibleName(), s("Dismiss risk of %1").arg(nameOf(ids.back())));
        ConsoleFixture::key(Qt::Key_Escape);
        // The same where the list holds the user only without its filter.
        m->tick(static_cast<int>(ids.size()) - 1);
        const auto other = m->number("SELECT r.user FROM user_risk r JOIN user u ON u.id = r.user WHERE "
                                     "r.state = 3 AND u.is_deleted = 0 ORDER BY r.updated_at LIMIT 1");
        goTo(m->text("SELECT upn FROM user WHERE id = " + std::to_string(other)));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(m->currentId(), other, patience);
        settled();
        QCOMPARE(m->model().selectedIds(), std::vector<std::int64_t>{other});
        QTRY_VERIFY(currentIsSeen());
        QVERIFY(m->window.navigation().currentView().isEmpty()); // no view holds these rows
    }

    void goToShowsTheStoryOfWhoIsNotAtRisk()
    {
        open();
        const std::string calm =
            "FROM user u WHERE u.sign_ins > 0 AND NOT EXISTS (SELECT 1 FROM user_risk r WHERE "
            "r.user = u.id AND (r.total_detections > 0 OR r.state <> 0)) LIMIT 1";
        const auto mail = m->text("SELECT upn " + calm);
        const auto signIns = m->number("SELECT sign_ins " + calm);
        goTo(s("u ") + mail);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE(m->window.currentPage()->id(), s("signIns"));
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), static_cast<int>(signIns), patience);
    }

    void goToFindsAddressesDetectionsViewsAndCommands()
    {
        open();
        const auto ip = m->text("SELECT ip_text FROM detection WHERE ip_text <> '' ORDER BY rowid LIMIT 1");
        goTo(s("ip ") + ip);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE(m->window.currentPage()->id(), s("signIns"));
        QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy() && m->model().rowCount() > 0, patience);

        const auto rowid = m->number("SELECT max(rowid) FROM detection");
        const auto id = m->text("SELECT id FROM detection WHERE rowid = " + std::to_string(rowid));
        goTo(s("d ") + id.mid(10, 20).toUpper());
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE(m->window.currentPage(), static_cast<window::Page *>(&m->detections()));
        QTRY_COMPARE_WITH_TIMEOUT(m->currentId(), rowid, patience);
        // Under Why it says what such a finding stays silent about.
        const auto type = static_cast<DetectionType>(
            m->number("SELECT type FROM detection WHERE rowid = " + std::to_string(rowid)));
        const auto labels = m->detections().findChildren<QLabel *>();
        QTRY_VERIFY_WITH_TIMEOUT(std::ranges::any_of(labels,
                                                     [&](const QLabel *label) {
                                                         return label->isVisible() &&
                                                                label->text().contains(
                                                                    models::cannotSee(type));
                                                     }),
                                 patience);

        goTo(s("v high"));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE(m->window.navigation().currentView(), s("highRisk"));
        settled();

        const bool dark = m_theme->isDark();
        goTo(s("> dark"));
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE(m_theme->isDark(), !dark);
        m_theme->setMode(theme::Theme::Mode::Light);
    }

    void goToGivesTheFocusBack()
    {
        open();
        m->table().setFocus();
        goTo(s("nobody is called that"));
        ConsoleFixture::key(Qt::Key_Return);
        QVERIFY(sheetOfGoTo() != nullptr);
        ConsoleFixture::key(Qt::Key_Escape);
        QTRY_VERIFY(sheetOfGoTo() == nullptr);
        QTRY_VERIFY(m->table().hasFocus());
    }
};

QTEST_MAIN(FindingJourneys)
#include "tst_journeys_finding.moc"

// What the console says of a finding, of a user's history and under its charts: in words, in order, and never
// more than is known.
#include "core/query/tables/detections.h"

#include "tests/ui/journeys.h"
#include "ui/models/why_text.h"
#include "ui/pages/overview_page.h"
#include "ui/widgets/charts/chart.h"
#include "ui/widgets/charts/chart_stretches.h"
#include "ui/widgets/charts/day_bars.h"
#include "ui/widgets/charts/kpi_strip.h"
#include "ui/widgets/controls/filter_pill.h"
#include "ui/widgets/frame/page_header.h"
#include "ui/widgets/table/why_table.h"

#include <QAbstractButton>
#include <QMenu>
#include <QPushButton>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <ctime>

using namespace riskdesk;
using namespace riskdesk::test;

class WordsJourneys : public QObject, Journeys
{
    Q_OBJECT

    // Everything the Why table says, cell by cell.
    [[nodiscard]] QStringList cells() const
    {
        QStringList out;
        for (auto *part : ConsoleFixture::part<widgets::WhyTable>(m->pane()).findChildren<QWidget *>())
            if (auto *label = qobject_cast<widgets::Label *>(part))
                out << label->text();
            else if (!part->accessibleName().isEmpty())
                out << part->accessibleName();
        return out;
    }
    // A key as programs write it: a small letter and then, without a blank, a capital or an underscore.
    static bool isPlain(const QString &words)
    {
        static const QRegularExpression key(s(
            "\\b[a-z]+[a-z](_[a-z]+|[A-Z][a-z]+)\\b|\\b(AddressFail|DeviceId)\\w*|\\bnan\\b|  |[\\n\\r\\t]"));
        return !words.contains(key);
    }
    void openDetection(std::int64_t id)
    {
        QTest::keyClick(&m->window, Qt::Key_3, Qt::ControlModifier);
        QTRY_COMPARE(m->window.currentPage()->id(), s("detections"));
        settled();
        auto &list = m->model();
        QTRY_VERIFY_WITH_TIMEOUT(list.rowOf(id) >= 0, patience);
        m->table().scrollTo(list.index(list.rowOf(id), 0), QAbstractItemView::PositionAtCenter);
        m->clickRow(list.rowOf(id));
        QTRY_COMPARE(m->currentId(), id);
        settled();
    }
    [[nodiscard]] std::int64_t firstOf(DetectionType type) const
    {
        return m->number("SELECT rowid FROM detection WHERE type = " +
                         std::to_string(static_cast<int>(type)) + " ORDER BY last_at DESC LIMIT 1");
    }

private Q_SLOTS:
    void initTestCase() { begin(); }
    void init() { m_home->clear(); }
    void cleanup() { m.reset(); }
    void cleanupTestCase() { end(); }

    void everyFindingOfTheSampleSpeaksInWords()
    {
        open();
        auto db = store::openForReading(m_home->path("copy.riskdesk"));
        QVERIFY(db);
        const auto ids = m->stored("SELECT rowid FROM detection");
        const auto rows = query::readDetections(*db, ids);
        QVERIFY(rows && rows->size() > 5);
        QSet<int> types;
        for (const auto &row : *rows) {
            types << static_cast<int>(row.detection.type);
            for (const auto &words : {models::reasonLine(row.detection), models::explanation(row.detection)})
                QVERIFY2(!words.isEmpty() && isPlain(words), qPrintable(words));
        }
        QVERIFY(types.size() >= 6);
        QSet<QString> seen;
        for (const int type : types) {
            openDetection(firstOf(static_cast<DetectionType>(type)));
            QTRY_VERIFY(!cells().isEmpty());
            for (const auto &words : cells())
                QVERIFY2(isPlain(words), qPrintable(words));
        }
    }

    void aSprayIsNoList()
    {
        open();
        openDetection(firstOf(DetectionType::PasswordSpray));
        QTRY_VERIFY(cells().contains(s("Attack")));
        QVERIFY(!cells().contains(s("On list")));
        QVERIFY2(cells().contains(s("Bucharest, RO")), qPrintable(cells().join(u'|')));
        picture("spray-why");
    }

    // A user agent is named; what the log holds is in the tool tip.
    void aDeviceIsNamed()
    {
        open();
        openDetection(firstOf(DetectionType::UnlikelyTravel));
        QTRY_VERIFY(cells().contains(s("Device")));
        for (const auto &words : cells())
            QVERIFY2(!words.contains(s("Mozilla/")), qPrintable(words));
        QStringList tips;
        for (const auto *part : ConsoleFixture::part<widgets::WhyTable>(m->pane()).findChildren<QWidget *>())
            tips << part->toolTip();
        QVERIFY(!tips.filter(s("Mozilla/")).isEmpty());
        picture("travel-device");
    }

    // One detection, seen again and again: the list and the pane call its two times the same.
    void theTimesOfARepeatedDetectionAreNamed()
    {
        open();
        openDetection(m->number("SELECT rowid FROM detection WHERE count > 1 AND last_at > at LIMIT 1"));
        const auto title = [&](const char *id) {
            return m->model().headerData(m->column(id), Qt::Horizontal, Qt::DisplayRole).toString();
        };
        QCOMPARE(title("lastActivityDateTime"), s("Last seen"));
        QCOMPARE(title("activityDateTime"), s("First seen"));
        const auto &header = ConsoleFixture::part<widgets::SubjectHeader>(m->pane());
        QTRY_VERIFY(header.accessibleName().contains(s("first seen ")));
        m->pane().setCurrentTab(1);
        QTRY_VERIFY(ConsoleFixture::withText<widgets::Label>(m->pane(), s("First seen")) != nullptr);
        QVERIFY(ConsoleFixture::withText<widgets::Label>(m->pane(), s("Last seen")) != nullptr);
        QVERIFY(ConsoleFixture::withText<widgets::Label>(m->pane(), s("First time")) == nullptr);
    }

    void pillsReadRight()
    {
        open();
        m->search().setText(s("deleted:no "));
        QTest::keyClick(&m->search(), Qt::Key_Return);
        m->current().searchFor(s("deleted:no"));
        settled();
        QCOMPARE(m->pill("isDeleted").name(), s("Status"));
        QCOMPARE(m->pill("isDeleted").values(), QStringList{s("Active")});
        QTest::keyClick(&m->window, Qt::Key_3, Qt::ControlModifier);
        settled();
        m->current().showFiltered(s("counted:yes"), std::nullopt);
        settled();
        QCOMPARE(m->pill("counted").name(), s("Counted in risk"));
        QCOMPARE(m->pill("counted").values(), QStringList{s("Yes")});
    }

    // "30 days" is the same stretch on every page, and a number says which levels it counts.
    void thirtyDaysAreThirtyOnEveryPage()
    {
        open();
        const auto range = s("17 Feb 2026 to 18 Mar 2026");
        const auto said = [&] {
            auto &header = ConsoleFixture::part<widgets::PageHeader>(*m->window.currentPage());
            ConsoleFixture::click(*ConsoleFixture::withText<QAbstractButton>(header, s("30 days")));
            return QTest::qWaitFor(
                [&] { return ConsoleFixture::withText<widgets::Label>(header, range) != nullptr; }, 5000);
        };
        QVERIFY(said());
        QTest::keyClick(&m->window, Qt::Key_3, Qt::ControlModifier);
        QVERIFY(said());
        QTest::keyClick(&m->window, Qt::Key_1, Qt::ControlModifier);
        auto &page = *qobject_cast<pages::OverviewPage *>(m->window.currentPage());
        QTRY_VERIFY_WITH_TIMEOUT(page.shown().users > 0 && !page.isBusy(), patience);
        QVERIFY(said());
        QStringList figures;
        for (const auto *button : page.findChildren<QAbstractButton *>())
            figures << button->accessibleName();
        QCOMPARE(figures.filter(s("Risky sign-ins let through")).filter(s("Medium or High")).size(), 1);
    }

    void aFilterIsAdded()
    {
        open();
        auto &page = m->current();
        auto *add = ConsoleFixture::withText<QAbstractButton>(page, s("Add filter"));
        QVERIFY(add != nullptr && add->isVisible());
        const auto shown = page.findChildren<widgets::FilterPill *>().size();
        ConsoleFixture::click(*add);
        QTRY_VERIFY(ConsoleFixture::popup<QMenu>() != nullptr);
        picture("add-filter");
        auto &menu = *ConsoleFixture::popup<QMenu>();
        auto *status = ConsoleFixture::entry(menu, s("Risk detail"));
        QVERIFY(status != nullptr);
        QVERIFY(ConsoleFixture::entry(menu, s("Risk level")) == nullptr); // it has its pill
        menu.setActiveAction(status);
        QTest::keyClick(&menu, Qt::Key_Return);
        QTRY_VERIFY(m->window.findChild<QWidget *>(s("filterPopover")) != nullptr);
        QCOMPARE(page.findChildren<widgets::FilterPill *>().size(), shown + 1);
        // Nothing chosen, nothing kept.
        QTest::keyClick(QApplication::activePopupWidget(), Qt::Key_Escape);
        QTRY_COMPARE(page.findChildren<widgets::FilterPill *>().size(), shown);
    }

    void aLimitIsNotWhatIsUsual()
    {
        open();
        openDetection(firstOf(DetectionType::UnlikelyTravel));
        QTRY_VERIFY(cells().contains(s("Travel speed")));
        for (const auto &words : cells())
            QVERIFY2(!words.startsWith(s("up to ")), qPrintable(words));
        picture("travel-why");
    }

    void aTimeOfUtcIsNotCalledLocal()
    {
        open();
        openDetection(m->number("SELECT rowid FROM detection WHERE evidence LIKE '%\"localTime\"%' LIMIT 1"));
        QTRY_VERIFY(cells().filter(s("UTC")).size() == 1);
        QVERIFY(!cells().contains(s("Local time")));
        picture("unfamiliar-why");
    }

    void aChartEndsToday()
    {
        open();
        const auto *bars = m->current().findChild<widgets::DayBars *>();
        QVERIFY(bars != nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(!bars->bars().isEmpty(), patience);
        auto &header = ConsoleFixture::part<widgets::PageHeader>(m->current());
        ConsoleFixture::click(*ConsoleFixture::withText<QAbstractButton>(header, s("90 days")));
        QTRY_COMPARE(bars->bars().constLast().label, s("18 Mar 2026")); // it begins in December
        picture("users-strip");
    }

    void chartTitlesAreWhole()
    {
        open();
        QTest::keyClick(&m->window, Qt::Key_1, Qt::ControlModifier);
        QTRY_COMPARE(m->window.currentPage()->id(), s("overview"));
        auto &page = *qobject_cast<pages::OverviewPage *>(m->window.currentPage());
        QTRY_VERIFY_WITH_TIMEOUT(page.shown().users > 0 && !page.isBusy(), patience);
        int questions = 0;
        for (const auto *label : page.findChildren<widgets::Label *>())
            if (label->isVisible() && label->text().contains(QLatin1Char('?'))) {
                ++questions;
                QVERIFY2(label->width() >= label->sizeHint().width(), qPrintable(label->text()));
            }
        QVERIFY(questions >= 4);
        picture("overview");
        // In the smallest window too no title of a figure is cut.
        m->window.resize(1024, 700);
        QCoreApplication::processEvents();
        auto &style = m_theme->text(theme::TextStyle::Label);
        for (const auto *figure : page.findChildren<widgets::KpiButton *>())
            QVERIFY2(style.width(figure->shownTitle()) <= figure->width() - 28,
                     qPrintable(figure->shownTitle()));
    }

    void stretchesAreDaysOfTheZone_data()
    {
        QTest::addColumn<QByteArray>("zone");
        QTest::addColumn<qint64>("midnight"); // hours past that of UTC
        QTest::newRow("UTC") << QByteArray("UTC") << qint64(0);
        QTest::newRow("Tokyo") << QByteArray("Asia/Tokyo") << qint64(15);
        QTest::newRow("Bogota") << QByteArray("America/Bogota") << qint64(5);
    }
    void stretchesAreDaysOfTheZone()
    {
        QFETCH(QByteArray, zone);
        QFETCH(qint64, midnight);
        const auto before = qgetenv("TZ");
        qputenv("TZ", zone);
        ::tzset();
        const auto until = Timestamp::fromCivil(2026, 3, 18, 14, 26);
        const auto bounds = widgets::dayStretches(until - std::chrono::hours(24 * 30), until);
        const auto labels = widgets::stretchLabels(bounds);
        const auto today = models::local(until).toString(s("d MMM"));
        qputenv("TZ", before);
        ::tzset();
        QCOMPARE(bounds.front(), until - std::chrono::hours(24 * 30));
        QCOMPARE(bounds.back(), until);
        QCOMPARE(bounds.size(), 32u); // 29 whole days and the two that are cut
        for (std::size_t i = 1; i + 1 < bounds.size(); ++i)
            QCOMPARE(bounds[i].us % (86400ll * 1000000), midnight * 3600 * 1000000);
        QCOMPARE(labels.size(), qsizetype(31));
        QCOMPARE(labels.constLast(), today);
    }

    void aDayMayHaveTwentyFiveHours()
    {
        const auto before = qgetenv("TZ");
        qputenv("TZ", "Europe/Lisbon");
        ::tzset();
        const auto from = Timestamp::fromCivil(2025, 10, 20), until = Timestamp::fromCivil(2025, 10, 30, 12);
        const auto bounds = widgets::dayStretches(from, until);
        const auto labels = widgets::stretchLabels(bounds);
        qputenv("TZ", before);
        ::tzset();
        QVERIFY(std::is_sorted(bounds.begin(), bounds.end()));
        QVERIFY(std::find(bounds.begin(), bounds.end(), Timestamp::fromCivil(2025, 10, 25, 23)) !=
                bounds.end());
        QVERIFY(std::find(bounds.begin(), bounds.end(), Timestamp::fromCivil(2025, 10, 27)) != bounds.end());
        QCOMPARE(QSet<QString>(labels.begin(), labels.end()).size(), labels.size());
    }

    void theYearStandsWhereThereAreSeveral()
    {
        const auto until = Timestamp::fromCivil(2026, 1, 5, 10);
        const auto bounds = widgets::dayStretches(Timestamp::fromCivil(2025, 12, 20), until);
        QCOMPARE(widgets::stretchLabels(bounds).constFirst(), s("20 Dec 2025"));
        QCOMPARE(widgets::stretchLabels(bounds).constLast(), s("5 Jan 2026"));
        const auto all = widgets::dayStretches(Timestamp::fromCivil(2016, 1, 5), until);
        QVERIFY(all.size() <= 94);
        QCOMPARE(all.front(), Timestamp::fromCivil(2016, 1, 5));
        QCOMPARE(all.back(), until);
        const auto day = widgets::dayStretches(until - std::chrono::hours(24), until);
        QCOMPARE(widgets::stretchLabels(day).constFirst(), s("10:00"));
        QCOMPARE(widgets::dayStretches(until, until).size(), 2u);
        QVERIFY(widgets::fineStretches(Timestamp::fromCivil(2025, 12, 20), until).size() > 60);
    }

    void aHistoryIsInOrderAndSaysWhatWasTakenBack()
    {
        open();
        m->clickRow(0);
        const auto id = m->currentId();
        ConsoleFixture::key(Qt::Key_D, Qt::ControlModifier);
        QTRY_VERIFY(sheet() != nullptr);
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE(m->stateOf(id), 3);
        ConsoleFixture::key(Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE(m->stateOf(id), 4);
        settled();
        const auto lists = m->pane().findChildren<widgets::TableView *>();
        const auto found = std::find_if(lists.begin(), lists.end(), [](const auto *list) {
            return list->accessibleName() == s("Risk history of this user");
        });
        QVERIFY(found != lists.end());
        const auto *history = (*found)->model();
        QTRY_VERIFY(m->model().rowOf(id) >= 0);
        m->clickRow(m->model().rowOf(id));
        QTRY_VERIFY(history->index(0, 1).data().toString().startsWith(s("Taken back: Risk dismissed by ")));
        m->pane().setCurrentTab(3);
        picture("history");
    }

    void everythingBeginsWithTheOldest()
    {
        open();
        const auto *bars = m->current().findChild<widgets::DayBars *>();
        QTRY_VERIFY_WITH_TIMEOUT(bars != nullptr && !bars->bars().isEmpty(), patience);
        auto *all = ConsoleFixture::withText<QAbstractButton>(m->current(), s("All"));
        QVERIFY(all != nullptr);
        ConsoleFixture::click(*all);
        const Timestamp oldest{m->number("SELECT min(at) FROM detection")};
        QTRY_COMPARE(bars->bars().constFirst().label, models::local(oldest).toString(s("d MMM")));
        QCOMPARE(bars->bars().constLast().label, s("18 Mar"));
    }

    void everyDetectorAnswersInASentence()
    {
        open();
        QTest::keyClick(&m->window, Qt::Key_4, Qt::ControlModifier);
        QTRY_COMPARE(m->window.currentPage()->id(), s("signIns"));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0 && !m->current().isBusy(), patience);
        m->clickRow(0);
        m->pane().setCurrentTab(2);
        auto *ask = m->pane().findChild<QPushButton *>(s("askDetectors"));
        QTRY_VERIFY_WITH_TIMEOUT(ask != nullptr && ask->isVisible() && ask->isEnabled(), patience);
        ConsoleFixture::click(*ask);
        const auto lists = m->pane().findChildren<widgets::TableView *>();
        const auto found = std::find_if(lists.begin(), lists.end(), [](const auto *list) {
            return list->accessibleName() == s("What each detector says");
        });
        QVERIFY(found != lists.end());
        const auto *answers = (*found)->model();
        QTRY_VERIFY_WITH_TIMEOUT(answers->rowCount() >= 6, patience);
        for (int row = 0; row < answers->rowCount(); ++row) {
            const auto words = answers->index(row, 2).data().toString();
            QVERIFY2(words == s("Raised") || words.endsWith(QLatin1Char('.')), qPrintable(words));
            QVERIFY2(isPlain(words), qPrintable(words));
        }
        picture("why-not");
        // They stay when the list is read again.
        const auto said = answers->rowCount();
        const QSignalSpy shownAgain(lists.front() == *found ? lists.back()->model() : lists.front()->model(),
                                    &QAbstractItemModel::modelReset);
        QTest::keyClick(&m->window, Qt::Key_F5);
        QTRY_VERIFY_WITH_TIMEOUT(!shownAgain.isEmpty(), patience);
        settled();
        QCOMPARE(answers->rowCount(), said);
        QVERIFY(ask->isEnabled());
    }
};

QTEST_MAIN(WordsJourneys)
#include "tst_journeys_words.moc"

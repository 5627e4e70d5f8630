// A person who looks at the overview first: each number opens the rows it counts, the first command helps.
#include "tests/ui/console_fixture.h"
#include "ui/pages/overview_page.h"
#include "ui/widgets/charts/chart.h"
#include "ui/widgets/charts/day_bars.h"
#include "ui/widgets/charts/kpi_strip.h"
#include "ui/widgets/charts/world_map.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/segmented.h"
#include "ui/widgets/frame/navigation.h"
#include "ui/widgets/frame/status_bar.h"
#include "ui/widgets/table/urgent_list.h"

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

constexpr int patience = 30000;

} // namespace

class OverviewJourneys : public QObject
{
    Q_OBJECT
    std::unique_ptr<Home> m_home;
    std::unique_ptr<theme::Theme> m_theme;
    std::unique_ptr<ConsoleFixture> m;

    [[nodiscard]] pages::OverviewPage &page() const
    {
        return *qobject_cast<pages::OverviewPage *>(m->window.page(s("overview")));
    }
    void open()
    {
        m = std::make_unique<ConsoleFixture>(*m_theme, m_home->copy());
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, patience);
        QTest::keyClick(&m->window, Qt::Key_1, Qt::ControlModifier);
        QTRY_COMPARE(m->window.currentPage()->id(), s("overview"));
        QTRY_VERIFY_WITH_TIMEOUT(page().shown().users > 0 && !page().isBusy(), patience);
    }
    [[nodiscard]] QWidget *figure(int number) const
    {
        return page().findChild<widgets::KpiStrip *>()->findChildren<widgets::KpiButton *>().value(number);
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
    void cleanup() { m.reset(); }
    void cleanupTestCase()
    {
        m_theme.reset();
        QApplication::setStyle(s("fusion"));
    }

    void aNumberOpensWhatItCounts_data()
    {
        QTest::addColumn<int>("number");
        QTest::addColumn<QString>("section");
        QTest::newRow("users at risk") << 0 << s("users");
        QTest::newRow("high risk without action") << 1 << s("users");
        QTest::newRow("risky sign-ins let through") << 2 << s("signIns");
    }
    void aNumberOpensWhatItCounts()
    {
        QFETCH(int, number);
        QFETCH(QString, section);
        open();
        const auto &o = page().shown();
        const std::int64_t counts[] = {o.figures.now.atRisk, o.high, o.letThrough};
        QVERIFY(counts[number] > 0);
        m->click(*figure(number));
        QTRY_COMPARE(m->window.currentPage()->id(), section);
        QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy() && m->model().rowCount() == counts[number], patience);
        // It is no view that has these rows.
        QCOMPARE(m->window.navigation().currentSection(), section);
        QCOMPARE(m->window.navigation().currentView(), QString());
    }

    // Whatever the period: a number, pressed, opens as many rows.
    void everyFigureOpensAsManyRows_data()
    {
        QTest::addColumn<int>("period");
        QTest::newRow("24 hours") << 0;
        QTest::newRow("7 days") << 1;
        QTest::newRow("30 days") << 2;
        QTest::newRow("90 days") << 3;
    }
    void everyFigureOpensAsManyRows()
    {
        QFETCH(int, period);
        open();
        const auto back = [&] {
            QTest::keyClick(&m->window, Qt::Key_1, Qt::ControlModifier);
            QTRY_COMPARE(m->window.currentPage()->id(), s("overview"));
            QTRY_VERIFY_WITH_TIMEOUT(!page().isBusy(), patience);
        };
        Q_EMIT ConsoleFixture::part<widgets::SegmentedControl>(page()).chosen(period);
        QTRY_VERIFY_WITH_TIMEOUT(!page().isBusy(), patience);
        const auto o = page().shown();
        const std::int64_t counts[] = {o.figures.now.atRisk,
                                       o.high,
                                       o.letThrough,
                                       o.figures.now.resolved,
                                       o.figures.now.selfResolved,
                                       o.figures.now.dismissedFalse};
        QStringList wrong;
        for (int number = 0; number < 6; ++number) {
            const auto name = figure(number)->accessibleName();
            m->click(*figure(number));
            QTRY_VERIFY(m->window.currentPage()->id() != s("overview"));
            QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy(), patience);
            if (!QTest::qWaitFor([&] { return m->model().rowCount() == counts[number]; }, 1500))
                wrong << s("%1: %2, but %3 rows").arg(name).arg(counts[number]).arg(m->model().rowCount());
            back();
        }
        auto &map = *page().findChild<widgets::WorldMap *>();
        for (std::size_t place = 0; place < o.places.size() && place < 5; ++place) {
            Q_EMIT map.markPressed(QString::number(place));
            QTRY_COMPARE(m->window.currentPage()->id(), s("detections"));
            QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy(), patience);
            if (!QTest::qWaitFor([&] { return m->model().rowCount() == o.places[place].detections; }, 1500))
                wrong << s("%1: %2, but %3 rows")
                             .arg(QString::fromStdString(o.places[place].place.city))
                             .arg(o.places[place].detections)
                             .arg(m->model().rowCount());
            back();
        }
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(s("; "))));
    }
    void theReasonOfTheUrgentIsReadWhole()
    {
        open();
        const auto &entries = page().findChild<widgets::UrgentList *>()->entries();
        QVERIFY(!entries.isEmpty());
        for (const auto *entry : entries)
            QVERIFY2(!entry->isReasonCut() && !(entry->urgent().reason.startsWith(s("New:")) &&
                                                entry->urgent().reason.endsWith(u'…')),
                     qPrintable(entry->urgent().reason));
    }

    void whatIsSaidOfAnEmptyDirectoryGoesWithIt()
    {
        const auto file = m_home->path("empty.riskdesk");
        store::DirectoryInfo info;
        info.name = "Empty";
        QVERIFY(store::createDirectory(file, info));
        m = std::make_unique<ConsoleFixture>(*m_theme, file);
        const auto &empty = ConsoleFixture::part<widgets::EmptyState>(m->users());
        QTRY_VERIFY_WITH_TIMEOUT(empty.isVisible(), patience);
        QTest::keyClick(&m->window, Qt::Key_1, Qt::ControlModifier);
        auto &said = ConsoleFixture::part<widgets::MessageBar>(page());
        QTRY_VERIFY_WITH_TIMEOUT(said.isVisible() && said.text().startsWith(s("No sign-ins")), patience);
        m->console.take({m_home->log("shop.ndjson", 120, 20)});
        QTRY_VERIFY_WITH_TIMEOUT(m->window.message().isVisible() && m->window.facts().progress().isHidden() &&
                                     page().shown().users > 0,
                                 patience);
        QTRY_VERIFY(!page().isBusy());
        QVERIFY2(!said.isVisible(), qPrintable(said.text()));
    }

    void theUserWhoIsOpenedIsSeen()
    {
        open();
        // A long list, towards whose end it is.
        m->users().enter(s("allAtRisk"));
        QTRY_VERIFY_WITH_TIMEOUT(!m->users().isBusy(), patience);
        std::int64_t last = 0;
        for (int row = 0; row < m->users().model().rowCount(); ++row)
            if (const auto id = m->users().model().idAt(row);
                m->number("SELECT level FROM user_risk WHERE user = " + std::to_string(id)) < 3)
                last = id;
        m->users().enter(s("highRisk"));
        QTRY_VERIFY_WITH_TIMEOUT(!m->users().isBusy(), patience);
        QVERIFY(m->users().model().rowOf(last) < 0);
        Q_EMIT page().findChild<widgets::UrgentList *>()->pressed(QString::number(last));
        QTRY_COMPARE(m->window.currentPage()->id(), s("users"));
        QTRY_COMPARE_WITH_TIMEOUT(m->currentId(), last, patience);
        QTRY_VERIFY(!m->current().isBusy());
        QCoreApplication::processEvents();
        const auto cell = m->table().visualRect(m->model().index(m->table().currentRow(), 1));
        QVERIFY(m->table().viewport()->rect().contains(cell.center()));
    }

    void aBarOpensItsDayAndATypeItsDetections()
    {
        open();
        const auto overview = page().shown();
        auto &bars = *page().findChild<widgets::DayBars *>();
        std::size_t fullest = 0;
        const auto total = [](const query::LevelCounts &c) { return c[0] + c[1] + c[2] + c[3]; };
        for (std::size_t i = 0; i < overview.days.size(); ++i)
            if (total(overview.days[i]) > total(overview.days[fullest]))
                fullest = i;
        QVERIFY(total(overview.days[fullest]) > 0);
        for (int x = 0; x < bars.width(); ++x)
            if (bars.barAt({x, bars.height() / 2}) == static_cast<int>(fullest)) {
                m->click(bars, {x + 2, bars.height() / 2});
                break;
            }
        QTRY_COMPARE(m->window.currentPage()->id(), s("detections"));
        QTRY_VERIFY_WITH_TIMEOUT(
            !m->current().isBusy() && m->model().rowCount() == total(overview.days[fullest]), patience);
        for (const auto &[type, levels] : overview.types) {
            QTest::keyClick(&m->window, Qt::Key_1, Qt::ControlModifier);
            QTRY_COMPARE(m->window.currentPage()->id(), s("overview"));
            Q_EMIT page().findChild<widgets::TypeBars *>()->barPressed(
                QString::fromUtf8(toText(type).data()));
            QTRY_COMPARE(m->window.currentPage()->id(), s("detections"));
            QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy() && m->model().rowCount() == total(levels),
                                     patience);
        }
    }

    void theListOfTheUrgentIsAsLongAsItSays()
    {
        open();
        const auto expected = page().shown().urgentUsers;
        QVERIFY(expected > 0);
        auto *all = ConsoleFixture::withText<QPushButton>(page(), s("All %1").arg(expected));
        QVERIFY(all != nullptr);
        m->click(*all);
        QTRY_COMPARE(m->window.currentPage()->id(), s("users"));
        QTRY_VERIFY_WITH_TIMEOUT(!m->current().isBusy() && m->model().rowCount() == expected, patience);
    }

    void theFirstCommandHelpsAndIsTakenBack()
    {
        open();
        auto &list = *page().findChild<widgets::UrgentList *>();
        QVERIFY(!list.entries().isEmpty());
        auto *first = list.entries().front();
        const auto user = first->urgent().id.toLongLong();
        const auto command = first->urgent().command;
        QVERIFY2(command == s("Reset password") || command == s("Block sign-in"), qPrintable(command));
        m->click(*first->commandButton());
        QTRY_VERIFY(ConsoleFixture::popup<widgets::ConfirmPopover>() != nullptr);
        auto *sheet = ConsoleFixture::popup<widgets::ConfirmPopover>();
        QPushButton *go = nullptr;
        for (auto *button : sheet->findChildren<QPushButton *>())
            if (button->text().startsWith(command))
                go = button;
        QVERIFY(go != nullptr);
        m->click(*go);
        // Whoever was helped no longer waits.
        QTRY_VERIFY_WITH_TIMEOUT(!page().isBusy() && !page().shown().urgent.empty() &&
                                     page().shown().urgent.front().user.id != user,
                                 patience);
        auto *undo = ConsoleFixture::withText<QPushButton>(page(), s("Undo"));
        QTRY_VERIFY(undo != nullptr);
        m->click(*undo);
        QTRY_VERIFY_WITH_TIMEOUT(!page().isBusy() && page().shown().urgent.front().user.id == user, patience);
    }
};

QTEST_MAIN(OverviewJourneys)
#include "tst_journeys_overview.moc"

// A person who looks into sign-ins: over the whole store, one pill, one bar of the strip, what lies around
// one, why nothing was raised, and a decision about one.
#include "tests/ui/console_fixture.h"
#include "ui/widgets/charts/density_strip.h"
#include "ui/widgets/controls/messages.h"

#include <QAbstractItemModel>
#include <QPlainTextEdit>

using namespace riskdesk;
using namespace riskdesk::test;
using widgets::TableView;

namespace {

constexpr int patience = 30000;
constexpr int answersTab = 2, aroundTab = 3;

} // namespace

class SignInJourneys : public QObject
{
    Q_OBJECT
    std::unique_ptr<Home> m_home;
    std::unique_ptr<theme::Theme> m_theme;
    std::unique_ptr<ConsoleFixture> m;

    void open(const char *search = "")
    {
        m = std::make_unique<ConsoleFixture>(*m_theme, m_home->copy());
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0, patience);
        QTest::keyClick(&m->window, Qt::Key_4, Qt::ControlModifier);
        QTRY_COMPARE(m->window.currentPage()->id(), s("signIns"));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() > 0 && !m->current().isBusy(), patience);
        if (*search == 0)
            return;
        const int before = m->model().rowCount();
        m->click(m->search());
        ConsoleFixture::type(s(search));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() != before && !m->current().isBusy(), patience);
    }
    [[nodiscard]] QString facts() const
    {
        return ConsoleFixture::part<widgets::SubjectHeader>(m->pane()).accessibleName();
    }
    TableView &tabList(int tab)
    {
        return ConsoleFixture::part<TableView>(*ConsoleFixture::part<QStackedWidget>(m->pane()).widget(tab));
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

    void aPillAndTheStripCountTheSame()
    {
        open();
        auto &pill = m->pill("result");
        m->click(pill, {20, pill.height() / 2});
        QTRY_VERIFY(ConsoleFixture::popup<widgets::Popover>() != nullptr);
        auto *popover = ConsoleFixture::popup<widgets::Popover>();
        const int before = m->model().rowCount();
        QVERIFY(ConsoleFixture::clickValue(*popover, s("Failure")));
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() < before && m->model().rowCount() > 0, patience);
        QTest::mouseClick(popover->windowHandle(), Qt::LeftButton, {}, QPoint(-200, 300));
        const int column = m->column("result");
        QTRY_COMPARE_WITH_TIMEOUT(m->model().index(0, column).data().toString(), s("Failure"), patience);
        // The strip tells of the same sign-ins.
        auto &strip = ConsoleFixture::part<widgets::DensityStrip>(m->current());
        const auto sum = [&] {
            int n = 0;
            for (const auto &bar : strip.bars())
                n += bar.success + bar.failure;
            return n;
        };
        QTRY_COMPARE_WITH_TIMEOUT(sum(), m->model().rowCount(), patience);
        for (const auto &bar : strip.bars())
            QCOMPARE(bar.success, 0);
    }

    void aBarOfTheStripShowsItsOwnStretch()
    {
        open();
        auto &strip = ConsoleFixture::part<widgets::DensityStrip>(m->current());
        QTRY_VERIFY_WITH_TIMEOUT(strip.bars().size() > 10, patience);
        int fullest = 0;
        for (int i = 0; i < strip.bars().size(); ++i)
            if (strip.bars()[i].success > strip.bars()[fullest].success)
                fullest = i;
        const auto &bar = strip.bars()[fullest];
        const int expected = bar.success + bar.failure;
        QVERIFY(expected > 0);
        for (int x = 0; x < strip.width(); ++x)
            if (strip.barAt({x, strip.height() / 2}) == fullest) {
                m->click(strip, {x + 1, strip.height() / 2});
                break;
            }
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), expected, patience);
    }

    void whatLiesAroundASignInIsOfItsUser()
    {
        open();
        QTRY_VERIFY_WITH_TIMEOUT(m->table().currentRow() >= 0 && facts().size() > 1, patience);
        const auto name = [&] {
            return m->model().index(m->table().currentRow(), m->column("user")).data().toString();
        };
        QTRY_VERIFY2_WITH_TIMEOUT(facts().startsWith(name()), qPrintable(facts() + s(" is not of ") + name()),
                                  patience);
        auto &around = tabList(aroundTab);
        QTRY_VERIFY_WITH_TIMEOUT(around.model()->rowCount() > 0, patience);
        int own = 0;
        for (int row = 0; row < around.model()->rowCount(); ++row)
            for (int column = 0; column < around.model()->columnCount(); ++column)
                own += around.model()->index(row, column).data().toString().contains(s("(this one)")) ? 1 : 0;
        QCOMPARE(own, 1);
        auto &record = ConsoleFixture::part<QPlainTextEdit>(m->pane());
        QVERIFY(record.toPlainText().contains(s("\"createdDateTime\"")));
    }

    void theDetectorsSayWhyNot()
    {
        open("-riskLevelAggregated>=low result:success");
        QTRY_VERIFY_WITH_TIMEOUT(m->table().currentRow() >= 0 && facts().size() > 1, patience);
        m->pane().setCurrentTab(answersTab);
        auto &ask = ConsoleFixture::part<QPushButton>(m->pane(), "askDetectors");
        QTRY_VERIFY(ask.isVisible() && ask.isEnabled());
        m->click(ask);
        auto &answers = tabList(answersTab);
        QTRY_COMPARE_WITH_TIMEOUT(answers.model()->rowCount(), 6, patience); // all but the admin's word
        for (int row = 0; row < 6; ++row) {
            const auto answer = answers.model()->index(row, 2).data().toString();
            QVERIFY2(!answer.isEmpty() && answer != s("Raised"), qPrintable(answer));
        }
        QVERIFY(ask.isEnabled());
    }

    void aRiskySignInIsDismissedAndTakenBack()
    {
        open("risk:high state:atRisk");
        const int before = m->model().rowCount();
        QVERIFY(before > 0);
        QTRY_VERIFY_WITH_TIMEOUT(m->table().currentRow() >= 0 && facts().size() > 1, patience);
        const auto open = m->number("SELECT count(*) FROM sign_in_risk WHERE state = 4");
        auto *dismiss = m->pane().anchor(s("dismiss"));
        QTRY_VERIFY(dismiss != nullptr && dismiss->isEnabled());
        m->click(*dismiss);
        QTRY_VERIFY_WITH_TIMEOUT(ConsoleFixture::popup<widgets::ConfirmPopover>() != nullptr, patience);
        auto *sheet = ConsoleFixture::popup<widgets::ConfirmPopover>();
        QPushButton *go = nullptr;
        for (auto *button : sheet->findChildren<QPushButton *>())
            if (button->text().startsWith(s("Dismiss")))
                go = button;
        QVERIFY(go != nullptr);
        m->click(*go);
        // Its detection is closed, and with it the sign-ins that it had taken in as repeats.
        QTRY_VERIFY_WITH_TIMEOUT(m->number("SELECT count(*) FROM sign_in_risk WHERE state = 4") < open,
                                 patience);
        QTRY_VERIFY_WITH_TIMEOUT(m->model().rowCount() < before, patience);
        QVERIFY2(m->feedback().contains(s("1 sign-in")), qPrintable(m->feedback()));
        QTest::keyClick(&m->window, Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(m->number("SELECT count(*) FROM sign_in_risk WHERE state = 4"), open,
                                  patience);
        QTRY_COMPARE_WITH_TIMEOUT(m->model().rowCount(), before, patience);
    }
};

QTEST_MAIN(SignInJourneys)
#include "tst_journeys_sign_ins.moc"

// The settings in the console: found, looked at, saved, put back, and applied to what is stored. What came of it is read
// from the file.
#include "core/action/operators.h"
#include "core/directory/directory.h"

#include "tests/ui/journeys.h"
#include "ui/pages/settings_sheet.h"
#include "ui/widgets/controls/basics.h"
#include "ui/widgets/controls/segmented.h"

#include <QLineEdit>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::test;

class SettingsJourneys : public QObject, Journeys
{
    Q_OBJECT

    void openSheet()
    {
        open();
        QTest::keyClick(&m->window, Qt::Key_Comma, Qt::ControlModifier);
        QTRY_VERIFY(m->window.findChild<pages::SettingsSheet *>() != nullptr);
        QVERIFY(QTest::qWaitForWindowActive(&sheet()));
        QTRY_VERIFY_WITH_TIMEOUT(rows() > 90, patience);
    }
    [[nodiscard]] pages::SettingsSheet &sheet() const
    {
        return *m->window.findChild<pages::SettingsSheet *>();
    }
    template <typename T>
    [[nodiscard]] T &in(const char *name) const
    {
        return ConsoleFixture::part<T>(sheet(), name);
    }
    [[nodiscard]] int rows() const { return in<widgets::TableView>("settingTable").model()->rowCount(); }
    [[nodiscard]] QString cell(int row, int column) const
    {
        return in<widgets::TableView>("settingTable").model()->index(row, column).data().toString();
    }
    [[nodiscard]] QString said() const { return in<widgets::Label>("said").text(); }
    [[nodiscard]] QString problem() const
    {
        const auto &label = in<widgets::Label>("settingProblem");
        return label.isVisible() ? label.text() : QString();
    }
    [[nodiscard]] QString stored(const char *key) const
    {
        return m->text(std::string("SELECT coalesce((SELECT value FROM setting WHERE key = '") + key +
                       "'), '–')");
    }
    // Alone in the list, and so the one of the moment.
    void find(const char *key)
    {
        auto &search = in<QLineEdit>("findSetting");
        search.setFocus();
        search.selectAll();
        ConsoleFixture::key(Qt::Key_Delete);
        ConsoleFixture::type(s(key));
        QTRY_COMPARE(rows(), 1);
        QTRY_COMPARE(in<widgets::Label>("settingName").text(), cell(0, 0));
    }
    void type(const char *value)
    {
        auto &field = in<QLineEdit>("settingValue");
        field.setFocus();
        field.selectAll();
        ConsoleFixture::key(Qt::Key_Delete);
        ConsoleFixture::type(s(value));
    }
    void press(const char *name) { ConsoleFixture::click(in<QWidget>(name)); }

private Q_SLOTS:
    void initTestCase() { begin(); }
    void init() { m_home->clear(); }
    void cleanup() { m.reset(); }
    void cleanupTestCase() { end(); }

    void isFoundSavedAndPutBack()
    {
        openSheet();
        picture("settings", &sheet());
        find("speedLimitKmh");
        QCOMPARE(cell(0, 1), s("900 km/h"));
        QCOMPARE(in<widgets::Label>("settingBounds").text(), s("300 to 5000, default 900"));
        // What is no value is said beside the field, and stays there.
        for (const auto &[value, words] : {std::pair("fast", "Type a number"),
                                           {"", "Type a number"},
                                           {"20", "between 300 km/h and 5000 km/h"}}) {
            type(value);
            ConsoleFixture::key(Qt::Key_Return);
            QVERIFY2(problem().contains(s(words)), qPrintable(problem()));
            QCOMPARE(in<QLineEdit>("settingValue").text(), s(value));
        }
        QCOMPARE(stored("unlikelyTravel.speedLimitKmh"), s("–"));
        type("1200");
        QCOMPARE(problem(), QString());
        ConsoleFixture::key(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(cell(0, 1), s("1200 km/h"), patience);
        QCOMPARE(stored("unlikelyTravel.speedLimitKmh"), s("1200"));
        QVERIFY2(said().contains(s("from now on")), qPrintable(said()));
        QCOMPARE(
            m->text(
                "SELECT action || ' ' || target || ' ' || before || ' ' || after || ' ' || via FROM audit "
                "ORDER BY id DESC LIMIT 1"),
            s("setting unlikelyTravel.speedLimitKmh 900 1200 console"));
        // It is among the changed ones until it has its default again.
        in<QLineEdit>("findSetting").setFocus();
        in<QLineEdit>("findSetting").selectAll();
        ConsoleFixture::key(Qt::Key_Delete);
        in<widgets::SegmentedControl>("whichSettings").setCurrent(1);
        Q_EMIT in<widgets::SegmentedControl>("whichSettings").chosen(1);
        QTRY_COMPARE(rows(), 1);
        picture("settings-changed", &sheet());
        press("defaultSetting");
        QTRY_COMPARE_WITH_TIMEOUT(rows(), 0, patience);
        QCOMPARE(stored("unlikelyTravel.speedLimitKmh"), s("900"));
    }
    void aSwitchIsTurned()
    {
        openSheet();
        find("audit.logReading");
        auto &choice = in<widgets::SegmentedControl>("settingOnOff");
        QVERIFY(choice.isVisible() && !in<QLineEdit>("settingValue").isVisible());
        QVERIFY(!in<QWidget>("settingDifference").isVisible()); // it finds nothing
        choice.setCurrent(1);
        press("saveSetting");
        QTRY_COMPARE_WITH_TIMEOUT(cell(0, 1), s("On"), patience);
        QCOMPARE(stored("audit.logReading"), s("1"));
        QVERIFY2(!said().contains(s("from now on")), qPrintable(said()));
    }
    void whatItWouldFindIsShownAndChangesNothing()
    {
        openSheet();
        find("unfamiliarFeatures.enabled");
        const auto before = m->number("SELECT count(*) FROM detection");
        in<widgets::SegmentedControl>("settingOnOff").setCurrent(0);
        Q_EMIT in<widgets::SegmentedControl>("settingOnOff").chosen(0);
        press("settingDifference");
        QTRY_VERIFY_WITH_TIMEOUT(in<QLabel>("settingDifferenceText").isVisible(), patience);
        const auto words = in<QLabel>("settingDifferenceText").text();
        QVERIFY2(words.contains(s("would appear and")) && !words.contains(s("and 0 go")), qPrintable(words));
        picture("settings-difference", &sheet());
        QCOMPARE(m->number("SELECT count(*) FROM detection"), before);
        QCOMPARE(stored("unfamiliarFeatures.enabled"), s("–"));
        // It was of that value: another one takes it away.
        Q_EMIT in<widgets::SegmentedControl>("settingOnOff").chosen(1);
        QVERIFY(!in<QLabel>("settingDifferenceText").isVisible());
    }
    void whatIsSavedIsAppliedToWhatIsStored()
    {
        openSheet();
        const auto unfamiliar = [&] {
            return m->number(
                "SELECT count(*) FROM detection WHERE type_text = 'unfamiliarFeatures' AND state IN (4, 5)");
        };
        const auto before = unfamiliar();
        QVERIFY(before > 0);
        press("applySettings");
        QTRY_VERIFY_WITH_TIMEOUT(said().contains(s("is what today's settings find")), patience);
        find("unfamiliarFeatures.enabled");
        in<widgets::SegmentedControl>("settingOnOff").setCurrent(0);
        press("saveSetting");
        QTRY_COMPARE_WITH_TIMEOUT(cell(0, 1), s("Off"), patience);
        QCOMPARE(unfamiliar(), before);
        press("applySettings");
        QTRY_VERIFY_WITH_TIMEOUT(Journeys::sheet() != nullptr, patience);
        QVERIFY(Journeys::sheet()->isVisible());
        picture("settings-past", &sheet());
        QCOMPARE(unfamiliar(), before); // it only told
        ConsoleFixture::click(*ConsoleFixture::withText<QPushButton>(*Journeys::sheet(), s("Apply")));
        QTRY_VERIFY_WITH_TIMEOUT(said().contains(s("went.")), patience);
        QCOMPARE(unfamiliar(), 0);
        QCOMPARE(m->text("SELECT action FROM audit ORDER BY id DESC LIMIT 1"), s("settingsApply"));
    }
    // Nobody waits for the answer any more; opened again, it looks anew.
    void itMayBeClosedWhileItLooks()
    {
        openSheet();
        find("unfamiliarFeatures.mediumBits");
        type("12");
        press("settingDifference");
        ConsoleFixture::key(Qt::Key_Escape);
        QTRY_VERIFY(m->window.findChild<pages::SettingsSheet *>() == nullptr);
        m->window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m->window));
        QTest::keyClick(&m->window, Qt::Key_Comma, Qt::ControlModifier);
        QTRY_VERIFY(m->window.findChild<pages::SettingsSheet *>() != nullptr);
        QVERIFY(QTest::qWaitForWindowActive(&sheet()));
        QTRY_VERIFY_WITH_TIMEOUT(rows() > 90, patience);
        find("unfamiliarFeatures.mediumBits");
        QCOMPARE(in<QLineEdit>("settingValue").text(), s("8"));
        type("12");
        const auto looked = [&] {
            if (in<QWidget>("stopSettings").isHidden() && !in<QLabel>("settingDifferenceText").isVisible())
                press("settingDifference"); // the run before may still be on its way to its end
            return in<QLabel>("settingDifferenceText").isVisible();
        };
        QTRY_VERIFY_WITH_TIMEOUT(looked(), patience);
    }
    void whatSomebodyElseSavesTakesNothingAwayThatWasTyped()
    {
        openSheet();
        find("speedLimitKmh");
        type("1500");
        auto other = run::Directory::open(m_home->path("copy.riskdesk"));
        QVERIFY(other && run::changeSetting(other->connection(), fixtureClock, {}, "risk.lowAgesDays", 30));
        in<QLineEdit>("findSetting").clear();
        Q_EMIT in<widgets::SearchBox>("findSetting").typed({});
        const auto shows = [&](const char *key, const QString &value) {
            for (int row = 0; row < rows(); ++row)
                if (cell(row, 0) == s(key))
                    return cell(row, 1) == value;
            return false;
        };
        QTRY_VERIFY_WITH_TIMEOUT(shows("risk.lowAgesDays", s("30 days")), patience);
        QCOMPARE(in<widgets::Label>("settingName").text(), s("unlikelyTravel.speedLimitKmh"));
        QCOMPARE(in<QLineEdit>("settingValue").text(), s("1500"));
        // Of the very setting it is shown what holds now.
        QVERIFY(
            run::changeSetting(other->connection(), fixtureClock, {}, "unlikelyTravel.speedLimitKmh", 1100));
        QTRY_COMPARE_WITH_TIMEOUT(in<QLineEdit>("settingValue").text(), s("1100"), patience);
    }
    void aReaderLooks()
    {
        open();
        {
            auto directory = run::Directory::open(m_home->path("copy.riskdesk"));
            QVERIFY(directory);
            const auto named = [&](const char *name, action::Role role, const QString &account) {
                action::Binding binding;
                binding.account = account.toStdString();
                return action::addOperator(directory->connection(), fixtureClock, {}, name, role, binding);
            };
            QVERIFY(named("boss", action::Role::Administrator, s("somebody")));
            const auto desk = QString::fromStdString(desktopAccount());
            const auto own =
                m->text("SELECT name FROM operator WHERE account = '" + desk.toStdString() + "'");
            QVERIFY(action::changeRole(directory->connection(), fixtureClock, {}, own.toStdString(),
                                       action::Role::Reader));
        }
        QTest::keyClick(&m->window, Qt::Key_Comma, Qt::ControlModifier);
        QTRY_VERIFY(m->window.findChild<pages::SettingsSheet *>() != nullptr);
        QVERIFY(QTest::qWaitForWindowActive(&sheet()));
        QTRY_VERIFY_WITH_TIMEOUT(rows() > 90, patience);
        QTRY_VERIFY_WITH_TIMEOUT(!in<widgets::CommandButton>("saveSetting").isAllowed(), patience);
        find("speedLimitKmh");
        type("1200");
        press("saveSetting");
        QVERIFY2(said().contains(s("You are a reader")), qPrintable(said()));
        QCOMPARE(stored("unlikelyTravel.speedLimitKmh"), s("–"));
        QVERIFY(in<widgets::CommandButton>("settingDifference").isAllowed());
    }
};

QTEST_MAIN(SettingsJourneys)
#include "tst_journeys_settings.moc"

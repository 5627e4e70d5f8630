// A decision that is taken back has taught nothing: the detectors are as they would be without it, and done again it
// teaches again.
#include "core/action/action_service.h"
#include "core/directory/directory.h"
#include "core/import/import_run.h"
#include "core/replay/settle.h"
#include "core/store/lease.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "tests/support/number.h"

#include <QTemporaryDir>
#include <QTest>

#include <fmt/format.h>

#include <fstream>

using namespace riskdesk;
using namespace riskdesk::action;
using test::number;

namespace {

const FixedClock now(Timestamp::fromCivil(2026, 3, 22));

struct From
{
    std::string_view city, country, ip, agent;
    double latitude, longitude;
    int asn;
};
constexpr From home{"Lisbon", "PT", "85.240.1.1", "Chrome 121/Windows 10", 38.72, -9.14, 3243};
constexpr From vietnam{"Hanoi", "VN", "14.160.1.1", "Firefox 60/Linux", 21.03, 105.85, 45899};
constexpr From nigeria{"Lagos", "NG", "105.112.1.1", "Opera 9/Linux", 6.45, 3.39, 29465};

std::string signIn(std::string_view user, int day, int hour, const From &from)
{
    return fmt::format(
        R"({{"id":"{:08x}-0000-4000-8000-{:04d}{:08d}","createdDateTime":"2026-{:02d}-{:02d}T{:02d}:00:00Z",)"
        R"("userPrincipalName":"{}@shop.example","userDisplayName":"{}","appDisplayName":"Mail","isInteractive":true,)"
        R"("ipAddress":"{}","userAgent":"{}","autonomousSystemNumber":{},"location":{{"city":"{}","countryOrRegion":"{}",)"
        R"("geoCoordinates":{{"latitude":{},"longitude":{}}}}},"status":{{"errorCode":0}}}})"
        "\n",
        std::hash<std::string_view>{}(user)&0xffffffff, day, hour, 1 + (day - 1) / 28, 1 + (day - 1) % 28,
        hour, user, user, from.ip, from.agent, from.asn, from.city, from.country, from.latitude,
        from.longitude);
}

QString lines(store::Connection &connection, const std::string &sql)
{
    QString all;
    for (store::Statement row(connection, sql); row.step();)
        all += QString::fromStdString(row.string(0)) + '\n';
    return all;
}

// Days count from the first of January, 28 to a month.
std::string habits(std::string_view user)
{
    std::string log;
    for (int day = 1; day <= 24; ++day)
        log += signIn(user, day, 9, home);
    return log;
}

} // namespace

class UndoOfLearningTest : public QObject
{
    Q_OBJECT

    // A directory with the same story up to the alarm, "vic" among others.
    struct Store
    {
        explicit Store(const QString &file)
            : path(file.toStdString())
        {
            if (!store::createDirectory(path, {"T", false, false, now.now()}))
                qFatal("no directory");
            directory = std::make_unique<run::Directory>(std::move(*run::Directory::open(path)));
            bring(habits("vic") + habits("ann") + signIn("vic", 26, 3, vietnam));
            vic = static_cast<std::uint32_t>(
                number(db(), "SELECT id FROM user WHERE upn = 'vic@shop.example'"));
        }
        store::Connection &db() { return directory->connection(); }
        void bring(const std::string &log)
        {
            const auto name = path + ".json";
            std::ofstream(name) << log;
            run::ImportOptions options;
            options.threads = 1;
            const auto done = run::importFiles(*directory, {name}, options, now, {}, {});
            if (!done)
                qFatal("%s", done.error().detail.c_str());
        }
        // Of vic, without what decisions say of them.
        QString findings()
        {
            return lines(db(),
                         "SELECT type || ' ' || level || ' ' || at FROM detection d WHERE user = (SELECT id "
                         "FROM user WHERE upn = 'vic@shop.example') ORDER BY at, type");
        }
        qint64 unsettled() { return number(db(), "SELECT count(unsettled_from) FROM checkpoint"); }
        qint64 taught() { return number(db(), "SELECT count(*) FROM taught"); }
        bool isSound()
        {
            const auto compared = run::compareFindings(*directory, now, {}, {});
            return compared && compared->detections == 0 && compared->withdrawn == 0;
        }
        Result<action::Outcome> decide(Action action)
        {
            return ActionService(db(), now).carryOut({action, {vic}, {}, {}, {}, {}});
        }

        std::string path;
        std::unique_ptr<run::Directory> directory;
        std::uint32_t vic = 0;
    };
    std::unique_ptr<Store> make(const QString &name)
    {
        return std::make_unique<Store>(
            m_folder.filePath(QString("%1-%2.riskdesk").arg(QTest::currentTestFunction(), name)));
    }
    static std::string quietDay() { return signIn("vic", 27, 9, home) + signIn("ann", 27, 9, home); }
    static std::string attack() { return signIn("vic", 29, 3, nigeria) + signIn("ann", 29, 9, home); }

private Q_SLOTS:
    void what_was_taught_is_taught_no_longer_data()
    {
        QTest::addColumn<int>("action");
        QTest::newRow("confirmed safe") << static_cast<int>(Action::ConfirmSafe);
        QTest::newRow("dismissed") << static_cast<int>(Action::Dismiss);
    }
    void what_was_taught_is_taught_no_longer()
    {
        QFETCH(int, action);
        const auto name = QString::number(action);
        auto control = make(name + "-control"), other = make(name);
        QVERIFY(number(control->db(), "SELECT count(*) FROM withheld") > 0);
        for (auto *store : {control.get(), other.get()}) {
            const bool decides = store == other.get();
            if (decides)
                QVERIFY(store->decide(static_cast<Action>(action)));
            store->bring(quietDay());
            if (decides) {
                QVERIFY(store->taught() > 0);
                QVERIFY(ActionService(store->db(), now).undo());
                QCOMPARE(store->taught(), 0);
                QCOMPARE(store->unsettled(), 1);
                QCOMPARE(number(store->db(), "SELECT count(*) FROM withheld WHERE verdict = 0 AND row IS NOT "
                                             "NULL"),
                         1);
            }
            store->bring(attack());
            QCOMPARE(store->unsettled(), 0);
        }
        QVERIFY(number(control->db(), "SELECT count(*) FROM detection WHERE level = 3") > 0);
        QCOMPARE(other->findings(), control->findings());
        const std::string risk = "SELECT user || ' ' || level || ' ' || state || ' ' || score FROM user_risk";
        QCOMPARE(lines(other->db(), risk), lines(control->db(), risk));
        QVERIFY(other->isSound());
    }
    void nothing_was_taught_before_an_import()
    {
        auto control = make("control"), other = make("other");
        QVERIFY(other->decide(Action::ConfirmSafe));
        QVERIFY(ActionService(other->db(), now).undo());
        QCOMPARE(other->unsettled(), 0);
        for (auto *store : {control.get(), other.get()})
            store->bring(attack());
        QCOMPARE(other->findings(), control->findings());
        QCOMPARE(other->taught(), 0);
    }
    void done_again_it_teaches_again()
    {
        auto kept = make("kept"), other = make("other");
        for (auto *store : {kept.get(), other.get()}) {
            QVERIFY(store->decide(Action::ConfirmSafe));
            store->bring(quietDay());
        }
        QVERIFY(ActionService(other->db(), now).undo());
        QVERIFY(run::settle(*other->directory, now, {}, {}));
        QVERIFY(ActionService(other->db(), now).redo());
        for (auto *store : {kept.get(), other.get()})
            store->bring(attack());
        QVERIFY(other->taught() > 0);
        QCOMPARE(number(other->db(), "SELECT count(*) FROM withheld WHERE verdict = 1"), 0);
        QCOMPARE(other->findings(), kept->findings());
        QVERIFY(other->isSound());
    }
    // Something was found since: the decision goes all the same, and so does what it taught.
    void a_later_finding_does_not_keep_the_lesson()
    {
        auto control = make("control"), other = make("other"), again = make("again");
        for (auto *store : {other.get(), again.get()}) {
            QVERIFY(store->decide(Action::Dismiss));
            store->bring(quietDay() + signIn("vic", 28, 3, nigeria));
        }
        QVERIFY(ActionService(again->db(), now).undo());
        QVERIFY(again->taught() == 0 && again->unsettled() == 1);
        QVERIFY(ActionService(again->db(), now).redo());
        QCOMPARE(number(again->db(), "SELECT count(*) FROM withheld WHERE verdict = 1"), 1);
        control->bring(quietDay() + signIn("vic", 28, 3, nigeria));
        QVERIFY(ActionService(other->db(), now).undo());
        for (auto *store : {control.get(), other.get()})
            store->bring(signIn("vic", 31, 3, vietnam) + signIn("ann", 31, 9, home));
        QCOMPARE(other->findings(), control->findings());
        QVERIFY(other->isSound());
    }
    void it_waits_for_an_import_that_runs()
    {
        auto store = make("one");
        QVERIFY(store->decide(Action::ConfirmSafe));
        store->bring(quietDay());
        const auto taught = store->taught();
        {
            auto importing = store::ImportLease::take(store->db(), "import");
            QVERIFY(importing);
            const auto refused = ActionService(store->db(), now).undo();
            QVERIFY(!refused);
            QCOMPARE(refused.error().code, Code::StoreBusy);
            QCOMPARE(store->taught(), taught);
            QCOMPARE(number(store->db(), "SELECT state FROM user_risk"),
                     static_cast<qint64>(RiskState::ConfirmedSafe));
        }
        QVERIFY(ActionService(store->db(), now).undo());
        QCOMPARE(store->taught(), 0);
    }

private:
    QTemporaryDir m_folder;
};

QTEST_APPLESS_MAIN(UndoOfLearningTest)
#include "tst_undo_of_learning.moc"

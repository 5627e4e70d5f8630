// An import that is undone leaves the directory as if its files had never been read, whatever lay around it in time.
#include "core/action/action_service.h"
#include "core/directory/directory.h"
#include "core/import/import_run.h"
#include "core/import/undo_import.h"
#include "core/query/counts.h"
#include "core/store/schema.h"
#include "core/store/statement.h"
#include "core/verify/verify_run.h"

#include "tests/support/ctl.h"
#include "tests/support/number.h"
#include "tests/support/restless_people.h"
#include "tests/support/rows_of.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <functional>

using namespace riskdesk;
using test::difference;
using test::number;

namespace {

const Timestamp end = Timestamp::fromCivil(2026, 3, 19);
const FixedClock now(end + std::chrono::days(10)); // it is as late as the newest sign-in says

// Of whom the ledger tells, the row stays.
std::string where(std::string_view table)
{
    return table == "user"         ? " WHERE sign_ins > 0"
           : table == "user_alias" ? " WHERE user IN (SELECT id FROM user WHERE sign_ins > 0)"
           : table == "user_risk"  ? " WHERE total_detections > 0"
                                   : "";
}

// What a directory knows, but for what tells of its past: the ledger, the audit log, the runs.
QStringList contentOf(store::Connection &db)
{
    QStringList lines;
    for (const char *table :
         {"user", "user_alias", "segment_column", "detection", "sign_in_risk", "user_risk", "withheld",
          "campaign", "campaign_target", "detector_state", "reject"})
        // When risk last changed and how it went is of the past as well. What is found again after it had been
        // withdrawn was not told at the sign-in any more.
        lines +=
            test::rowsOf(db, table, {"rowid", "updated_at", "trend", "timing", "level_during"}, where(table));
    return lines;
}

} // namespace

class UndoImportTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        demo::Sample sample(test::restlessPeople(120, 50, end));
        sample.writeSignIns([&](std::string_view line) { m_lines.emplace_back(line); });
        QVERIFY(m_lines.size() > 2000);
    }

    void asIfItHadNeverBeen_data()
    {
        QTest::addColumn<int>("which");
        QTest::newRow("days behind all others") << 0;
        QTest::newRow("the last hours") << 1;
        QTest::newRow("days between the others") << 2;
        QTest::newRow("every third sign-in") << 3;
        QTest::newRow("some users alone") << 4;
    }
    void asIfItHadNeverBeen()
    {
        QFETCH(int, which);
        const auto all = m_lines.size();
        const auto isOfIt = [&](std::size_t i) {
            switch (which) {
            case 0: return i >= all * 3 / 4;
            case 1: return i >= all - 25;
            case 2: return i >= all / 3 && i < all / 2;
            case 3: return i % 3 == 0;
            default: return userOf(m_lines[i]) % 4 == 0;
            }
        };
        auto directory = make(QTest::currentDataTag());
        auto &db = directory.connection();
        importInto(directory, [&](std::size_t i) { return !isOfIt(i); });
        const auto before = contentOf(db);
        const auto ledger = number(db, "SELECT count(*) FROM ledger");
        importInto(directory, isOfIt);
        QVERIFY(contentOf(db) != before);

        const auto newest = run::importToUndo(db);
        QVERIFY(newest);
        const auto undone = run::undoImport(directory, newest->run, {}, now);
        QVERIFY2(undone, undone ? "" : sentence(undone.error()).c_str());
        const auto after = contentOf(db);
        QVERIFY2(after == before, qPrintable(difference(after, before)));
        QVERIFY(number(db, "SELECT count(*) FROM ledger") >= ledger); // nothing of it is erased
        QCOMPARE(number(db, "SELECT count(*) FROM audit WHERE action = 'undoImport'"), std::int64_t(1));
        const auto findings = run::verifyDirectory(directory);
        QVERIFY(findings && findings->empty());

        // And it can be read again: what it gives is what it gave.
        importInto(directory, isOfIt);
        auto once = make(std::string(QTest::currentDataTag()) + " once");
        importInto(once, [&](std::size_t i) { return !isOfIt(i); });
        importInto(once, isOfIt);
        for (const char *count :
             {"SELECT count(*) FROM detection", "SELECT sum(sign_ins) FROM user",
              "SELECT count(*) FROM user_risk WHERE state = 4", "SELECT sum(level) FROM detection"})
            QCOMPARE(number(db, count), number(once.connection(), count));
    }

    // A spray that went on in what is taken out was as large before as it had been until then.
    void aCampaignShrinksAgain()
    {
        auto directory = make("campaign");
        auto &db = directory.connection();
        int number = 1;
        const auto bring = [&](const char *name, int firstUser, int users, int code, const QString &ip,
                               const QString &time) {
            const auto path = m_folder.filePath(name).toStdString();
            std::ofstream log(path);
            for (int i = 0; i < users; ++i)
                log << test::signInLine(number++, QString("user%1").arg(firstUser + i),
                                        time.arg(i % 60, 2, 10, QChar('0')), ip, code)
                           .toStdString();
            log.close();
            QVERIFY(run::importFiles(directory, {path}, {}, now));
        };
        bring("habits.json", 1, 60, 0, "91.10.20.30", "2026-03-10T09:%1:00Z");
        bring("spray.json", 1, 20, 50126, "198.51.100.13", "2026-03-11T03:%1:00Z");
        bring("quiet.json", 1, 5, 0, "91.10.20.30", "2026-03-11T12:%1:30Z");
        const auto campaigns = [&] {
            return test::rowsOf(db, "campaign", {}, "") + test::rowsOf(db, "campaign_target", {}, "");
        };
        const auto before = campaigns();
        QCOMPARE(test::number(db, "SELECT users FROM campaign"), 20);
        bring("more.json", 21, 25, 50126, "198.51.100.13", "2026-03-11T18:%1:00Z");
        QCOMPARE(test::number(db, "SELECT users FROM campaign"), 45);
        QVERIFY(run::undoImport(directory, run::importToUndo(db)->run, {}, now));
        QVERIFY2(campaigns() == before, qPrintable(difference(campaigns(), before)));
    }

    void theOnlyOneLeavesAnEmptyDirectory()
    {
        auto directory = make("only");
        auto &db = directory.connection();
        importInto(directory, [](std::size_t) { return true; });
        QVERIFY(number(db, "SELECT count(*) FROM detection") > 10);
        const auto last = number(db, "SELECT max(id) FROM segment");
        const auto undone = run::undoImport(directory, run::importToUndo(db)->run, {}, now);
        QVERIFY(undone);
        for (const char *table :
             {"segment", "detection", "sign_in_risk", "detector_state", "campaign", "withheld"})
            QCOMPARE(number(db, std::string("SELECT count(*) FROM ") + table), std::int64_t(0));
        QCOMPARE(number(db, "SELECT count(*) FROM user_risk WHERE state = 4"), std::int64_t(0));
        // Of whom the ledger tells stays, all others go.
        QVERIFY(undone->settled.usersGone > 20);
        QCOMPARE(number(db, "SELECT count(*) FROM user WHERE id NOT IN (SELECT user FROM ledger)"),
                 std::int64_t(0));
        QCOMPARE(run::importToUndo(db).error().code, Code::NotFound);

        // Whoever reads on from the last segment that was there misses nothing.
        importInto(directory, [](std::size_t i) { return i < 100; });
        QVERIFY(number(db, "SELECT min(id) FROM segment") > last);
    }

    void aDecisionComesFirst()
    {
        auto directory = make("decided");
        auto &db = directory.connection();
        importInto(directory, [](std::size_t) { return true; });
        const auto user = static_cast<std::uint32_t>(number(db, "SELECT min(user) FROM sign_in_risk"));
        action::ActionService service(db, now, {});
        action::Request dismissal;
        dismissal.users = {user};
        const auto dismissed = service.carryOut(dismissal);
        QVERIFY(dismissed && dismissed->users == 1);
        const auto before = contentOf(db);
        const auto refused = run::undoImport(directory, run::importToUndo(db)->run, {}, now);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, Code::Conflict);
        QVERIFY(sentence(refused.error()).find("decided") != std::string::npos);
        QCOMPARE(contentOf(db), before);
        QVERIFY(service.undo(dismissed->command));
        QVERIFY(run::undoImport(directory, run::importToUndo(db)->run, {}, now));
    }

    // Deciding needs no lease: it may happen while the import is being looked through.
    void aDecisionMeanwhileCounts()
    {
        auto directory = make("meanwhile");
        auto &db = directory.connection();
        importInto(directory, [](std::size_t) { return true; });
        action::Request dismissal;
        dismissal.users = {static_cast<std::uint32_t>(number(db, "SELECT min(user) FROM sign_in_risk"))};
        auto elsewhere = std::move(*run::Directory::open(db.file()));
        std::uint64_t dismissed = 0;
        const auto refused =
            run::undoImport(directory, run::importToUndo(db)->run, {}, now, {}, [&](const Progress &p) {
                if (p.phase == "look" && dismissed == 0)
                    dismissed =
                        action::ActionService(elsewhere.connection(), now, {}).carryOut(dismissal)->users;
            });
        QCOMPARE(dismissed, std::uint64_t(1));
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, Code::Conflict);
        QVERIFY(number(db, "SELECT sum(rows) FROM segment") > 0);
    }

    void onlyTheNewest()
    {
        auto directory = make("newest");
        auto &db = directory.connection();
        importInto(directory, [](std::size_t i) { return i < 500; });
        const auto first = run::importToUndo(db)->run;
        importInto(directory, [](std::size_t i) { return i < 900; });
        const auto refused = run::undoImport(directory, first, {}, now);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, Code::Conflict);
        // A run that brought nothing new is no obstacle.
        importInto(directory, [](std::size_t i) { return i < 900; });
        QCOMPARE(run::importToUndo(db)->signIns, std::uint64_t(400));
        QVERIFY(run::undoImport(directory, run::importToUndo(db)->run, {}, now));
        QCOMPARE(run::importToUndo(db)->run, first);
    }

    // "Data in doubt" and "Last import" are those of before.
    void whatTheConsoleSaysOfItGoesToo()
    {
        auto directory = make("said");
        auto &db = directory.connection();
        importInto(directory, [](std::size_t i) { return i < 500; });
        const auto first = run::importToUndo(db)->run;
        for (const bool ofIt : {true, false}) {
            importInto(directory, [](std::size_t i) { return i < 900; });
            const auto newest = run::importToUndo(db);
            store::Statement notice(db, "INSERT OR REPLACE INTO notice (key, at, facts) VALUES (?1, ?2, "
                                        "'{\"address\":\"10.0.0.1\",\"users\":9,\"of\":10}')");
            QVERIFY(
                notice.bind(CrowdedAddress::key, newest->startedAt - std::chrono::hours(ofIt ? 0 : 1)).run());
            QCOMPARE(query::dataHealth(db)->lastRun, newest->run);
            QVERIFY(run::undoImport(directory, newest->run, {}, now));
            const auto health = query::dataHealth(db);
            QVERIFY(health);
            QCOMPARE(health->lastRun, first);
            QCOMPARE(health->crowdedAddress.has_value(), !ofIt);
        }
    }

    void aReaderMayNot()
    {
        auto directory = make("reader");
        importInto(directory, [](std::size_t i) { return i < 100; });
        action::Operator reader;
        reader.role = action::Role::Reader;
        const auto refused =
            run::undoImport(directory, run::importToUndo(directory.connection())->run, reader, now);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, Code::NotAllowed);
        QCOMPARE(number(directory.connection(), "SELECT sum(rows) FROM segment"), std::int64_t(100));
    }

    void cancelledBeforeItTakesOutNothingChanges()
    {
        auto directory = make("cancelled");
        importInto(directory, [](std::size_t i) { return i < 600; });
        const auto before = contentOf(directory.connection());
        std::stop_source stop;
        stop.request_stop();
        const auto refused = run::undoImport(directory, run::importToUndo(directory.connection())->run, {},
                                             now, stop.get_token());
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, Code::Cancelled);
        QCOMPARE(contentOf(directory.connection()), before);
    }

    // As a crash between its two transactions would.
    void stoppedHalfwayItIsFinished_data()
    {
        QTest::addColumn<bool>("byImport");
        QTest::newRow("by settling") << false;
        QTest::newRow("by the next import") << true;
    }
    void stoppedHalfwayItIsFinished()
    {
        QFETCH(bool, byImport);
        auto directory = make(std::string("halfway ") + QTest::currentDataTag());
        auto &db = directory.connection();
        const auto isOfFirst = [this](std::size_t i) { return userOf(m_lines[i]) % 4 != 0; };
        importInto(directory, isOfFirst);
        const auto before = contentOf(db);
        const auto users = number(db, "SELECT count(*) FROM user");
        importInto(directory, [](std::size_t) { return true; });
        QVERIFY(number(db, "SELECT count(*) FROM user") > users + 5);
        std::stop_source stop;
        const auto stopped = run::undoImport(directory, run::importToUndo(db)->run, {}, now, stop.get_token(),
                                             [&](const Progress &p) {
                                                 if (p.phase == "detect")
                                                     stop.request_stop();
                                             });
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().code, Code::Cancelled);
        QVERIFY(contentOf(db) != before);
        QVERIFY(run::unsettledFrom(db)->has_value());
        if (byImport)
            importInto(directory, isOfFirst); // it has all of them already
        else
            QVERIFY(run::settle(directory, now));
        const auto after = contentOf(db);
        QVERIFY2(after == before, qPrintable(difference(after, before)));
        // Of whom the ledger tells stays.
        QCOMPARE(
            number(db,
                   "SELECT count(*) FROM user WHERE sign_ins = 0 AND id NOT IN (SELECT user FROM ledger)"),
            0);
    }
    // Settled, and killed before the users went.
    void theNextImportTakesOutWhoWasLeft()
    {
        auto directory = make("left");
        auto &db = directory.connection();
        importInto(directory, [](std::size_t i) { return i < 100; });
        QVERIFY(db.execute("INSERT INTO user (id, key) VALUES (9998, 'nobody'), (9999, 'somebody');"
                           "INSERT INTO untold_user (user) VALUES (9998), (9999);"
                           "UPDATE user SET mail = 'a@b.example' WHERE id = 9999"));
        importInto(directory, [](std::size_t i) { return i < 200; });
        QCOMPARE(number(db, "SELECT count(*) FROM user WHERE id = 9998"), 0);
        QCOMPARE(number(db, "SELECT count(*) FROM user WHERE id = 9999"), 1);
        QCOMPARE(number(db, "SELECT count(*) FROM untold_user"), 0);
    }

private:
    run::Directory make(std::string name)
    {
        const auto file = m_folder.filePath(QString::fromStdString(name) + ".riskdesk").toStdString();
        if (!store::createDirectory(file, {"T", false, false, end}))
            qFatal("no directory");
        auto directory = std::move(*run::Directory::open(file));
        // What only this import had aged is open again.
        if (auto ok = directory.connection().execute(
                "INSERT INTO setting (key, value) VALUES ('risk.lowAgesDays', '5')");
            !ok)
            qFatal("no setting");
        return directory;
    }
    void importInto(run::Directory &directory, const std::function<bool(std::size_t)> &isOfIt)
    {
        const auto name = m_folder.filePath("log.ndjson").toStdString();
        {
            std::ofstream out(name);
            for (std::size_t i = 0; i < m_lines.size(); ++i)
                if (isOfIt(i))
                    out << m_lines[i];
        }
        const auto done = run::importFiles(directory, {name}, {}, now);
        QVERIFY2(done && done->notRead.empty(), done ? "not read" : sentence(done.error()).c_str());
    }
    static std::size_t userOf(const std::string &line)
    {
        const auto at = line.find("\"userPrincipalName\":\"");
        return std::hash<std::string>()(line.substr(at, line.find(',', at) - at));
    }

    QTemporaryDir m_folder;
    std::vector<std::string> m_lines;
};

QTEST_GUILESS_MAIN(UndoImportTest)
#include "tst_undo_import.moc"

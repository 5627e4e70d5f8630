// The chain of the audit log under attack: records are edited, removed, added, moved and cut off, by somebody who knows
// the tables and by somebody who knows how the digests are made; each is found, and told by its record.
#include "core/connect/sealed_file.h"
#include "core/connections/audit_anchor.h"
#include "core/ledger/audit.h"
#include "core/ledger/audit_chain.h"
#include "core/store/schema.h"

#include <QTemporaryDir>
#include <QTest>

#include <map>

using namespace riskdesk;
using ledger::AuditHead;

namespace {

const FixedClock noon(Timestamp::fromCivil(2026, 3, 18, 12));

class Log
{
public:
    Log()
    {
        if (!store::createDirectory(file(), {"D", false, false, noon.now()}))
            qFatal("no directory");
        m_db.emplace(std::move(*store::openForWriting(file())));
    }
    std::filesystem::path file() const { return m_folder.filePath("d.riskdesk").toStdString(); }
    store::Connection &db() { return *m_db; }
    void write(const std::string &action, const std::string &target = "anna@shop.example")
    {
        ledger::AuditRecord record;
        record.actor = "Ana";
        record.action = action;
        record.target = target;
        record.host = "desk";
        if (auto ok = ledger::appendAudit(*m_db, noon, record); !ok)
            qFatal("%s", ok.error().detail.c_str());
    }
    void some(int count)
    {
        for (int i = 0; i < count; ++i)
            write(i % 2 == 0 ? "block" : "dismiss", "user" + std::to_string(i));
    }
    void run(const std::string &sql)
    {
        if (auto ok = m_db->execute(sql); !ok)
            qFatal("%s: %s", sql.c_str(), ok.error().detail.c_str());
    }
    // As somebody would who has read this source.
    void chainAnew()
    {
        store::Statement rows(*m_db,
                              "SELECT " + std::string(ledger::auditChainColumns) + " FROM audit ORDER BY id");
        std::map<std::int64_t, Digest256> all;
        Digest256 before{};
        while (rows.step())
            all[rows.int64(0)] = before = ledger::chained(before, ledger::chainedRecord(rows));
        for (const auto &[id, chain] : all)
            if (!store::Statement(*m_db, "UPDATE audit SET chain = ?2 WHERE id = ?1")
                     .bind(id, std::span<const std::uint8_t>(chain))
                     .run())
                qFatal("not written");
    }
    QStringList wrong(const std::optional<AuditHead> &anchor = {})
    {
        const auto found = ledger::checkAudit(*m_db, anchor);
        QStringList out;
        if (!found)
            return {QString::fromStdString(found.error().detail)};
        for (const auto &one : *found)
            out << QString::fromStdString(one);
        return out;
    }
    AuditHead head() { return *ledger::auditHead(*m_db); }

private:
    QTemporaryDir m_folder;
    std::optional<store::Connection> m_db;
};

} // namespace

class TestAuditChain : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void holdsFromTheFirstRecord()
    {
        Log log;
        QCOMPARE(log.wrong(), QStringList());
        QCOMPARE(log.head().id, 0);
        log.some(5);
        QCOMPARE(log.wrong(), QStringList());
        QCOMPARE(log.head().id, 5);
        QCOMPARE(log.wrong(log.head()), QStringList());
        QVERIFY(ledger::auditHeadFromText(ledger::toText(log.head())) == log.head());
        for (const char *text : {"", "5", "5 abc", "x 00", "-1 "})
            QVERIFY(!ledger::auditHeadFromText(text));
    }
    void findsWhatWasChanged_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::addColumn<int>("record");
        QTest::newRow("who") << "UPDATE audit SET actor = 'Bea' WHERE id = 3" << 3;
        QTest::newRow("when") << "UPDATE audit SET at = at + 1 WHERE id = 3" << 3;
        QTest::newRow("what") << "UPDATE audit SET action = 'unblock' WHERE id = 4" << 4;
        QTest::newRow("whom") << "UPDATE audit SET target = 'user1' WHERE id = 1" << 1;
        QTest::newRow("why") << "UPDATE audit SET reason = 'because' WHERE id = 5" << 5;
        QTest::newRow("text moved to the next column")
            << "UPDATE audit SET actor = '', role = actor || role WHERE id = 2" << 2;
        QTest::newRow("what it takes back") << "UPDATE audit SET undo_of = 1 WHERE id = 2" << 2;
        QTest::newRow("removed") << "DELETE FROM audit WHERE id = 3" << 4;
        QTest::newRow("the first removed") << "DELETE FROM audit WHERE id = 1" << 2;
        QTest::newRow("two changed places") << "UPDATE audit SET id = 100 WHERE id = 2; UPDATE audit SET id "
                                               "= 2 WHERE id = 3; UPDATE audit SET id = 3 "
                                               "WHERE id = 100"
                                            << 2;
        QTest::newRow("one put in") << "INSERT INTO audit (id, at, actor, role, action, target, via, host) "
                                       "SELECT 9, at, actor, role, action, "
                                       "target, via, host FROM audit WHERE id = 2"
                                    << 9;
        QTest::newRow("digest gone") << "UPDATE audit SET chain = NULL WHERE id = 4" << 4;
        QTest::newRow("digest cut") << "UPDATE audit SET chain = x'00' WHERE id = 4" << 4;
    }
    void findsWhatWasChanged()
    {
        QFETCH(QString, sql);
        QFETCH(int, record);
        Log log;
        log.some(6);
        log.run(sql.toStdString());
        const auto wrong = log.wrong();
        QCOMPARE(wrong.size(), 1);
        QVERIFY2(wrong[0].contains(QString("record %1 does not follow").arg(record)), qPrintable(wrong[0]));
    }
    void onlyTheAnchorFindsAnEndCutOff()
    {
        Log log;
        log.some(6);
        const auto anchor = log.head();
        log.some(2);
        QCOMPARE(log.wrong(anchor), QStringList()); // it is in there
        log.run("DELETE FROM audit WHERE id >= 5");
        QCOMPARE(log.wrong(), QStringList());
        const auto wrong = log.wrong(anchor);
        QCOMPARE(wrong,
                 QStringList{"The audit log was cut off: it once had a record 6, and ends at record 4."});
        // What is written after does not bring it back, though it has the number.
        log.some(4);
        QVERIFY2(log.wrong(anchor)[0].contains("written anew"), qPrintable(log.wrong(anchor).join('\n')));
        log.run("DELETE FROM audit");
        QVERIFY(log.wrong(anchor)[0].contains("ends at nothing"));
    }
    void onlyTheAnchorFindsALogThatWasWrittenAnew()
    {
        Log log;
        log.some(6);
        const auto anchor = log.head();
        log.run("UPDATE audit SET target = 'nobody' WHERE id = 2");
        log.chainAnew();
        QCOMPARE(log.wrong(), QStringList());
        QVERIFY2(log.wrong(anchor)[0].contains("written anew"), qPrintable(log.wrong(anchor).join('\n')));
    }
    void aDirectoryOlderThanTheChainIsChainedWithItsNextRecord()
    {
        Log log;
        log.some(3);
        log.run("UPDATE audit SET chain = NULL");
        QCOMPARE(log.wrong(), QStringList()); // there was none
        QCOMPARE(log.head().id, 0);
        log.write("import");
        QCOMPARE(log.wrong(), QStringList());
        QCOMPARE(log.head().id, 4);
        log.run("UPDATE audit SET actor = 'Bea' WHERE id = 2");
        QCOMPARE(log.wrong().size(), 1);
    }
    void whatIsRolledBackLeavesNoGap()
    {
        Log log;
        log.some(2);
        {
            auto transaction = store::Transaction::begin(log.db());
            QVERIFY(transaction);
            log.some(3);
        }
        QCOMPARE(log.head().id, 2);
        log.some(2);
        QCOMPARE(log.wrong(), QStringList());
    }
    void whatCameSinceTheAnchorIsCheckedWithoutTheRest()
    {
        Log log;
        log.some(4);
        const auto anchor = log.head();
        log.some(4);
        const auto since = [&] {
            const auto found = ledger::checkAuditSince(log.db(), anchor);
            return found ? found->size() : 99;
        };
        QCOMPARE(since(), 0u);
        log.run("UPDATE audit SET actor = 'Bea' WHERE id = 2"); // the whole check finds that
        QCOMPARE(since(), 0u);
        QCOMPARE(log.wrong(anchor).size(), 1);
        log.run("UPDATE audit SET actor = 'Ana' WHERE id = 2");
        for (const char *id : {"4", "5", "8"}) { // the anchor itself, and what came after
            log.run(std::string("UPDATE audit SET actor = 'Bea' WHERE id = ") + id);
            QCOMPARE(since(), 1u);
            log.run(std::string("UPDATE audit SET actor = 'Ana' WHERE id = ") + id);
        }
        log.run("UPDATE audit SET actor = 'Bea' WHERE id = 2");
        log.chainAnew();
        QCOMPARE(since(), 1u);
        log.run("DELETE FROM audit WHERE id >= 4");
        QCOMPARE(since(), 1u);
        log.run("DELETE FROM audit");
        QCOMPARE(since(), 1u);
    }
    void theFirstRecordCanBeTheAnchor()
    {
        Log log;
        log.some(1);
        const auto anchor = log.head();
        log.some(2);
        QVERIFY(ledger::checkAuditSince(log.db(), anchor)->empty());
        log.run("UPDATE audit SET actor = 'Bea' WHERE id = 1");
        log.chainAnew();
        QVERIFY(!ledger::checkAuditSince(log.db(), anchor)->empty());
    }
    void theAnchorMovesOnlyOverALogThatHolds()
    {
        Log log;
        const connect::SealKey key{connect::SealKey::Form::KeyFile, connect::newKeyFileKey().secret.copy()};
        auto secrets = connect::SealedFile::make(connect::SealedFile::beside(log.file()), key);
        QVERIFY(secrets);
        QVERIFY(run::moveAuditAnchor(log.db(), *secrets)); // of an empty log
        QVERIFY(!*run::auditAnchor(*secrets));
        log.some(3);
        QVERIFY(run::moveAuditAnchor(log.db(), *secrets));
        QVERIFY(*run::auditAnchor(*secrets) == log.head());
        log.some(2);
        log.run("UPDATE audit SET target = 'nobody' WHERE id = 1");
        log.chainAnew();
        const auto moved = run::moveAuditAnchor(log.db(), *secrets);
        QVERIFY(!moved && moved.error().code == Code::Conflict);
        QCOMPARE((*run::auditAnchor(*secrets))->id, 3); // stays, and goes on finding it
        QVERIFY(secrets->set(run::anchorName, connect::Secret("nonsense")));
        QCOMPARE(run::auditAnchor(*secrets).error().code, Code::Malformed);
    }
};

QTEST_GUILESS_MAIN(TestAuditChain)
#include "tst_audit_chain.moc"

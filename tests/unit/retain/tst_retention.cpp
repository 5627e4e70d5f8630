// Old sign-ins go in whole segments and bounded transactions, and what is left is as sound as before.
#include "core/directory/directory.h"
#include "core/retain/retention.h"
#include "core/store/integrity.h"
#include "core/store/seal.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include "tests/support/number.h"

#include <QTemporaryDir>
#include <QTest>

#include <chrono>
#include <limits>

using namespace riskdesk;
using test::number;

namespace {

constexpr std::int64_t dayUs = 86'400'000'000;
const auto newest = Timestamp::fromCivil(2026, 3, 18, 12);

} // namespace

class RetentionTest : public QObject
{
    Q_OBJECT

    // A hundred days, a segment of two sign-ins each; the last one ends at `newest`.
    void hundredDays()
    {
        auto transaction = store::Transaction::begin(*m_db);
        QVERIFY(transaction.has_value());
        for (int day = 99; day >= 0; --day)
            write(newest.us - day * dayUs - 60'000'000, newest.us - day * dayUs);
        QVERIFY(transaction->commit());
    }
    void write(std::int64_t first, std::int64_t second)
    {
        std::vector<SignInRow> rows(2);
        rows[0].at = first;
        rows[1].at = second;
        for (auto &row : rows) {
            row.user = 1;
            row.eventKey[0] = static_cast<std::uint8_t>(++m_written);
            row.eventKey[1] = static_cast<std::uint8_t>(m_written >> 8);
        }
        const auto id = store::writeSegment(*m_db, 1, rows);
        QVERIFY2(id, id ? "" : id.error().detail.c_str());
    }
    Result<run::Removal> remove(int days, std::stop_token stop = {}, const ProgressSink &progress = {})
    {
        return run::removeOldSignIns(*m_db, *m_lease, m_clock, {}, days, std::move(stop), progress);
    }
    void isSound()
    {
        const auto broken = store::brokenSeals(*m_db);
        QVERIFY(broken && broken->empty());
        const auto findings = store::verifyStore(*m_db);
        QVERIFY(findings && findings->empty());
        QCOMPARE(number(*m_db,
                        "SELECT count(*) FROM segment_column WHERE id / 64 NOT IN (SELECT id FROM segment)"),
                 0);
    }

private Q_SLOTS:
    void whatNobodyJudgedOrCountedStays()
    {
        hundredDays();
        const auto rows = number(*m_db, "SELECT sum(rows) FROM segment");
        for (const char *left : {"UPDATE checkpoint SET unsettled_from = 5",
                                 "UPDATE checkpoint SET unsettled_from = NULL; INSERT INTO uncounted_segment "
                                 "VALUES (3)"}) {
            QVERIFY(m_db->execute(left));
            const auto refused = remove(1);
            QVERIFY(!refused);
            QCOMPARE(refused.error().code, Code::Conflict);
            QCOMPARE(number(*m_db, "SELECT sum(rows) FROM segment"), rows);
        }
        QVERIFY(m_db->execute("DELETE FROM uncounted_segment"));
        QVERIFY(remove(1));
    }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        const auto file = m_folder->filePath("a.riskdesk").toStdString();
        store::DirectoryInfo info;
        info.name = "Test";
        QVERIFY(store::createDirectory(file, info));
        auto db = store::openForWriting(file);
        QVERIFY(db.has_value());
        m_db = std::make_unique<store::Connection>(std::move(*db));
        auto lease = store::ImportLease::take(*m_db, "test");
        QVERIFY(lease.has_value());
        m_lease = std::make_unique<store::ImportLease>(std::move(*lease));
        QVERIFY(m_db->execute("INSERT INTO import_run (id, started_at, outcome) VALUES (1, 0, 'done');"
                              "INSERT INTO user (id, key) VALUES (1, 'ana')"));
    }
    void cleanup()
    {
        m_lease.reset();
        m_db.reset();
    }

    void saysWhatIsKept()
    {
        auto kept = run::keptSignIns(*m_db);
        QVERIFY(kept && !kept->oldest && kept->signIns == 0 && kept->bytes == 0 && kept->retainDays == 0);
        hundredDays();
        kept = run::keptSignIns(*m_db);
        QVERIFY(kept.has_value());
        QCOMPARE(kept->signIns, std::uint64_t{200});
        QCOMPARE(kept->newest->us, newest.us);
        QCOMPARE(kept->oldest->us, newest.us - 99 * dayUs - 60'000'000);
        QCOMPARE(static_cast<std::int64_t>(kept->bytes),
                 number(*m_db, "SELECT sum(length(data)) FROM segment_column"));
    }

    void wholeSegmentsGo()
    {
        hundredDays();
        const auto before = run::keptSignIns(*m_db)->bytes;
        const auto removal = remove(30);
        QVERIFY(removal.has_value());
        // The one that ends exactly thirty days before stays.
        QCOMPARE(removal->signIns, std::uint64_t{69 * 2});
        QCOMPARE(removal->before->us, newest.us - 30 * dayUs);
        const auto kept = run::keptSignIns(*m_db);
        QCOMPARE(kept->oldest->us, newest.us - 30 * dayUs - 60'000'000); // older, but its segment is not
        QCOMPARE(kept->bytes + removal->bytes, before);
        isSound();
        QCOMPARE(remove(30)->signIns, std::uint64_t{0});
        QCOMPARE(number(*m_db, "SELECT count(*) FROM audit WHERE action = 'retain'"), 3);
        QCOMPARE(number(*m_db, "SELECT sum(CAST(after AS INTEGER)) FROM audit WHERE action = 'retain'"), 138);
    }

    void stopsBetweenTransactions()
    {
        hundredDays();
        std::stop_source source;
        const auto removal = remove(1, source.get_token(), [&](const Progress &p) {
            p.phase == "delete" && p.done > 0 ? (void)source.request_stop() : void();
        });
        QVERIFY(removal && removal->cancelled);
        QCOMPARE(removal->signIns, std::uint64_t{64 * 2});
        isSound();
        QCOMPARE(remove(1)->signIns, std::uint64_t{34 * 2});
        isSound();
    }

    void aDateInTheFutureTakesNothingWithIt()
    {
        hundredDays();
        write(newest.us, newest.us + 30'000 * dayUs);
        QCOMPARE(remove(100)->signIns, std::uint64_t{0});
        QCOMPARE(remove(99)->signIns,
                 std::uint64_t{2}); // by the clock, an hour behind the newest of the others
    }

    void theSegmentWrittenLastStays()
    {
        hundredDays();
        write(newest.us - 500 * dayUs, newest.us - 499 * dayUs);
        QCOMPARE(remove(200)->signIns, std::uint64_t{0});
        const auto last = number(*m_db, "SELECT max(id) FROM segment");
        write(newest.us, newest.us);
        QCOMPARE(number(*m_db, "SELECT max(id) FROM segment"), last + 1);
        QCOMPARE(remove(200)->signIns, std::uint64_t{2});
    }

    void refuses()
    {
        hundredDays();
        for (const int days : {0, -1, run::longestRetainDays + 1})
            QCOMPARE(remove(days).error().code, Code::WrongUsage);
        action::Operator reader;
        reader.role = action::Role::Reader;
        QCOMPARE(run::removeOldSignIns(*m_db, *m_lease, m_clock, reader, 30).error().code, Code::NotAllowed);
        QCOMPARE(number(*m_db, "SELECT count(*) FROM segment"), 100);
    }

    void theSettingDecides()
    {
        hundredDays();
        QCOMPARE(run::removeBySetting(*m_db, *m_lease, m_clock, {})->signIns, std::uint64_t{0});
        QVERIFY(run::setSetting(*m_db, {}, "store.retainDays", 90));
        QCOMPARE(run::keptSignIns(*m_db)->retainDays, 90);
        QCOMPARE(run::removeBySetting(*m_db, *m_lease, m_clock, {})->signIns, std::uint64_t{18});
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<store::Connection> m_db;
    std::unique_ptr<store::ImportLease> m_lease;
    FixedClock m_clock{newest + std::chrono::hours(1)};
    unsigned m_written = 0;
};

QTEST_GUILESS_MAIN(RetentionTest)
#include "tst_retention.moc"

// A trial directory that was converted is what a directory for production would have been from the start.
#include "core/ledger/ageing.h"
#include "core/replay/convert.h"
#include "core/store/lease.h"
#include "core/verify/verify_run.h"

#include "tests/unit/replay/replay_world.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

constexpr unsigned people = 80, days = 45;

// Every row of a question, a line each.
QStringList lines(store::Connection &db, const char *sql)
{
    QStringList all;
    store::Statement row(db, sql);
    while (row.step())
        all << QString::fromStdString(row.string(0));
    if (!row.ok())
        qFatal("%s", row.error().detail.c_str());
    return all;
}

constexpr const char *judged[] = {
    "SELECT json_array(id, type, level, state, detail, timing, activity, user, at, last_at, last_updated, "
    "detected_at, count, weight_level, campaign, evidence) FROM detection ORDER BY id",
    "SELECT json_array(user, level, state, detail, score, updated_at, open_detections, total_detections, "
    "risky_sign_ins, top_type, countries, types, hex(trend)) FROM user_risk ORDER BY user",
    "SELECT json_array(request_id, level_during, level_aggregated, state, detail, score) FROM sign_in_risk "
    "ORDER BY request_id",
    "SELECT json_array(id, scope, scope_text, opened, detected, last, attempts, failures, users, addresses, "
    "hits, evidence) FROM campaign ORDER BY id",
    "SELECT json_array(campaign, user, attempts, successes) FROM campaign_target ORDER BY campaign, user",
    "SELECT json_array(user, hex(event_key), verdict) FROM withheld ORDER BY user, event_key",
    "SELECT json_array(id, learning_done, learning_needed, sign_ins) FROM user ORDER BY id",
    "SELECT json_array(kind, id, hex(data)) FROM detector_state ORDER BY kind, id",
};

} // namespace

class ConvertTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<ReplayWorld> m_direct;

    static std::unique_ptr<ReplayWorld> onTrial()
    {
        auto world = std::make_unique<ReplayWorld>(people, days, 2, true);
        world->importAll();
        return world;
    }
    void isLikeTheDirect(ReplayWorld &world)
    {
        QVERIFY(ledger::ageLowDetections(world.connection(), worldClock)); // as at the end of an import
        for (const char *sql : judged)
            QCOMPARE(lines(world.connection(), sql), lines(m_direct->connection(), sql));
        const auto findings = run::verifyDirectory(world.directory(), {}, {});
        QVERIFY(findings);
        QVERIFY2(findings->empty(), findings->empty() ? "" : findings->front().c_str());
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_direct = std::make_unique<ReplayWorld>(people, days, 2);
        m_direct->importAll();
        QVERIFY(m_direct->number("SELECT count(*) FROM detection") > 5);
        QVERIFY(m_direct->number("SELECT count(*) FROM campaign") > 0);
    }

    void findsWhatADirectImportFinds()
    {
        const auto world = onTrial();
        QCOMPARE(world->number("SELECT count(*) FROM detection"), 0);
        const auto done = run::convert(world->directory(), {}, worldClock);
        QVERIFY2(done, done ? "" : done.error().detail.c_str());
        QVERIFY(!world->directory().info().trial);
        QCOMPARE(static_cast<std::int64_t>(done->detections),
                 m_direct->number("SELECT count(*) FROM detection"));
        QCOMPARE(static_cast<std::int64_t>(done->signIns), m_direct->number("SELECT sum(rows) FROM segment"));
        isLikeTheDirect(*world);
        const auto compared = run::compareFindings(world->directory(), worldClock);
        QVERIFY(compared);
        QCOMPARE(compared->detections + compared->withdrawn, std::uint64_t{0});
        QCOMPARE(
            world->number("SELECT count(*) FROM audit WHERE action = 'convert' AND after = 'production'"), 1);
    }

    void onceIsEnough()
    {
        const auto again = run::convert(m_direct->directory(), {}, worldClock);
        QVERIFY(!again);
        QCOMPARE(again.error().code, Code::Conflict);
        QVERIFY(sentence(again.error()).find("production already") != std::string::npos);
        QCOMPARE(m_direct->number("SELECT count(*) FROM audit WHERE action = 'convert'"), 0);
        QCOMPARE(m_direct->number("SELECT unsettled_from IS NULL FROM checkpoint"), 1);
    }

    void stoppedItIsGoneOnWith()
    {
        const auto world = onTrial();
        std::stop_source stop;
        const auto done = run::convert(world->directory(), {}, worldClock, stop.get_token(),
                                       [&](const Progress &) { stop.request_stop(); });
        QVERIFY(!done);
        QCOMPARE(done.error().code, Code::Cancelled);
        QVERIFY(!world->directory().info().trial);
        QCOMPARE(world->number("SELECT count(*) FROM detection"), 0);
        QVERIFY(run::unsettledFrom(world->connection())->has_value());
        auto reopened = run::Directory::open(world->directory().file());
        QVERIFY(reopened && !reopened->info().trial);
        QVERIFY(run::settle(*reopened, worldClock));
        isLikeTheDirect(*world);
    }

    void anImportIsNotDisturbed()
    {
        const auto world = onTrial();
        auto other = store::openForWriting(world->directory().file());
        QVERIFY(other);
        const auto lease = store::ImportLease::take(*other, "import");
        QVERIFY(lease);
        const auto done = run::convert(world->directory(), {}, worldClock);
        QVERIFY(!done);
        QCOMPARE(done.error().code, Code::StoreBusy);
        QCOMPARE(world->number("SELECT trial FROM directory"), 1);
    }
};

QTEST_GUILESS_MAIN(ConvertTest)
#include "tst_convert.moc"

// What-if says what the engine would really find under the other settings, and leaves the file as it is.
#include "core/replay/found.h"
#include "core/replay/replay.h"
#include "core/replay/whatif_run.h"

#include "tests/unit/replay/replay_world.h"

#include <QCryptographicHash>
#include <QFile>

#include <map>

using namespace riskdesk;

namespace {

QByteArray digest(const std::string &file)
{
    QFile in(QString::fromStdString(file));
    if (!in.open(QIODevice::ReadOnly))
        qFatal("not read");
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(&in);
    return hash.result();
}

std::uint64_t sum(const run::LevelCounts &counts)
{
    return counts[0] + counts[1] + counts[2] + counts[3];
}

} // namespace

class WhatIfTest : public QObject
{
    Q_OBJECT
    test::ReplayWorld m_world;
    std::uint64_t m_signIns = 0;

    run::WhatIfReport ask(const run::WhatIfRequest &request)
    {
        auto reader = store::openForReading(m_world.path("t.riskdesk"));
        if (!reader)
            qFatal("not opened");
        auto found = run::whatIf(*reader, request);
        if (!found)
            qFatal("%s", sentence(found.error()).c_str());
        return std::move(*found);
    }
    Code refusal(const run::WhatIfRequest &request, std::string *words = nullptr)
    {
        auto found = run::whatIf(m_world.connection(), request);
        if (found)
            qFatal("not refused");
        if (words != nullptr)
            *words = sentence(found.error());
        return found.error().code;
    }

private Q_SLOTS:
    void initTestCase() { m_signIns = m_world.importAll(); }

    void nothingOtherChangesNothing()
    {
        const auto found = ask({});
        QCOMPARE(found.signIns, m_signIns);
        QVERIFY(found.changes.empty());
        QCOMPARE(found.appear + found.disappear + found.rise + found.fall + found.usersChanged, 0u);
        std::uint64_t all = 0;
        for (const auto &[type, counts] : found.types) {
            QCOMPARE(counts.before, counts.after);
            all += sum(counts.before);
        }
        // And it counts what the imports found.
        QCOMPARE(all, std::uint64_t(m_world.number("SELECT count(*) FROM detection")));
        QVERIFY(found.types.size() >= 5);
    }
    void tellsWhatAnImportUnderTheOtherSettingsFinds()
    {
        run::WhatIfRequest request;
        request.set = {{"unfamiliarFeatures.mediumBits", 6}, {"unlikelyTravel.speedLimitKmh", 1500}};
        const auto found = ask(request);
        // In one run: what ages at the end of a run takes in no repeat from the next file.
        test::ReplayWorld other(200, 60, 1);
        for (const auto &[key, value] : request.set)
            QVERIFY(run::setSetting(other.connection(), {}, key, value));
        other.importAll();
        const auto stored = [](test::ReplayWorld &world) {
            std::map<std::pair<DetectionType, RiskLevel>, std::uint64_t> counts;
            store::Statement row(world.connection(),
                                 "SELECT type, level, count(*) FROM detection GROUP BY 1, 2");
            while (row.step())
                counts[{row.as<DetectionType>(0), row.as<RiskLevel>(1)}] = std::uint64_t(row.int64(2));
            return counts;
        };
        std::map<std::pair<DetectionType, RiskLevel>, std::uint64_t> before, after;
        for (const auto &[type, types] : found.types)
            for (const auto level : {RiskLevel::Low, RiskLevel::Medium, RiskLevel::High}) {
                if (const auto n = types.before[std::size_t(level)])
                    before[{type, level}] = n;
                if (const auto n = types.after[std::size_t(level)])
                    after[{type, level}] = n;
            }
        QCOMPARE(before, stored(m_world));
        QCOMPARE(after, stored(other));
        QVERIFY(before != after);
        // The list holds every change, in order, and adds up.
        QCOMPARE(found.changes.size(), found.appear + found.disappear + found.rise + found.fall);
        QVERIFY(std::is_sorted(found.changes.begin(), found.changes.end(),
                               [](const auto &a, const auto &b) { return a.at < b.at; }));
        std::int64_t difference = 0;
        for (const auto &c : found.changes) {
            QVERIFY(c.before != c.after && !c.userKey.empty() && !c.requestId.empty());
            difference += (c.after != RiskLevel::None ? 1 : 0) - (c.before != RiskLevel::None ? 1 : 0);
        }
        std::int64_t total = 0;
        for (const auto &[type, types] : found.types)
            total += std::int64_t(sum(types.after)) - std::int64_t(sum(types.before));
        QCOMPARE(difference, total);
    }
    void sortsWhatDisappearsByWhatWasDecided()
    {
        QVERIFY(m_world.connection().execute(
            "UPDATE detection SET state = 3, detail = 7 WHERE rowid = (SELECT min(rowid) FROM detection "
            "WHERE type = 4);"
            "UPDATE detection SET state = 5 WHERE rowid = (SELECT max(rowid) FROM detection WHERE type = "
            "4);"));
        run::WhatIfRequest request;
        request.set = {{"unfamiliarFeatures.enabled", 0}};
        const auto found = ask(request);
        QVERIFY(m_world.connection().execute(
            "UPDATE detection SET state = 4, detail = 0 WHERE state = 5 OR detail = 7"));
        const auto unfamiliar = found.types.at(DetectionType::UnfamiliarFeatures);
        QVERIFY(sum(unfamiliar.before) > 5);
        QCOMPARE(sum(unfamiliar.after), 0u);
        QCOMPARE(found.disappearRecorded.at(run::Recorded::Dismissed), 1u);
        QCOMPARE(found.disappearRecorded.at(run::Recorded::ConfirmedCompromised), 1u);
        // What was dismissed by age alone is nobody's word.
        QVERIFY(found.disappearRecorded.at(run::Recorded::Aged) > 3);
        std::uint64_t all = 0;
        for (const auto &[state, n] : found.disappearRecorded)
            all += n;
        QCOMPARE(all, found.disappear);
        QVERIFY(!found.disappearRecorded.contains(run::Recorded::NotStored));
        QVERIFY(found.usersChanged > 0);
        QVERIFY(sum(found.usersAfter) < sum(found.usersBefore));
    }
    void aTrustedNetworkSilencesItsOwn()
    {
        store::Statement row(m_world.connection(),
                             "SELECT ip_text, asn, count(*) FROM detection WHERE type = 2 AND asn <> 0 GROUP "
                             "BY 1 ORDER BY 3 DESC");
        QVERIFY(row.step());
        const auto address = row.string(0);
        const auto system = "AS" + std::to_string(row.uint32(1));
        for (const auto &text : {address, system}) {
            run::WhatIfRequest request;
            request.trust = {text};
            const auto found = ask(request);
            const auto anonymous = found.types.at(DetectionType::AnonymizedIPAddress);
            QVERIFY(sum(anonymous.after) < sum(anonymous.before));
        }
    }
    void whatWasBeforeTeachesAndIsNotCounted()
    {
        run::WhatIfRequest request;
        request.set = {{"unfamiliarFeatures.enabled", 0}};
        const auto all = ask(request);
        request.since = Timestamp::fromCivil(2026, 3, 1);
        const auto some = ask(request);
        QCOMPARE(some.signIns, all.signIns);
        QVERIFY(some.disappear > 0 && some.disappear < all.disappear);
        for (const auto &c : some.changes)
            QVERIFY(c.at >= *request.since);
    }
    void leavesTheFileAsItIs()
    {
        const auto file = m_world.path("t.riskdesk");
        QVERIFY(m_world.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)"));
        auto watcher = store::openForReading(file);
        QVERIFY(watcher);
        const auto before = digest(file), log = digest(file + "-wal");
        const auto version = watcher->dataVersion(), own = m_world.connection().dataVersion();
        run::WhatIfRequest request;
        request.set = {{"passwordSpray.sourceUsers", 3}};
        request.trust = {"203.0.113.0/24", "de"};
        ask(request);
        // Nor through a connection that could write.
        QVERIFY(run::whatIf(m_world.connection(), request));
        QCOMPARE(watcher->dataVersion(), version);
        QCOMPARE(m_world.connection().dataVersion(), own);
        QCOMPARE(digest(file), before);
        QCOMPARE(digest(file + "-wal"), log);
        // And the transaction it read in is over.
        QVERIFY(store::Transaction::begin(m_world.connection()));
    }
    void refuses_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<double>("value");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("words");
        const auto unknown = int(Code::NotFound), wrong = int(Code::WrongUsage);
        QTest::newRow("a slip of the pen")
            << "unlikelyTravel.speedLimitKhm" << 900. << unknown << "unlikelyTravel.speedLimitKmh";
        QTest::newRow("a name alone") << "mediumbits" << 9. << unknown << "unfamiliarFeatures.mediumBits";
        QTest::newRow("another type before it")
            << "unlikelyTravel.sourceUsers" << 9. << unknown << "passwordSpray.sourceUsers";
        QTest::newRow("nothing like it") << "zzzzqqqq" << 9. << unknown << "\"settings\" lists them";
        QTest::newRow("an empty key") << "" << 9. << unknown << "no such setting";
        QTest::newRow("below its bounds")
            << "unlikelyTravel.speedLimitKmh" << 1. << wrong << "between 300 and 5000";
        QTest::newRow("not a number") << "unlikelyTravel.speedLimitKmh" << qQNaN() << wrong << "between";
        QTest::newRow("a setting of the ledger") << "risk.lowAgesDays" << 7. << wrong << "no detector reads";
    }
    void refuses()
    {
        QFETCH(QString, key);
        QFETCH(double, value);
        QFETCH(int, code);
        QFETCH(QString, words);
        run::WhatIfRequest request;
        request.set = {{key.toStdString(), value}};
        std::string said;
        QCOMPARE(int(refusal(request, &said)), code);
        QVERIFY2(said.find(words.toStdString()) != std::string::npos, said.c_str());
    }
    void refusesWhatIsNoNetwork()
    {
        for (const char *text : {"", "x", "10.0.0.0/33", "0.0.0.0/0", "ASx", "D1", "🦊🦊"}) {
            run::WhatIfRequest request;
            request.trust = {text};
            QCOMPARE(refusal(request), Code::WrongUsage);
        }
    }
    void canBeStopped()
    {
        std::stop_source stop;
        stop.request_stop();
        const auto found = run::whatIf(m_world.connection(), {}, stop.get_token());
        QVERIFY(!found && found.error().code == Code::Cancelled);
        QVERIFY(store::Transaction::begin(m_world.connection()));
    }
};

QTEST_GUILESS_MAIN(WhatIfTest)
#include "tst_whatif.moc"

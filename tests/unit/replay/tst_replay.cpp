// A replay under the settings in use finds what the imports found, however they were cut; engines beside one
// another do not touch each other; and it can be stopped.
#include "core/base/digest.h"
#include "core/replay/found.h"
#include "core/replay/replay.h"

#include "tests/unit/replay/replay_world.h"

#include <QSet>

using namespace riskdesk;

namespace {

QString line(DetectionType type, const EventKey &key, RiskLevel level)
{
    return QString::fromStdString(std::string(toText(type)) + ' ' + toHex(key) + ' ' +
                                  std::string(toText(level)));
}

QSet<QString> stored(test::ReplayWorld &world)
{
    QSet<QString> found;
    store::Statement row(world.connection(), "SELECT type, event_key, level FROM detection WHERE type <> ?1");
    row.bind(DetectionType::AdminConfirmedUserCompromised);
    while (row.step()) {
        EventKey key{};
        const auto blob = row.blob(1);
        std::copy(blob.begin(), blob.end(), key.begin());
        found.insert(line(row.as<DetectionType>(0), key, row.as<RiskLevel>(2)));
    }
    return found;
}

QSet<QString> lines(const run::FoundBook &book)
{
    QSet<QString> found;
    for (const auto &d : book.folded().detections)
        found.insert(line(d.first.type, d.first.key, d.level));
    return found;
}

std::unique_ptr<run::ReplayGround> ground(test::ReplayWorld &world)
{
    std::vector<Error> unusable;
    return std::move(*run::ReplayGround::load(world.connection(),
                                              std::move(*run::loadEnricher(world.connection(), unusable))));
}

} // namespace

class ReplayTest : public QObject
{
    Q_OBJECT
    test::ReplayWorld m_world;
    std::uint64_t m_signIns = 0;

private Q_SLOTS:
    void initTestCase()
    {
        m_signIns = m_world.importAll();
        QVERIFY(m_signIns > 5000);
    }
    void findsWhatTheImportsFound()
    {
        const auto on = ground(m_world);
        auto engine = on->engine(*run::tuning(m_world.connection()));
        run::FoundBook book;
        std::uint64_t seen = 0;
        const run::ReplaySeat seat{*on, engine, {}, [&](const auto &, const auto &examination, bool) {
                                       ++seen;
                                       for (const auto &finding : examination.findings)
                                           book.add(finding);
                                   }};
        const auto played = run::replay(m_world.connection(), {&seat, 1});
        QVERIFY(played);
        QCOMPARE(*played, m_signIns);
        QCOMPARE(seen, m_signIns);
        const auto expected = stored(m_world), found = lines(book);
        QVERIFY(expected.size() > 30);
        QCOMPARE(found - expected, QSet<QString>());
        QCOMPARE(expected - found, QSet<QString>());
        // And the users of whom nothing has aged stand where the import put them.
        const auto folded = book.folded();
        store::Statement row(m_world.connection(), "SELECT user, level FROM user_risk WHERE state = ?1 AND "
                                                   "user NOT IN (SELECT user FROM detection WHERE state <> "
                                                   "?1)");
        row.bind(RiskState::AtRisk);
        int compared = 0;
        while (row.step()) {
            const auto user = folded.users.find(row.uint32(0));
            QVERIFY(user != folded.users.end());
            QCOMPARE(user->second, row.as<RiskLevel>(1));
            ++compared;
        }
        QVERIFY(compared > 5);
    }
    void enginesBesideOneAnotherAreApart()
    {
        const auto on = ground(m_world), other = ground(m_world);
        detect::Tuning usual, deaf;
        for (const auto &entry : detect::tuningTable())
            if (entry.key.ends_with(".enabled"))
                deaf.set(entry.id, 0);
        auto a = on->engine(usual), b = on->engine(deaf), c = other->engine(usual);
        run::FoundBook books[3];
        const auto into = [](run::FoundBook &book) {
            return [&book](const detect::EnrichedSignIn &, const detect::Examination &examination, bool) {
                for (const auto &finding : examination.findings)
                    book.add(finding);
            };
        };
        const run::ReplaySeat seats[] = {
            {*on, a, {}, into(books[0])}, {*on, b, {}, into(books[1])}, {*other, c, {}, into(books[2])}};
        QVERIFY(run::replay(m_world.connection(), seats));
        QCOMPARE(lines(books[0]), stored(m_world));
        QCOMPARE(lines(books[1]), QSet<QString>());
        QCOMPARE(lines(books[2]), stored(m_world));
    }
    void whatIsHarmlessTeachesAtItsPlace()
    {
        const auto on = ground(m_world);
        QVERIFY(m_world.connection().execute("UPDATE sign_in_risk SET state = 1, detail = 4;"
                                             "CREATE TABLE kept AS SELECT * FROM withheld;"
                                             "DELETE FROM withheld"));
        const auto judged = ground(m_world);
        QVERIFY(m_world.connection().execute("UPDATE sign_in_risk SET state = 4, detail = 0;"
                                             "INSERT INTO withheld SELECT * FROM kept; DROP TABLE kept"));
        detect::Tuning usual;
        auto a = on->engine(usual), b = judged->engine(usual);
        std::size_t withheld = 0, taught = 0, taughtBefore = 0, foundBefore = 0, found = 0;
        const run::ReplaySeat seats[] = {
            {*on,
             a,
             {},
             [&](const auto &, const auto &examination, bool harmless) {
                 taughtBefore += harmless ? 1 : 0;
                 foundBefore += examination.findings.size();
             }},
            {*judged, b, {}, [&](const auto &, const auto &examination, bool harmless) {
                 withheld += examination.withheld ? 1 : 0;
                 taught += harmless ? 1 : 0;
                 found += examination.findings.size();
             }}};
        QVERIFY(run::replay(m_world.connection(), seats));
        QCOMPARE(taughtBefore, 0u);
        QVERIFY(taught > 10 && taught <= withheld);
        QVERIFY(found < foundBefore); // what was taught surprises less
    }
    void endsWhereItIsTold()
    {
        const auto on = ground(m_world);
        auto engine = on->engine({});
        std::uint64_t before = 0, after = 0;
        const run::ReplaySeat seat{*on, engine, [&](const auto &) { return ++before <= 1500; },
                                   [&](const auto &, const auto &, bool) { ++after; }};
        QVERIFY(run::replay(m_world.connection(), {&seat, 1}));
        QCOMPARE(before, 1501u);
        QCOMPARE(after, 1500u);
    }
    void canBeStoppedAndTellsHowFarItIs()
    {
        const auto on = ground(m_world);
        auto engine = on->engine({});
        const run::ReplaySeat seat{*on, engine, {}, {}};
        std::stop_source stop;
        std::uint64_t told = 0;
        run::ReplayOptions options;
        options.stop = stop.get_token();
        options.progress = [&](const Progress &p) {
            QCOMPARE(p.phase, "detect");
            QCOMPARE(p.total, m_signIns);
            told = p.done;
            stop.request_stop();
        };
        const auto played = run::replay(m_world.connection(), {&seat, 1}, options);
        QVERIFY(!played);
        QCOMPARE(played.error().code, Code::Cancelled);
        QVERIFY(told > 0 && told < m_signIns);
        // What the caller's own tick says ends it too.
        options = {};
        options.tick = [] { return fail(Code::StoreBusy, "held"); };
        const auto refused = run::replay(m_world.connection(), {&seat, 1}, options);
        QVERIFY(!refused && refused.error().code == Code::StoreBusy);
    }
};

QTEST_GUILESS_MAIN(ReplayTest)
#include "tst_replay.moc"

// A suppression rule silences what it names, nothing else and not for ever; what it silenced is counted, and
// comes back when the rule goes.
#include "core/ledger/suppression.h"
#include "core/replay/explain_run.h"
#include "core/replay/found.h"
#include "core/replay/settle.h"
#include "core/replay/whatif_run.h"
#include "core/verify/verify_run.h"

#include "tests/unit/replay/replay_world.h"

#include <QSet>

using namespace riskdesk;

namespace {

using std::chrono::hours;

QSet<QString> ids(test::ReplayWorld &world, const char *sql = "SELECT id FROM detection")
{
    QSet<QString> found;
    store::Statement row(world.connection(), sql);
    while (row.step())
        found.insert(QString::fromStdString(row.string(0)));
    return found;
}

void isSound(test::ReplayWorld &world)
{
    const auto findings = run::verifyDirectory(world.directory(), {}, {});
    QVERIFY(findings);
    QVERIFY2(findings->empty(), findings->empty() ? "" : findings->front().c_str());
}

} // namespace

class SuppressionTest : public QObject
{
    Q_OBJECT
    // One import a directory: what a rule does with cuts is the replay's to test.
    struct World : test::ReplayWorld
    {
        World()
            : ReplayWorld(200, 60, 1)
        {}
    };
    World m_plain;

    static SuppressionRule add(test::ReplayWorld &world, const std::string &text,
                               Timestamp until = test::worldEnd + hours(24))
    {
        const auto terms = ledger::suppressionTerms(text);
        auto match = terms ? ledger::suppressionMatch(world.connection(), *terms)
                           : Result<SuppressionMatch>(tl::unexpected(terms.error()));
        if (!match)
            qFatal("%s", sentence(match.error()).c_str());
        SuppressionRule rule;
        rule.match = *match;
        rule.until = until;
        rule.reason = "our own crawler";
        auto added = ledger::addSuppression(world.connection(), test::worldClock, {}, rule);
        if (!added)
            qFatal("%s", sentence(added.error()).c_str());
        return *added;
    }
    // A user, address or system with detections in the plain world; everything is made from one seed.
    std::string text(const std::string &sql)
    {
        store::Statement row(m_plain.connection(), sql);
        if (!row.step())
            qFatal("nothing: %s", sql.c_str());
        return row.string(0);
    }

private Q_SLOTS:
    void initTestCase() { m_plain.importAll(); }

    void silencesWhatItNames_data()
    {
        QTest::addColumn<QString>("rule");
        QTest::addColumn<QString>("named"); // detections it names
        const auto ip = text("SELECT ip_text FROM detection WHERE type = 4 LIMIT 1");
        const auto asn = text("SELECT asn FROM detection WHERE asn <> 0 AND type = 4 LIMIT 1");
        const auto q = [](const std::string &s) { return QString::fromStdString(s); };
        QTest::newRow("a type") << "type=unfamiliarFeatures"
                                << "type = 4";
        QTest::newRow("a type, letter case ignored") << "type=PASSWORDSPRAY"
                                                     << "type = 5";
        QTest::newRow("an address") << q("network=" + ip) << q("ip_text = '" + ip + "'");
        QTest::newRow("a network") << q("network=" + ip + "/32") << q("ip_text = '" + ip + "'");
        QTest::newRow("a system") << q("asn=AS" + asn) << q("asn = " + asn);
        QTest::newRow("a type in a network")
            << q("type=unfamiliarFeatures network=" + ip) << q("type = 4 AND ip_text = '" + ip + "'");
        QTest::newRow("a type in another network") << "type=unfamiliarFeatures network=192.0.2.77"
                                                   << "0";
        QTest::newRow("a part of the agent") << "agent~=WINDOWS"
                                             << "event_key IN (SELECT event_key FROM signin_agent WHERE "
                                                "agent LIKE '%windows%')";
    }
    void silencesWhatItNames()
    {
        QFETCH(QString, rule);
        QFETCH(QString, named);
        World world;
        const auto added = add(world, rule.toStdString());
        world.importAll();
        const auto all = ids(m_plain), left = ids(world);
        QSet<QString> silenced = ids(world, "SELECT id FROM suppressed");
        QVERIFY((left & silenced).isEmpty());
        const auto listed = ledger::suppressions(world.connection());
        QVERIFY(listed && listed->size() == 1 && listed->front().id == added.id);
        QCOMPARE(listed->front().silenced, std::uint64_t(silenced.size()));
        QCOMPARE(listed->front().firstAt.has_value(), !silenced.isEmpty());
        if (!named.contains("signin_agent")) {
            // Those that are not named are as without the rule, those that are have gone.
            const auto gone = ids(m_plain, ("SELECT id FROM detection WHERE " + named).toUtf8().constData());
            QVERIFY(silenced.contains(gone));
            QCOMPARE(all - gone - left, QSet<QString>());
            QCOMPARE(world.number(("SELECT count(*) FROM detection WHERE " + named).toStdString()), 0);
        } else {
            QVERIFY(!silenced.isEmpty() && !left.isEmpty());
        }
        // Nobody is at risk because of it, and the ledger knows nothing of it.
        QCOMPARE(world.number("SELECT count(*) FROM ledger l JOIN suppressed s ON s.id = l.detection"), 0);
        QCOMPARE(world.number("SELECT count(*) FROM sign_in_risk r JOIN suppressed s ON s.event_key = "
                              "r.event_key WHERE NOT EXISTS (SELECT 1 FROM ledger l WHERE l.sign_in = "
                              "r.request_id)"),
                 0);
        isSound(world);
        // What-if finds the same with the same rule.
        run::WhatIfRequest request;
        request.suppress = {rule.toStdString()};
        request.now = test::worldEnd;
        const auto found = run::whatIf(m_plain.connection(), request);
        QVERIFY(found);
        std::uint64_t after = 0;
        for (const auto &[type, counts] : found->types)
            after += counts.after[1] + counts.after[2] + counts.after[3];
        QCOMPARE(after, std::uint64_t(left.size()));
    }
    void theDetectorsLearnTheSame()
    {
        World world;
        add(world, "type=unfamiliarFeatures");
        world.importAll();
        const char *memory = "SELECT kind || ':' || id || ':' || hex(data) FROM detector_state";
        QCOMPARE(ids(world, memory), ids(m_plain, memory));
    }
    void aRuleThatIsOverDoesNothing()
    {
        World world;
        add(world, "type=unfamiliarFeatures");
        QVERIFY(world.connection().execute("UPDATE suppression SET until = " +
                                           std::to_string(test::worldEnd.us)));
        world.importAll();
        QCOMPARE(ids(world), ids(m_plain));
        QCOMPARE(ledger::suppressions(world.connection())->front().silenced, 0u);
    }
    void whatWasSilencedStaysSoWhenItIsFoundAgain()
    {
        World world;
        add(world, "type=unfamiliarFeatures");
        world.importAll();
        const auto left = ids(world), silenced = ids(world, "SELECT id FROM suppressed");
        QVERIFY(world.connection().execute("UPDATE suppression SET until = 1")); // over by now
        const auto again = run::reread(world.directory(), {}, test::worldClock);
        QVERIFY(again);
        QCOMPARE(again->detections, 0u);
        QCOMPARE(again->silenced, 0u);
        QCOMPARE(ids(world), left);
        QCOMPARE(ids(world, "SELECT id FROM suppressed"), silenced);
    }
    void aRuleTakesNothingAwayThatWasFound()
    {
        World world;
        world.importAll();
        const auto before = ids(world);
        add(world, "type=unfamiliarFeatures");
        const auto again = run::reread(world.directory(), {}, test::worldClock);
        QVERIFY(again);
        QCOMPARE(again->detections + again->silenced, 0u);
        QCOMPARE(ids(world), before);
    }
    void removedItGivesBackWhatItSilenced()
    {
        World world;
        const auto rule = add(world, "type=unfamiliarFeatures");
        world.importAll();
        const auto left = ids(world);
        const auto removed =
            ledger::removeSuppression(world.connection(), test::worldClock, {.name = "anna"}, rule.id);
        QVERIFY(removed && removed->silenced > 5);
        const auto again = run::reread(world.directory(), {}, test::worldClock);
        QVERIFY(again && again->detections > 0);
        QVERIFY(ids(world).contains(ids(m_plain)));
        QVERIFY(ids(world).size() > left.size());
        isSound(world);
        QCOMPARE(world.number("SELECT count(*) FROM audit WHERE action IN ('suppressAdd', 'suppressRemove')"),
                 2);
        QVERIFY(ledger::removeSuppression(world.connection(), test::worldClock, {}, rule.id).error().code ==
                Code::NotFound);
        // The number is not used again.
        QVERIFY(add(world, "asn=64500").id > rule.id);
    }
    void tellsWhatItWouldHaveSilenced()
    {
        const auto terms = ledger::suppressionTerms("type=unfamiliarFeatures");
        const auto match = ledger::suppressionMatch(m_plain.connection(), *terms);
        const auto since = test::worldEnd - hours(24 * 30);
        const auto preview = ledger::previewSuppression(m_plain.connection(), *match, since);
        QVERIFY(preview);
        const auto stored = m_plain.number("SELECT count(*) FROM detection WHERE type = 4 AND at >= " +
                                           std::to_string(since.us));
        QVERIFY(stored > 0);
        QCOMPARE(preview->detections, std::uint64_t(stored));
        QCOMPARE(preview->levels[1] + preview->levels[2] + preview->levels[3], preview->detections);
        QVERIFY(preview->users > 0 && preview->users <= preview->detections);
    }
    void explainNamesTheRule()
    {
        World world;
        const auto rule = add(world, "type=unfamiliarFeatures");
        world.importAll();
        const auto id = [&] {
            store::Statement row(world.connection(), "SELECT request_id FROM suppressed LIMIT 1");
            return row.step() ? row.string(0) : std::string();
        }();
        const auto explained = run::explainSignIn(world.directory(), id, {}, {}, test::worldClock);
        QVERIFY(explained);
        QCOMPARE(explained->silencedBy.at(DetectionType::UnfamiliarFeatures).id, rule.id);
        QCOMPARE(explained->silencedBy.at(DetectionType::UnfamiliarFeatures).reason, rule.reason);
        // Also for what no rule had silenced, but one would by now.
        const auto other = add(m_plain, "type=unfamiliarFeatures");
        const auto would = run::explainSignIn(m_plain.directory(), id, {}, {}, test::worldClock);
        QVERIFY(would && would->silencedBy.contains(DetectionType::UnfamiliarFeatures));
        QVERIFY(ledger::removeSuppression(m_plain.connection(), test::worldClock, {}, other.id));
    }
    void refuses_data()
    {
        QTest::addColumn<QString>("rule");
        QTest::newRow("nothing") << "";
        QTest::newRow("blanks") << "   ";
        QTest::newRow("an unknown word") << "country=DE";
        QTest::newRow("no value") << "type";
        QTest::newRow("an empty value") << "type=";
        QTest::newRow("an unknown type") << "type=badThing";
        QTest::newRow("an administrator's word") << "type=adminConfirmedUserCompromised";
        QTest::newRow("everything") << "network=0.0.0.0/0";
        QTest::newRow("no network") << "network=here";
        QTest::newRow("no system") << "asn=-1";
        QTest::newRow("system 0") << "asn=0";
        QTest::newRow("a user nobody knows") << "user=nobody@nowhere.example";
        QTest::newRow("two agents") << "agent=a agent~=b";
        QTest::newRow("an open quotation mark") << "agent=\"a b";
        QTest::newRow("an agent without an end") << "agent=" + QString(5000, 'x');
    }
    void refuses()
    {
        QFETCH(QString, rule);
        const auto terms = ledger::suppressionTerms(rule.toStdString());
        QVERIFY(!terms || !ledger::suppressionMatch(m_plain.connection(), *terms));
    }
    void aRuleNeedsAReasonAndAnEndToCome()
    {
        SuppressionRule rule;
        rule.match.asn = 64500;
        rule.until = test::worldEnd + hours(1);
        rule.reason = "  ";
        QCOMPARE(ledger::addSuppression(m_plain.connection(), test::worldClock, {}, rule).error().code,
                 Code::WrongUsage);
        rule.reason = "known";
        rule.until = test::worldEnd;
        QCOMPARE(ledger::addSuppression(m_plain.connection(), test::worldClock, {}, rule).error().code,
                 Code::WrongUsage);
        QVERIFY(ledger::suppressions(m_plain.connection())->empty());
    }
    void isReadAsItIsWritten()
    {
        const std::string text =
            "type=unlikelyTravel network=192.0.2.0/24 asn=64500 agent~=\"Mozilla/5.0 (X11\" "
            "application=Storefront";
        const auto terms = ledger::suppressionTerms(text);
        QVERIFY(terms);
        QCOMPARE(ledger::describe(*ledger::suppressionMatch(m_plain.connection(), *terms)), text);
    }
};

QTEST_GUILESS_MAIN(SuppressionTest)
#include "tst_suppression.moc"

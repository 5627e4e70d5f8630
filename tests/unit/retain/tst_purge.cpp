// Who was purged is in no row and in no byte; the others, their numbers and their seals are as before.
#include "core/action/action_service.h"
#include "core/ledger/ageing.h"
#include "core/query/changes.h"
#include "core/replay/settle.h"
#include "core/retain/purge.h"
#include "core/store/integrity.h"
#include "core/store/seal.h"
#include "core/store/segment.h"
#include "core/verify/verify_risk.h"

#include "tests/support/risk_fixture.h"
#include "tests/unit/replay/replay_world.h"

#include <QFileInfo>
#include <QTest>

#include <algorithm>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

constexpr std::int64_t hourUs = 3'600'000'000;

// A sign-in of that number at its hour.
SignInRow signInOf(std::uint32_t user, std::uint32_t number)
{
    SignInRow row;
    row.at = noon.us + number * hourUs;
    row.user = user;
    row.eventKey = eventKey(number);
    return row;
}

class World
{
public:
    World()
    {
        f.run("INSERT INTO import_run (id, started_at, outcome) VALUES (1, 0, 'done')");
        auto taken = store::ImportLease::take(f.connection(), "test");
        Fixture::check(taken);
        lease = std::make_unique<store::ImportLease>(std::move(*taken));
    }
    // A segment of sign-ins, each of the user that is named; their numbers go on from those before.
    std::int64_t write(std::initializer_list<std::uint32_t> users)
    {
        std::vector<SignInRow> rows;
        for (const auto user : users)
            rows.push_back(signInOf(user, m_next++));
        const auto id = store::writeSegment(f.connection(), 1, rows);
        Fixture::check(id);
        return *id;
    }
    Result<run::Purged> purge(std::vector<std::uint32_t> users, std::stop_token stop = {},
                              const ProgressSink &progress = {})
    {
        return run::removeUsers(f.connection(), *lease, f.clock, {}, {std::move(users), true},
                                std::move(stop), progress);
    }
    // User and number of every stored sign-in, in the order of segments.
    std::vector<std::pair<std::uint32_t, std::int64_t>> stored()
    {
        std::vector<std::pair<std::uint32_t, std::int64_t>> all;
        const auto segments = store::segments(f.connection());
        Fixture::check(segments);
        for (const auto &segment : *segments) {
            const auto rows = store::readSegment(f.connection(), segment.id);
            Fixture::check(rows);
            for (const auto &row : *rows)
                all.emplace_back(row.user, (row.at - noon.us) / hourUs);
        }
        return all;
    }
    void isSound()
    {
        const auto broken = store::brokenSeals(f.connection());
        QVERIFY(broken && broken->empty());
        const auto findings = store::verifyStore(f.connection());
        QVERIFY(findings);
        QVERIFY2(findings->empty(), findings->empty() ? "" : findings->front().c_str());
        const auto differences = run::verifyRisk(f.connection(), {}, {});
        QVERIFY(differences);
        QVERIFY2(differences->empty(), differences->empty() ? "" : sentence(differences->front()).c_str());
    }

    Fixture f;
    std::unique_ptr<store::ImportLease> lease;

private:
    std::uint32_t m_next = 0;
};

// A reader of sign-ins who keeps his token as text.
class Follower
{
public:
    explicit Follower(store::Connection &db)
        : m_db(db)
    {}
    // Numbers of sign-ins, at most so many.
    std::vector<std::int64_t> read(World &world, std::size_t atMost)
    {
        std::optional<query::ChangeToken> token;
        if (!m_token.empty())
            token = *query::ChangeToken::fromText(m_token, query::Feed::SignIns);
        const auto changes = query::readChanges(m_db, query::Feed::SignIns, token, atMost);
        Fixture::check(changes);
        m_token = changes->next.toText();
        const auto stored = world.stored();
        std::vector<std::int64_t> numbers;
        for (const auto &change : changes->rows)
            numbers.push_back(stored.at(static_cast<std::size_t>(change.row)).second);
        return numbers;
    }

private:
    store::Connection &m_db;
    std::string m_token;
};

using Numbers = std::vector<std::int64_t>;

// What was found of everybody, without the numbers of users.
QStringList findings(ReplayWorld &world)
{
    QStringList all;
    for (const char *sql :
         {"SELECT json_array(id, level, weight_level, state, count, at, last_at) FROM detection "
          "ORDER BY id",
          "SELECT json_array(key, level, state, score, r.open_detections) FROM user_risk r JOIN "
          "user u ON u.id = r.user ORDER BY key",
          "SELECT json_array(id, attempts, failures, users, addresses, hits) FROM campaign ORDER "
          "BY id",
          "SELECT json_array(key, learning_done, learning_needed, sign_ins) FROM user ORDER BY "
          "key"}) {
        store::Statement row(world.connection(), sql);
        while (row.step())
            all << QString::fromStdString(row.string(0));
        if (!row.ok())
            qFatal("%s", row.error().detail.c_str());
    }
    return all;
}

// The parts of the world's log without the lines that hold the text.
void leaveOut(const ReplayWorld &world, const std::string &text, int parts)
{
    for (int i = 0; i < parts; ++i) {
        const auto name = world.path("part" + std::to_string(i) + ".ndjson");
        std::string kept, line;
        {
            std::ifstream in(name);
            while (std::getline(in, line))
                if (line.find(text) == std::string::npos)
                    kept += line + '\n';
        }
        std::ofstream(name) << kept;
    }
}

} // namespace

class PurgeTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void takesOutOnlyTheirSignIns()
    {
        World world;
        world.write({1, 2, 1, 3});
        world.write({2, 2});
        const auto whole = world.write({1, 1});
        world.write({3, 1});
        const auto purged = world.purge({1});
        QVERIFY2(purged, purged ? "" : purged.error().detail.c_str());
        QCOMPARE(purged->signIns, std::uint64_t{5});
        QCOMPARE(purged->users, std::uint64_t{1});
        QVERIFY(!purged->cancelled);
        const std::vector<std::pair<std::uint32_t, std::int64_t>> left = {
            {2, 1}, {3, 3}, {2, 4}, {2, 5}, {3, 8}};
        QCOMPARE(world.stored(), left);
        const auto segments = *store::segments(world.f.connection());
        QCOMPARE(segments.size(), std::size_t{3});
        QVERIFY(std::ranges::none_of(segments, [&](const auto &s) { return s.id == whole; }));
        QCOMPARE(segments[0].t0, noon.us + 1 * hourUs);
        QCOMPARE(segments[2].t1, noon.us + 8 * hourUs);
        world.isSound();
    }

    void aReaderGoesOnWhereHeWas()
    {
        for (std::size_t first = 0; first <= 8; ++first) {
            World world;
            world.write({1, 2, 1, 3, 1});
            world.write({1, 1, 1});
            Follower follower(world.f.connection());
            Numbers seen = first == 0 ? Numbers() : follower.read(world, first);
            QCOMPARE(seen.size(), first);
            QVERIFY(world.purge({1}));
            // It has the number of the segment that was purged as a whole, which was the newest.
            world.write({3, 2});
            QVERIFY(world.purge({2}));
            Numbers expected; // what is left and was not seen, by segments
            for (const std::int64_t number : {3, 8})
                if (std::ranges::find(seen, number) == seen.end())
                    expected.push_back(number);
            QCOMPARE(follower.read(world, 100), expected);
            QCOMPARE(follower.read(world, 100), Numbers());
        }
    }

    void aTokenOfALaterStateIsNotTaken()
    {
        World world;
        world.write({1, 2});
        query::ChangeToken token = *query::newestChange(world.f.connection(), query::Feed::SignIns);
        token.begin = 7;
        const auto changes = query::readChanges(world.f.connection(), query::Feed::SignIns, token, 10);
        QVERIFY(!changes);
        QCOMPARE(changes.error().code, Code::Conflict);
    }

    void stopsBetweenBlocksAndGoesOn()
    {
        World world;
        for (int i = 0; i < 100; ++i)
            world.write({1, 2});
        std::stop_source stop;
        const auto purged = world.purge({1}, stop.get_token(), [&](const Progress &p) {
            if (p.phase == "delete" && p.done > 0)
                stop.request_stop();
        });
        QVERIFY(purged);
        QVERIFY(purged->cancelled);
        QCOMPARE(purged->signIns, std::uint64_t{32});
        QCOMPARE(purged->users, std::uint64_t{0});
        QCOMPARE(world.f.ask("SELECT count(*) FROM user WHERE id = 1"), std::string("1"));
        QCOMPARE(world.f.ask("SELECT count(*) FROM audit WHERE action = 'purge'"), std::string("1"));
        world.isSound();
        const auto rest = world.purge({1});
        QVERIFY(rest);
        QCOMPARE(rest->signIns, std::uint64_t{68});
        QCOMPARE(world.stored().size(), std::size_t{100});
        QCOMPARE(world.f.ask("SELECT count(*) FROM user WHERE id = 1"), std::string("0"));
        world.isSound();
    }

    void noTableForgetsThem()
    {
        World world;
        auto &f = world.f;
        f.raise(finding(1, 1, DetectionType::UnlikelyTravel, RiskLevel::High, noon));
        f.raise(finding(2, 2, DetectionType::UnlikelyTravel, RiskLevel::High, noon));
        f.run(
            "INSERT INTO suppression (id, user, until, reason, actor, added_at) VALUES (1, 1, 0, 'r', 'a', "
            "0),"
            "(2, NULL, 0, 'r', 'a', 0);"
            "INSERT INTO suppressed (id, rule, type, level, user, event_key, request_id, at, found_at) "
            "VALUES "
            "('x', 1, 1, 1, 1, x'00', '', 0, 0), ('y', 2, 1, 1, 1, x'00', '', 0, 0), "
            "('z', 2, 1, 1, 2, x'00', '', 0, 0);"
            "INSERT INTO user_alias (alias, user) VALUES ('upn:one', 1);"
            "INSERT INTO provider_risk (user, level, state, detail) VALUES (1, 'high', 'atRisk', 'none');"
            "INSERT INTO withheld (user, event_key) VALUES (1, x'00');"
            "INSERT INTO untold_user (user) VALUES (1);"
            "INSERT INTO taught (user, event_key, at, key, restart) VALUES (1, x'00', 0, x'00', 1);"
            "INSERT INTO password_event (key, user, at, what, actor) VALUES (x'00', 1, 0, 1, '');"
            "INSERT INTO withdrawn_detection (id, user, type, type_text, sign_in, at) VALUES ('w', 1, 1, '', "
            "'', 0);"
            "INSERT INTO campaign (id, scope, scope_text, opened, detected, last, attempts, failures, users, "
            "addresses, bad_to_good, surprise_bits) VALUES ('c', 1, '', 0, 0, 0, 1, 1, 1, 1, 1, 1);"
            "INSERT INTO campaign_target (campaign, user, attempts, successes, first, last) VALUES "
            "('c', 1, 1, 0, 0, 0);"
            "INSERT INTO connector (id, kind, name, settings, capabilities, added_at) VALUES (1, 'k', 'n', "
            "'', 0, 0);"
            "INSERT INTO command (id, at, action, actor, via, users) VALUES (90, 0, 'block', 'a', 'c', 1);"
            "INSERT INTO outbox (key, connector, operation, user, command, actor, role, via, host, state, "
            "created_at, due_at) VALUES ('k', 1, 1, 1, 90, 'a', 'r', 'v', 'h', 3, 0, 0)");
        // Every column that refers to a user says so, which is how the purge finds it.
        QCOMPARE(
            f.ask("SELECT count(*) FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table' "
                  "AND "
                  "c.name = 'user' AND NOT EXISTS (SELECT 1 FROM pragma_foreign_key_list(t.name) k WHERE "
                  "k.\"from\" = c.name AND k.\"table\" = 'user')"),
            std::string("0"));
        std::vector<std::pair<std::string, std::string>> columns;
        store::Statement row(
            f.connection(),
            "SELECT t.name, k.\"from\" FROM sqlite_schema t, pragma_foreign_key_list(t.name) k "
            "WHERE t.type = 'table' AND k.\"table\" = 'user'");
        while (row.step())
            columns.emplace_back(row.string(0), row.string(1));
        row.reset();
        const auto rowsOf = [&](int user) {
            std::size_t tables = 0;
            for (const auto &[table, column] : columns)
                tables += f.ask("SELECT count(*) FROM " + table + " WHERE " + column + " = " +
                                std::to_string(user)) != "0";
            return tables;
        };
        QCOMPARE(rowsOf(1), columns.size()); // none is empty, or this test would prove nothing of it
        const auto others = rowsOf(2);
        const auto purged = world.purge({1});
        QVERIFY2(purged, purged ? "" : purged.error().detail.c_str());
        QCOMPARE(purged->detections, std::uint64_t{1});
        QCOMPARE(purged->events, std::uint64_t{1});
        QCOMPARE(rowsOf(1), std::size_t{0});
        QCOMPARE(rowsOf(2), others);
        QCOMPARE(f.ask("SELECT users FROM command WHERE id = 90"), std::string("0"));
        world.isSound();
        // Who keeps a copy hears of the detection's end.
        const auto changes = query::readChanges(
            f.connection(), query::Feed::Detections,
            query::ChangeToken{query::Feed::Detections,
                               query::newestChange(f.connection(), query::Feed::Detections)->directory, 2, 0,
                               0},
            10);
        QVERIFY(changes);
        QCOMPARE(changes->rows.size(), std::size_t{1});
        QVERIFY(changes->rows.front().removed);
    }

    void aDecisionAboutSeveralStaysForTheOthers()
    {
        World world;
        auto &f = world.f;
        for (const std::uint32_t user : {1u, 2u})
            f.raise(finding(user, user, DetectionType::UnlikelyTravel, RiskLevel::High, noon));
        action::ActionService service(f.connection(), f.clock);
        const auto own = service.carryOut({action::Action::Dismiss, {1}, {}, {}, "other", "about one"});
        const auto undone = service.undo();
        const auto both = service.carryOut({action::Action::Dismiss, {1, 2}, {}, {}, "other", "about both"});
        QVERIFY(own && undone && both);
        QVERIFY(world.purge({1}));
        QCOMPARE(f.ask("SELECT users, reason, note FROM command WHERE id = " + std::to_string(own->command)),
                 std::string("0||"));
        QCOMPARE(f.ask("SELECT users, reason, note FROM command WHERE id = " + std::to_string(both->command)),
                 std::string("1|other|about both"));
        QCOMPARE(f.ask("SELECT count(*) FROM command_change WHERE key = '1'"), std::string("0"));
        const auto back = service.undo(); // the newest that stands
        QVERIFY(back);
        QCOMPARE(back->users, std::uint64_t{1});
        QCOMPARE(f.standing(2).substr(0, 11), std::string("high atRisk"));
        QVERIFY(!service.undo());
        world.isSound();
    }

    void theOthersAreJudgedAsIfTheyHadNeverBeen()
    {
        constexpr int parts = 2;
        ReplayWorld world(80, 45, parts), without(80, 45, parts);
        world.importAll();
        // A target of a spray who was found, too: much rests on such a one.
        store::Statement row(
            world.connection(),
            "SELECT u.id, u.provider_id FROM user u JOIN campaign_target t ON t.user = u.id WHERE "
            "EXISTS (SELECT 1 FROM detection d WHERE d.user = u.id) ORDER BY t.successes DESC, u.id "
            "LIMIT 1");
        QVERIFY(row.step());
        const auto user = row.uint32(0);
        const auto id = row.string(1);
        row.reset();
        leaveOut(without, id, parts);
        without.importAll();
        QVERIFY(findings(world) != findings(without));

        auto lease = store::ImportLease::take(world.connection(), "test");
        QVERIFY(lease);
        {
            auto transaction = store::Transaction::begin(world.connection());
            QVERIFY(transaction && run::unsettleAll(world.connection()) && transaction->commit());
        }
        QVERIFY(run::removeUsers(world.connection(), *lease, worldClock, {}, {{user}, true}));
        QVERIFY(run::settle(world.directory(), *lease, worldClock));
        QVERIFY(ledger::ageLowDetections(world.connection(), worldClock));
        QCOMPARE(findings(world), findings(without));
    }

    void aReaderOfAnEarlierStateKeepsTheFileFromBeingClean()
    {
        World world;
        auto &db = world.f.connection();
        auto reader = store::openForReading(db.file());
        QVERIFY(reader);
        QVERIFY(reader->execute("BEGIN"));
        {
            store::Statement look(*reader, "SELECT count(*) FROM user");
            QVERIFY(look.step());
        }
        QVERIFY(world.purge({1}));
        world.f.run("PRAGMA busy_timeout = 0");
        const auto early = run::cleanFile(db);
        QVERIFY(!early);
        QCOMPARE(early.error().code, Code::StoreBusy);
        QVERIFY(reader->execute("ROLLBACK"));
        const auto now = run::cleanFile(db);
        QVERIFY2(now, now ? "" : now.error().detail.c_str());
        QCOMPARE(QFileInfo(QString::fromStdString(db.file().string() + "-wal")).size(), 0);
        QCOMPARE(world.f.ask("SELECT secure_delete FROM pragma_secure_delete"), std::string("0"));
        world.isSound();
    }

    void refuses()
    {
        World world;
        auto &f = world.f;
        const auto may = [&](const run::PurgeRequest &request,
                             action::Role role = action::Role::Administrator) {
            action::Operator who;
            who.role = role;
            const auto names = run::mayPurge(f.connection(), who, request);
            return names ? std::string("may") : sentence(names.error());
        };
        QCOMPARE(may({{1}, true}), std::string("may"));
        QVERIFY(may({{1}, true}, action::Role::Operator).find("needs the Administrator role") !=
                std::string::npos);
        QVERIFY(may({{99}, true}).find("was not found") != std::string::npos);
        QVERIFY(may({{1}}).find("not marked as deleted") != std::string::npos);
        f.run("UPDATE user SET is_deleted = 1 WHERE id = 1");
        QCOMPARE(may({{1}}), std::string("may"));
        f.run("INSERT INTO connector (id, kind, name, settings, capabilities, added_at) VALUES (1, 'k', 'n', "
              "'', 0, 0);"
              "INSERT INTO command (id, at, action, actor, via, users) VALUES (90, 0, 'block', 'a', 'c', 1);"
              "INSERT INTO outbox (id, key, connector, operation, user, command, actor, role, via, host, "
              "created_at, "
              "due_at) VALUES (1, 'k', 1, 1, 1, 90, 'a', 'r', 'v', 'h', 0, 0)");
        for (const auto state : {OutboxState::Held, OutboxState::Waiting, OutboxState::Sending}) {
            f.run("UPDATE outbox SET state = " + std::to_string(static_cast<int>(state)));
            QVERIFY(may({{1}}).find("waits to be sent") != std::string::npos);
            QVERIFY(!world.purge({1}));
        }
        f.run("UPDATE outbox SET state = 4");
        QCOMPARE(may({{1}}), std::string("may"));
        // While the detectors know the users, they would know them afterwards.
        f.run("UPDATE checkpoint SET watermark = 1");
        const auto early = world.purge({1});
        QVERIFY(!early);
        QCOMPARE(early.error().code, Code::Bug);
        QCOMPARE(f.ask("SELECT count(*) FROM user WHERE id = 1"), std::string("1"));
        f.run("BEGIN");
        QVERIFY(run::unsettleAll(f.connection()));
        f.run("COMMIT");
        QVERIFY(world.purge({1}));
    }
};

QTEST_GUILESS_MAIN(PurgeTest)
#include "tst_purge.moc"

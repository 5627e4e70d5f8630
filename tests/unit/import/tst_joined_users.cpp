// A record with both the id and the name of a user, after some that had one of them: it is one user, whoever was met
// first, and what somebody decided stays decided.
#include "core/action/action_service.h"
#include "core/detect/state.h"
#include "core/import/import_run.h"
#include "core/replay/settle.h"
#include "core/store/schema.h"
#include "core/store/statement.h"
#include "core/verify/verify_run.h"

#include "tests/support/number.h"
#include "tests/support/restless_people.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

using namespace riskdesk;
using test::number;

namespace {

const Timestamp end = Timestamp::fromCivil(2026, 3, 19);
const FixedClock now(end);

constexpr unsigned few = 80, manyAttacked = 200;

demo::Sample sample(unsigned users)
{
    auto options = test::restlessPeople(users, 40, end);
    options.attacks.everySpray = users == manyAttacked;
    return demo::Sample(options);
}

enum class Tells { Both, Id, Name };

QString without(const std::string &line, Tells tells)
{
    static const QRegularExpression id("\"userId\":\"([^\"]+)\",?"),
        name("\"userPrincipalName\":\"([^\"]+)\",?");
    auto text = QString::fromStdString(line);
    if (tells != Tells::Both)
        text.remove(tells == Tells::Id ? name : id);
    return text;
}

class World
{
public:
    explicit World(unsigned users = few)
        : m_users(users)
    {
        sample(users).writeSignIns([&](std::string_view line) { m_lines.emplace_back(line); });
        const auto file = path("t.riskdesk");
        if (!store::createDirectory(file, {"T", false, false, end}))
            qFatal("no directory");
        m_directory.emplace(std::move(*run::Directory::open(file)));
    }
    store::Connection &db() { return m_directory->connection(); }
    // Lines [from, to) of a hundred parts.
    void import(std::size_t from, std::size_t to, Tells tells)
    {
        {
            std::ofstream out(path("part.ndjson"));
            for (auto i = m_lines.size() * from / 100; i < m_lines.size() * to / 100; ++i)
                out << without(m_lines[i], tells).toStdString();
        }
        const auto done = run::importFiles(*m_directory, {path("part.ndjson")}, {}, now, {}, {});
        QVERIFY2(done && done->notRead.empty(), done ? "not read" : done.error().detail.c_str());
    }
    void importUsers(bool social = false)
    {
        static const QRegularExpression type("\"signInType\":\"[^\"]*\",\"issuer\":\"[^\"]*\"");
        {
            std::ofstream out(path("users.ndjson"));
            sample(m_users).writeUsers([&](std::string_view line) {
                auto text = QString::fromUtf8(line.data(), qsizetype(line.size()));
                if (social)
                    text.replace(type, R"("signInType":"federated","issuer":"google.com")");
                out << text.toStdString();
            });
        }
        const auto done = run::importFiles(*m_directory, {path("users.ndjson")}, {}, now, {}, {});
        QVERIFY2(done && done->notRead.empty(), done ? "not read" : done.error().detail.c_str());
    }
    run::Directory &directory() { return *m_directory; }
    void isSound()
    {
        const auto findings = run::verifyDirectory(*m_directory, {}, {});
        QVERIFY(findings);
        QVERIFY2(findings->empty(), findings->empty() ? "" : findings->front().c_str());
    }
    // As one import of all would have found.
    void isWhatTheSignInsGive()
    {
        const auto compared = run::compareFindings(*m_directory, now);
        QVERIFY(compared);
        QCOMPARE(compared->detections + compared->withdrawn + compared->campaigns, 0u);
    }
    action::ActionService service() { return {db(), now, {}}; }
    // Of the newest detection that is open.
    std::uint32_t dismissOne()
    {
        const auto user = static_cast<std::uint32_t>(
            number(db(), "SELECT user FROM detection WHERE state = 4 ORDER BY at DESC, id LIMIT 1"));
        if (!service().carryOut({action::Action::Dismiss, {user}, {}, {}, {}, {}}))
            qFatal("not dismissed");
        return user;
    }
    std::string text(std::string_view sql)
    {
        store::Statement row(db(), sql);
        return row.step() ? row.string(0) : std::string();
    }

private:
    std::string path(const char *name) const { return m_folder.filePath(name).toStdString(); }
    QTemporaryDir m_folder;
    unsigned m_users;
    std::vector<std::string> m_lines;
    std::optional<run::Directory> m_directory;
};

} // namespace

class JoinedUsersTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // The user stays who it is; the key and the ids of detections are what they would be had the id been known.
    void whoWasKnownByNameGetsTheId()
    {
        World world, other;
        world.import(0, 80, Tells::Name);
        const auto user = world.dismissOne();
        const auto of = std::to_string(user);
        const auto state =
            "SELECT group_concat(state || detail) FROM (SELECT * FROM detection WHERE user = " + of +
            " ORDER BY at, type)";
        const auto before = world.text(state),
                   ids = world.text("SELECT group_concat(id) FROM (SELECT id FROM "
                                    "detection WHERE user = " +
                                    of + " ORDER BY id)");
        QVERIFY(!before.empty());
        world.import(80, 100, Tells::Both);
        world.importUsers();
        world.isSound();
        world.isWhatTheSignInsGive();
        QCOMPARE(world.text("SELECT key = provider_id AND key <> upn FROM user WHERE id = " + of),
                 std::string("1"));
        QVERIFY(world.text(state).starts_with(before));
        // Who reads on is told that the ids are others.
        QCOMPARE(number(world.db(), "SELECT count(*) FROM detection WHERE instr('" + ids + "', id)"), 0);
        QVERIFY(number(world.db(),
                       "SELECT count(*) FROM withdrawn_detection WHERE instr('" + ids + "', id)") > 0);
        QVERIFY(number(world.db(),
                       "SELECT count(*) FROM detection_change WHERE instr('" + ids + "', detection)") > 0);

        // The decision can be taken back, and then nothing tells the two ways apart but what has aged meanwhile.
        QVERIFY(world.service().undo());
        QVERIFY(run::settle(world.directory(), now)); // it had taught the detectors
        world.isSound();
        other.importUsers();
        other.import(0, 100, Tells::Both);
        const auto all =
            "SELECT group_concat(id || count || level) FROM (SELECT * FROM detection ORDER BY id)";
        QCOMPARE(QString::fromStdString(world.text(all)).split(","),
                 QString::fromStdString(other.text(all)).split(","));
        const auto users = "SELECT group_concat(key || sign_ins) FROM (SELECT * FROM user ORDER BY key)";
        QCOMPARE(world.text(users), other.text(users));
    }

    // But who was decided on stays, with what it was decided on; what comes from then on is the other's.
    void twoWhoAreStoredBecomeOne()
    {
        World world, other;
        world.import(0, 40, Tells::Id);
        world.import(40, 80, Tells::Name);
        const auto decided = world.dismissOne();
        const auto itsSignIns = number(world.db(), "SELECT sign_ins FROM user WHERE id = ?1", decided);
        QVERIFY(number(world.db(), "SELECT count(DISTINCT user) FROM detection") > 3);
        world.importUsers();
        world.import(80, 100, Tells::Name);
        world.isSound();
        world.isWhatTheSignInsGive();

        other.importUsers();
        other.import(0, 100, Tells::Both);
        QCOMPARE(number(world.db(), "SELECT sum(sign_ins) FROM user WHERE provider_id <> ''") + itsSignIns,
                 number(other.db(), "SELECT sum(sign_ins) FROM user"));
        QCOMPARE(number(world.db(), "SELECT id FROM user WHERE provider_id = ''"), std::int64_t(decided));
        QCOMPARE(number(world.db(), "SELECT count(*) FROM user WHERE provider_id = ''"), 1);
        QCOMPARE(number(world.db(), "SELECT sign_ins FROM user WHERE id = ?1", decided), itsSignIns);
        QVERIFY(number(world.db(), "SELECT count(*) FROM detection WHERE state = 3 AND user = ?1", decided) >
                0);
        const auto upn = world.text("SELECT upn FROM user WHERE id = " + std::to_string(decided));
        const auto findings =
            "SELECT group_concat(id || count || level) FROM (SELECT d.* FROM detection d JOIN user u ON "
            "u.id = d.user WHERE u.upn <> '" +
            upn + "' ORDER BY d.id)";
        QCOMPARE(world.text(findings), other.text(findings));
        QVERIFY(world.service().undo());
        world.isSound();
    }

    // Social sign-ins are judged otherwise, those too that were judged before it was known.
    void whoIsSocialIsSoForAllSignIns()
    {
        World world(manyAttacked), other(manyAttacked); // a social account has no spray
        world.import(0, 80, Tells::Both);
        QVERIFY(
            number(world.db(),
                   "SELECT count(*) FROM user u JOIN detection d ON d.user = u.id WHERE u.identity <> 2") >
            0);
        world.importUsers(true);
        world.import(80, 100, Tells::Both);
        world.isSound();
        world.isWhatTheSignInsGive();
        other.importUsers(true);
        other.import(0, 100, Tells::Both);
        const auto all =
            "SELECT group_concat(id || count || level) FROM (SELECT * FROM detection ORDER BY id)";
        QCOMPARE(world.text(all), other.text(all));
        QVERIFY(number(world.db(), "SELECT count(*) FROM withdrawn_detection") > 0);
    }

    void aDirectoryRecordJoinsToo()
    {
        World world;
        world.import(0, 30, Tells::Id);
        world.import(30, 100, Tells::Name);
        const auto id =
            world.text("SELECT key FROM user WHERE provider_id <> '' AND sign_ins > 20 ORDER BY id LIMIT 1");
        QVERIFY(!id.empty());
        const auto before = number(world.db(), "SELECT count(*) FROM user");
        QVERIFY(before > 100);
        // What was kept of them when old sign-ins were deleted: their numbers are given again.
        QVERIFY(
            store::Statement(world.db(),
                             "INSERT INTO kept_state (kind, id, data, checksum) SELECT ?1, id, x'00', x'00' "
                             "FROM user WHERE provider_id = '' AND upn IN (SELECT lower(upn) FROM user) "
                             "AND id < (SELECT max(id) FROM user)")
                .bind(detect::StatePart::User)
                .run());
        QVERIFY(number(world.db(), "SELECT count(*) FROM kept_state") > 10);
        world.importUsers();
        QVERIFY(number(world.db(), "SELECT count(*) FROM kept_state WHERE id NOT IN (SELECT id FROM user)") ==
                0);
        QVERIFY(world.db().execute("DELETE FROM kept_state")); // made up
        QCOMPARE(number(world.db(), "SELECT count(*) FROM user WHERE provider_id = ''"), 0);
        world.isSound();
        world.isWhatTheSignInsGive();
    }
};

QTEST_GUILESS_MAIN(JoinedUsersTest)
#include "tst_joined_users.moc"

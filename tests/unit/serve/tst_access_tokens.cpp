// A token is handed out once, opens what its scopes say while it lasts, and leaves nothing behind that would
// open anything.
#include "core/base/digest.h"
#include "core/serve/access_tokens.h"
#include "core/store/seal.h"
#include "core/verify/verify_run.h"

#include "tests/support/risk_fixture.h"

#include <QFile>
#include <QRegularExpression>
#include <QTest>

#include <fmt/format.h>
#include <sqlite3.h>

#include <set>

using namespace riskdesk;
using serve::Scope;
using serve::Scopes;
using serve::TokenStanding;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const action::Operator admin{"ana", action::Role::Administrator, "command line", "desk-7"};
const Scopes readUsers{Scope::UserReadAll};

// A directory file of its own, and words for what the tests ask of it.
struct World : test::Fixture
{
    World()
        : Fixture(0)
    {}
    std::string make(std::string_view name, Scopes scopes = readUsers, std::optional<int> days = {})
    {
        const auto made = serve::createToken(connection(), clock, admin, name, scopes, days);
        check(made);
        return std::string(made->secret.reveal());
    }
    void revoke(std::string_view name) { check(serve::revokeToken(connection(), clock, admin, name)); }
    serve::TokenLookup find(std::string_view secret)
    {
        auto found = serve::findToken(connection(), clock, secret);
        check(found);
        return std::move(*found);
    }
    TokenStanding standing(std::string_view secret)
    {
        const auto found = find(secret);
        // Nothing but a good one may be used.
        return found.token.has_value() == (found.standing == TokenStanding::Good)
                   ? found.standing
                   : throw std::runtime_error("a token that is not good");
    }
    Code refused(std::string_view name, Scopes scopes = readUsers, std::optional<int> days = {},
                 action::Role role = action::Role::Administrator)
    {
        auto who = admin;
        who.role = role;
        const auto made = serve::createToken(connection(), clock, who, name, scopes, days);
        return made ? Code::Bug : made.error().code;
    }
    std::string file() { return connection().file().string(); }
    bool isSound()
    {
        auto directory = run::Directory::open(file());
        check(directory);
        const auto findings = run::verifyDirectory(*directory);
        check(findings);
        for (const auto &finding : *findings)
            qWarning("%s", finding.c_str());
        return findings->empty();
    }
};

QByteArray bytes(const std::string &file)
{
    QFile read(QString::fromStdString(file));
    return read.open(QIODevice::ReadOnly) ? read.readAll() : QByteArray();
}

} // namespace

class AccessTokensTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyScopeIsReadBack()
    {
        std::set<std::string_view> texts;
        std::string all;
        for (const auto &entry : serve::scopeTable()) {
            const auto parsed = Scopes::parse(entry.text);
            QVERIFY(parsed && *parsed == Scopes{entry.scope} && parsed->toText() == entry.text);
            QCOMPARE(parsed->role(), entry.role);
            QVERIFY(entry.meaning.ends_with('.'));
            texts.insert(entry.text);
            all += (all.empty() ? "" : " ") + std::string(entry.text);
        }
        QCOMPARE(texts.size(), 7U);
        const auto parsed = Scopes::parse(all);
        QVERIFY(parsed && parsed->toText() == all);
        const auto mixed = Scopes::parse(" user.read.all,,AuditLog.Read.All\tUser.Read.All ,");
        QVERIFY(mixed && *mixed == (Scopes{Scope::UserReadAll, Scope::AuditLogReadAll}));
        QVERIFY(Scopes::parse(" , ")->empty());
    }
    void writingIncludesReadingTheSame()
    {
        const std::pair<Scope, Scope> pairs[] = {
            {Scope::IdentityRiskyUserReadWriteAll, Scope::IdentityRiskyUserReadAll},
            {Scope::IdentityRiskEventReadWriteAll, Scope::IdentityRiskEventReadAll},
            {Scope::UserReadWriteAll, Scope::UserReadAll}};
        for (const auto &[writes, reads] : pairs)
            for (const auto &entry : serve::scopeTable()) {
                QCOMPARE(Scopes{writes}.has(entry.scope), entry.scope == writes || entry.scope == reads);
                QCOMPARE(Scopes{reads}.has(entry.scope), entry.scope == reads);
            }
        QVERIFY(!Scopes{Scope::UserReadWriteAll}.wasGiven(Scope::UserReadAll));
        QVERIFY(!Scopes().has(Scope::UserReadAll));
    }
    void aSetActsInItsGreatestRole()
    {
        using action::Role;
        QCOMPARE(Scopes().role(), Role::Reader);
        QCOMPARE((Scopes{Scope::UserReadAll, Scope::AuditLogReadAll}.role()), Role::Reader);
        QCOMPARE((Scopes{Scope::IdentityRiskyUserReadWriteAll, Scope::UserReadAll}.role()), Role::Operator);
        QCOMPARE((Scopes{Scope::UserReadWriteAll, Scope::IdentityRiskEventReadWriteAll}.role()),
                 Role::Administrator);
    }
    void anUnknownScopeIsNamedWithTheKnownOnes()
    {
        const auto parsed = Scopes::parse("User.Read.All Mail.Read");
        QVERIFY(!parsed);
        QCOMPARE(parsed.error().code, Code::WrongUsage);
        QCOMPARE(parsed.error().subject, "Mail.Read");
        for (const auto &entry : serve::scopeTable())
            QVERIFY(parsed.error().detail.find(entry.text) != std::string::npos);
        QVERIFY(!Scopes::parse("User.Read.AllUser.Read.All"));
    }

    void aTokenIsFoundByItsSecret()
    {
        World world;
        const auto a = world.make("  dashboard ", {Scope::IdentityRiskyUserReadWriteAll}, 30);
        const auto b = world.make("siem");
        QVERIFY(a != b);
        for (const auto &secret : {a, b})
            QVERIFY(QRegularExpression("^rd_[A-Za-z0-9_-]{43}$")
                        .match(QString::fromStdString(secret))
                        .hasMatch());
        const auto found = world.find(a);
        QCOMPARE(found.standing, TokenStanding::Good);
        QCOMPARE(found.name, "dashboard");
        QCOMPARE(found.token->name, "dashboard");
        QVERIFY(found.token->scopes == Scopes{Scope::IdentityRiskyUserReadWriteAll});
        QCOMPARE(found.token->createdBy, "ana");
        QCOMPARE(found.token->createdAt, test::noon);
        QCOMPARE(*found.token->expiresAt, test::noon + 30 * hours(24));
        QCOMPARE(world.find(b).token->name, "siem");
        QVERIFY(!world.find(b).token->expiresAt);
        const auto all = serve::accessTokens(world.connection());
        QVERIFY(all && all->size() == 2 && all->front().name == "dashboard" && all->back().name == "siem");
    }
    void whatIsNoSecretIsUnknown()
    {
        World world;
        const auto secret = world.make("a");
        auto other = secret;
        other.back() = other.back() == 'A' ? 'E' : 'A';
        auto first = secret;
        first[3] = first[3] == 'A' ? 'B' : 'A';
        const auto hash = world.ask("SELECT hash FROM access_token");
        for (const auto &text : {std::string(), std::string("rd_"), secret.substr(3), secret + 'A',
                                 secret.substr(0, secret.size() - 1), " " + secret, other, first,
                                 "RD_" + secret.substr(3), hash, std::string(1 << 20, 'A')}) {
            QCOMPARE(world.standing(text), TokenStanding::Unknown);
            QCOMPARE(world.find(text).name, "");
        }
        QCOMPARE(world.ask("SELECT count(*) FROM access_token WHERE last_used_at IS NULL"), "1");
        QCOMPARE(world.standing(secret), TokenStanding::Good);
    }
    void itExpiresToTheMicrosecond()
    {
        World world;
        const auto secret = world.make("a", readUsers, 1);
        world.clock.set(test::noon + hours(24) - Microseconds(1));
        QCOMPARE(world.standing(secret), TokenStanding::Good);
        world.clock.advance(Microseconds(1));
        QCOMPARE(world.standing(secret), TokenStanding::Expired);
        QCOMPARE(world.find(secret).name, "a");
        const auto endless = world.make("b");
        world.clock.advance(hours(24 * 36500));
        QCOMPARE(world.standing(endless), TokenStanding::Good);
        // Revoked is what is said of one that is both.
        world.revoke("a");
        QCOMPARE(world.standing(secret), TokenStanding::Revoked);
    }
    void aNameIsFreeAgainWhenItsTokenIsRevoked()
    {
        World world;
        const auto old = world.make("siem", readUsers, 1);
        QCOMPARE(world.refused("siem"), Code::Conflict);
        QCOMPARE(world.refused("\t siem "), Code::Conflict);
        world.revoke(" siem ");
        QCOMPARE(world.standing(old), TokenStanding::Revoked);
        QCOMPARE(world.find(old).name, "siem");
        const auto again = serve::revokeToken(world.connection(), world.clock, admin, "siem");
        QVERIFY(!again);
        QCOMPARE(again.error().code, Code::NotFound);
        const auto made = world.make("siem", readUsers, 1);
        QCOMPARE(world.standing(made), TokenStanding::Good);
        QCOMPARE(world.standing(old), TokenStanding::Revoked);
        // One that expired holds its name until it is revoked.
        world.clock.advance(hours(25));
        QCOMPARE(world.refused("siem"), Code::Conflict);
        world.revoke("siem");
        world.make("siem");
        QCOMPARE(serve::accessTokens(world.connection())->size(), 3U);
    }
    void refusesWhatMakesNoToken()
    {
        World world;
        const std::string longest = [] {
            std::string text;
            for (std::size_t i = 0; i < serve::longestTokenName; ++i)
                text += "ü";
            return text;
        }();
        for (const auto &name :
             {std::string(), std::string(" \t\n"), longest + "a", std::string("a\nb"), std::string("a\0b", 3),
              std::string("a\x1b[31m"), std::string("a\x7f"), std::string("a\xc2\x9b"), std::string("a\xff")})
            QCOMPARE(world.refused(name), Code::WrongUsage);
        QCOMPARE(world.refused("a", {}), Code::WrongUsage);
        for (const int days : {0, -1, 3651, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()})
            QCOMPARE(world.refused("a", readUsers, days), Code::WrongUsage);
        QCOMPARE(world.ask("SELECT count(*) FROM access_token"), "0");
        QCOMPARE(world.ask("SELECT count(*) FROM audit"), "0");
        world.make(longest, readUsers, 3650);
        world.make("it's \"one\"; DROP TABLE access_token", readUsers, 1);
        QCOMPARE(world.ask("SELECT count(*) FROM access_token"), "2");
    }
    void onlyWhoMayChangeSettingsMakesAndRevokes()
    {
        World world;
        const auto secret = world.make("a");
        for (const auto role : {action::Role::Reader, action::Role::Operator}) {
            QCOMPARE(world.refused("b", readUsers, {}, role), Code::NotAllowed);
            auto who = admin;
            who.role = role;
            const auto revoked = serve::revokeToken(world.connection(), world.clock, who, "a");
            QVERIFY(!revoked);
            QCOMPARE(revoked.error().code, Code::NotAllowed);
        }
        QCOMPARE(world.standing(secret), TokenStanding::Good);
        QCOMPARE(world.ask("SELECT count(*) FROM audit"), "1");
    }
    void makingAndRevokingAreAudited()
    {
        World world;
        world.make("siem", {Scope::UserReadAll, Scope::AuditLogReadAll}, 1);
        world.clock.advance(minutes(1));
        world.revoke("siem");
        QCOMPARE(world.ask("SELECT action, target, actor, role, via, host, after FROM audit ORDER BY id"),
                 "tokenCreate|siem|ana|administrator|command line|desk-7|AuditLog.Read.All User.Read.All "
                 "until 2026-03-19T12:00:00Z\n"
                 "tokenRevoke|siem|ana|administrator|command line|desk-7|AuditLog.Read.All User.Read.All "
                 "until 2026-03-19T12:00:00Z");
    }
    void thereIsNoTokenWithoutItsAuditRecord()
    {
        World world;
        const auto secret = world.make("a");
        world.run("CREATE TRIGGER no_audit BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'no'); END");
        QVERIFY(!serve::createToken(world.connection(), world.clock, admin, "b", readUsers));
        QVERIFY(!serve::revokeToken(world.connection(), world.clock, admin, "a"));
        QCOMPARE(world.ask("SELECT count(*) FROM access_token"), "1");
        QCOMPARE(world.standing(secret), TokenStanding::Good);
    }

    void theSecretStandsNowhereInTheFile()
    {
        World world;
        const auto secret = world.make("the name of it");
        QCOMPARE(world.standing(secret), TokenStanding::Good);
        const auto look = [&](bool checkpointed) {
            QByteArray all;
            for (const char *suffix : {"", "-wal", "-shm"})
                all += bytes(world.file() + suffix);
            const auto text = QByteArray::fromStdString(secret);
            const auto raw = QByteArray::fromBase64(text.mid(3), QByteArray::Base64UrlEncoding);
            QCOMPARE(raw.size(), 32);
            const auto hash = blake2b256(secret);
            // The row is there to be seen.
            QVERIFY(all.contains("the name of it"));
            QVERIFY(all.contains(QByteArray(reinterpret_cast<const char *>(hash.data()), 32)));
            for (const auto &part : {text, text.mid(3), text.mid(3, 16), raw, raw.mid(0, 16), raw.toHex()})
                QVERIFY2(!all.contains(part), checkpointed ? "in the file" : "in the log");
        };
        look(false);
        world.revoke("the name of it");
        world.make("the name of it");
        {
            store::Statement checkpoint(world.connection(), "PRAGMA wal_checkpoint(TRUNCATE)");
            QVERIFY(checkpoint.step());
        }
        QCOMPARE(bytes(world.file() + "-wal").size(), 0);
        look(true);
    }
    void aUseIsNotedOnceAMinute()
    {
        World world;
        const auto secret = world.make("a");
        const auto changes = [&] { return world.ask("SELECT total_changes() FROM directory"); };
        const auto last = [&] { return world.ask("SELECT last_used_at FROM access_token"); };
        const auto at = [](Microseconds later) { return std::to_string((test::noon + later).us); };
        QCOMPARE(last(), "");
        QCOMPARE(*world.find(secret).token->lastUsedAt, test::noon);
        QCOMPARE(last(), at(seconds(0)));
        const auto before = changes();
        for (int i = 0; i < 59; ++i) {
            world.clock.advance(seconds(1));
            QCOMPARE(*world.find(secret).token->lastUsedAt, test::noon);
        }
        world.clock.advance(Microseconds(999'999));
        QCOMPARE(world.standing(secret), TokenStanding::Good);
        QCOMPARE(changes(), before);
        QCOMPARE(last(), at(seconds(0)));
        world.clock.advance(Microseconds(1));
        QCOMPARE(world.standing(secret), TokenStanding::Good);
        QCOMPARE(last(), at(minutes(1)));
        QVERIFY(changes() != before);
        // A clock that was set back.
        world.clock.set(test::noon - hours(1));
        QCOMPARE(world.standing(secret), TokenStanding::Good);
        QCOMPARE(last(), at(-hours(1)));
        // What is refused is not noted.
        world.clock.advance(hours(1));
        world.revoke("a");
        QCOMPARE(world.standing(secret), TokenStanding::Revoked);
        QCOMPARE(last(), at(-hours(1)));
        QVERIFY(world.isSound());
    }
    void nobodyIsTurnedAwayWhileTheFileCannotBeWritten()
    {
        World world;
        const auto secret = world.make("a");
        auto reader = store::openForReading(world.file());
        QVERIFY(reader.has_value());
        auto found = serve::findToken(*reader, world.clock, secret);
        QVERIFY(found && found->token && !found->token->lastUsedAt);
        // Another process imports.
        auto other = store::openForWriting(world.file());
        QVERIFY(other.has_value());
        {
            auto transaction = store::Transaction::begin(*other);
            QVERIFY(transaction.has_value());
            const auto begun = std::chrono::steady_clock::now();
            found = serve::findToken(world.connection(), world.clock, secret);
            QVERIFY(found && found->token && !found->token->lastUsedAt);
            QVERIFY(std::chrono::steady_clock::now() - begun < seconds(4)); // the store waits for five
        }
        QCOMPARE(world.ask("SELECT timeout FROM pragma_busy_timeout"), "5000");
        QVERIFY(world.find(secret).token->lastUsedAt.has_value());
    }
    void scopesFromOutsideAreDamage()
    {
        World world;
        const auto secret = world.make("a");
        world.run("UPDATE access_token SET scopes = 'User.Read.All Everything'");
        const auto found = serve::findToken(world.connection(), world.clock, secret);
        QVERIFY(!found);
        QCOMPARE(found.error().code, Code::StoreCorrupt);
        QCOMPARE(serve::accessTokens(world.connection()).error().code, Code::StoreCorrupt);
    }
    void theFileStaysSoundAndAnEditIsFound()
    {
        World world;
        const auto secret = world.make("a", readUsers, 1);
        world.make("b");
        QCOMPARE(world.standing(secret), TokenStanding::Good);
        world.revoke("b");
        QVERIFY(world.isSound());
        {
            // By another program: its changes are not sealed.
            auto outside = store::Connection::open(world.file(), store::Connection::Mode::Write);
            QVERIFY(outside && outside->execute("UPDATE access_token SET revoked_at = NULL"));
        }
        auto directory = run::Directory::open(world.file());
        const auto findings = run::verifyDirectory(*directory);
        QVERIFY(findings && findings->size() == 1);
        QVERIFY2(findings->front().starts_with("The table access_token is not as Riskdesk wrote it"),
                 findings->front().c_str());
    }
    void anOlderFileHasTheTableWhenItIsOpened()
    {
        QTemporaryDir folder;
        const auto file = folder.path().toStdString() + "/old.riskdesk";
        std::string sql = fmt::format("PRAGMA journal_mode = WAL; PRAGMA application_id = {};\n"
                                      "PRAGMA user_version = 12;\n",
                                      store::applicationId);
        for (const auto &migration : store::migrations())
            if (migration.version < 13)
                sql.append(migration.sql).append(";\n");
        sql += "INSERT INTO directory VALUES (1, 'Old', 0, 0, 0)";
        sqlite3 *old = nullptr;
        QCOMPARE(sqlite3_open(file.c_str(), &old), SQLITE_OK);
        const int code = sqlite3_exec(old, sql.c_str(), nullptr, nullptr, nullptr);
        QVERIFY2(code == SQLITE_OK, sqlite3_errmsg(old));
        sqlite3_close(old);
        {
            auto before = store::Connection::open(file, store::Connection::Mode::Write);
            QVERIFY(before && before->execute("BEGIN") && store::sealAll(*before) &&
                    before->execute("COMMIT"));
        }
        auto db = store::openForWriting(file);
        QVERIFY2(db.has_value(), db ? "" : db.error().detail.c_str());
        QVERIFY(QFile::exists(QString::fromStdString(file) + ".before-12"));
        const FixedClock clock(test::noon);
        const auto made = serve::createToken(*db, clock, admin, "a", readUsers);
        QVERIFY(made.has_value());
        const auto found = serve::findToken(*db, clock, made->secret.reveal());
        QVERIFY(found && found->standing == TokenStanding::Good);
        auto directory = run::Directory::open(file);
        const auto findings = run::verifyDirectory(*directory);
        QVERIFY2(findings && findings->empty(),
                 findings && !findings->empty() ? findings->front().c_str() : "");
    }
};

QTEST_APPLESS_MAIN(AccessTokensTest)
#include "tst_access_tokens.moc"

// Who acts: named by role, known by an account or a passphrase, with somebody left who may name others.
#include "core/action/operators.h"

#include "tests/support/risk_fixture.h"

#include <QTest>

using namespace riskdesk;
using action::Binding;
using action::Desk;
using action::Role;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// As little as libsodium takes: what is tried here is not how dear it is.
const action::PassphraseCost cheap{1, 8192};
const Desk desk{"ana", "Desk-7"};
const action::Operator admin{"ana", Role::Administrator, "command line", "desk-7"};
constexpr std::string_view right = "correct horse battery", wrong = "correct horse battary";

struct World : test::Fixture
{
    World()
        : Fixture(0)
    {}
    Result<action::Added> add(std::string_view name, Role role, const Binding &binding,
                              const action::Operator &who = admin, const Desk &at = desk)
    {
        return action::addOperator(connection(), clock, who, name, role, binding, cheap, at);
    }
    // ana is administrator by her account.
    void begin() { check(add("ana", Role::Administrator, {"ana", {}})); }
    Result<action::Operator> who(std::optional<std::string> name = {},
                                 std::optional<std::string_view> passphrase = {}, const Desk &at = desk)
    {
        action::Asking asking;
        asking.name = std::move(name);
        asking.passphrase = passphrase;
        asking.desk = at;
        return action::whoIsIt(connection(), clock, asking);
    }
    // "ana administrator", or the sentence of a refusal.
    std::string said(std::optional<std::string> name = {}, std::optional<std::string_view> passphrase = {},
                     const Desk &at = desk)
    {
        const auto found = who(std::move(name), passphrase, at);
        if (found)
            return found->name + ' ' + std::string(toText(found->role));
        return found.error().code == Code::NotAllowed ? sentence(found.error())
                                                      : std::string(toText(found.error().code));
    }
    std::string names() { return ask("SELECT name, role, account FROM operator ORDER BY id"); }
    std::string audited()
    {
        return ask("SELECT actor, role, action, target, before, after FROM audit ORDER BY id");
    }
    void clearAudit() { run("DELETE FROM audit"); }
};

template <typename T>
std::string codeOf(const Result<T> &result)
{
    return result ? "done" : std::string(toText(result.error().code));
}

bool has(const std::string &text, std::string_view words)
{
    if (text.find(words) != std::string::npos)
        return true;
    qWarning("%s", text.c_str());
    return false;
}

} // namespace

class OperatorsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void withoutAnyTheAccountIsAdministrator()
    {
        World w;
        QCOMPARE(w.said(), "ana administrator");
        QCOMPARE(w.said("carla"), "carla administrator"); // who stands in the records
        const auto found = w.who();
        QCOMPARE(found->host, desk.host);
        QCOMPARE(found->via, "command line");
        QVERIFY(action::operators(w.connection())->empty());
        QVERIFY(!*action::needsPassphrase(w.connection(), "carla"));
    }
    void theFirstOneBringsTheAccountWithIt()
    {
        World w;
        const auto added = w.add("  Bob ", Role::Operator, {{}, right});
        QVERIFY(added);
        QCOMPARE(added->added.name, "Bob");
        QVERIFY(added->withIt);
        QCOMPARE(added->withIt->name, "ana");
        QCOMPARE(w.names(), "ana|administrator|ana\nBob|operator|");
        QCOMPARE(w.audited(), "ana|administrator|operatorAdd|ana||administrator, account ana\n"
                              "ana|administrator|operatorAdd|Bob||operator, passphrase");
        QVERIFY(!w.add("carla", Role::Reader, {"carla", {}})->withIt);
        const auto all = action::operators(w.connection());
        QCOMPARE(all->size(), 3U);
        QCOMPARE(all->at(1).name, "Bob"); // by name, whatever its case
        QCOMPARE(all->at(1).addedBy, "ana");
        QCOMPARE(all->at(1).addedAt, test::noon);
        QVERIFY(!all->at(1).account);
    }
    void anAdministratorOfTheAccountIsEnough()
    {
        for (const char *account : {"ana", "ana@desk-7", "ana@DESK-7"}) {
            World w;
            const auto added = w.add("chief", Role::Administrator, {account, {}});
            QVERIFY(added && !added->withIt);
            QCOMPARE(w.said(), "chief administrator");
        }
        World w; // by a passphrase it is not the account's
        QVERIFY(w.add("chief", Role::Administrator, {{}, right})->withIt);
        QCOMPARE(w.said(), "ana administrator");
    }
    void aNameThatTheAccountWouldHaveIsTaken()
    {
        World w;
        QCOMPARE(w.add("ANA", Role::Reader, {{}, right})->withIt->name, "ana@desk-7");
        QCOMPARE(w.said(), "ana@desk-7 administrator");
    }
    void theOwnAccountIsNotLockedOut()
    {
        World w;
        const auto refused = w.add("me", Role::Reader, {"ana", {}});
        QCOMPARE(codeOf(refused), "wrongUsage");
        QVERIFY(has(sentence(refused.error()), "administrator first"));
        QCOMPARE(w.names(), "");
        QCOMPARE(w.audited(), "");
    }
    void theAccountSaysWhoActs()
    {
        World w;
        w.begin();
        test::Fixture::check(w.add("Bob", Role::Reader, {"bob@desk-9", {}}));
        test::Fixture::check(w.add("Carla", Role::Operator, {"carla", {}}));
        QCOMPARE(w.said(), "ana administrator");
        QCOMPARE(w.said("ANA"), "ana administrator");
        QCOMPARE(w.said({}, {}, {"bob", "Desk-9"}), "Bob reader");
        QCOMPARE(w.said({}, {}, {"carla", "anywhere"}), "Carla operator");
        QVERIFY(has(w.said({}, {}, {"bob", "desk-7"}), "The account \"bob\" is no operator"));
        QVERIFY(has(w.said({}, {}, {"bob", "desk-7"}), "--as NAME"));
        QVERIFY(has(w.said("bob"), "known by the account bob@desk-9, and you use ana@desk-7"));
        QVERIFY(has(w.said("carla", right), "known by the account carla"));
        QVERIFY(has(w.said("dora"), "There is no operator \"dora\""));
        QVERIFY(!*action::needsPassphrase(w.connection(), "bob"));
        // The one of this machine goes before the one of all.
        test::Fixture::check(w.add("here", Role::Reader, {"ana@desk-7", {}}));
        QCOMPARE(w.said(), "here reader");
        QCOMPARE(w.said({}, {}, {"ana", "desk-8"}), "ana administrator");
    }
    void aPassphraseIsAsked()
    {
        World w;
        w.begin();
        test::Fixture::check(w.add("Bob", Role::Operator, {{}, right}));
        QVERIFY(*action::needsPassphrase(w.connection(), " bob"));
        QVERIFY(has(w.said("bob"), "needs a passphrase"));
        QCOMPARE(w.said("bob", right), "Bob operator");
        QCOMPARE(w.said("bob", right, {"stranger", "elsewhere"}), "Bob operator");
        const auto hash = w.ask("SELECT passphrase FROM operator WHERE name = 'Bob'");
        QVERIFY(hash.starts_with("$argon2id$"));
        QVERIFY(hash.find(right) == std::string::npos);
        QCOMPARE(w.ask("SELECT wrong, not_before IS NULL FROM operator WHERE name = 'Bob'"), "0|1");
    }
    void wrongOnesAreSlowedDown()
    {
        World w;
        w.begin();
        test::Fixture::check(w.add("bob", Role::Operator, {{}, right}));
        w.clearAudit();
        const std::vector<int> waits = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
        std::string told;
        int row = 0;
        for (const int wait : waits) {
            ++row;
            QVERIFY(has(w.said("bob", wrong),
                        "is wrong. The next one is looked at in " + std::to_string(wait) + " s."));
            // Too early counts as nothing, whatever is given.
            for (const auto given : {right, wrong}) {
                QVERIFY(has(w.said("bob", given), "Wait " + std::to_string(wait) + " s"));
                w.clock.advance(milliseconds(1));
            }
            told += (told.empty() ? "" : "\n") + std::string("ana||operatorWrongPassphrase|bob||") +
                    std::to_string(row) + " in a row, " + std::to_string(wait) + " s to wait";
            w.clock.advance(seconds(wait) - milliseconds(3));
            QVERIFY(has(w.said("bob", right), "Wait 1 s"));
            w.clock.advance(milliseconds(1));
        }
        QCOMPARE(w.audited(), told); // once for each step
        QCOMPARE(w.said("bob", right), "bob operator");
        QVERIFY(has(w.said("bob", wrong), "in 1 s."));
        QCOMPARE(w.said(), "ana administrator"); // nobody else waits
    }
    void aClockThatWasSetBackIsBelieved()
    {
        World w;
        w.begin();
        test::Fixture::check(w.add("bob", Role::Operator, {{}, right}));
        QVERIFY(has(w.said("bob", wrong), "in 1 s."));
        w.clock.advance(seconds(-3600));
        QCOMPARE(w.said("bob", right), "bob operator");
    }
    void whoMayOnlyReadTheFileIsAnswered()
    {
        World w;
        w.begin();
        test::Fixture::check(w.add("bob", Role::Operator, {{}, right}));
        auto reader = store::openForReading(w.connection().file());
        test::Fixture::check(reader);
        action::Asking asking;
        asking.name = "bob";
        asking.passphrase = right;
        QVERIFY(action::whoIsIt(*reader, w.clock, asking));
        asking.passphrase = wrong;
        QVERIFY(!action::whoIsIt(*reader, w.clock, asking));
        QVERIFY(has(w.said("bob", wrong), "in 1 s."));
        w.clock.advance(seconds(1));
        asking.passphrase = right;
        QVERIFY(action::whoIsIt(*reader, w.clock, asking));
    }
    void aDamagedDigestIsNoWrongPassphrase()
    {
        World w;
        w.begin();
        test::Fixture::check(w.add("bob", Role::Operator, {{}, right}));
        w.run("UPDATE operator SET role = 'reader', passphrase = '$argon2id$nonsense' WHERE name = 'bob'");
        QCOMPARE(w.said("bob", right), "io");
        w.run("UPDATE operator SET passphrase = '" + std::string(200, 'x') + "' WHERE name = 'bob'");
        QCOMPARE(w.said("bob", right), "storeCorrupt");
        QCOMPARE(w.ask("SELECT wrong FROM operator WHERE name = 'bob'"), "0");
    }
    void anAdministratorStays()
    {
        World w;
        w.begin();
        test::Fixture::check(w.add("bob", Role::Operator, {{}, right}));
        w.clearAudit();
        const auto before = w.names();
        auto &c = w.connection();
        for (const auto &refused : {action::removeOperator(c, w.clock, admin, "ana"),
                                    action::changeRole(c, w.clock, admin, "Ana", Role::Operator)}) {
            QCOMPARE(codeOf(refused), "conflict");
            QVERIFY(has(sentence(refused.error()), "\"ana\" is the last administrator"));
        }
        QCOMPARE(w.names(), before);
        QCOMPARE(w.audited(), "");
        QCOMPARE(codeOf(action::changeRole(c, w.clock, admin, "ana", Role::Administrator)),
                 "done"); // as it is
        QCOMPARE(w.audited(), "");
        QCOMPARE(codeOf(action::changeRole(c, w.clock, admin, "bob", Role::Administrator)), "done");
        QCOMPARE(codeOf(action::changeRole(c, w.clock, admin, "ana", Role::Reader)), "done");
        QCOMPARE(codeOf(action::removeOperator(c, w.clock, admin, "ana")), "done");
        QCOMPARE(codeOf(action::removeOperator(c, w.clock, admin, "bob")), "conflict");
        QCOMPARE(w.names(), "bob|administrator|");
        QCOMPARE(w.audited(), "ana|administrator|operatorRole|bob|operator|administrator\n"
                              "ana|administrator|operatorRole|ana|administrator|reader\n"
                              "ana|administrator|operatorRemove|ana|reader, account ana|");
        QVERIFY(has(w.said(), "is no operator"));
    }
    void onlyAdministratorsChangeThem()
    {
        World w;
        w.begin();
        test::Fixture::check(w.add("bob", Role::Operator, {{}, right}));
        w.clearAudit();
        const auto before = w.names();
        auto &c = w.connection();
        for (const auto role : {Role::Reader, Role::Operator}) {
            const action::Operator who{"carla", role, "command line", "desk-7"};
            QCOMPARE(codeOf(w.add("dora", Role::Reader, {"dora", {}}, who)), "notAllowed");
            QCOMPARE(codeOf(action::removeOperator(c, w.clock, who, "bob")), "notAllowed");
            QCOMPARE(codeOf(action::changeRole(c, w.clock, who, "bob", Role::Reader)), "notAllowed");
            QCOMPARE(codeOf(action::changePassphrase(c, w.clock, who, "bob", "another one", cheap)),
                     "notAllowed");
        }
        QCOMPARE(w.names(), before);
        QCOMPARE(w.audited(), "");
        QCOMPARE(w.said("bob", right), "bob operator");
    }
    void aPassphraseIsChanged()
    {
        World w;
        w.begin();
        test::Fixture::check(w.add("bob", Role::Reader, {{}, right}));
        w.clearAudit();
        auto &c = w.connection();
        QVERIFY(has(w.said("bob", wrong), "in 1 s."));
        const auto which = [&](std::string_view name) {
            const auto all = action::operators(c);
            return std::ranges::find(*all, name, &action::NamedOperator::name)->passphrase;
        };
        const auto first = which("bob");
        QVERIFY(first != 0);
        QCOMPARE(which("ana"), 0u);
        const auto renewed = action::changePassphrase(c, w.clock, admin, "BOB", "by an administrator", cheap);
        QCOMPARE(codeOf(renewed), "done");
        QVERIFY(renewed->passphrase != first);
        QCOMPARE(which("bob"), renewed->passphrase);
        QCOMPARE(w.said("bob", "by an administrator"), "bob reader"); // what was wrong before is forgotten
        const action::Operator bob{"bob", Role::Reader, "command line", "desk-7"};
        QCOMPARE(codeOf(action::changePassphrase(c, w.clock, bob, "bob", "by himself", cheap)), "done");
        QCOMPARE(w.said("bob", "by himself"), "bob reader");
        QVERIFY(has(w.said("bob", "by an administrator"), "is wrong"));
        QVERIFY(has(w.audited(),
                    "ana|administrator|operatorPassphrase|bob||\nbob|reader|operatorPassphrase|bob||"));
        QCOMPARE(codeOf(action::changePassphrase(c, w.clock, admin, "ana", "of an account", cheap)),
                 "wrongUsage");
        QCOMPARE(codeOf(action::changePassphrase(c, w.clock, admin, "dora", "of nobody", cheap)), "notFound");
        QCOMPARE(codeOf(action::changePassphrase(c, w.clock, admin, "bob", "short", cheap)), "wrongUsage");
    }
    void refuses_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("account");
        QTest::addColumn<QByteArray>("passphrase");
        QTest::addColumn<QString>("code");
        const auto row = [](const char *title, const QByteArray &name, const QByteArray &account,
                            const QByteArray &passphrase, const char *code) {
            QTest::newRow(title) << name << account << passphrase << QString(code);
        };
        row("no name", " ", "x", "", "wrongUsage");
        row("a long name", QByteArray(65, 'n'), "x", "", "wrongUsage");
        row("a control character", "a\x1b[2J", "x", "", "wrongUsage");
        row("no text", "a\xff", "x", "", "wrongUsage");
        row("a blank account", "x", " ", "", "wrongUsage");
        row("neither", "x", "", "", "wrongUsage");
        row("both", "x", "x", "long enough", "wrongUsage");
        row("a short passphrase", "x", "", "seven77", "wrongUsage");
        row("a long passphrase", "x", "", QByteArray(1025, 'p'), "wrongUsage");
        row("a name that is taken", "ANA", "x", "", "conflict");
        row("an account that is taken", "x", "ana", "", "conflict");
        row("the longest", QByteArray(64, 'n'), "", QByteArray(1024, 'p'), "done");
        row("the shortest", "n", "", "eight888", "done");
    }
    void refuses()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, account);
        QFETCH(QByteArray, passphrase);
        QFETCH(QString, code);
        World w;
        w.begin();
        const auto before = w.names();
        Binding binding;
        if (!account.isEmpty())
            binding.account = account.toStdString();
        if (!passphrase.isEmpty())
            binding.passphrase =
                std::string_view(passphrase.constData(), static_cast<std::size_t>(passphrase.size()));
        const auto added = w.add(name.toStdString(), Role::Reader, binding);
        QCOMPARE(QString::fromStdString(codeOf(added)), code);
        QCOMPARE(w.names() == before, !added);
        if (!added)
            QVERIFY(passphrase.isEmpty() ||
                    sentence(added.error()).find(passphrase.constData()) == std::string::npos);
    }
    void theStandardCostIsLibsodiumsModerate()
    {
        const auto cost = action::PassphraseCost::standard();
        QCOMPARE(cost.memory, std::size_t(256) * 1024 * 1024);
        QCOMPARE(cost.passes, 3ULL);
    }
};

QTEST_GUILESS_MAIN(OperatorsTest)
#include "tst_operators.moc"

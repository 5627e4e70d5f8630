// Connections: what is entered under one never serves another, and whoever has one open learns that it was changed.
#include "core/connections/connections.h"
#include "core/connections/open_connector.h"
#include "core/connections/sign_in.h"

#include "tests/support/risk_fixture.h"

#include <QTest>

#include <map>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

const action::Operator ana;

// A keyring that is locked from time to time.
class Keyring final : public connect::SecretStore
{
public:
    std::string_view place() const override { return "keyring"; }
    Result<std::vector<std::string>> names() override
    {
        std::vector<std::string> all;
        for (const auto &[name, secret] : kept)
            all.push_back(name);
        return all;
    }
    Result<std::optional<connect::Secret>> get(std::string_view name) override
    {
        const auto found = kept.find(std::string(name));
        return found == kept.end() ? std::optional<connect::Secret>()
                                   : std::optional(connect::Secret(found->second));
    }
    Status set(std::string_view name, const connect::Secret &secret) override
    {
        if (locked)
            return fail(Code::NotAllowed, std::string(name), "the keyring is locked");
        kept[std::string(name)] = secret.reveal();
        return {};
    }
    Status forget(std::string_view name) override
    {
        if (locked)
            return fail(Code::NotAllowed, std::string(name), "the keyring is locked");
        kept.erase(std::string(name));
        return {};
    }

    std::map<std::string, std::string> kept;
    bool locked = false;
};

connect::Secrets token(std::string_view text)
{
    connect::Secrets secrets;
    secrets.emplace("token", connect::Secret(text));
    return secrets;
}

struct World : Fixture
{
    action::ConnectorRow add(const std::string &name)
    {
        auto row = run::addConnection(connection(), clock, ana, "scim", name,
                                      {{"url", "https://scim.example/v2"}}, token("t"));
        check(row);
        return *row;
    }
    std::int64_t revision(const std::string &name)
    {
        const auto row = run::connectionNamed(connection(), name);
        check(row);
        return row->revision;
    }
};

const std::string whole = "https://chat.example/T0/S3CR3T?sig=S3CR3T";
const std::string withoutPath = R"({"url":"https://chat.example/..."})";

} // namespace

class ConnectionsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // As a connection was stored before paths were secrets; it moves with the next change.
    void anAddressThatIsStoredWholeIsShownWithoutItsPath()
    {
        World f;
        Keyring keyring;
        connect::Secrets secrets;
        secrets.emplace("secret", connect::Secret("correct horse"));
        const auto added =
            run::addConnection(f.connection(), f.clock, ana, "webhook", "Chat", {{"url", whole}}, secrets);
        QVERIFY(added.has_value());
        QVERIFY(run::keepSecrets(f.connection(), *added, secrets, keyring).has_value());
        const auto stored = [&] { return run::connectionNamed(f.connection(), "Chat")->settings; };
        QCOMPARE(stored(), withoutPath);
        QCOMPARE(keyring.kept.size(), std::size_t{2});
        Fixture::check(
            f.connection().execute("UPDATE connector SET settings = '{\"url\":\"" + whole + "\"}'"));
        keyring.kept.erase(run::secretName(added->id, "address"));
        const auto old = run::connectionNamed(f.connection(), "Chat");
        QCOMPARE(run::settingsOf(*old).at("url"), std::string("https://chat.example/..."));
        QVERIFY(run::openConnector(*old, &keyring, f.clock).has_value());
        const auto changed =
            run::changeConnection(f.connection(), f.clock, ana, "Chat", run::settingsOf(*old), secrets);
        QVERIFY2(changed.has_value(), changed ? "" : sentence(changed.error()).c_str());
        QVERIFY(run::keepSecrets(f.connection(), *changed, {}, keyring).has_value());
        QCOMPARE(stored(), withoutPath);
        QCOMPARE(keyring.kept.at(run::secretName(added->id, "address")), whole);
        QVERIFY(
            run::openConnector(*run::connectionNamed(f.connection(), "Chat"), &keyring, f.clock).has_value());
        store::Statement audit(f.connection(),
                               "SELECT count(*) FROM audit WHERE instr(before || after, 'S3CR3T') > 0");
        QVERIFY(audit.step());
        QCOMPARE(audit.int64(0), std::int64_t{0});
        // Without what is hidden it is not opened, and says what to do.
        keyring.kept.erase(run::secretName(added->id, "address"));
        const auto lost =
            run::openConnector(*run::connectionNamed(f.connection(), "Chat"), &keyring, f.clock);
        QVERIFY(!lost);
        QVERIFY(lost.error().detail.find("enter the whole address") != std::string::npos);
        // Its secrets go with it.
        QVERIFY(run::forgetSecrets(*old, keyring).has_value());
        QVERIFY(keyring.kept.empty());
    }
    // Its secrets lie under its number; the keyring may have been locked when they were to be forgotten.
    void aNumberIsNeverGivenTwice()
    {
        World w;
        Keyring keyring;
        const auto first = w.add("Shop");
        QVERIFY(run::keepSecrets(w.connection(), first, token("of the shop"), keyring).has_value());
        QVERIFY(run::removeConnection(w.connection(), w.clock, ana, "Shop").has_value());
        keyring.locked = true;
        QCOMPARE(run::forgetSecrets(first, keyring).error().code, Code::NotAllowed);
        const auto second = w.add("Shop");
        QVERIFY(second.id != first.id);
        const auto secrets = run::secretsOf(second, *connect::findKind("scim"), &keyring);
        QVERIFY(secrets && secrets->empty());
        keyring.locked = false;
        QVERIFY(run::forgetSecrets(first, keyring).has_value());
        QVERIFY(keyring.kept.empty());
    }
    void whatIsEnteredAnewIsNoticed()
    {
        World w;
        Keyring keyring;
        const auto row = w.add("Shop");
        auto last = w.revision("Shop");
        const auto changed = [&] {
            const auto before = std::exchange(last, w.revision("Shop"));
            return last != before;
        };
        QVERIFY(!changed());
        QVERIFY(run::keepSecrets(w.connection(), row, token("another"), keyring).has_value());
        QVERIFY(changed());
        QVERIFY(run::keepSecrets(w.connection(), row, {}, keyring).has_value());
        QVERIFY(!changed());
        QVERIFY(run::changeConnection(w.connection(), w.clock, ana, "Shop",
                                      {{"url", "https://scim.example/v3"}}, token("another"))
                    .has_value());
        QVERIFY(changed());
        keyring.locked = true;
        QVERIFY(!run::keepSecrets(w.connection(), row, token("a third"), keyring).has_value());
        QVERIFY(!changed());
    }
};

QTEST_APPLESS_MAIN(ConnectionsTest)
#include "tst_connections.moc"

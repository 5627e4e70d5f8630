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

} // namespace

class ConnectionsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
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

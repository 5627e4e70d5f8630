// The LDAP connector as Active Directory wants it, against an OpenLDAP server with attributes of the same names.
#include "core/connect/ldap/values.h"

#include "tests/support/slapd.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::connect;
using namespace riskdesk::test;
using O = ProviderOperation;

namespace {

// The attributes and classes of Active Directory that matter here, with its names and numbers.
const QByteArray activeDirectorySchema =
    "attributetype ( 1.2.840.113556.1.4.221 NAME 'sAMAccountName' EQUALITY caseIgnoreMatch "
    "SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )\n"
    "attributetype ( 1.2.840.113556.1.4.656 NAME 'userPrincipalName' EQUALITY caseIgnoreMatch "
    "SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )\n"
    "attributetype ( 1.2.840.113556.1.4.8 NAME 'userAccountControl' EQUALITY integerMatch "
    "SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )\n"
    "attributetype ( 1.2.840.113556.1.4.96 NAME 'pwdLastSet' EQUALITY integerMatch "
    "SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )\n"
    "attributetype ( 1.2.840.113556.1.4.90 NAME 'unicodePwd' EQUALITY octetStringMatch "
    "SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )\n"
    "attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch "
    "SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )\n"
    "objectclass ( 1.2.840.113556.1.5.9 NAME 'user' SUP inetOrgPerson STRUCTURAL MAY ( sAMAccountName $ "
    "userPrincipalName $ userAccountControl $ pwdLastSet $ unicodePwd $ objectGUID $ distinguishedName ) )\n"
    "objectclass ( 1.2.840.113556.1.3.30 NAME 'computer' SUP user STRUCTURAL )\n";

QByteArray account(const QByteArray &name, const QByteArray &guid, const QByteArray &sort = "user")
{
    return "\ndn: cn=" + name + ",ou=people,dc=shop,dc=example\nobjectClass: " + sort + "\ncn: " + name +
           "\nsn: " + name + "\nsAMAccountName: " + name + "\nuserPrincipalName: " + name +
           "@shop.example\nuserAccountControl: 66048\npwdLastSet: 133500000000000000\nobjectGUID:: " +
           QByteArray::fromHex(guid).toBase64() + "\ndistinguishedName: cn=" + name +
           ",ou=people,dc=shop,dc=example\n";
}

Slapd::Options activeDirectory()
{
    Slapd::Options options;
    options.schema = activeDirectorySchema;
    options.passwordPolicy = false;
    options.access = mayWrite;
    options.entries = directory(account("anna", "0102030405060708090a0b0c0d0e0f10") +
                                    account("anton", "1102030405060708090a0b0c0d0e0f10") +
                                    account("desk", "2102030405060708090a0b0c0d0e0f10", "computer"),
                                false);
    return options;
}

} // namespace

class TestLdapActiveDirectory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void resetsAsActiveDirectoryWants();
    void blocksAsActiveDirectoryWants();
    void leavesAChangeOfOthers();
};

void TestLdapActiveDirectory::initTestCase()
{
    if (const auto missing = Slapd::missing(); !missing.isEmpty())
        QSKIP(qPrintable(missing));
    // Read by libldap when it is first called: it must not switch anything off.
    qputenv("LDAPTLS_REQCERT", "never");
    qputenv("LDAPREFERRALS", "on");
}

void TestLdapActiveDirectory::resetsAsActiveDirectoryWants()
{
    Slapd server(activeDirectory());
    RUNNING(server);
    const auto connector = connectorTo(server, "activeDirectory");
    const Secret password(newPassword);
    const auto reset = requestFor(O::ResetPassword, "anna@shop.example", &password);
    std::string before;
    auto outcome = Reconciled::CannotTell;
    QVERIFY(connector->precondition(reset, before).done());
    QCOMPARE(before, std::string("pwdLastSet=133500000000000000"));
    QVERIFY(connector->reconcile(reset, before, outcome).done());
    QCOMPARE(outcome, Reconciled::DidNot);
    const auto response = connector->perform(reset);
    QVERIFY2(response.done(), said(response));
    QVERIFY(connector->reconcile(reset, before, outcome).done());
    QCOMPARE(outcome, Reconciled::TookEffect);
    const auto entry = entryAt(server, "cn=anna," + people, {"unicodePwd", "pwdLastSet"});
    QCOMPARE(entry.first("pwdLastSet"), std::string("0"));
    std::string wide;
    for (const char c : '"' + std::string(newPassword) + '"')
        wide += std::string{c, '\0'};
    QCOMPARE(entry.first("unicodePwd"), wide);
    // A second one leaves the same zero.
    QVERIFY(connector->precondition(reset, before).done());
    QVERIFY(connector->reconcile(reset, before, outcome).done());
    QCOMPARE(outcome, Reconciled::CannotTell);
}

void TestLdapActiveDirectory::blocksAsActiveDirectoryWants()
{
    Slapd server(activeDirectory());
    RUNNING(server);
    const auto connector = connectorTo(server, "activeDirectory");
    const auto flags = [&] {
        return entryAt(server, "cn=anna," + people, {"userAccountControl"}).first("userAccountControl");
    };
    const std::vector<std::pair<std::string, std::string>> names = {
        {"04030201-0605-0807-090a-0b0c0d0e0f10", "anton"},
        {"CN=anna," + people, ""},
        {"", "anna"},
        {"", "ANNA@shop.example"}};
    for (const auto &[userId, name] : names) {
        auto block = requestFor(O::Block, name), unblock = requestFor(O::Unblock, name);
        block.userId = unblock.userId = userId;
        auto outcome = Reconciled::CannotTell;
        const auto response = connector->perform(block);
        QVERIFY2(response.done(), said(response));
        QCOMPARE(flags(), std::string("66050")); // the other flags stay
        QVERIFY(connector->perform(block).done());
        QVERIFY(connector->reconcile(block, {}, outcome).done());
        QCOMPARE(outcome, Reconciled::TookEffect);
        QVERIFY(connector->perform(unblock).done());
        QCOMPARE(flags(), std::string("66048"));
        QVERIFY(connector->reconcile(block, {}, outcome).done());
        QCOMPARE(outcome, Reconciled::DidNot);
    }
    QCOMPARE(connector->perform(requestFor(O::Block, "desk")).code, std::string("ldap32")); // a computer
    auto gone = requestFor(O::Block, "anna");
    gone.userId = "04030201-0605-0807-090a-0b0c0d0e0f11";
    QCOMPARE(connector->perform(gone).code, std::string("ldap32"));
    QCOMPARE(flags(), std::string("66048"));

    std::vector<ProviderUser> users;
    std::string following;
    QVERIFY(connector->perform(requestFor(O::Block, "anton")).done());
    QVERIFY(connector->listUsers({}, users, following).done());
    QCOMPARE(users.size(), std::size_t{2});
    for (const auto &user : users) {
        const bool isAnna = user.userPrincipalName == "anna@shop.example";
        QCOMPARE(user.id, std::string(isAnna ? "04030201" : "04030211") + "-0605-0807-090a-0b0c0d0e0f10");
        QCOMPARE(user.enabled, std::optional(isAnna));
    }
}

// What was read is no longer there when it is to be replaced.
void TestLdapActiveDirectory::leavesAChangeOfOthers()
{
    Slapd server(activeDirectory());
    RUNNING(server);
    auto session = sessionOf(server, tool, "word of the tool");
    const auto dn = "cn=anna," + people;
    using Change = LdapChange::Kind;
    const auto response = session.modify(
        dn, {{Change::Delete, "userAccountControl", "512"}, {Change::Add, "userAccountControl", "514"}}, "",
        {});
    QCOMPARE(response.code, std::string("ldap16"));
    QCOMPARE(entryAt(server, dn, {"userAccountControl"}).first("userAccountControl"), std::string("66048"));

    // Somebody changes another flag all the time, and so does the connector.
    std::thread other([&] {
        auto mine = sessionOf(server, tool, "word of the tool");
        for (int turn = 0; turn < 200;) {
            std::vector<LdapEntry> entries;
            if (!mine.search({dn, LdapSearch::Scope::Base, "(objectClass=*)", {"userAccountControl"}, 0},
                             entries, {})
                     .done() ||
                entries.empty())
                return;
            const auto before = entries.front().first("userAccountControl");
            const auto after = userAccountControl(*userAccountControl(before) ^ 0x20u);
            if (mine.modify(dn,
                            {{Change::Delete, "userAccountControl", before},
                             {Change::Add, "userAccountControl", after}},
                            "", {})
                    .done())
                ++turn;
        }
    });
    const auto connector = connectorTo(server, "activeDirectory");
    auto last = O::Unblock;
    for (int turn = 0; turn < 100; ++turn) {
        const auto wanted = turn % 2 == 0 ? O::Block : O::Unblock;
        const auto done = connector->perform(requestFor(wanted, "anna"));
        if (done.done())
            last = wanted;
        else if (done.code != "changedMeanwhile")
            QWARN(said(done));
    }
    other.join();
    const auto flags =
        userAccountControl(entryAt(server, dn, {"userAccountControl"}).first("userAccountControl"));
    QCOMPARE(flags.value_or(0), last == O::Block ? 66050u : 66048u); // 200 turns: as it was
}

QTEST_GUILESS_MAIN(TestLdapActiveDirectory)
#include "tst_ldap_active_directory.moc"

// The LDAP connector against a real OpenLDAP server over TLS: accounts found and listed, passwords reset, accounts
// blocked, and what is read back of it.
#include "core/connect/ldap/values.h"

#include "tests/support/slapd.h"

#include <QTest>

#include <set>

using namespace riskdesk;
using namespace riskdesk::connect;
using namespace riskdesk::test;
using Answer = Response::Kind;
using O = ProviderOperation;

class TestLdapAccounts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void resetsAPassword();
    void saysThatAPasswordIsNotTemporary();
    void blocksAndUnblocks();
    void findsAnAccountByWhatItIsCalled();
    void leavesWhoOnlyHasTheSameName();
    void takesNameForNothingElse();
    void changesNobodyWhenTwoAreMeant();
    void refusesWhatThePolicyRefuses();
    void saysWhichRightIsMissing();
    void listsUsersInPages();
    void readsBackAReset();
    void readsBackABlock();
};

void TestLdapAccounts::initTestCase()
{
    if (const auto missing = Slapd::missing(); !missing.isEmpty())
        QSKIP(qPrintable(missing));
    // Read by libldap when it is first called: it must not switch anything off.
    qputenv("LDAPTLS_REQCERT", "never");
    qputenv("LDAPREFERRALS", "on");
}

void TestLdapAccounts::resetsAPassword()
{
    Slapd server(shop());
    RUNNING(server);
    const auto connector = connectorTo(server);
    QVERIFY(connector != nullptr);
    const auto tested = connector->test();
    QVERIFY2(tested.done(), said(tested));
    QVERIFY(signIn(server, oldPassword).done());
    const Secret password(newPassword);
    const auto response = connector->perform(requestFor(O::ResetPassword, "anna", &password));
    QVERIFY2(response.done(), said(response));
    QCOMPARE(entryAt(server, "cn=anna," + people, {"pwdReset"}).first("pwdReset"), std::string("TRUE"));
    QVERIFY2(says(response, "where the password policy says pwdMustChange"), said(response));
    QVERIFY(signIn(server, newPassword).done());
    QCOMPARE(signIn(server, oldPassword).code, std::string("ldap49"));
    QCOMPARE(connector->perform(requestFor(O::ResetPassword, "anna")).code, std::string("noPassword"));
    QCOMPARE(connector->perform(requestFor(O::RevokeSessions, "anna")).code, std::string("unsupported"));
}

void TestLdapAccounts::saysThatAPasswordIsNotTemporary()
{
    auto options = shop();
    options.passwordPolicy = false;
    options.entries = directory(anna(), false, "FALSE");
    Slapd server(options);
    RUNNING(server);
    const Secret password(newPassword);
    const auto response = connectorTo(server)->perform(requestFor(O::ResetPassword, "anna", &password));
    QVERIFY2(response.done(), said(response));
    QVERIFY2(says(response, "is not temporary"), said(response));
    QVERIFY(signIn(server, newPassword).done());
}

void TestLdapAccounts::blocksAndUnblocks()
{
    Slapd server(shop());
    RUNNING(server);
    const auto connector = connectorTo(server);
    const auto unblock = requestFor(O::Unblock, "anna");
    QVERIFY(connector->perform(unblock).done()); // was not
    const auto response = connector->perform(requestFor(O::Block, "anna"));
    QVERIFY2(response.done(), said(response));
    // For good: a time would be a lock that ends after the policy's minute.
    QCOMPARE(entryAt(server, "cn=anna," + people, {"pwdAccountLockedTime"}).first("pwdAccountLockedTime"),
             std::string("000001010000Z"));
    QCOMPARE(signIn(server, oldPassword).code, std::string("ldap49"));
    QVERIFY(connector->perform(requestFor(O::Block, "anna")).done()); // was already
    QVERIFY(connector->perform(unblock).done());
    QVERIFY(signIn(server, oldPassword).done());
}

void TestLdapAccounts::findsAnAccountByWhatItIsCalled()
{
    Slapd server(shop(anna() + person("anton", "mail: a.b@shop.example\n")));
    RUNNING(server);
    const auto connector = connectorTo(server);
    const auto dn = "cn=anna," + people;
    const auto isBlocked = [&] { return !entryAt(server, dn, {"pwdAccountLockedTime"}).attributes.empty(); };
    const auto id = entryAt(server, dn, {"entryUUID"}).first("entryUUID");
    QVERIFY(!id.empty());
    const auto called = [](O operation, const std::string &userId, const std::string &name) {
        auto request = requestFor(operation, name);
        request.userId = userId;
        return request;
    };
    const std::vector<std::pair<std::string, std::string>> names = {
        {id, "anton"}, // the identifier says it alone
        {'{' + id + '}', ""},
        {"CN=Anna, OU=people, dc=shop, dc=example", "anton"}, // as does the DN, however it is written
        {"", "ANNA@shop.example"},
        {"", "anna"}};
    for (const auto &[userId, name] : names) {
        const auto response = connector->perform(called(O::Block, userId, name));
        QVERIFY2(response.done() && isBlocked(), (userId + ' ' + name + ' ' + response.sentence).c_str());
        QVERIFY(connector->perform(called(O::Unblock, userId, name)).done() && !isBlocked());
    }
    QVERIFY(entryAt(server, "cn=anton," + people, {"pwdAccountLockedTime"}).attributes.empty());
    // Above the base nobody is known, although the account may write there.
    QCOMPARE(connector->perform(called(O::Block, tool, "")).code, std::string("ldap32"));
    const auto none = connector->perform(called(O::Block, "", "bert"));
    QCOMPARE(none.kind, Answer::Refused);
    QCOMPARE(none.code, std::string("ldap32"));
    QVERIFY2(says(none, "No entry"), said(none));
    QCOMPARE(connector->perform(called(O::Block, "", "")).code, std::string("ldap32"));

    const auto byMail =
        opened({{"url", server.url()}, {"caFile", server.authority()}, {"loginAttribute", "sn"}});
    QVERIFY(byMail->perform(requestFor(O::Block, "anna")).done() && isBlocked());
}

// An account that was made anew under the same name is somebody else's.
void TestLdapAccounts::leavesWhoOnlyHasTheSameName()
{
    Slapd server(shop());
    RUNNING(server);
    const auto connector = connectorTo(server);
    const Secret password(newPassword);
    for (const auto &id : {std::string("00000000-0000-4000-8000-000000000000"), "cn=gone," + people,
                           std::string("00u1a2b3c"), std::string("anna")}) {
        for (const auto operation : {O::ResetPassword, O::Block, O::Unblock}) {
            auto request = requestFor(operation, "anna", &password);
            request.userId = id;
            const auto response = connector->perform(request);
            QVERIFY2(response.kind == Answer::Refused && response.code == "ldap32", id.c_str());
            QVERIFY2(says(response, "No entry") && says(response, "the identifier " + id), said(response));
            auto outcome = Reconciled::TookEffect;
            QCOMPARE(connector->reconcile(request, {}, outcome).code, std::string("ldap32"));
            QCOMPARE(outcome, Reconciled::CannotTell);
        }
    }
    QVERIFY(signIn(server, oldPassword).done());
}

// What means something in a filter means nothing in a name.
void TestLdapAccounts::takesNameForNothingElse()
{
    const QByteArray odd =
        "\ndn: cn=odd,ou=people,dc=shop,dc=example\nobjectClass: inetOrgPerson\ncn: odd\nsn: odd\n"
        "uid: a*(n)\\2a\nuserPassword: old-word-of-anna\n";
    const QByteArray zoe =
        "\ndn:: " + QByteArray("cn=Zo\u00eb \u5f20,ou=people,dc=shop,dc=example").toBase64() +
        "\nobjectClass: inetOrgPerson\nsn: z\ncn:: " + QByteArray("Zo\u00eb \u5f20").toBase64() +
        "\nuid:: " + QByteArray("zo\u00eb\u5f20").toBase64() + "\nuserPassword: old-word-of-anna\n";
    Slapd server(shop(anna() + odd + zoe));
    RUNNING(server);
    const auto connector = connectorTo(server);
    for (const char *name :
         {"*", "a*", "anna)(uid=*", "anna\\2a", "*)(objectClass=*", "(", ")", "\\", "\\zz"})
        QCOMPARE(connector->perform(requestFor(O::Block, name)).code, std::string("ldap32"));
    QVERIFY(connector->perform(requestFor(O::Block, "a*(n)\\2a")).done());
    QCOMPARE(signIn(server, oldPassword, "cn=odd," + people).code, std::string("ldap49"));
    const Secret password(newPassword);
    const auto response = connector->perform(requestFor(O::ResetPassword, "zo\u00eb\u5f20", &password));
    QVERIFY2(response.done(), said(response));
    QVERIFY(signIn(server, newPassword, "cn=Zo\u00eb \u5f20," + people).done());
    QVERIFY(signIn(server, oldPassword).done());
}

void TestLdapAccounts::changesNobodyWhenTwoAreMeant()
{
    const auto other = person("anna2", "mail: anna@shop.example\n");
    for (const auto &more : {other, other + person("anna3", "mail: anna@shop.example\n")}) {
        Slapd server(shop(anna() + more));
        RUNNING(server);
        const auto response = connectorTo(server)->perform(requestFor(O::Block, "anna@shop.example"));
        QCOMPARE(response.kind, Answer::Refused);
        QVERIFY2(says(response, "Two entries carry this name"), said(response));
        QVERIFY(signIn(server, oldPassword).done());
    }
}

void TestLdapAccounts::refusesWhatThePolicyRefuses()
{
    Slapd server(shop());
    RUNNING(server);
    const auto connector = connectorTo(server);
    const Secret password("short");
    const auto response = connector->perform(requestFor(O::ResetPassword, "anna", &password));
    QCOMPARE(response.kind, Answer::Refused);
    QCOMPARE(response.code, std::string("ldap19"));
    QVERIFY2(says(response, "not willing to do this: Password"), said(response));
    QVERIFY(signIn(server, oldPassword).done());
}

void TestLdapAccounts::saysWhichRightIsMissing()
{
    auto options = shop();
    options.access = mayRead;
    Slapd server(options);
    RUNNING(server);
    const auto connector = connectorTo(server);
    const Secret password(newPassword);
    const auto reset = connector->perform(requestFor(O::ResetPassword, "anna", &password));
    QCOMPARE(reset.kind, Answer::Refused);
    QCOMPARE(reset.code, std::string("ldap50"));
    QVERIFY2(says(reset, "write access to userPassword"), said(reset));
    const auto block = connector->perform(requestFor(O::Block, "anna"));
    QCOMPARE(block.code, std::string("ldap50"));
    QVERIFY2(says(block, "write access to pwdAccountLockedTime"), said(block));
    QVERIFY(signIn(server, oldPassword).done());
}

void TestLdapAccounts::listsUsersInPages()
{
    QByteArray entries = anna();
    for (int i = 1; i < 1200; ++i)
        entries += person("user" + QByteArray::number(i), i == 7 ? "mail: seven@shop.example\n" : "");
    auto options = shop(entries);
    Slapd server(options);
    RUNNING(server);
    const auto connector = connectorTo(server);
    QVERIFY(connector->perform(requestFor(O::Block, "user7")).done());
    std::set<std::string> names, ids;
    std::vector<std::size_t> sizes;
    std::string next, second;
    do {
        std::vector<ProviderUser> users;
        std::string following;
        const auto response = connector->listUsers(next, users, following);
        QVERIFY2(response.done(), said(response));
        sizes.push_back(users.size());
        for (const auto &user : users) {
            names.insert(user.userPrincipalName);
            ids.insert(user.id);
            QCOMPARE(user.enabled, std::optional(user.userPrincipalName != "user7"));
            QCOMPARE(user.mail, std::string(user.userPrincipalName == "user7"  ? "seven@shop.example"
                                            : user.userPrincipalName == "anna" ? "anna@shop.example"
                                                                               : ""));
            QCOMPARE(user.displayName, user.userPrincipalName == "anna" ? "Anna A" : user.userPrincipalName);
            QVERIFY(isUuid(user.id));
        }
        if (second.empty())
            second = following;
        next = following;
    } while (!next.empty() && sizes.size() < 10);
    QCOMPARE(sizes, (std::vector<std::size_t>{500, 500, 200}));
    QCOMPARE(names.size(), std::size_t{1200});
    QCOMPARE(ids.size(), std::size_t{1200});

    std::vector<ProviderUser> users;
    std::string following;
    QCOMPARE(connector->listUsers("no place", users, following).code, std::string("badCursor"));
    // A place is the connection's.
    const auto lost = connectorTo(server)->listUsers(second, users, following);
    QVERIFY2(lost.kind == Answer::RetryAfter && lost.code == "listLost" && !lost.wholeConnector, said(lost));
    QVERIFY(users.empty() && following.empty());

    options.access = mayRead + "limits users size.prtotal=700\n";
    Slapd strict(options);
    RUNNING(strict);
    const auto limited = connectorTo(strict);
    QVERIFY(limited->listUsers({}, users, following).done());
    const auto cut = limited->listUsers(following, users, following);
    QVERIFY2(cut.kind == Answer::Refused && cut.code == "ldap4" && users.empty(),
             (cut.code + ' ' + cut.sentence).c_str());
}

void TestLdapAccounts::readsBackAReset()
{
    Slapd server(shop(anna() + person("bert")));
    RUNNING(server);
    const auto connector = connectorTo(server);
    const Secret password(newPassword), another("Quiet-Meadow-77");
    const auto reset = requestFor(O::ResetPassword, "anna", &password);
    std::string before, later;
    auto outcome = Reconciled::TookEffect;
    QVERIFY(connector->precondition(reset, before).done());
    QCOMPARE(before, std::string("pwdChangedTime=")); // came with the file
    QVERIFY(connector->reconcile(reset, before, outcome).done());
    QCOMPARE(outcome, Reconciled::CannotTell);
    QVERIFY(connector->perform(reset).done());
    QVERIFY(connector->reconcile(reset, before, outcome).done());
    QCOMPARE(outcome, Reconciled::TookEffect);

    // From a time to another: the one kept is set back, as the server counts in seconds.
    QVERIFY(connector->precondition(reset, later).done());
    QVERIFY2(later.size() > before.size() && later.starts_with(before), later.c_str());
    QVERIFY(connector->reconcile(reset, later, outcome).done());
    QCOMPARE(outcome, Reconciled::DidNot);
    QVERIFY(connector->reconcile(reset, "pwdChangedTime=20200101000000Z", outcome).done());
    QCOMPARE(outcome, Reconciled::TookEffect);
    QVERIFY(connector->reconcile(reset, {}, outcome).done());
    QCOMPARE(outcome, Reconciled::CannotTell);

    QVERIFY(connector->precondition(requestFor(O::Block, "anna"), before).done());
    QVERIFY(before.empty());
    QCOMPARE(connector->precondition(requestFor(O::ResetPassword, "nobody", &password), before).code,
             std::string("ldap32"));
    server.kill();
    QCOMPARE(connector->reconcile(reset, later, outcome).kind, Answer::RetryAfter);
    QCOMPARE(outcome, Reconciled::CannotTell);
}

void TestLdapAccounts::readsBackABlock()
{
    Slapd server(shop());
    RUNNING(server);
    const auto connector = connectorTo(server);
    const auto block = requestFor(O::Block, "anna"), unblock = requestFor(O::Unblock, "anna");
    const auto outcomeOf = [&](const Request &request) {
        auto outcome = Reconciled::CannotTell;
        return connector->reconcile(request, {}, outcome).done() ? outcome : Reconciled::Repeatable;
    };
    QCOMPARE(outcomeOf(block), Reconciled::DidNot);
    QCOMPARE(outcomeOf(unblock), Reconciled::TookEffect);
    QVERIFY(connector->perform(block).done());
    QCOMPARE(outcomeOf(block), Reconciled::TookEffect);
    QCOMPARE(outcomeOf(unblock), Reconciled::DidNot);
    // A lock after wrong passwords ends by itself and is no block.
    const std::string_view locked = "20260318120000Z";
    QVERIFY(asRoot(server)
                .modify("cn=anna," + people, {{LdapChange::Kind::Replace, "pwdAccountLockedTime", locked}},
                        "", {})
                .done());
    QCOMPARE(outcomeOf(block), Reconciled::DidNot);
}

QTEST_GUILESS_MAIN(TestLdapAccounts)
#include "tst_ldap_accounts.moc"

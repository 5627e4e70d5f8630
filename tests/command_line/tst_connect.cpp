// connect, outbox and sync: a directory whose accounts live elsewhere, from setting the connection up to what came of
// it there. The server speaks HTTPS on loopback (tests/support/graph_server.h).
#include "tests/support/ctl.h"
#include "tests/support/graph_server.h"

#include <QRegularExpression>
#include <QTest>

#include <algorithm>

using riskdesk::test::Ctl;
using riskdesk::test::GraphServer;
using riskdesk::test::Ran;
using riskdesk::test::signInLine;
using riskdesk::test::TlsServer;

namespace {

// A directory with the users of the server, one of them at risk.
class Tenant
{
public:
    GraphServer server;
    Ctl ctl;

    Tenant()
    {
        ok({"init", "--name", "Test"});
        ok({"settings", "outbox.holdSeconds=0"});
        key = ctl.path("secrets.key");
        ok({"connect", "key", key});
    }
    Ran ok(const QStringList &arguments)
    {
        const auto ran = ctl.run(arguments);
        if (ran.code != 0)
            qFatal("%s: %s%s", qPrintable(arguments.join(' ')), qPrintable(ran.out), qPrintable(ran.err));
        return ran;
    }
    // With what opens the secrets.
    Ran open(QStringList arguments) { return ctl.run(arguments << "--secrets-key" << key); }
    QStringList graph(const QString &name = "Shop") const
    {
        const auto origin = QString::fromStdString(server.origin());
        return {"connect",
                "add",
                "graph",
                name,
                "tenant=shop.example",
                "clientId=app-1",
                "loginUrl=" + origin,
                "graphUrl=" + origin,
                "caFile=" + QString::fromStdString(server.certificate()),
                "--secret",
                "clientSecret=" + ctl.write("client.secret", "app secret/+&\n"),
                "--secrets-key",
                key};
    }
    void connect()
    {
        ok(graph());
        ok({"connect", "on", "Shop"});
        ok({"sync", "Shop", "--secrets-key", key});
    }
    // Two a page, a day each.
    void tellSignIns(int count)
    {
        server.with([count](auto &s) {
            s.pageSize = 2;
            for (int i = 0; i < count; ++i)
                s.signIns.push_back(
                    signInLine(i, "anna", QString("2026-03-%1T09:00:00Z").arg(1 + i, 2, 10, QChar('0')))
                        .trimmed()
                        .toStdString());
        });
    }
    int asked(const std::string &part) const
    {
        const auto requests = server.requests();
        return static_cast<int>(std::ranges::count_if(
            requests, [&](const auto &request) { return request.path.find(part) != std::string::npos; }));
    }
    QJsonArray waiting() { return ok({"outbox", "list", "--json"}).array(); }
    bool isEnabled(const QString &name)
    {
        return ok({"sql", "SELECT account_enabled FROM user WHERE upn = '" + name + "'", "--format", "csv"})
            .out.trimmed()
            .endsWith("1");
    }
    QString key;
};

QByteArray everything(const QString &file)
{
    QFile f(file);
    return f.open(QIODevice::ReadOnly) ? f.readAll() : QByteArray();
}

} // namespace

class ConnectTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void saysWhatThereIsToConnect()
    {
        const Ctl ctl;
        const auto kinds = ctl.run({"connect", "kinds", "--json"}).array();
        QStringList keys;
        for (const auto &kind : kinds)
            keys << kind.toObject()["kind"].toString();
        QVERIFY(keys.contains("graph") && keys.contains("webhook"));
        QCOMPARE(ctl.run({"init", "--name", "Test"}).code, 0);
        QVERIFY(ctl.run({"connect", "list"}).err.startsWith("Nothing is connected"));
        QVERIFY(ctl.run({"outbox", "list"}).err.startsWith("Nothing waits"));
    }

    // The person signs in elsewhere; the server asks us to come back once before it grants.
    void signsInWithACode()
    {
        Tenant t;
        t.server.with([](auto &state) {
            state.deviceInterval = 1;
            state.deviceAnswers = {"authorization_pending"};
        });
        const auto origin = QString::fromStdString(t.server.origin());
        t.ok({"connect", "add", "graph", "Shop", "tenant=shop.example", "clientId=app-1",
              "loginUrl=" + origin, "graphUrl=" + origin,
              "caFile=" + QString::fromStdString(t.server.certificate())});
        const auto signedIn = t.open({"connect", "sign-in", "Shop"});
        QVERIFY2(signedIn.code == 0, qPrintable(signedIn.err));
        QVERIFY2(signedIn.err.contains(
                     "Open https://login.example/device in a browser and enter the code ABCD-EFG1."),
                 qPrintable(signedIn.err));
        QCOMPARE(signedIn.out.trimmed(), "Signed in as ada@shop.example. \"connect test Shop\" tries it.");
        const auto tested = t.open({"connect", "test", "Shop"});
        QVERIFY2(tested.code == 0, qPrintable(tested.err));
        for (const auto &file :
             {t.ctl.directory(), t.ctl.directory() + "-wal", t.ctl.directory() + ".secrets"})
            QVERIFY(!everything(file).contains("refresh-secret"));
        // Declined: what was granted before stays.
        t.server.with([](auto &state) { state.deviceAnswers = {"access_denied"}; });
        const auto declined = t.open({"connect", "sign-in", "Shop"});
        QVERIFY2(declined.code == 1 && declined.err.contains("The sign-in was refused there."),
                 qPrintable(declined.err));
        QCOMPARE(t.open({"connect", "test", "Shop"}).code, 0);
        // A kind that is not signed in to.
        t.ok({"connect", "add", "webhook", "Siem", "url=" + origin + "/hook", "--secret",
              "secret=" + t.ctl.write("hook.secret", "0123456789abcdef0123456789abcdef\n"), "--secrets-key",
              t.key});
        const auto other = t.open({"connect", "sign-in", "Siem"});
        QVERIFY2(other.code != 0 && other.err.contains("not signed in to"), qPrintable(other.err));
    }

    void keepsSecretsOutOfTheDirectory()
    {
        Tenant t;
        const auto added = t.ctl.run(t.graph() << "--json");
        QVERIFY2(added.code == 0, qPrintable(added.err));
        QCOMPARE(added.object()["isOn"].toBool(true), false);
        QCOMPARE(added.object()["settings"].toObject()["tenant"].toString(), "shop.example");
        const auto sealed = t.ctl.directory() + ".secrets";
        QVERIFY(QFile::exists(sealed));
        for (const auto &file : {t.ctl.directory(), t.ctl.directory() + "-wal", sealed})
            QVERIFY(!everything(file).contains("app secret"));
        QVERIFY(!t.ok({"connect", "list", "--json"}).out.contains("app secret"));
        // The same name, another case.
        const auto again = t.ctl.run(t.graph("shop"));
        QVERIFY2(again.code == 1 && again.err.contains("another connection has that name"),
                 qPrintable(again.err));
        // Another key does not open them.
        const auto other = t.ctl.path("other.key");
        t.ok({"connect", "key", other});
        const auto wrong = t.ctl.run({"connect", "test", "Shop", "--secrets-key", other});
        QVERIFY2(wrong.code == 4, qPrintable(wrong.err));
        // Until they are sealed for it.
        t.ok({"connect", "rekey", "--secrets-key", t.key, "--new-key", other});
        QCOMPARE(t.ctl.run({"connect", "test", "Shop", "--secrets-key", other}).code, 0);
        QVERIFY(t.open({"connect", "test", "Shop"}).code != 0);
    }

    void refusesWhatIsNotOfItsKind_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("said");
        QTest::newRow("no such kind") << QStringList{"okta", "A"} << "connect kinds";
        QTest::newRow("no such setting") << QStringList{"local", "A", "colour=red"} << "no such setting";
        QTest::newRow("not a pair") << QStringList{"local", "A", "red"} << "KEY=VALUE";
        QTest::newRow("something is missing")
            << QStringList{"webhook", "A", "--secret", "secret=%1"} << "needed";
        QTest::newRow("an address without TLS")
            << QStringList{"webhook", "A", "url=http://a.example", "--secret", "secret=%1"} << "https://";
        QTest::newRow("a secret among the settings")
            << QStringList{"webhook",         "A",        "url=https://a.example",
                           "secret=12345678", "--secret", "secret=%1"}
            << "secret";
        QTest::newRow("no terminal to type it on")
            << QStringList{"webhook", "A", "url=https://a.example"} << "--secret secret=FILE";
        QTest::newRow("no name") << QStringList{"local", " "} << "is missing";
    }
    void refusesWhatIsNotOfItsKind()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, said);
        Tenant t;
        const auto file = t.ctl.write("secret", "correct horse\n");
        for (auto &argument : arguments)
            argument.replace("%1", file);
        const auto ran = t.open(QStringList{"connect", "add"} + arguments);
        QVERIFY2(ran.code != 0 && ran.err.contains(said), qPrintable(ran.err));
        QCOMPARE(t.ok({"connect", "list", "--json"}).array().size(), 0);
    }

    void saysWhatIsWrong()
    {
        Tenant t;
        t.ok(t.graph());
        QVERIFY(t.open({"connect", "test", "Shop"}).out.startsWith("\"Shop\" works."));
        const auto without = t.ctl.run({"connect", "test", "Shop"});
        QVERIFY2(without.code != 0 && without.err.contains("--secrets-key FILE"), qPrintable(without.err));
        t.server.with([](auto &s) { s.secret = "another one"; });
        const auto wrong = t.open({"connect", "test", "Shop", "--json"});
        QCOMPARE(wrong.code, 1);
        QCOMPARE(wrong.object()["ok"].toBool(true), false);
        QVERIFY(!wrong.object()["message"].toString().isEmpty());
        QVERIFY(!(wrong.out + wrong.err).contains("app secret"));
        // The secret is replaced, and it works again.
        const auto file = t.ctl.write("client.secret", "another one\n");
        const auto changed = t.open({"connect", "change", "Shop", "--secret", "clientSecret=" + file});
        QVERIFY2(changed.code == 0, qPrintable(changed.err));
        QCOMPARE(t.open({"connect", "test", "Shop"}).code, 0);
        QCOMPARE(t.ctl.run({"connect", "test", "Nowhere"}).code, 1);
    }

    void carriesABlockToTheProvider()
    {
        Tenant t;
        t.connect();
        const auto blocked = t.ok({"block", "anna@shop.example", "--reason", "stolen", "--no-wait"});
        QVERIFY2(blocked.out.startsWith("A request waits to be sent for 1 user."), qPrintable(blocked.out));
        QVERIFY(t.isEnabled("anna@shop.example")); // until it was done there
        auto waits = t.waiting();
        QCOMPARE(waits.size(), 1);
        QCOMPARE(waits[0].toObject()["operation"].toString(), "block");
        QVERIFY(t.server.user().enabled);

        const auto sent = t.open({"outbox", "send", "--json"});
        QVERIFY2(sent.code == 0, qPrintable(sent.err));
        QCOMPARE(sent.object()["outcome"].toString(), "done");
        QVERIFY(!t.server.user().enabled);
        QVERIFY(!t.isEnabled("anna@shop.example"));
        QCOMPARE(t.waiting().size(), 0);
        // What was sent is undone by its opposite.
        t.ok({"undo"});
        QCOMPARE(t.waiting()[0].toObject()["operation"].toString(), "unblock");
        QCOMPARE(t.open({"outbox", "send"}).code, 0);
        QVERIFY(t.server.user().enabled);
        QCOMPARE(t.ok({"verify"}).code, 0);
    }

    void doesAgainOnlyWhatWasTakenBack()
    {
        Tenant t;
        t.connect();
        const auto send = [&] { return t.open({"outbox", "send"}).code; };
        const auto nothingIsLeft = [&] {
            const auto no = t.ctl.run({"redo"});
            return no.code == 1 && no.err.contains("nothing was taken back") && t.waiting().isEmpty();
        };
        t.ok({"block", "anna@shop.example", "--no-wait"});
        QCOMPARE(send(), 0);
        t.ok({"undo"}); // waits, and does not any more
        t.ok({"redo"});
        QVERIFY(nothingIsLeft());
        QVERIFY(t.ok({"undo"}).out.startsWith("A request waits"));
        QCOMPARE(send(), 0);
        QVERIFY(t.server.user().enabled);
        t.ok({"redo"});
        QCOMPARE(send(), 0);
        QVERIFY(!t.server.user().enabled);
        QVERIFY(nothingIsLeft());
        QVERIFY(!t.server.user().enabled);
        QCOMPARE(t.ok({"verify"}).code, 0);
    }

    void saysThatWhoWasToldKeepsIt()
    {
        Tenant t;
        t.connect();
        t.ok({"confirm-compromised", "anna@shop.example"});
        QVERIFY(!t.ok({"undo"}).err.contains("keeps what it was told")); // it had only waited
        t.ok({"redo"});
        QCOMPARE(t.waiting().size(), 1);
        QCOMPARE(t.open({"outbox", "send"}).code, 0);
        QVERIFY(t.ok({"undo"}).err.contains("keeps what it was told"));
        QCOMPARE(t.waiting().size(), 0);
    }

    void tellsATemporaryPasswordOnce()
    {
        Tenant t;
        t.connect();
        t.ok({"reset-password", "anna@shop.example", "--no-wait"});
        const auto sent = t.open({"outbox", "send"});
        const auto told = QRegularExpression("temporary password: (\\S+)").match(sent.out).captured(1);
        QVERIFY2(!told.isEmpty(), qPrintable(sent.out + sent.err));
        QCOMPARE(told.toStdString(), t.server.user().password);
        QVERIFY(t.server.user().mustChange);
        for (const auto &file : {t.ctl.directory(), t.ctl.directory() + "-wal"})
            QVERIFY(!everything(file).contains(told.toUtf8()));
        QCOMPARE(t.open({"outbox", "send"}).out, ""); // nothing is left
    }

    void takesBackWhatWasNotSent()
    {
        Tenant t;
        t.connect();
        t.ok({"settings", "outbox.holdSeconds=3600"});
        t.ok({"block", "anna@shop.example", "--no-wait"});
        QCOMPARE(t.open({"outbox", "send"}).out, ""); // it is not due within half a minute
        t.ok({"undo"});
        QCOMPARE(t.waiting().size(), 0);
        t.ok({"settings", "outbox.holdSeconds=0"});
        QCOMPARE(t.open({"outbox", "send"}).code, 0);
        QVERIFY(t.server.user().enabled);
        QVERIFY(t.ok({"outbox", "list", "--all"}).out.contains("takenBack"));
    }

    void aRefusalStaysToBeSeen()
    {
        Tenant t;
        t.connect();
        t.server.fault({"/users/", 1, false, [](const auto &, auto &response) {
                            GraphServer::refuse(response, 403, "Authorization_RequestDenied", "No.");
                        }});
        t.ok({"block", "anna@shop.example", "--no-wait"});
        const auto sent = t.open({"outbox", "send"});
        QVERIFY2(sent.code == 1 && sent.out.contains("failed"), qPrintable(sent.out + sent.err));
        const auto all = t.ok({"outbox", "list", "--all", "--json"}).array();
        QCOMPARE(all[0].toObject()["state"].toString(), "failed");
        QVERIFY(!all[0].toObject()["message"].toString().isEmpty());
        // Mended there, it is tried again.
        t.ok({"outbox", "retry", QString::number(all[0].toObject()["id"].toInt())});
        QCOMPARE(t.open({"outbox", "send"}).code, 0);
        QVERIFY(!t.server.user().enabled);
    }

    void waitsForTheOutcome()
    {
        Tenant t;
        t.connect();
        const auto blocked = t.open({"block", "anna@shop.example"});
        QVERIFY2(blocked.code == 0 && blocked.out.contains("anna@shop.example: block: done"),
                 qPrintable(blocked.out + blocked.err));
        QVERIFY(!t.server.user().enabled);
        QVERIFY(!t.isEnabled("anna@shop.example"));
        QCOMPARE(t.waiting().size(), 0);
        const auto reset = t.open({"reset-password", "anna@shop.example"});
        QVERIFY2(reset.code == 0, qPrintable(reset.err));
        QCOMPARE(reset.out.trimmed().section('\n', -1).toStdString(), t.server.user().password);
        const auto ended = t.open({"end-sessions", "anna@shop.example", "--json"});
        QCOMPARE(ended.code, 0);
        const auto lines = ended.out.trimmed().split('\n');
        QCOMPARE(lines.size(), 2);
        QCOMPARE(QJsonDocument::fromJson(lines[0].toUtf8()).object()["waits"].toBool(), true);
        QCOMPARE(QJsonDocument::fromJson(lines[1].toUtf8()).object()["outcome"].toString(), "done");
        QVERIFY(t.ctl.run({"unblock", "--help"}).out.contains("--no-wait"));
    }

    void aRefusalIsTheExitCode()
    {
        Tenant t;
        t.connect();
        t.server.fault({"/users/", 1, false, [](const auto &, auto &response) {
                            GraphServer::refuse(response, 403, "Authorization_RequestDenied", "No.");
                        }});
        const auto blocked = t.open({"block", "anna@shop.example", "bea+#@shop.example"});
        QVERIFY2(blocked.code == 1 && blocked.out.contains("anna@shop.example: block: failed") &&
                     blocked.out.contains("bea+#@shop.example: block: done"),
                 qPrintable(blocked.out + blocked.err));
    }

    void saysWhatWaitsStill()
    {
        Tenant t;
        t.connect();
        t.server.fault({"/users/", 1, false, GraphServer::busy("7200")});
        const auto busy = t.open({"block", "anna@shop.example"});
        QVERIFY2(busy.code == 1 && busy.err.contains("1 request waits still"),
                 qPrintable(busy.out + busy.err));
        QCOMPARE(t.waiting().size(), 1);
        // Without the secrets nothing can be sent, and nothing is lost.
        const auto locked = t.ctl.run({"block", "bea+#@shop.example"});
        QVERIFY2(locked.code != 0 && locked.err.contains("--secrets-key FILE") &&
                     locked.err.contains("1 request waits still"),
                 qPrintable(locked.out + locked.err));
        QCOMPARE(t.waiting().size(), 2);
    }

    void anotherProcessMaySend()
    {
        Tenant t;
        t.connect();
        t.ok({"block", "bea+#@shop.example", "--no-wait"});
        QProcess courier;
        courier.start(
            QString::fromStdString(riskdesk::test::riskdeskctl()),
            {"--directory", t.ctl.directory(), "outbox", "send", "--follow", "--secrets-key", t.key});
        QTRY_COMPARE_WITH_TIMEOUT(t.waiting().size(), 0, 30000); // it carries
        const auto blocked = t.ctl.run({"block", "anna@shop.example"});
        QVERIFY2(blocked.code == 0 && blocked.out.contains("anna@shop.example: block: done"),
                 qPrintable(blocked.out + blocked.err));
        QVERIFY(!t.server.user().enabled);
        courier.terminate();
        QVERIFY(courier.waitForFinished());
    }

    // The connection is on, and its kind cannot do this.
    void saysWhatAConnectionCannotDo()
    {
        Tenant t;
        TlsServer scim([](const auto &, auto &response) { response.status = 204; });
        t.server.with([](auto &) {});
        t.ok(t.graph());
        t.ok({"sync", "Shop", "--secrets-key", t.key}); // for its users
        const auto alone = t.ctl.run({"end-sessions", "bea+#@shop.example"});
        QVERIFY2(alone.code == 1 && alone.err.contains("is switched off; switch it on"),
                 qPrintable(alone.out + alone.err));
        t.ok({"connect", "add", "scim", "Directory", "url=" + QString::fromStdString(scim.url("/v2")),
              "caFile=" + QString::fromStdString(scim.certificate()), "--secret",
              "token=" + t.ctl.write("token", "a token\n"), "--secrets-key", t.key});
        t.ok({"connect", "on", "Directory"});
        const auto ended = t.ctl.run({"end-sessions", "anna@shop.example"});
        QVERIFY2(ended.code == 1 && ended.err.contains("cannot do this; do it at the identity provider"),
                 qPrintable(ended.out + ended.err));
        QVERIFY(!t.ok({"list", "audit", "--all", "--json"}).out.contains("revokeSignInSessions"));
    }

    void keepsAWebhooksPathOutOfTheDirectory()
    {
        Tenant t;
        t.connect();
        TlsServer hook([](const auto &, auto &response) { response.status = 204; });
        const auto added = t.ok(
            {"connect", "add", "webhook", "Chat",
             "url=" + QString::fromStdString(hook.url("/services/T0SECRETPATH?sig=S3CR3TSIG")),
             "caFile=" + QString::fromStdString(hook.certificate()), "--secret",
             "secret=" + t.ctl.write("hook.secret", "correct horse\n"), "--secrets-key", t.key, "--json"});
        t.ok({"connect", "on", "Chat"});
        QCOMPARE(t.open({"connect", "test", "Chat"}).code, 0);
        QCOMPARE(hook.requests().back().target, std::string("/services/T0SECRETPATH?sig=S3CR3TSIG"));
        const auto changed = t.open(
            {"connect", "change", "Chat", "caFile=" + QString::fromStdString(hook.certificate()), "--json"});
        QVERIFY2(changed.code == 0, qPrintable(changed.err));
        QCOMPARE(t.open({"connect", "test", "Chat"}).code, 0);
        QCOMPARE(hook.requests().back().target, std::string("/services/T0SECRETPATH?sig=S3CR3TSIG"));
        const auto list = t.ok({"connect", "list", "--json"}).out;
        QVERIFY2(list.contains(QString::fromStdString(hook.url("/..."))), qPrintable(list));
        for (const auto &text :
             {added.out, changed.out, list, t.ok({"list", "audit", "--all", "--json"}).out})
            QVERIFY2(!text.contains("SECRETPATH") && !text.contains("S3CR3T"), qPrintable(text));
        for (const auto &file :
             {t.ctl.directory(), t.ctl.directory() + "-wal", t.ctl.directory() + ".secrets"})
            QVERIFY2(!everything(file).contains("SECRETPATH") && !everything(file).contains("S3CR3T"),
                     qPrintable(file));
        // Another one replaces it.
        QCOMPARE(
            t.open({"connect", "change", "Chat", "url=" + QString::fromStdString(hook.url("/other?sig=2"))})
                .code,
            0);
        QCOMPARE(t.open({"connect", "test", "Chat"}).code, 0);
        QCOMPARE(hook.requests().back().target, std::string("/other?sig=2"));
        QCOMPARE(t.open({"connect", "change", "Chat", "url=" + QString::fromStdString(hook.url("/"))}).code,
                 0);
        QCOMPARE(t.open({"connect", "test", "Chat"}).code, 0);
        QCOMPARE(hook.requests().back().target, std::string("/"));
    }

    void nothingIsSentOverWhatIsOff()
    {
        Tenant t;
        t.connect();
        t.ok({"connect", "off", "Shop"});
        // Nor is it written down as if it had been done there.
        for (const QStringList &more : {QStringList{"--dry-run"}, QStringList{}}) {
            const auto blocked = t.ctl.run(QStringList{"block", "anna@shop.example"} + more);
            QVERIFY2(blocked.code == 1 && blocked.err.contains("is switched off; switch it on"),
                     qPrintable(blocked.out + blocked.err));
        }
        const auto asked = t.ctl.run({"block", "anna@shop.example", "--json"}).object();
        QVERIFY(asked["command"].isNull() && !asked["waits"].toBool());
        QCOMPARE(asked["skipped"][0]["code"].toString(), "connectionOff");
        QVERIFY(t.isEnabled("anna@shop.example"));
        QVERIFY(t.server.user().enabled);
        t.ok({"connect", "on", "Shop"});
        const auto blocked = t.open({"block", "anna@shop.example"});
        QVERIFY2(blocked.code == 0 && blocked.out.contains("block: done"),
                 qPrintable(blocked.out + blocked.err));
        QVERIFY(!t.server.user().enabled);
        QVERIFY(!t.isEnabled("anna@shop.example"));
        // Two that change accounts are not on at once.
        t.ok(t.graph("Other"));
        const auto both = t.ctl.run({"connect", "on", "Other"});
        QVERIFY2(both.code == 1 && both.err.contains("switch that off first"), qPrintable(both.err));
    }

    void isRemovedWithItsSecrets()
    {
        Tenant t;
        t.connect();
        t.ok({"block", "anna@shop.example", "--no-wait"});
        const auto early = t.open({"connect", "remove", "Shop"});
        QVERIFY2(early.code == 1 && early.err.contains("1 request waits"), qPrintable(early.err));
        QCOMPARE(t.open({"outbox", "send"}).code, 0);
        const auto removed = t.open({"connect", "remove", "Shop"});
        QVERIFY2(removed.code == 0, qPrintable(removed.err));
        QCOMPARE(t.ok({"connect", "list", "--json"}).array().size(), 0);
        QVERIFY(t.ok({"outbox", "list", "--all"}).out.contains("done")); // stays told
        t.ok(t.graph());                                                 // the name is free
        QCOMPARE(t.ok({"verify"}).code, 0);
    }

    void readsWhatTheProviderKnows()
    {
        Tenant t;
        t.server.with([](auto &s) {
            s.pageSize = 7;
            for (int i = 0; i < 20; ++i)
                s.signIns.push_back(
                    signInLine(i, "anna", QString("2026-03-%1T09:00:00Z").arg(1 + i, 2, 10, QChar('0')))
                        .trimmed()
                        .toStdString());
        });
        t.ok(t.graph());
        const auto first = t.open({"sync", "Shop", "--json"});
        QVERIFY2(first.code == 0, qPrintable(first.err));
        QCOMPARE(first.object()["users"].toInt(), 2);
        QCOMPARE(first.object()["import"].toObject()["stored"].toInt(), 24); // and two risky users
        QVERIFY(t.ok({"connect", "list"}).out.contains("Z"));                // when
        // What comes late is read with the next, what was read is recognised.
        t.server.with([](auto &s) {
            s.signIns.push_back(signInLine(90, "anna", "2026-03-20T10:30:00Z").trimmed().toStdString());
        });
        const auto second = t.open({"sync", "Shop", "--json"});
        QVERIFY2(second.code == 0, qPrintable(second.err));
        QCOMPARE(second.object()["import"].toObject()["stored"].toInt(), 1);
        QVERIFY(second.object()["records"].toInt() < 10); // from where it had ended
        QCOMPARE(t.ok({"list", "signins", "--json"}).array().size(), 21);
        // A failure is told, with the connection too, and nothing is lost.
        t.server.fault({"/auditLogs/", 1, false, [](const auto &, auto &response) {
                            GraphServer::refuse(response, 403, "Authorization_RequestDenied", "No.");
                        }});
        t.server.with([](auto &s) { s.users.push_back({"id-new", "new@shop.example"}); });
        const auto failed = t.open({"sync", "Shop"});
        QVERIFY2(failed.code == 1 && !failed.err.isEmpty(), qPrintable(failed.err));
        // What else there was is kept.
        QVERIFY(t.ok({"sql", "SELECT upn FROM user"}).out.contains("new@shop.example"));
        QVERIFY(!t.ok({"connect", "list", "--json"}).array()[0].toObject()["failure"].toString().isEmpty());
        QCOMPARE(t.open({"sync", "Shop"}).code, 0);
        QVERIFY(t.ok({"connect", "list", "--json"}).array()[0].toObject()["failure"].isNull());
    }

    void waitsForAThrottledPage()
    {
        Tenant t;
        t.tellSignIns(12);
        t.ok(t.graph());
        // Every second page is not to be had at first.
        for (int i = 0; i < 5; ++i)
            t.server.fault({"/auditLogs/", 1, false, GraphServer::busy("0"), i + 1});
        const auto synced = t.open({"sync", "Shop", "--json"});
        QVERIFY2(synced.code == 0, qPrintable(synced.err));
        QCOMPARE(t.ok({"list", "signins", "--json"}).array().size(), 12);
        QCOMPARE(t.asked("/auditLogs/"), 6 + 5);
        QVERIFY(t.ok({"connect", "list", "--json"}).array()[0].toObject()["failure"].isNull());
    }

    void goesOnWhereAPullHadToEnd()
    {
        Tenant t;
        t.tellSignIns(12);
        t.ok(t.graph());
        t.server.fault({"/auditLogs/", 1, false, GraphServer::busy("7200"), 4});
        const auto first = t.open({"sync", "Shop"});
        QVERIFY2(first.code == 1, qPrintable(first.err));
        QVERIFY2(
            first.err.contains("asks to wait (429). 10 records were brought; the next pull goes on there."),
            qPrintable(first.err)); // 8 sign-ins and two risky users
        QCOMPARE(t.ok({"list", "signins", "--json"}).array().size(), 8);
        const auto row = t.ok({"connect", "list", "--json"}).array()[0].toObject();
        QVERIFY(row["lastPullDateTime"].isNull() && !row["failure"].toString().isEmpty());
        const auto before = t.asked("/auditLogs/");
        const auto second = t.open({"sync", "Shop"});
        QVERIFY2(second.code == 0, qPrintable(second.err));
        QCOMPARE(t.asked("/auditLogs/") - before, 2);
        QCOMPARE(t.ok({"list", "signins", "--json"}).array().size(), 12);
        QCOMPARE(t.ok({"verify"}).code, 0);
    }

    void tellsAWebhookWhatWasDecided()
    {
        Tenant t;
        t.connect();
        TlsServer hook([](const auto &, auto &response) { response.status = 204; });
        t.ok({"connect", "add", "webhook", "SIEM", "url=" + QString::fromStdString(hook.url()),
              "caFile=" + QString::fromStdString(hook.certificate()), "--secret",
              "secret=" + t.ctl.write("hook.secret", "correct horse\n"), "--secrets-key", t.key});
        t.ok({"connect", "on", "SIEM"});
        t.ok({"confirm-compromised", "anna@shop.example"});
        QCOMPARE(t.waiting().size(), 2); // the provider and the webhook
        QCOMPARE(t.open({"outbox", "send"}).code, 0);
        QCOMPARE(hook.requests().size(), std::size_t{1});
        QVERIFY(hook.requests()[0].body.find("riskyUser.confirmCompromised") != std::string::npos);
        QCOMPARE(t.server.user().riskState, std::string("confirmedCompromised"));
    }

    void onlyAnAdministratorConnects()
    {
        Tenant t;
        t.connect();
        t.ok({"operators", "add", "Rita", "--role", "reader", "--passphrase-file",
              t.ctl.write("rita", "a long passphrase\n")});
        const auto asRita = [&](const QStringList &arguments) {
            return t.ctl.run(QStringList{"--as", "Rita", "--passphrase-file", t.ctl.path("rita")} +
                             arguments);
        };
        QCOMPARE(asRita({"connect", "off", "Shop"}).code, 4);
        QCOMPARE(asRita({"outbox", "send", "--secrets-key", t.key}).code, 4);
        QCOMPARE(asRita({"sync", "Shop", "--secrets-key", t.key}).code, 4);
        QCOMPARE(asRita({"connect", "list"}).code, 0);
        QCOMPARE(asRita({"outbox", "list"}).code, 0);
    }
};

QTEST_GUILESS_MAIN(ConnectTest)
#include "tst_connect.moc"

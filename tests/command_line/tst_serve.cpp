// The API as a script meets it: a process of its own, TLS, a token, and what another process sees of it in the
// directory.
#include "core/base/clock.h"
#include "core/serve/certificate.h"
#include "core/store/schema.h"

#include "tests/support/served.h"

#include <QFileInfo>
#include <QTest>
#include <QUrl>

#include <httplib.h>

#include <future>
#include <thread>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

constexpr auto risky = "/v1.0/identityProtection/riskyUsers";

struct Reply
{
    int status = 0; // 0: none
    httplib::Error error = httplib::Error::Unknown;
    std::string body;

    [[nodiscard]] QJsonObject json() const
    {
        return QJsonDocument::fromJson(QByteArray::fromStdString(body)).object();
    }
    [[nodiscard]] QJsonArray value() const { return json()["value"].toArray(); }
    [[nodiscard]] QJsonObject first() const { return value().at(0).toObject(); }
};

// A script: it verifies the server's certificate against `trusted` and its name, and shows its token.
class Script
{
public:
    Script(const Served &served, const QString &token, const QString &trusted = {})
        : m_client("127.0.0.1", served.port())
    {
        const auto file = trusted.isEmpty() ? served.certificate() : trusted;
        m_client.set_ca_cert_path(file.toStdString());
        m_client.enable_server_certificate_verification(true);
        m_client.set_bearer_token_auth(token.toStdString());
        m_client.set_keep_alive(true);
        m_client.set_tcp_nodelay(true); // what is written is on its way, a short body too
    }
    Reply get(const std::string &target, const httplib::Headers &headers = {})
    {
        return reply(m_client.Get(target, headers));
    }
    Reply filtered(const std::string &path, const char *filter)
    {
        return get(path + "?$filter=" + QUrl::toPercentEncoding(filter).toStdString());
    }
    Reply post(const std::string &target, const std::string &body)
    {
        return reply(m_client.Post(target, body, "application/json"));
    }
    // `sent` is called when the whole request is on its way.
    Reply post(const std::string &target, const std::string &body, const std::function<void()> &sent)
    {
        return reply(m_client.Post(
            target, body.size(),
            [&](std::size_t offset, std::size_t length, httplib::DataSink &sink) {
                const bool ok = sink.write(body.data() + offset, length);
                sent();
                return ok;
            },
            "application/json"));
    }

private:
    static Reply reply(const httplib::Result &result)
    {
        return result ? Reply{result->status, result.error(), result->body} : Reply{0, result.error(), {}};
    }
    httplib::SSLClient m_client;
};

std::string idsBody(const char *member, const QJsonValue &id)
{
    return QJsonDocument(QJsonObject{{member, QJsonArray{id}}}).toJson(QJsonDocument::Compact).toStdString();
}

QMap<QString, QJsonObject> byId(const QJsonArray &rows)
{
    QMap<QString, QJsonObject> out;
    for (const auto &row : rows)
        out[row.toObject()["id"].toString()] = row.toObject();
    return out;
}

QString stateOf(const Ctl &ctl, const QString &user)
{
    for (const auto &one : ctl.run({"list", "users", "--all", "--format", "json"}).array())
        if (one.toObject()["userPrincipalName"].toString() == user)
            return one.toObject()["riskState"].toString();
    return {};
}

// A certificate and its key that are not those of the directory.
serve::CertificateFiles otherCertificate(const Ctl &ctl, const std::vector<std::string> &names = {})
{
    const auto made = serve::ownCertificate(ctl.path("other.riskdesk").toStdString(), names, SystemClock());
    if (!made)
        qFatal("%s", made.error().detail.c_str());
    return *made;
}

QString text(const std::filesystem::path &path)
{
    return QString::fromStdString(path.string());
}

} // namespace

class ServeTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // The script writes to connections that the server has closed.
    void initTestCase() { std::signal(SIGPIPE, SIG_IGN); }

    void aScriptDoesItsDaysWork()
    {
        const Ctl ctl;
        prepareFindings(ctl, 5);
        const auto place = ctl.path("place");
        QCOMPARE(ctl.run({"export", "detections", "--state", place}).code, 0);
        const auto token = makeToken(ctl, "siem");
        QVERIFY(token.startsWith("rd_"));
        Served served(ctl);
        QVERIFY2(served.url().startsWith("https://127.0.0.1:"), qPrintable(served.err()));
        Script script(served, token);

        const auto list = script.get(risky);
        QVERIFY2(list.status == 200, list.body.c_str());
        QCOMPARE(byId(list.value()), byId(ctl.run({"list", "users", "--all", "--format", "json"}).array()));
        const auto user = script.filtered(risky, "userPrincipalName eq 'user3@shop.example'").first();
        const auto path = risky + ("/" + user["id"].toString().toStdString());
        QCOMPARE(script.get(path).json()["userPrincipalName"], user["userPrincipalName"]);
        QCOMPARE(script.get(path + "/history").value().size(), 1);

        QCOMPARE(script.post(risky + std::string("/dismiss"), idsBody("userIds", user["id"])).status, 204);
        QCOMPARE(script.get(path).json()["riskState"], "dismissed");
        const auto history = script.get(path + "/history").value();
        QCOMPARE(history.size(), 2);
        QCOMPARE(history[0]["initiatedBy"], "API token siem");
        QCOMPARE(stateOf(ctl, "user3@shop.example"), "dismissed");
        QVERIFY(ctl.run({"history", "user3@shop.example"}).out.contains("API token siem"));
        const auto changed = ctl.run({"export", "detections", "--state", place});
        QCOMPARE(changed.out.count('\n'), 1);
        QCOMPARE(changed.object()["riskState"], "dismissed");

        // And what another process does is seen here.
        QCOMPARE(ctl.run({"undo"}).code, 0);
        QCOMPARE(script.get(path).json()["riskState"], "atRisk");
        QCOMPARE(ctl.run({"token", "revoke", "siem"}).code, 0);
        QCOMPARE(script.get(risky).status, 401);
        QCOMPARE(served.end(), 0);
    }

    void storedSignInsAreThere()
    {
        const Ctl ctl;
        prepareFindings(ctl, 5);
        const auto token = makeToken(ctl, "siem");
        Served served(ctl);
        Script script(served, token);
        const std::string signIns = "/v1.0/auditLogs/signIns";
        QCOMPARE(script.get(signIns).value(),
                 ctl.run({"list", "signins", "--all", "--format", "json"}).array());
        const auto found = script.filtered(
            signIns, "userPrincipalName eq 'user2@shop.example' and riskLevelAggregated ne 'none'");
        QVERIFY2(found.value().size() == 1, found.body.c_str());
        const auto one = script.get(signIns + '/' + found.first()["id"].toString().toStdString());
        QCOMPARE(one.status, 200);
        auto object = one.json();
        QCOMPARE(object.take("@odata.context"), served.url() + "/v1.0/$metadata#auditLogs/signIns/$entity");
        QCOMPARE(object, found.first());
        QCOMPARE(script.filtered(signIns, "createdDateTime lt 2026-03-01T00:02:00Z").value().size(), 1);
        QCOMPARE(script.filtered(signIns, "ipAddress eq '198.51.100.1'").value().size(), 0);
        // A decision on one of them.
        QCOMPARE(script.post(signIns + "/confirmSafe", idsBody("requestIds", object["id"])).status, 204);
        QCOMPARE(script.get(signIns + '/' + object["id"].toString().toStdString()).json()["riskState"],
                 "confirmedSafe");
    }

    void strangersAreRefused()
    {
        const Ctl ctl;
        prepareFindings(ctl, 1);
        const auto token = makeToken(ctl, "siem");
        Served served(ctl);
        // A server that is not the one trusted gets no token.
        const auto untrusted = Script(served, token, text(otherCertificate(ctl).certificate)).get(risky);
        QCOMPARE(untrusted.status, 0);
        QCOMPARE(untrusted.error, httplib::Error::SSLServerVerification);
        Script script(served, token);
        QCOMPARE(script.get(risky).status, 200);
        // A web page whose name was made to lead here.
        const auto rebound = script.get(risky, {{"Host", "evil.example"}});
        QCOMPARE(rebound.status, 421);
        QCOMPARE(rebound.json()["error"].toObject()["code"], "MisdirectedRequest");
        for (const char *wrong : {"", "rd_nonsense"})
            QCOMPARE(Script(served, wrong).get(risky).status, 401);
        // No TLS, no answer.
        httplib::Client plain("127.0.0.1", served.port());
        const auto answered = plain.Get("/v1.0/$metadata");
        QVERIFY(!answered || answered->status != 200);
    }

    void serversOwnCertificateAndName()
    {
        const Ctl ctl;
        prepareFindings(ctl, 1);
        const auto token = makeToken(ctl, "siem");
        const auto given = otherCertificate(ctl, {"api.example"});
        Served served(ctl, {"--certificate", text(given.certificate), "--key", text(given.key), "--host",
                            "api.example"});
        QVERIFY2(!served.url().isEmpty(), qPrintable(served.err()));
        QVERIFY(!QFileInfo::exists(served.certificate())); // none is made then
        const auto print = serve::fingerprint(given.certificate);
        QVERIFY(print && served.err().contains("SHA-256 " + QString::fromStdString(*print)));
        Script script(served, token, text(given.certificate));
        const auto named = script.get(risky, {{"Host", "api.example"}});
        QCOMPARE(named.status, 200);
        QCOMPARE(named.json()["@odata.context"], "https://api.example/v1.0/$metadata#riskyUsers");

        const auto alone = ctl.run({"serve", "--listen", "127.0.0.1:0", "--key", text(given.key)});
        QCOMPARE(alone.code, 2);
        QVERIFY(alone.err.contains("belong together"));
        const Ctl another;
        const auto foreign = otherCertificate(another);
        const auto mixed = ctl.run({"serve", "--listen", "127.0.0.1:0", "--certificate",
                                    text(given.certificate), "--key", text(foreign.key)});
        QCOMPARE(mixed.code, 2);
        QVERIFY2(mixed.err.contains("does not belong to the certificate"), qPrintable(mixed.err));
    }

    void whatRunsIsAnsweredBeforeItEnds()
    {
        const Ctl ctl;
        prepareFindings(ctl, 1);
        const auto token = makeToken(ctl, "siem");
        Served served(ctl);
        Script script(served, token), other(served, token);
        const auto id = script.get(risky).first()["id"].toString();
        QCOMPARE(other.get("/v1.0/$metadata").status, 200); // is connected
        // As long as somebody else writes, a decision waits.
        auto writer = store::openForWriting(ctl.directory().toStdString());
        QVERIFY(writer && writer->execute("BEGIN IMMEDIATE"));
        std::promise<void> sent;
        auto answer = std::async(std::launch::async, [&] {
            return script.post(risky + std::string("/dismiss"), idsBody("userIds", id),
                               [&] { sent.set_value(); });
        });
        sent.get_future().wait();
        // One thread does the network: what came before this is with its worker when this is answered.
        QCOMPARE(other.get("/v1.0/$metadata").status, 200);
        served.signal(SIGTERM);
        while (httplib::Client("127.0.0.1", served.port()).Get("/").error() != httplib::Error::Connection)
            std::this_thread::yield();
        QVERIFY(answer.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
        QVERIFY(writer->execute("ROLLBACK"));
        QCOMPARE(answer.get().status, 204);
        QCOMPARE(served.waitForEnd(), 0);
        QCOMPARE(stateOf(ctl, "user1@shop.example"), "dismissed");
    }

    void endsInOrderWithNothingToDo()
    {
        const Ctl ctl;
        prepareFindings(ctl, 1);
        const auto token = makeToken(ctl, "siem");
        for (const int signal : {SIGTERM, SIGINT}) {
            Served served(ctl);
            Script script(served, token);
            QCOMPARE(script.get(risky).status, 200); // and stays connected
            QCOMPARE(served.end(signal), 0);
        }
        QCOMPARE(ctl.run({"verify"}).code, 0);
    }

    void saysWhyItDoesNotStart()
    {
        const Ctl ctl;
        prepareFindings(ctl, 1);
        Served served(ctl);
        const auto second = ctl.run({"serve", "--listen", QString("127.0.0.1:%1").arg(served.port())});
        QCOMPARE(second.code, 2);
        QCOMPARE(second.out, QString());
        QVERIFY2(second.err.contains(QString("Port %1 of 127.0.0.1").arg(served.port())) &&
                     second.err.contains("taken by another program"),
                 qPrintable(second.err));
        const auto before = Script(served, "x").get("/v1.0/$metadata").status;
        QCOMPARE(before, 200); // the first goes on

        const auto print = serve::fingerprint(served.certificate().toStdString());
        for (const char *wrong :
             {"", "nonsense", "127.0.0.1", ":8443", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
              "127.0.0.1:-1", "::1:8443", "example.com:8443", "1.2.3:8443", "[127.0.0.1:8443"}) {
            const auto ran = ctl.run({"serve", "--listen", wrong});
            QVERIFY2(ran.code == 2, (std::string(wrong) + ": " + ran.err.toStdString()).c_str());
            QVERIFY2(ran.err.contains("--listen"), qPrintable(ran.err));
            QCOMPARE(ran.out, QString());
        }
        // Clients go on trusting the certificate they know.
        QCOMPARE(serve::fingerprint(served.certificate().toStdString()).value(), print.value());
        const Ctl none;
        const auto ran = none.run({"serve", "--listen", "127.0.0.1:0"});
        QCOMPARE(ran.code, 1);
        QVERIFY(!QFileInfo::exists(none.path("test.riskdesk.crt")));
    }

    void warnsWhenOtherMachinesReachIt()
    {
        const Ctl ctl;
        prepareFindings(ctl, 1);
        const auto token = makeToken(ctl, "siem");
        Served here(ctl);
        QVERIFY(!here.err().contains("Other machines"));
        Served everywhere(ctl, {}, "0.0.0.0:0");
        QVERIFY2(everywhere.url().startsWith("https://localhost:"), qPrintable(everywhere.err()));
        QVERIFY(everywhere.err().contains("Other machines can reach this address"));
        QCOMPARE(Script(everywhere, token).get(risky).status, 200);
    }
};

QTEST_GUILESS_MAIN(ServeTest)
#include "tst_serve.moc"

// Microsoft's own Graph client, unchanged, gets from `riskdeskctl serve` what it would get from Graph:
// tests/graph_client/client.mjs says what it is asked for.
#include "tests/support/places.h"
#include "tests/support/served.h"

#include <QFileInfo>
#include <QStandardPaths>
#include <QTest>

using namespace riskdesk::test;

namespace {

constexpr int users = 25;

QString clientFile(const char *name)
{
    return QString::fromStdString((graphClient() / name).string());
}

// Empty: nothing.
QString whatIsMissing()
{
    if (QStandardPaths::findExecutable("node").isEmpty())
        return "node is not installed; packaging/test installs it";
    if (!QFileInfo::exists(clientFile("node_modules/@microsoft/microsoft-graph-client/package.json")))
        return "Microsoft's Graph client is not installed: \"npm ci --ignore-scripts\" in " + clientFile("") +
               ", as packaging/test does";
    return {};
}

Ran runClient(Served &served, const QString &token, const QStringList &arguments = {})
{
    auto environment = QProcessEnvironment::systemEnvironment();
    environment.insert("NODE_EXTRA_CA_CERTS", served.certificate());
    environment.insert("RISKDESK_URL", served.url());
    environment.insert("RISKDESK_TOKEN", token);
    QProcess node;
    node.setProcessEnvironment(environment);
    node.start("node", QStringList{clientFile("client.mjs")} + arguments);
    Ran ran;
    if (!node.waitForFinished(2 * Served::patience))
        ran.err = "it did not end\n";
    else if (node.exitStatus() == QProcess::NormalExit)
        ran.code = node.exitCode();
    ran.out = QString::fromUtf8(node.readAllStandardOutput());
    ran.err += QString::fromUtf8(node.readAllStandardError());
    return ran;
}

QJsonObject json(const char *text)
{
    return QJsonDocument::fromJson(text).object();
}

} // namespace

class GraphClientTest : public QObject
{
    Q_OBJECT

    QMap<QString, QJsonObject> m_steps; // what the client said of each, without its name

    // The members that can be known beforehand.
    QJsonObject step(const char *name, const QStringList &members) const
    {
        QJsonObject out;
        for (const auto &member : members)
            out[member] = m_steps[name][member];
        return out;
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (const auto missing = whatIsMissing(); !missing.isEmpty())
            QSKIP(qPrintable(missing));
    }

    void worksAgainstIt()
    {
        const Ctl ctl;
        prepareFindings(ctl, users);
        const auto token = makeToken(ctl, "graph");
        Served served(ctl);
        QVERIFY2(!served.url().isEmpty(), qPrintable(served.err()));
        const auto ran = runClient(served, token);
        QVERIFY2(ran.code == 0, qPrintable(ran.out + ran.err));
        for (const auto &line : ran.out.split('\n', Qt::SkipEmptyParts)) {
            auto said = QJsonDocument::fromJson(line.toUtf8()).object();
            const auto name = said.take("step").toString();
            m_steps[name] = said;
        }

        QCOMPARE(m_steps["list"],
                 (QJsonObject{{"context", served.url() + "/v1.0/$metadata#riskyUsers"}, {"count", users}}));
        QStringList all;
        for (int n = 1; n <= users; ++n)
            all << QString("user%1@shop.example").arg(n);
        auto paged = m_steps["pages"]["users"].toVariant().toStringList();
        paged.sort();
        all.sort();
        QCOMPARE(paged, all); // each once
        QCOMPARE(step("pages", {"first", "complete"}), json(R"({"first":10,"complete":true})"));
        QCOMPARE(
            m_steps["filter"],
            json(R"({"count":7,"users":["user20@shop.example","user21@shop.example","user22@shop.example",
                         "user23@shop.example","user24@shop.example","user25@shop.example",
                         "user2@shop.example"]})"));
        const auto selected = m_steps["select"]["user"].toObject();
        QCOMPARE(selected.keys(), (QStringList{"@odata.context", "id", "riskState"}));
        QCOMPARE(selected["id"], m_steps["select"]["dismissed"]);
        QCOMPARE(m_steps["dismiss"], json(R"({"answer":null})"));
        QCOMPARE(m_steps["history"],
                 json(R"({"items":[{"riskState":"dismissed","initiatedBy":"API token graph"},
                                   {"riskState":"atRisk","initiatedBy":null}]})"));
        QCOMPARE(m_steps["delta"],
                 json(R"({"before":25,"after":[["user5@shop.example","confirmedCompromised"]]})"));
        QCOMPARE(m_steps["signIns"], json(R"({"count":1,"address":"203.0.113.20","same":true})"));

        const QStringList known{"failed", "statusCode", "code", "dated"};
        QCOMPARE(step("missing", known),
                 json(R"({"failed":true,"statusCode":404,"code":"ResourceNotFound","dated":true})"));
        QCOMPARE(step("badFilter", known),
                 json(R"({"failed":true,"statusCode":400,"code":"BadRequest","dated":true})"));
        QVERIFY(m_steps["badFilter"]["message"].toString().contains("$filter"));
        QCOMPARE(
            step("badToken", known),
            json(R"({"failed":true,"statusCode":401,"code":"InvalidAuthenticationToken","dated":true})"));
        for (const char *name : {"missing", "badFilter", "badToken"})
            QVERIFY(!m_steps[name]["requestId"].toString().isEmpty());

        const auto batch = m_steps["batch"]["responses"].toObject();
        QCOMPARE(batch.keys(), (QStringList{"1", "2", "3"}));
        QCOMPARE(batch["1"]["status"], 200);
        QCOMPARE(batch["1"]["body"]["value"].toArray().size(), 2);
        QCOMPARE(batch["2"]["status"], 404);
        QCOMPARE(batch["2"]["body"]["error"]["code"], "ResourceNotFound");
        QCOMPARE(batch["3"], json(R"({"status":204,"body":null})"));
        const auto serial = m_steps["serialBatch"]["responses"].toObject();
        QCOMPARE(serial["1"]["status"], 404);
        QCOMPARE(serial["2"]["status"], 424);

        QCOMPARE(served.end(), 0);
        QMap<QString, QString> states;
        for (const auto &user : ctl.run({"list", "users", "--all", "--format", "json"}).array())
            if (const auto state = user.toObject()["riskState"].toString(); state != "atRisk")
                states[user.toObject()["userPrincipalName"].toString()] = state;
        QCOMPARE(states, (QMap<QString, QString>{{"user3@shop.example", "dismissed"},
                                                 {"user5@shop.example", "confirmedCompromised"},
                                                 {"user9@shop.example", "confirmedSafe"}}));
    }

    void waitsWhenItIsToldTo()
    {
        const Ctl ctl;
        prepareFindings(ctl, 1);
        const auto token = makeToken(ctl, "eager");
        Served served(ctl, {"--rate", "1"}); // three at once, then one a second
        QVERIFY2(!served.url().isEmpty(), qPrintable(served.err()));
        const auto ran = runClient(served, token, {"throttled"});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QCOMPARE(ran.object(), json(R"({"step":"throttled","answered":5})"));
    }
};

QTEST_GUILESS_MAIN(GraphClientTest)
#include "tst_graph_client.moc"

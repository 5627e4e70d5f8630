// The command map, and an import by one: what a script and a person read.
#include "tests/support/ctl.h"

#include <QTest>

using riskdesk::test::Ctl;

class MapTest : public QObject
{
    Q_OBJECT
    Ctl m_ctl;
    const QByteArray m_log =
        R"({"ts":1773843960,"actor":{"email":"ana@shop.example"},"ok":true,"src":{"ip":"192.0.2.7"}})"
        "\n"
        R"({"ts":1773843961500,"actor":{"email":"ben@shop.example"},"ok":false,"src":{"ip":"nonsense"}})"
        "\n"
        R"({"ts":"never","actor":{"email":"ben@shop.example"},"ok":false})"
        "\n";

private Q_SLOTS:
    void initTestCase() { QCOMPARE(m_ctl.run({"init", "--name", "Test"}).code, 0); }

    void isKeptShownAndRemoved()
    {
        const QStringList parts{"--time", "ts", "--user", "actor.email", "--outcome", "ok", "--ip", "src.ip"};
        QCOMPARE(m_ctl.run(QStringList{"--as", "ana", "map", "add", "vpn"} + parts).code, 0);
        const auto again = m_ctl.run(QStringList{"map", "add", "VPN"} + parts);
        QCOMPARE(again.code, 1);
        QVERIFY2(again.err.contains("there is a map of that name"), qPrintable(again.err));
        QCOMPARE(m_ctl
                     .run({"map", "add", "words", "--time", "t", "--user-id", "u", "--outcome", "o",
                           "--success", "won", "--success", "got in", "--failure", "lost", "--json"})
                     .object()["success"]
                     .toArray(),
                 (QJsonArray{"won", "got in"}));
        const auto list = m_ctl.run({"map", "list", "--json"}).array();
        QCOMPARE(list.size(), 2);
        QCOMPARE(list[0].toObject()["name"].toString(), "vpn");
        QCOMPARE(list[0].toObject()["createdBy"].toString(), "ana");
        QCOMPARE(m_ctl.run({"map", "show", "vpn"}).out,
                 "map add vpn --time ts --user actor.email --outcome ok --ip src.ip\n");
        const auto shown = m_ctl.run({"map", "show", "Words", "--json"}).object();
        QCOMPARE(shown["user-id"].toString(), "u");
        QVERIFY(shown["user"].isNull());
        QCOMPARE(shown["failure"].toArray(), QJsonArray{"lost"});
        QCOMPARE(m_ctl.run({"map", "remove", "words"}).code, 0);
        QCOMPARE(m_ctl.run({"map", "remove", "words"}).code, 1);
        QCOMPARE(m_ctl.run({"map", "show", "words"}).code, 1);
        const auto audited =
            m_ctl.run({"sql", "SELECT action, target, actor FROM audit ORDER BY id", "--format", "csv"}).out;
        QVERIFY2(audited.contains("mapAdd,vpn,ana") && audited.contains("mapRemove,words,"),
                 qPrintable(audited));
        QCOMPARE(m_ctl.run({"verify"}).code, 0);
    }

    void readsALogByIt()
    {
        const auto ran = m_ctl.run({"import", m_ctl.write("vpn.log", m_log), "--map", "vpn", "--json"});
        QVERIFY2(ran.code == 3, qPrintable(ran.err));
        QCOMPARE(ran.object()["stored"].toInt(), 2);
        QCOMPARE(ran.object()["rejected"].toInt(), 1);
        const auto rows = m_ctl.run({"list", "signins", "--order", "time asc", "--format", "json"}).array();
        QCOMPARE(rows.size(), 2);
        QStringList users;
        for (const auto &row : rows)
            users << row.toObject()["userPrincipalName"].toString();
        users.sort();
        QCOMPARE(users, (QStringList{"ana@shop.example", "ben@shop.example"}));
        const auto twice = m_ctl.run({"import", m_ctl.path("vpn.log"), "--map", "vpn", "--json"}).object();
        QCOMPARE(twice["stored"].toInt(), 0);
        QCOMPARE(twice["duplicates"].toInt(), 2);
        // Nobody knows it without the map.
        QCOMPARE(m_ctl.run({"import", m_ctl.path("vpn.log")}).code, 1);
        QCOMPARE(m_ctl.run({"verify"}).code, 0);
    }

    void saysWhatDoesNotFit()
    {
        const auto csv = m_ctl.write("other.csv", "when,who\n2026-03-18,ana\n");
        const auto other = m_ctl.run({"import", csv, "--map", "vpn"});
        QCOMPARE(other.code, 1);
        QVERIFY2(other.err.contains("takes the time from \"ts\", which it does not have; it has when, who."),
                 qPrintable(other.err));
        QCOMPARE(m_ctl.run({"import", csv, "--map", "none"}).code, 1);
        QCOMPARE(m_ctl.run({"import", csv, "--map", "vpn", "--format", "graphSignIns"}).code, 2);
        QCOMPARE(m_ctl.run({"map", "add", "x", "--user", "u", "--outcome", "o"}).code, 2);
        const auto nobody = m_ctl.run({"map", "add", "x", "--time", "t", "--outcome", "o"});
        QVERIFY2(nobody.code != 0 && nobody.err.contains("--user FIELD, --user-id FIELD, or both"),
                 qPrintable(nobody.err));
        const auto list = m_ctl.run({"map", "add", "x", "--time", "a[0].t", "--user", "u", "--outcome", "o"});
        QVERIFY2(list.code != 0 && list.err.contains("cannot look into lists"), qPrintable(list.err));
    }

    void whatIsProposedCanBeUsed()
    {
        const auto log =
            m_ctl.write("Door log.csv", "Login Time;User;Result;IP Address\n"
                                        "2026-03-18T15:00:00Z;ben@shop.example;Denied;192.0.2.8\n"
                                        "2026-03-18T15:01:00Z;ana@shop.example;Success;192.0.2.9\n");
        const auto proposed = m_ctl.run({"map", "propose", log, "--name", "door"});
        QCOMPARE(proposed.out,
                 "map add door --time 'Login Time' --user User --outcome Result --ip 'IP Address'\n");
        QVERIFY2(proposed.err.isEmpty(), qPrintable(proposed.err));
        QCOMPARE(m_ctl.run(QProcess::splitCommand(proposed.out.trimmed().replace('\'', '"'))).code, 0);
        QCOMPARE(m_ctl.run({"import", log, "--map", "door", "--json"}).object()["stored"].toInt(), 2);
        const auto json =
            m_ctl.run({"map", "propose", m_ctl.write("odd.json", R"([{"a":1}])"), "--json"}).object();
        QVERIFY(!json["complete"].toBool() && json["unsure"].toArray().size() == 3);
        QCOMPARE(json["name"].toString(), "odd");
        QVERIFY(
            m_ctl.run({"map", "propose", m_ctl.path("odd.json")}).out.contains("--time FIELD --user FIELD"));
        QCOMPARE(m_ctl.run({"map", "propose", m_ctl.path("none")}).code, 1);
    }
};

QTEST_GUILESS_MAIN(MapTest)
#include "tst_map.moc"

// A log that nobody knows is read by a map: every part of it, in JSON and CSV; what a wrong value does; and what
// is said of a map that does not fit.
#include "core/ingest/field_map.h"
#include "core/ingest/map_proposal.h"

#include "tests/unit/ingest/collect.h"

#include <QtTest>

#include <zlib.h>

using namespace riskdesk;
using namespace riskdesk::ingest;
using riskdesk::test::Collected;
using riskdesk::test::Folder;

namespace {

FieldMap smallMap()
{
    FieldMap map;
    map.name = "vpn";
    map[MapPart::Time] = "time";
    map[MapPart::User] = "user";
    map[MapPart::Outcome] = "result";
    map[MapPart::Ip] = "ip";
    return map;
}

FieldMap fullMap()
{
    auto map = smallMap();
    map[MapPart::Time] = "event.at";
    map[MapPart::User] = "event.actor.email";
    map[MapPart::UserId] = "event.actor.id";
    map[MapPart::DisplayName] = "event.actor.name";
    map[MapPart::Application] = "app";
    map[MapPart::UserAgent] = "client.agent";
    map[MapPart::Ip] = "client.ip";
    map[MapPart::Id] = "id";
    map[MapPart::Country] = "geo.country";
    map[MapPart::City] = "geo.city";
    map[MapPart::Reason] = "why";
    return map;
}

ReadOptions by(const FieldMap &map)
{
    ReadOptions options;
    options.format = formatOf(map);
    return options;
}

Collected readBy(const FieldMap &map, std::string_view text)
{
    return test::collectText(text, by(map));
}

std::string record(std::string_view time, std::string_view user, std::string_view result,
                   std::string_view more = {})
{
    return R"({"time":)" + std::string(time) + R"(,"user":)" + std::string(user) + R"(,"result":)" +
           std::string(result) + std::string(more) + "}\n";
}
const std::string goodTime = R"("2026-03-18T14:26:00Z")", ana = R"("ana@shop.example")";

std::string whyNot(const FieldMap &map)
{
    const auto checked = checkedMap(map);
    return checked ? "" : checked.error().detail;
}

} // namespace

class FieldMapTest : public QObject
{
    Q_OBJECT private Q_SLOTS : void readsEveryPartOfJson()
    {
        const std::string line =
            R"({"id":"e1","event":{"at":"2026-03-18T14:26:00.25+01:00","actor":{"email":"ana@shop.example",)"
            R"("id":42,"name":"Ana"}},"app":"Shop","client":{"agent":"Mozilla/5.0 \u0022x\u0022","ip":"192.0.2.7:81"},)"
            R"("geo":{"country":"de","city":"K\u00f6ln"},"why":"Invalid password","result":"denied"})";
        for (const auto &text : {line + "\n", line, "[" + line + "]", "{\"value\":[" + line + "]}",
                                 "{\"records\":[" + line + "]}"}) {
            const auto all = readBy(fullMap(), text);
            QCOMPARE(all.counts(),
                     "read 1 signIns 1 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
            const auto &s = all.signIns[0];
            QCOMPARE(s.at.toIso(), "2026-03-18T13:26:00.25Z");
            QCOMPARE(s.eventId, "e1");
            QCOMPARE(s.userPrincipalName, "ana@shop.example");
            QCOMPARE(s.userId, "42");
            QCOMPARE(s.userDisplayName, "Ana");
            QCOMPARE(s.outcome, Outcome::Failure);
            QCOMPARE(s.failure, FailureKind::BadPassword);
            QCOMPARE(s.failureReason, "Invalid password");
            QCOMPARE(s.ip.toString(), "192.0.2.7");
            QCOMPARE(s.application, "Shop");
            QCOMPARE(s.userAgent, "Mozilla/5.0 \"x\"");
            QCOMPARE(s.country, "DE");
            QCOMPARE(s.city, "Köln");
            QCOMPARE(all.warnings, std::uint64_t{0});
        }
    }

    void readsCsvWithItsQuotes()
    {
        const auto all =
            readBy(smallMap(), "Time,\"USER\",note,result,ip,user\n"
                               "2026-03-18 14:26:00,\"O'Neil, \"\"Ann\"\"\",\"two\nlines\",ok,,x\n"
                               "2026-03-18 14:27:00,ben,,\"no, never\",::1,y\n"
                               "Time,USER,note,result,ip,user\n");
        QCOMPARE(all.counts(), "read 2 signIns 2 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        QCOMPARE(all.signIns[0].userPrincipalName, "O'Neil, \"Ann\""); // the first of two columns of a name
        QCOMPARE(all.signIns[0].outcome, Outcome::Success);
        QCOMPARE(all.signIns[1].line, 4U);
        QCOMPARE(all.signIns[1].outcome, Outcome::Failure);
        const auto semicolons = readBy(smallMap(), "time;user;result\n2026-03-18;ana;ok\n");
        QCOMPARE(semicolons.signIns.size(), std::size_t{1});
    }

    void aNameWithDotsIsFoundAsItStands()
    {
        auto map = smallMap();
        map[MapPart::User] = "actor.email";
        const auto csv = readBy(map, "time,actor.email,result\n2026-03-18,ana,ok\n");
        QCOMPARE(csv.signIns.size(), std::size_t{1});
        const auto flat = readBy(map, R"({"time":"2026-03-18","actor.email":"ana","result":"ok"})");
        QCOMPARE(flat.signIns.size(), std::size_t{1});
        // A cell that holds JSON is looked into.
        const auto cell = readBy(map, "time,actor,result\n2026-03-18,\"{\"\"email\"\":\"\"ana\"\"}\",ok\n");
        QCOMPARE(cell.signIns.size(), std::size_t{1});
        QCOMPARE(cell.signIns[0].userPrincipalName, "ana");
    }

    void oneFieldCanSayTwoThings()
    {
        auto map = smallMap();
        map[MapPart::DisplayName] = "USER";
        map[MapPart::UserId] = "user.id"; // the user is a text in some records and an object in others
        const auto all =
            readBy(map, record(goodTime, ana, "true") + record(goodTime, R"({"id":"7"})", "true"));
        QCOMPARE(all.signIns.size(), std::size_t{2});
        QCOMPARE(all.signIns[0].userDisplayName, "ana@shop.example");
        QCOMPARE(all.signIns[0].userPrincipalName, "ana@shop.example");
        QCOMPARE(all.signIns[1].userId, "7");
    }

    void times_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("read"); // empty: a reject
        QTest::newRow("seconds") << QByteArray("1773843960") << QByteArray("2026-03-18T14:26:00Z");
        QTest::newRow("seconds as text")
            << QByteArray("\"1773843960\"") << QByteArray("2026-03-18T14:26:00Z");
        QTest::newRow("with a fraction")
            << QByteArray("1773843960.25") << QByteArray("2026-03-18T14:26:00.25Z");
        QTest::newRow("milliseconds") << QByteArray("1773843960250") << QByteArray("2026-03-18T14:26:00.25Z");
        QTest::newRow("as floats are written")
            << QByteArray("1.77384396e9") << QByteArray("2026-03-18T14:26:00Z");
        QTest::newRow("the first") << QByteArray("946684800") << QByteArray("2000-01-01T00:00:00Z");
        QTest::newRow("before it") << QByteArray("946684799") << QByteArray();
        QTest::newRow("a date without signs") << QByteArray("20260318") << QByteArray();
        QTest::newRow("nanoseconds") << QByteArray("1773843960000000000") << QByteArray();
        QTest::newRow("negative") << QByteArray("-5") << QByteArray();
        QTest::newRow("a word") << QByteArray("\"yesterday\"") << QByteArray();
        QTest::newRow("none") << QByteArray("null") << QByteArray();
        QTest::newRow("a list") << QByteArray("[1773843960]") << QByteArray();
        QTest::newRow("dots") << QByteArray("\"18.03.2026 14:26\"") << QByteArray("2026-03-18T14:26:00Z");
        QTest::newRow("slashes") << QByteArray("\"3/18/2026 2:26:00 PM\"")
                                 << QByteArray("2026-03-18T14:26:00Z");
    }
    void times()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, read);
        // A good record before it, so that a list where the time belongs is one record's mistake.
        const auto all =
            readBy(smallMap(), record(goodTime, ana, "true") + record(text.toStdString(), ana, "true"));
        QVERIFY2(all.status, all.status ? "" : all.status.error().detail.c_str());
        if (read.isEmpty()) {
            QCOMPARE(all.rejects.size(), std::size_t{1});
            QCOMPARE(all.rejects[0].reason, "noTime");
            QVERIFY2(all.rejects[0].detail.find("time") != std::string::npos, all.rejects[0].detail.c_str());
        } else {
            QCOMPARE(all.signIns.size(), std::size_t{2});
            QCOMPARE(all.signIns[1].at.toIso(), read.toStdString());
        }
    }

    void zoneAndOrderOfDatesHoldForJsonToo()
    {
        auto options = by(smallMap());
        options.zoneMinutes = 60;
        options.dates = DateOrder::DayFirst;
        for (const auto &text : {record(R"("02/03/2026 10:00")", ana, "true"),
                                 std::string("time,user,result\n02/03/2026 10:00,ana,true\n")}) {
            const auto all = test::collectText(text, options);
            QCOMPARE(all.signIns.size(), std::size_t{1});
            QCOMPARE(all.signIns[0].at.toIso(), "2026-03-02T09:00:00Z");
        }
        QCOMPARE(test::collectText(record("1773843960", ana, "true"), options).signIns[0].at.toIso(),
                 "2026-03-18T14:26:00Z"); // a number has no zone to lack
    }

    void outcomes()
    {
        for (const auto *good :
             {"true", "0", "200", R"("Success")", R"("SUCCEEDED")", R"("ok")", R"(" ok ")"})
            QCOMPARE(readBy(smallMap(), record(goodTime, ana, good)).signIns[0].outcome, Outcome::Success);
        for (const auto *bad : {"false", "1", "401", R"("Denied")"})
            QCOMPARE(readBy(smallMap(), record(goodTime, ana, bad)).signIns[0].outcome, Outcome::Failure);
        for (const auto *none : {"null", R"("")", "{}", "[]"}) {
            const auto all = readBy(smallMap(), record(goodTime, ana, "1") + record(goodTime, ana, none));
            QCOMPARE(all.rejects.size(), std::size_t{1});
            QCOMPARE(all.rejects[0].reason, "noOutcome");
        }
        auto map = smallMap();
        map.success = {"LOGIN", "1"};
        map.failure = {"denied"};
        const auto all =
            readBy(map, record(goodTime, ana, R"("login")") + record(goodTime, ana, "1") +
                            record(goodTime, ana, R"("DENIED")") + record(goodTime, ana, R"("ok")"));
        QCOMPARE(all.signIns.size(), std::size_t{3});
        QCOMPARE(all.signIns[1].outcome, Outcome::Success);
        QCOMPARE(all.signIns[2].outcome, Outcome::Failure);
        QCOMPARE(all.rejects.size(), std::size_t{1});
        QCOMPARE(all.rejects[0].detail, "result is \"ok\", which the map does not name");
    }

    void onlyTimeUserAndOutcomeReject()
    {
        const auto user =
            readBy(smallMap(), record(goodTime, ana, "true") + record(goodTime, "null", "true") +
                                   record(goodTime, R"("00000000-0000-0000-0000-000000000000")", "true"));
        QCOMPARE(user.rejects.size(), std::size_t{2});
        QCOMPARE(user.rejects[0].reason, "noUser");
        auto map = fullMap();
        map[MapPart::Time] = "time";
        map[MapPart::User] = "user";
        const auto bad = readBy(
            map, record(goodTime, ana, "true", R"(,"client":{"ip":"nonsense"},"geo":{"country":"Germany"})"));
        QCOMPARE(bad.signIns.size(), std::size_t{1});
        QCOMPARE(bad.warnings, std::uint64_t{2});
        QVERIFY(!bad.signIns[0].ip.isKnown() && bad.signIns[0].country.empty());
        const auto broken = readBy(smallMap(), record(goodTime, ana, "true") + "{\"time\":\n");
        QCOMPARE(broken.rejects.size(), std::size_t{1});
        QCOMPARE(broken.rejects[0].line, std::uint64_t{2});
    }

    void aMapThatDoesNotFitSaysWhatIsMissing()
    {
        const auto said = [](const FieldMap &map, std::string_view text) {
            const auto all = readBy(map, text);
            return all.status ? std::string() : sentence(all.status.error());
        };
        auto map = smallMap();
        const std::string csv = "when,user,result\n2026-03-18,ana,ok\n";
        const auto missing = said(map, csv);
        QVERIFY2(
            missing.ends_with("was not imported: the map \"vpn\" takes the time from \"time\", which it does "
                              "not have; it has when, user, result."),
            missing.c_str());
        QVERIFY(said(map, R"({"time":1773843960,"who":"ana","result":true})")
                    .ends_with(
                        "takes the user from \"user\", which it does not have; it has time, who, result."));
        QVERIFY(said(map, R"({"time":1773843960,"user":{"email":"a"},"x":1})").ends_with("user.email, x."));
        map[MapPart::UserId] = "who"; // one of them is enough
        QCOMPARE(said(map, R"({"time":1773843960,"who":"ana","result":null})"), "");
        // It may be in a later record only.
        QCOMPARE(said(smallMap(), "{\"hello\":1}\n" + record(goodTime, ana, "true")), "");
        map[MapPart::Ip] = "hops.ip";
        const auto list = said(map, record(goodTime, ana, "true", R"(,"hops":[{"ip":"192.0.2.1"}])"));
        QVERIFY2(list.ends_with("takes the address from \"hops.ip\", but \"hops\" is a list there, and a map "
                                "cannot look into a list."),
                 list.c_str());
        std::string many = "{";
        for (int i = 0; i < 30; ++i)
            many += "\"f" + std::to_string(i) + "\":1,";
        const auto first = said(smallMap(), many + "\"user\":1}");
        QVERIFY2(first.find("f19, …") != std::string::npos && first.find("f20") == std::string::npos,
                 first.c_str());
        QCOMPARE(said(smallMap(), "[]"), "");
    }

    void packedFilesAreReadAsWell()
    {
        Folder folder;
        const auto file = folder.path("log.gz");
        auto *gz = gzopen(file.c_str(), "wb");
        const auto text = record(goodTime, ana, "true");
        gzwrite(gz, text.data(), static_cast<unsigned>(text.size()));
        gzclose(gz);
        QCOMPARE(test::collect(file, by(smallMap())).signIns.size(), std::size_t{1});
    }

    void checksWhatIsGiven()
    {
        QCOMPARE(whyNot(smallMap()), "");
        QCOMPARE(whyNot(fullMap()), "");
        auto map = smallMap();
        map.name = "  ";
        QCOMPARE(whyNot(map), "A map needs a name.");
        for (const auto part : {MapPart::Time, MapPart::User, MapPart::Outcome}) {
            map = smallMap();
            map[part].clear();
            QVERIFY(whyNot(map).starts_with("A map needs the field of the "));
        }
        for (const auto *field : {"hops[0].ip", "hops[*].ip", "hops[].ip"}) {
            map = smallMap();
            map[MapPart::Ip] = field;
            QVERIFY2(whyNot(map).ends_with("stands within a list; a map cannot look into lists."), field);
        }
        for (const auto *field : {"Time [UTC]", "No.", "a.b.c.d.e.f.g.h", "x..y"}) {
            map[MapPart::Ip] = field;
            QCOMPARE(whyNot(map), "");
        }
        for (const auto &field :
             {std::string("a.b.c.d.e.f.g.h.i"), std::string(300, 'x'), std::string("a\nb")}) {
            map[MapPart::Ip] = field;
            QVERIFY(!whyNot(map).empty());
        }
        map = smallMap();
        map.success = {"ok"};
        map.failure = {"OK"};
        QVERIFY(!whyNot(map).empty());
        map.success.clear();
        QVERIFY(!whyNot(map).empty()); // one of the usual words
        map = smallMap();
        map.name = " it's ";
        map[MapPart::User] = "User Name";
        map.failure = {"-1"};
        QCOMPARE(argumentsOf(*checkedMap(map)),
                 "'it'\\''s' --time time --user 'User Name' --outcome result --ip ip --failure='-1'");
    }

    void proposesWhatItSees()
    {
        Folder folder;
        const auto json = folder.write(
            "a",
            R"({"@timestamp":"2026-03-18T14:26:00Z","actor":{"email":"ana@shop.example","id":"u1"},)"
            R"("client":{"ip":"192.0.2.7","userAgent":"Mozilla/5.0 X11"},"outcome":"ALLOW","tags":["x"]})"
            "\n"
            R"({"@timestamp":"2026-03-18T14:27:00Z","actor":{"email":"ben@shop.example","id":"u2"},)"
            R"("client":{"ip":"192.0.2.8","userAgent":"Mozilla/5.0 X11"},"outcome":"DENY","tags":[]})"
            "\n");
        const auto proposal = proposeMap(json, "x");
        QVERIFY(proposal);
        const auto &map = proposal->map;
        QVERIFY(proposal->complete());
        QCOMPARE(map[MapPart::Time], "@timestamp");
        QCOMPARE(map[MapPart::User], "actor.email");
        QCOMPARE(map[MapPart::UserId], "actor.id");
        QCOMPARE(map[MapPart::Ip], "client.ip");
        QCOMPARE(map[MapPart::UserAgent], "client.userAgent");
        QCOMPARE(map[MapPart::Outcome], "outcome");
        QCOMPARE(map.success, std::vector<std::string>{"allow"});
        QCOMPARE(test::collect(json, by(map)).signIns.size(), std::size_t{2});

        const auto csv = proposeMap(
            folder.write("b", "Date;Login;Peer;State\n18/03/2026 14:26;ana;192.0.2.7;weird\n"), "y");
        QVERIFY(csv);
        QCOMPARE(csv->map[MapPart::Time], "Date");
        QCOMPARE(csv->map[MapPart::User], "Login");
        QCOMPARE(csv->map[MapPart::Ip], "Peer");
        QVERIFY(csv->map[MapPart::Outcome].empty() && !csv->complete());
        QVERIFY(csv->unsure.size() >= 3);

        QVERIFY(!proposeMap(folder.write("c", "[]"), "z"));
        QVERIFY(!proposeMap(folder.path("none"), "z"));
    }
};

QTEST_APPLESS_MAIN(FieldMapTest)
#include "tst_field_map.moc"

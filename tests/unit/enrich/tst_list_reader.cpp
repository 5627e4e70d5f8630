// Lists in every form that feeds use become entries; what cannot be read is refused line by line, with its
// reason.
#include "core/enrich/list_indicators.h"
#include "core/enrich/list_reader.h"

#include "tests/support/mmdb_writer.h"
#include "tests/support/places.h"
#include "tests/support/shared_data.h"

#include <QTemporaryDir>
#include <QTest>

#include <chrono>
#include <fstream>

using namespace riskdesk;
using enrich::ListDefaults;
using enrich::readList;
using enrich::ReadList;

namespace {

std::filesystem::path data(const char *name)
{
    return test::testData("enrich") / name;
}

// "192.0.2.0-192.0.2.255 name" and what else an entry says, for comparing at a glance.
std::string summary(const ListEntry &e)
{
    std::string out = e.last.isKnown() ? e.first.toString() + "-" + e.last.toString() : "";
    const auto add = [&](const std::string &text) { out += (out.empty() || text.empty() ? "" : " ") + text; };
    add(e.asn != 0 ? "AS" + std::to_string(e.asn) : "");
    add(e.country);
    add(e.userAgent.empty() ? "" : "agent=" + e.userAgent);
    add(e.kind != NetworkClass::Unknown ? std::string(toText(e.kind)) : "");
    add(e.account.empty() ? "" : "user=" + e.account);
    add(e.name.empty() ? "" : "'" + e.name + "'");
    add(e.tlp.empty() ? "" : "tlp:" + e.tlp);
    add(e.labels.empty() ? "" : "[" + e.labels + "]");
    add(e.actor.empty() ? "" : "by " + e.actor);
    add(e.confidence >= 0 ? std::to_string(e.confidence) + "%" : "");
    add(e.from != beginningOfTime ? "from " + Timestamp{e.from}.toIso() : "");
    add(e.until != endOfTime ? "until " + Timestamp{e.until}.toIso() : "");
    add(e.trusted ? "" : "untrusted");
    return out;
}
std::vector<std::string> entries(const ReadList &list)
{
    std::vector<std::string> out;
    for (const auto &entry : list.entries)
        out.push_back(summary(entry));
    return out;
}
std::vector<std::string> rejects(const ReadList &list)
{
    std::vector<std::string> out;
    for (const auto &reject : list.rejects)
        out.push_back(std::to_string(reject.line) + " " + reject.reason);
    return out;
}
using Texts = std::vector<std::string>;

// Says which lines differ.
void compare(const Texts &got, const Texts &expected)
{
    for (std::size_t i = 0; i < std::max(got.size(), expected.size()); ++i)
        QCOMPARE(QString::fromStdString(i < got.size() ? got[i] : "(none)"),
                 QString::fromStdString(i < expected.size() ? expected[i] : "(none)"));
}

} // namespace

class ListReaderTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::filesystem::path write(const std::string &text) const
    {
        const std::filesystem::path path = m_folder.filePath("list.txt").toStdString();
        std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
        return path;
    }

private Q_SLOTS:
    void mobileNetworksInEveryForm()
    {
        const auto plain = readList(
            write("# carriers\n203.0.113.0/24 # Example Mobile\nAS64777\n2001:db8::/32\n"), ListKind::Mobile);
        QVERIFY(plain);
        compare(entries(*plain), {"203.0.113.0-203.0.113.255 'Example Mobile'", "AS64777",
                                  "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"});
        const auto systems =
            readList(write("asn,name,type\nAS64777,Example Mobile,mobile\nAS64500,Example Host,hosting\n"
                           "64778,Other Mobile,Cellular\nx,Broken,mobile\n"),
                     ListKind::Mobile);
        QVERIFY(systems);
        compare(entries(*systems), {"AS64777 'Example Mobile'", "AS64778 'Other Mobile'"});
        compare(rejects(*systems), {"5 badNetwork"});
        const auto ranges =
            readList(write("start_ip,end_ip,asn,is_mobile\n203.0.113.0,203.0.113.63,AS64777,true\n"
                           "203.0.113.64,203.0.113.127,AS64777,false\n"),
                     ListKind::Mobile);
        QVERIFY(ranges);
        compare(entries(*ranges), {"203.0.113.0-203.0.113.63"});
        // Every row of a file of nothing but carriers is one.
        const auto carriers = readList(write("network,name,mcc,mnc\n203.0.113.0/24,Example Mobile,310,260\n"),
                                       ListKind::Mobile);
        QVERIFY(carriers);
        compare(entries(*carriers), {"203.0.113.0-203.0.113.255 'Example Mobile'"});
        const auto none = readList(write("network,type\n203.0.113.0/24,isp\n"), ListKind::Mobile);
        QVERIFY(!none);
        QCOMPARE(none.error().code, Code::Malformed);
    }
    void plainLists()
    {
        const auto list = readList(data("plain.txt"), ListKind::Anonymizer, {NetworkClass::Tor, {}, {}, {}});
        QVERIFY(list);
        compare(entries(*list),
                {"192.0.2.7-192.0.2.7 tor", "192.0.2.128-192.0.2.255 tor 'a trailing remark'",
                 "198.51.100.10-198.51.100.19 tor 'a range'",
                 "2001:db8:1::-2001:db8:1:ffff:ffff:ffff:ffff:ffff tor", "2001:db8:2::5-2001:db8:2::5 tor",
                 "192.0.2.9-192.0.2.9 tor", "AS64500 tor 'a whole network'"});
        compare(rejects(*list), {"11 badNetwork", "12 badNetwork", "13 tooWide"});
        QCOMPARE(list->rejects[0].excerpt, std::string("192.0.2.7:443"));
        QCOMPARE(list->list.licence, std::string("CC0 1.0"));
        QCOMPARE(list->list.date.toIso(), std::string("2026-11-20T06:00:00Z"));
        QCOMPARE(list->list.name, std::string("plain"));
        QCOMPARE(list->list.entries, std::uint64_t{7});
        QCOMPARE(list->entries[1].indicator, std::string("192.0.2.128/25"));
    }
    void plainListsTakeTheirDefaults()
    {
        ListDefaults defaults;
        defaults.kind = NetworkClass::Hosting;
        defaults.provider = "Acme";
        defaults.from = Timestamp::fromCivil(2026, 1, 1);
        defaults.until = Timestamp::fromCivil(2026, 2, 1);
        const auto list = readList(write("192.0.2.1 # not the name\n"), ListKind::Anonymizer, defaults);
        QVERIFY(list);
        compare(entries(*list),
                {"192.0.2.1-192.0.2.1 hosting 'Acme' from 2026-01-01T00:00:00Z until 2026-02-01T00:00:00Z"});
    }
    void anonymizerColumnsInAnyOrder()
    {
        const auto list = readList(data("anonymizers.csv"), ListKind::Anonymizer);
        QVERIFY(list);
        compare(entries(*list),
                {"203.0.113.0-203.0.113.255 vpn 'Acme, VPN' until 2026-11-02T23:59:59.999999Z",
                 "2001:db8:7::-2001:db8:7:ffff:ffff:ffff:ffff:ffff tor",
                 "198.51.100.4-198.51.100.4 residential_proxy 'Beta' until 2026-11-03T10:00:00Z"});
        compare(rejects(*list), {"5 badTime", "6 badKind", "7 badColumns", "8 badColumns"});
    }
    void malwareInBothForms()
    {
        const auto c2 = readList(data("c2.csv"), ListKind::Malware);
        QVERIFY(c2);
        compare(
            entries(*c2),
            {"192.0.2.66-192.0.2.66 'Cupboard' from 2026-01-17T07:30:05Z until 2026-09-08T23:59:59.999999Z",
             "192.0.2.67-192.0.2.67 'Drawer' from 2026-02-01T00:00:00Z"});
        QVERIFY(c2->rejects.empty());
        const auto own = readList(data("malware.csv"), ListKind::Malware);
        QVERIFY(own);
        compare(entries(*own), {"192.0.2.66-192.0.2.66 'Cupboard' 90% from 2026-05-01T00:00:00Z until "
                                "2026-05-01T23:59:59.999999Z",
                                "192.0.2.0-192.0.2.15 'Drawer' 13%"});
        compare(rejects(*own), {"4 badConfidence", "5 badTime"});
    }
    void threats()
    {
        const auto list = readList(data("threats.csv"), ListKind::Threat);
        QVERIFY(list);
        compare(entries(*list), {"192.0.2.80-192.0.2.80 'Night Heron' 85% from 2026-01-01T00:00:00Z until "
                                 "2026-12-31T23:59:59.999999Z",
                                 "2001:db8:80::-2001:db8:80:ffff:ffff:ffff:ffff:ffff 'Night Heron' 60%",
                                 "AS64510 'Bullet-proof' 50%", "agent=EvilClient/1.0 (x; y) 'Kit' 95%"});
        compare(rejects(*list), {"6 badKind", "7 badNetwork"});
    }
    void trustedLocations()
    {
        const auto list = readList(data("trusted.csv"), ListKind::Trusted);
        QVERIFY(list);
        compare(entries(*list), {"203.0.113.0-203.0.113.255 'Head office'",
                                 "203.0.113.64-203.0.113.127 'Guest wireless' untrusted", "AS64501 'Carrier'",
                                 "PT 'Home country'"});
        compare(rejects(*list), {"6 badNetwork", "7 badFlag"});
    }
    void systems()
    {
        const auto list = readList(data("systems.csv"), ListKind::Asn);
        QVERIFY(list);
        compare(entries(*list),
                {"1.0.0.0-1.0.0.255 AS64500 'Example, Inc.'", "1.0.4.0-1.0.7.255 AS64501 'Gamma Pty'",
                 "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff AS64502 'Six Net'"});
        compare(rejects(*list), {"4 badNetwork", "5 badNetwork"});
    }
    void stixBundles()
    {
        const auto list = readList(data("bundle.json"), ListKind::Threat);
        QVERIFY(list);
        compare(
            entries(*list),
            {"192.0.2.91-192.0.2.91 'Heron exit' 80% from 2026-03-01T00:00:00Z until 2026-09-01T00:00:00Z",
             "2001:db8:91::-2001:db8:91:ffff:ffff:ffff:ffff:ffff 'malicious-activity' [malicious-activity] "
             "from "
             "2026-03-01T00:00:00Z",
             "198.51.100.0-198.51.100.255 agent=Evil's Client 'Kit' from 2026-03-01T00:00:00Z",
             "agent=EvilClient/2.0 'Agent' from 2026-03-01T00:00:00Z", "192.0.2.0-192.0.2.255"});
        QCOMPARE(list->unsupported, std::uint64_t{4});
        compare(rejects(*list), {"0 badTime"});
    }
    void aBundleTellsTheContextOfItsIndicators()
    {
        const auto list = readList(data("bundle_context.json"), ListKind::Threat);
        QVERIFY2(list, list ? "" : list.error().detail.c_str());
        compare(entries(*list),
                {"192.0.2.91-192.0.2.91 AS64500 'Heron gate' tlp:amber+strict [phishing; kit; "
                 "malicious-activity] "
                 "by Heron Group 60% from 2026-03-01T00:00:00Z until 2026-09-01T00:00:00Z",
                 "agent=Kit/1 user=ana@example.org tlp:green by Grey Egret from 2026-03-01T00:00:00Z",
                 "user=de9c7d3d4e5e28db3e5bcbdce8b0a3e2fa2afcb18e1b1c1b8e9b3bc9c5b5e3b1 from "
                 "2026-03-01T00:00:00Z"});
        compare(rejects(*list), {"0 badConfidence"});
        QCOMPARE(list->list.licence, std::string("CC-BY-4.0"));
        QCOMPARE(list->list.source, std::string("Example CERT"));
        QCOMPARE(list->list.date.toIso(), std::string("2026-03-02T10:00:00Z"));
        QCOMPARE(list->unsupported, std::uint64_t(4));
        QCOMPARE(enrich::unsupportedWords(list->unsupportedKinds),
                 std::string("domain-name:value 2, name of a user that cannot be compared 1, "
                             "pattern of type yara 1"));
    }
    void mispAttributes()
    {
        const auto list = readList(data("attributes.misp.json"), ListKind::Threat);
        QVERIFY2(list, list ? "" : list.error().detail.c_str());
        compare(entries(*list),
                {"192.0.2.111-192.0.2.111 'Heron, wave three' tlp:amber [phishing] by Grey Egret 75%",
                 "user=ana@example.org"});
        compare(rejects(*list), {"0 badAccount", "0 onWarningList"});
        QCOMPARE(enrich::unsupportedWords(list->unsupportedKinds), std::string("type sha256 1"));
        QCOMPARE(list->list.date.toIso(), std::string("2026-03-02T10:00:01Z"));
    }
    void mispWarningLists()
    {
        const auto list = readList(write("{\"name\": \"Public resolvers\", \"version\": 20260318, \"type\": "
                                         "\"cidr\", \"list\": [\"198.51.100.53\", \"2001:db8:53::/48\", "
                                         "\"dns.example\", 7]}"),
                                   ListKind::Warning);
        QVERIFY2(list, list ? "" : list.error().detail.c_str());
        compare(entries(*list), {"198.51.100.53-198.51.100.53 'Public resolvers'",
                                 "2001:db8:53::-2001:db8:53:ffff:ffff:ffff:ffff:ffff 'Public resolvers'"});
        QCOMPARE(list->list.date.toIso(), std::string("2026-03-18T00:00:00Z"));
        QCOMPARE(enrich::unsupportedWords(list->unsupportedKinds),
                 std::string("entry of type cidr 1, entry that is no text 1"));
    }
    void mispEvents()
    {
        const auto list = readList(data("event.misp.json"), ListKind::Threat);
        QVERIFY(list);
        compare(entries(*list),
                {"192.0.2.101-192.0.2.101 'Heron, wave two' from 2026-04-01T00:00:00Z",
                 "192.0.2.102-192.0.2.102 'Heron, wave two'", "agent=HeronKit/1 'Heron, wave two'",
                 "AS64510 'Heron, wave two'", "2001:db8:101::1-2001:db8:101::1 'relay'"});
        QCOMPARE(list->unsupported, std::uint64_t{1});
        compare(rejects(*list), {"0 badNetwork"});
    }
    void patterns_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<bool>("understood");
        const auto row = [](const char *pattern, bool understood) {
            QTest::newRow(pattern) << QString::fromLatin1(pattern) << understood;
        };
        row("[ipv4-addr:value='192.0.2.1']", true);
        row("[ipv4-addr:value = '192.0.2.1' AND x-user-agent:value = 'a']", true);
        row("[ipv4-addr:value = '2001:db8::1']", false);
        row("[ipv4-addr:value != '192.0.2.1']", false);
        row("[ipv4-addr:value = '192.0.2.1' AND ipv4-addr:value = '192.0.2.2']", false);
        row("[ipv4-addr:value = '192.0.2.1'] AND [ipv4-addr:value = '192.0.2.2']", false);
        row("[ipv4-addr:value = '0.0.0.0/0']", false);
        row("[NOT ipv4-addr:value = '192.0.2.1']", false);
        row("[domain-name:value = 'evil.example']", false);
        row("[ipv4-addr:value = '192.0.2.1", false);
        row("[ipv4-addr:value = ]", false);
        row("[]", false);
        row("", false);
    }
    void patterns()
    {
        QFETCH(QString, pattern);
        QFETCH(bool, understood);
        ListEntry entry;
        QCOMPARE(enrich::readPattern(pattern.toStdString(), entry), understood);
    }
    void datesOfLists_data()
    {
        QTest::addColumn<QString>("comment");
        QTest::addColumn<QString>("date");
        QTest::newRow("ISO day") << "# updated 2026-05-01"
                                 << "2026-05-01T00:00:00Z";
        QTest::newRow("ISO time") << "# Generated at 2026-05-01T10:11:12Z by hand"
                                  << "2026-05-01T10:11:12Z";
        QTest::newRow("as Unix writes it") << "# This File Date  : Fri Oct 23 13:45:29 UTC 2015"
                                           << "2015-10-23T00:00:00Z";
        QTest::newRow("as mail writes it") << "; Last modified: Tue, 03 Feb 2026 08:00:00 +0000"
                                           << "2026-02-03T00:00:00Z";
        QTest::newRow("a date that is none") << "# updated 2026-02-30"
                                             << "2026-07-01T00:00:00Z";
        QTest::newRow("a number that is no date") << "# version 12345678901"
                                                  << "2026-07-01T00:00:00Z";
        QTest::newRow("nothing said: the file's own") << "# hello"
                                                      << "2026-07-01T00:00:00Z";
    }
    void datesOfLists()
    {
        QFETCH(QString, comment);
        QFETCH(QString, date);
        const auto path = write(comment.toStdString() + "\n192.0.2.1\n");
        const std::chrono::sys_seconds day = std::chrono::sys_days(std::chrono::year(2026) / 7 / 1);
        std::filesystem::last_write_time(path, std::chrono::file_clock::from_sys(day));
        const auto list = readList(path, ListKind::Malware);
        QVERIFY(list);
        QCOMPARE(QString::fromStdString(list->list.date.toIso()), date);
    }
    void refusesWhatIsNoList_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<int>("code");
        const auto row = [](const char *name, QByteArray content, Code code) {
            QTest::newRow(name) << content << static_cast<int>(code);
        };
        row("an empty file", "", Code::Malformed);
        row("only comments", "# nothing\n", Code::Malformed);
        row("prose", "Dear all,\nplease find the list attached.\n", Code::Malformed);
        row("a picture", QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16), Code::Unrecognised);
        row("a compressed file", "\x1f\x8b\x08.....", Code::Unrecognised);
        row("UTF-16",
            QByteArray("\xff\xfe"
                       "1\0.\0",
                       6),
            Code::Unrecognised);
        row("JSON of another kind", "{\"a\": 1}", Code::Unrecognised);
        row("broken JSON", "{\"type\": \"bundle\", ", Code::Malformed);
        row("nested too deeply", "{\"a\":" + QByteArray(100'000, '['), Code::Malformed);
        row("a bundle without one usable pattern",
            R"({"type":"bundle","objects":[{"type":"indicator","pattern":"[a:b = 'c']"}]})", Code::Malformed);
    }
    void refusesWhatIsNoList()
    {
        QFETCH(QByteArray, content);
        QFETCH(int, code);
        const auto path = write(content.toStdString());
        const auto list = readList(path, ListKind::Threat);
        QVERIFY(!list);
        QCOMPARE(static_cast<int>(list.error().code), code);
        QCOMPARE(list.error().subject, path.string());
        QVERIFY(!list.error().detail.empty());
    }
    void refusesFoldersAndNothing()
    {
        QCOMPARE(readList(data("no such file"), ListKind::Malware).error().code, Code::NotFound);
        QCOMPARE(readList(data(""), ListKind::Malware).error().code, Code::Unrecognised);
        QCOMPARE(readList(data("bundle.json"), ListKind::Malware).error().code, Code::Unrecognised);
    }
    void aMillionBadLinesKeepMemorySmall()
    {
        std::string text = "192.0.2.1\n";
        for (int i = 0; i < 50'000; ++i)
            text += "nonsense\n";
        text += std::string(100'000, 'x') + "\n";
        const auto list = readList(write(text), ListKind::Malware);
        QVERIFY(list);
        QCOMPARE(list->entries.size(), std::size_t{1});
        QCOMPARE(list->rejects.size(), std::size_t{10'001});
        QVERIFY(list->rejects.back().detail.starts_with("40001 more"));
    }
    void placesAreOpenedOnce()
    {
        test::MmdbWriter writer(4, 24, "Test-City", 1'770'000'000);
        writer.insert("192.0.2.0/24", test::MmdbValue::map({{"country_code", "PT"}}));
        const std::filesystem::path path = m_folder.filePath("my-places.mmdb").toStdString();
        writer.save(path);
        const auto list = readList(path, ListKind::Places);
        QVERIFY(list);
        QCOMPARE(list->list.name, std::string("my-places"));
        QCOMPARE(list->list.date.us, std::int64_t{1'770'000'000'000'000});
        QCOMPARE(readList(data("plain.txt"), ListKind::Places).error().code, Code::Malformed);
    }
    void realLists_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("atLeast");
        const auto row = [](const char *file, ListKind kind, int count) {
            QTest::newRow(file) << QString(file) << static_cast<int>(kind) << count;
        };
        row("tor/tor-exit-nodes.lst", ListKind::Anonymizer, 1'746);
        row("x4bnet/output-vpn-ipv4.txt", ListKind::Anonymizer, 10'862);
        row("x4bnet/output-vpn-ipv6.txt", ListKind::Anonymizer, 498);
        row("x4bnet/output-datacenter-ipv4.txt", ListKind::Anonymizer, 42'566);
        row("x4bnet/input-datacenter-ASN.txt", ListKind::Anonymizer, 900);
        row("ipsum/levels-3.txt", ListKind::Malware, 14'217);
        row("malware/abusech-feodo-csv-sample.txt", ListKind::Malware, 1);
        row("malware/firehol-feodo-2015-excerpt.ipset", ListKind::Malware, 20);
    }
    void realLists()
    {
        SKIP_WITHOUT_SHARED("ip-intel");
        QFETCH(QString, file);
        QFETCH(int, kind);
        QFETCH(int, atLeast);
        const auto list =
            readList(test::sharedData("ip-intel") / file.toStdString(), static_cast<ListKind>(kind));
        QVERIFY(list);
        QVERIFY2(list->rejects.empty(), list->rejects.empty() ? "" : list->rejects.front().excerpt.c_str());
        QVERIFY(list->entries.size() >= static_cast<std::size_t>(atLeast));
    }
};

QTEST_GUILESS_MAIN(ListReaderTest)
#include "tst_list_reader.moc"

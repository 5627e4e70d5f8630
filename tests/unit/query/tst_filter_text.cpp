#include "core/base/text.h"
#include "core/query/filter/fields.h"
#include "core/query/filter/filter_text.h"

#include <QTest>

#include <set>

using namespace riskdesk;
using namespace riskdesk::query;

class FilterTextTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsAndWrites_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("written");
        QTest::newRow("nothing is everything") << QByteArray("  ") << QByteArray("");
        QTest::newRow("Graph's name becomes the short form")
            << QByteArray("riskLevel:high") << QByteArray("level:high");
        QTest::newRow("comma is OR, blank is AND")
            << QByteArray("level:high,medium  country:vn") << QByteArray("level:high,medium country:VN");
        QTest::newRow("a country by its name")
            << QByteArray("country:vietnam,\"viet nam\"") << QByteArray("country:VN,VN");
        QTest::newRow("a name that begins so") << QByteArray("country:vie") << QByteArray("country:VN");
        QTest::newRow("no country at all") << QByteArray("country:zzz") << QByteArray("country:zzz");
        QTest::newRow("a minus negates") << QByteArray("-type:spray") << QByteArray("-type:passwordSpray");
        QTest::newRow("letter case does not matter")
            << QByteArray("STATE:ATRISK") << QByteArray("state:atRisk");
        QTest::newRow("short words for states")
            << QByteArray("state:compromised") << QByteArray("state:confirmedCompromised");
        QTest::newRow("a range of addresses")
            << QByteArray("ip:45.95.147.9/24") << QByteArray("ip:45.95.147.0/24");
        QTest::newRow("counted back from now") << QByteArray("updated<7d") << QByteArray("updated<1w");
        QTest::newRow("a whole day") << QByteArray("updated:2026-03-18") << QByteArray("updated:2026-03-18");
        QTest::newRow("a moment") << QByteArray("updated>=2026-03-18T14:26:00Z")
                                  << QByteArray("updated>=2026-03-18T14:26:00Z");
        QTest::newRow("quotes hold blanks and commas")
            << QByteArray("city:\"Sao, Paulo\"") << QByteArray("place:\"Sao, Paulo\"");
        QTest::newRow("two quotes are one")
            << QByteArray("city:\"a\"\"b\"") << QByteArray("place:\"a\"\"b\"");
        QTest::newRow("the whole text") << QByteArray("city:=Lisbon") << QByteArray("place:=Lisbon");
        QTest::newRow("an empty text") << QByteArray("city:\"\"") << QByteArray("place:\"\"");
        QTest::newRow("free words") << QByteArray("mari -smith") << QByteArray("mari -smith");
        QTest::newRow("an address alone is a word") << QByteArray("fe80::1") << QByteArray("\"fe80::1\"");
        QTest::newRow("a network with its letters")
            << QByteArray("network:AS64500") << QByteArray("network:64500");
        QTest::newRow("comparison of levels") << QByteArray("level>=medium") << QByteArray("level>=medium");
        QTest::newRow("a lone minus is a word") << QByteArray("-") << QByteArray("\"-\"");
    }
    void readsAndWrites()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, written);
        const auto filter = parseFilter(Report::RiskyUsers, text.toStdString());
        QVERIFY2(filter, filter ? "" : filter.error().sentence().c_str());
        const auto back = filterText(Report::RiskyUsers, *filter);
        QVERIFY(back);
        QCOMPARE(QByteArray::fromStdString(*back), written);
        const auto again = parseFilter(Report::RiskyUsers, *back);
        QVERIFY(again && *again == *filter);
    }

    void saysWhatIsWrong_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("position");
        QTest::addColumn<int>("length");
        QTest::addColumn<QByteArray>("sentence");
        QTest::newRow("an unknown field") << QByteArray("level:high contry:vn") << 11 << 6
                                          << QByteArray("No field 'contry'. Did you mean country?");
        QTest::newRow("an unknown field far from all")
            << QByteArray("xyzzy:1") << 0 << 5 << QByteArray("No field 'xyzzy'.");
        QTest::newRow("an unknown value")
            << QByteArray("level:hihg") << 6 << 4
            << QByteArray("'hihg' is no value of riskLevel. Did you mean high?");
        QTest::newRow("a value is missing")
            << QByteArray("level: high") << 0 << 6 << QByteArray("A value is missing after 'level:'.");
        QTest::newRow("a comma too many")
            << QByteArray("level:high,") << 0 << 11 << QByteArray("A value is missing after 'level:high,'.");
        QTest::newRow("not a number") << QByteArray("score>much") << 6 << 4
                                      << QByteArray("'much' is not a number, which riskScore needs.");
        QTest::newRow("not a time") << QByteArray("updated<soon") << 8 << 4
                                    << QByteArray("'soon' is not a time. riskLastUpdatedDateTime takes 7d, "
                                                  "12h, 2026-03-18 or 2026-03-18T14:26:00Z.");
        QTest::newRow("a day that is none")
            << QByteArray("updated:2026-02-31") << 8 << 10
            << QByteArray("'2026-02-31' is not a time. riskLastUpdatedDateTime takes 7d, 12h, 2026-03-18 or "
                          "2026-03-18T14:26:00Z.");
        QTest::newRow("not an address")
            << QByteArray("ip:300.1.1.1") << 3 << 9
            << QByteArray("'300.1.1.1' is not an address or range like 192.0.2.7 or 192.0.2.0/24.");
        QTest::newRow("an open quote")
            << QByteArray("mari \"abc") << 5 << 4 << QByteArray("A quotation mark is not closed.");
        QTest::newRow("text cannot be compared")
            << QByteArray("city<a") << 4 << 1
            << QByteArray("city cannot be compared with <; use city:value.");
        QTest::newRow("states have no order")
            << QByteArray("state>=atRisk") << 5 << 2
            << QByteArray("riskState cannot be compared with >=; use riskState:value.");
    }
    void saysWhatIsWrong()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, position);
        QFETCH(int, length);
        QFETCH(QByteArray, sentence);
        const auto filter = parseFilter(Report::RiskyUsers, text.toStdString());
        QVERIFY(!filter);
        QCOMPARE(QByteArray::fromStdString(filter.error().sentence()), sentence);
        QCOMPARE(static_cast<int>(filter.error().position), position);
        QCOMPARE(static_cast<int>(filter.error().length), length);
        QCOMPARE(filter.error().toError().code, Code::WrongUsage);
    }

    void everyFieldIsFoundByEveryName()
    {
        for (const auto report : {Report::RiskyUsers, Report::Detections, Report::SignIns, Report::Campaigns,
                                  Report::Rejects, Report::Audit, Report::Users, Report::History}) {
            std::set<std::string> names;
            for (const auto &field : fields(report)) {
                QVERIFY2(names.insert(std::string(field.name)).second, field.name.data());
                QCOMPARE(findField(report, field.name), &field);
                QVERIFY2(!field.meaning.empty(), field.name.data());
                QVERIFY(field.kind != FieldKind::Enum || !field.words.empty());
                if (field.shortForms.empty())
                    continue;
                for (const auto form : split(field.shortForms, '|')) {
                    QVERIFY2(names.insert(std::string(form)).second, form.data());
                    QCOMPARE(findField(report, form), &field);
                }
            }
        }
    }

    void survivesAHugeText()
    {
        QVERIFY(!parseFilter(Report::Detections, std::string(100'000, 'a')));
        QVERIFY(parseFilter(Report::Detections, std::string(60'000, 'a')));
        QVERIFY(!parseFilter(Report::Detections, std::string("level:") + std::string(60'000, 'x')));
    }
};

QTEST_APPLESS_MAIN(FilterTextTest)
#include "tst_filter_text.moc"

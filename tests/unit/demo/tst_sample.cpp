// The sample is the same for the same seed, in event order, and every label names an event.
#include "core/base/text.h"
#include "core/demo/sample.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QTest>

using namespace riskdesk;

namespace {
demo::SampleOptions options(std::uint64_t seed)
{
    demo::SampleOptions o;
    o.users = 300;
    o.days = 30;
    o.seed = seed;
    o.end = Timestamp::fromCivil(2026, 3, 19);
    return o;
}

std::string all(demo::Sample &sample)
{
    std::string text;
    sample.writeUsers([&](std::string_view line) { text += line; });
    sample.writeSignIns([&](std::string_view line) { text += line; });
    return text;
}
} // namespace

class SampleTest : public QObject
{
    Q_OBJECT
private slots:
    void isTheSameForTheSameSeed()
    {
        demo::Sample a(options(7)), b(options(7)), c(options(8));
        const auto text = all(a);
        QCOMPARE(text, all(b));
        QVERIFY(text != all(c));
    }
    void isJsonInEventOrderAndLabelled()
    {
        demo::Sample sample(options(7));
        QSet<QString> ids;
        std::int64_t before = 0;
        QHash<QString, int> kinds;
        sample.writeSignIns([&](std::string_view line) {
            const auto record = QJsonDocument::fromJson(QByteArray(line.data(), int(line.size()))).object();
            QVERIFY(!record.isEmpty());
            ids.insert(record["id"].toString());
            const auto at = Timestamp::fromIso(record["createdDateTime"].toString().toStdString());
            QVERIFY(at.has_value());
            QVERIFY(at->us >= before);
            before = at->us;
        });
        QVERIFY(ids.size() > 2000);
        for (const auto &label : sample.labels()) {
            QVERIFY(ids.contains(QString::fromStdString(label.eventId)));
            ++kinds[QString::fromStdString(label.kind)];
        }
        for (const char *kind :
             {"spray.attempt", "spray.hit", "takeover.naive", "takeover.vpn", "takeover.sameProvider",
              "travel.attacker", "anonymous.tor", "malware", "threat"})
            QVERIFY2(kinds[kind] > 0, kind);
        QCOMPARE(kinds["spray.hit"], 2);
    }
};

QTEST_APPLESS_MAIN(SampleTest)
#include "tst_sample.moc"

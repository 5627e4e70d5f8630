// The sample is the same for the same seed, in event order, and every label names an event.
#include "core/base/text.h"
#include "core/demo/portable_math.h"
#include "core/demo/random.h"
#include "core/demo/sample.h"
#include "core/enrich/list_reader.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <fstream>

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
private Q_SLOTS:
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
        int hits = 0;
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
            hits += label.kind == "spray.single" && label.compromise;
        }
        for (const char *kind : {"spray.single", "takeover.naive", "takeover.vpn", "takeover.sameProvider",
                                 "travel.attacker", "anonymous.tor", "malware", "threat"})
            QVERIFY2(kinds[kind] > 0, kind);
        QCOMPARE(hits, 2);
    }
    void looksLikeABusyShop()
    {
        auto o = options(1);
        o.users = 800;
        demo::Sample sample(o);
        int count = 0, bad = 0, interrupted = 0, mondays = 0, sundays = 0;
        QSet<QString> countries, systems;
        const auto value = [](std::string_view line, std::string_view key) {
            const auto at = line.find(key);
            return at == std::string_view::npos ? std::string_view() : line.substr(at + key.size());
        };
        sample.writeSignIns([&](std::string_view line) {
            ++count;
            bad += value(line, "\"errorCode\":").starts_with("50126,");
            interrupted += value(line, "\"errorCode\":").starts_with("50140,");
            const auto at = Timestamp::fromIso(value(line, "\"createdDateTime\":\"").substr(0, 19));
            const auto weekday = (at->us / 86'400'000'000 + 4) % 7;
            mondays += weekday == 1;
            sundays += weekday == 0;
            countries.insert(QString::fromLatin1(value(line, "\"countryOrRegion\":\"").data(), 2));
            systems.insert(QString::number(std::atoi(value(line, "\"autonomousSystemNumber\":").data())));
        });
        QVERIFY2(count > 800 * 30 / 2 && count < 800 * 30, qPrintable(QString::number(count)));
        QVERIFY2(bad * 100 > count * 10 && bad * 100 < count * 30, qPrintable(QString::number(bad)));
        QVERIFY(interrupted > 0);
        QVERIFY(mondays > sundays);
        QVERIFY(countries.size() > 25);
        QVERIFY(systems.size() > 50);
    }
    void fullRecordsHaveTwoKilobytesAndAsManyAsAsked()
    {
        auto o = options(3);
        o.full = true;
        demo::Sample sample(o);
        std::uint64_t count = 0, bytes = 0;
        QCOMPARE(sample.writeSignIns([&](std::string_view line) { ++count, bytes += line.size(); }, 1234),
                 std::uint64_t{1234});
        QCOMPARE(count, std::uint64_t{1234});
        QVERIFY2(bytes / count > 1800 && bytes / count < 2300, qPrintable(QString::number(bytes / count)));
    }
    void listsAreReadWithoutALoss()
    {
        demo::Sample sample(options(7)), larger([] {
            auto o = options(7);
            o.users = 400;
            return o;
        }());
        const QTemporaryDir folder;
        QSet<int> kinds;
        for (const auto &list : larger.lists()) {
            const auto path = folder.filePath("list.csv").toStdString();
            std::ofstream(path, std::ios::trunc) << list.text;
            const auto read = enrich::readList(path, list.kind, {list.networkClass, list.provider, {}, {}});
            QVERIFY2(read, list.name.c_str());
            QVERIFY(read->rejects.empty());
            QCOMPARE(read->list.date.toIso(), std::string("2026-03-19T00:00:00Z"));
            kinds.insert(static_cast<int>(list.kind));
        }
        QCOMPARE(kinds.size(), 4);
        QVERIFY2(sample.lists().size() < larger.lists().size(),
                 "a shop with one office has no place to trust");
    }
    void randomNumbersAreTheSameEverywhere()
    {
        demo::Random random(42);
        QCOMPARE(random.next(), std::uint64_t{1546998764402558742U});
        QCOMPARE(std::bit_cast<std::uint64_t>(random.normal()), std::uint64_t{13824526211183503327U});
        QCOMPARE(random.poisson(2.5), std::uint32_t{8});
        QCOMPARE(QString::fromStdString(random.guid()), QString("cd0feda9-3006-46b6-9248-0865a4b42742"));
    }
    void portableMathAgreesWithTheLibrary()
    {
        demo::Random random(1);
        for (int i = 0; i < 20'000; ++i) {
            const double u = random.uniform(), x = 40 * u - 20;
            QVERIFY(std::abs(demo::portableLog(1 - u) - std::log(1 - u)) <=
                    4e-16 * std::max(1.0, std::abs(std::log(1 - u))));
            QVERIFY(std::abs(demo::portableExp(x) / std::exp(x) - 1) < 1e-14);
            QVERIFY(std::abs(demo::portableCosine(u) - std::cos(6.283185307179586 * u)) < 2e-15);
        }
    }
};

QTEST_APPLESS_MAIN(SampleTest)
#include "tst_sample.moc"

// Timestamps are read in every ISO spelling that logs use, and written in one.
#include "core/base/timestamp.h"

#include <QTest>

#include <fmt/format.h>

#include <limits>
#include <random>

using riskdesk::Timestamp;

class TimestampTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void reads_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("iso");
        QTest::newRow("plain") << "2026-03-18T14:26:00Z"
                               << "2026-03-18T14:26:00Z";
        QTest::newRow("seven digits") << "2020-11-03T20:51:34.6245276Z"
                                      << "2020-11-03T20:51:34.624527Z";
        QTest::newRow("nine digits and a blank") << "2023-07-21 05:03:52.160562400"
                                                 << "2023-07-21T05:03:52.160562Z";
        QTest::newRow("hour without its zero") << "2022-09-09T9:59:27.958Z"
                                               << "2022-09-09T09:59:27.958Z";
        QTest::newRow("offset west") << "2024-01-01T00:30:00-05:00"
                                     << "2024-01-01T05:30:00Z";
        QTest::newRow("offset without colon") << "2024-01-01T00:30:00+0130"
                                              << "2023-12-31T23:00:00Z";
        QTest::newRow("no zone means UTC") << "2021-03-26T08:50:52"
                                           << "2021-03-26T08:50:52Z";
        QTest::newRow("before the epoch") << "1969-12-31T23:59:59.5Z"
                                          << "1969-12-31T23:59:59.5Z";
    }
    void reads()
    {
        QFETCH(QString, text);
        QFETCH(QString, iso);
        const auto time = Timestamp::fromIso(text.toStdString());
        QVERIFY(time.has_value());
        QCOMPARE(QString::fromStdString(time->toIso()), iso);
    }
    void refuses_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text :
             {"", "yesterday", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T10:61:00Z",
              "2026-01-01T10:00:00.Z", "2026-01-01T10:00:00+25:00", "2026-01-01T10:00:00Zx"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void refuses()
    {
        QFETCH(QString, text);
        QVERIFY(!Timestamp::fromIso(text.toStdString()));
    }
    // The commonest spelling has a way of its own through the reader; another spelling of the same moment
    // goes the long way, and both must say the same.
    void readsTheUsualSpellingLikeOthers()
    {
        std::mt19937 random(2026);
        int right = 0;
        for (int i = 0; i < 100000; ++i) {
            auto text =
                fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", 1900 + random() % 200, random() % 14,
                            random() % 33, random() % 25, random() % 61, random() % 62);
            if (const auto length = random() % 9; length > 0)
                text += '.' + fmt::format("{:09}", random() % 1000000000).substr(0, length);
            if (random() % 4 == 0)
                text[random() % text.size()] = ".:-TZx/ "[random() % 8];
            const auto usual = Timestamp::fromIso(text + "Z"), other = Timestamp::fromIso(text + "+00:00");
            QVERIFY2(usual.has_value() == other.has_value(), text.c_str());
            QVERIFY2(!usual || *usual == *other, text.c_str());
            right += usual ? 1 : 0;
        }
        QVERIFY(right > 20000 && right < 80000);
    }
    // A broken store may hold any number; under the sanitizers this fails where a product overflows.
    void writesTheEndsOfItsRange()
    {
        const Timestamp first{std::numeric_limits<std::int64_t>::min()};
        const Timestamp last{std::numeric_limits<std::int64_t>::max()};
        QVERIFY(QString::fromStdString(first.toIso()).endsWith("-12-21T19:59:05.224192Z"));
        QVERIFY(QString::fromStdString(last.toIso()).endsWith("-01-10T04:00:54.775807Z"));
    }
};

QTEST_APPLESS_MAIN(TimestampTest)
#include "tst_timestamp.moc"

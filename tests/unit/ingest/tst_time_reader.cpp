#include "core/ingest/time_reader.h"

#include <QtTest>

using namespace riskdesk;

class TimeReader : public QObject
{
    Q_OBJECT
private slots:
    void spellings_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *text, const char *expected) {
            QTest::newRow(name) << QString::fromUtf8(text) << QString(expected);
        };
        row("ISO in UTC", "2026-03-18T14:26:00Z", "2026-03-18T14:26:00Z");
        row("seven fraction digits", "2026-07-17T10:07:37.5365166Z", "2026-07-17T10:07:37.536516Z");
        row("nine fraction digits and a blank", "2023-07-21 05:03:52.160562400",
            "2023-07-21T05:03:52.160562Z");
        row("hour without leading zero", "2022-09-09T9:59:27.958Z", "2022-09-09T09:59:27.958Z");
        row("an offset west of Greenwich", "2019-10-18T04:45:48.0729893-05:00",
            "2019-10-18T09:45:48.072989Z");
        row("an offset of nothing", "2022-04-05T13:07:16.7796535+00:00", "2022-04-05T13:07:16.779653Z");
        row("no Z means UTC", "2021-05-16T09:58:14", "2021-05-16T09:58:14Z");
        row("month first with PM", "3/24/2022 2:42:35 PM", "2022-03-24T14:42:35Z");
        row("two-digit month", "12/13/2024 4:34:03 PM", "2024-12-13T16:34:03Z");
        row("comma and milliseconds", "4/28/2021, 2:08:45.221 PM", "2021-04-28T14:08:45.221Z");
        row("midnight is twelve AM", "1/2/2021, 12:00:01.000 AM", "2021-01-02T00:00:01Z");
        row("noon is twelve PM", "1/2/2021, 12:00:01.000 PM", "2021-01-02T12:00:01Z");
        row("narrow blank before PM", "4/28/2021, 2:08:45.221\u202fPM", "2021-04-28T14:08:45.221Z");
        row("twenty-four hours without AM or PM", "12/13/2024 16:34:03", "2024-12-13T16:34:03Z");
        row("a date alone", "2/3/2021", "2021-02-03T00:00:00Z");
        row("blanks around it", "  2026-03-18T14:26:00Z ", "2026-03-18T14:26:00Z");
    }
    void spellings()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        const auto time = ingest::readTime(text.toStdString());
        QVERIFY2(time, qPrintable(text));
        QCOMPARE(QString::fromStdString(time->toIso()), expected);
    }

    void unreadable_data()
    {
        QTest::addColumn<QString>("text");
        for (const auto *text :
             {"43:30.8", "21:01:43,299", "", "yesterday", "24/3/2022 14:42:35", "13/13/2022",
              "2/30/2022 1:00:00 AM", "3/24/2022 14:42:35 PM", "3/24/22 2:42:35 PM", "0001-01-01T00:00:00Z",
              "3/24/2022 2:42:35 PM extra", "3/24/2022 25:00:00", "/", "3/", "99999999999999999999/1/1",
              "2026-03-18T", "2026-03-18T14"})
            QTest::newRow(text) << QString(text);
    }
    void unreadable()
    {
        QFETCH(QString, text);
        const auto time = ingest::readTime(text.toStdString());
        QVERIFY2(!time, time ? time->toIso().c_str() : "");
        QCOMPARE(time.error().code, Code::Malformed);
    }

    void aZoneIsUsedOnlyWhereTheTextNamesNone()
    {
        QCOMPARE(ingest::readTime("2026-03-18 14:26:00", 120)->toIso(), std::string("2026-03-18T12:26:00Z"));
        QCOMPARE(ingest::readTime("2026-03-18T14:26:00Z", 120)->toIso(), std::string("2026-03-18T14:26:00Z"));
        QCOMPARE(ingest::readTime("2026-03-18T14:26:00+01:00", 120)->toIso(),
                 std::string("2026-03-18T13:26:00Z"));
        QCOMPARE(ingest::readTime("3/18/2026 2:26:00 PM", -300)->toIso(),
                 std::string("2026-03-18T19:26:00Z"));
    }
};

QTEST_APPLESS_MAIN(TimeReader)
#include "tst_time_reader.moc"

#include "core/ingest/time_reader.h"

#include <QtTest>

using namespace riskdesk;

class TimeReader : public QObject
{
    Q_OBJECT
private Q_SLOTS:
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
        row("midnight is twelve AM", "1/22/2021, 12:00:01.000 AM", "2021-01-22T00:00:01Z");
        row("noon is twelve PM", "1/22/2021, 12:00:01.000 PM", "2021-01-22T12:00:01Z");
        row("narrow blank before PM", "4/28/2021, 2:08:45.221\u202fPM", "2021-04-28T14:08:45.221Z");
        row("twenty-four hours without AM or PM", "12/13/2024 16:34:03", "2024-12-13T16:34:03Z");
        row("a date alone", "2/23/2021", "2021-02-23T00:00:00Z");
        row("a day that can be no month", "24/3/2022 14:42:35", "2022-03-24T14:42:35Z");
        row("the same number twice", "5/5/2022 14:42", "2022-05-05T14:42:00Z");
        row("dots", "04.03.2022 14:42:35", "2022-03-04T14:42:35Z");
        row("dots without seconds", "4.3.2022 9:42", "2022-03-04T09:42:00Z");
        row("ISO without seconds", "2022-03-04 9:42", "2022-03-04T09:42:00Z");
        row("milliseconds of .NET", "/Date(1646404955221)/", "2022-03-04T14:42:35.221Z");
        row("milliseconds with the writer's zone", "/Date(1646404955221+0200)/", "2022-03-04T14:42:35.221Z");
        row("milliseconds before 1970", "/Date(-1000)/", "1969-12-31T23:59:59Z");
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
        for (const auto *text : {"43:30.8",
                                 "21:01:43,299",
                                 "",
                                 "yesterday",
                                 "13/13/2022",
                                 "4/3/2022 14:42:35",
                                 "31.02.2022 10:00",
                                 "1.2.3.4",
                                 "03.24.2022",
                                 "/Date(x)/",
                                 "/Date(-62135596800000)/",
                                 "/Date(9999999999999999)/",
                                 "/Date(1)",
                                 "2/30/2022 1:00:00 AM",
                                 "3/24/2022 14:42:35 PM",
                                 "3/24/22 2:42:35 PM",
                                 "0001-01-01T00:00:00Z",
                                 "3/24/2022 2:42:35 PM extra",
                                 "3/24/2022 25:00:00",
                                 "/",
                                 "3/",
                                 "99999999999999999999/1/1",
                                 "2026-03-18T",
                                 "2026-03-18T14"})
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
        QCOMPARE(ingest::readTime("2026-03-18 14:26:00", {120})->toIso(),
                 std::string("2026-03-18T12:26:00Z"));
        QCOMPARE(ingest::readTime("2026-03-18T14:26:00Z", {120})->toIso(),
                 std::string("2026-03-18T14:26:00Z"));
        QCOMPARE(ingest::readTime("2026-03-18T14:26:00+01:00", {120})->toIso(),
                 std::string("2026-03-18T13:26:00Z"));
        QCOMPARE(ingest::readTime("3/18/2026 2:26:00 PM", {-300})->toIso(),
                 std::string("2026-03-18T19:26:00Z"));
        QCOMPARE(ingest::readTime("18.03.2026 14:26", {60})->toIso(), std::string("2026-03-18T13:26:00Z"));
        QCOMPARE(ingest::readTime("/Date(0)/", {60})->toIso(), std::string("1970-01-01T00:00:00Z"));
    }
    void theOrderOfTheFileDecidesWhatCouldBeBoth()
    {
        using ingest::DateOrder;
        ingest::SlashDates shown;
        const auto read = [&](const char *text, DateOrder order) {
            const auto time = ingest::readTime(text, {0, order}, &shown);
            return time ? time->toIso().substr(0, 10) : time.error().detail;
        };
        QCOMPARE(read("4/3/2022", DateOrder::DayFirst), std::string("2022-03-04"));
        QCOMPARE(read("4/3/2022", DateOrder::MonthFirst), std::string("2022-04-03"));
        QCOMPARE(read("4/3/2022", DateOrder::Open), std::string(ingest::unclearDate));
        QCOMPARE(shown.unclear, 3U);
        QVERIFY(read("24/3/2022", DateOrder::MonthFirst).find("unlike in the rest") != std::string::npos);
        QVERIFY(read("3/24/2022", DateOrder::DayFirst).find("unlike in the rest") != std::string::npos);
        QCOMPARE(shown.dayFirst, 1U);
        QCOMPARE(shown.monthFirst, 1U);
    }
    void findsADateWithSlashesInAText()
    {
        for (const auto *text : {"a;1/2/2022 x", R"("at":"01\/02\/2022")", "12/31/1999"})
            QVERIFY2(ingest::holdsSlashDate(text), text);
        for (const auto *text : {"", "/", "1/2", "Chrome/129.0/2022", "2022/01/02", "/Date(1)/", "1/2/202"})
            QVERIFY2(!ingest::holdsSlashDate(text), text);
    }
};

QTEST_APPLESS_MAIN(TimeReader)
#include "tst_time_reader.moc"

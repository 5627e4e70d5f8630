#include "core/base/text.h"
#include "core/ingest/field_rules.h"
#include "core/ingest/providers/entra/outcome_codes.h"

#include <QtTest>

using namespace riskdesk;
using namespace riskdesk::ingest;

class FieldRules : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void addresses_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *text, const char *expected) {
            QTest::newRow(name) << QString(text) << QString(expected);
        };
        row("plain v4", "192.0.2.7", "192.0.2.7");
        row("v4 with a port", "192.0.2.7:8085", "192.0.2.7");
        row("v6", "2001:db8::7", "2001:db8::7");
        row("v6 in full", "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "2001:db8:85a3::8a2e:370:7334");
        row("v6 in brackets with a port", "[2001:db8::7]:443", "2001:db8::7");
        row("v6 in brackets", "[2001:db8::7]", "2001:db8::7");
        row("v6 with a zone", "fe80::1%eth0", "fe80::1");
        row("private", "10.1.2.3", "10.1.2.3");
        row("blanks", " 192.0.2.7 ", "192.0.2.7");
        for (const auto *bad :
             {"", "123.456.7.89", "redacted", "<null>", "lambda.amazonaws.com", "AWS Internal",
              "6b1f0a52-0000-4000-8000-000000000001", "192.0.2.7:", "192.0.2.7:http", "[2001:db8::7",
              "[2001:db8::7]x", "0.0.0.0", "::", "1.2.3", "192.0.2.7, 192.0.2.8", ":", "[", "[]"})
            row(bad, bad, "");
    }
    void addresses()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        const auto ip = readAddress(text.toStdString());
        QCOMPARE(QString::fromStdString(ip ? ip->toString() : ""), expected);
    }

    void anAbsentUserIsWrittenInManyWays()
    {
        for (const auto *text :
             {"", "00000000-0000-0000-0000-000000000000", "Not Available", "null", "<null>", "-", "0"})
            QVERIFY2(isAbsent(text), text);
        for (const auto *text : {"0a000000-0000-0000-0000-000000000000", "nina", "user1", "0-1"})
            QVERIFY2(!isAbsent(text), text);
    }

    void coordinatesThatAreNoPlace()
    {
        QVERIFY(readCoordinates("", "").readable);
        QCOMPARE(readCoordinates("52.52", "13.405").latitude, 52.52);
        QCOMPARE(readCoordinates("-90", "180").longitude, 180.0);
        for (const auto &[lat, lon] : {std::pair{"91", "0"},
                                       {"0", "181"},
                                       {"0", "0"},
                                       {"0.0", "-0.0"},
                                       {"52.5", ""},
                                       {"", "13"},
                                       {"-6.197.073", "106.8"},
                                       {"nan", "1"},
                                       {"inf", "1"},
                                       {"1e400", "1"}}) {
            const auto place = readCoordinates(lat, lon);
            QVERIFY2(!place.readable, lat);
            QVERIFY(!std::isfinite(place.latitude) && !std::isfinite(place.longitude));
        }
    }

    void issuers()
    {
        QCOMPARE(std::string(issuerHost("https://accounts.google.com/o/oauth2")), std::string("google.com"));
        QCOMPARE(std::string(issuerHost("google.com")), std::string("google.com"));
        QVERIFY(isSocialIssuer("google.com"));
        QVERIFY(isSocialIssuer("Facebook.com"));
        QVERIFY(!isSocialIssuer("adfs.example.org"));
        QVERIFY(!isSocialIssuer("sts.windows.net"));
    }

    void errorCodes_data()
    {
        QTest::addColumn<int>("code");
        QTest::addColumn<int>("outcome");
        QTest::addColumn<int>("failure");
        const auto row = [](int code, Outcome outcome, FailureKind kind) {
            QTest::addRow("%d", code) << code << static_cast<int>(outcome) << static_cast<int>(kind);
        };
        row(0, Outcome::Success, FailureKind::None);
        row(50126, Outcome::Failure, FailureKind::BadPassword);
        row(50053, Outcome::Failure, FailureKind::Locked);
        row(50034, Outcome::Failure, FailureKind::UnknownUser);
        row(50055, Outcome::Failure, FailureKind::Expired);
        row(50057, Outcome::Failure, FailureKind::Disabled);
        for (const int code : {16000, 50058, 50097, 50125, 50127, 50129, 50140, 65001})
            row(code, Outcome::Interrupted, FailureKind::None);
        for (const int code : {50072, 50074, 50076, 50079, 50142, 50158, 50203, 51006})
            row(code, Outcome::Interrupted, FailureKind::Stopped);
        for (const int code : {50131, 53000, 53001, 53002, 53003, 53004})
            row(code, Outcome::Failure, FailureKind::Stopped);
        for (const int code : {50011, 1000000, 90072, -1, 7000215})
            row(code, Outcome::Failure, FailureKind::Other);
    }
    void errorCodes()
    {
        QFETCH(int, code);
        QFETCH(int, outcome);
        QFETCH(int, failure);
        QCOMPARE(static_cast<int>(entra::meaningOf(code).outcome), outcome);
        QCOMPARE(static_cast<int>(entra::meaningOf(code).failure), failure);
    }

    void anExcerptIsShortAndValid()
    {
        std::string text;
        for (int i = 0; i < 300; ++i)
            text += "é";
        for (std::size_t most : {1U, 2U, 3U, 399U, 400U, 401U, 600U}) {
            const auto cut = excerptOf(text, most);
            QVERIFY(cut.size() <= most);
            QVERIFY(cut.size() + 3 >= std::min<std::size_t>(most, text.size()));
            QVERIFY(isValidUtf8(cut));
            QCOMPARE(text.substr(0, cut.size()), cut);
        }
        QCOMPARE(excerptOf("caf\xe9"), std::string("café"));
        QVERIFY(excerptOf(std::string(1000, '\xe9')).size() <= 400);
        QVERIFY(excerptOf({}).empty());
    }
};

QTEST_APPLESS_MAIN(FieldRules)
#include "tst_field_rules.moc"

// Every format on a log written for it, and the traps that real logs of these formats hold.
#include "core/ingest/reader.h"

#include "tests/unit/ingest/collect.h"

#include <QtTest>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

QString text(std::string_view view)
{
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

QStringList reasons(const Collected &all)
{
    QStringList list;
    for (const auto &reject : all.rejects)
        list << QString::fromStdString(reject.reason);
    return list;
}

} // namespace

class Formats : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void counts_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("counts");
        const auto row = [](const char *file, const char *format, const char *counts) {
            QTest::newRow(file) << QString(file) << QString(format) << QString(counts);
        };
        const char *const three = "read 3 signIns 3 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0";
        row("graph_sign_ins.ndjson", "graphSignIns", three);
        row("graph_sign_ins_value.json", "graphSignIns", three);
        row("graph_sign_ins_array.json", "graphSignIns", three);
        row("graph_sign_ins_pages.json", "graphSignIns", three);
        row("graph_sign_in_object.json", "graphSignIns",
            "read 1 signIns 1 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("graph_users.json", "graphUsers",
            "read 3 signIns 0 users 2 detections 0 riskyUsers 0 notSignIns 0 rejects 1");
        row("graph_risk_detections.json", "graphRiskDetections",
            "read 1 signIns 0 users 0 detections 1 riskyUsers 0 notSignIns 0 rejects 0");
        row("graph_risky_users.json", "graphRiskyUsers",
            "read 2 signIns 0 users 0 detections 0 riskyUsers 1 notSignIns 0 rejects 1");
        const char *const mixed =
            "read 13 signIns 6 users 0 detections 1 riskyUsers 1 notSignIns 4 rejects 1";
        row("azure_diagnostics.ndjson", "azureDiagnostics", mixed);
        row("azure_diagnostics_records.json", "azureDiagnostics", mixed);
        row("log_analytics.ndjson", "logAnalyticsJson",
            "read 3 signIns 2 users 0 detections 0 riskyUsers 0 notSignIns 1 rejects 0");
        row("log_analytics_portal.csv", "logAnalyticsCsv",
            "read 2 signIns 2 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("entra_portal.csv", "entraPortalCsv",
            "read 8 signIns 7 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 1");
        row("entra_portal_semicolon_cp1252.csv", "entraPortalCsv",
            "read 2 signIns 2 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("entra_portal_utf16.csv", "entraPortalCsv",
            "read 2 signIns 2 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("entra_portal_flattened.csv", "entraPortalCsv",
            "read 2 signIns 2 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("entra_portal_applications.csv", "entraPortalCsv",
            "read 1 signIns 0 users 0 detections 0 riskyUsers 0 notSignIns 1 rejects 0");
        row("unified_audit.ndjson", "unifiedAuditJson",
            "read 8 signIns 6 users 0 detections 0 riskyUsers 0 notSignIns 1 rejects 1");
        row("unified_audit.csv", "unifiedAuditCsv",
            "read 8 signIns 6 users 0 detections 0 riskyUsers 0 notSignIns 1 rejects 1");
        row("unified_audit_splunk.csv", "unifiedAuditCsv",
            "read 3 signIns 3 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
    }
    void counts()
    {
        QFETCH(QString, file);
        QFETCH(QString, format);
        QFETCH(QString, counts);
        const auto path = ingestData(file.toStdString());
        const auto found = ingest::recognise(path);
        QVERIFY2(found, found ? "" : found.error().detail.c_str());
        QCOMPARE(text(ingest::toText(*found)), format);
        QCOMPARE(ingest::formatFromText(ingest::toText(*found)), std::optional(*found));
        QVERIFY(!ingest::displayName(*found).empty());
        const auto all = collect(path);
        QVERIFY2(all.status, all.status ? "" : all.status.error().detail.c_str());
        QCOMPARE(QString::fromStdString(all.counts()), counts);
        QCOMPARE(all.bytesDone, std::filesystem::file_size(path));
    }

    void aGraphSignInHasAllItsFields()
    {
        for (const auto *file :
             {"graph_sign_ins.ndjson", "graph_sign_ins_value.json", "graph_sign_ins_array.json"}) {
            const auto all = collect(ingestData(file));
            QCOMPARE(all.signIns.size(), std::size_t(3));
            const auto &s = all.signIns[0];
            QCOMPARE(text(s.eventId), "a1000000-0000-4000-8000-000000000001");
            QCOMPARE(s.at.toIso(), std::string("2026-03-18T14:21:00.123456Z"));
            QCOMPARE(text(s.userId), "6b1f0a52-1111-4000-8000-000000000001");
            QCOMPARE(text(s.userPrincipalName), "ana@fabrikam.example");
            QCOMPARE(text(s.userDisplayName), "Ana Lima");
            QCOMPARE(s.outcome, Outcome::Success);
            QCOMPARE(text(s.failureReason), ""); // "Other." on a success means nothing
            QCOMPARE(s.ip.toString(), std::string("192.0.2.1"));
            QCOMPARE(text(s.userAgent), "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0");
            QCOMPARE(text(s.browser), "Firefox 128.0");
            QCOMPARE(text(s.operatingSystem), "Linux");
            QCOMPARE(text(s.deviceId), "");
            QCOMPARE(text(s.clientApp), "Browser");
            QCOMPARE(text(s.application), "Staff mail");
            QCOMPARE(text(s.resource), "Directory");
            QCOMPARE(text(s.city), "Porto");
            QCOMPARE(text(s.state), "Porto");
            QCOMPARE(text(s.country), "PT");
            QCOMPARE(s.latitude, 41.15);
            QCOMPARE(s.longitude, -8.61);
            QCOMPARE(s.asn, 64500U);
            QVERIFY(s.interactive);
            QCOMPARE(s.mfa, Mfa::SingleFactor);
            QCOMPARE(text(s.correlationId), "d0000000-0000-4000-8000-000000000001");
            QCOMPARE(text(s.providerRiskLevel), "low");
            QCOMPARE(text(s.providerRiskState), "atRisk");
            QCOMPARE(s.warnings, std::uint8_t(0));
            QCOMPARE(all.signIns[1].failure, FailureKind::BadPassword);
            QCOMPARE(all.signIns[1].errorCode, 50126);
            QCOMPARE(text(all.signIns[1].failureReason), "Invalid username or password");
            QCOMPARE(all.signIns[2].mfa, Mfa::Passed);
            QCOMPARE(text(all.signIns[2].authenticationMethod), "Mobile app notification");
        }
    }

    void offsetLineAndLengthFindTheRecordAgain()
    {
        for (const auto *name :
             {"graph_sign_ins.ndjson", "graph_sign_ins_value.json", "graph_sign_ins_array.json",
              "entra_portal.csv", "log_analytics_portal.csv"}) {
            QFile file(QString::fromStdString(ingestData(name).string()));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray bytes = file.readAll();
            const auto all = collect(ingestData(name));
            for (const auto &s : all.signIns) {
                const auto record = bytes.mid(static_cast<qsizetype>(s.offset), s.length);
                QVERIFY2(
                    record.contains(QByteArray(s.eventId.data(), static_cast<qsizetype>(s.eventId.size()))),
                    name);
                QCOMPARE(bytes.left(static_cast<qsizetype>(s.offset)).count('\n') + 1,
                         static_cast<qsizetype>(s.line));
            }
        }
    }

    void usersBringTheirIdentities()
    {
        const auto all = collect(ingestData("graph_users.json"));
        QCOMPARE(all.users.size(), std::size_t(2));
        const auto &ana = all.users[0];
        QCOMPARE(ana.identity, Identity::Local);
        QCOMPARE(text(ana.phone), "+351 210 000 000");
        QCOMPARE(ana.accountEnabled, std::optional(true));
        QCOMPARE(ana.passwordChangedAt->toIso(), std::string("2025-11-02T09:30:00Z"));
        const auto &bo = all.users[1];
        QCOMPARE(bo.identity, Identity::Social);
        QCOMPARE(text(bo.issuer), "google.com");
        QCOMPARE(text(bo.phone), "+45 00 00 00 00");
        QCOMPARE(bo.accountEnabled, std::optional(false));
        QVERIFY(!bo.createdAt); // year 1 is how "no value" is written
        QCOMPARE(reasons(all), QStringList{"noUser"});
    }

    void riskRecordsAreKeptAsWritten()
    {
        const auto detections = collect(ingestData("graph_risk_detections.json"));
        const auto &d = detections.providerDetections.at(0);
        QCOMPARE(text(d.riskEventType), "passwordSpray"); // and not riskType, which is out of use
        QCOMPARE(text(d.requestId), "a1000000-0000-4000-8000-000000000001");
        QCOMPARE(d.at.toIso(), std::string("2026-03-18T14:21:00.5Z"));
        QCOMPARE(d.detectedAt.toIso(), std::string("2026-03-18T16:00:00Z"));
        QCOMPARE(text(d.additionalInfo), R"([{"Key":"userAgent","Value":"Mozilla/5.0"}])");
        QCOMPARE(d.ip.toString(), std::string("2001:db8::7"));
        QCOMPARE(d.latitude, 41.15);
        const auto users = collect(ingestData("graph_risky_users.json"));
        const auto &u = users.providerRiskyUsers.at(0);
        QCOMPARE(text(u.riskLevel), "medium");
        QCOMPARE(u.isProcessing, std::optional(true));
        QCOMPARE(u.isDeleted, std::optional(false));
        QCOMPARE(u.riskLastUpdated->toIso(), std::string("2026-03-18T16:05:00Z"));
    }

    void azureMonitorTakesTheEventsTimeAndFallsBackOnTheEnvelope()
    {
        for (const auto *file : {"azure_diagnostics.ndjson", "azure_diagnostics_records.json"}) {
            const auto all = collect(ingestData(file));
            QCOMPARE(reasons(all), QStringList{"noTime"}); // the envelope's time is when it was delivered
            const auto &plain = all.signIns[0];
            QCOMPARE(plain.at.toIso(), std::string("2026-03-18T14:21:00.123456Z"));
            QCOMPARE(text(plain.correlationId), "d0000000-0000-4000-8000-000000000001");
            const auto &quiet = all.signIns[1];
            QVERIFY(!quiet.interactive);
            QCOMPARE(quiet.ip.toString(), std::string("192.0.2.77"));
            QCOMPARE(quiet.failure, FailureKind::BadPassword);
            QCOMPARE(text(quiet.failureReason), "Wrong");
            QCOMPARE(text(quiet.country), "PT");   // "pt" in the envelope
            const auto &reversed = all.signIns[2]; // properties before category
            QCOMPARE(text(reversed.correlationId), "d0000000-0000-4000-8000-000000000005");
            QCOMPARE(text(all.signIns[3].eventId), "a1000000-0000-4000-8000-000000000006"); // ADFS
            QCOMPARE(all.signIns[4].outcome, Outcome::Failure); // the word Failure
            QCOMPARE(all.signIns[4].failure, FailureKind::Other);
            QCOMPARE(all.signIns[5].outcome, Outcome::Success); // the word Success
        }
    }

    void logAnalyticsHoldsJsonInText()
    {
        const auto all = collect(ingestData("log_analytics.ndjson"));
        for (const auto &s : all.signIns) {
            QCOMPARE(text(s.city), "Porto");
            QCOMPARE(s.latitude, 41.15);
            QCOMPARE(text(s.browser), "Firefox 128.0");
            QCOMPARE(text(s.authenticationMethod), "Password");
            QCOMPARE(text(s.resource), "Directory"); // ResourceDisplayName, not Resource
            QCOMPARE(s.warnings, std::uint8_t(0));
        }
        QCOMPARE(all.signIns[1].failure, FailureKind::Locked);
    }

    void thePortalsLogAnalyticsCsvHasPairsOfColumns()
    {
        const auto all = collect(ingestData("log_analytics_portal.csv"));
        QCOMPARE(all.signIns[0].at.toIso(), std::string("2026-03-18T14:26:00.123Z"));
        QVERIFY(all.signIns[0].interactive);
        QVERIFY(!all.signIns[1].interactive);
        QCOMPARE(all.signIns[1].failure, FailureKind::BadPassword);
        QCOMPARE(text(all.signIns[1].failureReason), "Invalid \"x\"");
        for (const auto &s : all.signIns) {
            QCOMPARE(text(s.city), "Porto");
            QCOMPARE(text(s.operatingSystem), "Linux");
            QCOMPARE(s.warnings, std::uint8_t(0));
        }
    }

    void thePortalCsv()
    {
        const auto all = collect(ingestData("entra_portal.csv"));
        QCOMPARE(reasons(all), QStringList{"noOutcome"});
        const auto &s = all.signIns[0];
        QCOMPARE(text(s.userAgent), "Mozilla/5.0, with a comma");
        QCOMPARE(text(s.city), "Porto");
        QCOMPARE(text(s.country), "PT");
        QCOMPARE(s.asn, 64500U);
        QCOMPARE(text(s.sessionId), "s-1");
        QCOMPARE(s.mfa, Mfa::SingleFactor);
        QCOMPARE(all.signIns[1].failure, FailureKind::BadPassword);
        QCOMPARE(all.signIns[2].outcome, Outcome::Interrupted);
        QCOMPARE(all.signIns[3].outcome, Outcome::Failure); // no code, but the word
        QCOMPARE(text(all.signIns[4].city), "Washington, D.C.");
        QCOMPARE(text(all.signIns[4].country), "US");
        QCOMPARE(text(all.signIns[5].city), "Lissabon");
        QCOMPARE(text(all.signIns[5].country), ""); // a name, not a code
        QCOMPARE(all.signIns[5].warnings, std::uint8_t(1));
        QCOMPARE(all.signIns[6].identity, Identity::Social);
        QCOMPARE(text(all.signIns[6].issuer), "google.com");
        QCOMPARE(all.warnings, std::uint64_t(1));
    }

    void otherEncodingsAndSeparators()
    {
        const auto latin = collect(ingestData("entra_portal_semicolon_cp1252.csv"));
        QCOMPARE(text(latin.signIns[0].userDisplayName), QString::fromUtf8("Zoë Brontë"));
        QCOMPARE(text(latin.signIns[0].city), QString::fromUtf8("Málaga"));
        QCOMPARE(text(latin.signIns[1].userDisplayName), "two\r\nlines");
        const auto wide = collect(ingestData("entra_portal_utf16.csv"));
        QCOMPARE(text(wide.signIns[0].userDisplayName), QString::fromUtf8("Zoë 🦊 Brontë"));
    }

    void theOlderPortalExport()
    {
        ingest::ReadOptions options;
        options.zoneMinutes = 60;
        const auto all = collect(ingestData("entra_portal_flattened.csv"), options);
        QCOMPARE(all.signIns[0].at.toIso(), std::string("2026-03-18T06:22:01Z"));
        QCOMPARE(text(all.signIns[0].city), "Porto");
        QCOMPARE(all.signIns[1].outcome, Outcome::Failure);
        QCOMPARE(text(all.signIns[1].country), "");
        QCOMPARE(all.warnings, std::uint64_t(1));
        // A header that says UTC is not shifted.
        const auto utc = collect(ingestData("log_analytics_portal.csv"), options);
        QCOMPARE(utc.signIns[0].at.toIso(), std::string("2026-03-18T14:26:00.123Z"));
    }

    void theUnifiedAuditLog()
    {
        for (const auto *file : {"unified_audit.ndjson", "unified_audit.csv"}) {
            const auto all = collect(ingestData(file));
            QCOMPARE(reasons(all), QStringList{"noUser"});
            const auto &s = all.signIns[0];
            QCOMPARE(s.at.toIso(), std::string("2026-03-18T14:26:01Z")); // no Z, and UTC
            QCOMPARE(text(s.userId), "6b1f0a52-1111-4000-8000-000000000001");
            QCOMPARE(text(s.userPrincipalName), "ana@fabrikam.example");
            QCOMPARE(text(s.userAgent), "Mozilla\\/5.0 \"quoted\"");
            QCOMPARE(text(s.operatingSystem), "Windows 10");
            QCOMPARE(text(s.browser), "Edge");
            QCOMPARE(text(s.deviceId), "dev-1");
            QCOMPARE(text(s.sessionId), "72316b99-0000-4000-8000-000000000000");
            QCOMPARE(text(s.clientApp), "Login:login");
            QCOMPARE(text(s.correlationId), "i1");
            QCOMPARE(s.outcome, Outcome::Success);
            // ResultStatus says "Success" on every one of them.
            QCOMPARE(all.signIns[1].outcome, Outcome::Failure);
            QCOMPARE(all.signIns[1].failure, FailureKind::BadPassword);
            QCOMPARE(all.signIns[2].outcome, Outcome::Success);     // UserLoggedIn with 50140
            QCOMPARE(all.signIns[3].outcome, Outcome::Interrupted); // UserLoginFailed with 50072
            QCOMPARE(all.signIns[4].ip.toString(), std::string("2001:db8::5"));
            QCOMPARE(all.signIns[5].eventId, all.signIns[0].eventId); // duplicates are the store's matter
        }
    }

    void badFieldsAreLeftEmptyAndCounted_data()
    {
        QTest::addColumn<QString>("extra");
        QTest::addColumn<int>("warnings");
        const auto row = [](const char *name, const char *extra, int warnings) {
            QTest::newRow(name) << QString(extra) << warnings;
        };
        row("a good record has none", "", 0);
        row("impossible address", R"(,"ipAddress":"123.456.7.89")", 1);
        row("redacted address", R"(,"ipAddress":"redacted")", 1);
        row("empty address is no warning", R"(,"ipAddress":"")", 0);
        row("country in words", R"(,"location":{"countryOrRegion":"Indonesia"})", 1);
        row("latitude off the globe", R"(,"location":{"geoCoordinates":{"latitude":91,"longitude":0}})", 1);
        row("no latitude and no longitude",
            R"(,"location":{"geoCoordinates":{"latitude":0.0,"longitude":0}})", 1);
        row("coordinates of null are no warning",
            R"(,"location":{"geoCoordinates":{"latitude":null,"longitude":null}})", 0);
        row("empty coordinates are no warning", R"(,"location":{"geoCoordinates":{}})", 0);
        row("coordinates of null altogether", R"(,"location":{"geoCoordinates":null})", 0);
        row("a city called Unknown", R"(,"location":{"city":"Unknown","countryOrRegion":"PT"})", 0);
        row("autonomous system as text", R"(,"autonomousSystemNumber":"64500")", 0);
        row("autonomous system that is none", R"(,"autonomousSystemNumber":"AS?")", 1);
        row("interactive as a word", R"(,"isInteractive":"perhaps")", 1);
        row("device that is a list", R"(,"deviceDetail":[1,2])", 1);
        row("JSON text that is damaged", ",\"deviceDetail\":\"{\\\"browser\\\":\"", 1);
        row("two at once", R"(,"ipAddress":"x","autonomousSystemNumber":"x")", 2);
    }
    void badFieldsAreLeftEmptyAndCounted()
    {
        QFETCH(QString, extra);
        QFETCH(int, warnings);
        // The later of two members with one name wins.
        const auto all = collectText(graphSignIn("e1", extra.toStdString()) + "\n");
        QCOMPARE(all.signIns.size(), std::size_t(1));
        QVERIFY(all.rejects.empty());
        QCOMPARE(static_cast<int>(all.warnings), warnings);
        QCOMPARE(static_cast<int>(all.signIns[0].warnings), warnings);
        QVERIFY(!all.signIns[0].hasCoordinates());
        if (extra.contains("ipAddress\":\"r") || extra.contains("123.456"))
            QVERIFY(!all.signIns[0].ip.isKnown());
    }

    void onlyTimeUserAndOutcomeReject_data()
    {
        QTest::addColumn<QString>("record");
        QTest::addColumn<QString>("reason");
        const auto row = [](const char *name, const char *record, const char *reason) {
            QTest::newRow(name) << QString(record) << QString(reason);
        };
        row("no time", R"({"id":"1","userPrincipalName":"a@b","status":{"errorCode":0},"ipAddress":""})",
            "noTime");
        row("time that is none",
            R"({"createdDateTime":"43:30.8","userPrincipalName":"a@b","status":{"errorCode":0}})", "noTime");
        row("time of year one",
            R"({"createdDateTime":"0001-01-01T00:00:00Z","userPrincipalName":"a@b","status":{"errorCode":0}})",
            "noTime");
        row("no user", R"({"createdDateTime":"2026-03-18T14:26:00Z","status":{"errorCode":0}})", "noUser");
        row("user of zeros",
            R"({"createdDateTime":"2026-03-18T14:26:00Z","userId":"00000000-0000-0000-0000-000000000000","status":{"errorCode":0}})",
            "noUser");
        row("no outcome",
            R"({"createdDateTime":"2026-03-18T14:26:00Z","userId":"u","ipAddress":"192.0.2.1"})",
            "noOutcome");
        row("outcome in an unknown word",
            R"({"createdDateTime":"2026-03-18T14:26:00Z","userId":"u","resultType":"maybe"})", "noOutcome");
        row("code too large",
            R"({"createdDateTime":"2026-03-18T14:26:00Z","userId":"u","status":{"errorCode":99999999999}})",
            "noOutcome");
        row("code as text is read",
            R"({"createdDateTime":"2026-03-18T14:26:00Z","userId":"u","status":{"errorCode":"50126"}})", "");
        row("nothing but these three",
            R"({"createdDateTime":"2026-03-18T14:26:00Z","userId":"u","status":{"errorCode":0}})", "");
    }
    void onlyTimeUserAndOutcomeReject()
    {
        QFETCH(QString, record);
        QFETCH(QString, reason);
        const auto all = collectText(graphSignIn("good") + "\n" + record.toStdString() + "\n");
        QCOMPARE(all.read, std::uint64_t(2));
        QCOMPARE(reasons(all), reason.isEmpty() ? QStringList() : QStringList{reason});
        QCOMPARE(all.signIns.size(), std::size_t(reason.isEmpty() ? 2 : 1));
        if (!all.rejects.empty()) {
            QCOMPARE(all.rejects[0].line, std::uint64_t(2));
            QVERIFY(!all.rejects[0].detail.empty());
            QCOMPARE(QString::fromStdString(all.rejects[0].excerpt), record);
        }
    }

    void aServicePrincipalIsNotASignIn()
    {
        const auto all =
            collectText(graphSignIn("u", R"(,"signInEventTypes":["nonInteractiveUser"])") + "\n" +
                        graphSignIn("s", R"(,"signInEventTypes":["servicePrincipal"])") + "\n");
        QCOMPARE(all.notSignIns, std::uint64_t(1));
        QCOMPARE(all.signIns.size(), std::size_t(1));
        QVERIFY(!all.signIns[0].interactive);
    }

    void escapesAreResolvedAndStayReadable()
    {
        std::string log;
        for (int i = 0; i < 200; ++i)
            log += graphSignIn("e" + std::to_string(i),
                               R"(,"userAgent":"tab\tquote\" \u00e9 )" + std::to_string(i) + "\"") +
                   "\n";
        const auto all = collectText(log);
        QCOMPARE(all.signIns.size(), std::size_t(200));
        for (std::size_t i = 0; i < all.signIns.size(); ++i)
            QCOMPARE(text(all.signIns[i].userAgent),
                     QString::fromUtf8("tab\tquote\" é ") + QString::number(i));
    }

    void federatedIsNotAlwaysSocial()
    {
        const auto all = collectText(
            graphSignIn("1", ",\"federatedTokenIssuer\":\"https://accounts.google.com\"") + "\n" +
            graphSignIn("2",
                        ",\"federatedTokenIssuer\":\"http://adfs.fabrikam.example/adfs/services/trust\"") +
            "\n" + graphSignIn("3", R"(,"signInIdentifierType":"userPrincipalName")") + "\n" +
            graphSignIn("4") + "\n");
        QCOMPARE(all.signIns[0].identity, Identity::Social);
        QCOMPARE(all.signIns[1].identity, Identity::Unknown);
        QCOMPARE(text(all.signIns[1].issuer), "adfs.fabrikam.example");
        QCOMPARE(all.signIns[2].identity, Identity::Local);
        QCOMPARE(all.signIns[3].identity, Identity::Unknown);
    }
};

QTEST_APPLESS_MAIN(Formats)
#include "tst_formats.moc"

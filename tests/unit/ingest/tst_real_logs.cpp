// The counts that the data page states for real exports, and the refusal of every log that is not ours.
#include "core/base/text.h"

#include "tests/support/shared_data.h"
#include "tests/unit/ingest/collect.h"

#include <QtTest>

#include <map>
#include <set>

using namespace riskdesk;
using namespace riskdesk::test;

class RealLogs : public QObject
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
        row("m365-unified-audit/invictus-auditrecords-signins-2021-03_05.csv", "unifiedAuditCsv",
            "read 283 signIns 283 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("m365-unified-audit/sekoia-o365-userlogin.ndjson", "unifiedAuditJson",
            "read 3 signIns 3 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("entra-loganalytics/sentinel-traininglab-SigninLogs.csv", "logAnalyticsCsv",
            "read 28 signIns 28 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("entra-loganalytics/msticpy-SigninLogs.ndjson", "logAnalyticsJson",
            "read 43 signIns 43 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("entra-graph-live/graph2otel-signIn-v1.0-live.json", "graphSignIns",
            "read 1 signIns 1 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("entra-graph-live/graph2otel-riskDetection-live.json", "graphRiskDetections",
            "read 1 signIns 0 users 0 detections 1 riskyUsers 0 notSignIns 0 rejects 0");
        row("entra-graph-live/riskDetections-demisto-readme.json", "graphRiskDetections",
            "read 2 signIns 0 users 0 detections 2 riskyUsers 0 notSignIns 0 rejects 0");
        row("entra-graph-live/graph2otel-riskyUsers-live.json", "graphRiskyUsers",
            "read 1 signIns 0 users 0 detections 0 riskyUsers 1 notSignIns 0 rejects 0");
        row("entra-graph-live/demisto-list_risky_users.json", "graphRiskyUsers",
            "read 3 signIns 0 users 0 detections 0 riskyUsers 3 notSignIns 0 rejects 0");
        row("entra-diagnostic/sekoia-signin-records.ndjson", "azureDiagnostics",
            "read 4 signIns 4 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("entra-diagnostic/sekoia-userriskevents.ndjson", "azureDiagnostics",
            "read 2 signIns 0 users 0 detections 2 riskyUsers 0 notSignIns 0 rejects 0");
        // Three of them have no createdDateTime, four are service principals.
        row("entra-diagnostic/panther-azure-signin.ndjson", "azureDiagnostics",
            "read 13 signIns 6 users 0 detections 0 riskyUsers 0 notSignIns 4 rejects 3");
        row("elastic-integrations/azure-signinlogs-offset-time.ndjson", "azureDiagnostics",
            "read 1 signIns 1 users 0 detections 0 riskyUsers 0 notSignIns 0 rejects 0");
        row("elastic-integrations/azure-identity-protection-riskyusers.ndjson", "azureDiagnostics",
            "read 1 signIns 0 users 0 detections 0 riskyUsers 1 notSignIns 0 rejects 0");
        row("elastic-integrations/azure-identity-protection-userriskevents.ndjson", "azureDiagnostics",
            "read 1 signIns 0 users 0 detections 1 riskyUsers 0 notSignIns 0 rejects 0");
    }
    void counts()
    {
        QFETCH(QString, file);
        QFETCH(QString, format);
        QFETCH(QString, counts);
        const auto path = sharedData("signins/" + file.toStdString());
        SKIP_WITHOUT_SHARED("signins");
        const auto found = ingest::recognise(path);
        QVERIFY2(found, found ? "" : found.error().detail.c_str());
        QCOMPARE(QString::fromStdString(std::string(ingest::toText(*found))), format);
        const auto all = collect(path);
        QVERIFY2(all.status, all.status ? "" : all.status.error().detail.c_str());
        for (const auto &reject : all.rejects)
            qInfo("%s line %lu: %s %s", file.toUtf8().constData(), reject.line, reject.reason.c_str(),
                  reject.detail.c_str());
        QCOMPARE(QString::fromStdString(all.counts()), counts);
        QCOMPARE(all.bytesDone, std::filesystem::file_size(path));
    }

    void theUnifiedAuditLogHoldsWhatIsKnownOfIt()
    {
        SKIP_WITHOUT_SHARED("signins");
        const auto all =
            collect(sharedData("signins/m365-unified-audit/invictus-auditrecords-signins-2021-03_05.csv"));
        std::set<std::string> ids, users, addresses;
        std::map<int, int> outcomes, kinds;
        for (const auto &s : all.signIns) {
            ids.emplace(s.eventId);
            users.emplace(s.userId);
            addresses.insert(s.ip.toString());
            ++outcomes[static_cast<int>(s.outcome)];
            ++kinds[static_cast<int>(s.failure)];
        }
        QCOMPARE(ids.size(), std::size_t(269));
        QCOMPARE(users.size(), std::size_t(8));
        QCOMPARE(addresses.size(), std::size_t(8));
        QCOMPARE(outcomes[static_cast<int>(Outcome::Success)], 181);
        // 13 × 50072, 7 × 50058, 3 × 65001; the 9 prompts after a sign-in interrupted nothing.
        QCOMPARE(outcomes[static_cast<int>(Outcome::Interrupted)], 23);
        QCOMPARE(kinds[static_cast<int>(FailureKind::BadPassword)], 61);
        QCOMPARE(kinds[static_cast<int>(FailureKind::Other)], 18); // 12 × 50011, 6 × 1000000
    }

    void theLogAnalyticsCopiesDifferOnlyInTheirIds()
    {
        SKIP_WITHOUT_SHARED("signins");
        const auto all = collect(sharedData("signins/entra-loganalytics/msticpy-SigninLogs.ndjson"));
        std::set<std::string> ids;
        for (const auto &s : all.signIns) {
            ids.emplace(s.eventId);
            QVERIFY(s.ip.isKnown());
            QVERIFY(s.hasCoordinates());
            QVERIFY(!s.userAgent.empty());
        }
        QCOMPARE(ids.size(), std::size_t(23));
    }

    void theSentinelExportHasItsCellsReadAsJson()
    {
        SKIP_WITHOUT_SHARED("signins");
        const auto all =
            collect(sharedData("signins/entra-loganalytics/sentinel-traininglab-SigninLogs.csv"));
        QVERIFY(!all.signIns.empty());
        const auto &s = all.signIns.front();
        QCOMPARE(s.at.toIso(), std::string("2021-04-28T14:08:45.221Z"));
        QCOMPARE(std::string(s.city), std::string("Azor"));
        QCOMPARE(std::string(s.country), std::string("IL"));
        QCOMPARE(std::string(s.operatingSystem), std::string("Windows 10"));
        QCOMPARE(s.ip.toString(), std::string("175.45.176.99"));
        QCOMPARE(all.warnings, std::uint64_t(0));
    }

    void everyOtherLogIsRefusedByName_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("name");
        const auto row = [](const char *file, const char *name) {
            QTest::newRow(file) << QString(file) << QString(name);
        };
        for (const auto *file : {"okta/panther-okta.ndjson", "okta/sekoia-okta-system-log.ndjson",
                                 "okta/tenzir-okta-system-log.ndjson"})
            row(file, "Okta system log");
        for (const auto *file : {"auth0/panther-auth0.ndjson", "elastic-integrations/auth0-logstream.ndjson"})
            row(file, "Auth0");
        for (const auto *file :
             {"aws/panther-cloudtrail-signin.ndjson", "aws/sekoia-cloudtrail-consolelogin.ndjson"})
            row(file, "AWS CloudTrail");
        for (const auto *file : {"duo/panther-duo-auth.ndjson", "duo/sekoia-duo.ndjson"})
            row(file, "Duo");
        row("google-workspace/sekoia-reports-api.ndjson", "Google Workspace");
        row("jumpcloud/sekoia-jumpcloud.ndjson", "JumpCloud");
        row("keycloak/sekoia-keycloak-events.ndjson", "Keycloak");
        row("elastic-integrations/keycloak-server-log.log", "Keycloak");
        row("pingfederate/sekoia-pingfederate.log", "PingFederate");
        row("rba/rba-clean-sample.csv", "RBA");
    }
    void everyOtherLogIsRefusedByName()
    {
        QFETCH(QString, file);
        QFETCH(QString, name);
        SKIP_WITHOUT_SHARED("signins");
        const auto path = sharedData("signins/" + file.toStdString());
        const auto format = ingest::recognise(path);
        QVERIFY(!format);
        QCOMPARE(format.error().code, Code::Unrecognised);
        QVERIFY2(QString::fromStdString(format.error().detail).contains(name), format.error().detail.c_str());
        const auto all = collect(path);
        QVERIFY(!all.status);
        QCOMPARE(all.status.error().code, Code::Unrecognised);
        QCOMPARE(all.read, std::uint64_t(0));
    }
};

QTEST_APPLESS_MAIN(RealLogs)
#include "tst_real_logs.moc"

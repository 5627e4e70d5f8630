// Our objects field by field as Graph shapes them, and their CSV.
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/history.h"
#include "core/query/tables/property.h"
#include "core/query/tables/risky_users.h"
#include "core/query/tables/sign_ins.h"
#include "core/query/tables/users.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::query;

namespace {

QJsonObject object(const std::string &json)
{
    QJsonParseError error{};
    const auto document = QJsonDocument::fromJson(QByteArray::fromStdString(json), &error);
    if (error.error != QJsonParseError::NoError)
        qWarning("%s: %s", qPrintable(error.errorString()), json.c_str());
    return document.object();
}

const Timestamp t0 = Timestamp::fromCivil(2026, 3, 18, 14, 26, 0, 250000);

RiskyUserRow user()
{
    RiskyUserRow row;
    row.found = true;
    row.key = "4628e7df-dff3-407c-a08f-75f08c0806dc";
    row.displayName = "Zo\xc3\xab \"Z\" \xff";
    row.userPrincipalName = "zoe@shop.example";
    row.standing = {RiskLevel::None, RiskState::Dismissed, RiskDetail::AdminDismissedAllRiskForUser, 0};
    row.updatedAt = t0;
    row.identity = Identity::Social;
    row.issuer = "google.com";
    row.mail = "zoe@mail.example";
    return row;
}

DetectionRow detection()
{
    DetectionRow row;
    auto &d = row.detection;
    d.id = std::string(64, 'a');
    d.type = DetectionType::AnonymizedIPAddress;
    d.typeText = "anonymizedIPAddress";
    d.level = RiskLevel::Medium;
    d.timing = DetectionTiming::Realtime;
    d.requestId = "06f7fd18-b8f1-407d-86a3-f6cbe3a4be00";
    d.correlationId = "2a38abff-5701-4073-a81e-fd3aac09cba3";
    d.ip = *IpAddress::parse("178.17.170.23");
    d.at = d.detectedAt = t0;
    d.lastUpdated = t0 + std::chrono::minutes(2);
    d.count = 2;
    d.lastAt = t0 + std::chrono::minutes(1);
    row.userKey = "4628e7df-dff3-407c-a08f-75f08c0806dc";
    row.userName = "MyTestUser1";
    row.userPrincipalName = "MyTestUser1@contoso.example";
    row.userAgent = "Mozilla/5.0 (\"quoted\")";
    row.place = {"Chisinau", "", "MD", 47.0269, 28.8416, 20};
    return row;
}

} // namespace

class GraphJsonTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void riskyUserIsGraphs()
    {
        const auto json = object(query::json(riskyUserColumns(), user()));
        QCOMPARE(json.keys(),
                 (QStringList{"id", "isDeleted", "isProcessing", "riskDetail", "riskLastUpdatedDateTime",
                              "riskLevel", "riskState", "userDisplayName", "userPrincipalName"}));
        QCOMPARE(json["id"].toString(), "4628e7df-dff3-407c-a08f-75f08c0806dc");
        QCOMPARE(json["isDeleted"], QJsonValue(false));
        QCOMPARE(json["isProcessing"], QJsonValue(false));
        QCOMPARE(json["riskLevel"].toString(), "none");
        QCOMPARE(json["riskState"].toString(), "dismissed");
        QCOMPARE(json["riskDetail"].toString(), "adminDismissedAllRiskForUser");
        QCOMPARE(json["riskLastUpdatedDateTime"].toString(), "2026-03-18T14:26:00.25Z");
        QCOMPARE(json["userDisplayName"].toString(), QString::fromUtf8("Zo\xc3\xab \"Z\" \xef\xbf\xbd"));
        QCOMPARE(json["userPrincipalName"].toString(), "zoe@shop.example");
    }

    void riskDetectionIsGraphs()
    {
        const auto json = object(query::json(riskDetectionColumns(), detection()));
        QCOMPARE(json.keys().size(), 21);
        const QHash<QString, QString> texts = {{"id", QString(64, 'a')},
                                               {"requestId", "06f7fd18-b8f1-407d-86a3-f6cbe3a4be00"},
                                               {"correlationId", "2a38abff-5701-4073-a81e-fd3aac09cba3"},
                                               {"riskType", "anonymizedIPAddress"},
                                               {"riskEventType", "anonymizedIPAddress"},
                                               {"riskState", "atRisk"},
                                               {"riskLevel", "medium"},
                                               {"riskDetail", "none"},
                                               {"source", "Riskdesk"},
                                               {"detectionTimingType", "realtime"},
                                               {"activity", "signin"},
                                               {"tokenIssuerType", "AzureAD"},
                                               {"ipAddress", "178.17.170.23"},
                                               {"activityDateTime", "2026-03-18T14:26:00.25Z"},
                                               {"detectedDateTime", "2026-03-18T14:26:00.25Z"},
                                               {"lastUpdatedDateTime", "2026-03-18T14:28:00.25Z"},
                                               {"userId", "4628e7df-dff3-407c-a08f-75f08c0806dc"},
                                               {"userDisplayName", "MyTestUser1"},
                                               {"userPrincipalName", "MyTestUser1@contoso.example"}};
        for (auto it = texts.begin(); it != texts.end(); ++it)
            QCOMPARE(it.key() + ' ' + json[it.key()].toString(), it.key() + ' ' + it.value());
        const auto location = json["location"].toObject();
        QCOMPARE(location["city"].toString(), "Chisinau");
        QVERIFY(location["state"].isNull());
        QCOMPARE(location["countryOrRegion"].toString(), "MD");
        QCOMPARE(location["geoCoordinates"].toObject()["latitude"].toDouble(), 47.0269);
        QCOMPARE(location["geoCoordinates"].toObject()["longitude"].toDouble(), 28.8416);
        // additionalInfo is a string that holds a JSON array of {Key,Value}.
        QVERIFY(json["additionalInfo"].isString());
        const auto info = QJsonDocument::fromJson(json["additionalInfo"].toString().toUtf8()).array();
        QHash<QString, QJsonValue> values;
        for (const auto &entry : info) {
            QCOMPARE(entry.toObject().keys(), (QStringList{"Key", "Value"}));
            values[entry.toObject()["Key"].toString()] = entry.toObject()["Value"];
        }
        QCOMPARE(values["userAgent"].toString(), "Mozilla/5.0 (\"quoted\")");
        QCOMPARE(values["mitreTechniques"].toString(), "T1090.003");
        QCOMPARE(values["lastActivityTimeInUtc"].toString(), "2026-03-18T14:27:00.25Z");
    }

    void detectionsOfAUserHaveNoRequest()
    {
        DetectionRow row;
        row.detection.id = "x";
        row.detection.type = DetectionType::AdminConfirmedUserCompromised;
        row.detection.activity = Activity::User;
        const auto json = object(query::json(riskDetectionColumns(), row));
        QVERIFY(json["requestId"].isNull());
        QVERIFY(json["correlationId"].isNull());
        QVERIFY(json["ipAddress"].isNull());
        QVERIFY(json["location"].isNull());
        QCOMPARE(json["activity"].toString(), "user");
    }

    void anImportedTypeKeepsItsName()
    {
        DetectionRow row;
        row.detection.typeText = "mcasSuspiciousInboxManipulationRules";
        row.detection.source = "IdentityProtection";
        QCOMPARE(object(query::json(riskDetectionColumns(), row))["riskEventType"].toString(),
                 "mcasSuspiciousInboxManipulationRules");
        QCOMPARE(object(query::json(riskDetectionColumns(), row))["source"].toString(), "IdentityProtection");
    }

    void signInIsGraphs()
    {
        SignInItem item;
        item.requestId = "06f7fd18-b8f1-407d-86a3-f6cbe3a4be00";
        item.row.at = t0.us;
        item.row.errorCode = 50126;
        item.row.outcome = Outcome::Failure;
        item.failureReason = "Invalid username or password";
        item.userKey = "c1";
        item.application = "Storefront";
        item.ip = *IpAddress::parse("2001:db8::7");
        item.place = {"", "", "PT"};
        item.types = {"unfamiliarFeatures", "unlikelyTravel"};
        item.risk = {RiskLevel::Medium, RiskLevel::High, RiskState::AtRisk, RiskDetail::None, 91};
        const auto json = object(query::json(signInColumns(), item));
        QCOMPARE(json["id"].toString(), "06f7fd18-b8f1-407d-86a3-f6cbe3a4be00");
        QCOMPARE(json["createdDateTime"].toString(), "2026-03-18T14:26:00.25Z");
        QCOMPARE(json["riskLevelDuringSignIn"].toString(), "medium");
        QCOMPARE(json["riskLevelAggregated"].toString(), "high");
        QCOMPARE(json["riskState"].toString(), "atRisk");
        QCOMPARE(json["riskEventTypes_v2"].toArray().size(), 2);
        QCOMPARE(json["status"].toObject()["errorCode"].toInt(), 50126);
        QCOMPARE(json["status"].toObject()["failureReason"].toString(), "Invalid username or password");
        QCOMPARE(json["location"].toObject()["countryOrRegion"].toString(), "PT");
        QVERIFY(json["location"].toObject()["geoCoordinates"].isNull());
        QCOMPARE(json["ipAddress"].toString(), "2001:db8::7");
        QVERIFY(json["deviceDetail"].isObject());
        QCOMPARE(csv(signInColumns(), item).size(), csvHeader(signInColumns()).size());
    }

    void userIsGraphs()
    {
        const auto json = object(query::json(userColumns(), user()));
        QCOMPARE(json["accountEnabled"], QJsonValue(true));
        const auto identity = json["identities"].toArray().at(0).toObject();
        QCOMPARE(identity["issuer"].toString(), "google.com");
        QCOMPARE(identity["signInType"].toString(), "federated");
        QCOMPARE(json["passwordProfile"].toObject()["forceChangePasswordNextSignIn"], QJsonValue(false));
    }

    void historyItemIsGraphs()
    {
        HistoryItem item;
        item.event.to = {RiskLevel::High, RiskState::AtRisk, RiskDetail::None, 80};
        item.detectionType = "anonymizedIPAddress";
        const auto json = object(query::json(historyColumns(), item));
        QVERIFY(json["initiatedBy"].isNull());
        QCOMPARE(json["activity"].toObject()["riskEventTypes"].toArray().at(0).toString(),
                 "anonymizedIPAddress");
    }

    void csvCells_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("cell");
        QTest::newRow("plain") << QByteArray("Lisbon") << QByteArray("Lisbon");
        QTest::newRow("empty") << QByteArray("") << QByteArray("");
        QTest::newRow("comma") << QByteArray("a,b") << QByteArray("\"a,b\"");
        QTest::newRow("quote") << QByteArray("a\"b") << QByteArray("\"a\"\"b\"");
        QTest::newRow("line end") << QByteArray("a\r\nb") << QByteArray("\"a\r\nb\"");
        QTest::newRow("formula") << QByteArray("=HYPERLINK(\"x\")")
                                 << QByteArray("\"'=HYPERLINK(\"\"x\"\")\"");
        QTest::newRow("plus") << QByteArray("+cmd|' /C calc'!A0") << QByteArray("'+cmd|' /C calc'!A0");
        QTest::newRow("at") << QByteArray("@SUM(1)") << QByteArray("'@SUM(1)");
        QTest::newRow("tab") << QByteArray("\t=1") << QByteArray("'\t=1");
        QTest::newRow("minus and text") << QByteArray("-1+1") << QByteArray("'-1+1");
        QTest::newRow("a negative number stays one") << QByteArray("-9.1393") << QByteArray("-9.1393");
    }
    void csvCells()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, cell);
        QCOMPARE(QByteArray::fromStdString(csvCell(text.toStdString())), cell);
    }

    void csvLinesMatchTheirHeaders()
    {
        QCOMPARE(csv(riskyUserColumns(), user()).size(), csvHeader(riskyUserColumns()).size());
        QCOMPARE(csv(riskDetectionColumns(), detection()).size(), csvHeader(riskDetectionColumns()).size());
        const std::string cells[] = {"a", "b,c"};
        QCOMPARE(csvLine(cells), std::string("a,\"b,c\"\r\n"));
    }
};

QTEST_APPLESS_MAIN(GraphJsonTest)
#include "tst_graph_json.moc"

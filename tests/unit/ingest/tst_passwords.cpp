// New passwords and second factors as logs tell them: what counts, whose it is, and what only looks alike.
#include "tests/unit/ingest/collect.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

std::string directoryAudit(const std::string &activity, const std::string &initiatedBy,
                           const std::string &result = "success", const std::string &reason = "")
{
    return R"({"id":"Directory_1","category":"UserManagement","activityDisplayName":")" + activity +
           R"(","activityDateTime":"2026-03-18T10:00:00.5Z","result":")" + result + R"(","resultReason":")" +
           reason + R"(","initiatedBy":)" + initiatedBy +
           R"(,"targetResources":[{"id":"g","type":"Group"},{"id":"6b1f0a52-0000-4000-8000-000000000001",)"
           R"("type":"User","userPrincipalName":"ana@example.org","modifiedProperties":[]}]})";
}

std::string byUser(const std::string &name)
{
    return R"({"app":null,"user":{"id":"x","displayName":null,"userPrincipalName":")" + name + R"("}})";
}

std::string unified(const std::string &operation, const std::string &by,
                    const std::string &status = "Success")
{
    return R"({"CreationTime":"2026-03-18T10:00:00","Id":"b1","Operation":")" + operation +
           R"(","RecordType":8,"ResultStatus":")" + status +
           R"(","Workload":"AzureActiveDirectory","UserId":")" + by +
           R"(","ObjectId":"ana@example.org","Actor":[{"ID":"ana@example.org","Type":5},)"
           R"({"ID":"6b1f0a52-0000-4000-8000-000000000001","Type":0}],"Target":[{"ID":"ana@example.org","Type":5}]})";
}

// JSON in texts, as Log Analytics exports it.
std::string logAnalytics()
{
    const QJsonObject user{{"id", "6b1f0a52-0000-4000-8000-000000000001"},
                           {"type", "User"},
                           {"userPrincipalName", "ana@example.org"}};
    const auto text = [](const QJsonDocument &json) {
        return QString::fromUtf8(json.toJson(QJsonDocument::Compact));
    };
    const QJsonObject record{{"TimeGenerated", "2026-03-18T10:00:00.5Z"},
                             {"OperationName", "Change user password"},
                             {"Result", "success"},
                             {"Id", "i"},
                             {"InitiatedBy", text(QJsonDocument(QJsonObject{{"user", user}}))},
                             {"TargetResources", text(QJsonDocument(QJsonArray{user}))}};
    return text(QJsonDocument(record)).toStdString();
}

const std::string service = "fim_password_service@support.onmicrosoft.com";

} // namespace

class PasswordsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aNewPasswordIsTold_data()
    {
        QTest::addColumn<QByteArray>("record");
        QTest::addColumn<int>("what"); // 0: it is no new password
        const auto row = [](const char *name, const std::string &record, PasswordChange what) {
            QTest::newRow(name) << QByteArray::fromStdString(record) << static_cast<int>(what);
        };
        constexpr auto nothing = PasswordChange{};
        const auto self = byUser("Ana@example.org");
        row("reset by self-service", directoryAudit("Reset password (self-service)", self),
            PasswordChange::ResetByUser);
        row("changed by the user", directoryAudit("Change password (self-service)", self),
            PasswordChange::ChangedByUser);
        row("changed in the directory", directoryAudit("Change user password", self),
            PasswordChange::ChangedByUser);
        row("the service resets it for the user", directoryAudit("Reset user password", byUser(service)),
            PasswordChange::ResetByUser);
        row("reset by an administrator", directoryAudit("Reset user password", byUser("boss@example.org")),
            PasswordChange::ResetByAdmin);
        row("reset by an administrator, as the portal says it",
            directoryAudit("Reset password (by admin)", byUser("boss@example.org")),
            PasswordChange::ResetByAdmin);
        row("reset by an application",
            directoryAudit("Reset user password", R"({"user":null,"app":{"displayName":"HR","appId":"a"}})"),
            PasswordChange::ResetByAdmin);
        row("the last step of a self-service reset",
            directoryAudit("Self-service password reset flow activity progress", self, "success",
                           "User successfully reset password"),
            PasswordChange::ResetByUser);
        row("another step of it",
            directoryAudit("Self-service password reset flow activity progress", self, "success",
                           "User submitted their user ID"),
            nothing);
        row("refused", directoryAudit("Reset password (self-service)", self, "failure"), nothing);
        row("another activity", directoryAudit("Update user", self), nothing);
        row("unified: changed by the user", unified("Change user password.", "ANA@example.org"),
            PasswordChange::ChangedByUser);
        row("unified: reset by an administrator", unified("Reset user password.", "boss@example.org"),
            PasswordChange::ResetByAdmin);
        row("unified: reset by the service", unified("Reset user password.", service),
            PasswordChange::ResetByUser);
        row("unified: refused", unified("Reset user password.", service, "Failure"), nothing);
        row("unified: another operation", unified("Update user.", "boss@example.org"), nothing);
        row("Azure Monitor",
            R"x({"time":"2026-03-18T10:03:00Z","category":"AuditLogs","operationName":"Reset password (self-service)","tenantId":"t","properties":)x" +
                directoryAudit("Reset password (self-service)", self) + "}",
            PasswordChange::ResetByUser);
        row("Log Analytics", logAnalytics(), PasswordChange::ChangedByUser);
    }
    void aNewPasswordIsTold()
    {
        QFETCH(QByteArray, record);
        QFETCH(int, what);
        const auto all = collectText((record + '\n').toStdString());
        QVERIFY2(all.status, all.status ? "" : all.status.error().detail.c_str());
        QCOMPARE(all.read, std::uint64_t(1));
        QCOMPARE(all.rejects.size(), std::size_t(0));
        QCOMPARE(all.passwords.size(), std::size_t(what == 0 ? 0 : 1));
        QCOMPARE(all.notSignIns, std::uint64_t(what == 0 ? 1 : 0));
        if (what == 0)
            return;
        const auto &p = all.passwords.front();
        QCOMPARE(static_cast<int>(p.what), what);
        QCOMPARE(std::string(p.userPrincipalName), std::string("ana@example.org"));
        QCOMPARE(p.at.toIso().substr(0, 19), std::string("2026-03-18T10:00:00"));
        QVERIFY(!p.eventId.empty());
    }
    void aBrokenRecordIsRefused()
    {
        auto record = directoryAudit("Reset password (self-service)", byUser("ana@example.org"));
        const std::string time = "2026-03-18T10:00:00.5Z";
        record.replace(record.find(time), time.size(), "yesterday");
        const auto all = collectText(record + "\n");
        QCOMPARE(all.rejects.size(), std::size_t(1));
        QCOMPARE(all.rejects.front().reason, std::string("noTime"));
        const auto nobody = collectText(
            R"x({"activityDisplayName":"Reset password (self-service)","activityDateTime":"2026-03-18T10:00:00Z","result":"success","initiatedBy":null,"targetResources":[]})x"
            "\n");
        QCOMPARE(nobody.rejects.size(), std::size_t(1));
        QCOMPARE(nobody.rejects.front().reason, std::string("noUser"));
    }

    void whatASecondFactorIsWorth_data()
    {
        QTest::addColumn<QByteArray>("extra");
        QTest::addColumn<int>("mfa");
        const auto row = [](const char *name, const char *extra, Mfa mfa) {
            QTest::newRow(name) << QByteArray(extra) << static_cast<int>(mfa);
        };
        row("nothing is said", "", Mfa::Unknown);
        row("it was asked for and nothing more is said",
            R"(,"authenticationRequirement":"multiFactorAuthentication")", Mfa::Satisfied);
        row("a prompt was answered",
            R"(,"authenticationRequirement":"multiFactorAuthentication","authenticationDetails":[{"authenticationMethod":"Password","succeeded":true,"authenticationStepRequirement":"Primary authentication"},{"authenticationMethod":"Text message","succeeded":true,"authenticationStepRequirement":"Multifactor authentication"}])",
            Mfa::Passed);
        row("a token vouches for it",
            R"(,"authenticationRequirement":"multiFactorAuthentication","authenticationDetails":[{"authenticationMethod":"Previously satisfied","succeeded":true,"authenticationStepRequirement":"Multifactor authentication"}])",
            Mfa::Satisfied);
        row("a token vouches for it, in other words",
            R"(,"status":{"errorCode":0,"additionalDetails":"MFA requirement satisfied by claim in the token"},"mfaDetail":{"authMethod":"Text message"})",
            Mfa::Satisfied);
        row("the status says that it was given",
            R"(,"status":{"errorCode":0,"additionalDetails":"MFA completed in Azure AD"})", Mfa::Passed);
        row("a failed prompt beside a token",
            R"(,"authenticationRequirement":"multiFactorAuthentication","authenticationDetails":[{"authenticationMethod":"Text message","succeeded":false,"authenticationStepRequirement":"Multifactor authentication"},{"authenticationMethod":"Previously satisfied","succeeded":true}])",
            Mfa::Satisfied);
        row("the password is no second factor",
            R"(,"authenticationRequirement":"multiFactorAuthentication","authenticationDetails":[{"authenticationMethod":"Password","succeeded":true,"authenticationStepRequirement":"Multifactor authentication"}])",
            Mfa::Satisfied);
        row("nothing succeeded",
            R"(,"status":{"errorCode":50074},"authenticationRequirement":"multiFactorAuthentication")",
            Mfa::Required);
    }
    void whatASecondFactorIsWorth()
    {
        QFETCH(QByteArray, extra);
        QFETCH(int, mfa);
        const auto all = collectText(graphSignIn("e1", extra.toStdString()) + "\n");
        QCOMPARE(all.signIns.size(), std::size_t(1));
        QCOMPARE(static_cast<int>(all.signIns.front().mfa), mfa);
    }
};

QTEST_GUILESS_MAIN(PasswordsTest)
#include "tst_passwords.moc"

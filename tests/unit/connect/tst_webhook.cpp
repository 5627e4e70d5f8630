// The webhook against a real server over TLS: what is posted, how it is signed, and what each answer means.
#include "core/connect/kind.h"

#include "tests/support/tls_server.h"
#include "tests/support/webhook_signature.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::connect;
using riskdesk::test::TlsServer;
using riskdesk::test::webhookSignature;
using Answer = Response::Kind;
using O = ProviderOperation;

namespace {

const FixedClock noon(Timestamp::fromCivil(2026, 3, 18, 12));

Result<std::unique_ptr<Connector>> opened(const std::string &url, const std::string &certificate,
                                          std::string_view secret = "correct horse")
{
    SetUp setUp{{{"url", url}, {"caFile", certificate}}, {}, noon};
    setUp.secrets.emplace("secret", Secret(secret));
    return open(*findKind("webhook"), std::move(setUp));
}

std::unique_ptr<Connector> hook(const TlsServer &server, std::string_view secret = "correct horse")
{
    auto made = opened(server.url(), server.certificate(), secret);
    return made ? std::move(*made) : nullptr;
}

Request dismissal()
{
    Request request;
    request.operation = O::DismissRisk;
    request.key = "5c6e2c1e-0000-4000-8000-000000000001";
    request.userId = "42";
    request.userPrincipalName = "anna \"a\"@shop.example";
    return request;
}

} // namespace

class TestWebhook : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void postsWhatWasDecidedAndSignsIt();
    void takesTheKeyOutOfAStandardSecret();
    void tellsWhatAnAnswerMeans_data();
    void tellsWhatAnAnswerMeans();
    void doesNotTrustACertificateThatNobodyNamed();
    void doesNotTrustACertificateOfAnotherName();
    void saysThatNobodyListens();
    void saysThatTheConnectionBroke();
    void doesNotFollowToAnotherPlace();
    void doesNotSendWhatWasStopped();
    void keepsLittleOfALongAnswer();
    void changesNoAccount();
    void mayBeRepeated();
};

void TestWebhook::postsWhatWasDecidedAndSignsIt()
{
    TlsServer server([](const auto &, auto &response) { response.status = 204; });
    const auto connector = hook(server);
    QVERIFY(connector != nullptr);
    const auto response = connector->perform(dismissal());
    QVERIFY2(response.done(), response.sentence.c_str());

    const auto requests = server.requests();
    QCOMPARE(requests.size(), std::size_t{1});
    const auto &r = requests.front();
    QCOMPARE(r.path, std::string("/hook"));
    QCOMPARE(r.get_header_value("Content-Type"), std::string("application/json"));
    QCOMPARE(r.get_header_value("webhook-id"), dismissal().key);
    QCOMPARE(r.get_header_value("webhook-timestamp"), std::string("1773835200"));
    QCOMPARE(r.get_header_value("webhook-signature"),
             webhookSignature("correct horse", dismissal().key + ".1773835200." + r.body));
    const auto body = QJsonDocument::fromJson(QByteArray::fromStdString(r.body)).object();
    QCOMPARE(body["type"].toString(), "riskyUser.dismiss");
    QCOMPARE(body["timestamp"].toString(), "2026-03-18T12:00:00Z");
    QCOMPARE(body["data"].toObject(),
             (QJsonObject{{"id", "42"}, {"userPrincipalName", "anna \"a\"@shop.example"}}));

    QVERIFY(connector->test().done());
    QVERIFY(server.requests().back().body.find("riskdesk.test") != std::string::npos);
}

// "whsec_" and the base64 of the key, as senders of Standard Webhooks give it.
void TestWebhook::takesTheKeyOutOfAStandardSecret()
{
    TlsServer server([](const auto &, auto &) {});
    const auto connector = hook(server, "whsec_" + QByteArray("\x01\x02\xff key").toBase64().toStdString());
    QVERIFY(connector->perform(dismissal()).done());
    const auto r = server.requests().front();
    QCOMPARE(r.get_header_value("webhook-signature"),
             webhookSignature("\x01\x02\xff key", dismissal().key + ".1773835200." + r.body));
}

void TestWebhook::tellsWhatAnAnswerMeans_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("retryAfter");
    QTest::addColumn<int>("meaning");
    QTest::addColumn<int>("seconds");
    const auto row = [](int status, const char *retryAfter, Answer meaning, int seconds = -1) {
        QTest::addRow("%d %s", status, retryAfter)
            << status << QString(retryAfter) << static_cast<int>(meaning) << seconds;
    };
    row(200, "", Answer::Done);
    row(202, "", Answer::Done);
    row(401, "", Answer::Refused);
    row(404, "", Answer::Refused);
    row(400, "", Answer::Refused);
    row(429, "7", Answer::RetryAfter, 7);
    row(429, "", Answer::RetryAfter);
    row(503, "120", Answer::RetryAfter, 120);
    row(503, "-5", Answer::RetryAfter);
    row(503, "soon", Answer::RetryAfter);
    row(503, "99999999999", Answer::RetryAfter, 86400);
    row(500, "", Answer::RetryAfter);
    row(502, "", Answer::RetryAfter);
}

void TestWebhook::tellsWhatAnAnswerMeans()
{
    QFETCH(int, status);
    QFETCH(QString, retryAfter);
    QFETCH(int, meaning);
    QFETCH(int, seconds);
    TlsServer server([&](const auto &, auto &response) {
        response.status = status;
        if (!retryAfter.isEmpty())
            response.set_header("Retry-After", retryAfter.toStdString());
    });
    const auto response = hook(server)->perform(dismissal());
    QCOMPARE(static_cast<int>(response.kind), meaning);
    QCOMPARE(response.wait ? static_cast<int>(response.wait->count() / 1'000'000) : -1, seconds);
    QVERIFY(!response.sentence.empty());
    QVERIFY(response.sentence.find("correct horse") == std::string::npos);
}

void TestWebhook::doesNotTrustACertificateThatNobodyNamed()
{
    TlsServer server([](const auto &, auto &) {});
    auto connector = opened(server.url(), {});
    QVERIFY(connector.has_value());
    const auto response = (*connector)->perform(dismissal());
    QCOMPARE(response.kind, Answer::Refused);
    QCOMPARE(response.code, std::string("certificate"));
    QVERIFY2(response.sentence.find("not trusted") != std::string::npos, response.sentence.c_str());
    QVERIFY(server.requests().empty());
}

void TestWebhook::doesNotTrustACertificateOfAnotherName()
{
    TlsServer server([](const auto &, auto &) {}, "DNS:elsewhere.example");
    const auto response = hook(server)->perform(dismissal());
    QCOMPARE(response.code, std::string("certificate"));
    QVERIFY2(response.sentence.find("another name") != std::string::npos, response.sentence.c_str());
    QVERIFY(server.requests().empty());
}

void TestWebhook::saysThatNobodyListens()
{
    std::string url, certificate;
    QTemporaryDir kept;
    {
        TlsServer server([](const auto &, auto &) {});
        url = server.url();
        certificate = kept.filePath("c.pem").toStdString();
        QVERIFY(
            QFile::copy(QString::fromStdString(server.certificate()), QString::fromStdString(certificate)));
    }
    const auto response = (*opened(url, certificate))->perform(dismissal());
    QCOMPARE(response.kind, Answer::RetryAfter);
    QCOMPARE(response.code, std::string("notConnected"));
    QVERIFY(response.wholeConnector);
}

// Nobody can tell whether it was taken.
void TestWebhook::saysThatTheConnectionBroke()
{
    TlsServer server([](const auto &, auto &response) {
        response.set_content_provider(1000, "text/plain",
                                      [](std::size_t, std::size_t, httplib::DataSink &) { return false; });
    });
    QCOMPARE(hook(server)->perform(dismissal()).kind, Answer::Unknown);
}

void TestWebhook::doesNotFollowToAnotherPlace()
{
    TlsServer other([](const auto &, auto &) {});
    TlsServer server([&](const auto &, auto &response) { response.set_redirect(other.url()); });
    const auto response = hook(server)->perform(dismissal());
    QCOMPARE(response.kind, Answer::Refused);
    QVERIFY(other.requests().empty());
}

void TestWebhook::doesNotSendWhatWasStopped()
{
    TlsServer server([](const auto &, auto &) {});
    const auto connector = hook(server);
    std::stop_source stop;
    connector->setStop(stop.get_token());
    QVERIFY(connector->perform(dismissal()).done());
    stop.request_stop();
    QCOMPARE(connector->perform(dismissal()).kind, Answer::RetryAfter);
    QCOMPARE(server.requests().size(), std::size_t{1});
}

void TestWebhook::keepsLittleOfALongAnswer()
{
    TlsServer server([](const auto &, auto &response) {
        response.set_content(std::string(std::size_t{8} << 20, 'x'), "text/plain");
    });
    QVERIFY(hook(server)->perform(dismissal()).done());
}

void TestWebhook::changesNoAccount()
{
    TlsServer server([](const auto &, auto &) {});
    auto request = dismissal();
    request.operation = O::ResetPassword;
    QCOMPARE(hook(server)->perform(request).kind, Answer::Refused);
    QVERIFY(server.requests().empty());
}

void TestWebhook::mayBeRepeated()
{
    TlsServer server([](const auto &, auto &) {});
    auto outcome = Reconciled::CannotTell;
    QVERIFY(hook(server)->reconcile(dismissal(), {}, outcome).done());
    QCOMPARE(outcome, Reconciled::Repeatable);
}

QTEST_GUILESS_MAIN(TestWebhook)
#include "tst_webhook.moc"

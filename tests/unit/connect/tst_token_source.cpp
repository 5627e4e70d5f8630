// Tokens of OAuth 2.0 from a real server over TLS: by a secret, by a certificate whose signature is checked with
// OpenSSL, by a refresh token, and by a code that a person enters elsewhere.
#include "core/base/text.h"
#include "core/connect/oauth/device_code.h"
#include "core/connect/oauth/token_source.h"
#include "core/connect/sealed_file.h"

#include "tests/support/tls_server.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <openssl/rsa.h>

#include <functional>

using namespace riskdesk;
using namespace riskdesk::connect;
using riskdesk::test::TlsServer;
using Answer = Response::Kind;
using State = DeviceCode::State;

namespace {

const auto started = Timestamp::fromCivil(2026, 3, 18, 12);
const char *const sharedSecret = "s3cret & more";

// Answers what the test lays out, in turn; the last one stays.
struct Endpoint
{
    std::mutex mutex;
    std::vector<std::pair<int, std::string>> answers;
    std::function<void()> meanwhile; // before the next answer, once
    TlsServer server{[this](const auto &, auto &response) {
        const std::lock_guard lock(mutex);
        if (const auto happens = std::exchange(meanwhile, nullptr))
            happens();
        response.status = answers.front().first;
        response.set_content(answers.front().second, "application/json");
        if (answers.size() > 1)
            answers.erase(answers.begin());
    }};
    explicit Endpoint(std::vector<std::pair<int, std::string>> all)
        : answers(std::move(all))
    {}
    [[nodiscard]] httplib::Params form(std::size_t at) const { return server.requests().at(at).params; }
    [[nodiscard]] Credentials credentials() const
    {
        Credentials made;
        made.tokenAddress = *HttpsAddress::parse(server.url("/t/token"));
        made.audience = server.url("/t/token");
        made.caFile = server.certificate();
        made.clientId = "app one";
        made.scope = "all+things/.default";
        return made;
    }
    [[nodiscard]] Credentials withSecret() const
    {
        auto made = credentials();
        made.clientSecret = Secret(sharedSecret);
        return made;
    }
};

std::pair<int, std::string> token(const std::string &text, const std::string &more = R"("expires_in":3600)")
{
    return {200, R"({"token_type":"bearer","access_token":")" + text + "\"," + more + "}"};
}
std::pair<int, std::string> error(const std::string &name, const std::string &description = {})
{
    return {400, R"({"error":")" + name + R"(","error_description":")" + description + "\"}"};
}

std::string revealed(const Secret *secret)
{
    return secret == nullptr ? "none" : std::string(secret->reveal());
}

// A sealed file with a refresh token in it.
struct Kept
{
    static constexpr const char *name = "connector/1/refreshToken";
    QTemporaryDir folder;
    SealedFile file;
    explicit Kept(const char *text)
        : file(std::move(*SealedFile::make(folder.filePath("secrets").toStdString(), newKeyFileKey())))
    {
        set(text);
    }
    void set(const char *text)
    {
        QVERIFY(text != nullptr ? file.set(name, Secret(text)) : file.forget(name));
    }
    [[nodiscard]] std::string token()
    {
        const auto secret = file.get(name);
        return revealed(*secret ? &**secret : nullptr);
    }
    [[nodiscard]] Credentials credentials(const Endpoint &endpoint)
    {
        auto made = endpoint.credentials();
        made.refreshToken = Secret(token());
        made.refreshTokenKept = {&file, name};
        return made;
    }
};

// Somebody else changes the file, right after it was read for the nth time or right before it is changed.
class Crossed final : public SecretStore
{
public:
    Crossed(SealedFile &file, int nth, std::function<void()> change)
        : m_file(file)
        , m_left(nth)
        , m_change(std::move(change))
    {}
    [[nodiscard]] std::string_view place() const override { return m_file.place(); }
    [[nodiscard]] Result<std::optional<Secret>> get(std::string_view name) override
    {
        auto read = m_file.get(name);
        if (--m_left == 0)
            m_change();
        return read;
    }
    [[nodiscard]] Status set(std::string_view name, const Secret &secret) override
    {
        return m_file.set(name, secret);
    }
    [[nodiscard]] Result<bool> replace(std::string_view name, const std::function<bool(const Secret &)> &is,
                                       const Secret &secret) override
    {
        if (--m_left == 0)
            m_change();
        return m_file.replace(name, is, secret);
    }
    [[nodiscard]] Status forget(std::string_view name) override { return m_file.forget(name); }
    [[nodiscard]] Result<std::vector<std::string>> names() override { return m_file.names(); }

private:
    SealedFile &m_file;
    int m_left;
    std::function<void()> m_change;
};

// A certificate with an RSA key in one file.
struct CertificateFile
{
    QTemporaryDir folder;
    EVP_PKEY *key = nullptr;
    X509 *certificate = X509_new();
    [[nodiscard]] std::string path() const { return folder.filePath("app.pem").toStdString(); }
    explicit CertificateFile(unsigned bits = 2048, const char *password = nullptr, bool otherKey = false)
        : key(EVP_RSA_gen(bits))
    {
        X509_set_version(certificate, 2);
        ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "20000101000000Z");
        ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "21000101000000Z");
        X509_set_pubkey(certificate, key);
        X509_sign(certificate, key, EVP_sha256());
        if (otherKey) {
            EVP_PKEY_free(key);
            key = EVP_RSA_gen(bits);
        }
        std::FILE *file = std::fopen(path().c_str(), "w");
        PEM_write_PrivateKey(file, key, password != nullptr ? EVP_aes_128_cbc() : nullptr, nullptr, 0,
                             nullptr, const_cast<char *>(password));
        PEM_write_X509(file, certificate);
        std::fclose(file);
    }
    ~CertificateFile()
    {
        X509_free(certificate);
        EVP_PKEY_free(key);
    }
    CertificateFile(const CertificateFile &) = delete;
    CertificateFile &operator=(const CertificateFile &) = delete;

    [[nodiscard]] bool verifies(const QByteArray &text, const QByteArray &signature, bool pss) const
    {
        EVP_MD_CTX *digest = EVP_MD_CTX_new();
        EVP_PKEY_CTX *context = nullptr;
        bool good = EVP_DigestVerifyInit(digest, &context, EVP_sha256(), nullptr, key) == 1;
        if (pss)
            good = good && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
                   EVP_PKEY_CTX_set_rsa_pss_saltlen(context, 32) == 1;
        good = good && EVP_DigestVerify(digest, reinterpret_cast<const unsigned char *>(signature.data()),
                                        static_cast<std::size_t>(signature.size()),
                                        reinterpret_cast<const unsigned char *>(text.data()),
                                        static_cast<std::size_t>(text.size())) == 1;
        EVP_MD_CTX_free(digest);
        return good;
    }
};

QByteArray fromBase64Url(const QByteArray &text)
{
    return QByteArray::fromBase64(text, QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

QJsonObject objectOf(const QByteArray &base64)
{
    return QJsonDocument::fromJson(fromBase64Url(base64)).object();
}

} // namespace

class TestTokenSource : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void asksWithASecret();
    void keepsATokenUntilAMinuteBeforeItsEnd_data();
    void keepsATokenUntilAMinuteBeforeItsEnd();
    void signsWithACertificate_data();
    void signsWithACertificate();
    void saysWhatIsWrongWithACertificate();
    void handsTheNextRefreshTokenOn();
    void keepsTheNextRefreshTokenWhereItLay();
    void takesTheSuccessorThatAnotherProcessGot();
    void bringsNoRefreshTokenBack();
    void bringsNoneBackAtTheLastMoment_data();
    void bringsNoneBackAtTheLastMoment();
    void looksForTheSuccessorThatIsYetToBeKept();
    void asksOnceMoreAfterARefusedToken();
    void tellsWhatAnAnswerMeans_data();
    void tellsWhatAnAnswerMeans();
    void repeatsNoSecret();
    void signsInByACode();
    void obeysTheInterval();
    void endsASignIn_data();
    void endsASignIn();
    void showsNoAddressWithoutTls();
};

void TestTokenSource::asksWithASecret()
{
    Endpoint endpoint({token("abc")});
    const FixedClock clock(started);
    TokenSource source(endpoint.withSecret(), clock);
    const Secret *got = nullptr;
    QVERIFY(source.token({}, got).done());
    QCOMPARE(revealed(got), std::string("abc"));
    const httplib::Params wanted{{"client_id", "app one"},
                                 {"scope", "all+things/.default"},
                                 {"grant_type", "client_credentials"},
                                 {"client_secret", sharedSecret}};
    QCOMPARE(endpoint.form(0), wanted);
    QCOMPARE(endpoint.server.requests()[0].path, std::string("/t/token"));
}

void TestTokenSource::keepsATokenUntilAMinuteBeforeItsEnd_data()
{
    QTest::addColumn<QString>("lifetime");
    QTest::addColumn<int>("seconds"); // until it is asked for anew
    QTest::newRow("an hour") << R"("expires_in":3600)" << 3540;
    QTest::newRow("as a text") << R"("expires_in":"600")" << 540;
    QTest::newRow("not said") << R"("x":1)" << 240;
    QTest::newRow("less than a minute") << R"("expires_in":30)" << 0;
    QTest::newRow("for ever") << R"("expires_in":9223372036854775807)" << 86340;
    QTest::newRow("over") << R"("expires_in":-5)" << 240;
}

void TestTokenSource::keepsATokenUntilAMinuteBeforeItsEnd()
{
    QFETCH(QString, lifetime);
    QFETCH(int, seconds);
    Endpoint endpoint({token("one", lifetime.toStdString()), token("two", lifetime.toStdString())});
    FixedClock clock(started);
    TokenSource source(endpoint.withSecret(), clock);
    const Secret *got = nullptr;
    QVERIFY(source.token({}, got).done());
    if (seconds > 0) {
        clock.advance(std::chrono::seconds(seconds) - Microseconds(1));
        QVERIFY(source.token({}, got).done());
        QCOMPARE(revealed(got), std::string("one"));
        clock.advance(Microseconds(1));
    }
    QVERIFY(source.token({}, got).done());
    QCOMPARE(revealed(got), std::string("two"));
}

void TestTokenSource::signsWithACertificate_data()
{
    QTest::addColumn<bool>("pss");
    QTest::newRow("PS256") << true;
    QTest::newRow("RS256") << false;
}

void TestTokenSource::signsWithACertificate()
{
    QFETCH(bool, pss);
    const CertificateFile file;
    Endpoint endpoint({token("abc")});
    const FixedClock clock(started);
    auto credentials = endpoint.credentials();
    credentials.certificateFile = file.path();
    credentials.algorithm = pss ? SigningAlgorithm::Ps256 : SigningAlgorithm::Rs256;
    TokenSource source(std::move(credentials), clock);
    const Secret *got = nullptr;
    const auto response = source.token({}, got);
    QVERIFY2(response.done(), response.sentence.c_str());
    auto form = endpoint.form(0);
    QCOMPARE(form.size(), std::size_t{5});
    QCOMPARE(form.find("client_assertion_type")->second,
             std::string("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    const auto parts = QByteArray::fromStdString(form.find("client_assertion")->second).split('.');
    QCOMPARE(parts.size(), 3);
    unsigned char thumbprint[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    X509_digest(file.certificate, EVP_sha256(), thumbprint, &size);
    const auto header = objectOf(parts[0]);
    QCOMPARE(header["alg"].toString(), pss ? "PS256" : "RS256");
    QCOMPARE(fromBase64Url(header["x5t#S256"].toString().toLatin1()),
             QByteArray(reinterpret_cast<const char *>(thumbprint), static_cast<qsizetype>(size)));
    const auto claims = objectOf(parts[1]);
    QCOMPARE(claims["aud"].toString().toStdString(), endpoint.server.url("/t/token"));
    QCOMPARE(claims["iss"].toString(), "app one");
    QCOMPARE(claims["sub"].toString(), "app one");
    QCOMPARE(claims["nbf"].toInt(), 1773835200);
    QCOMPARE(claims["exp"].toInt(), 1773835800);
    QVERIFY(!claims["jti"].toString().isEmpty());
    QVERIFY(file.verifies(parts[0] + "." + parts[1], fromBase64Url(parts[2]), pss));
    QVERIFY(!file.verifies(parts[0] + "." + parts[1] + "x", fromBase64Url(parts[2]), pss));
}

void TestTokenSource::saysWhatIsWrongWithACertificate()
{
    Endpoint endpoint({token("abc")});
    const FixedClock clock(started);
    const CertificateFile small(1024), locked(2048, "word"), mixed(2048, nullptr, true);
    const QTemporaryDir folder;
    const auto none = folder.filePath("none.pem").toStdString();
    for (const auto &[path, words] : std::vector<std::pair<std::string, std::string>>{
             {none, "cannot be read"},
             {small.path(), "2048"},
             {locked.path(), "without a password"},
             {mixed.path(), "another certificate"},
             {endpoint.server.certificate(), "no private key"}}) {
        auto credentials = endpoint.credentials();
        credentials.certificateFile = path;
        TokenSource source(std::move(credentials), clock);
        const Secret *got = nullptr;
        const auto response = source.token({}, got);
        QCOMPARE(response.kind, Answer::Refused);
        QCOMPARE(response.code, std::string("certificateFile"));
        QVERIFY(response.wholeConnector && got == nullptr);
        QVERIFY2(response.sentence.find(words) != std::string::npos, response.sentence.c_str());
    }
    QVERIFY(endpoint.server.requests().empty());
}

// An endpoint that gives another each time takes the old one back.
void TestTokenSource::handsTheNextRefreshTokenOn()
{
    Endpoint endpoint({token("a", R"("refresh_token":"second","expires_in":60)"), token("b")});
    const FixedClock clock(started);
    auto credentials = endpoint.credentials();
    credentials.refreshToken = Secret("first");
    TokenSource source(std::move(credentials), clock);
    const Secret *got = nullptr;
    QVERIFY(source.token({}, got).done());
    QVERIFY(source.token({}, got).done());
    for (const auto &[at, text] : {std::pair(0, "first"), std::pair(1, "second")}) {
        const auto form = endpoint.form(static_cast<std::size_t>(at));
        QCOMPARE(form.find("refresh_token")->second, std::string(text));
        QCOMPARE(form.find("grant_type")->second, std::string("refresh_token"));
        QVERIFY(form.count("client_secret") == 0);
    }
}

// So that a sign-in lives as long as it is used, and not as long as the first token.
void TestTokenSource::keepsTheNextRefreshTokenWhereItLay()
{
    Endpoint endpoint({token("a", R"("refresh_token":"second","expires_in":60)"),
                       token("b", R"("refresh_token":"third","expires_in":60)"),
                       token("c", R"("expires_in":60)")});
    const FixedClock clock(started);
    Kept kept("first");
    TokenSource source(kept.credentials(endpoint), clock);
    for (const char *text : {"second", "third", "third"}) {
        const Secret *got = nullptr;
        QVERIFY(source.token({}, got).done());
        QCOMPARE(kept.token(), std::string(text));
    }
}

// The console pulls while a command sends: both signed in with the same token, which is good for one use.
void TestTokenSource::takesTheSuccessorThatAnotherProcessGot()
{
    Endpoint endpoint({error("invalid_grant"), token("a", R"("refresh_token":"third","expires_in":60)"),
                       token("b", R"("refresh_token":"fifth","expires_in":60)")});
    const FixedClock clock(started);
    Kept kept("first");
    TokenSource source(kept.credentials(endpoint), clock);
    const Secret *got = nullptr;
    endpoint.meanwhile = [&] { kept.set("second"); }; // it was a little sooner
    QVERIFY(source.token({}, got).done());
    QCOMPARE(kept.token(), std::string("third"));
    kept.set("fourth"); // long before we ask again
    QVERIFY(source.token({}, got).done());
    QCOMPARE(kept.token(), std::string("fifth"));
    for (const auto &[at, text] : {std::pair(0, "first"), std::pair(1, "second"), std::pair(2, "fourth")})
        QCOMPARE(endpoint.form(static_cast<std::size_t>(at)).find("refresh_token")->second,
                 std::string(text));
}

void TestTokenSource::bringsNoneBackAtTheLastMoment_data()
{
    QTest::addColumn<QByteArray>("other");
    QTest::newRow("another sign-in") << QByteArray("of another sign-in");
    QTest::newRow("another's successor") << QByteArray("of another process");
    QTest::newRow("forgotten") << QByteArray();
}

void TestTokenSource::bringsNoneBackAtTheLastMoment()
{
    QFETCH(QByteArray, other);
    FixedClock clock(started);
    Endpoint endpoint({token("one", R"("refresh_token":"second")")});
    Kept kept("first");
    Crossed crossed(kept.file, 2, [&] { kept.set(other.isEmpty() ? nullptr : other.constData()); });
    auto credentials = kept.credentials(endpoint);
    credentials.refreshTokenKept.store = &crossed;
    TokenSource source(std::move(credentials), clock);
    const Secret *got = nullptr;
    QVERIFY(source.token({}, got).done());
    QCOMPARE(kept.token(), other.isEmpty() ? std::string("none") : other.toStdString());
}

void TestTokenSource::looksForTheSuccessorThatIsYetToBeKept()
{
    FixedClock clock(started);
    Endpoint endpoint({error("invalid_grant"), token("one", R"("refresh_token":"third")")});
    Kept kept("first");
    Crossed crossed(kept.file, 2, [&] { kept.set("second"); }); // after it was looked for once
    auto credentials = kept.credentials(endpoint);
    credentials.refreshTokenKept.store = &crossed;
    TokenSource source(std::move(credentials), clock);
    const Secret *got = nullptr;
    const auto response = source.token({}, got);
    QVERIFY2(response.done(), response.sentence.c_str());
    QCOMPARE(endpoint.form(1).find("refresh_token")->second, std::string("second"));
    QCOMPARE(kept.token(), std::string("third"));
}

void TestTokenSource::bringsNoRefreshTokenBack()
{
    Endpoint endpoint({token("a", R"("refresh_token":"second","expires_in":60)")});
    const FixedClock clock(started);
    Kept kept("first");
    TokenSource source(kept.credentials(endpoint), clock);
    const Secret *got = nullptr;
    endpoint.meanwhile = [&] { kept.set("of another sign-in"); };
    QVERIFY(source.token({}, got).done());
    QCOMPARE(kept.token(), std::string("of another sign-in"));
    endpoint.meanwhile = [&] { kept.set(nullptr); }; // the connection is removed
    QVERIFY(source.token({}, got).done());
    QCOMPARE(endpoint.form(1).find("refresh_token")->second, std::string("of another sign-in"));
    QCOMPARE(kept.token(), std::string("none"));
}

void TestTokenSource::asksOnceMoreAfterARefusedToken()
{
    Endpoint endpoint({token("one"), token("two"), error("invalid_client")});
    TlsServer api([](const auto &request, auto &response) {
        response.status = request.get_header_value("Authorization") == "Bearer two" ? 200 : 401;
    });
    const FixedClock clock(started);
    TokenSource source(endpoint.withSecret(), clock);
    HttpsClient client(*HttpsAddress::parse(api.url()), api.certificate());
    auto reply = source.send(client, "PATCH", "/x", {{"A", "b"}}, "{}", "application/json", {});
    QCOMPARE(reply.status, 200);
    QCOMPARE(api.requests().size(), std::size_t{2});
    QCOMPARE(api.requests()[1].body, std::string("{}"));
    QCOMPARE(api.requests()[1].get_header_value("A"), std::string("b"));
    source.forget();
    reply = source.send(client, "PATCH", "/x", {}, "{}", "application/json", {});
    QCOMPARE(reply.transport.code, std::string("invalid_client"));
    QCOMPARE(api.requests().size(), std::size_t{2}); // never without a token
}

void TestTokenSource::tellsWhatAnAnswerMeans_data()
{
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("body");
    QTest::addColumn<int>("meaning");
    QTest::addColumn<QString>("code");
    const auto row = [](const char *name, int status, const char *body, Answer meaning, const char *code) {
        QTest::newRow(name) << status << QString(body) << static_cast<int>(meaning) << QString(code);
    };
    row("wrong secret", 401, R"({"error":"invalid_client"})", Answer::Refused, "invalid_client");
    row("a name of its own", 400, R"({"error":"Ünknown <b>"})", Answer::Refused, "tokenRefused");
    row("no reason", 404, "<html>", Answer::Refused, "http404");
    row("busy", 503, "", Answer::RetryAfter, "http503");
    row("too often", 429, R"({"error":"x"})", Answer::RetryAfter, "http429");
    row("for a while", 400, R"({"error":"temporarily_unavailable"})", Answer::RetryAfter,
        "temporarily_unavailable");
    row("no JSON", 200, "{", Answer::RetryAfter, "tokenReply");
    row("no token", 200, R"({"token_type":"Bearer"})", Answer::RetryAfter, "tokenReply");
    row("another type", 200, R"({"token_type":"mac","access_token":"x"})", Answer::RetryAfter, "tokenReply");
    row("a second header in it", 200, R"({"token_type":"Bearer","access_token":"x\r\nHost: y"})",
        Answer::RetryAfter, "tokenReply");
}

void TestTokenSource::tellsWhatAnAnswerMeans()
{
    QFETCH(int, status);
    QFETCH(QString, body);
    QFETCH(int, meaning);
    QFETCH(QString, code);
    Endpoint endpoint({{status, body.toStdString()}, token("later")});
    const FixedClock clock(started);
    TokenSource source(endpoint.withSecret(), clock);
    const Secret *got = nullptr;
    const auto response = source.token({}, got);
    QCOMPARE(static_cast<int>(response.kind), meaning);
    QCOMPARE(QString::fromStdString(response.code), code);
    QVERIFY(response.wholeConnector && got == nullptr);
    QVERIFY(!response.sentence.empty() && isValidUtf8(response.sentence));
    QVERIFY(source.token({}, got).done()); // and is asked again
}

void TestTokenSource::repeatsNoSecret()
{
    Endpoint endpoint({error("invalid_client", std::string("It is not ") + sharedSecret + "."),
                       error("invalid_client", "Say\\tit \\u001b[31mbetter.\\r\\nTrace ID: 1")});
    const FixedClock clock(started);
    TokenSource source(endpoint.withSecret(), clock);
    const Secret *got = nullptr;
    QCOMPARE(source.token({}, got).sentence, std::string("127.0.0.1 gives no token: invalid_client."));
    QCOMPARE(source.token({}, got).sentence, std::string("127.0.0.1 gives no token: Say it  [31mbetter."));
}

namespace {

std::pair<int, std::string> codeReply(const std::string &uri = "https://login.example/device",
                                      const std::string &more = R"(,"interval":7)")
{
    return {200, R"({"device_code":"dev-1","user_code":"ABCD-EFGH","expires_in":900,"verification_uri":")" +
                     uri + "\"" + more + "}"};
}

DeviceCode deviceCode(const Endpoint &endpoint, const Clock &clock)
{
    DeviceCode::SetUp setUp;
    setUp.deviceAddress = *HttpsAddress::parse(endpoint.server.url("/device"));
    setUp.tokenAddress = *HttpsAddress::parse(endpoint.server.url("/token"));
    setUp.caFile = endpoint.server.certificate();
    setUp.clientId = "desk";
    setUp.scope = "openid offline_access";
    return {std::move(setUp), clock};
}

} // namespace

void TestTokenSource::signsInByACode()
{
    Endpoint endpoint({codeReply(), error("authorization_pending"),
                       token("abc", R"("refresh_token":"keep","expires_in":600)")});
    FixedClock clock(started);
    auto sign = deviceCode(endpoint, clock);
    QCOMPARE(sign.poll({}).response.code, std::string("notStarted"));
    DeviceCode::Shown shown;
    QVERIFY(sign.start({}, shown).done());
    QCOMPARE(shown.verificationUri, std::string("https://login.example/device"));
    QCOMPARE(shown.userCode, std::string("ABCD-EFGH"));
    QCOMPARE(shown.until.toIso(), std::string("2026-03-18T12:15:00Z"));
    QCOMPARE(endpoint.form(0), (httplib::Params{{"client_id", "desk"}, {"scope", "openid offline_access"}}));
    clock.set(sign.nextPoll());
    QCOMPARE(sign.poll({}).state, State::Pending);
    clock.set(sign.nextPoll());
    const auto granted = sign.poll({});
    QCOMPARE(granted.state, State::Granted);
    QCOMPARE(revealed(&granted.tokens.access), std::string("abc"));
    QCOMPARE(revealed(&granted.tokens.refresh), std::string("keep"));
    QCOMPARE(granted.tokens.lifetime, Microseconds(std::chrono::seconds(600)));
    QCOMPARE(endpoint.form(2),
             (httplib::Params{{"client_id", "desk"},
                              {"grant_type", "urn:ietf:params:oauth:grant-type:device_code"},
                              {"device_code", "dev-1"}}));
    QCOMPARE(sign.poll({}).state, State::Ended); // a code is good for once
}

void TestTokenSource::obeysTheInterval()
{
    Endpoint endpoint({codeReply(),
                       error("authorization_pending"),
                       error("slow_down"),
                       {503, ""},
                       error("authorization_pending"),
                       codeReply("https://x.example", ""),
                       error("authorization_pending")});
    FixedClock clock(started);
    auto sign = deviceCode(endpoint, clock);
    DeviceCode::Shown shown;
    QVERIFY(sign.start({}, shown).done());
    for (const int seconds : {7, 7, 12, 24}) {
        QCOMPARE(sign.nextPoll() - clock.now(), Microseconds(std::chrono::seconds(seconds)));
        const auto before = endpoint.server.requests().size();
        clock.set(sign.nextPoll() - Microseconds(1));
        QCOMPARE(sign.poll({}).state, State::Pending);
        QCOMPARE(endpoint.server.requests().size(), before); // not yet
        clock.advance(Microseconds(1));
        QCOMPARE(sign.poll({}).state, State::Pending);
        QCOMPARE(endpoint.server.requests().size(), before + 1);
    }
    QVERIFY(sign.start({}, shown).done());
    QCOMPARE(sign.nextPoll() - clock.now(), Microseconds(std::chrono::seconds(5))); // not said
}

void TestTokenSource::endsASignIn_data()
{
    QTest::addColumn<QString>("error");
    QTest::addColumn<QString>("code");
    QTest::newRow("expired there") << "expired_token"
                                   << "expired_token";
    QTest::newRow("refused") << "access_denied"
                             << "access_denied";
    QTest::newRow("refused at Entra") << "authorization_declined"
                                      << "access_denied";
    QTest::newRow("another") << "invalid_grant"
                             << "invalid_grant";
    QTest::newRow("expired by the clock") << ""
                                          << "expired_token";
}

void TestTokenSource::endsASignIn()
{
    QFETCH(QString, error);
    QFETCH(QString, code);
    Endpoint endpoint({codeReply(), ::error(error.toStdString(), "dev-1 is over")});
    FixedClock clock(started);
    auto sign = deviceCode(endpoint, clock);
    DeviceCode::Shown shown;
    QVERIFY(sign.start({}, shown).done());
    clock.set(error.isEmpty() ? shown.until : sign.nextPoll());
    const auto ended = sign.poll({});
    QCOMPARE(ended.state, State::Ended);
    QCOMPARE(QString::fromStdString(ended.response.code), code);
    QVERIFY2(ended.response.sentence.find("dev-1") == std::string::npos, ended.response.sentence.c_str());
    QCOMPARE(endpoint.server.requests().size(), std::size_t{error.isEmpty() ? 1U : 2U});
    QCOMPARE(sign.poll({}).response.code, std::string("notStarted"));
}

void TestTokenSource::showsNoAddressWithoutTls()
{
    const FixedClock clock(started);
    for (const char *uri : {"http://login.example/device", "javascript:alert(1)", ""}) {
        Endpoint endpoint({codeReply(uri)});
        auto sign = deviceCode(endpoint, clock);
        DeviceCode::Shown shown;
        QCOMPARE(sign.start({}, shown).code, std::string("deviceReply"));
        QVERIFY(shown.verificationUri.empty());
        QCOMPARE(sign.poll({}).state, State::Ended);
    }
}

QTEST_GUILESS_MAIN(TestTokenSource)
#include "tst_token_source.moc"

// Whatever somebody sends, the API answers it in Graph's shape, never with a fault of its own, and who may only
// read changes nothing.
//
// Requests are made of the corpus in tests/data/api: one in a file, its head and body as they would come over the
// wire. Each is played as it is, and then changed at random many times. RISKDESK_FUZZ_SECONDS goes on for that long,
// with seeds of its own, and prints what went wrong as a file for the corpus.
#include "core/serve/access_tokens.h"
#include "core/serve/api.h"

#include "tests/support/places.h"
#include "tests/support/risk_fixture.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <array>
#include <random>

using namespace riskdesk;
using namespace riskdesk::serve;
using test::finding;
using test::noon;

namespace {

const action::Operator admin{"ana", action::Role::Administrator, "command line", "desk-7"};

struct World : test::Fixture
{
    World()
        : Fixture(5)
    {
        for (std::uint32_t user = 1; user <= 3; ++user)
            raise(finding(user, user, DetectionType::AnonymizedIPAddress, RiskLevel::Medium, noon));
        auto opened = Api::open({.directory = connection().file(), .burst = 1e12}, clock);
        check(opened);
        api = std::move(*opened);
        all = make("all", {Scope::IdentityRiskyUserReadWriteAll, Scope::IdentityRiskEventReadWriteAll,
                           Scope::AuditLogReadAll, Scope::UserReadWriteAll});
        reading = make("reading", {Scope::IdentityRiskyUserReadAll, Scope::IdentityRiskEventReadAll,
                                   Scope::AuditLogReadAll, Scope::UserReadAll});
    }
    std::string make(std::string_view name, Scopes scopes)
    {
        const auto made = createToken(connection(), clock, admin, name, scopes);
        check(made);
        return std::string(made->secret.reveal());
    }

    std::unique_ptr<Api> api;
    std::string all, reading;
};

// "METHOD target", headers, an empty line, the body.
HttpRequest requestOf(const std::string &text)
{
    HttpRequest request;
    const auto end = std::min(text.find("\n\n"), text.size());
    std::size_t at = 0;
    for (bool first = true; at < end; first = false) {
        const auto line = text.substr(at, std::min(text.find('\n', at), end) - at);
        at += line.size() + 1;
        if (first) {
            request.method = line.substr(0, line.find(' '));
            request.target =
                line.size() > request.method.size() ? line.substr(request.method.size() + 1) : "/";
        } else if (const auto colon = line.find(": "); colon != std::string::npos) {
            request.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
        }
    }
    if (end + 2 <= text.size())
        request.body = text.substr(end + 2);
    return request;
}

std::vector<std::string> corpus()
{
    std::vector<std::string> texts;
    const QDir folder(QString::fromStdString(test::testData("api").string()));
    for (const auto &name : folder.entryList({"*.http"}, QDir::Files, QDir::Name)) {
        QFile file(folder.filePath(name));
        if (file.open(QIODevice::ReadOnly))
            texts.push_back(file.readAll().toStdString());
    }
    return texts;
}

class Changer
{
public:
    explicit Changer(std::uint32_t seed)
        : m_random(seed)
    {}

    std::string changed(std::string text, const std::vector<std::string> &others)
    {
        static constexpr std::array words = {"'",
                                             "''",
                                             "(",
                                             ")",
                                             "%",
                                             "%00",
                                             "%ff",
                                             "%25",
                                             "$",
                                             "$filter=",
                                             " eq ",
                                             " in (",
                                             "not ",
                                             "null",
                                             "&",
                                             "=",
                                             "?",
                                             "/",
                                             "\"",
                                             "{",
                                             "}",
                                             "[",
                                             "]",
                                             ",",
                                             ":",
                                             "\\u0000",
                                             "\\ud800",
                                             "-1",
                                             "1e999",
                                             "9223372036854775808",
                                             "2026-02-30T25:61:61Z",
                                             "\xc3\x28",
                                             "riskLevel",
                                             "location/city",
                                             "contains(",
                                             "$batch",
                                             "delta",
                                             "$metadata",
                                             "$deltatoken=latest",
                                             "$skiptoken=00",
                                             "$top=0",
                                             "$select=*"};
        for (auto n = 1 + below(4); n > 0; --n) {
            const auto at = below(text.size() + 1);
            switch (below(6)) {
            case 0: text.insert(at, words.at(below(words.size()))); break;
            case 1: text.erase(at, 1 + below(12)); break;
            case 2:
                if (at < text.size())
                    text[at] = static_cast<char>(below(256));
                break;
            case 3: text.insert(at, text.substr(below(text.size() + 1), 1 + below(40))); break;
            case 4: {
                const auto &other = others[below(others.size())];
                text.replace(at, below(20), other, below(other.size() + 1), 1 + below(60));
                break;
            }
            default:
                text.insert(at, std::string(1 + below(200), text.empty() ? '(' : text[below(text.size())]));
            }
        }
        return text;
    }
    std::size_t below(std::size_t n) { return m_random() % n; }

private:
    std::mt19937 m_random;
};

// Empty: as it should be.
QString fault(World &world, const std::string &text)
{
    for (const auto &secret : {world.reading, world.all, std::string("rd_no")}) {
        auto request = requestOf(text);
        request.headers.insert(request.headers.begin(),
                               {{"Host", "localhost"}, {"Authorization", "Bearer " + secret}});
        const auto before = secret == world.all ? std::string() : world.everything();
        const auto response = world.api->answer(request, {});
        if (secret != world.all && world.everything() != before)
            return "it changed something";
        if (response.status < 200 || response.status >= 500)
            return QString("status %1: ").arg(response.status) + response.body.c_str();
        if (response.status == 204)
            continue;
        if (response.body.starts_with("<?xml"))
            continue;
        QJsonParseError error{};
        const auto json = QJsonDocument::fromJson(QByteArray::fromStdString(response.body), &error);
        if (error.error != QJsonParseError::NoError)
            return QString("no JSON: ") + response.body.c_str();
        const auto said = json.object()["error"].toObject();
        if ((response.status >= 400) != !said["code"].toString().isEmpty())
            return QString("no error's shape: ") + response.body.c_str();
        for (const auto &[name, value] : response.headers)
            for (const char c : name + value)
                if (static_cast<unsigned char>(c) < ' ')
                    return "a header with a line end";
    }
    return {};
}

} // namespace

class ApiRequestsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyRequestIsAnswered()
    {
        const auto texts = corpus();
        QVERIFY(texts.size() >= 10);
        World world;
        for (const auto &text : texts)
            QVERIFY2(fault(world, text).isEmpty(), (text + "\n" + fault(world, text).toStdString()).c_str());
        const int seconds = qEnvironmentVariableIntValue("RISKDESK_FUZZ_SECONDS");
        std::uint32_t seed = seconds > 0 ? std::random_device()() : 20260318;
        Changer changer(seed);
        QElapsedTimer timer;
        timer.start();
        std::uint64_t tried = 0;
        for (; seconds > 0 ? timer.elapsed() < seconds * 1000 : tried < 1500; ++tried) {
            const auto text = changer.changed(texts[changer.below(texts.size())], texts);
            const auto wrong = fault(world, text);
            QVERIFY2(wrong.isEmpty(),
                     qPrintable(QString("seed %1: %2\n%3")
                                    .arg(seed)
                                    .arg(wrong, QString::fromLatin1(QByteArray::fromStdString(text)))));
        }
        qInfo("%llu requests", static_cast<unsigned long long>(tried));
    }
};

QTEST_APPLESS_MAIN(ApiRequestsTest)
#include "tst_api_requests.moc"

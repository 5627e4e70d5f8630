// Delivery against a real server over TLS: what is tried again, after which time and under which id, and what ends it.
#include "core/connect/webhook/delivery.h"

#include "tests/support/tls_server.h"
#include "tests/support/webhook_signature.h"

#include <QTest>

#include <random>
#include <set>

using namespace riskdesk;
using namespace riskdesk::connect;
using riskdesk::test::TlsServer;
using riskdesk::test::webhookSignature;
using Kind = Delivery::Outcome::Kind;

namespace {

const FixedClock noon(Timestamp::fromCivil(2026, 3, 18, 12));

// Keeps what would have been waited, and asks to stop after so many waits.
struct Waits
{
    std::vector<Microseconds> times;
    std::vector<std::string> whys;
    std::size_t most = 100;
    std::stop_source stop = {};
    std::mt19937_64 random = std::mt19937_64(7);

    Delivery::Options options()
    {
        return {[this](Microseconds time, const std::string &why, const std::stop_token &) {
                    times.push_back(time);
                    whys.push_back(why);
                    if (times.size() >= most)
                        stop.request_stop();
                },
                [this] { return std::uniform_real_distribution<>()(random); }};
    }
};

Delivery delivery(const std::string &url, const std::string &certificate, Waits &waits,
                  std::string_view secret = "correct horse")
{
    return {{*HttpsAddress::parse(url), certificate, Secret(secret)}, noon, waits.options()};
}

} // namespace

class TestDelivery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void postsOnceAndSignsIt()
    {
        TlsServer server([](const auto &, auto &response) { response.status = 202; });
        Waits waits;
        auto out = delivery(server.url(), server.certificate(), waits);
        const auto outcome = out.post("rd_1", R"({"a":1})", waits.stop.get_token());
        QCOMPARE(outcome.kind, Kind::Taken);
        QCOMPARE(outcome.status, 202);
        QVERIFY(waits.times.empty());
        const auto requests = server.requests();
        QCOMPARE(requests.size(), std::size_t{1});
        QCOMPARE(requests[0].get_header_value("webhook-id"), std::string("rd_1"));
        QCOMPARE(requests[0].get_header_value("webhook-signature"),
                 webhookSignature("correct horse", "rd_1.1773835200." + requests[0].body));
    }

    void triesAgainUnderTheSameId_data()
    {
        QTest::addColumn<int>("status");
        for (const int status : {408, 425, 429, 500, 501, 502, 503, 504, 599})
            QTest::addRow("%d", status) << status;
    }
    void triesAgainUnderTheSameId()
    {
        QFETCH(int, status);
        std::atomic<int> asked = 0;
        TlsServer server([&](const auto &, auto &response) { response.status = ++asked < 3 ? status : 200; });
        Waits waits;
        auto out = delivery(server.url(), server.certificate(), waits);
        QCOMPARE(out.post("rd_1", "{}", waits.stop.get_token()).kind, Kind::Taken);
        QCOMPARE(waits.times.size(), std::size_t{2});
        QVERIFY(waits.whys[0].find(std::to_string(status)) != std::string::npos);
        const auto requests = server.requests();
        QCOMPARE(requests.size(), std::size_t{3});
        for (const auto &request : requests) {
            QCOMPARE(request.get_header_value("webhook-id"), std::string("rd_1"));
            QCOMPARE(request.body, std::string("{}"));
        }
    }

    // A second, doubled up to five minutes, of which at most a half is left out; not the same each time.
    void waitsLongerEachTime()
    {
        TlsServer server([](const auto &, auto &response) { response.status = 500; });
        Waits waits;
        waits.most = 13;
        auto out = delivery(server.url(), server.certificate(), waits);
        QCOMPARE(out.post("rd_1", "{}", waits.stop.get_token()).kind, Kind::Stopped);
        QCOMPARE(waits.times.size(), std::size_t{13});
        Microseconds full = std::chrono::seconds(1);
        std::set<Microseconds> atTheTop;
        for (const auto time : waits.times) {
            QVERIFY(time >= full / 2 && time <= full);
            if (full == Delivery::longestWait)
                atTheTop.insert(time);
            full = std::min<Microseconds>(2 * full, std::chrono::minutes(5));
        }
        QVERIFY(atTheTop.size() > 1);
    }

    void waitsAsLongAsItIsAsked()
    {
        std::atomic<int> asked = 0;
        TlsServer server([&](const auto &, auto &response) {
            response.status = ++asked == 3 ? 200 : 429;
            response.set_header("Retry-After", asked == 1 ? "77" : "0");
        });
        Waits waits;
        auto out = delivery(server.url(), server.certificate(), waits);
        QCOMPARE(out.post("rd_1", "{}", waits.stop.get_token()).kind, Kind::Taken);
        QCOMPARE(waits.times, (std::vector<Microseconds>{std::chrono::seconds(77), Microseconds(0)}));
    }

    // Not for ever, or a broken receiver would be asked a thousand times a second.
    void doesNotComeBackAtOnceForEver()
    {
        TlsServer server([&](const auto &, auto &response) {
            response.status = 503;
            response.set_header("Retry-After", "0");
        });
        Waits waits;
        waits.most = 5;
        auto out = delivery(server.url(), server.certificate(), waits);
        QCOMPARE(out.post("rd_1", "{}", waits.stop.get_token()).kind, Kind::Stopped);
        for (std::size_t i = 0; i < waits.times.size(); ++i)
            QCOMPARE(waits.times[i] >= std::chrono::seconds(1), i >= 3);
    }

    // Nobody can tell whether it was taken, so it goes out once more and the receiver sees that by its id.
    void sendsOnceMoreWhatBrokeInTheMiddleOfAnAnswer()
    {
        std::atomic<int> asked = 0;
        TlsServer server([&](const auto &, auto &response) {
            if (++asked == 1)
                response.set_content_provider(
                    1000, "text/plain", [](std::size_t, std::size_t, httplib::DataSink &) { return false; });
        });
        Waits waits;
        auto out = delivery(server.url(), server.certificate(), waits);
        QCOMPARE(out.post("rd_1", "{}", waits.stop.get_token()).kind, Kind::Taken);
        QCOMPARE(waits.times.size(), std::size_t{1});
        const auto requests = server.requests();
        QCOMPARE(requests.size(), std::size_t{2});
        QCOMPARE(requests[0].get_header_value("webhook-id"), requests[1].get_header_value("webhook-id"));
    }

    void goesOnTryingWhileNobodyListens()
    {
        std::string url, certificate;
        QTemporaryDir kept;
        {
            TlsServer server([](const auto &, auto &) {});
            url = server.url();
            certificate = kept.filePath("c.pem").toStdString();
            QVERIFY(QFile::copy(QString::fromStdString(server.certificate()),
                                QString::fromStdString(certificate)));
        }
        Waits waits;
        waits.most = 3;
        auto out = delivery(url, certificate, waits);
        QCOMPARE(out.post("rd_1", "{}", waits.stop.get_token()).kind, Kind::Stopped);
        QCOMPARE(waits.times.size(), std::size_t{3});
        QVERIFY2(waits.whys[0].find("cannot be reached") != std::string::npos, waits.whys[0].c_str());
    }

    void givesUpWhenRefused_data()
    {
        QTest::addColumn<int>("status");
        for (const int status : {300, 301, 302, 307, 308, 400, 401, 403, 404, 409, 410, 413, 422})
            QTest::addRow("%d", status) << status;
    }
    void givesUpWhenRefused()
    {
        QFETCH(int, status);
        TlsServer other([](const auto &, auto &) {});
        TlsServer server([&](const auto &, auto &response) {
            response.status = status;
            response.set_header("Location", other.url());
        });
        Waits waits;
        auto out = delivery(server.url(), server.certificate(), waits);
        const auto outcome = out.post("rd_1", "{}", waits.stop.get_token());
        QCOMPARE(outcome.kind, Kind::Refused);
        QCOMPARE(outcome.status, status);
        QVERIFY(outcome.sentence.find(std::to_string(status)) != std::string::npos);
        QVERIFY(waits.times.empty());
        QCOMPARE(server.requests().size(), std::size_t{1});
        QVERIFY(other.requests().empty());
    }

    void givesUpOnACertificateThatNobodyNamed()
    {
        TlsServer server([](const auto &, auto &) {});
        Waits waits;
        auto out = delivery(server.url(), {}, waits);
        const auto outcome = out.post("rd_1", "{}", waits.stop.get_token());
        QCOMPARE(outcome.kind, Kind::Refused);
        QVERIFY2(outcome.sentence.find("not trusted") != std::string::npos, outcome.sentence.c_str());
        QVERIFY(server.requests().empty());
    }

    void sendsNothingWhenStoppedBefore()
    {
        TlsServer server([](const auto &, auto &) {});
        Waits waits;
        waits.stop.request_stop();
        auto out = delivery(server.url(), server.certificate(), waits);
        QCOMPARE(out.post("rd_1", "{}", waits.stop.get_token()).kind, Kind::Stopped);
        QVERIFY(server.requests().empty());
    }
};

QTEST_GUILESS_MAIN(TestDelivery)
#include "tst_delivery.moc"

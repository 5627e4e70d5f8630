// How many requests the API answers and how long each takes: `riskdeskctl serve` in a process of its own, asked
// over TLS on loopback by as many scripts as wanted, each with a connection that stays open.
//   serve_load [users] [detections] [connections] [seconds]
// The directory is made anew. Server and scripts share the machine, so the figures are of both.
#include "core/base/clock.h"
#include "core/serve/access_tokens.h"

#include "tests/support/risk_fixture.h"
#include "tests/support/served.h"

#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

using namespace riskdesk;
using Steady = std::chrono::steady_clock;

namespace {

constexpr std::uint32_t atOnce = 10'000; // detections of a transaction

void fill(test::Fixture &directory, std::uint32_t users, std::uint32_t detections)
{
    constexpr std::array types{DetectionType::AnonymizedIPAddress, DetectionType::UnfamiliarFeatures,
                               DetectionType::PasswordSpray, DetectionType::UnlikelyTravel};
    constexpr std::array levels{RiskLevel::Low, RiskLevel::Medium, RiskLevel::High};
    std::vector<ledger::RaisedDetection> found;
    for (std::uint32_t n = 1; n <= detections; ++n) {
        found.push_back(test::finding((n - 1) % users + 1, n, types[n % types.size()],
                                      levels[n % levels.size()],
                                      test::noon - std::chrono::seconds(detections - n)));
        if (found.size() == atOnce || n == detections)
            directory.raise(std::exchange(found, {}));
    }
}

struct Ask
{
    const char *name;
    // The number is another one for each request of the run.
    std::function<httplib::Result(httplib::SSLClient &, std::uint32_t)> send;
};

struct Measured
{
    std::vector<double> milliseconds; // of those answered well
    std::size_t refused = 0;
    double seconds = 0;
    std::string firstRefusal;
};

Measured measure(const Ask &ask, const test::Served &served, const std::string &token, int connections,
                 double seconds)
{
    std::vector<Measured> each(static_cast<std::size_t>(connections));
    std::atomic<std::uint32_t> next = 0;
    const auto begin = Steady::now();
    const auto end =
        begin + std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(seconds));
    {
        std::vector<std::jthread> scripts;
        for (auto &mine : each)
            scripts.emplace_back([&] {
                httplib::SSLClient client("127.0.0.1", served.port());
                client.set_ca_cert_path(served.certificate().toStdString());
                client.set_keep_alive(true);
                client.set_tcp_nodelay(true);
                client.set_read_timeout(60);
                client.set_bearer_token_auth(token);
                (void)client.Get("/v1.0/$metadata"); // the handshake is not measured
                while (Steady::now() < end) {
                    const auto sent = Steady::now();
                    const auto result = ask.send(client, next++);
                    const std::chrono::duration<double, std::milli> took = Steady::now() - sent;
                    if (result && result->status < 300) {
                        mine.milliseconds.push_back(took.count());
                    } else if (mine.refused++ == 0) {
                        mine.firstRefusal = result ? fmt::format("{} {}", result->status, result->body)
                                                   : httplib::to_string(result.error());
                    }
                }
            });
    }
    Measured all;
    all.seconds = std::chrono::duration<double>(Steady::now() - begin).count();
    for (const auto &one : each) {
        all.milliseconds.insert(all.milliseconds.end(), one.milliseconds.begin(), one.milliseconds.end());
        all.refused += one.refused;
        if (all.firstRefusal.empty())
            all.firstRefusal = one.firstRefusal;
    }
    std::ranges::sort(all.milliseconds);
    return all;
}

double quantile(const std::vector<double> &sorted, double part)
{
    return sorted.empty() ? 0
                          : sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

std::uint32_t number(int argc, char **argv, int at, std::uint32_t usual)
{
    return argc > at ? std::max(static_cast<std::uint32_t>(std::strtoul(argv[at], nullptr, 10)), 1U) : usual;
}

} // namespace

int main(int argc, char **argv)
{
    const auto users = number(argc, argv, 1, 20'000), detections = number(argc, argv, 2, 120'000);
    const auto connections = static_cast<int>(std::min(number(argc, argv, 3, 8), 64U));
    const auto seconds = static_cast<double>(number(argc, argv, 4, 10));
    std::signal(SIGPIPE, SIG_IGN); // a connection that the server has closed is counted as refused
    const auto begin = Steady::now();
    test::Fixture directory(users);
    fill(directory, users, detections);
    const auto made = serve::createToken(
        directory.connection(), SystemClock(), {"load", action::Role::Administrator, "command line", "load"},
        "load", {serve::Scope::IdentityRiskyUserReadWriteAll, serve::Scope::IdentityRiskEventReadAll});
    test::Fixture::check(made);
    const std::string token(made->secret.reveal());
    fmt::print(stderr, "The directory took {:.0f} s.\n",
               std::chrono::duration<double>(Steady::now() - begin).count());
    const auto file = QString::fromStdString(directory.connection().file().string());
    test::Served served(file, {"--rate", "1000000"});
    if (served.url().isEmpty()) {
        fmt::print(stderr, "{}", served.err().toStdString());
        return 1;
    }
    const std::string risky = "/v1.0/identityProtection/riskyUsers",
                      found = "/v1.0/identityProtection/riskDetections";
    const auto get = [](std::string target) {
        return [target = std::move(target)](httplib::SSLClient &client, std::uint32_t) {
            return client.Get(target);
        };
    };
    const std::vector<Ask> asks{
        {"$metadata: no store", get("/v1.0/$metadata")},
        {"list 50 risky users", get(risky + "?$top=50&$orderby=riskLastUpdatedDateTime%20desc")},
        {"list 100 detections", get(found + "?$top=100")},
        {"filter detections by type and level, 20",
         get(found +
             "?$top=20&$filter=riskEventType%20eq%20'passwordSpray'%20and%20riskLevel%20eq%20'high'")},
        {"the same with $count", get(found + "?$top=20&$count=true&$filter=riskEventType%20eq%20'"
                                             "passwordSpray'%20and%20riskLevel%20eq%20'high'")},
        {"get a risky user",
         [&](httplib::SSLClient &client, std::uint32_t n) {
             return client.Get(risky + '/' + test::userKey(n % users + 1));
         }},
        {"dismiss a user",
         [&](httplib::SSLClient &client, std::uint32_t n) {
             return client.Post(risky + "/dismiss",
                                fmt::format(R"({{"userIds":["{}"]}})", test::userKey(n % users + 1)),
                                "application/json");
         }},
    };
    fmt::print("{} users, {} detections, {} connections, {:.0f} s each\n\n", users, detections, connections,
               seconds);
    fmt::print("| request | a second | p50 | p99 | longest | refused |\n|---|---|---|---|---|---|\n");
    for (const auto &ask : asks) {
        const auto m = measure(ask, served, token, connections, seconds);
        fmt::print("| {} | {:.0f} | {:.1f} ms | {:.1f} ms | {:.1f} ms | {} |\n", ask.name,
                   static_cast<double>(m.milliseconds.size()) / m.seconds, quantile(m.milliseconds, 0.5),
                   quantile(m.milliseconds, 0.99), quantile(m.milliseconds, 1), m.refused);
        std::fflush(stdout);
        if (m.refused > 0)
            fmt::print(stderr, "{}: {}\n", ask.name, m.firstRefusal);
    }
    return served.end() == 0 ? 0 : 1;
}

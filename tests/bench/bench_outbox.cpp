// What a decision on tens of thousands of users costs: dismissing them in one command, with and without a provider
// that is to be told; blocking them where a connection carries it, while the console lists the outbox; and the courier
// on its way to a provider on loopback, behind few and many rows that wait. Run, alternating, for medians:
// cpuMs is the time of both threads together, which others on the machine disturb less.
// bench_outbox --benchmark_repetitions=5 --benchmark_enable_random_interleaving=true
// The files lie below TMPDIR.
#include "core/action/action_service.h"

#include "tests/support/graph_connection.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>

using namespace riskdesk;
using namespace riskdesk::test;
using action::Action;

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::uint64_t shownByConsole = 500;
const action::Operator ana{"ana", action::Role::Administrator, "console", "desk"};

double secondsSince(Steady::time_point start)
{
    return std::chrono::duration<double>(Steady::now() - start).count();
}

action::Request requestOf(Action what, std::uint32_t count)
{
    action::Request request;
    request.action = what;
    for (std::uint32_t user = 1; user <= count; ++user)
        request.users.push_back(user);
    request.reason = what == Action::Dismiss ? "expectedActivity" : "";
    return request;
}

void raise(Fixture &fixture, std::uint32_t users, std::uint32_t each)
{
    using T = DetectionType;
    constexpr T types[] = {T::AnonymizedIPAddress, T::UnfamiliarFeatures, T::UnlikelyTravel};
    std::vector<ledger::RaisedDetection> found;
    for (std::uint32_t user = 1; user <= users; ++user)
        for (std::uint32_t i = 0; i < each; ++i)
            found.push_back(
                finding(user, each * user + i, types[i], i == 0 ? RiskLevel::High : RiskLevel::Low, noon));
    fixture.raise(std::move(found));
}

void carryOut(Fixture &fixture, const action::Request &request, std::uint64_t users)
{
    action::ActionService service(fixture.connection(), fixture.clock, ana);
    const auto outcome = service.carryOut(request);
    Fixture::check(outcome);
    if (outcome->users != users)
        throw std::runtime_error("not everybody was decided on");
}

// Users, findings each, whether a provider is told.
void dismiss(benchmark::State &state)
{
    const auto users = static_cast<std::uint32_t>(state.range(0));
    GraphServer server;
    for (auto _ : state) {
        Fixture fixture(users);
        raise(fixture, users, static_cast<std::uint32_t>(state.range(1)));
        if (state.range(2) != 0)
            connectToGraph(fixture.connection(), fixture.clock, server);
        fixture.run("PRAGMA synchronous=FULL");
        const auto request = requestOf(Action::Dismiss, users);
        const auto start = Steady::now();
        const auto cpu = std::clock();
        carryOut(fixture, request, users);
        state.counters["cpuMs"] =
            1000.0 * static_cast<double>(std::clock() - cpu) / static_cast<double>(CLOCKS_PER_SEC);
        state.SetIterationTime(secondsSince(start));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

// What the console reads again and again while another thread writes.
class Reader
{
public:
    explicit Reader(const std::filesystem::path &file)
        : m_thread([this, file](std::stop_token stop) {
            auto connection = store::openForReading(file);
            Fixture::check(connection);
            while (!stop.stop_requested()) {
                const auto start = Steady::now();
                Fixture::check(action::outbox(*connection, false, shownByConsole));
                m_times.push_back(1000 * secondsSince(start));
            }
        })
    {}
    // Milliseconds, ascending.
    std::vector<double> end()
    {
        m_thread.request_stop();
        m_thread.join();
        std::ranges::sort(m_times);
        return m_times;
    }

private:
    std::vector<double> m_times;
    std::jthread m_thread;
};

// Users, whether the outbox is read meanwhile.
void blockOverConnection(benchmark::State &state)
{
    const auto users = static_cast<std::uint32_t>(state.range(0));
    GraphServer server;
    for (auto _ : state) {
        Fixture fixture(users);
        raise(fixture, users, 1);
        connectToGraph(fixture.connection(), fixture.clock, server);
        fixture.run("PRAGMA synchronous=FULL");
        const auto request = requestOf(Action::Block, users);
        std::unique_ptr<Reader> reader;
        if (state.range(1) != 0)
            reader = std::make_unique<Reader>(fixture.connection().file());
        const auto start = Steady::now();
        carryOut(fixture, request, users);
        state.SetIterationTime(secondsSince(start));
        if (!reader)
            continue;
        const auto times = reader->end();
        state.counters["reads"] = static_cast<double>(times.size());
        state.counters["readMs"] = times.empty() ? 0 : times[times.size() / 2];
        state.counters["longestReadMs"] = times.empty() ? 0 : times.back();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

// How many are sent, how many wait. The clock goes on by what the courier would sleep between two requests, so that
// this is what it and the server need for one.
void courier(benchmark::State &state)
{
    const auto sent = state.range(0);
    const auto waiting = static_cast<std::uint32_t>(state.range(1));
    for (auto _ : state) {
        GraphServer server;
        Fixture fixture(waiting);
        server.with([&](auto &s) {
            s.users.clear();
            for (std::uint32_t user = 1; user <= waiting; ++user)
                s.users.push_back({"id-" + std::to_string(user), userKey(user)});
        });
        connectToGraph(fixture.connection(), fixture.clock, server);
        carryOut(fixture, requestOf(Action::Block, waiting), waiting);
        std::stop_source stop;
        std::int64_t done = 0;
        run::CourierOptions options;
        options.untilEmpty = true;
        options.settled = [&](const dispatch::Settled &settled) {
            if (settled.state != OutboxState::Done)
                throw std::runtime_error(settled.sentence);
            if (++done == sent)
                stop.request_stop();
        };
        const auto file = fixture.connection().file();
        const auto start = Steady::now();
        const auto carried = run::carry(file, fixture.clock, graphSecrets(file), options, stop.get_token(),
                                        [&fixture](Microseconds time) { fixture.clock.advance(time); });
        state.SetIterationTime(secondsSince(start));
        if (!carried && carried.error().code != Code::Cancelled)
            Fixture::check(carried);
        if (done != sent)
            throw std::runtime_error("not everything was sent");
    }
    state.SetItemsProcessed(state.iterations() * sent);
}

BENCHMARK(dismiss)
    ->Args({50'000, 1, 0})
    ->Args({50'000, 1, 1})
    ->Args({50'000, 3, 0})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(blockOverConnection)
    ->Args({50'000, 0})
    ->Args({50'000, 1})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(courier)
    ->Args({500, 1000})
    ->Args({500, 50'000})
    ->UseManualTime()
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

} // namespace

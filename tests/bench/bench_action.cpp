// What findings and decisions cost in the store: raising three detections a user, planning a dismissal of
// them all, dismissing and taking it back. Run: bench_action.
#include "core/action/action_service.h"

#include "tests/support/risk_fixture.h"

#include <benchmark/benchmark.h>

#include <memory>

using namespace riskdesk;
using namespace riskdesk::action;
using namespace riskdesk::ledger;
using namespace riskdesk::test;

namespace {

std::vector<std::uint32_t> users(std::uint32_t count)
{
    std::vector<std::uint32_t> all;
    for (std::uint32_t u = 1; u <= count; ++u)
        all.push_back(u);
    return all;
}

std::vector<RaisedDetection> threeEach(std::uint32_t count)
{
    using T = DetectionType;
    std::vector<RaisedDetection> found;
    for (std::uint32_t u = 1; u <= count; ++u) {
        found.push_back(
            finding(u, 3 * u, T::AnonymizedIPAddress, u % 2 ? RiskLevel::Medium : RiskLevel::High, noon));
        found.push_back(finding(u, 3 * u + 1, T::UnfamiliarFeatures, RiskLevel::Low, noon));
        found.push_back(finding(u, 3 * u + 2, T::UnlikelyTravel, RiskLevel::Low, noon));
    }
    return found;
}

const Operator ana{"ana", Role::Administrator, "console", "desk"};

void raiseFindings(benchmark::State &state)
{
    const auto count = static_cast<std::uint32_t>(state.range(0));
    for (auto _ : state) {
        state.PauseTiming();
        auto f = std::make_unique<Fixture>(count);
        auto found = threeEach(count);
        state.ResumeTiming();
        f->raise(std::move(found));
        state.PauseTiming();
        f.reset();
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * state.range(0) * 3);
}

Request dismissAll(std::uint32_t count)
{
    return {Action::Dismiss, users(count), {}, {}, "expectedActivity", ""};
}

void planDismissal(benchmark::State &state)
{
    const auto count = static_cast<std::uint32_t>(state.range(0));
    Fixture f(count);
    f.raise(threeEach(count));
    ActionService service(f.connection(), f.clock, ana);
    for (auto _ : state)
        benchmark::DoNotOptimize(service.plan(dismissAll(count)).has_value());
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void dismissAndTakeBack(benchmark::State &state)
{
    const auto count = static_cast<std::uint32_t>(state.range(0));
    Fixture f(count);
    f.raise(threeEach(count));
    f.run("PRAGMA synchronous=FULL");
    ActionService service(f.connection(), f.clock, ana);
    for (auto _ : state) {
        Fixture::check(service.carryOut(dismissAll(count)));
        Fixture::check(service.undo());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(raiseFindings)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(planDismissal)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(dismissAndTakeBack)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMillisecond);

} // namespace

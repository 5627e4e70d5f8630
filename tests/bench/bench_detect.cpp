// Cost of the detectors per sign-in: all of them in the engine, the features model alone, and saving the memory.
// The population: users at home with a second network and device, a few percent failures and trips.
#include "core/detect/engine.h"
#include "core/detect/usual/features.h"

#include "tests/support/memory_state.h"
#include "tests/support/sign_in_builder.h"

#include <benchmark/benchmark.h>

#include <random>
#include <vector>

using namespace riskdesk;
using namespace riskdesk::detect;

namespace {

struct Stream
{
    test::SignInWorld world;
    std::vector<EnrichedSignIn> signIns;
    std::size_t users;

    Stream(std::size_t count, std::size_t userCount)
        : users(userCount)
    {
        std::mt19937 random(1);
        const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
        const std::int64_t step = 120LL * 86'400'000'000 / static_cast<std::int64_t>(count);
        std::int64_t at = Timestamp::fromCivil(2026, 1, 1).us;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t user = std::min(pick(users), pick(users)); // some sign in more than others
            const bool away = pick(100) < 2;
            const std::string a = std::to_string(user / 250 % 250), b = std::to_string(user % 250);
            const std::size_t phone = pick(10) < 6 ? 1 : 0;
            auto s = world.signIn("user" + std::to_string(user)).at(Timestamp{at += step});
            s.ip(away         ? "198.51." + a + "." + std::to_string(pick(250))
                 : phone != 0 ? "100.70." + a + "." + std::to_string(pick(20))
                              : "192.0." + a + "." + b);
            s.place(away ? "Madrid" : "Lisbon", away ? "ES" : "PT", away ? 40.42 : 38.72, away ? -3.7 : -9.14)
                .asn(static_cast<std::uint32_t>(64500 + phone + (away ? 10 : user % 5)));
            s.agent("Chrome " + std::to_string(118 + i * 4 / count), phone != 0 ? "Android 14" : "Windows 10",
                    phone != 0 ? DeviceClass::Mobile : DeviceClass::Desktop);
            s.device((phone != 0 ? "phone" : "pc") + std::to_string(user));
            if (pick(100) < 8)
                s.failure();
            signIns.push_back(s.build());
        }
    }
};

Stream &stream(std::size_t users)
{
    static Stream few(400'000, 2'000), many(400'000, 40'000);
    return users <= 2'000 ? few : many;
}

void examine(benchmark::State &state)
{
    Stream &s = stream(static_cast<std::size_t>(state.range(0)));
    NoState none;
    std::size_t findings = 0;
    for (auto _ : state) {
        Engine engine(Tuning(), none, s.world);
        for (const EnrichedSignIn &signIn : s.signIns)
            findings += engine.examine(signIn).findings.size();
    }
    const auto count = static_cast<double>(s.signIns.size());
    state.counters["time/sign-in"] = benchmark::Counter(count, benchmark::Counter::kIsIterationInvariantRate |
                                                                   benchmark::Counter::kInvert);
    state.counters["findings/1000"] =
        static_cast<double>(findings) / static_cast<double>(state.iterations()) / count * 1000;
}
BENCHMARK(examine)->Arg(2'000)->Arg(40'000)->Unit(benchmark::kMillisecond);

void features(benchmark::State &state)
{
    Stream &s = stream(static_cast<std::size_t>(state.range(0)));
    NoState none;
    const Tuning tuning;
    for (auto _ : state) {
        TenantCounts tenant(none);
        Profiles profiles(none);
        Novelty novelty(none);
        FeatureModel model(tuning, tenant, novelty, profiles);
        for (const EnrichedSignIn &signIn : s.signIns) {
            benchmark::DoNotOptimize(model.assess(signIn, 0).total);
            model.learn(signIn);
        }
    }
    state.counters["time/sign-in"] =
        benchmark::Counter(static_cast<double>(s.signIns.size()),
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(features)->Arg(2'000)->Arg(40'000)->Unit(benchmark::kMillisecond);

void save(benchmark::State &state)
{
    Stream &s = stream(static_cast<std::size_t>(state.range(0)));
    NoState none;
    test::MemoryState memory;
    std::size_t bytes = 0, users = 0;
    for (auto _ : state) {
        state.PauseTiming();
        Engine engine(Tuning(), none, s.world);
        for (const EnrichedSignIn &signIn : s.signIns)
            engine.examine(signIn);
        memory.parts.clear();
        state.ResumeTiming();
        engine.save(memory);
    }
    for (const auto &[part, data] : memory.parts)
        if (part.first == StatePart::User) {
            bytes += data.size();
            ++users;
        }
    state.counters["bytes/user"] =
        static_cast<double>(bytes) / static_cast<double>(std::max<std::size_t>(users, 1));
}
BENCHMARK(save)->Arg(2'000)->Arg(40'000)->Unit(benchmark::kMillisecond)->Iterations(2);

} // namespace

BENCHMARK_MAIN();

// How fast networks are indexed and asked, lists read and agents understood.
// Run: bench_enrich; real place and ASN files are measured when RISKDESK_BENCH_MMDB and RISKDESK_BENCH_ASN
// name them.
#include "core/enrich/agent_reader.h"
#include "core/enrich/enricher.h"
#include "core/enrich/list_reader.h"
#include "core/enrich/network_index.h"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

using namespace riskdesk;

namespace {

// A million networks: /24 to /32 over the whole space, one in a hundred a /12 to /20 that holds others.
std::vector<enrich::NetworkRange> networks(std::size_t count, bool v6)
{
    std::mt19937_64 random(1);
    std::vector<enrich::NetworkRange> out;
    out.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        IpAddress ip = IpAddress::fromV4(static_cast<std::uint32_t>(random()));
        int bits =
            random() % 100 == 0 ? 12 + static_cast<int>(random() % 9) : 24 + static_cast<int>(random() % 9);
        bits += 96;
        if (v6) {
            ip.bytes = {0x20, 0x01};
            for (std::size_t k = 2; k < 8; ++k)
                ip.bytes[k] = static_cast<std::uint8_t>(random());
            bits = random() % 100 == 0 ? 32 : 48 + static_cast<int>(random() % 17);
        }
        IpAddress last = ip.masked(bits);
        for (int b = bits; b < 128; ++b)
            last.bytes[static_cast<std::size_t>(b / 8)] |= static_cast<std::uint8_t>(0x80 >> (b % 8));
        out.push_back({ip.masked(bits), last});
    }
    return out;
}

std::vector<IpAddress> questions(bool v6)
{
    std::mt19937_64 random(2);
    std::vector<IpAddress> out(1 << 20);
    for (auto &ip : out) {
        ip = IpAddress::fromV4(static_cast<std::uint32_t>(random()));
        if (v6) {
            ip.bytes = {0x20, 0x01};
            for (std::size_t k = 2; k < 16; ++k)
                ip.bytes[k] = static_cast<std::uint8_t>(random());
        }
    }
    return out;
}

void buildIndex(benchmark::State &state)
{
    const auto ranges = networks(1'000'000, state.range(0) != 0);
    for (auto _ : state)
        benchmark::DoNotOptimize(enrich::NetworkIndex(ranges));
}
BENCHMARK(buildIndex)->ArgName("v6")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void askIndex(benchmark::State &state)
{
    const enrich::NetworkIndex index(networks(1'000'000, state.range(0) != 0));
    const auto addresses = questions(state.range(0) != 0);
    std::vector<std::uint32_t> found;
    std::size_t i = 0, hits = 0;
    for (auto _ : state) {
        index.find(addresses[i++ & (addresses.size() - 1)], found);
        hits += found.size();
    }
    benchmark::DoNotOptimize(hits);
}
BENCHMARK(askIndex)->ArgName("v6")->Arg(0)->Arg(1);

void readPlainList(benchmark::State &state)
{
    const auto path = std::filesystem::temp_directory_path() / "riskdesk-bench-list.txt";
    {
        std::ofstream out(path);
        for (const auto &range : networks(1'000'000, false))
            out << range.first.toString() << '\n';
    }
    for (auto _ : state)
        benchmark::DoNotOptimize(enrich::readList(path, ListKind::Malware));
    std::filesystem::remove(path);
}
BENCHMARK(readPlainList)->Unit(benchmark::kMillisecond);

void addListOfAMillion(benchmark::State &state)
{
    const auto ranges = networks(1'000'000, false);
    for (auto _ : state) {
        state.PauseTiming();
        std::vector<ListEntry> entries(ranges.size());
        for (std::size_t i = 0; i < ranges.size(); ++i) {
            entries[i].first = ranges[i].first;
            entries[i].last = ranges[i].last;
        }
        enrich::Enricher enricher;
        IntelligenceList list;
        state.ResumeTiming();
        enricher.addList(list, std::move(entries));
        state.PauseTiming();
        enricher = enrich::Enricher();
        state.ResumeTiming();
    }
}
BENCHMARK(addListOfAMillion)->Unit(benchmark::kMillisecond);

void factsOfAnAddress(benchmark::State &state)
{
    enrich::Enricher enricher;
    if (const char *path = std::getenv("RISKDESK_BENCH_MMDB")) {
        IntelligenceList places;
        places.path = path;
        if (!enricher.addPlaces(places))
            return state.SkipWithError("the place file was refused");
    }
    if (const char *path = std::getenv("RISKDESK_BENCH_ASN"))
        if (auto list = enrich::readList(path, ListKind::Asn))
            enricher.addList(list->list, std::move(list->entries));
    for (const auto kind : {ListKind::Anonymizer, ListKind::Malware}) {
        std::vector<ListEntry> entries;
        for (const auto &range : networks(100'000, false)) {
            ListEntry entry;
            entry.first = range.first;
            entry.last = range.last;
            entries.push_back(std::move(entry));
        }
        IntelligenceList list;
        list.kind = kind;
        enricher.addList(list, std::move(entries));
    }
    const auto addresses = questions(false);
    std::size_t i = 0, known = 0;
    for (auto _ : state)
        known += enricher.facts(addresses[i++ & (addresses.size() - 1)]).place.isKnown();
    state.counters["known"] =
        benchmark::Counter(static_cast<double>(known), benchmark::Counter::kAvgIterations);
}
BENCHMARK(factsOfAnAddress);

void readOneAgent(benchmark::State &state)
{
    for (auto _ : state)
        benchmark::DoNotOptimize(enrich::readAgent(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/122.0.0.0 Safari/537.36",
            "Chrome 122.0.0", "Windows10"));
}
BENCHMARK(readOneAgent);

} // namespace

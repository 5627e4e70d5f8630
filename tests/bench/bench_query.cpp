// Questions over many rows: filters and orders of sign-ins in columns (with SQLite's scan of the same rows as
// plain text beside them), spine and pages of users. Run: bench_query; RISKDESK_BENCH_ROWS sets the size.
#include "core/query/counts.h"
#include "core/query/filter/filter_text.h"
#include "core/query/read_session.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/spine.h"
#include "core/query/tables/risky_users.h"
#include "core/store/segment.h"

#include "tests/support/small_directory.h"

#include <benchmark/benchmark.h>

#include <cstdlib>

using namespace riskdesk;
using namespace riskdesk::query;
using namespace riskdesk::test;

namespace {

std::size_t rowsWanted()
{
    const char *text = std::getenv("RISKDESK_BENCH_ROWS");
    return text == nullptr ? 1'000'000 : static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
}

// 20,000 risky users and a million sign-ins, made once.
struct Store
{
    SmallDirectory directory;
    std::shared_ptr<SignIns> signIns;
    std::size_t rows = rowsWanted();

    Store()
    {
        constexpr std::uint32_t users = 20'000;
        directory.populate(static_cast<int>(users));
        auto &db = directory.connection();
        auto &texts = directory.dictionaries();
        SmallDirectory::need(db.execute(
            "BEGIN; INSERT INTO import_run (started_at) VALUES (0);"
            "CREATE TABLE plain (row INTEGER PRIMARY KEY, at INTEGER, user INTEGER, error INTEGER)"));
        std::vector<std::uint32_t> addresses, apps;
        for (std::uint32_t i = 0; i < 50'000; ++i) {
            const auto ip = IpAddress::fromV4(0x0a000000U + i * 7);
            addresses.push_back(texts.intern(
                Dictionary::Address, std::string_view(reinterpret_cast<const char *>(ip.bytes.data()), 16)));
        }
        for (int i = 0; i < 40; ++i)
            apps.push_back(texts.intern(Dictionary::Application, "Application " + std::to_string(i)));
        std::mt19937_64 random(5);
        store::Statement plain(db, "INSERT INTO plain VALUES (?1, ?2, ?3, ?4)");
        std::vector<SignInRow> segment;
        for (std::size_t i = 0; i < rows; ++i) {
            auto &row = segment.emplace_back();
            row.at = smallNow.us -
                     static_cast<std::int64_t>(rows - i) * (90 * dayUs / static_cast<std::int64_t>(rows));
            const auto low = random(), high = random();
            std::memcpy(row.eventKey.data(), &low, 8);
            std::memcpy(row.eventKey.data() + 8, &high, 8);
            row.user = 1 + static_cast<std::uint32_t>(random() % users);
            row.ip = addresses[random() % addresses.size()];
            row.application = apps[random() % apps.size()];
            row.errorCode = random() % 12 == 0 ? 50126 : 0;
            row.outcome = row.errorCode == 0 ? Outcome::Success : Outcome::Failure;
            plain.bind(static_cast<std::int64_t>(i), row.at, row.user, row.errorCode);
            SmallDirectory::need(plain.run());
            if (segment.size() == store::rowsPerSegment || i + 1 == rows) {
                if (!store::writeSegment(db, 1, segment))
                    throw std::runtime_error("no segment");
                segment.clear();
            }
        }
        SmallDirectory::need(texts.flush(db));
        SmallDirectory::need(db.execute("COMMIT"));
        signIns = ReadSession::of(db)->signIns();
    }
};

Store &made()
{
    static Store store;
    return store;
}

void askSignIns(benchmark::State &state, const char *filter, std::vector<SortKey> order)
{
    auto &store = made();
    const Question question{
        Report::SignIns, *parseFilter(Report::SignIns, filter), {}, std::move(order), smallNow};
    std::size_t found = 0;
    for (auto _ : state) {
        const auto spine = store.signIns->ask(store.directory.connection(), question);
        if (!spine) {
            state.SkipWithError(spine.error().detail.c_str());
            return;
        }
        found = spine->rows.size();
    }
    state.counters["rows"] = static_cast<double>(store.rows);
    state.counters["found"] = static_cast<double>(found);
}

void askUsers(benchmark::State &state, const char *filter, const char *column)
{
    auto &store = made();
    const Question question{
        Report::RiskyUsers, *parseFilter(Report::RiskyUsers, filter), {}, {{column, true}}, smallNow};
    for (auto _ : state)
        benchmark::DoNotOptimize(readSpine(store.directory.connection(), question));
}

void scanInSqlite(benchmark::State &state)
{
    auto &store = made();
    for (auto _ : state) {
        store::Statement rows(store.directory.connection(),
                              "SELECT row FROM plain WHERE error <> 0 AND at >= ?1");
        rows.bind(smallNow.us - 7 * dayUs);
        std::vector<std::int64_t> found;
        while (rows.step())
            found.push_back(rows.int64(0));
        benchmark::DoNotOptimize(found);
    }
}

void pageOfUsers(benchmark::State &state)
{
    auto &store = made();
    std::vector<std::int64_t> ids;
    for (std::int64_t id = 5000; id < 5128; ++id)
        ids.push_back(id);
    for (auto _ : state)
        benchmark::DoNotOptimize(readRiskyUsers(store.directory.connection(), ids));
}

void facetOfUsers(benchmark::State &state)
{
    auto &store = made();
    const Question question{
        Report::RiskyUsers, *parseFilter(Report::RiskyUsers, "state:atRisk"), {}, {}, smallNow};
    for (auto _ : state)
        benchmark::DoNotOptimize(facet(store.directory.connection(), question, "country"));
}

} // namespace

BENCHMARK_CAPTURE(askSignIns, failures_of_seven_days, "error>0 time<7d", {})->Unit(benchmark::kMillisecond);
BENCHMARK(scanInSqlite)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askSignIns, a_part_of_a_name, "user:smith", {})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askSignIns, a_range_of_addresses, "ip:10.0.16.0/20", {})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askSignIns, all_by_user, "", {{"user", false}})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askSignIns, all_by_address, "", {{"ipAddress", false}})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askSignIns, all_by_time, "", {})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askUsers, at_risk_by_score, "state:atRisk", "riskScore")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askUsers, everybody_by_name, "", "user")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askUsers, a_part_of_a_name, "ozt", "riskScore")->Unit(benchmark::kMillisecond);
BENCHMARK(pageOfUsers)->Unit(benchmark::kMillisecond);
BENCHMARK(facetOfUsers)->Unit(benchmark::kMillisecond);

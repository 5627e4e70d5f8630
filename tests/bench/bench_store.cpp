// Keeping sign-ins: column segments, and the obvious way beside them, a row each through Qt SQL with the
// index that a user's page needs. Both on disk, write-ahead log, synchronous FULL, fifty thousand rows a
// transaction. Then asking them: filters and orders on the columns, and SQLite's scan of the same rows as a
// plain table. Run: bench_store; RISKDESK_BENCH_ROWS sets the size.
#include "core/domain/place.h"
#include "core/query/filter/filter_text.h"
#include "core/query/read_session.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/store/dictionary.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include "tests/support/small_directory.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QVariant>

#include <benchmark/benchmark.h>

#include <cstdlib>

using namespace riskdesk;
using namespace riskdesk::test;

namespace {

constexpr std::size_t rowsPerTransaction = 50'000;

std::size_t rowsWanted()
{
    const char *text = std::getenv("RISKDESK_BENCH_ROWS");
    return text == nullptr ? 300'000 : static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
}

const std::vector<SignInRow> &rows()
{
    static const auto made = [] {
        std::vector<SignInRow> all(rowsWanted());
        std::mt19937_64 random(5);
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto &row = all[i];
            row.at = smallNow.us + static_cast<std::int64_t>(i) * 250'000;
            const std::uint64_t id[] = {random(), random(), random(), random()};
            std::memcpy(row.eventKey.data(), id, 16);
            std::memcpy(row.correlation.data(), id + 2, 16);
            row.offset = i * 2022;
            row.length = 2000 + static_cast<std::uint32_t>(random() % 50);
            row.user = 1 + static_cast<std::uint32_t>(random() % 20'000);
            row.ip = 1 + static_cast<std::uint32_t>(random() % 50'000);
            row.userAgent = 1 + static_cast<std::uint32_t>(random() % 500);
            row.browser = row.operatingSystem = 1 + static_cast<std::uint32_t>(random() % 20);
            row.device = static_cast<std::uint32_t>(random() % 9000);
            row.clientApp = 1;
            row.application = row.resource = 1 + static_cast<std::uint32_t>(random() % 40);
            row.place = 1 + static_cast<std::uint32_t>(random() % 300);
            row.asn = static_cast<std::uint32_t>(random() % 2000);
            row.errorCode = random() % 12 == 0 ? 50126 : 0;
            row.outcome = row.errorCode == 0 ? Outcome::Success : Outcome::Failure;
        }
        return all;
    }();
    return made;
}

void segments(benchmark::State &state)
{
    const auto &all = rows();
    std::uintmax_t bytes = 0;
    for (auto _ : state) {
        state.PauseTiming();
        SmallDirectory directory;
        auto &db = directory.connection();
        SmallDirectory::need(db.execute("INSERT INTO import_run (started_at) VALUES (0)"));
        state.ResumeTiming();
        for (std::size_t begin = 0; begin < all.size(); begin += rowsPerTransaction) {
            auto transaction = store::Transaction::begin(db);
            const auto end = std::min(begin + rowsPerTransaction, all.size());
            for (auto at = begin; at < end; at += store::rowsPerSegment)
                if (!store::writeSegment(
                        db, 1, std::span(all).subspan(at, std::min(store::rowsPerSegment, end - at))))
                    throw std::runtime_error("no segment");
            SmallDirectory::need(transaction->commit());
        }
        state.PauseTiming();
        SmallDirectory::need(db.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
        bytes = std::filesystem::file_size(directory.file());
        state.ResumeTiming();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(all.size()) * state.iterations());
    state.counters["bytes/row"] = static_cast<double>(bytes) / static_cast<double>(all.size());
}

void rowsThroughQtSql(benchmark::State &state)
{
    const auto &all = rows();
    std::uintmax_t bytes = 0;
    for (auto _ : state) {
        state.PauseTiming();
        QTemporaryDir folder;
        const auto file = folder.filePath("rows.db");
        auto db = QSqlDatabase::addDatabase("QSQLITE", "bench");
        db.setDatabaseName(file);
        if (!db.open())
            throw std::runtime_error(db.lastError().text().toStdString());
        for (const char *sql :
             {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
              "CREATE TABLE sign_in (event_key BLOB NOT NULL, at INTEGER NOT NULL, user INTEGER, ip INTEGER, "
              "agent INTEGER, browser INTEGER, os INTEGER, device INTEGER, client INTEGER, app INTEGER, "
              "resource INTEGER, place INTEGER, asn INTEGER, error INTEGER, outcome INTEGER, correlation "
              "BLOB, "
              "at_byte INTEGER, length INTEGER)",
              "CREATE INDEX sign_in_user ON sign_in (user, at)"})
            if (!QSqlQuery(db).exec(sql))
                throw std::runtime_error(sql);
        state.ResumeTiming();
        {
            QSqlQuery insert(db);
            insert.prepare("INSERT INTO sign_in VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (i % rowsPerTransaction == 0)
                    db.transaction();
                const auto &r = all[i];
                const auto blob = [](const EventKey &key) {
                    return QByteArray(reinterpret_cast<const char *>(key.data()), int(key.size()));
                };
                insert.bindValue(0, blob(r.eventKey));
                insert.bindValue(1, qlonglong(r.at));
                const std::uint32_t numbers[] = {
                    r.user,   r.ip,        r.userAgent,   r.browser,  r.operatingSystem,
                    r.device, r.clientApp, r.application, r.resource, r.place,
                    r.asn};
                int column = 2;
                for (const auto number : numbers)
                    insert.bindValue(column++, number);
                insert.bindValue(13, r.errorCode);
                insert.bindValue(14, int(r.outcome));
                insert.bindValue(15, blob(r.correlation));
                insert.bindValue(16, qulonglong(r.offset));
                insert.bindValue(17, r.length);
                if (!insert.exec())
                    throw std::runtime_error(insert.lastError().text().toStdString());
                if ((i + 1) % rowsPerTransaction == 0 || i + 1 == all.size())
                    db.commit();
            }
        }
        state.PauseTiming();
        QSqlQuery(db).exec("PRAGMA wal_checkpoint(TRUNCATE)");
        bytes = std::filesystem::file_size(file.toStdString());
        db = {};
        QSqlDatabase::removeDatabase("bench");
        state.ResumeTiming();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(all.size()) * state.iterations());
    state.counters["bytes/row"] = static_cast<double>(bytes) / static_cast<double>(all.size());
}

// The rows as segments and as the table `plain`, which holds what the questions ask about in its first
// columns and the country as text: a reader of rows cannot have it cheaper.
struct Asked
{
    SmallDirectory directory;
    std::shared_ptr<query::SignIns> signIns;

    Asked()
    {
        static constexpr std::array countries = {"PT", "BR", "VN", "DE", "US", "NL", "FR", "PL", "TR", "IN"};
        directory.populate(20'000);
        auto &db = directory.connection();
        auto &texts = directory.dictionaries();
        std::vector<std::uint32_t> places;
        for (int i = 0; i < 300; ++i) {
            Place place;
            place.city = "City " + std::to_string(i);
            place.country = countries.at(static_cast<std::size_t>(i) % countries.size());
            places.push_back(texts.intern(Dictionary::Place, place.encode()));
        }
        SmallDirectory::need(db.execute(
            "BEGIN; INSERT INTO import_run (started_at) VALUES (0);"
            "CREATE TABLE plain (row INTEGER PRIMARY KEY, outcome INTEGER, country TEXT, at INTEGER, "
            "user INTEGER, name TEXT, ip INTEGER, agent INTEGER, app INTEGER, asn INTEGER, error INTEGER)"));
        store::Statement name(db, "SELECT search FROM user WHERE id = ?1");
        store::Statement plain(db, "INSERT INTO plain VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)");
        auto all = rows();
        for (std::size_t i = 0; i < all.size(); ++i) {
            auto &r = all[i];
            const auto place = r.place % places.size();
            r.place = places[place];
            name.bind(r.user);
            plain.bind(i, r.outcome, countries.at(place % countries.size()), r.at, r.user,
                       name.step() ? name.text(0) : "", r.ip, r.userAgent, r.application, r.asn, r.errorCode);
            SmallDirectory::need(plain.run());
        }
        name.reset();
        for (std::size_t at = 0; at < all.size(); at += store::rowsPerSegment)
            if (!store::writeSegment(
                    db, 1, std::span(all).subspan(at, std::min(store::rowsPerSegment, all.size() - at))))
                throw std::runtime_error("no segment");
        SmallDirectory::need(texts.flush(db));
        SmallDirectory::need(db.execute("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)"));
    }
    static Asked &made()
    {
        static Asked asked;
        return asked;
    }
};

// `cold`: with no column in memory yet, as the first question after a start finds it.
void askColumns(benchmark::State &state, const char *filter, std::vector<query::SortKey> order, bool cold)
{
    auto &asked = Asked::made();
    const query::Question question{query::Report::SignIns,
                                   *query::parseFilter(query::Report::SignIns, filter),
                                   {},
                                   std::move(order),
                                   smallNow};
    std::size_t found = 0;
    for (auto _ : state) {
        if (cold || !asked.signIns) {
            asked.signIns.reset();
            asked.signIns = query::ReadSession::of(asked.directory.connection())->signIns();
        }
        const auto spine = asked.signIns->ask(asked.directory.connection(), question);
        if (!spine) {
            state.SkipWithError(spine.error().detail.c_str());
            return;
        }
        found = spine->rows.size();
    }
    state.counters["found"] = static_cast<double>(found);
}

void askRows(benchmark::State &state, const char *sql)
{
    auto &asked = Asked::made();
    std::vector<std::int64_t> found;
    for (auto _ : state) {
        store::Statement row(asked.directory.connection(), sql);
        found.clear();
        while (row.step())
            found.push_back(row.int64(0));
        if (!row.ok()) {
            state.SkipWithError(row.error().detail.c_str());
            return;
        }
    }
    state.counters["found"] = static_cast<double>(found.size());
}

// A text that is known already, which is nearly every one.
void internKnownText(benchmark::State &state)
{
    store::Dictionaries dictionaries;
    std::vector<std::string> texts;
    for (int i = 0; i < 50'000; ++i)
        texts.push_back("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 " + std::to_string(i));
    for (const auto &text : texts)
        benchmark::DoNotOptimize(dictionaries.intern(Dictionary::UserAgent, text));
    std::mt19937 random(3);
    for (auto _ : state)
        benchmark::DoNotOptimize(dictionaries.intern(Dictionary::UserAgent, texts[random() % texts.size()]));
}

BENCHMARK(segments)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(rowsThroughQtSql)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);
BENCHMARK(internKnownText);
BENCHMARK_CAPTURE(askColumns, failures_from_a_country, "result:failure country:VN", {}, false)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askColumns, first_question, "result:failure country:VN", {}, true)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askRows, failures_from_a_country,
                  "SELECT row FROM plain WHERE outcome = 1 AND country = 'VN'")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askRows, failures_from_a_country_by_signin,
                  "SELECT rowid FROM signin WHERE outcome = 'failure' AND countryOrRegion = 'VN'")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askColumns, all_by_user, "", {{"user", false}}, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(askRows, all_by_user, "SELECT row FROM plain ORDER BY name, at DESC")
    ->Unit(benchmark::kMillisecond);

} // namespace

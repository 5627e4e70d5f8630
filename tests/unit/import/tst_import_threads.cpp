// However many threads an import has, and however small its blocks are, it leaves the same store; also where
// it goes back an hour, meets what is stored already, and reads memory while a block is being written.
#include "core/import/import_run.h"
#include "core/lists/intelligence.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "tests/support/restless_people.h"
#include "tests/support/rows_of.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <fstream>

using namespace riskdesk;

namespace {

const Timestamp end = Timestamp::fromCivil(2026, 3, 19);
const FixedClock now(end);

constexpr const char *tables[] = {
    "segment",        "segment_column",  "dictionary_page", "address_fact", "user",       "user_alias",
    "detection",      "ledger",          "user_risk",       "sign_in_risk", "campaign",   "campaign_target",
    "detector_state", "detector_rewind", "rewind_point",    "withheld",     "checkpoint", "reject"};

// Asks for a stop when a block is written, or something is found in it, for the first time.
class StoppingClock final : public Clock
{
public:
    Timestamp now() const override
    {
        if (++m_asked == 2) // the first is the beginning of the run
            m_stop.request_stop();
        return end;
    }
    std::stop_token token() const { return m_stop.get_token(); }

private:
    mutable std::atomic<int> m_asked = 0;
    mutable std::stop_source m_stop;
};

} // namespace

class ImportThreadsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void sameStore_data();
    void sameStore();
    void cancelledBetweenBlocks();

private:
    std::string path(const std::string &name) const
    {
        return m_folder.filePath(QString::fromStdString(name)).toStdString();
    }
    run::Directory make(const std::string &name);
    QTemporaryDir m_folder;
    std::vector<demo::SampleList> m_lists;
};

void ImportThreadsTest::initTestCase()
{
    demo::Sample sample(test::restlessPeople(120, 50, end));
    std::vector<std::string> lines;
    sample.writeSignIns([&](std::string_view line) { lines.emplace_back(line); });
    m_lists = sample.lists();
    for (const auto &list : m_lists)
        std::ofstream(path(list.name)) << list.text;
    // The second file reaches back a little, repeats something, and brings something that is late.
    const auto half = lines.size() / 2;
    std::ofstream first(path("first.ndjson")), second(path("second.ndjson"));
    for (std::size_t i = 0; i < half; ++i)
        if (i % 7 != 0 && (i % 3 != 0 || i + 40 < half))
            first << lines[i];
    for (std::size_t i = half - 40; i < lines.size(); ++i)
        second << lines[i];
    std::ofstream late(path("late.ndjson"));
    for (std::size_t i = 0; i < half; i += 7)
        late << lines[i];
}

run::Directory ImportThreadsTest::make(const std::string &name)
{
    if (!store::createDirectory(path(name), {"T", false, false, end}))
        qFatal("no directory");
    auto directory = std::move(*run::Directory::open(path(name)));
    for (const auto &list : m_lists) {
        enrich::ListDefaults defaults;
        defaults.kind = list.networkClass;
        defaults.provider = list.provider;
        if (!run::addList(directory.connection(), now, {}, list.kind, path(list.name), list.name, defaults))
            qFatal("no list");
    }
    return directory;
}

void ImportThreadsTest::sameStore_data()
{
    QTest::addColumn<int>("rowsPerBlock");
    QTest::newRow("a block of a few rows") << 37;
    QTest::newRow("a block of more rows than a batch") << 1500;
    QTest::newRow("one block") << 1'000'000;
}

void ImportThreadsTest::sameStore()
{
    QFETCH(const int, rowsPerBlock);
    const auto name = std::to_string(rowsPerBlock);
    auto one = make("one" + name), two = make("two" + name);
    for (const auto &[directory, threads] : {std::pair{&one, 1U}, std::pair{&two, 3U}}) {
        run::ImportOptions options;
        options.threads = threads;
        options.rowsPerBlock = static_cast<std::size_t>(rowsPerBlock);
        for (const char *file : {"first.ndjson", "second.ndjson", "late.ndjson", "second.ndjson"}) {
            const auto done = run::importFiles(*directory, {path(file)}, options, now);
            QVERIFY2(done && done->notRead.empty(), done ? "not read" : done.error().detail.c_str());
        }
    }
    QVERIFY(test::rowsOf(one.connection(), "detection").size() > 20);
    for (const char *table : tables)
        QCOMPARE(
            test::difference(test::rowsOf(one.connection(), table), test::rowsOf(two.connection(), table)),
            QString());
}

// What was cancelled leaves whole blocks, and a second run adds the rest.
void ImportThreadsTest::cancelledBetweenBlocks()
{
    auto whole = make("whole"), parts = make("parts");
    run::ImportOptions options;
    options.threads = 2;
    options.rowsPerBlock = 500;
    QVERIFY(run::importFiles(whole, {path("first.ndjson")}, options, now));
    const StoppingClock stopping;
    const auto cancelled =
        run::importFiles(parts, {path("first.ndjson")}, options, stopping, stopping.token());
    QVERIFY(cancelled && cancelled->cancelled);
    QCOMPARE(cancelled->stored % 500, std::uint64_t{0});
    QVERIFY(cancelled->stored > 0);
    store::Statement rows(parts.connection(), "SELECT sum(rows) FROM segment");
    QVERIFY(rows.step());
    QCOMPARE(static_cast<std::uint64_t>(rows.int64(0)), cancelled->stored);
    rows.reset();
    QVERIFY(run::importFiles(parts, {path("first.ndjson")}, options, now));
    for (const char *table : {"detection", "user_risk", "user", "withheld"})
        QCOMPARE(test::difference(test::rowsOf(parts.connection(), table, {"rowid"}),
                                  test::rowsOf(whole.connection(), table, {"rowid"})),
                 QString());
}

QTEST_GUILESS_MAIN(ImportThreadsTest)
#include "tst_import_threads.moc"

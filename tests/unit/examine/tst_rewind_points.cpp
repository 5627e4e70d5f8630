// The detectors' memory goes back to points an hour to a day behind the newest sign-in: what it was there is what it had
// been, there are few of them, and what comes some hours late costs those hours.
#include "core/demo/sample.h"
#include "core/detect/event_time.h"
#include "core/examine/detector_memory.h"
#include "core/examine/memory_writer.h"
#include "core/import/import_run.h"
#include "core/replay/explain_run.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <map>

using namespace riskdesk;

namespace {

const Timestamp end = Timestamp::fromCivil(2026, 3, 19);
const FixedClock now(end);
constexpr std::int64_t hourUs = detect::hourUs;

using Memory = std::map<std::pair<std::int64_t, std::int64_t>, std::string>;

struct Line
{
    std::int64_t at;
    std::string text;
};

std::vector<Line> sampleLines()
{
    demo::SampleOptions options;
    options.users = 60;
    options.days = 40;
    options.seed = 5;
    options.end = end;
    demo::Sample sample(options);
    std::vector<Line> lines;
    sample.writeSignIns([&](std::string_view line) {
        constexpr std::string_view before = "\"createdDateTime\":\"";
        const auto from = line.find(before) + before.size();
        const auto at = Timestamp::fromIso(line.substr(from, line.find('"', from) - from));
        if (!at)
            qFatal("no time");
        lines.push_back({at->us, std::string(line)});
    });
    std::stable_sort(lines.begin(), lines.end(), [](const Line &a, const Line &b) { return a.at < b.at; });
    return lines;
}

class Tenant
{
public:
    Tenant()
    {
        const auto file = m_folder.filePath("t.riskdesk").toStdString();
        if (!store::createDirectory(file, {"T", false, false, end}))
            qFatal("no directory");
        m_directory.emplace(std::move(*run::Directory::open(file)));
    }
    run::Directory &directory() { return *m_directory; }
    store::Connection &db() { return m_directory->connection(); }

    template <typename Lines>
    void import(const Lines &lines)
    {
        const auto name = m_folder.filePath("some.ndjson").toStdString();
        {
            std::ofstream out(name);
            for (const Line &line : lines)
                out << line.text;
        }
        const auto done = run::importFiles(*m_directory, {name}, {}, now);
        QVERIFY(done && done->notRead.empty());
    }
    // Part by part, as the next import would load it.
    Memory memory()
    {
        Memory memory;
        store::Statement row(db(), "SELECT kind, id, data FROM detector_state");
        while (row.step()) {
            const auto data = row.blob(2);
            memory[{row.int64(0), row.int64(1)}].assign(data.begin(), data.end());
        }
        return memory;
    }
    std::vector<run::RewindPoint> points() { return run::rewindPoints(db()).value(); }
    std::int64_t watermark() { return run::DetectorMemory::open(db())->watermark()->at; }
    // Sign-ins that the last settling looked at.
    qint64 lookedAt()
    {
        store::Statement row(db(),
                             "SELECT after FROM audit WHERE action = 'settle' ORDER BY id DESC LIMIT 1");
        return row.step() ? QString::fromStdString(row.string(0)).section(' ', 0, 0).toLongLong() : -1;
    }
    QStringList findings()
    {
        QStringList all;
        store::Statement row(db(), "SELECT id || ' ' || level FROM detection ORDER BY 1");
        while (row.step())
            all << QString::fromStdString(row.string(0));
        return all;
    }

private:
    QTemporaryDir m_folder;
    std::optional<run::Directory> m_directory;
};

} // namespace

class RewindPointsTest : public QObject
{
    Q_OBJECT

    std::vector<Line> m_lines = sampleLines();

    // All but the last days at once, then hour by hour, as from a provider that is read all the time.
    template <typename After>
    void importHourByHour(Tenant &tenant, int days, After after)
    {
        const auto begin = m_lines.back().at - days * 24 * hourUs;
        std::vector<Line> piece;
        auto until = begin;
        for (const auto &line : m_lines) {
            if (line.at > until) {
                tenant.import(piece);
                after();
                piece.clear();
                while (line.at > until)
                    until += hourUs;
            }
            piece.push_back(line);
        }
        tenant.import(piece);
        after();
    }

private Q_SLOTS:
    void everyPointIsWhatTheMemoryWas()
    {
        Tenant tenant;
        std::map<std::int64_t, Memory> was; // by the watermark
        importHourByHour(tenant, 4, [&] { was[tenant.watermark()] = tenant.memory(); });
        const auto points = tenant.points();
        QVERIFY(points.size() > 2);
        int compared = 0, another = 0;
        const auto newest = tenant.memory();
        for (const auto &point : points) {
            const auto known = was.find(point.position.at);
            if (known == was.end())
                continue; // inside an import
            ++compared;
            auto memory = run::DetectorMemory::open(tenant.db());
            memory->rewind(point);
            QCOMPARE(memory->watermark()->at, point.position.at);
            for (const auto &[key, data] : newest) {
                const auto then = known->second.find(key);
                const auto loaded = memory->load(static_cast<detect::StatePart>(key.first),
                                                 static_cast<std::uint64_t>(key.second));
                QCOMPARE(loaded.has_value(), then != known->second.end());
                QVERIFY(!loaded || *loaded == then->second);
                another += loaded != data;
            }
            QVERIFY(memory->loaded());
        }
        QVERIFY(compared > 2);
        QVERIFY(another > 100);
        // And in the file.
        const auto &oldest = points.front();
        const auto known = was.find(oldest.position.at);
        QVERIFY(known != was.end());
        run::MemoryWriter writer(tenant.db());
        QVERIFY(writer.rewind(oldest));
        QVERIFY(tenant.memory() == known->second);
        QVERIFY(tenant.points().empty());
        QCOMPARE(tenant.watermark(), oldest.position.at);
    }

    void thereAreFewAndTheyAreCloserTheYoungerTheyAre()
    {
        Tenant tenant;
        std::size_t most = 0;
        const auto begin = m_lines.back().at - 4 * 24 * hourUs;
        importHourByHour(tenant, 4, [&] {
            if (QTest::currentTestFailed())
                return;
            const auto points = tenant.points();
            most = std::max(most, points.size());
            const auto newest = tenant.watermark();
            for (std::int64_t hours : {2, 6, 12, 23}) {
                const auto at = newest - hours * hourUs;
                if (newest - begin < 30 * hourUs)
                    continue;
                const auto point = run::DetectorMemory::open(tenant.db())->rewindPointBefore(at);
                QVERIFY(point);
                // An hour in which nobody signed in moves a point.
                QVERIFY((newest - point->position.at) / hourUs <= 4 * (hours + 2));
            }
            for (std::size_t i = 1; i < points.size(); ++i)
                QVERIFY(points[i - 1].position.at < points[i].position.at);
        });
        QVERIFY2(most <= 8, QByteArray::number(qsizetype(most)));
    }

    void whatComesHoursLateCostsThoseHours_data()
    {
        QTest::addColumn<int>("hours");
        QTest::addColumn<int>("most");
        QTest::newRow("two") << 2 << 27;
        QTest::newRow("twenty") << 20 << 27;
    }
    void whatComesHoursLateCostsThoseHours()
    {
        QFETCH(int, hours);
        QFETCH(int, most);
        Tenant sorted, late;
        sorted.import(m_lines);
        const auto newest = m_lines.back().at;
        auto without = m_lines;
        const auto one = std::find_if(without.begin(), without.end(),
                                      [&](const Line &line) { return line.at > newest - hours * hourUs; });
        const std::vector<Line> missing = {*one};
        without.erase(one);
        late.import(without);
        late.import(missing);
        const auto within = std::count_if(m_lines.begin(), m_lines.end(),
                                          [&](const Line &line) { return line.at > newest - most * hourUs; });
        QVERIFY(late.lookedAt() > 0);
        QVERIFY2(late.lookedAt() <= within,
                 QByteArray::number(late.lookedAt()) + " of " + QByteArray::number(qint64(within)));
        QCOMPARE(late.findings(), sorted.findings());
        // Numbers of places are given in the order they are met, so bytes are compared only in number.
        QCOMPARE(late.memory().size(), sorted.memory().size());
        QVERIFY(!late.points().empty());
    }

    void explainsFromThePointBeforeIt()
    {
        Tenant tenant;
        tenant.import(m_lines);
        QVERIFY(tenant.points().size() == 2);
        const auto idOf = [](const Line &line) {
            constexpr std::string_view before = "\"id\":\"";
            const auto from = line.text.find(before) + before.size();
            return line.text.substr(from, line.text.find('"', from) - from);
        };
        std::vector<std::string> ids;
        for (const std::int64_t hours : {0, 3, 20, 200}) {
            const auto after = std::find_if(m_lines.begin(), m_lines.end(), [&](const Line &line) {
                return line.at > m_lines.back().at - hours * hourUs;
            });
            ids.push_back(idOf(*(after == m_lines.end() ? std::prev(after) : after)));
        }
        std::vector<run::SignInExplanation> first;
        for (const auto &id : ids) {
            auto said = run::explainSignIn(tenant.directory(), id, {}, {}, now);
            QVERIFY(said);
            first.push_back(std::move(*said));
        }
        QVERIFY(tenant.db().execute("DELETE FROM detector_rewind; DELETE FROM rewind_point"));
        for (std::size_t i = 0; i < ids.size(); ++i) { // from the beginning
            const auto said = run::explainSignIn(tenant.directory(), ids[i], {}, {}, now);
            QVERIFY(said);
            QCOMPARE(first[i].at, said->at);
            QCOMPARE(first[i].detectors.size(), said->detectors.size());
            for (std::size_t d = 0; d < said->detectors.size(); ++d) {
                QVERIFY(first[i].detectors[d].verdict.reason == said->detectors[d].verdict.reason);
                QCOMPARE(first[i].detectors[d].verdict.evidence.toJson(),
                         said->detectors[d].verdict.evidence.toJson());
            }
        }
        QCOMPARE(run::explainSignIn(tenant.directory(), "nowhere", {}, {}, now).error().code, Code::NotFound);
    }
};

QTEST_GUILESS_MAIN(RewindPointsTest)
#include "tst_rewind_points.moc"

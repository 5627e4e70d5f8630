// The overview's figures, each against the list it opens.
#include "core/directory/directory.h"
#include "core/import/sample_run.h"
#include "core/query/filter/filter_text.h"
#include "core/query/overview.h"
#include "core/query/spine.h"
#include "core/store/statement.h"

#include <QTemporaryDir>
#include <QTest>

using namespace riskdesk;
using namespace riskdesk::query;

class OverviewTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::optional<run::Directory> m_directory;
    const Timestamp m_end = Timestamp::fromCivil(2026, 3, 19);

    [[nodiscard]] std::int64_t rows(Report report, std::string_view filter, const Period &period = {})
    {
        auto parsed = parseFilter(report, filter);
        if (!parsed)
            return -1;
        const auto count =
            countRows(m_directory->connection(), {report, std::move(*parsed), period, {}, m_end});
        return count ? *count : -1;
    }
    [[nodiscard]] std::int64_t detections(const std::string &filter, const Period &period)
    {
        return rows(Report::Detections, filter + (filter.empty() ? "" : " ") + firstSeenIn(period));
    }
    [[nodiscard]] std::vector<Timestamp> days(int n) const
    {
        std::vector<Timestamp> bounds;
        for (int i = n; i >= 0; --i)
            bounds.push_back(m_end - std::chrono::hours(24 * i));
        return bounds;
    }

private Q_SLOTS:
    void initTestCase()
    {
        run::SampleRequest request;
        request.users = 500;
        request.days = 60;
        request.end = m_end;
        const auto file = std::filesystem::path(m_folder.path().toStdString()) / "s.riskdesk";
        QVERIFY(run::makeSample(file, request, FixedClock(m_end)));
        m_directory.emplace(std::move(*run::Directory::open(file)));
    }
    void everyFigureIsTheLengthOfItsList_data()
    {
        QTest::addColumn<int>("length");
        QTest::newRow("seven days") << 7;
        QTest::newRow("thirty days") << 30;
        QTest::newRow("ninety days, more than there are") << 90;
    }
    void everyFigureIsTheLengthOfItsList()
    {
        QFETCH(int, length);
        const auto bounds = days(length);
        const auto overview = readOverview(m_directory->connection(), m_end, bounds);
        QVERIFY(overview);
        const auto &o = *overview;
        const Period period{bounds.front(), bounds.back()};
        QCOMPARE(o.figures.now.atRisk, rows(Report::RiskyUsers, atRiskUsers));
        QCOMPARE(o.high, rows(Report::RiskyUsers, highWithoutAction));
        QCOMPARE(o.urgentUsers, rows(Report::RiskyUsers, needsAction));
        QCOMPARE(o.riskySignIns, rows(Report::SignIns, riskySignIns, period));
        QCOMPARE(o.letThrough, rows(Report::SignIns, riskyLetThrough, period));
        QVERIFY(o.urgentUsers > 0 && o.letThrough > 0);
        std::int64_t all = 0, ofTypes = 0;
        for (std::size_t i = 0; i < o.days.size(); ++i) {
            const auto &d = o.days[i];
            QCOMPARE(d[0] + d[1] + d[2] + d[3], detections("", {bounds[i], bounds[i + 1]}));
            all += d[0] + d[1] + d[2] + d[3];
        }
        for (const auto &[type, levels] : o.types) {
            const auto n = levels[0] + levels[1] + levels[2] + levels[3];
            QCOMPARE(n, detections("type:" + std::string(toText(type)), period));
            ofTypes += n;
        }
        QCOMPARE(all, detections("", period));
        QCOMPARE(ofTypes, all);
        for (const auto &place : o.places)
            QCOMPARE(place.detections,
                     detections("city:\"" + place.place.city + "\" country:" + place.place.country, period));
        QCOMPARE(o.open.back(), o.figures.now.atRisk); // nobody of the sample is deleted
        QVERIFY(std::is_sorted(o.resolved.begin(), o.resolved.end()));
    }
    void aDetectionThatRepeatsCountsOnItsFirstDay()
    {
        auto &db = m_directory->connection();
        const auto bounds = days(30);
        const auto before = readOverview(db, m_end, bounds);
        QVERIFY(before);
        std::int64_t rowid = 0, last = 0;
        {
            store::Statement one(
                db, "SELECT rowid, last_at FROM detection WHERE at >= ?1 AND last_at < ?2 LIMIT 1");
            one.bind(bounds[5], bounds[20]);
            QVERIFY(one.step());
            rowid = one.int64(0);
            last = one.int64(1);
        }
        const auto setLast = [&](std::int64_t at) {
            return db.execute("UPDATE detection SET last_at = " + std::to_string(at) +
                              " WHERE rowid = " + std::to_string(rowid));
        };
        QVERIFY(setLast(bounds.back().us - 1));
        const auto after = readOverview(db, m_end, bounds);
        QVERIFY(setLast(last));
        QVERIFY(after && after->days == before->days);
    }
    void theMostUrgentComeFirst()
    {
        const auto o = *readOverview(m_directory->connection(), m_end, days(30), 1000);
        QCOMPARE(std::int64_t(o.urgent.size()), o.urgentUsers);
        for (std::size_t i = 1; i < o.urgent.size(); ++i) {
            const auto &a = o.urgent[i - 1], &b = o.urgent[i];
            QVERIFY(a.user.standing.level >= b.user.standing.level);
            if (a.user.standing.level == b.user.standing.level &&
                a.user.standing.state == b.user.standing.state)
                QVERIFY(*a.openSince <= *b.openSince);
            QVERIFY(a.detection && isOpen(a.detection->detection.state) &&
                    a.detection->detection.user == a.user.id);
        }
    }
    void boundsThatMakeNoSenseAreRefused()
    {
        const Timestamp one[] = {m_end};
        const Timestamp back[] = {m_end, m_end - std::chrono::hours(1)};
        QCOMPARE(readOverview(m_directory->connection(), m_end, one).error().code, Code::WrongUsage);
        QCOMPARE(readOverview(m_directory->connection(), m_end, back).error().code, Code::WrongUsage);
    }
};

QTEST_GUILESS_MAIN(OverviewTest)
#include "tst_overview.moc"

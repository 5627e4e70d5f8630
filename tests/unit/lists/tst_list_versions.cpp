// Versions of lists: a much smaller file is refused and kept, and every replacement can be taken back.
#include "core/import/import_run.h"
#include "core/lists/list_versions.h"
#include "core/lists/set_aside.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace riskdesk;

namespace {

const FixedClock now(Timestamp::fromCivil(2026, 3, 19));

class ListVersionsTest : public QObject
{
    Q_OBJECT
    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<run::Directory> m_directory;

    store::Connection &db() { return m_directory->connection(); }
    std::string path(const char *name) const { return m_folder->filePath(name).toStdString(); }

    // A list of `count` addresses that begin at 203.0.`third`.1.
    Result<run::AddedList> add(int count, int third, ListKind kind = ListKind::Malware,
                               const char *date = "2026-03-18")
    {
        std::ofstream out(path("list.txt"));
        out << "# License: CC0-1.0\n# Source: Example Feeds\n# Updated: " << date << "\n";
        for (int i = 1; i <= count; ++i)
            out << "203.0." << third << '.' << i << '\n';
        out.close();
        return run::addList(db(), now, {.name = "anna"}, kind, path("list.txt"), "feed");
    }
    bool matches(const char *ip)
    {
        std::vector<Error> unusable;
        auto enricher = run::loadEnricher(db(), unusable);
        if (!enricher || !unusable.empty())
            qFatal("no enricher");
        return !enricher->facts(*IpAddress::parse(ip)).malware.empty();
    }
    // "1 in use; 2 refused"
    QString states()
    {
        QStringList all;
        const auto versions = run::listVersions(db());
        if (!versions)
            qFatal("no versions");
        for (const auto &v : *versions)
            all += QString("%1 %2")
                       .arg(v.list.version)
                       .arg(v.active            ? "in use"
                            : v.refused.empty() ? "earlier"
                                                : "refused");
        return all.join("; ");
    }
    int audited(const char *action)
    {
        store::Statement row(db(), "SELECT count(*) FROM audit WHERE action = ?1 AND actor = 'anna'");
        row.bind(action);
        return row.step() ? int(row.int64(0)) : -1;
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        const auto file = path("t.riskdesk");
        QVERIFY(store::createDirectory(file, {"T", false, false, now.now()}).has_value());
        m_directory.emplace(std::move(*run::Directory::open(file)));
    }
    void cleanup() { m_directory.reset(); }

    void aMuchSmallerListIsRefusedAndKept()
    {
        QVERIFY(add(10, 1));
        const auto small = add(4, 2);
        QVERIFY(!small);
        QCOMPARE(small.error().code, Code::Conflict);
        QCOMPARE(states(), "1 in use; 2 refused");
        QVERIFY(matches("203.0.1.10"));
        QVERIFY(!matches("203.0.2.1"));
        QCOMPARE(run::listVersions(db())->back().refused, "it has 4 entries where the list in use has 10");
        QCOMPARE(audited("intelAdd"), 1);
        QCOMPARE(audited("intelRefuse"), 1);
    }
    void halfOfTheEntriesAreEnough()
    {
        QVERIFY(add(10, 1));
        QVERIFY(add(5, 2));
        QCOMPARE(states(), "1 earlier; 2 in use");
        QVERIFY(!matches("203.0.1.10"));
        QVERIFY(matches("203.0.2.1"));
    }
    void whatWasRefusedCanBeAccepted()
    {
        QVERIFY(add(10, 1));
        QVERIFY(!add(4, 2));
        const auto accepted = run::acceptList(db(), now, {.name = "anna"}, "feed");
        QVERIFY(accepted);
        QCOMPARE(accepted->version, 2u);
        QCOMPARE(states(), "1 earlier; 2 in use");
        QVERIFY(matches("203.0.2.1") && !matches("203.0.1.1"));
        QCOMPARE(audited("intelAccept"), 1);
        const auto again = run::acceptList(db(), now, {}, "feed");
        QVERIFY(!again);
        QCOMPARE(again.error().code, Code::NotFound);
    }
    void aReplacementCanBeTakenBackAndPutBack()
    {
        QVERIFY(add(10, 1));
        QVERIFY(add(10, 2));
        const auto before = run::rollbackList(db(), now, {.name = "anna"}, "feed");
        QVERIFY(before);
        QCOMPARE(before->version, 1u);
        QCOMPARE(states(), "1 in use; 2 refused");
        QVERIFY(matches("203.0.1.1") && !matches("203.0.2.1"));
        QCOMPARE(audited("intelRollback"), 1);
        QVERIFY(!run::rollbackList(db(), now, {}, "feed"));
        QCOMPARE(states(), "1 in use; 2 refused");
        QVERIFY(run::acceptList(db(), now, {}, "feed"));
        QCOMPARE(states(), "1 earlier; 2 in use");
        QVERIFY(!run::rollbackList(db(), now, {}, "nothing"));
    }
    void threeVersionsAreKept()
    {
        for (int i = 1; i <= 5; ++i)
            QVERIFY(add(10, i));
        QCOMPARE(states(), "3 earlier; 4 earlier; 5 in use");
        store::Statement rows(db(), "SELECT count(*) FROM intel_entry");
        QVERIFY(rows.step());
        QCOMPARE(rows.int64(0), 30);
        QVERIFY(matches("203.0.5.1") && !matches("203.0.4.1"));
    }
    void aFeedThatIsBrokenEveryDayDoesNotPushOutWhatWasGood()
    {
        QVERIFY(add(10, 1));
        QVERIFY(add(10, 2));
        for (int i = 3; i <= 7; ++i)
            QVERIFY(!add(1, i));
        QCOMPARE(states(), "1 earlier; 2 in use; 7 refused");
    }
    void removedWithAllItsVersions()
    {
        QVERIFY(add(10, 1));
        QVERIFY(!add(1, 2));
        QVERIFY(run::removeList(db(), now, {.name = "anna"}, "feed"));
        QCOMPARE(states(), "");
        QCOMPARE(audited("intelRemove"), 1);
    }
    void oneNameForTwoKindsMustBeToldApart()
    {
        QVERIFY(add(2, 1));
        QVERIFY(add(2, 1, ListKind::Threat));
        const auto both = run::removeList(db(), now, {}, "feed");
        QVERIFY(!both);
        QCOMPARE(both.error().code, Code::Conflict);
        QVERIFY(run::removeList(db(), now, {}, "2"));
        QVERIFY(run::removeList(db(), now, {}, "feed"));
    }
    void anAbsurdlyWideEntryIsSetAsideUntilReleased()
    {
        std::ofstream(path("list.txt")) << "10.0.0.0/8\n11.0.0.0/9\n2001::/16\n2001:db8::/32\n";
        const auto addIt = [&] {
            return run::addList(db(), now, {.name = "anna"}, ListKind::Malware, path("list.txt"), "feed");
        };
        const auto added = addIt();
        QVERIFY(added);
        QCOMPARE(added->setAside, 2u);
        QVERIFY(!matches("10.1.2.3") && !matches("2001:1::1"));
        QVERIFY(matches("11.1.2.3") && matches("2001:db8::1"));
        QCOMPARE(audited("intelSetAside"), 2);
        QCOMPARE(run::listStatus(db(), now)->front().setAside, 2u);
        QCOMPARE(run::release(db(), now, {.name = "anna"}, "10.0.0.0/8", " ").error().code, Code::WrongUsage);
        QCOMPARE(run::release(db(), now, {.name = "anna"}, "11.0.0.0/9", "ours").error().code,
                 Code::NotFound);
        QVERIFY(run::release(db(), now, {.name = "anna"}, "10.0.0.0/8", "a lab"));
        QVERIFY(matches("10.1.2.3") && !matches("2001:1::1"));
        QCOMPARE(audited("intelRelease"), 1);
        QCOMPARE(run::setAside(db())->size(), 2u);
        QCOMPARE(run::setAside(db())->back().releasedWhy + run::setAside(db())->front().releasedWhy, "a lab");
        // The release holds for the next version.
        QCOMPARE(addIt()->setAside, 1u);
        QVERIFY(matches("10.1.2.3") && !matches("2001:1::1"));
    }
    void saysHowOldAListIs_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("date");
        QTest::addColumn<int>("age");
        QTest::addColumn<bool>("stale");
        const auto malware = int(ListKind::Malware), threat = int(ListKind::Threat);
        QTest::newRow("malware of a week is fresh") << malware << "2026-03-12" << 7 << false;
        QTest::newRow("malware of eight days is stale") << malware << "2026-03-11" << 8 << true;
        QTest::newRow("indicators of a month are fresh") << threat << "2026-02-17" << 30 << false;
        QTest::newRow("indicators older than that are stale") << threat << "2026-02-16" << 31 << true;
        QTest::newRow("trusted places do not age") << int(ListKind::Trusted) << "2020-01-01" << 2269 << false;
        QTest::newRow("a list of tomorrow has no age") << malware << "2026-03-20" << 0 << false;
    }
    void saysHowOldAListIs()
    {
        QFETCH(int, kind);
        QFETCH(QString, date);
        QFETCH(int, age);
        QFETCH(bool, stale);
        QVERIFY(add(3, 1, static_cast<ListKind>(kind), qPrintable(date)));
        const auto status = run::listStatus(db(), now);
        QVERIFY(status && status->size() == 1);
        QCOMPARE(status->front().ageDays, age);
        QCOMPARE(status->front().stale(), stale);
        QCOMPARE(status->front().version.list.licence, "CC0-1.0");
        QCOMPARE(status->front().version.list.source, "Example Feeds");
        // The import says so, once for each list.
        std::ofstream(path("none.json")) << "[]";
        const auto summary = run::importFiles(*m_directory, {path("none.json")}, {}, now);
        QVERIFY(summary);
        QCOMPARE(summary->notices.size(), stale ? 1u : 0u);
        QCOMPARE(summary->toJson().find("\"feed\\\" is ") != std::string::npos, stale);
    }
};

} // namespace

QTEST_GUILESS_MAIN(ListVersionsTest)
#include "tst_list_versions.moc"

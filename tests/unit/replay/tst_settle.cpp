// Late facts: with a list that arrives after the sign-ins, or goes, or sign-ins that come out of order, the directory
// is as if all had been there from the start, and the next import goes on from there.
#include "core/action/action_service.h"
#include "core/demo/sample.h"
#include "core/import/import_run.h"
#include "core/import/undo_import.h"
#include "core/lists/intelligence.h"
#include "core/query/user_story.h"
#include "core/replay/explain_run.h"
#include "core/replay/settle.h"
#include "core/replay/whatif_run.h"
#include "core/retain/retention.h"
#include "core/store/lease.h"
#include "core/store/schema.h"
#include "core/store/statement.h"
#include "core/verify/verify_run.h"

#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <QTime>

#include <fstream>

using namespace riskdesk;

namespace {

const Timestamp end = Timestamp::fromCivil(2026, 3, 19);
const FixedClock now(end);

class World
{
public:
    World()
    {
        demo::SampleOptions options;
        options.users = 150;
        options.days = 60;
        options.seed = 11;
        options.end = end;
        demo::Sample sample(options);
        std::vector<std::string> lines;
        sample.writeSignIns([&](std::string_view line) { lines.emplace_back(line); });
        // The second file begins inside the hour that a run may reach back.
        const auto half = lines.size() / 2;
        write("first.ndjson", lines.begin(), lines.begin() + long(half));
        write("second.ndjson", lines.begin() + long(half), lines.end());
        write("all.ndjson", lines.begin(), lines.end());
        for (const auto &list : sample.lists()) {
            std::ofstream(path(list.name)) << list.text;
            m_lists.push_back(list);
        }
    }
    [[nodiscard]] std::string path(const std::string &name) const
    {
        return m_folder.filePath(QString::fromStdString(name)).toStdString();
    }
    [[nodiscard]] const std::vector<demo::SampleList> &lists() const { return m_lists; }

private:
    template <typename It>
    void write(const std::string &name, It from, It to)
    {
        std::ofstream out(path(name));
        for (; from != to; ++from)
            out << *from;
    }
    QTemporaryDir m_folder;
    std::vector<demo::SampleList> m_lists;
};

class Tenant
{
public:
    explicit Tenant(const World &world)
        : m_world(world)
    {
        const auto file = m_folder.filePath("t.riskdesk").toStdString();
        if (!store::createDirectory(file, {"T", false, false, end}))
            qFatal("no directory");
        m_directory.emplace(std::move(*run::Directory::open(file)));
    }
    run::Directory &directory() { return *m_directory; }
    void import(const std::string &name)
    {
        const auto done = run::importFiles(*m_directory, {m_world.path(name)}, {}, now, {}, {});
        QVERIFY2(done && done->notRead.empty(), done ? "not read" : done.error().detail.c_str());
    }
    void addLists(std::optional<ListKind> only = {})
    {
        for (const auto &list : m_world.lists()) {
            if (only && list.kind != *only)
                continue;
            enrich::ListDefaults defaults;
            defaults.kind = list.networkClass;
            defaults.provider = list.provider;
            QVERIFY(run::addList(m_directory->connection(), now, {}, list.kind, m_world.path(list.name),
                                 list.name, defaults));
        }
    }
    run::SettleSummary reread()
    {
        auto done = run::reread(*m_directory, {}, now);
        if (!done) {
            qWarning("%s: %s", done.error().subject.c_str(), done.error().detail.c_str());
            return {};
        }
        return *done;
    }
    void deleteOld(int days)
    {
        auto lease = store::ImportLease::take(m_directory->connection(), "retain");
        QVERIFY(lease);
        const auto gone = run::removeOldSignIns(m_directory->connection(), *lease, now, {}, days);
        QVERIFY2(gone && gone->signIns > 0, gone ? "none" : gone.error().detail.c_str());
    }
    QSet<QString> ids(const char *where = "1")
    {
        QSet<QString> ids;
        store::Statement row(m_directory->connection(),
                             std::string("SELECT id FROM detection WHERE ") + where);
        while (row.step())
            ids.insert(QString::fromStdString(row.string(0)));
        return ids;
    }
    // The memory as a value, to compare two directories.
    QSet<QString> memory()
    {
        QSet<QString> parts;
        store::Statement row(m_directory->connection(),
                             "SELECT kind || ':' || id || ':' || hex(data) FROM detector_state");
        while (row.step())
            parts.insert(QString::fromStdString(row.string(0)));
        return parts;
    }
    void isSound()
    {
        const auto findings = run::verifyDirectory(*m_directory, {}, {});
        QVERIFY(findings);
        QVERIFY2(findings->empty(), findings->empty() ? "" : findings->front().c_str());
    }

private:
    const World &m_world;
    QTemporaryDir m_folder;
    std::optional<run::Directory> m_directory;
};

} // namespace

class SettleTest : public QObject
{
    Q_OBJECT
    World m_world;

private Q_SLOTS:
    void findsWhatTheListWouldHaveFound()
    {
        Tenant early(m_world), late(m_world);
        early.addLists();
        early.import("all.ndjson");
        late.import("all.ndjson");
        const auto before = late.ids();
        late.addLists();
        const auto summary = late.reread();
        QVERIFY(summary.signIns > 1000);
        QVERIFY(summary.detections > 0);
        const auto after = late.ids();
        QCOMPARE(after.size(), before.size() + qsizetype(summary.detections) - qsizetype(summary.withdrawn));
        QCOMPARE(after, early.ids());
        // What came late was not found at the sign-in.
        QVERIFY(late.ids("timing = 3").contains(after - before));
        QVERIFY(late.ids("type_text = 'anonymizedIPAddress' AND timing = 3").size() > 0);
        late.isSound();
    }
    void twiceFindsNothingMore()
    {
        Tenant tenant(m_world);
        tenant.import("all.ndjson");
        tenant.addLists();
        QVERIFY(tenant.reread().detections > 0);
        const auto memory = tenant.memory();
        QCOMPARE(tenant.reread().detections, 0u);
        QCOMPARE(tenant.memory(), memory);
    }
    void theNextImportGoesOnAsIfNothingHadBeenLate()
    {
        Tenant early(m_world), late(m_world);
        early.addLists();
        early.import("first.ndjson");
        late.import("first.ndjson");
        late.addLists();
        late.reread();
        early.import("second.ndjson");
        late.import("second.ndjson");
        QCOMPARE(late.ids(), early.ids());
        // The very same memory, so that no difference can show later.
        QCOMPARE(late.memory(), early.memory());
        late.isSound();
    }
    void looksNoFurtherBackThanTheSetting()
    {
        Tenant all(m_world), some(m_world), none(m_world);
        for (auto *tenant : {&all, &some, &none}) {
            tenant->import("all.ndjson");
            tenant->addLists();
        }
        QVERIFY(run::setSetting(some.directory().connection(), {}, "intelligence.rereadDays", 20));
        QVERIFY(run::setSetting(none.directory().connection(), {}, "intelligence.rereadDays", 0));
        const auto found = all.reread(), less = some.reread();
        QVERIFY(less.detections > 0 && less.detections < found.detections);
        QCOMPARE(none.reread().signIns, 0u);
    }
    void whatAListFoundGoesWithIt()
    {
        Tenant tenant(m_world), never(m_world);
        tenant.addLists();
        tenant.import("all.ndjson");
        never.import("all.ndjson");
        const auto before = tenant.ids();
        QVERIFY(before != never.ids());
        // Somebody looked at one of them.
        auto &db = tenant.directory().connection();
        store::Statement anonymous(db,
                                   "SELECT user FROM detection WHERE type_text = 'anonymizedIPAddress' AND "
                                   "state = 4 ORDER BY at LIMIT 1");
        QVERIFY(anonymous.step());
        const auto user = anonymous.uint32(0);
        anonymous.reset();
        QVERIFY(
            action::ActionService(db, now, {}).carryOut({action::Action::Dismiss, {user}, {}, {}, {}, {}}));
        const auto decided = tenant.ids(("user = " + std::to_string(user) + " AND detail <> 0").c_str());
        QVERIFY(!decided.isEmpty());
        store::Statement lists(db, "SELECT name FROM intel_list");
        std::vector<std::string> names;
        while (lists.step())
            names.push_back(lists.string(0));
        for (const auto &name : names)
            QVERIFY(run::removeList(db, now, {}, name));
        const auto summary = tenant.reread();
        QVERIFY2(summary.withdrawn > 0 && summary.kept > 0,
                 qPrintable(QString("%1 withdrawn, %2 kept").arg(summary.withdrawn).arg(summary.kept)));
        const auto after = tenant.ids();
        QVERIFY(after.contains(decided));
        QCOMPARE(after - decided, never.ids() - decided);
        QCOMPARE(tenant.ids("evidence LIKE '%notFoundSince%'").size(), qsizetype(summary.kept));
        store::Statement told(db, "SELECT count(*), count(DISTINCT detection) FROM ledger WHERE kind = 23");
        QVERIFY(told.step() && told.int64(0) >= std::int64_t(summary.withdrawn));
        tenant.isSound();
        // The history of who was found still says what it was.
        store::Statement found(
            db, "SELECT user, detection FROM ledger WHERE kind = 23 AND detection NOT IN (SELECT "
                "id FROM detection) LIMIT 1");
        QVERIFY(found.step());
        const auto history = query::userHistory(db, found.int64(0));
        QVERIFY(history);
        int told23 = 0;
        for (const auto &row : *history)
            if (row.event.detection == found.string(1)) {
                QVERIFY(!row.detectionType.empty());
                told23 += row.event.kind == LedgerKind::Withdrawn ? 1 : 0;
            }
        QCOMPARE(told23, 1);
        // And comes again with it.
        tenant.addLists();
        tenant.reread();
        QCOMPARE(tenant.ids(), before);
        QCOMPARE(tenant.ids("evidence LIKE '%notFoundSince%'").size(), 0);
        tenant.isSound();
    }
    void whatIsStoredIsWhatTheSignInsGive()
    {
        Tenant tenant(m_world);
        tenant.addLists();
        tenant.import("all.ndjson");
        const auto ids = tenant.ids();
        const auto sound = run::compareFindings(tenant.directory(), now);
        QVERIFY(sound && sound->signIns > 1000);
        QCOMPARE(sound->detections + sound->withdrawn, 0u);
        // Somebody took one away with another program, and a list goes.
        auto &db = tenant.directory().connection();
        store::Statement gone(
            db, "DELETE FROM detection WHERE rowid = (SELECT min(rowid) FROM detection WHERE count "
                "= 1 AND type_text = 'unfamiliarFeatures')");
        QVERIFY(gone.run());
        QCOMPARE(tenant.ids().size(), ids.size() - 1);
        const auto less = run::compareFindings(tenant.directory(), now);
        QVERIFY(less && less->detections == 1 && less->withdrawn == 0);
        QCOMPARE(tenant.ids().size(), ids.size() - 1); // it only looked
        store::Statement lists(db, "SELECT name FROM intel_list WHERE kind = 1");
        std::vector<std::string> names;
        while (lists.step())
            names.push_back(lists.string(0));
        for (const auto &name : names)
            QVERIFY(run::removeList(db, now, {}, name));
        const auto more = run::compareFindings(tenant.directory(), now);
        QVERIFY(more && more->withdrawn > 0);
        QCOMPARE(more->campaigns, 0u);
        QVERIFY(
            db.execute("UPDATE campaign SET users = users + 1 WHERE id = (SELECT min(id) FROM campaign)"));
        QVERIFY(
            db.execute("INSERT INTO intel_set_aside (kind, indicator, list, reason, at, since) VALUES (4, "
                       "'203.0.113.0/24', 't', 'ownTraffic', 0, 0)"));
        const auto others = run::compareFindings(tenant.directory(), now);
        QVERIFY(others);
        QCOMPARE(others->campaigns, 1u);
        QCOMPARE(others->setAside, 1u);
    }
    // A list is asked of the newest days alone. What was found before stays as it was, until a log comes that belongs there.
    void whatFormerListsFoundStaysUntilALogComesLate()
    {
        const auto log = [this](const char *name, int firstDay, int days) {
            std::ofstream out(m_world.path(name));
            for (int day = firstDay; day < firstDay + days; ++day)
                out << QString(R"({"id":"00000000-0000-4000-8000-%1","createdDateTime":"%2T09:00:00Z",)"
                               R"("userPrincipalName":"u%3@shop.example","isInteractive":true,)"
                               R"("ipAddress":"203.0.113.9","status":{"errorCode":0}})")
                           .arg(day, 12, 10, QChar('0'))
                           .arg(QString::fromStdString(
                               (end + std::chrono::days(day - 60)).toIso().substr(0, 10)))
                           .arg(day)
                           .toStdString()
                    << '\n';
        };
        log("before.ndjson", 20, 1);
        log("days.ndjson", 10, 10);
        log("more.ndjson", 21, 39);
        std::ofstream(m_world.path("feed.csv")) << "type,value,confidence\nip,203.0.113.9,90\n";
        Tenant tenant(m_world);
        auto &db = tenant.directory().connection();
        QVERIFY(db.execute("INSERT INTO setting (key, value) VALUES ('intelligence.rereadDays', '15'), "
                           "('investigationsThreatIntelligence.quarantinePercent', '100')"));
        tenant.import("days.ndjson");
        tenant.import("more.ndjson");
        const auto findings = [&] {
            return tenant.ids("type_text = 'investigationsThreatIntelligence'").size();
        };
        const auto isSound = [&](int formerDay) {
            const auto compared = run::compareFindings(tenant.directory(), now);
            QVERIFY(compared && compared->signIns >= 49);
            QCOMPARE(compared->detections + compared->withdrawn, 0u);
            const auto day = (end + std::chrono::days(formerDay - 60)).toIso().substr(0, 10);
            QCOMPARE(Timestamp{compared->formerUntil}.toIso().substr(0, 10), day);
        };
        QVERIFY(run::addList(db, now, {}, ListKind::Threat, m_world.path("feed.csv"), "feed"));
        const auto pending = run::compareFindings(tenant.directory(), now);
        QVERIFY(pending && pending->detections == 49); // nobody asked with it yet
        tenant.reread();
        QCOMPARE(findings(), 15);
        isSound(44);
        const auto explained = [&](int day) {
            return run::explainSignIn(
                tenant.directory(),
                QString("00000000-0000-4000-8000-%1").arg(day, 12, 10, QChar('0')).toStdString(), {}, {},
                now);
        };
        const auto of44 = explained(44), of45 = explained(45);
        QVERIFY(of44 && of44->listsChangedSince);
        QVERIFY(of45 && !of45->listsChangedSince);
        // From a day before them on, all is by today's lists.
        tenant.import("before.ndjson");
        QCOMPARE(findings(), 40);
        isSound(20);
        tenant.isSound();
        // Again for the newest days, as lists changed.
        QVERIFY(run::removeList(db, now, {}, "feed"));
        tenant.reread();
        QCOMPARE(findings(), 25);
        isSound(44);
        QVERIFY(run::settleByToday(tenant.directory(), {}, now));
        QCOMPARE(findings(), 0);
        const auto all = run::compareFindings(tenant.directory(), now);
        QVERIFY(all && all->detections + all->withdrawn == 0 && all->formerUntil == beginningOfTime);
    }
    void whatIsOurOwnTrafficFollowsTheSignIns()
    {
        // Five mornings of six people at an address that a feed names; what was months before hides how many.
        const auto log = [this](const char *name, int firstDay, int days, int home, int listed) {
            std::ofstream out(m_world.path(name));
            for (int day = firstDay; day < firstDay + days; ++day)
                for (int i = 0; i < home + listed; ++i)
                    out << QString(R"({"id":"00000000-0000-4000-8000-%1%2","createdDateTime":"%3T09:%4Z",)"
                                   R"("userPrincipalName":"u%5@shop.example","isInteractive":true,)"
                                   R"("ipAddress":"%6","status":{"errorCode":0}})")
                               .arg(day, 6, 10, QChar('0'))
                               .arg(i, 6, 10, QChar('0'))
                               .arg(QString::fromStdString(
                                   (end + std::chrono::days(day - 60)).toIso().substr(0, 10)))
                               .arg(QTime(0, 0).addSecs(i).toString("mm:ss"))
                               .arg(i % 6)
                               .arg(i < home ? "198.51.100.7" : "203.0.113.9")
                               .toStdString()
                        << '\n';
        };
        log("hot.ndjson", 40, 6, 20, 6);
        log("old.ndjson", 20, 20, 100, 0);
        std::ofstream(m_world.path("feed.csv")) << "type,value,confidence\nip,203.0.113.9,90\n";
        Tenant tenant(m_world), backwards(m_world), listLast(m_world);
        const auto addFeed = [this](Tenant &to) {
            QVERIFY(run::addList(to.directory().connection(), now, {}, ListKind::Threat,
                                 m_world.path("feed.csv"), "feed"));
        };
        const auto setAside = [](Tenant &of) {
            store::Statement count(of.directory().connection(), "SELECT count(*) FROM intel_set_aside");
            return count.step() ? count.int64(0) : -1;
        };
        for (auto *one : {&tenant, &backwards})
            addFeed(*one);
        tenant.import("hot.ndjson");
        QCOMPARE(setAside(tenant), 1);
        QCOMPARE(tenant.ids("type_text = 'investigationsThreatIntelligence'").size(), 0);
        // Two thousand sign-ins before them: six a day were never more than two in a hundred.
        tenant.import("old.ndjson");
        backwards.import("old.ndjson");
        backwards.import("hot.ndjson");
        listLast.import("hot.ndjson");
        listLast.import("old.ndjson");
        addFeed(listLast);
        listLast.reread();
        for (auto *one : {&tenant, &backwards, &listLast}) {
            QCOMPARE(setAside(*one), 0);
            QCOMPARE(one->ids("type_text = 'investigationsThreatIntelligence'").size(), 6);
            const auto compared = run::compareFindings(one->directory(), now);
            QVERIFY(compared && compared->setAside == 0 && compared->detections + compared->withdrawn == 0);
        }
        store::Statement told(
            tenant.directory().connection(),
            "SELECT group_concat(action || ' ' || target || ' ' || after, ', ') FROM audit WHERE "
            "action IN ('intelSetAside', 'intelGiveBack')");
        QVERIFY(told.step());
        QCOMPARE(told.string(0),
                 std::string("intelSetAside threat:feed 203.0.113.9, intelGiveBack threat:feed "
                             "203.0.113.9"));
        told.reset();
        // Taken out again, they hide nothing.
        QVERIFY(run::undoImport(tenant.directory(), 2, {}, now));
        QCOMPARE(setAside(tenant), 1);
        QCOMPARE(tenant.ids("type_text = 'investigationsThreatIntelligence'").size(), 0);
        tenant.isSound();
        // What other limits would set aside is counted by them.
        run::WhatIfRequest half;
        half.set = {{"investigationsThreatIntelligence.quarantinePercent", 50}};
        const auto asked = run::whatIf(tenant.directory().connection(), half);
        QVERIFY(asked);
        const auto &threat = asked->types.at(DetectionType::InvestigationsThreatIntelligence);
        QCOMPARE(threat.before, run::LevelCounts());
        QCOMPARE(threat.after[3], 6u);
        // Of the fewer sign-ins that are left after old ones were deleted they would be too many.
        backwards.deleteOld(5);
        const auto compared = run::compareFindings(backwards.directory(), now);
        QVERIFY(compared && compared->setAside == 0 && compared->detections + compared->withdrawn == 0);
        backwards.reread();
        QCOMPARE(setAside(backwards), 0);
        QCOMPARE(backwards.ids("type_text = 'investigationsThreatIntelligence'").size(), 6);
    }
    void theOlderHalfMayComeLast()
    {
        Tenant inOrder(m_world), turned(m_world);
        for (auto *tenant : {&inOrder, &turned})
            tenant->addLists();
        inOrder.import("all.ndjson");
        turned.import("second.ndjson");
        turned.import("first.ndjson");
        QVERIFY(!inOrder.ids().isEmpty());
        QCOMPARE(turned.ids(), inOrder.ids());
        turned.isSound();
        QVERIFY(!*run::unsettledFrom(turned.directory().connection()));
    }
    void aSettlingThatWasStoppedIsDoneByTheNextRun()
    {
        Tenant inOrder(m_world), turned(m_world);
        inOrder.import("all.ndjson");
        turned.import("second.ndjson");
        std::stop_source stop;
        const auto cut = run::importFiles(turned.directory(), {m_world.path("first.ndjson")}, {}, now,
                                          stop.get_token(), [&stop](const Progress &p) {
                                              if (p.phase == "settle")
                                                  stop.request_stop();
                                          });
        QVERIFY(cut && cut->cancelled && cut->stored > 0);
        QVERIFY(*run::unsettledFrom(turned.directory().connection()));
        turned.isSound();
        turned.import("second.ndjson"); // nothing new
        QVERIFY(!*run::unsettledFrom(turned.directory().connection()));
        QCOMPARE(turned.ids(), inOrder.ids());
        turned.isSound();
    }
    void cancelledChangesNothing()
    {
        Tenant tenant(m_world);
        tenant.import("all.ndjson");
        const auto before = tenant.ids();
        const auto memory = tenant.memory();
        tenant.addLists();
        std::stop_source stop;
        stop.request_stop();
        const auto done = run::reread(tenant.directory(), {}, now, stop.get_token());
        QVERIFY(!done);
        QCOMPARE(done.error().code, Code::Cancelled);
        QCOMPARE(tenant.ids(), before);
        QCOMPARE(tenant.memory(), memory);
        QVERIFY(tenant.reread().detections > 0); // the lease was given back
    }
};

QTEST_GUILESS_MAIN(SettleTest)
#include "tst_settle.moc"

// After old sign-ins were deleted, everything is examined again from what the detectors knew then: what is left is told
// as in a directory that kept all, whatever comes late, goes, or is asked.
#include "core/action/action_service.h"
#include "core/detect/event_time.h"
#include "core/directory/directory.h"
#include "core/examine/memory_writer.h"
#include "core/import/import_run.h"
#include "core/import/undo_import.h"
#include "core/lists/intelligence.h"
#include "core/replay/explain_run.h"
#include "core/replay/keep_beginning.h"
#include "core/replay/propose_run.h"
#include "core/replay/settle.h"
#include "core/replay/whatif_run.h"
#include "core/retain/purge.h"
#include "core/retain/retention.h"
#include "core/store/schema.h"
#include "core/verify/verify_run.h"

#include "tests/support/ctl.h"
#include "tests/support/number.h"
#include "tests/support/restless_people.h"
#include "tests/support/rows_of.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <map>

using namespace riskdesk;
using test::difference;
using test::number;

namespace {

const Timestamp end = Timestamp::fromCivil(2026, 3, 19);
const FixedClock now(end);
constexpr int days = 110, keptDays = 50;
constexpr int cuts = 12;

// What a directory knows of what was found; how much is stored of it is another thing.
QStringList contentOf(store::Connection &db, const QStringList &leftOut = {})
{
    QStringList lines;
    for (const char *table : {"user", "detection", "sign_in_risk", "user_risk", "withheld", "campaign",
                              "campaign_target", "detector_state", "intel_set_aside", "checkpoint"})
        lines += test::rowsOf(
            db, table,
            QStringList{"rowid", "updated_at", "trend", "timing", "level_during", "former_until"} + leftOut);
    return lines;
}

class Tenant
{
public:
    explicit Tenant(const char *name)
    {
        const auto file = m_folder.filePath(name).toStdString();
        if (!store::createDirectory(file, {name, false, false, end}))
            qFatal("no directory");
        m_directory.emplace(std::move(*run::Directory::open(file)));
    }
    // Its file as it stands, and the other way round.
    void copyTo(const std::filesystem::path &to)
    {
        const auto file = m_directory->file();
        m_directory.reset(); // the log goes into the file
        std::filesystem::copy_file(file, to);
        m_directory.emplace(std::move(*run::Directory::open(file)));
    }
    void becomeCopyOf(const std::filesystem::path &from)
    {
        const auto file = m_directory->file();
        m_directory.reset();
        std::filesystem::copy_file(from, file, std::filesystem::copy_options::overwrite_existing);
        m_directory.emplace(std::move(*run::Directory::open(file)));
    }
    run::Directory &directory() { return *m_directory; }
    store::Connection &db() { return m_directory->connection(); }
    template <typename Lines>
    run::ImportSummary import(const Lines &lines)
    {
        const auto name = m_folder.filePath("some.ndjson").toStdString();
        {
            std::ofstream out(name);
            for (const auto &line : lines)
                out << line;
        }
        auto done = run::importFiles(*m_directory, {name}, {}, now);
        if (!done || !done->notRead.empty())
            qFatal("not read");
        return *done;
    }
    void addFeed()
    {
        const auto name = m_folder.filePath("feed.csv").toStdString();
        std::ofstream(name) << "type,value,confidence\nip,203.0.113.9,90\nip,198.51.100.77,90\n";
        QVERIFY(run::addList(db(), now, {}, ListKind::Threat, name, "feed"));
    }
    run::Removal retain(int daysKept = keptDays, std::stop_token stop = {}, const ProgressSink &progress = {})
    {
        auto lease = store::ImportLease::take(db(), "retain");
        if (!lease)
            qFatal("no lease");
        const auto gone = run::removeOldSignIns(db(), *lease, now, {}, daysKept, std::move(stop), progress);
        if (!gone)
            qFatal("%s", gone.error().detail.c_str());
        return *gone;
    }
    void isSound()
    {
        const auto findings = run::verifyDirectory(*m_directory, {}, {});
        QVERIFY(findings);
        QVERIFY2(findings->empty(), findings->empty() ? "" : findings->front().c_str());
        const auto compared = run::compareFindings(*m_directory, now);
        QVERIFY2(compared, compared ? "" : sentence(compared.error()).c_str());
        QCOMPARE(compared->detections, 0u);
        QCOMPARE(compared->withdrawn, 0u);
        QCOMPARE(compared->campaigns, 0u);
        QCOMPARE(compared->setAside, 0u);
    }

private:
    QTemporaryDir m_folder;
    std::optional<run::Directory> m_directory;
};

void areSame(Tenant &is, Tenant &shouldBe, const QStringList &leftOut = {})
{
    const auto a = contentOf(is.db(), leftOut), b = contentOf(shouldBe.db(), leftOut);
    QVERIFY2(a == b, qPrintable(difference(a, b)));
}

} // namespace

class KeptBeginningTest : public QObject
{
    Q_OBJECT

    std::vector<std::string> m_lines;
    QTemporaryDir m_filled;
    std::map<std::pair<std::string, int>, std::filesystem::path> m_fillings;

    [[nodiscard]] std::vector<std::string> cut(int i) const
    {
        const auto at = [&](int n) { return m_lines.begin() + std::ssize(m_lines) * n / cuts; };
        return {at(i), at(i + 1)};
    }
    // All but one sign-in, in its order, in so many imports: once, then copied.
    void fill(Tenant &tenant, const std::string &without = {}, int until = cuts)
    {
        const auto file = m_filled.filePath(QString::number(m_fillings.size())).toStdString();
        const auto [filling, isNew] = m_fillings.try_emplace({without, until}, file);
        if (!isNew)
            return tenant.becomeCopyOf(filling->second);
        fillAnew(tenant, without, until);
        tenant.copyTo(file);
    }
    void fillAnew(Tenant &tenant, const std::string &without = {}, int until = cuts)
    {
        tenant.addFeed();
        for (int i = 0; i < until; ++i) {
            auto lines = cut(i);
            std::erase(lines, without);
            tenant.import(lines);
        }
    }
    static void dismiss(Tenant &tenant, const char *which)
    {
        action::Request dismissal;
        dismissal.users = {static_cast<std::uint32_t>(number(tenant.db(), which))};
        QVERIFY(action::ActionService(tenant.db(), now, {}).carryOut(dismissal));
    }
    // Of somebody from whom much is learnt by then.
    [[nodiscard]] std::string late(int daysBefore) const
    {
        const auto day = (end - std::chrono::days(daysBefore)).toIso().substr(0, 10);
        for (const auto &line : m_lines)
            if (line.find("\"createdDateTime\":\"" + day + "T1") != std::string::npos &&
                line.find("\"errorCode\":0") != std::string::npos)
                return line;
        qFatal("no sign-in on %s", day.c_str());
    }

private Q_SLOTS:
    void initTestCase()
    {
        demo::Sample sample(test::restlessPeople(25, days, end));
        sample.writeSignIns([&](std::string_view line) { m_lines.emplace_back(line); });
        int id = 1;
        const auto add = [&](int day, int seconds, const QString &user, const QString &ip, int code) {
            const auto at = end - std::chrono::days(days - day) + std::chrono::seconds(seconds);
            m_lines.push_back(
                test::signInLine(id++, user, QString::fromStdString(at.toIso()), ip, code).toStdString());
        };
        // Half of them sign in every morning through an address that a feed names; another is an attacker's.
        for (int day = 3; day < days; ++day)
            for (int i = 0; i < 20; ++i)
                add(day, 9 * 3600 + i, QString("shop%1").arg(i), i % 2 == 0 ? "203.0.113.9" : "91.10.20.30",
                    0);
        for (int day = 40; day < days; day += 25)
            add(day, 10 * 3600, "shop1", "198.51.100.77", 0);
        // Sprays, one of them over the day up to which sign-ins are deleted.
        for (int day : {30, days - keptDays - 1, days - keptDays, 90, 105})
            for (int i = 0; i < 18; ++i)
                add(day, 3 * 3600 + i, QString("shop%1").arg(i), QString("198.51.100.%1").arg(day % 50),
                    i == 7 ? 50074 : 50126);
        const auto time = [](const std::string &line) {
            return line.substr(line.find("\"createdDateTime\":\"") + 19, 20);
        };
        std::ranges::stable_sort(m_lines, {}, time);
    }

    void everythingThatIsAskedAgainTellsTheSame()
    {
        Tenant all("all"), some("some");
        for (auto *tenant : {&all, &some})
            fill(*tenant);
        QVERIFY(number(all.db(), "SELECT count(*) FROM detection") > 30);
        QVERIFY(number(all.db(), "SELECT count(*) FROM campaign") > 3);
        QCOMPARE(number(all.db(), "SELECT count(*) FROM intel_set_aside"), 1);
        areSame(some, all);
        QVERIFY(some.retain().signIns > m_lines.size() / 3);
        areSame(some, all);
        some.isSound();
        for (auto *tenant : {&all, &some})
            QVERIFY(tenant->db().execute(
                "INSERT OR REPLACE INTO setting (key, value) VALUES ('intelligence.rereadDays', '3650')"));
        const auto again = run::reread(some.directory(), {}, now);
        QVERIFY(again);
        QCOMPARE(again->detections + again->withdrawn, 0u);
        areSame(some, all);
        const auto other = run::whatIf(some.db(), {});
        QVERIFY(other);
        QCOMPARE(other->appear + other->disappear + other->rise + other->fall, 0u);
        const auto shares = run::proposeThresholds(some.db(), {5, 1, 0.5});
        QVERIFY(shares);
        // All is learnt: what is judged is nearly all that is left.
        QVERIFY(shares->judged * 10 > shares->signIns * 4);
        some.isSound();
    }

    void whatComesLateGivesWhatItWouldHaveGiven_data()
    {
        QTest::addColumn<int>("daysBefore");
        QTest::newRow("yesterday") << 1;
        QTest::newRow("weeks") << 19;
        QTest::newRow("soon behind what was deleted") << keptDays - 12;
    }
    void whatComesLateGivesWhatItWouldHaveGiven()
    {
        QFETCH(int, daysBefore);
        const auto line = late(daysBefore);
        Tenant all("all"), some("some");
        for (auto *tenant : {&all, &some})
            fill(*tenant, line);
        QVERIFY(some.retain().signIns > 0);
        for (auto *tenant : {&all, &some})
            QCOMPARE(tenant->import(std::vector{line}).stored, 1u);
        areSame(some, all);
        some.isSound();
        // And again, when more was deleted.
        QVERIFY(some.retain(keptDays - 30).signIns > 0);
        areSame(some, all);
        some.isSound();
        const auto other = late(5);
        for (auto *tenant : {&all, &some}) {
            auto changed = other;
            changed.replace(changed.find("\"id\":\"") + 6, 8, "feedfeed");
            QCOMPARE(tenant->import(std::vector{changed}).stored, 1u);
        }
        areSame(some, all);
        some.isSound();
    }

    void whatIsOfTheDeletedTimeIsStoredAndMovesNothing()
    {
        const auto line = late(keptDays + 20);
        Tenant tenant("t");
        fill(tenant, line);
        tenant.retain();
        const QStringList ofUsers{"sign_ins", "first_sign_in"};
        const auto before = contentOf(tenant.db(), ofUsers);
        const auto settled = number(tenant.db(), "SELECT count(*) FROM audit WHERE action = 'settle'");
        const auto brought = tenant.import(std::vector{line});
        QCOMPARE(brought.stored, 1u);
        QCOMPARE(brought.notices.size(), 1u);
        QVERIFY(brought.notices.front().find("A sign-in is from ") == 0);
        QVERIFY(brought.notices.front().find("not judged") != std::string::npos);
        QCOMPARE(contentOf(tenant.db(), ofUsers), before);
        QCOMPARE(number(tenant.db(), "SELECT count(*) FROM audit WHERE action = 'settle'"), settled);
        tenant.isSound();
        QVERIFY(run::reread(tenant.directory(), {}, now));
        QCOMPARE(contentOf(tenant.db(), ofUsers), before);
        // It is taken out again, though what was deleted cannot be told any more.
        QVERIFY(run::undoImport(tenant.directory(), brought.run, {}, now));
        QCOMPARE(contentOf(tenant.db(), ofUsers), before);
        tenant.isSound();
    }

    void theNewestImportIsUndone()
    {
        Tenant all("all"), some("some");
        fill(all, {}, cuts - 1);
        fill(some);
        some.retain();
        const auto newest = run::importToUndo(some.db());
        QVERIFY(newest);
        const auto undone = run::undoImport(some.directory(), newest->run, {}, now);
        QVERIFY2(undone, undone ? "" : sentence(undone.error()).c_str());
        // How often somebody signed in is counted from what is left.
        areSame(some, all, {"sign_ins", "first_sign_in"});
        some.isSound();
        // What lies before it cannot be judged without what was deleted.
        const auto early = run::importToUndo(some.db());
        QVERIFY(early);
        some.retain(1);
        const auto refused = run::undoImport(some.directory(), early->run, {}, now);
        QVERIFY(refused || refused.error().code == Code::Conflict);
    }

    void bySettingAtTheEndOfEachImport()
    {
        Tenant all("all"), some("some");
        fill(all, late(19));
        QVERIFY(some.db().execute("INSERT INTO setting (key, value) VALUES ('store.retainDays', '50')"));
        fillAnew(some, late(19));
        QVERIFY(number(some.db(), "SELECT sum(rows) FROM segment") * 3 <
                static_cast<std::int64_t>(m_lines.size()) * 2);
        areSame(some, all);
        for (auto *tenant : {&all, &some})
            tenant->import(std::vector{late(19)});
        areSame(some, all);
        some.isSound();
    }

    void stoppedBeforeItIsDeletedItStays()
    {
        Tenant all("all"), some("some");
        for (auto *tenant : {&all, &some})
            fill(*tenant, late(19));
        const auto rows = number(some.db(), "SELECT sum(rows) FROM segment");
        for (const char *phase : {"detect", "delete"}) {
            std::stop_source stop;
            const auto gone = some.retain(keptDays, stop.get_token(), [&](const Progress &p) {
                if (p.phase == phase)
                    stop.request_stop();
            });
            QCOMPARE(gone.cancelled, std::string_view(phase) == "detect");
        }
        QVERIFY(number(some.db(), "SELECT sum(rows) FROM segment") < rows);
        for (auto *tenant : {&all, &some})
            tenant->import(std::vector{late(19)});
        areSame(some, all);
        some.isSound();
    }

    // As a crash between its transactions would.
    void keptAndNotDeletedYet()
    {
        Tenant all("all"), some("some");
        for (auto *tenant : {&all, &some})
            fill(*tenant, late(19));
        const auto until = (end - std::chrono::days(keptDays + 1)).us;
        {
            auto lease = store::ImportLease::take(some.db(), "retain");
            QVERIFY(lease && run::keepBeginning(some.db(), *lease, until));
        }
        QCOMPARE(number(some.db(), "SELECT at FROM kept_beginning"), until);
        some.isSound();
        for (auto *tenant : {&all, &some})
            tenant->import(std::vector{late(19)});
        areSame(some, all);
        QVERIFY(some.retain().signIns > 0);
        areSame(some, all);
        some.isSound();
    }

    void whatWasDecidedBeforeIsInIt()
    {
        Tenant all("all"), some("some");
        for (auto *tenant : {&all, &some}) {
            fill(*tenant, late(19), cuts - 1);
            dismiss(*tenant, "SELECT min(user) FROM withheld");
            dismiss(*tenant, "SELECT max(user) FROM withheld");
            tenant->import(cut(cuts - 1));
        }
        some.retain();
        for (auto *tenant : {&all, &some})
            tenant->import(std::vector{late(19)});
        areSame(some, all, {"decided_at"});
        some.retain(keptDays - 20);
        for (auto *tenant : {&all, &some}) {
            QVERIFY(tenant->db().execute(
                "INSERT OR REPLACE INTO setting (key, value) VALUES ('intelligence.rereadDays', '25')"));
            QVERIFY(run::reread(tenant->directory(), {}, now));
        }
        areSame(some, all, {"decided_at"});
        some.isSound();
    }

    // Of a sign-in that is there no more, after others had been decided on and deleted.
    void whatIsDecidedSinceIsTaughtAgain()
    {
        Tenant tenant("t"), forgetful("forgetful");
        const char *early = "SELECT w.user FROM withheld w JOIN sign_in_risk s USING (event_key) WHERE "
                            "verdict = 0 AND s.state = 4 ORDER BY s.at LIMIT 1";
        std::string user;
        for (auto *one : {&tenant, &forgetful}) {
            fill(*one, late(19), cuts - 1);
            one->retain(keptDays + 10);
            user = std::to_string(number(one->db(), early));
            dismiss(*one, early);
            one->import(cut(cuts - 1));
            QVERIFY(number(one->db(), "SELECT count(*) FROM taught WHERE restart = 0 AND is_kept = 0") > 0);
        }
        const auto memory = [&](Tenant &of) {
            return test::rowsOf(of.db(), "detector_state", {}, "WHERE kind = 1 AND id = " + user);
        };
        QCOMPARE(memory(tenant), memory(forgetful));
        QVERIFY(forgetful.db().execute("DELETE FROM taught"));
        for (auto *one : {&tenant, &forgetful})
            one->import(std::vector{late(19)});
        QVERIFY(memory(tenant) != memory(forgetful));
        // What a later beginning was taught is not taught twice.
        tenant.retain(keptDays - 20);
        QVERIFY(number(tenant.db(), "SELECT count(*) FROM taught WHERE restart = 0 AND is_kept = 0") == 0);
        const auto before = memory(tenant);
        QVERIFY(run::reread(tenant.directory(), {}, now));
        QCOMPARE(memory(tenant), before);
    }

    void explainsByWhatWasKnownThen()
    {
        Tenant all("all"), some("some");
        for (auto *tenant : {&all, &some})
            fill(*tenant);
        some.retain();
        const auto line = late(keptDays - 14);
        const auto id = line.substr(line.find("\"id\":\"") + 6, 36);
        const auto one = run::explainSignIn(all.directory(), id),
                   other = run::explainSignIn(some.directory(), id);
        QVERIFY(one && other);
        QCOMPARE(other->detectors.size(), one->detectors.size());
        for (std::size_t i = 0; i < one->detectors.size(); ++i) {
            QCOMPARE(other->detectors[i].verdict.reason, one->detectors[i].verdict.reason);
            QCOMPARE(other->detectors[i].verdict.value, one->detectors[i].verdict.value);
        }
    }

    // As before beginnings were kept: findings stay until as much as is needed has been learnt from what is left.
    void whereSignInsWereDeletedEarlierItIsMadeOfWhatIsLeft()
    {
        Tenant tenant("t");
        fill(tenant);
        tenant.retain();
        QVERIFY(tenant.db().execute("DELETE FROM kept_state; DELETE FROM kept_beginning"));
        const auto until = number(tenant.db(), "SELECT deleted_until FROM retention");
        QCOMPARE(*run::learntBy(tenant.db()), until + 31 * detect::dayUs);
        tenant.retain(keptDays - 20);
        QCOMPARE(*run::learntBy(tenant.db()), until + 31 * detect::dayUs);
        QVERIFY(number(tenant.db(), "SELECT at FROM kept_beginning") > until);
    }

    void whoIsPurgedIsNotKept()
    {
        Tenant tenant("t");
        fill(tenant);
        tenant.retain();
        const auto user = static_cast<std::uint32_t>(
            number(tenant.db(), "SELECT id FROM kept_state WHERE kind = 1 LIMIT 1"));
        {
            auto lease = store::ImportLease::take(tenant.db(), "purge");
            auto transaction = store::Transaction::begin(tenant.db());
            QVERIFY(lease && transaction && run::unsettleAll(tenant.db()) && transaction->commit());
            QVERIFY(run::removeUsers(tenant.db(), *lease, now, {}, {{user}, true}));
            QVERIFY(number(tenant.db(), "SELECT count(*) FROM kept_state") > 0);
            QVERIFY(run::settle(tenant.directory(), *lease, now));
        }
        for (const char *table : {"kept_state", "detector_state"})
            QCOMPARE(number(tenant.db(), std::string("SELECT count(*) FROM ") + table +
                                             " WHERE kind = 1 AND id = " + std::to_string(user)),
                     0);
        tenant.isSound();
        // The number that is given again: nothing may be known by it.
        const auto last = static_cast<std::uint32_t>(number(tenant.db(), "SELECT max(id) FROM user"));
        auto transaction = store::Transaction::begin(tenant.db());
        QVERIFY(transaction && run::MemoryWriter(tenant.db()).forgetKept(last));
        QCOMPARE(number(tenant.db(), "SELECT count(*) FROM kept_state"), 0);
        QCOMPARE(number(tenant.db(), "SELECT count(*) FROM kept_beginning"), 0);
    }
};

QTEST_GUILESS_MAIN(KeptBeginningTest)
#include "tst_kept_beginning.moc"

// Findings are a function of the sign-ins and the lists: whatever order they come in, however the log was cut,
// whoever came first, with whatever threads, stopped and begun again, the directory is that of one sorted import.
#include "core/base/stable_hash.h"
#include "core/demo/sample.h"
#include "core/detect/detectors.h"
#include "core/import/import_run.h"
#include "core/ledger/ageing.h"
#include "core/lists/intelligence.h"
#include "core/replay/settle.h"
#include "core/replay/whatif_run.h"
#include "core/store/schema.h"
#include "core/store/statement.h"
#include "core/verify/verify_run.h"

#include "tests/support/effort.h"
#include "tests/support/rows_of.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace riskdesk;
using test::difference;

namespace {

const Timestamp end = Timestamp::fromCivil(2026, 3, 19);
const FixedClock now(end);

class Dice
{
public:
    explicit Dice(std::uint64_t seed)
        : m_state(seed)
    {}
    std::size_t operator()(std::size_t n)
    {
        m_state = mixBits(m_state + 0x9e3779b97f4a7c15u);
        return static_cast<std::size_t>(m_state % n);
    }
    template <typename T>
    void shuffle(std::vector<T> &of)
    {
        for (std::size_t i = of.size(); i > 1; --i)
            std::swap(of[i - 1], of[(*this)(i)]);
    }

private:
    std::uint64_t m_state;
};

// A log with everything in it that is found: enough users and failures that no threshold stays untouched.
struct Log
{
    explicit Log(std::uint64_t seed)
    {
        demo::SampleOptions options;
        options.users = 260;
        options.days = 40;
        options.seed = seed;
        options.end = end;
        options.attacks = {60, 40, 30, 20, 20, 60, 60, 40, 40, 30, 40, true, 0.3, false};
        demo::Sample sample(options);
        sample.writeSignIns([this](std::string_view line) { lines.emplace_back(line); });
        lists = sample.lists();
        addPasswords(seed);
        lists.push_back({ListKind::Threat, "ours.csv", NetworkClass::Unknown, {}, networksOfOurOwn()});
    }
    // After some of the sign-ins their users got a new password; the directory's audit log tells of it.
    void addPasswords(std::uint64_t seed)
    {
        const QRegularExpression told("\"createdDateTime\":\"([^\"]+)\".*\"userPrincipalName\":\"([^\"]+)\","
                                      "\"userId\":\"([^\"]+)\"");
        Dice dice(seed + 7);
        std::vector<std::string> all;
        for (const auto &line : lines) {
            all.push_back(line);
            if (dice(120) != 0)
                continue;
            const auto match = told.match(QString::fromStdString(line));
            const auto at = Timestamp::fromIso(match.captured(1).toStdString());
            if (!at)
                qFatal("no time: %s", line.c_str());
            all.push_back(
                QString(R"({"id":"00000000-0000-4000-9000-%1","category":"UserManagement",)"
                        R"("activityDisplayName":"%2","activityDateTime":"%3","result":"success",)"
                        R"("initiatedBy":{"app":null,"user":{"userPrincipalName":"%4"}},)"
                        R"("targetResources":[{"id":"%5","type":"User","userPrincipalName":"%4"}]})")
                    .arg(all.size(), 12, 10, QChar('0'))
                    .arg(dice(2) == 0 ? "Change password (self-service)" : "Reset password (self-service)")
                    .arg(QString::fromStdString((*at + std::chrono::seconds(dice(7200))).toIso()))
                    .arg(match.captured(2), match.captured(3))
                    .toStdString() +
                '\n');
            ++passwords;
        }
        lines = std::move(all);
    }
    // A feed that names networks which many sign in from: about as many as the guard lets pass, so that they are too
    // many at some time and not at another.
    [[nodiscard]] std::string networksOfOurOwn() const
    {
        const QRegularExpression address("\"ipAddress\":\"([0-9]+)[.]([0-9]+)[.]");
        std::map<std::string, std::size_t> counts;
        for (const auto &line : lines)
            if (const auto match = address.match(QString::fromStdString(line)); match.hasMatch())
                ++counts[QString("%1.%2.0.0/12")
                             .arg(match.captured(1))
                             .arg(match.captured(2).toInt() / 16 * 16)
                             .toStdString()];
        std::string text = "type,value,confidence\n";
        int left = 12;
        for (const auto &[network, count] : counts)
            if (count * 80 > lines.size() && count * 20 < lines.size() && left-- > 0)
                text += "ip," + network + ",90\n";
        return text;
    }
    std::vector<std::string> lines; // in the order of their times, nearly
    std::vector<demo::SampleList> lists;
    int passwords = 0;
};

class Tenant
{
public:
    explicit Tenant(int lowAgesDays)
    {
        const auto file = path("t.riskdesk");
        if (!store::createDirectory(file, {"T", false, false, end}))
            qFatal("no directory");
        open();
        if (!m_directory->connection().execute(fmt::format(
                "INSERT INTO setting (key, value) VALUES ('risk.lowAgesDays', '{}')", lowAgesDays)))
            qFatal("no setting");
    }
    void open()
    {
        m_directory.reset();
        m_directory.emplace(std::move(*run::Directory::open(path("t.riskdesk"))));
    }
    run::Directory &directory() { return *m_directory; }
    // False: it was stopped.
    bool import(const std::vector<std::string> &lines, unsigned threads = 2,
                std::size_t rowsPerBlock = 1 << 18, std::optional<std::string_view> stopIn = {})
    {
        const auto file = path("part.ndjson"), audits = path("audits.ndjson");
        {
            std::ofstream out(file), auditsOut(audits);
            for (const auto &line : lines)
                (line.find("activityDisplayName") == std::string::npos ? out : auditsOut) << line;
        }
        run::ImportOptions options;
        options.threads = threads;
        options.rowsPerBlock = rowsPerBlock;
        std::stop_source stop;
        auto done = run::importFiles(*m_directory, {file, audits}, options, now, stop.get_token(),
                                     [&](const Progress &p) {
                                         if (stopIn && p.phase == *stopIn)
                                             stop.request_stop();
                                         if (meanwhile)
                                             meanwhile(p);
                                     });
        if (!done)
            qFatal("%s: %s", done.error().subject.c_str(), done.error().detail.c_str());
        return !done->cancelled;
    }
    void addList(const demo::SampleList &list)
    {
        const auto file = path(list.name);
        std::ofstream(file) << list.text;
        enrich::ListDefaults defaults;
        defaults.kind = list.networkClass;
        defaults.provider = list.provider;
        if (!run::addList(m_directory->connection(), now, {}, list.kind, file, list.name, defaults) ||
            !run::reread(*m_directory, {}, now))
            qFatal("the list %s was not taken", list.name.c_str());
    }
    void set(std::string_view key, double value)
    {
        auto transaction = store::Transaction::begin(m_directory->connection());
        if (!transaction || !run::setSetting(m_directory->connection(), {}, key, value) ||
            !transaction->commit())
            qFatal("not set: %s", std::string(key).c_str());
    }
    // From another process.
    void setBeside(std::string_view key, double value)
    {
        auto other = run::Directory::open(path("t.riskdesk"));
        if (!other || !run::setSetting(other->connection(), {}, key, value))
            qFatal("not set: %s", std::string(key).c_str());
    }
    std::function<void(const Progress &)> meanwhile; // of an import
    // Everything that was found, by names that do not depend on who came first.
    QStringList found()
    {
        QStringList all;
        for (const char *sql :
             {"SELECT json_array('detection', d.id, d.type_text, u.key, d.request_id, d.level, "
              "d.weight_level, d.state, "
              "d.detail, d.count, d.at, d.last_at, d.fold_key, d.campaign, d.city, d.country, d.asn, "
              "d.evidence, d.closed_at, d.closed_by_itself) "
              "FROM detection d JOIN user u ON u.id = d.user ORDER BY d.id",
              "SELECT json_array('sign-in', s.request_id, u.key, s.at, s.level_aggregated, s.state, "
              "s.detail, s.score) FROM "
              "sign_in_risk s JOIN user u ON u.id = s.user ORDER BY s.request_id",
              "SELECT json_array('user', u.key, r.level, r.state, r.detail, r.score, r.open_detections, "
              "r.total_detections, r.risky_sign_ins, r.countries, r.types, u.learning_done, "
              "u.learning_needed, u.sign_ins, u.first_sign_in, u.last_sign_in) FROM user u LEFT JOIN "
              "user_risk r "
              "ON r.user = u.id ORDER BY u.key",
              "SELECT json_array('campaign', id, scope, scope_text, opened, detected, last, attempts, "
              "failures, users, "
              "addresses, hits, bad_to_good, surprise_bits, evidence) FROM campaign ORDER BY id",
              "SELECT json_array('target', t.campaign, u.key, t.attempts, t.successes, t.first, t.last) FROM "
              "campaign_target t JOIN user u ON u.id = t.user ORDER BY t.campaign, u.key",
              "SELECT json_array('set aside', kind, indicator, list, reason, matched, successes, since) FROM "
              "intel_set_aside ORDER BY kind, indicator",
              "SELECT json_array('withheld', hex(event_key), verdict, restart) FROM withheld ORDER BY "
              "event_key",
              "SELECT json_array('settled', watermark, hex(watermark_key), unsettled_from) FROM "
              "checkpoint"}) {
            store::Statement row(m_directory->connection(), sql);
            while (row.step())
                all << QString::fromStdString(row.string(0));
            if (!row.ok())
                qFatal("%s", row.error().detail.c_str());
        }
        return all;
    }
    void isSound()
    {
        const auto findings = run::verifyDirectory(*m_directory, {}, {});
        QVERIFY(findings);
        QVERIFY2(findings->empty(), findings->empty() ? "" : findings->front().c_str());
    }

private:
    std::string path(const std::string &name) const
    {
        return m_folder.filePath(QString::fromStdString(name)).toStdString();
    }
    QTemporaryDir m_folder;
    std::optional<run::Directory> m_directory;
};

enum class Cut { NewestFirst, Shuffled, Dealt, OneLate, Overlapping };

std::vector<std::vector<std::string>> cut(const std::vector<std::string> &lines, Cut how, Dice &dice)
{
    std::vector<std::vector<std::string>> parts;
    const std::size_t count = 2 + dice(5);
    switch (how) {
    case Cut::NewestFirst: // forty days cut in ten, the newest first
        for (std::size_t i = 0; i < 10; ++i)
            parts.emplace_back(lines.begin() + long(lines.size() * i / 10),
                               lines.begin() + long(lines.size() * (i + 1) / 10));
        std::reverse(parts.begin(), parts.end());
        break;
    case Cut::Shuffled: { // pieces in any order, and the lines within them too
        std::vector<std::string> all = lines;
        for (std::size_t i = 0; i < count; ++i) {
            parts.emplace_back(all.begin() + long(all.size() * i / count),
                               all.begin() + long(all.size() * (i + 1) / count));
            dice.shuffle(parts.back());
        }
        dice.shuffle(parts);
        break;
    }
    case Cut::Dealt: // every line to one of several files
        parts.resize(count);
        for (const auto &line : lines)
            parts[dice(count)].push_back(line);
        break;
    case Cut::OneLate: { // all but a few, and then these
        parts.resize(2);
        std::vector<bool> late(lines.size());
        for (int i = 0; i < 3; ++i)
            late[dice(lines.size())] = true;
        for (std::size_t i = 0; i < lines.size(); ++i)
            parts[late[i] ? 1 : 0].push_back(lines[i]);
        break;
    }
    case Cut::Overlapping: { // each begins a little before the end of the one before
        for (std::size_t i = 0; i < count; ++i) {
            const auto from = lines.size() * i / count;
            parts.emplace_back(lines.begin() + long(from < 20 ? from : from - dice(20)),
                               lines.begin() + long(lines.size() * (i + 1) / count));
        }
        break;
    }
    }
    return parts;
}

} // namespace

Q_DECLARE_METATYPE(Cut)

class AnyOrderTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void givesTheSame_data()
    {
        QTest::addColumn<Cut>("how");
        QTest::addColumn<unsigned>("seed");
        const int rounds = qEnvironmentVariableIntValue("RISKDESK_ORDER_ROUNDS");
        const std::pair<const char *, Cut> cuts[] = {{"dealt", Cut::Dealt},
                                                     {"a few late", Cut::OneLate},
                                                     {"newest first", Cut::NewestFirst},
                                                     {"shuffled", Cut::Shuffled},
                                                     {"overlapping", Cut::Overlapping}};
        for (int i = 0; i < std::max(rounds, 1); ++i)
            for (int cut = 0; cut < test::effort(5); ++cut)
                QTest::newRow(qPrintable(QString("%1, %2").arg(cuts[cut].first).arg(i)))
                    << cuts[cut].second << unsigned(100 + i);
    }
    void givesTheSame()
    {
        QFETCH(Cut, how);
        QFETCH(unsigned, seed);
        Dice dice(std::uint64_t{seed} * 31 + static_cast<std::uint64_t>(how));
        const Log log(seed);
        const int lowAgesDays = how == Cut::Dealt || how == Cut::Overlapping ? 14 : 3;
        Tenant sorted(lowAgesDays);
        for (const auto &list : log.lists)
            sorted.addList(list);
        sorted.import(log.lines);
        QVERIFY(sorted.found().filter("[\"detection\"").size() > 40);
        QVERIFY(sorted.found().filter("[\"campaign\"").size() > 1);
        QVERIFY(sorted.found().filter("[\"set aside\"").size() > 1);
        sorted.isSound();

        Tenant other(lowAgesDays);
        auto lists = log.lists;
        dice.shuffle(lists);
        for (auto &part : cut(log.lines, how, dice)) {
            if (!lists.empty() && dice(2) == 0) {
                other.addList(lists.back());
                lists.pop_back();
            }
            if (dice(4) == 0) // somebody stops it, now or while it is settled
                other.import(part, 2, 1000, dice(2) == 0 ? "detect" : "settle");
            if (dice(3) == 0)
                other.open();
            QVERIFY(other.import(part, 1 + unsigned(dice(3)), dice(2) == 0 ? 1000 : 1 << 18));
        }
        for (const auto &list : lists)
            other.addList(list);
        const auto wrong = difference(other.found(), sorted.found());
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        other.isSound();

        // Nothing is left to be found or withdrawn.
        const auto again = run::reread(other.directory(), {}, now);
        QVERIFY(again && again->detections == 0 && again->withdrawn == 0);
        QCOMPARE(difference(other.found(), sorted.found()), QString());
    }

    // Some of a user's records tell the id, some the name, some both: it is one user, whichever is read first.
    void whoeverIsMetFirst()
    {
        const QRegularExpression id("\"userId\":\"([^\"]+)\",?"),
            name("\"userPrincipalName\":\"([^\"]+)\",?");
        Log log(100);
        int byId = 0, byName = 0;
        std::map<QString, int> met;
        for (auto &line : log.lines) {
            auto text = QString::fromStdString(line);
            if (text.contains("activityDisplayName"))
                continue;
            const auto user = id.match(text).captured(1);
            const auto hash = stableHash(user.toStdString());
            if (hash % 3 != 0 || met[user]++ == 5) // at least one tells both
                continue;
            const bool losesName = mixBits(hash + std::uint64_t(met[user])) % 3 == 0;
            ++(losesName ? byId : byName);
            text.remove(losesName ? name : id);
            line = text.toStdString();
        }
        QVERIFY(byId > 1000 && byName > 1000);
        std::vector<QStringList> found;
        const Cut cuts[] = {Cut::Dealt, Cut::NewestFirst, Cut::Shuffled, Cut::OneLate, Cut::Overlapping};
        for (int i = 0; i <= test::effort(4); ++i) { // the first one as a whole
            const auto how = cuts[i];
            Dice dice(3 + std::uint64_t(how));
            Tenant tenant(14);
            for (const auto &list : log.lists)
                tenant.addList(list);
            if (found.empty())
                tenant.import(log.lines);
            else
                for (const auto &part : cut(log.lines, how, dice)) {
                    if (dice(3) == 0)
                        tenant.import(part, 2, 1000, dice(2) == 0 ? "detect" : "settle");
                    tenant.import(part, 1 + unsigned(dice(3)));
                }
            tenant.isSound();
            const auto compared = run::compareFindings(tenant.directory(), now);
            QVERIFY(compared);
            QCOMPARE(compared->detections + compared->withdrawn + compared->campaigns, 0u);
            found.push_back(tenant.found());
            const auto wrong = difference(found.back(), found.front());
            QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        }
        QVERIFY(found.front().filter("[\"detection\"").size() > 40);
    }

    // What was judged stays judged by what held then, whatever comes late, and goes by today's when that is asked for.
    void settingsHoldFromWhereTheyWereSet()
    {
        Log log(100);
        const auto timeOf = [](const std::string &line) {
            const auto at = line.find("DateTime\":\"");
            return line.substr(at + 11, 24);
        };
        std::erase_if(log.lines,
                      [](const auto &line) { return line.find("activityDisplayName") != std::string::npos; });
        std::ranges::stable_sort(log.lines, {}, timeOf);
        Dice dice(5);
        const auto size = log.lines.size();
        const std::size_t ends[] = {size / 3, 2 * size / 3, size};
        // Of each detector what it says, and what it remembers.
        const std::vector<std::pair<const char *, double>> changes[] = {
            {{"unfamiliarFeatures.lowBits", 6},
             {"unfamiliarFeatures.halfLifeDays", 9},
             {"passwordSpray.reachHours", 2},
             {"unlikelyTravel.speedLimitKmh", 500},
             {"investigationsThreatIntelligence.quarantinePercent", 100}},
            {{"unfamiliarFeatures.lowBits", 14},
             {"unfamiliarFeatures.keepDays", 30},
             {"passwordSpray.sourceUsers", 4},
             {"anonymizedIPAddress.enabled", 0},
             {"investigationsThreatIntelligence.quarantinePercent", 3}}};
        std::vector<QStringList> found;
        for (const bool someComeLate : {false, true}) {
            Tenant tenant(14);
            for (const auto &list : log.lists)
                tenant.addList(list);
            std::vector<std::string> late;
            std::size_t from = 0;
            for (std::size_t part = 0; part < std::size(ends); ++part) {
                std::vector<std::string> now;
                for (; from < ends[part]; ++from)
                    (someComeLate && from + 1 < ends[part] && dice(60 * test::effortShare) == 0 ? late : now)
                        .push_back(log.lines[from]);
                tenant.import(now);
                if (part < std::size(changes))
                    for (const auto &[key, value] : changes[part])
                        tenant.set(key, value);
            }
            dice.shuffle(late);
            for (std::size_t i = 0; i < late.size(); i += 40)
                tenant.import({late.begin() + long(i), late.begin() + long(std::min(i + 40, late.size()))});
            tenant.isSound();
            const auto compared = run::compareFindings(tenant.directory(), now);
            QVERIFY(compared);
            QCOMPARE(compared->detections + compared->withdrawn + compared->campaigns + compared->setAside,
                     0u);
            const auto whatIf = run::whatIf(tenant.directory().connection(), {});
            QVERIFY(whatIf);
            QCOMPARE(whatIf->changes.size(), 0u);
            found.push_back(tenant.found());
            QCOMPARE(difference(found.back(), found.front()), QString());

            if (!someComeLate)
                continue;
            const auto shown = run::compareFindings(tenant.directory(), now, run::Settings::OfToday);
            QVERIFY(shown && shown->detections > 0 && shown->withdrawn > 0);
            QCOMPARE(difference(tenant.found(), found.front()), QString());
            const auto applied = run::settleByToday(tenant.directory(), {}, now);
            QVERIFY(applied);
            QCOMPARE(applied->detections, shown->detections);
            QCOMPARE(applied->withdrawn, shown->withdrawn);
            tenant.isSound();
            Tenant fresh(14);
            for (const auto &list : log.lists)
                fresh.addList(list);
            for (const auto &change : changes)
                for (const auto &[key, value] : change)
                    fresh.set(key, value);
            fresh.import(log.lines);
            QCOMPARE(difference(tenant.found(), fresh.found()), QString());
        }
    }

    // A run judges to its end by what held when it began.
    void settingsMayChangeWhileAnImportRuns()
    {
        const Log log(100);
        Tenant tenant(14);
        for (const auto &list : log.lists)
            tenant.addList(list);
        int changed = 0;
        tenant.meanwhile = [&](const Progress &) {
            if (changed < 3)
                tenant.setBeside("unfamiliarFeatures.lowBits",
                                 std::array{9.0, 4.0, 7.0}[std::size_t(changed++)]);
        };
        const auto third = long(log.lines.size() / 3);
        auto meanwhile = std::exchange(tenant.meanwhile, {});
        tenant.import({log.lines.begin(), log.lines.begin() + third});
        tenant.meanwhile = std::move(meanwhile);
        tenant.import({log.lines.begin() + third, log.lines.begin() + 2 * third}, 2, 500);
        QVERIFY(changed > 0);
        tenant.meanwhile = {};
        tenant.import({log.lines.begin() + 2 * third, log.lines.end()});
        const auto compared = run::compareFindings(tenant.directory(), now);
        QVERIFY(compared);
        QCOMPARE(compared->detections + compared->withdrawn + compared->campaigns, 0u);
        tenant.isSound();
    }

    // What is the directory's own traffic is so for all its sign-ins, however few days a list is asked of.
    void ownTrafficIsOfAllTimes()
    {
        const Log log(100);
        std::vector<Tenant> tenants;
        for (const std::size_t parts : {1U, 2U, 5U}) {
            auto &tenant = tenants.emplace_back(14);
            QVERIFY(tenant.directory().connection().execute(
                "INSERT INTO setting (key, value) VALUES ('intelligence.rereadDays', '1')"));
            for (const auto &list : log.lists)
                tenant.addList(list);
            for (std::size_t i = 0; i < parts; ++i)
                tenant.import({log.lines.begin() + long(log.lines.size() * i / parts),
                               log.lines.begin() + long(log.lines.size() * (i + 1) / parts)});
            tenant.isSound();
            QVERIFY(tenant.found().filter("[\"set aside\"").size() > 1);
            QCOMPARE(difference(tenant.found(), tenants.front().found()), QString());
        }
    }
};

QTEST_GUILESS_MAIN(AnyOrderTest)
#include "tst_any_order.moc"

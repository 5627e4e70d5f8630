// Lists first and then the sign-ins, or the sign-ins first and then the lists: for any lists with any dates,
// the same sign-ins are found with the same levels.
#ifndef Q_MOC_RUN // moc stumbles over the standard library behind these
#include "core/base/stable_hash.h"
#include "core/import/import_run.h"
#include "core/lists/intelligence.h"
#include "core/replay/settle.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include <rapidcheck.h>
#endif

#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <fstream>
#include <optional>
#include <set>
#include <string>

using namespace riskdesk;

namespace {

constexpr Microseconds day{86'400'000'000}, hour{3'600'000'000}, second{1'000'000};
const Timestamp begin = Timestamp::fromCivil(2026, 1, 5);
const FixedClock now(Timestamp::fromCivil(2026, 3, 19));

class Dice
{
public:
    explicit Dice(unsigned seed)
        : m_state(std::uint64_t{seed} * 2654435761u + 1)
    {}
    unsigned operator()(unsigned n)
    {
        m_state = mixBits(m_state + 0x9e3779b97f4a7c15u);
        return static_cast<unsigned>(m_state % n);
    }

private:
    std::uint64_t m_state;
};

std::string date(Dice &dice, unsigned from, unsigned days)
{
    return dice(3) == 0 ? std::string() : (begin + day * (from + dice(days))).toIso().substr(0, 10);
}

struct Case
{
    explicit Case(unsigned seed)
    {
        Dice dice(seed);
        quarantinePercent = std::array{100, 8, 3}[dice(3)];
        std::ofstream log(path("log.ndjson"));
        Timestamp at = begin;
        for (int i = 0; i < 300; ++i) {
            at = at + hour * dice(6) + second * (1 + dice(3000));
            log << R"({"id":"00000000-0000-4000-8000-)" << 100'000'000'000 + i << R"(","createdDateTime":")"
                << at.toIso() << R"(","userPrincipalName":"u)" << dice(8)
                << R"(@shop.example","appDisplayName":"Shop","isInteractive":true,"ipAddress":")"
                << (dice(3) == 0 ? "203.0.113." : "198.51.100.") << dice(12)
                << R"(","deviceDetail":{"deviceId":"d)" << dice(3) << R"("},"status":{"errorCode":0}})"
                << '\n';
        }
        static const char *kinds[] = {"tor", "vpn", "public_proxy", "residential_proxy", "relay", "hosting"};
        std::ofstream anonymizers(path("a.csv")), malware(path("m.csv")), threats(path("t.csv"));
        anonymizers << "network,kind,provider,first_seen,last_seen\n";
        malware << "network,malware,confidence,first_seen,last_seen\n";
        threats << "type,value,confidence,valid_from,valid_until,label\n";
        const auto network = [&] {
            const unsigned bits = 26 + dice(7);
            return "203.0.113." + std::to_string((dice(12) >> (32 - bits)) << (32 - bits)) + '/' +
                   std::to_string(bits);
        };
        for (unsigned n = 2 + dice(6); n > 0; --n) {
            anonymizers << network() << ',' << kinds[dice(6)] << ",p" << dice(3) << ',' << date(dice, 0, 20)
                        << ',' << date(dice, 20, 20) << '\n';
            malware << network() << ",worm," << dice(101) << ',' << date(dice, 0, 20) << ','
                    << date(dice, 20, 20) << '\n';
            threats << "ip," << network() << ',' << dice(101) << ',' << date(dice, 0, 20) << ','
                    << date(dice, 20, 20) << ",label\n";
        }
    }
    [[nodiscard]] std::string path(const char *name) const { return folder.filePath(name).toStdString(); }

    QTemporaryDir folder;
    int quarantinePercent = 100; // 100: no indicator is set aside
};

class Tenant
{
public:
    Tenant(const Case &c, const char *name)
        : m_case(c)
    {
        RC_ASSERT(store::createDirectory(c.path(name), {"T", false, false, begin}).has_value());
        m_directory.emplace(std::move(*run::Directory::open(c.path(name))));
        // Eight users and twelve addresses: nearly every indicator is the directory's own traffic.
        store::Statement guard(m_directory->connection(),
                               "INSERT INTO setting (key, value) VALUES "
                               "('investigationsThreatIntelligence.quarantinePercent', ?1)");
        RC_ASSERT(guard.bind(c.quarantinePercent).run().has_value());
    }
    void addLists()
    {
        for (const auto &[kind, file] : {std::pair(ListKind::Anonymizer, "a.csv"),
                                         {ListKind::Malware, "m.csv"},
                                         {ListKind::Threat, "t.csv"}}) {
            const auto added = run::addList(m_directory->connection(), now, {}, kind, m_case.path(file), "");
            RC_ASSERT(added.has_value() && added->rejects.empty());
        }
    }
    void import()
    {
        const auto done = run::importFiles(*m_directory, {m_case.path("log.ndjson")}, {}, now);
        RC_ASSERT(done.has_value() && done->stored == 300u);
    }
    void reread() { RC_ASSERT(run::reread(*m_directory, {}, now).has_value()); }
    // Of the detections that lists make: type, sign-in, level, how many are folded into it.
    std::set<std::string> found(const char *where = "1")
    {
        std::set<std::string> all;
        store::Statement row(
            m_directory->connection(),
            std::string("SELECT type_text || ' ' || request_id || ' ' || level || ' ' || count "
                        "FROM detection WHERE type_text IN ('anonymizedIPAddress', "
                        "'malwareInfectedIPAddress', 'investigationsThreatIntelligence') AND ") +
                where);
        while (row.step())
            all.insert(row.string(0));
        return all;
    }
    std::set<std::string> setAside()
    {
        std::set<std::string> all;
        store::Statement row(
            m_directory->connection(),
            "SELECT json_array(kind, indicator, list, reason, matched, successes, since) FROM "
            "intel_set_aside");
        while (row.step())
            all.insert(row.string(0));
        return all;
    }

private:
    const Case &m_case;
    std::optional<run::Directory> m_directory;
};

} // namespace

class LateListsTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void findTheSameAsThoseThatWereThere()
    {
        qputenv("RC_PARAMS", "seed=20260119 max_success=15");
        std::size_t compared = 0, setAside = 0;
        const bool ok = rc::check("early and late", [&] {
            const Case c(*rc::gen::arbitrary<unsigned>());
            Tenant early(c, "early.riskdesk"), late(c, "late.riskdesk");
            early.addLists();
            early.import();
            late.import();
            RC_ASSERT(late.found().empty());
            late.addLists();
            late.reread();
            RC_ASSERT(late.found() == early.found());
            RC_ASSERT(late.found("timing <> 3").empty()); // all of them offline
            compared += early.found().size();
            RC_ASSERT(late.setAside() == early.setAside());
            setAside += early.setAside().size();
        });
        QVERIFY(ok);
        QVERIFY(compared > 300);
        QVERIFY(setAside > 10);
    }
};

QTEST_GUILESS_MAIN(LateListsTest)
#include "tst_late_lists.moc"

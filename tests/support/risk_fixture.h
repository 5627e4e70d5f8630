// A directory file with a few users, and sign-ins with findings made to measure, for tests of risk and
// actions.
#pragma once

#include "core/base/clock.h"
#include "core/ledger/risk_writer.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include <QTemporaryDir>

#include <cstring>
#include <string>
#include <vector>

namespace riskdesk::test {

inline constexpr Timestamp noon{1'773'835'200'000'000}; // 2026-03-18T12:00:00Z

// The n-th sign-in of the world: a GUID made of the number.
inline EventKey eventKey(std::uint32_t n)
{
    EventKey key{};
    std::memcpy(key.data(), &n, sizeof n);
    key[15] = 0x5a;
    return key;
}
inline std::string signInId(std::uint32_t n)
{
    return requestId(EventIdKind::Guid, eventKey(n), {});
}
inline std::string userKey(std::uint32_t user)
{
    return "user" + std::to_string(user) + "@contoso.example";
}

inline ledger::RaisedDetection finding(std::uint32_t user, std::uint32_t signIn, DetectionType type,
                                       RiskLevel level, Timestamp at, const std::string &foldKey = {})
{
    ledger::RaisedDetection r;
    auto &d = r.detection;
    d.type = type;
    d.typeText = toText(type);
    d.level = level;
    d.timing = info(type).timing;
    d.user = user;
    d.hasSignIn = true;
    d.eventKey = eventKey(signIn);
    d.requestId = signInId(signIn);
    d.id = detectionId(type, userKey(user), d.requestId);
    d.at = d.lastAt = at;
    d.detectedAt = d.lastUpdated = noon;
    d.foldKey = foldKey;
    r.row.at = at.us;
    r.row.eventKey = d.eventKey;
    r.row.user = user;
    r.city = "Lisbon";
    r.country = "PT";
    r.ipText = "192.0.2.1";
    return r;
}

// QSKIP and friends need a test; this only needs to be right.
class Fixture
{
public:
    explicit Fixture(std::uint32_t users = 5)
        : clock(noon)
        , m_connection(open(m_folder.path().toStdString() + "/test.riskdesk"))
    {
        run("BEGIN");
        store::Statement add(m_connection, "INSERT INTO user (id, key, upn, display_name, identity, issuer) "
                                           "VALUES (?1, ?2, ?2, ?3, ?4, ?5)");
        for (std::uint32_t u = 1; u <= users; ++u) {
            const bool social = u == 5; // the fifth comes through another party
            check(add.bind(u, userKey(u), "User " + std::to_string(u),
                           social ? Identity::Social : Identity::Local, social ? "google.com" : "")
                      .run());
        }
        run("COMMIT");
    }

    [[nodiscard]] store::Connection &connection() { return m_connection; }
    void run(const std::string &sql) { check(m_connection.execute(sql)); }

    ledger::RaiseCounts raise(std::vector<ledger::RaisedDetection> found)
    {
        auto transaction = store::Transaction::begin(m_connection);
        check(transaction);
        auto counts = ledger::RiskWriter(m_connection, clock).raise(std::move(found));
        check(counts);
        check(transaction->commit());
        return *counts;
    }
    ledger::RaiseCounts raise(ledger::RaisedDetection one)
    {
        std::vector<ledger::RaisedDetection> found;
        found.push_back(std::move(one));
        return raise(std::move(found));
    }

    // First row of a question, columns joined by '|'.
    std::string ask(const std::string &sql)
    {
        store::Statement s(m_connection, "SELECT * FROM (" + sql + ")");
        std::string out;
        bool first = true;
        while (s.step()) {
            out += first ? "" : "\n";
            first = false;
            for (int c = 0; c < columns(sql); ++c)
                out += (c > 0 ? "|" : "") + s.string(c);
        }
        if (!s.ok())
            throw std::runtime_error(s.error().detail + ": " + sql);
        return out;
    }
    // "high atRisk none 80"
    std::string standing(std::uint32_t user)
    {
        store::Statement s(m_connection, "SELECT level, state, detail, score FROM user_risk WHERE user = ?1");
        s.bind(user);
        if (!s.step())
            return "unknown";
        return words(s.as<RiskLevel>(0), s.as<RiskState>(1), s.as<RiskDetail>(2), s.int64(3));
    }
    std::string signIn(std::uint32_t n)
    {
        store::Statement s(
            m_connection,
            "SELECT level_aggregated, state, detail, score FROM sign_in_risk WHERE request_id = ?1");
        s.bind(signInId(n));
        if (!s.step())
            return "unknown";
        return words(s.as<RiskLevel>(0), s.as<RiskState>(1), s.as<RiskDetail>(2), s.int64(3));
    }
    // Everything that decisions may move, as one text to compare.
    std::string everything()
    {
        std::string out;
        for (const char *sql :
             {"SELECT 'u', user, level, state, detail, score, updated_at, open_detections, total_detections, "
              "risky_sign_ins, top_type, other_types, last_country, countries, types, hex(trend) FROM "
              "user_risk ORDER BY 2",
              "SELECT 'd', id, level, weight_level, state, detail, count, last_updated, last_at, user, at, "
              "0, 0, 0, 0, 0 "
              "FROM detection ORDER BY 2",
              "SELECT 's', request_id, level_during, level_aggregated, state, detail, score, user, at, 0, 0, "
              "0, 0, 0, 0, 0 "
              "FROM sign_in_risk ORDER BY 2",
              "SELECT 'a', id, account_enabled, force_password_change, sessions_valid_from, 0, 0, 0, 0, 0, "
              "0, 0, 0, 0, 0, 0 "
              "FROM user "
              "ORDER BY 2",
              "SELECT 'w', hex(event_key), user, verdict, restart, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM "
              "withheld "
              "ORDER BY 3, 2"}) {
            store::Statement s(m_connection, sql);
            while (s.step()) {
                for (int c = 0; c < 16; ++c)
                    out += s.string(c) + '|';
                out += '\n';
            }
            if (!s.ok())
                throw std::runtime_error(s.error().detail + ": " + sql);
        }
        return out;
    }

    template <typename T>
    static void check(const T &result)
    {
        if (!result)
            throw std::runtime_error(std::string(toText(result.error().code)) + " " + result.error().subject +
                                     ": " + result.error().detail);
    }

private:
    QTemporaryDir m_folder;

public:
    FixedClock clock;

private:
    static std::string words(RiskLevel level, RiskState state, RiskDetail detail, std::int64_t score)
    {
        return std::string(toText(level)) + ' ' + std::string(toText(state)) + ' ' +
               std::string(toText(detail)) + ' ' + std::to_string(score);
    }
    static int columns(const std::string &sql)
    {
        const auto from = sql.find(" FROM ");
        int n = 1, depth = 0;
        for (std::size_t i = 0; i < std::min(from, sql.size()); ++i) {
            depth += sql[i] == '(' ? 1 : sql[i] == ')' ? -1 : 0;
            n += sql[i] == ',' && depth == 0 ? 1 : 0;
        }
        return n;
    }
    static store::Connection open(const std::string &file)
    {
        check(store::createDirectory(file, {"Contoso", false, false, noon}));
        auto connection = store::openForWriting(file);
        check(connection);
        check(connection->execute("PRAGMA synchronous=OFF")); // speed; durability has its own tests
        return std::move(*connection);
    }
    store::Connection m_connection;
};

} // namespace riskdesk::test

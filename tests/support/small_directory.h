// SmallDirectory: a real directory file in a folder of its own, filled by hand, for tests of questions and
// models. Everything is made from fixed numbers, so that a test can say what must come out.
#pragma once

#include "core/base/digest.h"
#include "core/base/text.h"
#include "core/domain/detection.h"
#include "core/domain/ledger_event.h"
#include "core/ledger/change_rows.h"
#include "core/store/connection.h"
#include "core/store/dictionary.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace riskdesk::test {

inline constexpr std::int64_t secondUs = 1'000'000;
inline constexpr std::int64_t dayUs = 86'400 * secondUs;
// 2026-03-18T14:26:00Z
inline constexpr Timestamp smallNow{1'773'843'960 * secondUs};

struct SmallUser
{
    std::string key{}, name{}, upn{};
    Identity identity = Identity::Local;
    std::string issuer{};
    bool enabled = true, deleted = false;
    RiskLevel level = RiskLevel::None;
    RiskState state = RiskState::None;
    RiskDetail detail = RiskDetail::None;
    int score = 0;
    Timestamp updated = smallNow;
    std::string countries{}, lastCity{}, lastCountry{};
    std::uint32_t types = 0;
    int open = 0, total = 1;
};

struct SmallDetection
{
    std::int64_t user = 1;
    DetectionType type = DetectionType::UnlikelyTravel;
    RiskLevel level = RiskLevel::Medium;
    RiskState state = RiskState::AtRisk;
    Timestamp at = smallNow;
    std::string ip = "192.0.2.7", city = "Lisbon", country = "PT", requestId{}, campaign{};
    std::uint32_t asn = 0;
    std::string source{ourSource};
    Evidence evidence{};
    std::string id{};
};

class SmallDirectory
{
public:
    SmallDirectory()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "riskdesk-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::runtime_error("no folder for the test");
        m_folder = pattern;
        need(store::createDirectory(file(), {"Small", false, false, smallNow}));
        auto opened = store::openForWriting(file());
        if (!opened)
            throw std::runtime_error(opened.error().detail);
        m_connection = std::make_unique<store::Connection>(std::move(*opened));
    }
    ~SmallDirectory()
    {
        m_connection.reset();
        std::error_code ignored;
        std::filesystem::remove_all(m_folder, ignored);
    }
    SmallDirectory(const SmallDirectory &) = delete;
    SmallDirectory &operator=(const SmallDirectory &) = delete;

    [[nodiscard]] std::filesystem::path file() const { return m_folder / "small.riskdesk"; }
    [[nodiscard]] store::Connection &connection() { return *m_connection; }
    [[nodiscard]] store::Dictionaries &dictionaries() { return m_dictionaries; }

    static void need(const Status &status)
    {
        if (!status)
            throw std::runtime_error(status.error().subject + ": " + status.error().detail);
    }

    std::int64_t addUser(const SmallUser &user)
    {
        const auto search = foldForSearch(user.name) + '\x1f' + foldForSearch(user.upn) + '\x1f' + '\x1f' +
                            foldForSearch(user.key);
        store::Statement insert(
            *m_connection,
            "INSERT INTO user (key, provider_id, upn, display_name, search, identity, issuer, "
            "account_enabled, is_deleted) VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id");
        insert.bind(user.key, user.upn, user.name, search, user.identity, user.issuer, user.enabled,
                    user.deleted);
        if (!insert.step())
            throw std::runtime_error(insert.error().detail);
        const auto id = insert.int64(0);
        insert.step();
        store::Statement alias(*m_connection, "INSERT INTO user_alias (alias, user) VALUES (?1, ?2)");
        alias.bind("id:" + user.key, id);
        need(alias.run());
        store::Statement risk(
            *m_connection,
            "INSERT INTO user_risk (user, level, state, detail, score, updated_at, open_detections, "
            "total_detections, risky_sign_ins, top_type, countries, last_city, last_country, types) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
        std::int64_t top = 0;
        for (int t = 1; t <= 7 && top == 0; ++t)
            top = (user.types & (1U << t)) != 0 ? t : 0;
        risk.bind(id, user.level, user.state, user.detail, user.score, user.updated, user.open, user.total,
                  user.total, top, user.countries, user.lastCity, user.lastCountry, user.types);
        need(risk.run());
        need(ledger::ChangeRows(*m_connection).riskyUser(static_cast<std::uint32_t>(id)));
        return id;
    }

    std::int64_t addDetection(SmallDetection d)
    {
        ++m_detections;
        if (d.id.empty())
            d.id = toHex(blake2b256("detection " + std::to_string(m_detections)));
        const auto ip = IpAddress::parse(d.ip).value_or(IpAddress{});
        const auto key = blake2b128(d.requestId.empty() ? d.id : d.requestId);
        store::Statement insert(
            *m_connection,
            "INSERT INTO detection (id, type, type_text, level, state, detail, timing, activity, source, "
            "user, "
            "event_key, request_id, at, detected_at, last_updated, last_at, weight_level, ip, ip_text, city, "
            "country, asn, campaign, evidence) VALUES "
            "(?1,?2,?3,?4,?5,0,?6,?7,?8,?9,?10,?11,?12,?12,?12,?12,?4,"
            "?13,?14,?15,?16,?17,?18,?19) RETURNING rowid");
        const bool linked = !d.requestId.empty();
        insert.bind(
            d.id, d.type, toText(d.type), d.level, d.state, info(d.type).timing, linked ? 0 : 1, d.source,
            d.user, linked ? std::optional(std::span<const std::uint8_t>(key)) : std::nullopt, d.requestId,
            d.at, ip.isKnown() ? std::optional(std::span<const std::uint8_t>(ip.bytes)) : std::nullopt, d.ip,
            d.city, d.country, d.asn, d.campaign, d.evidence.toJson());
        if (!insert.step())
            throw std::runtime_error(insert.error().detail);
        const auto rowid = insert.int64(0);
        insert.step();
        need(ledger::ChangeRows(*m_connection).detection(d.id));
        return rowid;
    }

    // The sign-in that request ids of detections name; `row` may refer to dictionaries().
    void addSignInRisk(const std::string &requestId, std::int64_t user, SignInRow row, RiskLevel level,
                       RiskState state)
    {
        row.eventKey = blake2b128(requestId);
        std::array<std::uint8_t, sizeof row> bytes{};
        std::memcpy(bytes.data(), &row, sizeof row);
        store::Statement insert(*m_connection,
                                "INSERT INTO sign_in_risk (event_key, request_id, user, at, level_during, "
                                "level_aggregated, state, row) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)");
        insert.bind(std::span<const std::uint8_t>(row.eventKey), requestId, user, row.at, level, state,
                    std::span<const std::uint8_t>(bytes));
        need(insert.run());
    }

    void addLedger(std::int64_t user, LedgerKind kind, Timestamp at, RiskStanding from, RiskStanding to,
                   const std::string &actor = {}, const std::string &note = {},
                   const std::string &detection = {})
    {
        store::Statement insert(
            *m_connection,
            "INSERT INTO ledger (at, recorded_at, user, kind, detection, from_level, from_state, "
            "from_detail, from_score, to_level, to_state, to_detail, to_score, actor, note) "
            "VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
        insert.bind(at, user, kind, detection, from.level, from.state, from.detail,
                    static_cast<int>(from.score), to.level, to.state, to.detail, static_cast<int>(to.score),
                    actor, note);
        need(insert.run());
    }

    // `count` users with one to three detections each; the same for the same numbers.
    void populate(int count, unsigned seed = 7)
    {
        static constexpr std::array first = {"Mariana", "Thabo", "Ana",  "Ólafur", "Zoë",
                                             "José",    "Linh",  "Noor", "Iris",   "Émile"};
        static constexpr std::array last = {"Duarte", "Castro",   "Nguyễn", "Öztürk",
                                            "Smith",  "van Dijk", "O'Neil", "Șerban"};
        static constexpr std::array<std::pair<const char *, const char *>, 6> places = {
            {{"Lisbon", "PT"},
             {"São Paulo", "BR"},
             {"Ho Chi Minh City", "VN"},
             {"Berlin", "DE"},
             {"", "US"},
             {"", ""}}};
        std::mt19937 random(seed);
        const auto below = [&random](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
        need(m_connection->execute("BEGIN"));
        for (int i = 0; i < count; ++i) {
            SmallUser user;
            user.key = "c" + std::to_string(100000 + i);
            user.name = std::string(first[below(first.size())]) + ' ' + last[below(last.size())];
            user.upn = "user" + std::to_string(below(static_cast<std::uint32_t>(count))) + "@shop.example";
            user.identity = below(4) == 0 ? Identity::Social : Identity::Local;
            user.issuer = user.identity == Identity::Social ? "google.com" : "";
            user.enabled = below(8) != 0;
            user.deleted = below(16) == 0;
            user.state = static_cast<RiskState>(1 + below(5));
            user.level = isOpen(user.state) ? static_cast<RiskLevel>(1 + below(3)) : RiskLevel::None;
            user.score = static_cast<int>(user.level) * 30 + static_cast<int>(below(4));
            user.updated = {smallNow.us - static_cast<std::int64_t>(below(120)) * dayUs};
            user.total = 1 + static_cast<int>(below(3));
            user.open = isOpen(user.state) ? user.total : 0;
            std::set<std::string> countries;
            std::vector<SmallDetection> found;
            for (int k = 0; k < user.total; ++k) {
                SmallDetection d;
                d.type = static_cast<DetectionType>(1 + below(7));
                d.level = static_cast<RiskLevel>(1 + below(3));
                d.state = user.state;
                d.at = {user.updated.us - static_cast<std::int64_t>(below(1000)) * 60 * secondUs};
                const auto &place = places.at(below(places.size()));
                d.city = place.first;
                d.country = place.second;
                d.ip = below(10) == 0
                           ? ""
                           : "198.51." + std::to_string(below(4)) + '.' + std::to_string(below(20));
                d.asn = below(3) * 1000;
                d.requestId =
                    below(5) == 0 ? "" : "request-" + std::to_string(i) + '-' + std::to_string(below(2));
                user.types |= 1U << static_cast<unsigned>(d.type);
                if (!d.country.empty())
                    countries.insert(d.country);
                user.lastCity = d.city;
                user.lastCountry = d.country;
                found.push_back(d);
            }
            for (const auto &country : countries)
                user.countries += (user.countries.empty() ? "" : " ") + country;
            const auto id = addUser(user);
            for (auto &d : found) {
                d.user = id;
                addDetection(d);
            }
        }
        need(m_connection->execute("COMMIT"));
    }

private:
    std::filesystem::path m_folder;
    std::unique_ptr<store::Connection> m_connection;
    store::Dictionaries m_dictionaries;
    int m_detections = 0;
};

} // namespace riskdesk::test

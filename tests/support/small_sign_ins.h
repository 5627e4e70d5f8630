// SmallSignIns: random sign-ins in a SmallDirectory, twice: as segments with dictionaries, and as plain text
// in the table `sign_in_text`, which is how a reader without our columns would see them.
#pragma once

#include "core/domain/place.h"
#include "core/store/segment.h"

#include "tests/support/small_directory.h"

#include <algorithm>
#include <map>

namespace riskdesk::test {

class SmallSignIns
{
public:
    SmallSignIns(SmallDirectory &directory, int count, unsigned seed)
        : m_directory(directory)
        , m_random(seed)
    {
        auto &db = directory.connection();
        SmallDirectory::need(db.execute("BEGIN"));
        SmallDirectory::need(db.execute("INSERT INTO import_run (started_at) VALUES (0)"));
        SmallDirectory::need(db.execute(
            "CREATE TABLE sign_in_text (row INTEGER PRIMARY KEY, id TEXT, at INTEGER, user_key TEXT, "
            "user_search TEXT,"
            " display_name TEXT, upn TEXT, outcome INTEGER, error_code INTEGER, failure INTEGER, "
            "failure_reason TEXT,"
            " ip BLOB, ip_text TEXT, city TEXT, country TEXT, asn INTEGER, app TEXT, resource TEXT, client "
            "TEXT,"
            " device TEXT, os TEXT, browser TEXT, agent TEXT, session TEXT, correlation TEXT, interactive "
            "INTEGER,"
            " mfa INTEGER, identity INTEGER, level_during INTEGER, level_aggregated INTEGER, state INTEGER,"
            " detail INTEGER, source TEXT)"));
        makeAddresses();
        std::vector<SignInRow> rows;
        for (int i = 0; i < count; ++i)
            rows.push_back(makeRow(i));
        // Two segments whose times overlap, as late files make them.
        const auto half = rows.begin() + static_cast<std::ptrdiff_t>(rows.size() / 2);
        std::sort(rows.begin(), half, before);
        std::sort(half, rows.end(), before);
        for (const auto &[begin, end] : {std::pair{rows.begin(), half}, std::pair{half, rows.end()}})
            if (begin != end && !store::writeSegment(db, 1, std::span(begin, end)))
                throw std::runtime_error("no segment");
        std::int64_t number = 0;
        for (const auto &row : rows)
            writeText(number++, row);
        SmallDirectory::need(directory.dictionaries().flush(db));
        SmallDirectory::need(db.execute("COMMIT"));
    }
    [[nodiscard]] const std::vector<std::string> &requestIds() const { return m_requestIds; }

private:
    std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(m_random() % n); }
    std::uint32_t intern(Dictionary kind, std::string_view text)
    {
        return m_directory.dictionaries().intern(kind, text);
    }
    std::string textOf(Dictionary kind, std::uint32_t id) const
    {
        return std::string(m_directory.dictionaries().text(kind, id));
    }

    void makeAddresses()
    {
        for (int i = 0; i < 12; ++i) {
            IpAddress ip = i % 4 == 3 ? *IpAddress::parse("2001:db8::" + std::to_string(i))
                                      : IpAddress::fromV4(0xc6336400U + below(600));
            const auto id = intern(Dictionary::Address,
                                   {reinterpret_cast<const char *>(ip.bytes.data()), ip.bytes.size()});
            m_addresses.push_back(id);
            if (i % 3 == 0)
                continue;
            store::Statement fact(
                m_directory.connection(),
                "INSERT OR IGNORE INTO address_fact (address, place, asn) VALUES (?1, ?2, ?3)");
            m_facts[id] = {makePlace(), below(3) * 64500};
            fact.bind(id, m_facts[id].first, m_facts[id].second);
            SmallDirectory::need(fact.run());
        }
    }

    std::uint32_t makePlace()
    {
        static const std::array<Place, 5> places = {Place{"Lisbon", "", "PT", 38.72, -9.14, 20},
                                                    Place{"São Paulo", "SP", "BR", -23.55, -46.63, 50},
                                                    Place{"", "", "VN"}, Place{"Zürich", "", "CH"}, Place{}};
        return intern(Dictionary::Place, places.at(below(5)).encode());
    }

    SignInRow makeRow(int i)
    {
        static constexpr std::array apps = {"", "Storefront", "Ärzte-Portal", "store admin"};
        static constexpr std::array agents = {"", "Mozilla/5.0 (X11)", "python-requests/2.31", "curl, \"8\""};
        static constexpr std::array texts = {"", "Alpha", "beta", "Çedilla"};
        SignInRow row;
        row.at = smallNow.us - static_cast<std::int64_t>(below(40)) * dayUs / 4; // many ties
        row.user = 1 + below(20);
        row.eventIdKind = static_cast<EventIdKind>(below(3));
        const auto name = "Event-" + std::to_string(i);
        row.eventKey = blake2b128(name);
        if (row.eventIdKind == EventIdKind::Text)
            row.eventIdText = intern(Dictionary::EventId, name);
        if (below(3) != 0)
            row.correlation = blake2b128("correlation" + std::to_string(below(5)));
        row.ip = below(8) == 0 ? 0 : m_addresses.at(below(static_cast<std::uint32_t>(m_addresses.size())));
        row.place = below(3) == 0 ? makePlace() : 0;
        row.asn = below(3) == 0 ? 4'200'000'000U : 0;
        row.userAgent = intern(Dictionary::UserAgent, agents.at(below(4)));
        row.application = intern(Dictionary::Application, apps.at(below(4)));
        row.browser = intern(Dictionary::Browser, texts.at(below(4)));
        row.operatingSystem = intern(Dictionary::OperatingSystem, texts.at(below(4)));
        row.device = intern(Dictionary::Device, texts.at(below(4)));
        row.clientApp = intern(Dictionary::ClientApp, texts.at(below(4)));
        row.resource = intern(Dictionary::Resource, texts.at(below(4)));
        row.failureReason = intern(Dictionary::FailureReason, texts.at(below(4)));
        row.session = intern(Dictionary::Session, texts.at(below(4)));
        row.source = intern(Dictionary::Source, texts.at(below(4)));
        row.errorCode = static_cast<std::int32_t>(below(3)) * 50126 - 1;
        row.outcome = static_cast<Outcome>(below(3));
        row.failure = static_cast<FailureKind>(below(7));
        row.mfa = static_cast<Mfa>(below(4));
        row.identity = static_cast<Identity>(below(3));
        row.interactive = static_cast<std::uint8_t>(below(2));
        m_requestIds.push_back(
            requestId(row.eventIdKind, row.eventKey, textOf(Dictionary::EventId, row.eventIdText)));
        if (below(4) == 0)
            addRisk(row, m_requestIds.back());
        return row;
    }

    void addRisk(const SignInRow &row, const std::string &id)
    {
        const std::array<std::int64_t, 4> risk = {below(4), below(4), below(6), below(13)};
        m_risk[row.eventKey] = risk;
        std::array<std::uint8_t, sizeof row> bytes{};
        std::memcpy(bytes.data(), &row, sizeof row);
        store::Statement insert(
            m_directory.connection(),
            "INSERT INTO sign_in_risk (event_key, request_id, user, at, level_during, "
            "level_aggregated, state, detail, row) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        insert.bind(std::span<const std::uint8_t>(row.eventKey), id, row.user, row.at, risk[0], risk[1],
                    risk[2], risk[3], std::span<const std::uint8_t>(bytes));
        SmallDirectory::need(insert.run());
    }

    void writeText(std::int64_t number, const SignInRow &row)
    {
        store::Statement user(m_directory.connection(),
                              "SELECT key, search, display_name, upn FROM user WHERE id = ?1");
        if (!user.bind(row.user).step())
            throw std::runtime_error("no such user");
        const auto &fact = m_facts[row.ip];
        const auto place = Place::decode(textOf(Dictionary::Place, row.place != 0 ? row.place : fact.first));
        const auto ip = m_directory.dictionaries().address(row.ip);
        const auto risk =
            m_risk.contains(row.eventKey) ? m_risk[row.eventKey] : std::array<std::int64_t, 4>{};
        store::Statement insert(
            m_directory.connection(),
            "INSERT INTO sign_in_text VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,"
            "?18,?19,?20,?21,?22,?23,?24,?25,?26,?27,?28,?29,?30,?31,?32,?33)");
        insert.bind(
            number, requestId(row.eventIdKind, row.eventKey, textOf(Dictionary::EventId, row.eventIdText)),
            row.at, user.string(0), user.string(1), user.string(2), user.string(3), row.outcome,
            row.errorCode, row.failure, textOf(Dictionary::FailureReason, row.failureReason),
            ip.isKnown() ? std::optional(std::span<const std::uint8_t>(ip.bytes)) : std::nullopt,
            ip.isKnown() ? ip.toString() : std::string(), place.city, place.country,
            row.asn != 0 ? row.asn : fact.second, textOf(Dictionary::Application, row.application),
            textOf(Dictionary::Resource, row.resource), textOf(Dictionary::ClientApp, row.clientApp),
            textOf(Dictionary::Device, row.device), textOf(Dictionary::OperatingSystem, row.operatingSystem),
            textOf(Dictionary::Browser, row.browser), textOf(Dictionary::UserAgent, row.userAgent),
            textOf(Dictionary::Session, row.session),
            row.correlation == EventKey{} ? std::string() : requestId(EventIdKind::Guid, row.correlation, {}),
            static_cast<int>(row.interactive), row.mfa, row.identity, risk[0], risk[1], risk[2], risk[3],
            textOf(Dictionary::Source, row.source));
        SmallDirectory::need(insert.run());
    }

    SmallDirectory &m_directory;
    std::mt19937 m_random;
    std::vector<std::uint32_t> m_addresses;
    std::map<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>> m_facts;
    std::map<EventKey, std::array<std::int64_t, 4>> m_risk;
    std::vector<std::string> m_requestIds;
};

} // namespace riskdesk::test

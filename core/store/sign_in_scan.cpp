#include "core/store/sign_in_scan.h"

#include "core/domain/detection.h"
#include "core/domain/place.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace riskdesk::store {
namespace {

constexpr std::array<SignInFieldInfo, static_cast<std::size_t>(SignInField::Count)> infos = {{
    {"id", "TEXT"},
    {"createdDateTime", "TEXT"},
    {"userId", "TEXT"},
    {"userPrincipalName", "TEXT"},
    {"userDisplayName", "TEXT"},
    {"appDisplayName", "TEXT"},
    {"resourceDisplayName", "TEXT"},
    {"ipAddress", "TEXT"},
    {"autonomousSystemNumber", "INTEGER"},
    {"city", "TEXT"},
    {"state", "TEXT"},
    {"countryOrRegion", "TEXT"},
    {"latitude", "REAL"},
    {"longitude", "REAL"},
    {"clientAppUsed", "TEXT"},
    {"userAgent", "TEXT"},
    {"browser", "TEXT"},
    {"operatingSystem", "TEXT"},
    {"deviceId", "TEXT"},
    {"errorCode", "INTEGER"},
    {"failureReason", "TEXT"},
    {"outcome", "TEXT"},
    {"failureKind", "TEXT"},
    {"isInteractive", "INTEGER"},
    {"mfa", "TEXT"},
    {"authenticationMethod", "TEXT"},
    {"identity", "TEXT"},
    {"correlationId", "TEXT"},
    {"sessionId", "TEXT"},
    {"riskLevelDuringSignIn", "TEXT"},
    {"riskLevelAggregated", "TEXT"},
    {"riskState", "TEXT"},
    {"riskDetail", "TEXT"},
    {"riskEventTypes_v2", "TEXT"},
    {"providerRiskLevel", "TEXT"},
    {"providerRiskState", "TEXT"},
    {"sourceFile", "TEXT"},
}};

// As the lists spell them.
constexpr std::array<std::string_view, 3> outcomes = {"success", "failure", "interrupted"};
constexpr std::array<std::string_view, 8> failures = {"none",    "badPassword", "unknownUser", "locked",
                                                      "expired", "disabled",    "other",       "stopped"};
constexpr std::array<std::string_view, 5> mfas = {"unknown", "singleFactor", "required", "passed",
                                                  "satisfied"};
constexpr std::array<std::string_view, 3> identities = {"unknown", "local", "social"};

constexpr std::size_t keptUsers = 65536; // texts of more users than this are read again

struct TextField
{
    SignInField field;
    Column column;
    Dictionary dictionary;
};
constexpr std::array textFields = {
    TextField{SignInField::AppDisplayName, Column::Application, Dictionary::Application},
    TextField{SignInField::ResourceDisplayName, Column::Resource, Dictionary::Resource},
    TextField{SignInField::ClientAppUsed, Column::ClientApp, Dictionary::ClientApp},
    TextField{SignInField::UserAgent, Column::UserAgent, Dictionary::UserAgent},
    TextField{SignInField::Browser, Column::Browser, Dictionary::Browser},
    TextField{SignInField::OperatingSystem, Column::OperatingSystem, Dictionary::OperatingSystem},
    TextField{SignInField::DeviceId, Column::Device, Dictionary::Device},
    TextField{SignInField::FailureReason, Column::FailureReason, Dictionary::FailureReason},
    TextField{SignInField::AuthenticationMethod, Column::AuthenticationMethod,
              Dictionary::AuthenticationMethod},
    TextField{SignInField::SessionId, Column::Session, Dictionary::Session},
    TextField{SignInField::SourceFile, Column::Source, Dictionary::Source},
};

SqlValue textOrNull(std::string_view text)
{
    return text.empty() ? SqlValue() : SqlValue(std::string(text));
}

SqlValue realOrNull(double value)
{
    return std::isfinite(value) ? SqlValue(value) : SqlValue();
}

template <std::size_t N>
Result<SqlValue> word(const Result<std::int64_t> &code, const std::array<std::string_view, N> &words)
{
    if (!code)
        return tl::unexpected(code.error());
    return *code >= 0 && *code < static_cast<std::int64_t>(N)
               ? textOrNull(words[static_cast<std::size_t>(*code)])
               : SqlValue();
}

Result<SqlValue> asValue(const Result<std::int64_t> &number)
{
    return number ? Result<SqlValue>(*number) : tl::unexpected(number.error());
}

// One row with a number that means nothing must not keep the others from whoever asks in SQL.
template <typename E>
E orNone(std::int64_t number)
{
    return Known<E>::has(number) ? static_cast<E>(number) : Known<E>::fallback;
}

} // namespace

std::span<const SignInFieldInfo> signInFields()
{
    return infos;
}

Status ScanTexts::refresh(Connection &connection)
{
    // The data version tells of others, the changes of ourselves.
    const std::pair now{connection.dataVersion(), std::int64_t{sqlite3_total_changes64(connection.handle())}};
    if (m_seen == now)
        return {};
    auto ok = m_dictionaries.load(connection);
    if (!ok && ok.error().code == Code::Conflict) {
        // What this connection wrote itself and took back was given another id since.
        m_dictionaries = Dictionaries();
        ok = m_dictionaries.load(connection);
    }
    if (ok)
        m_seen = now;
    return ok;
}

SignInScan::SignInScan(Connection &connection, ScanTexts &texts)
    : m_connection(connection)
    , m_texts(texts)
    , m_readUser(connection, "SELECT key, upn, display_name FROM user WHERE id = ?1")
    , m_readFact(connection, "SELECT place, asn FROM address_fact WHERE address = ?1")
    , m_readRisk(connection, "SELECT level_during, level_aggregated, state, detail FROM sign_in_risk "
                             "WHERE event_key = ?1")
    , m_readTypes(connection, "SELECT DISTINCT type_text FROM detection WHERE event_key = ?1 ORDER BY 1")
{}

Error SignInScan::damaged(std::string_view why) const
{
    return {Code::StoreCorrupt, m_connection.file().string(),
            fmt::format("segment {}: {}", segment().id, why)};
}

Status SignInScan::start(Range range)
{
    m_range = std::move(range);
    m_isWanted.clear();
    m_segments.clear();
    m_segment = 0;
    m_row = 0;
    m_riskOf.reset();
    m_users.clear();
    m_facts.clear();
    if (m_range.least > m_range.greatest || (m_range.users && m_range.users->empty()))
        return {};
    if (m_range.users)
        for (const auto user : *m_range.users) {
            m_isWanted.resize(std::max<std::size_t>(m_isWanted.size(), std::size_t{user} + 1));
            m_isWanted[user] = true;
        }
    if (auto ok = m_texts.refresh(m_connection); !ok)
        return ok;
    auto all = segments(m_connection);
    if (!all)
        return tl::unexpected(all.error());
    for (const auto &info : *all)
        if (info.rows > 0 && info.t1 >= m_range.least && info.t0 <= m_range.greatest)
            m_segments.push_back(info);
    for (auto &column : m_columns)
        column.is = false;
    m_eventKeys.reset();
    m_correlations.reset();
    return settle();
}

Status SignInScan::next()
{
    ++m_row;
    return settle();
}

Status SignInScan::settle()
{
    for (; !atEnd(); ++m_segment, m_row = 0) {
        if (m_row == 0) {
            for (auto &column : m_columns)
                column.is = false;
            m_eventKeys.reset();
            m_correlations.reset();
        }
        const bool whole = segment().t0 >= m_range.least && segment().t1 <= m_range.greatest;
        for (; m_row < segment().rows; ++m_row) {
            if (!whole) {
                const auto at = number(Column::At);
                if (!at)
                    return tl::unexpected(at.error());
                if (*at < m_range.least || *at > m_range.greatest)
                    continue;
            }
            if (m_range.users) {
                const auto user = number(Column::User);
                if (!user)
                    return tl::unexpected(user.error());
                const auto id = static_cast<std::size_t>(*user);
                if (id >= m_isWanted.size() || !m_isWanted[id])
                    continue;
            }
            return {};
        }
    }
    return {};
}

std::int64_t SignInScan::rowid() const
{
    return segment().id * static_cast<std::int64_t>(rowsPerSegment) + m_row;
}

Result<std::int64_t> SignInScan::number(Column column)
{
    auto &loaded = m_columns[static_cast<std::size_t>(column)];
    if (!loaded.is) {
        loaded.values.clear();
        if (auto ok = readColumn(m_connection, segment().id, column, loaded.values); !ok)
            return tl::unexpected(ok.error());
        if (loaded.values.size() != segment().rows)
            return tl::unexpected(damaged("it has another number of rows than it says"));
        loaded.is = true;
    }
    return loaded.values[m_row];
}

Result<EventKey> SignInScan::key(Column column)
{
    auto &loaded = column == Column::EventKey ? m_eventKeys : m_correlations;
    if (!loaded) {
        auto keys = readKeys(m_connection, segment().id, column);
        if (!keys)
            return tl::unexpected(keys.error());
        if (keys->size() != segment().rows)
            return tl::unexpected(damaged("it has another number of rows than it says"));
        loaded = std::move(*keys);
    }
    return (*loaded)[m_row];
}

Result<SqlValue> SignInScan::text(Column column, Dictionary dictionary)
{
    const auto number = this->number(column);
    if (!number)
        return tl::unexpected(number.error());
    return textOrNull(m_texts.dictionaries().text(dictionary, static_cast<std::uint32_t>(*number)));
}

Result<SqlValue> SignInScan::id()
{
    const auto kind = number(Column::EventIdKind);
    const auto textId = number(Column::EventIdText);
    const auto bytes = key(Column::EventKey);
    if (!kind || !textId || !bytes)
        return tl::unexpected(!kind ? kind.error() : !textId ? textId.error() : bytes.error());
    const auto own = m_texts.dictionaries().text(Dictionary::EventId, static_cast<std::uint32_t>(*textId));
    return SqlValue(requestId(static_cast<EventIdKind>(*kind), *bytes, own));
}

Result<const SignInScan::User *> SignInScan::user()
{
    const auto number = this->number(Column::User);
    if (!number)
        return tl::unexpected(number.error());
    const auto id = static_cast<std::uint32_t>(*number);
    if (const auto known = m_users.find(id); known != m_users.end())
        return &known->second;
    if (m_users.size() >= keptUsers)
        m_users.clear();
    User user;
    if (m_readUser.bind(id).step())
        user = {m_readUser.string(0), m_readUser.string(1), m_readUser.string(2)};
    m_readUser.reset();
    if (!m_readUser.ok())
        return tl::unexpected(m_readUser.error());
    return &m_users.emplace(id, std::move(user)).first->second;
}

Result<SignInScan::Fact> SignInScan::fact()
{
    const auto number = this->number(Column::Ip);
    if (!number)
        return tl::unexpected(number.error());
    const auto address = static_cast<std::uint32_t>(*number);
    if (address == 0)
        return Fact{};
    if (const auto known = m_facts.find(address); known != m_facts.end())
        return known->second;
    if (m_facts.size() >= keptUsers)
        m_facts.clear();
    Fact fact;
    if (m_readFact.bind(address).step())
        fact = {m_readFact.uint32(0), m_readFact.uint32(1)};
    m_readFact.reset();
    if (!m_readFact.ok())
        return tl::unexpected(m_readFact.error());
    return m_facts[address] = fact;
}

Result<SqlValue> SignInScan::place(SignInField field)
{
    const auto own = number(Column::Place);
    if (!own)
        return tl::unexpected(own.error());
    auto id = static_cast<std::uint32_t>(*own);
    if (id == 0) {
        const auto known = fact();
        if (!known)
            return tl::unexpected(known.error());
        id = known->place;
    }
    if (id == 0)
        return SqlValue();
    const auto place = Place::decode(m_texts.dictionaries().text(Dictionary::Place, id));
    switch (field) {
    case SignInField::City: return textOrNull(place.city);
    case SignInField::State: return textOrNull(place.state);
    case SignInField::Latitude: return realOrNull(place.latitude);
    case SignInField::Longitude: return realOrNull(place.longitude);
    default: return textOrNull(place.country);
    }
}

Result<const SignInScan::Risk *> SignInScan::risk()
{
    if (m_riskOf == rowid())
        return &m_risk;
    const auto bytes = key(Column::EventKey);
    if (!bytes)
        return tl::unexpected(bytes.error());
    m_riskOf.reset();
    m_risk = {};
    const std::span<const std::uint8_t> event(*bytes);
    const bool risky = m_readRisk.bind(event).step();
    if (risky)
        m_risk = {orNone<RiskLevel>(m_readRisk.int64(0)),
                  orNone<RiskLevel>(m_readRisk.int64(1)),
                  orNone<RiskState>(m_readRisk.int64(2)),
                  orNone<RiskDetail>(m_readRisk.int64(3)),
                  {}};
    m_readRisk.reset();
    if (risky)
        for (m_readTypes.bind(event); m_readTypes.step();)
            m_risk.types += (m_risk.types.empty() ? "" : ",") + m_readTypes.string(0);
    m_readTypes.reset();
    for (const auto *statement : {&m_readRisk, &m_readTypes})
        if (!statement->ok())
            return tl::unexpected(statement->error());
    m_riskOf = rowid();
    return &m_risk;
}

Result<SqlValue> SignInScan::value(SignInField field)
{
    for (const auto &known : textFields)
        if (known.field == field)
            return text(known.column, known.dictionary);
    const auto ofUser = [this](std::string User::*member) -> Result<SqlValue> {
        const auto found = user();
        return found ? Result<SqlValue>(textOrNull((*found)->*member)) : tl::unexpected(found.error());
    };
    const auto ofRisk = [this](auto read) -> Result<SqlValue> {
        const auto found = risk();
        return found ? Result<SqlValue>(textOrNull(read(**found))) : tl::unexpected(found.error());
    };
    switch (field) {
    case SignInField::Id: return id();
    case SignInField::CreatedDateTime: {
        const auto at = number(Column::At);
        return at ? Result<SqlValue>(Timestamp{*at}.toIso()) : tl::unexpected(at.error());
    }
    case SignInField::UserId: return ofUser(&User::key);
    case SignInField::UserPrincipalName: return ofUser(&User::upn);
    case SignInField::UserDisplayName: return ofUser(&User::name);
    case SignInField::IpAddress: {
        const auto address = number(Column::Ip);
        if (!address)
            return tl::unexpected(address.error());
        const auto ip = m_texts.dictionaries().address(static_cast<std::uint32_t>(*address));
        return ip.isKnown() ? SqlValue(ip.toString()) : SqlValue();
    }
    case SignInField::AutonomousSystemNumber: {
        const auto own = number(Column::Asn);
        if (!own || *own != 0)
            return asValue(own);
        const auto known = fact();
        if (!known)
            return tl::unexpected(known.error());
        return known->asn == 0 ? SqlValue() : SqlValue(std::int64_t{known->asn});
    }
    case SignInField::ErrorCode: return asValue(number(Column::ErrorCode));
    case SignInField::IsInteractive: return asValue(number(Column::Interactive));
    case SignInField::Outcome: return word(number(Column::Outcome), outcomes);
    case SignInField::FailureKind: return word(number(Column::Failure), failures);
    case SignInField::Mfa: return word(number(Column::Mfa), mfas);
    case SignInField::Identity: return word(number(Column::Identity), identities);
    case SignInField::CorrelationId: {
        const auto bytes = key(Column::Correlation);
        if (!bytes)
            return tl::unexpected(bytes.error());
        return *bytes == EventKey{} ? SqlValue() : SqlValue(requestId(EventIdKind::Guid, *bytes, {}));
    }
    case SignInField::RiskLevelDuringSignIn: return ofRisk([](const Risk &r) { return toText(r.during); });
    case SignInField::RiskLevelAggregated: return ofRisk([](const Risk &r) { return toText(r.aggregated); });
    case SignInField::RiskState: return ofRisk([](const Risk &r) { return toText(r.state); });
    case SignInField::RiskDetail: return ofRisk([](const Risk &r) { return toText(r.detail); });
    case SignInField::RiskEventTypes: return ofRisk([](const Risk &r) { return std::string_view(r.types); });
    case SignInField::ProviderRiskLevel:
    case SignInField::ProviderRiskState: {
        const auto both = number(Column::ProviderRisk);
        if (!both)
            return tl::unexpected(both.error());
        const auto said =
            m_texts.dictionaries().text(Dictionary::ProviderRisk, static_cast<std::uint32_t>(*both));
        const auto slash = std::min(said.find('/'), said.size());
        return textOrNull(field == SignInField::ProviderRiskLevel
                              ? said.substr(0, slash)
                              : said.substr(std::min(slash + 1, said.size())));
    }
    default: return place(field);
    }
}

} // namespace riskdesk::store

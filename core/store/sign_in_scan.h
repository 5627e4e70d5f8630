// SignInScan: stored sign-ins one after the other, for SQL (sign_in_vtab.h).
//
// One segment is held at a time, and of it only the columns that are asked for. Names and values are those of
// Graph's signIn; the event's own place and network, else what the place file said of the address. What is
// missing, and what a damaged file makes unreadable as a value, is NULL. A scan belongs to the connection it
// reads; one thread.
#pragma once

#include "core/base/result.h"
#include "core/domain/risk.h"
#include "core/store/connection.h"
#include "core/store/dictionary.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace riskdesk::store {

enum class SignInField : std::uint8_t {
    Id,
    CreatedDateTime,
    UserId,
    UserPrincipalName,
    UserDisplayName,
    AppDisplayName,
    ResourceDisplayName,
    IpAddress,
    AutonomousSystemNumber,
    City,
    State,
    CountryOrRegion,
    Latitude,
    Longitude,
    ClientAppUsed,
    UserAgent,
    Browser,
    OperatingSystem,
    DeviceId,
    ErrorCode,
    FailureReason,
    Outcome,
    FailureKind,
    IsInteractive,
    Mfa,
    AuthenticationMethod,
    Identity,
    CorrelationId,
    SessionId,
    RiskLevelDuringSignIn,
    RiskLevelAggregated,
    RiskState,
    RiskDetail,
    RiskEventTypes,
    ProviderRiskLevel,
    ProviderRiskState,
    SourceFile,
    Count
};

struct SignInFieldInfo
{
    std::string_view name, sqlType;
};
[[nodiscard]] std::span<const SignInFieldInfo> signInFields(); // by SignInField

using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string>;

// The dictionaries as one connection sees them, shared by its scans.
class ScanTexts
{
public:
    // Cheap when nobody committed since.
    [[nodiscard]] Status refresh(Connection &connection);
    [[nodiscard]] const Dictionaries &dictionaries() const { return m_dictionaries; }

private:
    Dictionaries m_dictionaries;
    std::optional<std::pair<std::int64_t, std::int64_t>> m_seen;
};

class SignInScan
{
public:
    struct Range
    {
        std::int64_t least = std::numeric_limits<std::int64_t>::min(); // event time, microseconds, inclusive
        std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
        std::optional<std::vector<std::uint32_t>> users; // of these only
    };

    SignInScan(Connection &connection, ScanTexts &texts);
    // To the first row of the range. Code::StoreCorrupt, Unsupported and what SQLite reports, here and below.
    [[nodiscard]] Status start(Range range);
    [[nodiscard]] Status next();
    [[nodiscard]] bool atEnd() const { return m_segment >= m_segments.size(); }
    // Stays the same for a stored sign-in.
    [[nodiscard]] std::int64_t rowid() const;
    [[nodiscard]] Result<SqlValue> value(SignInField field);

private:
    struct User
    {
        std::string key, upn, name;
    };
    struct Fact
    {
        std::uint32_t place = 0, asn = 0;
    };
    struct Risk
    {
        RiskLevel during = RiskLevel::None, aggregated = RiskLevel::None;
        RiskState state = RiskState::None;
        RiskDetail detail = RiskDetail::None;
        std::string types;
    };

    // To the first row from m_row on that belongs to the range, in this segment or a later one.
    Status settle();
    Result<std::int64_t> number(Column column);
    Result<EventKey> key(Column column);
    Result<SqlValue> text(Column column, Dictionary dictionary);
    Result<SqlValue> id();
    Result<SqlValue> place(SignInField field);
    Result<const User *> user();
    Result<Fact> fact();
    Result<const Risk *> risk();
    [[nodiscard]] const SegmentInfo &segment() const { return m_segments[m_segment]; }
    [[nodiscard]] Error damaged(std::string_view why) const;

    Connection &m_connection;
    ScanTexts &m_texts;
    Range m_range;
    std::vector<bool> m_isWanted; // by user id
    std::vector<SegmentInfo> m_segments;
    std::size_t m_segment = 0;
    std::uint32_t m_row = 0;
    // Of the current segment, filled when first asked for.
    struct Loaded
    {
        bool is = false;
        std::vector<std::int64_t> values;
    };
    std::array<Loaded, static_cast<std::size_t>(Column::Count)> m_columns;
    std::optional<std::vector<EventKey>> m_eventKeys, m_correlations;

    Statement m_readUser, m_readFact, m_readRisk, m_readTypes;
    std::unordered_map<std::uint32_t, User> m_users;
    std::unordered_map<std::uint32_t, Fact> m_facts;
    std::optional<std::int64_t> m_riskOf; // rowid
    Risk m_risk;
};

} // namespace riskdesk::store

#include "core/query/detections.h"

#include "core/domain/ledger_event.h"
#include "core/query/reading.h"
#include "core/query/system_name.h"
#include "core/query/why.h"
#include "core/store/statement.h"

#include <algorithm>
#include <cstring>

namespace riskdesk::query {
namespace {

constexpr std::string_view rowSql =
    "SELECT d.id, d.type, d.type_text, d.level, d.state, d.detail, d.timing, d.activity, d.source, d.user,"
    " d.event_key, d.request_id, d.correlation_id, d.at, d.detected_at, d.last_updated, d.last_at, d.count,"
    " d.fold_key, d.weight_level, d.ip, d.place, d.city, d.country, d.asn, d.campaign, d.evidence,"
    " u.key, u.display_name, u.upn, u.mail, u.account_enabled, u.is_deleted, s.row"
    " FROM detection d LEFT JOIN user u ON u.id = d.user LEFT JOIN sign_in_risk s ON s.event_key = "
    "d.event_key"
    " WHERE d.rowid = ?1";

template <std::size_t N>
bool copyBytes(std::span<const std::uint8_t> blob, std::array<std::uint8_t, N> &out)
{
    if (blob.size() != N)
        return false;
    std::copy(blob.begin(), blob.end(), out.begin());
    return true;
}

std::string joined(const std::string &first, const std::string &second)
{
    return first.empty() || second.empty() ? first + second : first + ", " + second;
}

void readDetection(const store::Statement &row, const Texts &texts, DetectionRow &out)
{
    auto &d = out.detection;
    out.found = true;
    d.id = row.string(0);
    d.type = row.as<DetectionType>(1);
    d.typeText = row.string(2);
    d.level = row.as<RiskLevel>(3);
    d.state = row.as<RiskState>(4);
    d.detail = row.as<RiskDetail>(5);
    d.timing = row.as<DetectionTiming>(6);
    d.activity = row.as<Activity>(7);
    d.source = row.string(8);
    d.user = row.uint32(9);
    d.hasSignIn = copyBytes(row.blob(10), d.eventKey);
    d.requestId = row.string(11);
    d.correlationId = row.string(12);
    d.at = row.time(13);
    d.detectedAt = row.time(14);
    d.lastUpdated = row.time(15);
    d.lastAt = row.time(16);
    d.count = row.uint32(17);
    d.foldKey = row.string(18);
    out.weightLevel = row.as<RiskLevel>(19);
    copyBytes(row.blob(20), d.ip.bytes);
    d.place = row.uint32(21);
    out.place = Place::decode(texts.text(Dictionary::Place, d.place));
    if (const auto city = row.text(22); !city.empty())
        out.place.city = city;
    if (const auto country = row.text(23); !country.empty())
        out.place.country = country;
    d.asn = row.uint32(24);
    d.campaign = row.string(25);
    if (auto evidence = Evidence::fromJson(d.type, row.text(26)))
        d.evidence = std::move(*evidence);
    out.userKey = row.string(27);
    out.userName = row.string(28);
    out.userPrincipalName = row.string(29);
    out.mail = row.string(30);
    out.accountEnabled = row.isNull(31) || row.int64(31) != 0;
    out.userDeleted = row.int64(32) != 0;
    // A row of another size is of another build; its sign-in is then read from its segment, if at all.
    if (const auto blob = row.blob(33); blob.size() == sizeof(SignInRow)) {
        SignInRow signIn;
        std::memcpy(&signIn, blob.data(), sizeof signIn);
        out.application = texts.text(Dictionary::Application, signIn.application);
        out.clientApp = texts.text(Dictionary::ClientApp, signIn.clientApp);
        out.device = texts.text(Dictionary::Device, signIn.device);
        out.operatingSystem = texts.text(Dictionary::OperatingSystem, signIn.operatingSystem);
        out.browser = texts.text(Dictionary::Browser, signIn.browser);
        out.userAgent = texts.text(Dictionary::UserAgent, signIn.userAgent);
        out.signIn = signIn;
    }
    // A spray is judged from the attempt alone; where and what it came from stands in the sign-in.
    for (auto &signal : d.evidence.signals) {
        if (!signal.seen.empty())
            continue;
        if (signal.key == "place")
            signal.seen = joined(out.place.city, out.place.country);
        else if (signal.key == "device")
            signal.seen = joined(out.browser, systemName(out.operatingSystem));
    }
    out.reason = reasonLine(d);
}

} // namespace

Result<std::vector<DetectionRow>> readDetections(store::Connection &connection,
                                                 std::span<const std::int64_t> rowids, std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    store::Statement row(connection, rowSql);
    store::Statement together(connection,
                              "SELECT DISTINCT type FROM detection WHERE event_key = ?1 AND rowid <> ?2"
                              " AND type <> ?3 ORDER BY type");
    store::Statement network(connection, "SELECT organisation FROM address_fact WHERE address = ?1");
    std::vector<DetectionRow> rows;
    rows.reserve(rowids.size());
    for (const auto rowid : rowids) {
        auto &out = rows.emplace_back();
        out.rowid = rowid;
        if (row.bind(rowid).step())
            readDetection(row, reading->texts(), out);
        if (out.found && out.detection.hasSignIn) {
            together.bind(std::span<const std::uint8_t>(out.detection.eventKey), rowid, out.detection.type);
            while (together.step())
                out.alsoTriggered.push_back(together.as<DetectionType>(0));
        }
        if (out.signIn && out.signIn->ip != 0 && network.bind(out.signIn->ip).step())
            out.organisation = network.string(0);
        for (const auto *statement : {&row, &together, &network})
            if (!statement->ok())
                return tl::unexpected(statement->error());
    }
    return rows;
}

Result<std::vector<std::string>> idsOf(store::Connection &connection, std::span<const std::int64_t> rowids)
{
    std::vector<std::string> ids;
    store::Statement id(connection, "SELECT id FROM detection WHERE rowid = ?1");
    for (const auto rowid : rowids) {
        id.bind(rowid);
        if (id.step())
            ids.push_back(id.string(0));
        if (!id.ok())
            return tl::unexpected(id.error());
    }
    return ids;
}

Result<std::optional<Timestamp>> firstDetection(store::Connection &connection)
{
    store::Statement oldest(connection, "SELECT min(at) FROM detection");
    if (!oldest.step())
        return tl::unexpected(oldest.error());
    return oldest.isNull(0) ? std::nullopt : std::optional(oldest.time(0));
}

Result<std::int64_t> findDetection(store::Connection &connection, std::string_view id)
{
    std::string beginning(id);
    for (auto &c : beginning)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    store::Statement found(connection, "SELECT rowid FROM detection WHERE id = ?1 OR id = ?2"
                                       " OR (length(?1) >= 6 AND substr(id, 1, length(?1)) = ?1) LIMIT 2");
    std::vector<std::int64_t> rows;
    for (found.bind(beginning, id); found.step();)
        rows.push_back(found.int64(0));
    if (!found.ok())
        return tl::unexpected(found.error());
    if (rows.empty())
        return fail(Code::NotFound, std::string(id), "no such detection");
    if (rows.size() > 1)
        return fail(Code::Conflict, std::string(id), "more than one detection begins like this");
    return rows[0];
}

Result<std::vector<std::int64_t>> detectionsOn(store::Connection &connection, std::uint32_t user,
                                               const EventKey &key, std::string_view requestId)
{
    store::Statement rows(
        connection,
        "SELECT d.rowid FROM detection d WHERE d.rowid IN (SELECT rowid FROM detection WHERE event_key = ?1"
        " UNION SELECT o.rowid FROM ledger l JOIN detection o ON o.id = l.detection"
        " WHERE l.user = ?2 AND l.kind = ?3 AND l.sign_in = ?4) ORDER BY d.level DESC, d.at DESC, d.rowid");
    std::vector<std::int64_t> ids;
    for (rows.bind(std::span<const std::uint8_t>(key), user, LedgerKind::DetectionFolded, requestId);
         rows.step();)
        ids.push_back(rows.int64(0));
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return ids;
}

Result<std::vector<std::int64_t>> triggeredTogether(store::Connection &connection, std::int64_t rowid)
{
    store::Statement rows(
        connection, "SELECT o.rowid FROM detection d JOIN detection o ON o.event_key = d.event_key"
                    " WHERE d.rowid = ?1 AND o.rowid <> d.rowid ORDER BY o.level DESC, o.at DESC, o.rowid");
    std::vector<std::int64_t> ids;
    for (rows.bind(rowid); rows.step();)
        ids.push_back(rows.int64(0));
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return ids;
}

Result<std::vector<SimilarDetection>> samePattern(store::Connection &connection, std::int64_t rowid,
                                                  std::size_t atMost)
{
    auto reading = Reading::begin(connection);
    if (!reading)
        return tl::unexpected(reading.error());
    store::Statement self(connection, "SELECT ip, campaign, at FROM detection WHERE rowid = ?1");
    if (!self.bind(rowid).step())
        return self.ok() ? Result<std::vector<SimilarDetection>>(fail(Code::NotFound, std::to_string(rowid)))
                         : tl::unexpected(self.error());
    IpAddress first, last;
    if (copyBytes(self.blob(0), first.bytes) && first.isKnown()) {
        const bool v4 = first.isV4();
        first = first.network();
        last = first;
        std::fill(last.bytes.begin() + (v4 ? 15 : 6), last.bytes.end(), std::uint8_t{0xff});
    }
    constexpr std::int64_t minute = 60'000'000;
    constexpr std::int64_t week = 7 * 24 * 60 * minute;
    const auto at = self.int64(2);
    store::Statement rows(
        connection,
        "SELECT o.rowid, o.campaign <> '' AND o.campaign = ?2 AS c, o.ip BETWEEN ?3 AND ?4 AS n,"
        " abs(o.at - ?5) < ?6 AND o.type = d.type AS m"
        " FROM detection d JOIN detection o ON o.user <> d.user"
        " AND ((?2 <> '' AND o.campaign = ?2) OR (o.at BETWEEN ?5 - ?7 AND ?5 + ?7"
        "      AND ((length(?3) = 16 AND o.ip BETWEEN ?3 AND ?4) OR (o.type = d.type AND abs(o.at - ?5) < "
        "?6))))"
        " WHERE d.rowid = ?1"
        " ORDER BY coalesce(c, 0) + coalesce(n, 0) + coalesce(m, 0) DESC, abs(o.at - ?5), o.rowid LIMIT ?8");
    const std::span<const std::uint8_t> none;
    rows.bind(rowid, self.string(1), last.isKnown() ? std::span<const std::uint8_t>(first.bytes) : none,
              last.isKnown() ? std::span<const std::uint8_t>(last.bytes) : none, at, minute, week,
              static_cast<std::int64_t>(atMost));
    std::vector<SimilarDetection> similar;
    while (rows.step()) {
        auto &other = similar.emplace_back();
        other.rowid = rows.int64(0);
        if (rows.int64(1) != 0)
            other.reasons.push_back("sameCampaign");
        if (rows.int64(2) != 0)
            other.reasons.push_back("sameNetwork");
        if (rows.int64(3) != 0)
            other.reasons.push_back("sameMinute");
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return similar;
}

} // namespace riskdesk::query

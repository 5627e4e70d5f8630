#include "core/query/tables/detections.h"

#include "core/domain/ledger_event.h"
#include "core/domain/stored_sign_in.h"
#include "core/query/json_object.h"
#include "core/query/reading.h"
#include "core/query/tables/enumerations.h"
#include "core/query/words/system_name.h"
#include "core/query/words/why.h"
#include "core/store/row_reader.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::query {
namespace {

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

using D = const DetectionRow &;
using Found = Column<DetectionRow>;
using store::Cell;
using store::into;

template <auto Member>
constexpr auto intoDetection = into<&DetectionRow::detection, Member>;

// clang-format off
const store::RowReader<DetectionRow> &detectionReader()
{
    static const store::RowReader<DetectionRow> parts{
        {"d.id", intoDetection<&Detection::id>},
        {"d.type", intoDetection<&Detection::type>},
        {"d.type_text", intoDetection<&Detection::typeText>},
        {"d.level", intoDetection<&Detection::level>},
        {"d.state", intoDetection<&Detection::state>},
        {"d.detail", intoDetection<&Detection::detail>},
        {"d.timing", intoDetection<&Detection::timing>},
        {"d.activity", intoDetection<&Detection::activity>},
        {"d.source", intoDetection<&Detection::source>},
        {"d.user", intoDetection<&Detection::user>},
        {"d.event_key", [](const Cell &cell, DetectionRow &row) {
             row.detection.hasSignIn = copyBytes(cell.blob(), row.detection.eventKey);
         }},
        {"d.request_id", intoDetection<&Detection::requestId>},
        {"d.correlation_id", intoDetection<&Detection::correlationId>},
        {"d.at", intoDetection<&Detection::at>},
        {"d.detected_at", intoDetection<&Detection::detectedAt>},
        {"d.last_updated", intoDetection<&Detection::lastUpdated>},
        {"d.last_at", intoDetection<&Detection::lastAt>},
        {"d.count", intoDetection<&Detection::count>},
        {"d.fold_key", intoDetection<&Detection::foldKey>},
        {"d.weight_level", into<&DetectionRow::weightLevel>},
        {"d.ip", [](const Cell &cell, DetectionRow &row) { copyBytes(cell.blob(), row.detection.ip.bytes); }},
        {"d.place", intoDetection<&Detection::place>},
        {"d.city", into<&DetectionRow::place, &Place::city>},
        {"d.country", into<&DetectionRow::place, &Place::country>},
        {"d.asn", intoDetection<&Detection::asn>},
        {"d.campaign", intoDetection<&Detection::campaign>},
        {"d.evidence", [](const Cell &cell, DetectionRow &row) { // the type has been read
             if (auto evidence = Evidence::fromJson(row.detection.type, cell.text()))
                 row.detection.evidence = std::move(*evidence);
         }},
        {"u.key", into<&DetectionRow::userKey>},
        {"u.display_name", into<&DetectionRow::userName>},
        {"u.upn", into<&DetectionRow::userPrincipalName>},
        {"u.mail", into<&DetectionRow::mail>},
        {"coalesce(u.account_enabled, 1)", into<&DetectionRow::accountEnabled>},
        {"u.is_deleted", into<&DetectionRow::userDeleted>},
        {"s.row", [](const Cell &cell, DetectionRow &row) {
             row.signIn = decodeSignIn(cell.blob()); // else it is read from its segment, if at all
         }},
    };
    return parts;
}
// clang-format on

// What the numbers of a row stand for, and what is said of it.
void complete(const Texts &texts, DetectionRow &out)
{
    auto &d = out.detection;
    auto place = Place::decode(texts.text(Dictionary::Place, d.place));
    if (!out.place.city.empty())
        place.city = std::move(out.place.city);
    if (!out.place.country.empty())
        place.country = std::move(out.place.country);
    out.place = std::move(place);
    if (const auto &signIn = out.signIn) {
        out.application = texts.text(Dictionary::Application, signIn->application);
        out.clientApp = texts.text(Dictionary::ClientApp, signIn->clientApp);
        out.device = texts.text(Dictionary::Device, signIn->device);
        out.operatingSystem = texts.text(Dictionary::OperatingSystem, signIn->operatingSystem);
        out.browser = texts.text(Dictionary::Browser, signIn->browser);
        out.userAgent = texts.text(Dictionary::UserAgent, signIn->userAgent);
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

std::string locationJson(const Place &place)
{
    const NamedProperty location[] = {
        {"city", Property::orNull(place.city)},
        {"state", Property::orNull(place.state)},
        {"countryOrRegion", Property::orNull(place.country)},
        {"geoCoordinates.latitude", Property::orNull(place.latitude)},
        {"geoCoordinates.longitude", Property::orNull(place.longitude)},
    };
    return jsonObject(location);
}

std::string_view typeText(const Detection &d)
{
    return d.type == DetectionType::Other && !d.typeText.empty() ? std::string_view(d.typeText)
                                                                 : toText(d.type);
}

} // namespace

// clang-format off
Columns<DetectionRow> riskDetectionColumns()
{
    static const std::string rank = typeRank("d.type");
    static const std::string word = typeWord("d.type", "d.type_text");
    static const std::string technique = mitreOf("d.type");
    static const std::vector<Found> table{
        Found("id").text("d.id").sorts().means("The detection's id, 64 hex digits.").told([](D r) -> Property { return r.detection.id; }),
        Found("requestId").also("request").text("d.request_id").sorts(Empty::Last).titled(Reports::tr("Request ID")).means(Reports::tr("The id of the sign-in.")).told([](D r) -> Property { return Property::orNull(r.detection.requestId); }),
        Found("correlationId").also("correlation").text("d.correlation_id").sorts(Empty::Last).titled(Reports::tr("Correlation ID")).means(Reports::tr("The id that ties records of one attempt together.")).told([](D r) -> Property { return Property::orNull(r.detection.correlationId); }),
        Found("riskType").told([](D r) -> Property { return typeText(r.detection); }).jsonOnly(),
        Found("riskEventType").also("type|riskType|detection").oneOf(types(), "d.type").spelt(word).sorts(rank, "d.type_text").titled(Reports::tr("Detection")).means(Reports::tr("What was found.")).told([](D r) -> Property { return typeText(r.detection); }),
        Found("riskState").also("state").oneOf(states(), "d.state").sorts().titled(Reports::tr("Risk state")).means(Reports::tr("Whether the detection is open, and if not, how it was closed.")).told([](D r) -> Property { return toText(r.detection.state); }),
        Found("riskLevel").also("level").ranked(levels(), "d.level").sorts().titled(Reports::tr("Risk level")).means(Reports::tr("How sure the detection is.")).told([](D r) -> Property { return toText(r.detection.level); }),
        Found("riskDetail").also("detail").oneOf(details(), "d.detail").sorts().titled(Reports::tr("Risk detail")).means(Reports::tr("What changed the state.")).told([](D r) -> Property { return toText(r.detection.detail); }),
        Found("source").text("d.source").sorts("rd_fold(d.source)", Empty::Last).titled(Reports::tr("Source")).means(Reports::tr("Who raised it.")).told([](D r) -> Property { return r.detection.source; }),
        Found("detectionTimingType").also("timing").oneOf(timings(), "d.timing").sorts().titled(Reports::tr("Timing")).means(Reports::tr("Found at sign-in, or later.")).told([](D r) -> Property { return toText(r.detection.timing); }),
        Found("activity").oneOf(activities(), "d.activity").sorts().means("Linked to a sign-in, or to the user alone.").told([](D r) -> Property { return toText(r.detection.activity); }),
        Found("tokenIssuerType").told([](D) -> Property { return "AzureAD"; }),
        Found("ipAddress").also("ip|range").address("d.ip").spelt("d.ip_text").sorts(Empty::Last).titled(Reports::tr("IP address")).means(Reports::tr("The address of the sign-in.")).told([](D r) -> Property { return Property::orNull(r.detection.ip); }),
        Found("activityDateTime").also("time|at").time("d.at").sorts().titled(Reports::tr("First seen")).means(Reports::tr("The moment of the first sign-in it was seen on.")).told([](D r) -> Property { return r.detection.at; }),
        Found("detectedDateTime").also("detected").time("d.detected_at").sorts().titled(Reports::tr("Detected")).means(Reports::tr("When it was found.")).told([](D r) -> Property { return r.detection.detectedAt; }),
        Found("lastUpdatedDateTime").also("updated").time("d.last_updated").sorts().titled(Reports::tr("Last updated")).means(Reports::tr("When it last changed, by new facts or a decision.")).told([](D r) -> Property { return r.detection.lastUpdated; }),
        Found("userId").text("u.key").sorts(Empty::Last).means("The user's id.").told([](D r) -> Property { return r.userKey; }),
        Found("userDisplayName").also("name").text("u.display_name").sorts("rd_fold(u.display_name)", Empty::Last).means("The user's name.").told([](D r) -> Property { return Property::orNull(r.userName); }),
        Found("userPrincipalName").also("upn").text("u.upn").sorts("rd_fold(u.upn)", Empty::Last).means("The user's sign-in name.").told([](D r) -> Property { return Property::orNull(r.userPrincipalName); }),
        Found("additionalInfo").told([](D r) -> Property { return additionalInfo(r); }),
        Found("city").also("place").text("d.city").sorts("rd_fold(d.city)", Empty::Last).means("City of the sign-in.").told("location.city", [](D r) -> Property { return Property::orNull(r.place.city); }),
        Found("state").told("location.state", [](D r) -> Property { return Property::orNull(r.place.state); }),
        Found("countryOrRegion").also("country").exact("d.country").sorts(Empty::Last).means("Country of the sign-in, two letters.").told("location.countryOrRegion", [](D r) -> Property { return Property::orNull(r.place.country); }),
        Found("latitude").told("location.geoCoordinates.latitude", [](D r) -> Property { return Property::orNull(r.place.latitude); }),
        Found("longitude").told("location.geoCoordinates.longitude", [](D r) -> Property { return Property::orNull(r.place.longitude); }),
        Found("counted").oneOf(yesNo(), countedDetection).means("Whether it takes part in risk; the provider's own do not, unless a setting says so."),
        Found("user").searched("u.search").sorts().titled(Reports::tr("User")).means(Reports::tr("Whose sign-in it was.")),
        Found("asn").also("network").number("d.asn").sorts("nullif(d.asn, 0)", Empty::Last).titled(Reports::tr("Network")).means(Reports::tr("The network that the address belongs to, and who runs it.")),
        Found("lastActivityDateTime").also("last").time("d.last_at").sorts().titled(Reports::tr("Last seen")).means(Reports::tr("The moment it was seen last.")),
        Found("mitreTechnique").also("mitre|attack").exact(technique).sorts().titled(Reports::tr("MITRE technique")).means(Reports::tr("The technique, as ATT&CK numbers it.")),
        Found("result").also("outcome|signIn").oneOf(outcomes(), "rd_signin(s.row, 'outcome')").sorts(Empty::Last).titled(Reports::tr("Sign-in result")).means(Reports::tr("How the sign-in ended.")),
        Found("mfa").oneOf(mfas(), "rd_signin(s.row, 'mfa')").sorts(Empty::Last).means("Multifactor authentication of the sign-in."),
        Found("count").number("d.count").sorts().titled(Reports::tr("Times")).means(Reports::tr("How often it was seen while open.")),
        Found("campaign").exact("d.campaign").means("The password spray it belongs to."),
        Found("identityProvider").also("provider").text(passwordKeeper).means("Who keeps the password: local, or the provider's name."),
        Found("accountEnabled").also("enabled|account").oneOf(enabled(), "u.account_enabled").means("Whether the user may sign in."),
        Found("isDeleted").also("deleted|status").oneOf(deleted(), "u.is_deleted").means("Whether the user is active or deleted."),
        Found("appDisplayName").also("app").text("rd_text(5, rd_signin(s.row, 'application'))").sorts("rd_fold(rd_text(5, rd_signin(s.row, 'application')))", Empty::Last).titled(Reports::tr("App")).means(Reports::tr("The application signed in to.")),
        Found("clientAppUsed").also("client").text("rd_text(4, rd_signin(s.row, 'clientApp'))").sorts("rd_fold(rd_text(4, rd_signin(s.row, 'clientApp')))", Empty::Last).titled(Reports::tr("Client")).means(Reports::tr("Browser, mobile app, or another client.")),
        Found("deviceId").also("device").text("rd_text(3, rd_signin(s.row, 'device'))").sorts("rd_fold(rd_text(3, rd_signin(s.row, 'device')))", Empty::Last).titled(Reports::tr("Device")).means(Reports::tr("The id of the device.")),
        Found("operatingSystem").also("os").text("rd_text(2, rd_signin(s.row, 'operatingSystem'))").sorts("rd_fold(rd_text(2, rd_signin(s.row, 'operatingSystem')))", Empty::Last).titled(Reports::tr("OS")).means(Reports::tr("The system of the device.")),
        Found("browser").text("rd_text(1, rd_signin(s.row, 'browser'))").sorts("rd_fold(rd_text(1, rd_signin(s.row, 'browser')))", Empty::Last).titled(Reports::tr("Browser")).means(Reports::tr("The browser.")),
        Found("userAgent").also("agent").text("rd_text(0, rd_signin(s.row, 'userAgent'))").means("The full user agent."),
        Found("alsoTriggered").sorts("(SELECT count(DISTINCT o.type) FROM detection o WHERE o.event_key = d.event_key AND o.rowid <> d.rowid)").titled(Reports::tr("Also triggered")).means(Reports::tr("What else was found on the same sign-in.")),
        Found("location").sorts("rd_fold(d.city)", "d.country", Empty::Last).titled(Reports::tr("Sign-in location")).means(Reports::tr("Where the sign-in came from.")),
        Found("reason").titled(Reports::tr("Why")).means(Reports::tr("The finding in one line.")),
    };
    return table;
}
// clang-format on

std::string additionalInfo(const DetectionRow &row)
{
    const auto &d = row.detection;
    std::string out = "[";
    const auto add = [&out](std::string_view key, std::string_view json) {
        if (out.size() > 1)
            out += ',';
        out += JsonObject().text("Key", key).raw("Value", json).done();
    };
    const auto addText = [&add](std::string_view key, std::string_view value) {
        if (!value.empty())
            add(key, jsonString(value));
    };
    addText("userAgent", row.userAgent);
    addText("mitreTechniques", info(d.type).mitre);
    addText("riskReasons", row.reason);
    if (const auto *malware = d.evidence.as<MalwareInfectedIpEvidence>())
        addText("malwareName", malware->malware);
    if (d.ip.isKnown())
        addText("clientIp", d.ip.toString());
    if (row.place.isKnown())
        add("clientLocation", locationJson(row.place));
    if (d.count > 1)
        addText("lastActivityTimeInUtc", d.lastAt.toIso());
    if (const auto *travel = d.evidence.as<UnlikelyTravelEvidence>()) {
        const auto &from = travel->from;
        addText("relatedEventTimeInUtc", from.at.toIso());
        if (!from.name().empty())
            add("relatedLocation", JsonObject()
                                       .textOrNull("city", from.city)
                                       .textOrNull("countryCode", from.country)
                                       .real("latitude", from.latitude)
                                       .real("longitude", from.longitude)
                                       .done());
    }
    return out + ']';
}

Result<std::vector<DetectionRow>> readDetections(store::Connection &connection,
                                                 std::span<const std::int64_t> rowids, std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    store::Statement row(connection,
                         fmt::format("SELECT {} FROM detection d LEFT JOIN user u ON u.id = d.user"
                                     " LEFT JOIN sign_in_risk s ON s.event_key = d.event_key"
                                     " WHERE d.rowid = ?1",
                                     detectionReader().columns()));
    store::Statement together(connection,
                              "SELECT DISTINCT type FROM detection WHERE event_key = ?1 AND rowid <> ?2"
                              " AND type <> ?3 ORDER BY type");
    store::Statement network(connection, "SELECT organisation FROM address_fact WHERE address = ?1");
    std::vector<DetectionRow> rows;
    rows.reserve(rowids.size());
    for (const auto rowid : rowids) {
        auto &out = rows.emplace_back();
        out.rowid = rowid;
        if (row.bind(rowid).step()) {
            out.found = true;
            detectionReader().read(row, out);
            complete(reading->texts(), out);
        }
        if (out.found && out.detection.hasSignIn) {
            together.bind(std::span<const std::uint8_t>(out.detection.eventKey), rowid, out.detection.type);
            while (together.step())
                out.alsoTriggered.push_back(together.as<DetectionType>(0));
        }
        if (out.signIn && out.signIn->ip != 0 && network.bind(out.signIn->ip).step())
            out.organisation = network.string(0);
        if (!out.organisation.empty())
            out.reason = reasonLine(out.detection, english(), out.organisation);
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

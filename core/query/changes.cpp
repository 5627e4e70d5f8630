#include "core/query/changes.h"

#include "core/base/digest.h"
#include "core/query/filter/filter_sql.h"
#include "core/query/reading.h"
#include "core/store/segment.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

namespace riskdesk::query {
namespace {

constexpr char tokenVersion = 1;
constexpr std::size_t checkBytes = 8;
constexpr std::size_t payloadBytes = 2 + 4 * 8;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void put(std::string &out, std::uint64_t value)
{
    for (int i = 0; i < 8; ++i)
        out += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint64_t numberAt(std::string_view bytes, std::size_t at)
{
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

std::string checkOf(std::string_view payload)
{
    const auto digest = blake2b128(std::string("change token ").append(payload));
    return {digest.begin(), digest.begin() + checkBytes};
}

// Together 42 bytes, whole groups of three, so that nothing is padded.
static_assert((checkBytes + payloadBytes) % 3 == 0);

std::string toBase64Url(std::string_view bytes)
{
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | static_cast<unsigned char>(bytes[i + k]);
        for (int shift = 18; shift >= 0; shift -= 6)
            out += alphabet[group >> shift & 63];
    }
    return out;
}

std::optional<std::string> fromBase64Url(std::string_view text)
{
    if (text.size() != (checkBytes + payloadBytes) / 3 * 4)
        return std::nullopt;
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 4) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            const auto digit = alphabet.find(text[i + k]);
            if (digit == std::string_view::npos)
                return std::nullopt;
            group = group << 6 | static_cast<std::uint32_t>(digit);
        }
        for (int shift = 16; shift >= 0; shift -= 8)
            out += static_cast<char>(group >> shift & 0xff);
    }
    return out;
}

// A copy of the file is the same directory; one made anew is another.
Result<std::uint64_t> directoryOf(store::Connection &connection)
{
    store::Statement row(connection, "SELECT name, created_at FROM directory");
    if (!row.step())
        return row.ok() ? Result<std::uint64_t>(fail(Code::NotAStore, connection.file().string()))
                        : tl::unexpected(row.error());
    std::string what = "directory ";
    put(what, static_cast<std::uint64_t>(row.int64(1)));
    what += row.text(0);
    const auto digest = blake2b128(what);
    return numberAt({reinterpret_cast<const char *>(digest.data()), digest.size()}, 0);
}

std::string_view tableOf(Feed feed)
{
    switch (feed) {
    case Feed::Detections: return "detection_change";
    case Feed::Users: return "user_change";
    case Feed::History: return "ledger";
    case Feed::SignIns: break;
    }
    return "segment";
}

// The last number that was ever given, whether its row is still there or not.
Result<std::int64_t> newestNumber(store::Connection &connection, Feed feed)
{
    store::Statement row(connection, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1");
    if (!row.bind(tableOf(feed)).step())
        return tl::unexpected(row.error());
    return row.int64(0);
}

tl::unexpected<Error> notReached()
{
    return fail(Code::Conflict, "token",
                "The directory was put back to an earlier state than the token is of. "
                "Read from the beginning.");
}

// Numbered changes. ?1 the token's number, ?2 how many, ?3 up to where removals are not told.
std::string_view numberedSql(Feed feed)
{
    switch (feed) {
    case Feed::Detections:
        return "SELECT c.number, d.rowid, c.detection FROM detection_change c"
               " LEFT JOIN detection d ON d.id = c.detection"
               " WHERE c.number > ?1 AND (d.rowid IS NOT NULL OR c.number > ?3) ORDER BY c.number LIMIT ?2";
    case Feed::Users:
        return "SELECT c.number, CASE WHEN EXISTS (SELECT 1 FROM user_risk r WHERE r.user = c.user) OR"
               " EXISTS (SELECT 1 FROM provider_risk p WHERE p.user = c.user) THEN c.user END AS there, u.key"
               " FROM user_change c CROSS JOIN user u ON u.id = c.user"
               " WHERE c.number > ?1 AND (there IS NOT NULL OR c.number > ?3) ORDER BY c.number LIMIT ?2";
    default: return "SELECT id, id, '' FROM ledger WHERE id > ?1 AND ?3 >= 0 ORDER BY id LIMIT ?2";
    }
}

Status readNumbered(store::Connection &connection, Feed feed, Changes &out, bool fromBeginning,
                    std::size_t atMost)
{
    const auto newest = newestNumber(connection, feed);
    if (!newest)
        return tl::unexpected(newest.error());
    auto &next = out.next;
    if (fromBeginning)
        next.begin = *newest;
    else if (next.position > *newest || next.begin > *newest)
        return notReached();
    store::Statement rows(connection, numberedSql(feed));
    // One more than asked for tells whether others wait.
    rows.bind(next.position, static_cast<std::int64_t>(atMost) + 1, next.begin);
    while (rows.step()) {
        if (out.rows.size() == atMost) {
            out.more = true;
            break;
        }
        next.position = rows.int64(0);
        out.rows.push_back({rows.isNull(1) ? 0 : rows.int64(1), rows.string(2), rows.isNull(1)});
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    if (!out.more)
        next.position = *newest;
    return {};
}

Result<std::int64_t> newestPurge(store::Connection &connection)
{
    store::Statement row(connection, "SELECT coalesce(max(purge), 0) FROM purged_row");
    if (!row.step())
        return tl::unexpected(row.error());
    return row.int64(0);
}

// Rows that were read and then purged move the place in their segment up. Whether there were any.
Result<bool> reckonWithPurges(store::Connection &connection, ChangeToken &token)
{
    const auto newest = newestPurge(connection);
    if (!newest)
        return tl::unexpected(newest.error());
    if (token.begin > *newest)
        return notReached();
    store::Statement rows(
        connection,
        "SELECT purge, row FROM purged_row WHERE purge > ?1 AND segment = ?2 ORDER BY purge, row");
    std::int64_t purge = 0, gone = 0;
    for (rows.bind(token.begin, token.position); rows.step();) {
        if (rows.int64(0) != purge) {
            token.rows -= std::exchange(gone, 0); // the places of one purge are those before it
            purge = rows.int64(0);
        }
        if (rows.int64(1) < token.rows)
            ++gone;
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    token.rows -= gone;
    token.begin = *newest;
    return purge > 0;
}

Status readSignIns(store::Connection &connection, Changes &out, std::size_t atMost)
{
    const auto segments = store::segments(connection);
    if (!segments)
        return tl::unexpected(segments.error());
    auto &next = out.next;
    const auto purged = reckonWithPurges(connection, next);
    if (!purged)
        return tl::unexpected(purged.error());
    bool found = next.position == 0 || *purged; // a segment may be purged as a whole
    std::int64_t first = 0;                     // number of the segment's first row
    for (const auto &segment : *segments) {
        const auto size = static_cast<std::int64_t>(segment.rows);
        std::int64_t from = 0;
        if (segment.id == next.position) {
            found = true;
            from = next.rows;
            if (from > size)
                return notReached();
        }
        if (segment.id >= next.position && from < size) {
            const auto left = static_cast<std::int64_t>(atMost - out.rows.size());
            const auto until = std::min(size, from + left);
            for (auto row = from; row < until; ++row)
                out.rows.push_back({first + row, {}, false});
            if (until > from) {
                next.position = segment.id;
                next.rows = until;
            }
            if (until < size) {
                out.more = true;
                break;
            }
        }
        first += size;
    }
    // A segment that is gone would also have moved the numbers of the rows behind it.
    return found ? Status() : notReached();
}

} // namespace

std::string ChangeToken::toText() const
{
    std::string payload{tokenVersion, static_cast<char>(feed)};
    put(payload, directory);
    for (const auto value : {position, rows, begin})
        put(payload, static_cast<std::uint64_t>(value));
    // The version first: a text that began with '-' would be an option on a command line.
    return toBase64Url(payload + checkOf(payload));
}

Result<ChangeToken> ChangeToken::fromText(std::string_view text, Feed feed)
{
    const auto bad = [](std::string_view why) { return fail(Code::WrongUsage, "token", std::string(why)); };
    const auto bytes = fromBase64Url(text);
    if (!bytes)
        return bad("this is not a token");
    const auto payload = std::string_view(*bytes).substr(0, payloadBytes);
    if (std::string_view(*bytes).substr(payloadBytes) != checkOf(payload))
        return bad("this is not a token");
    if (payload[0] != tokenVersion)
        return bad("the token was made by another version of Riskdesk");
    if (payload[1] != static_cast<char>(feed))
        return bad("the token is of another list");
    ChangeToken token;
    token.feed = feed;
    token.directory = numberAt(payload, 2);
    token.position = static_cast<std::int64_t>(numberAt(payload, 10));
    token.rows = static_cast<std::int64_t>(numberAt(payload, 18));
    token.begin = static_cast<std::int64_t>(numberAt(payload, 26));
    if (token.position < 0 || token.rows < 0 || token.begin < 0)
        return bad("this is not a token");
    return token;
}

Result<Changes> readChanges(store::Connection &connection, Feed feed, const std::optional<ChangeToken> &since,
                            std::size_t atMost, std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    const auto directory = directoryOf(connection);
    if (!directory)
        return tl::unexpected(directory.error());
    Changes out;
    out.next.feed = feed;
    out.next.directory = *directory;
    if (since) {
        if (since->feed != feed)
            return fail(Code::WrongUsage, "token", "the token is of another list");
        if (since->directory != *directory)
            return fail(Code::WrongUsage, "token", "the token is of another directory");
        out.next = *since;
    }
    atMost = std::max<std::size_t>(atMost, 1);
    const auto ok = feed == Feed::SignIns ? readSignIns(connection, out, atMost)
                                          : readNumbered(connection, feed, out, !since, atMost);
    if (!ok)
        return tl::unexpected(ok.error());
    return out;
}

Result<ChangeToken> newestChange(store::Connection &connection, Feed feed)
{
    auto reading = Reading::begin(connection);
    if (!reading)
        return tl::unexpected(reading.error());
    const auto directory = directoryOf(connection);
    if (!directory)
        return tl::unexpected(directory.error());
    ChangeToken token;
    token.feed = feed;
    token.directory = *directory;
    if (feed == Feed::SignIns) {
        const auto segments = store::segments(connection);
        if (!segments)
            return tl::unexpected(segments.error());
        const auto purge = newestPurge(connection);
        if (!purge)
            return tl::unexpected(purge.error());
        token.begin = *purge;
        if (!segments->empty()) {
            token.position = segments->back().id;
            token.rows = segments->back().rows;
        }
        return token;
    }
    const auto newest = newestNumber(connection, feed);
    if (!newest)
        return tl::unexpected(newest.error());
    // What is there now may go later, and whoever made a copy before wants to hear of it.
    token.position = token.begin = *newest;
    return token;
}

Result<std::vector<std::int64_t>> matchingRows(store::Connection &connection, const Question &question,
                                               std::span<const std::int64_t> rows, std::stop_token stop)
{
    if (question.report != Report::Detections && question.report != Report::RiskyUsers)
        return fail(Code::WrongUsage, "filter", "only detections and risky users are filtered by row");
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    const auto where = fromWhere(question);
    if (!where)
        return tl::unexpected(where.error());
    const auto terms = sortTerms(question.report, {});
    if (!terms)
        return tl::unexpected(terms.error());
    const auto &id = terms->back().sql;
    SqlText sql{fmt::format("SELECT {} ", id), {}};
    sql += *where;
    sql += fmt::format(" AND {} IN (SELECT value FROM json_each(?))", id);
    sql.add(fmt::format("[{}]", fmt::join(rows, ",")));
    store::Statement found(connection, sql.text);
    sql.bindTo(found);
    std::unordered_set<std::int64_t> matching;
    while (found.step())
        matching.insert(found.int64(0));
    if (!found.ok())
        return tl::unexpected(found.error());
    std::vector<std::int64_t> out;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(out),
                 [&](std::int64_t row) { return matching.contains(row); });
    return out;
}

} // namespace riskdesk::query

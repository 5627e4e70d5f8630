#include "app/ctl/export_feed.h"

#include "core/query/json_object.h"
#include "core/query/read_session.h"
#include "core/query/reading.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/history.h"
#include "core/query/tables/risky_users.h"
#include "core/query/tables/sign_ins.h"
#include "core/store/statement.h"

#include <algorithm>
#include <numeric>

namespace riskdesk::ctl {

using query::Feed;

Feed feedOf(std::string_view what)
{
    return what == "detections" ? Feed::Detections
           : what == "users"    ? Feed::Users
           : what == "signins"  ? Feed::SignIns
                                : Feed::History;
}

query::Report reportOf(Feed feed)
{
    return feed == Feed::Detections ? query::Report::Detections
           : feed == Feed::Users    ? query::Report::RiskyUsers
                                    : query::Report::SignIns;
}

std::string placeText(const std::optional<query::ChangeToken> &place)
{
    return place ? place->toText() : "beginning";
}

ExportFeed::ExportFeed(store::Connection &connection, Feed feed, query::Filter filter, const Clock &clock)
    : m_connection(connection)
    , m_feed(feed)
    , m_clock(clock)
{
    m_question.report = reportOf(feed);
    m_question.filter = std::move(filter);
}

Result<ExportBatch> ExportFeed::read(const std::optional<query::ChangeToken> &from, std::size_t rows,
                                     const std::stop_token &stop)
{
    const auto reading = query::Reading::begin(m_connection, stop);
    if (!reading)
        return tl::unexpected(reading.error());
    for (rows = std::clamp<std::size_t>(rows, 1, mostRows);;) {
        auto changes = query::readChanges(m_connection, m_feed, from, rows, stop);
        if (!changes)
            return tl::unexpected(changes.error());
        auto made = objects(*changes, stop);
        if (!made)
            return tl::unexpected(made.error());
        const auto bytes =
            std::accumulate(made->begin(), made->end(), std::size_t{0},
                            [](std::size_t sum, const std::string &object) { return sum + object.size(); });
        if (bytes > mostBytes && rows > 1) {
            // The place behind a part of the rows is told only by reading that part.
            rows = std::max<std::size_t>(1, std::min(rows, changes->rows.size()) / 2);
            continue;
        }
        return ExportBatch{std::move(*made), changes->rows.size(), from, changes->next, changes->more};
    }
}

// Inside the Reading in which the changes were read.
Result<std::vector<std::string>> ExportFeed::objects(const query::Changes &changes,
                                                     const std::stop_token &stop)
{
    const auto now = query::referenceNow(m_connection, m_clock.now());
    if (!now)
        return tl::unexpected(now.error());
    m_question.now = now->now;
    std::vector<std::int64_t> rows;
    for (const auto &change : changes.rows)
        if (!change.removed)
            rows.push_back(change.row);
    auto found = m_feed == Feed::Detections ? detections(rows, stop)
                 : m_feed == Feed::Users    ? users(rows, stop)
                 : m_feed == Feed::SignIns  ? signIns(rows, stop)
                                            : history(rows, stop);
    if (!found)
        return tl::unexpected(found.error());
    std::vector<std::string> out;
    for (const auto &change : changes.rows) {
        if (change.removed)
            out.push_back(query::JsonObject()
                              .text("id", change.id)
                              .raw("@removed", query::JsonObject().text("reason", "deleted").done())
                              .done());
        else if (const auto object = found->find(change.row); object != found->end())
            out.push_back(std::move(object->second));
    }
    return out;
}

Result<std::vector<std::int64_t>> ExportFeed::matching(std::vector<std::int64_t> rows,
                                                       const std::stop_token &stop)
{
    if (m_question.filter.isEverything())
        return rows;
    return query::matchingRows(m_connection, m_question, rows, stop);
}

Result<ExportFeed::ByRow> ExportFeed::detections(std::vector<std::int64_t> rows, const std::stop_token &stop)
{
    const auto wanted = matching(std::move(rows), stop);
    if (!wanted)
        return tl::unexpected(wanted.error());
    const auto read = query::readDetections(m_connection, *wanted, stop);
    if (!read)
        return tl::unexpected(read.error());
    ByRow out;
    for (const auto &row : *read)
        out[row.rowid] = query::json(query::riskDetectionColumns(), row);
    return out;
}

Result<ExportFeed::ByRow> ExportFeed::users(std::vector<std::int64_t> rows, const std::stop_token &stop)
{
    const auto wanted = matching(std::move(rows), stop);
    if (!wanted)
        return tl::unexpected(wanted.error());
    const auto read = query::readRiskyUsers(m_connection, *wanted, stop);
    if (!read)
        return tl::unexpected(read.error());
    ByRow out;
    for (const auto &row : *read)
        out[row.id] = query::json(query::riskyUserColumns(), row);
    return out;
}

Result<ExportFeed::ByRow> ExportFeed::signIns(const std::vector<std::int64_t> &rows,
                                              const std::stop_token &stop)
{
    if (rows.empty())
        return ByRow();
    if (!m_signIns)
        m_signIns = query::ReadSession::of(m_connection)->signIns();
    // What is stored stays as it is, so the answer holds until there is more.
    if (static_cast<std::uint64_t>(rows.back()) >= m_found.total) {
        auto found = m_signIns->ask(m_connection, m_question, stop);
        if (!found)
            return tl::unexpected(found.error());
        m_found = std::move(*found);
        std::sort(m_found.rows.begin(), m_found.rows.end());
    }
    std::vector<std::uint32_t> wanted;
    for (const auto row : rows)
        if (std::binary_search(m_found.rows.begin(), m_found.rows.end(), static_cast<std::uint32_t>(row)))
            wanted.push_back(static_cast<std::uint32_t>(row));
    const auto read = m_signIns->read(m_connection, m_found.generation, wanted, stop);
    if (!read)
        return tl::unexpected(read.error());
    ByRow out;
    for (const auto &item : *read)
        out[item.number] = query::json(query::signInColumns(), item);
    return out;
}

Result<ExportFeed::ByRow> ExportFeed::history(const std::vector<std::int64_t> &rows,
                                              const std::stop_token &stop)
{
    const auto read = query::readHistory(m_connection, rows, stop);
    if (!read)
        return tl::unexpected(read.error());
    ByRow out;
    for (const auto &item : *read)
        out[item.event.id] = query::json(query::historyColumns(), item);
    return out;
}

} // namespace riskdesk::ctl

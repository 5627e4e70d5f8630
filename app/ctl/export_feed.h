// ExportFeed: what an export hands on, in batches: the rows behind a place in a feed, as Graph's objects.
//
// A batch is read in one look at the file and bounded twice: 512 rows, and about a mebibyte of objects (a row that is
// larger alone goes alone). One thread; the connection is only read.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/query/changes.h"
#include "core/query/report.h"
#include "core/query/sign_ins/sign_ins.h"
#include "core/query/spine.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ctl {

// detections, users, signins, history
[[nodiscard]] query::Feed feedOf(std::string_view what);
[[nodiscard]] query::Report reportOf(query::Feed feed); // not of history

// "beginning" where there is no place yet.
[[nodiscard]] std::string placeText(const std::optional<query::ChangeToken> &place);

struct ExportBatch
{
    std::vector<std::string> objects; // JSON; fewer than rows where a filter leaves some out
    std::size_t rows = 0;             // of the feed
    std::optional<query::ChangeToken> from;
    query::ChangeToken next;
    bool more = false; // rows wait behind it already
};

class ExportFeed
{
public:
    static constexpr std::size_t mostRows = 512;
    static constexpr std::size_t mostBytes = std::size_t{1} << 20;

    // `filter`: everything, for history.
    ExportFeed(store::Connection &connection, query::Feed feed, query::Filter filter, const Clock &clock);

    // At most so many rows, and never more than mostRows. Errors as readChanges() says.
    [[nodiscard]] Result<ExportBatch> read(const std::optional<query::ChangeToken> &from, std::size_t rows,
                                           const std::stop_token &stop);

private:
    using ByRow = std::map<std::int64_t, std::string>;

    [[nodiscard]] Result<std::vector<std::string>> objects(const query::Changes &changes,
                                                           const std::stop_token &stop);
    [[nodiscard]] Result<std::vector<std::int64_t>> matching(std::vector<std::int64_t> rows,
                                                             const std::stop_token &stop);
    [[nodiscard]] Result<ByRow> detections(std::vector<std::int64_t> rows, const std::stop_token &stop);
    [[nodiscard]] Result<ByRow> users(std::vector<std::int64_t> rows, const std::stop_token &stop);
    [[nodiscard]] Result<ByRow> signIns(const std::vector<std::int64_t> &rows, const std::stop_token &stop);
    [[nodiscard]] Result<ByRow> history(const std::vector<std::int64_t> &rows, const std::stop_token &stop);

    store::Connection &m_connection;
    query::Feed m_feed;
    const Clock &m_clock;
    query::Question m_question;
    std::shared_ptr<query::SignIns> m_signIns;
    query::SignInSpine m_found; // by number
};

} // namespace riskdesk::ctl

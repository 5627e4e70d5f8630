#include "core/query/digest.h"

#include "core/query/filter/filter_text.h"
#include "core/query/overview.h"
#include "core/query/spine.h"
#include "core/query/tables/campaigns.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace riskdesk::query {
namespace {

// What an operator does to a risk or an account; what is taken back or done again is not counted.
constexpr std::string_view decisionFilter =
    "action:=dismiss,confirmCompromised,confirmSafe,resolve,resetPassword,block,unblock,revokeSessions";

std::string between(std::string_view field, Timestamp from, Timestamp until)
{
    return fmt::format("{0}>={1} {0}<{2}", field, from.toIso(), until.toIso());
}

Result<Question> digestQuestion(const DigestFigure &figure, Timestamp now)
{
    auto filter = parseFilter(figure.report, figure.filter);
    if (!filter)
        return tl::unexpected(filter.error().toError());
    return Question{figure.report, std::move(*filter), {}, {}, now};
}

// Counted as the list counts them.
Result<std::int64_t> countOf(store::Connection &connection, const DigestFigure &figure, Timestamp now,
                             std::stop_token stop)
{
    const auto question = digestQuestion(figure, now);
    if (!question)
        return tl::unexpected(question.error());
    if (figure.report == Report::Campaigns) {
        const auto rows = readCampaigns(connection, *question, 0, stop);
        if (!rows)
            return tl::unexpected(rows.error());
        return static_cast<std::int64_t>(rows->size());
    }
    return countRows(connection, *question, stop);
}

class DigestReader
{
public:
    DigestReader(store::Connection &connection, Digest &digest, std::stop_token stop)
        : m_connection(connection)
        , m_digest(digest)
        , m_stop(std::move(stop))
    {}
    // Pieces without rows are left out; the whole of a part is told with none too.
    Status add(DigestPart part, Report report, std::string filter, std::string of = {},
               std::optional<Microseconds> open = {})
    {
        DigestFigure figure{part, std::move(of), 0, report, std::move(filter), open};
        const auto count = countOf(m_connection, figure, m_digest.made, m_stop);
        if (!count)
            return tl::unexpected(count.error());
        figure.count = *count;
        if (figure.of.empty() || figure.count > 0)
            m_digest.figures.push_back(std::move(figure));
        return {};
    }

private:
    store::Connection &m_connection;
    Digest &m_digest;
    std::stop_token m_stop;
};

struct DecidedBy
{
    std::vector<Microseconds> open;
    [[nodiscard]] std::optional<Microseconds> median()
    {
        if (open.empty())
            return std::nullopt;
        const auto middle = open.begin() + static_cast<std::ptrdiff_t>((open.size() - 1) / 2);
        std::ranges::nth_element(open, middle);
        return *middle;
    }
};

// Who decided in that time, and how long what they closed had been open.
Result<std::map<std::string, DecidedBy>> deciders(store::Connection &connection, Timestamp from,
                                                  Timestamp until)
{
    std::map<std::string, DecidedBy> by;
    store::Statement actors(connection, "SELECT DISTINCT actor FROM audit WHERE at >= ?1 AND at < ?2");
    for (actors.bind(from, until); actors.step();)
        by[std::string(actors.string(0))];
    if (!actors.ok())
        return tl::unexpected(actors.error());
    store::Statement closed(
        connection,
        "SELECT l.actor, l.at - (SELECT o.at FROM ledger o WHERE o.user = l.user AND o.id < l.id AND "
        "o.from_state < 4 AND o.to_state >= 4 ORDER BY o.id DESC LIMIT 1) FROM ledger l WHERE l.at >= ?1 AND "
        "l.at < ?2 AND l.actor <> '' AND l.kind <> 21 AND l.from_state >= 4 AND l.to_state < 4");
    for (closed.bind(from, until); closed.step();)
        if (!closed.isNull(1) && closed.int64(1) >= 0)
            by[std::string(closed.string(0))].open.emplace_back(closed.int64(1));
    if (!closed.ok())
        return tl::unexpected(closed.error());
    return by;
}

Result<std::optional<Timestamp>> oldestAtRisk(store::Connection &connection, Timestamp now)
{
    auto filter = parseFilter(Report::RiskyUsers, atRiskUsers);
    if (!filter)
        return tl::unexpected(filter.error().toError());
    const auto ids =
        readSpine(connection, {Report::RiskyUsers, std::move(*filter), {}, {{"atRiskSince"}}, now});
    if (!ids)
        return tl::unexpected(ids.error());
    if (ids->empty())
        return std::nullopt;
    store::Statement since(connection, "SELECT at FROM ledger WHERE user = ?1 AND from_state < 4 AND "
                                       "to_state >= 4 AND kind <> 21 ORDER BY id DESC LIMIT 1");
    if (!since.bind(ids->front()).step())
        return since.ok() ? Result<std::optional<Timestamp>>(std::nullopt) : tl::unexpected(since.error());
    return since.time(0);
}

} // namespace

Result<Digest> readDigest(store::Connection &connection, Timestamp from, Timestamp until, Timestamp now,
                          std::stop_token stop)
{
    Digest digest{from, until, now, {}, {}};
    DigestReader reader(connection, digest, stop);
    const auto came = between("atRiskSince", from, until);
    const auto seen = between("activityDateTime", from, until);
    const auto decided = fmt::format("{} {}", decisionFilter, between("activityDateTime", from, until));
    auto ok = reader.add(DigestPart::NewUsers, Report::RiskyUsers, came);
    for (const auto level : {RiskLevel::High, RiskLevel::Medium, RiskLevel::Low, RiskLevel::None})
        if (ok)
            ok = reader.add(DigestPart::NewUsers, Report::RiskyUsers,
                            fmt::format("level:{} {}", toText(level), came), std::string(toText(level)));
    if (ok)
        ok = reader.add(DigestPart::RealtimeSignIns, Report::SignIns,
                        "during>=low " + between("createdDateTime", from, until));
    if (ok)
        ok = reader.add(DigestPart::Detections, Report::Detections, seen);
    for (const auto &type : detectionTypes())
        if (ok)
            ok = reader.add(DigestPart::Detections, Report::Detections,
                            fmt::format("type:{} {}", type.key, seen), std::string(type.key));
    if (ok)
        ok = reader.add(DigestPart::StillAtRisk, Report::RiskyUsers, std::string(atRiskUsers));
    if (ok)
        ok = reader.add(DigestPart::Decisions, Report::Audit, decided);
    if (!ok)
        return tl::unexpected(ok.error());
    auto by = deciders(connection, from, until);
    if (!by)
        return tl::unexpected(by.error());
    for (auto &[actor, what] : *by) {
        const auto who = filterText(Report::Audit, Filter::match("actor", Test::Is, {actor}));
        if (ok && who)
            ok = reader.add(DigestPart::Decisions, Report::Audit, fmt::format("{} {}", *who, decided), actor,
                            what.median());
    }
    if (ok)
        ok = reader.add(DigestPart::Campaigns, Report::Campaigns,
                        fmt::format("lastDateTime>={} openedDateTime<{}", from.toIso(), until.toIso()));
    const auto oldest = oldestAtRisk(connection, now);
    if (!ok || !oldest)
        return tl::unexpected(!ok ? ok.error() : oldest.error());
    digest.oldestOpen = *oldest;
    return digest;
}

} // namespace riskdesk::query

// What GraphConnector reads by pages: users, sign-ins, risk.
#include "core/base/text.h"
#include "core/connect/graph/graph_connector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace riskdesk::connect {
namespace {

constexpr std::string_view noTime = "-";

struct Feed
{
    std::string_view name, path, query, since; // `since`: the property that is filtered by
    std::array<std::string_view, 2> times;     // the first that a record has is its time
    std::string_view permission;
    std::string_view then; // the feed that follows, or empty
};
// The largest pages that Graph gives: 999 users and sign-ins, 500 of risk.
constexpr auto feeds = std::to_array<Feed>({
    {"signIns",
     "/v1.0/auditLogs/signIns",
     "$orderby=createdDateTime&$top=999",
     "createdDateTime",
     {"createdDateTime", "createdDateTime"},
     "AuditLog.Read.All and a licence of Microsoft Entra ID P1",
     {}},
    {"riskDetections",
     "/v1.0/identityProtection/riskDetections",
     "$top=500",
     "lastUpdatedDateTime",
     {"lastUpdatedDateTime", "detectedDateTime"},
     "IdentityRiskEvent.Read.All and a licence of Microsoft Entra ID P2",
     "riskyUsers"},
    {"riskyUsers",
     "/v1.0/identityProtection/riskyUsers",
     "$top=500",
     "riskLastUpdatedDateTime",
     {"riskLastUpdatedDateTime", "riskLastUpdatedDateTime"},
     "IdentityRiskyUser.Read.All and a licence of Microsoft Entra ID P2",
     {}},
});

const Feed *feedOf(std::string_view name)
{
    const auto *at = std::ranges::find(feeds, name, &Feed::name);
    return at == feeds.end() ? nullptr : at;
}

// A pull on its way, written as a page's `next`: "signIns 2026-03-18T10:00:00Z - /v1.0/…".
struct PullAt
{
    const Feed *feed = nullptr;
    std::optional<Timestamp> since, newest; // the cursor it began with; of the records so far
    std::string path;                       // empty: the feed's first page

    [[nodiscard]] std::string text() const
    {
        const auto time = [](const auto &t) { return t ? t->toIso() : std::string(noTime); };
        return fmt::format("{} {} {} {}", feed->name, time(since), time(newest), path);
    }
};

bool readTime(std::string_view text, std::optional<Timestamp> &time)
{
    if (text == noTime)
        return true;
    const auto read = Timestamp::fromIso(text);
    if (read)
        time = *read;
    return read.has_value();
}

std::optional<PullAt> pullAt(ProviderOperation what, const std::string &from)
{
    PullAt at;
    at.feed = feedOf(what == ProviderOperation::PullSignIns ? "signIns" : "riskDetections");
    if (from.empty())
        return at;
    const auto parts = split(from, ' ');
    if (parts.size() == 1)
        return readTime(parts[0], at.since) && at.since ? std::optional(at) : std::nullopt;
    const auto *feed = feedOf(parts[0]);
    if (parts.size() != 4 || feed == nullptr ||
        (feed->name != at.feed->name && feed->name != at.feed->then) || !readTime(parts[1], at.since) ||
        !readTime(parts[2], at.newest))
        return std::nullopt;
    at.feed = feed;
    at.path = parts[3];
    return at;
}

std::string firstPath(const Feed &feed, const std::optional<Timestamp> &since)
{
    auto path = fmt::format("{}?{}", feed.path, feed.query);
    if (since)
        path += "&$filter=" +
                percentEncoded(fmt::format("{} ge {}", feed.since, (*since - GraphConnector::late).toIso()));
    return path;
}

// Where a link leads at the same place: what stands behind `base`. Nothing: it leads elsewhere.
std::optional<std::string> pathOfLink(const std::string &link, const HttpsAddress &at,
                                      const std::string &base)
{
    const auto to = HttpsAddress::parse(link);
    if (!to || !equalsIgnoringCase(to->host, at.host) || to->port != at.port ||
        !to->path.starts_with(base + "/"))
        return std::nullopt;
    return to->path.substr(base.size());
}

Response foreignLink()
{
    return Response::refused("foreignLink", "The link to the next page leads to another place than Microsoft "
                                            "Graph, where the token is not sent.");
}

} // namespace

Response GraphConnector::readPage(const std::string &path, std::string_view permission,
                                  std::span<const std::string_view> times, GraphPage &page)
{
    std::string body;
    auto response = read(path, permission, body,
                         "Nothing is found at this address (404); check the address of Microsoft Graph.");
    if (!response.done())
        return response;
    auto found = readGraphPage(body, times);
    if (!found)
        return Response::later("reply", "Microsoft Graph answered with a page that cannot be read.", {},
                               false);
    page = std::move(*found);
    if (page.nextLink.empty())
        return response;
    auto next = pathOfLink(page.nextLink, m_address, m_base);
    if (!next)
        return foreignLink();
    page.nextLink = std::move(*next);
    return response;
}

Response GraphConnector::listUsers(const std::string &next, std::vector<ProviderUser> &users,
                                   std::string &following)
{
    constexpr std::string_view first =
        "/v1.0/users?$select=id,userPrincipalName,displayName,mail,accountEnabled&$top=999";
    if (!next.empty() && !next.starts_with('/'))
        return foreignLink();
    const auto path = next.empty() ? std::string(first) : next; // `following` may be the same text
    users.clear();
    following.clear();
    GraphPage page;
    auto response = readPage(path, "User.Read.All", {}, page);
    if (!response.done())
        return response;
    for (const auto &record : page.records)
        if (auto user = readListedUser(record); !user.id.empty())
            users.push_back(std::move(user));
    following = std::move(page.nextLink);
    return response;
}

Response GraphConnector::pull(ProviderOperation what, const std::string &from, PulledPage &page)
{
    auto at = pullAt(what, from);
    page = {}; // only now: `from` may lie in it
    if (what != ProviderOperation::PullSignIns && what != ProviderOperation::PullRisk)
        return Response::refused("unsupported", "Microsoft Graph is not pulled for this.");
    if (!at || (!at->path.empty() && !at->path.starts_with('/')))
        return Response::refused("cursor",
                                 "It is not known where the last pull ended; pull from the beginning.");
    GraphPage got;
    auto response = readPage(at->path.empty() ? firstPath(*at->feed, at->since) : at->path,
                             at->feed->permission, at->feed->times, got);
    if (!response.done())
        return response;
    // A record from the future would leave out all until then.
    if (got.newest)
        at->newest = std::max(at->newest.value_or(Timestamp{std::numeric_limits<std::int64_t>::min()}),
                              std::min(*got.newest, m_clock.now()));
    page.records = std::move(got.records);
    at->path = std::move(got.nextLink);
    if (!at->path.empty()) {
        page.next = at->text();
    } else if (!at->feed->then.empty()) {
        at->feed = feedOf(at->feed->then);
        page.next = at->text();
    } else if (const auto end = at->newest ? std::max(at->newest, at->since) : at->since; end) {
        page.cursor = end->toIso();
    }
    return response;
}

} // namespace riskdesk::connect

// What GraphConnector reads by pages: users, sign-ins, risk.
#include "core/base/text.h"
#include "core/connect/graph/graph_connector.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace riskdesk::connect {
namespace {

constexpr std::string_view noTime = "-";

struct Feed
{
    std::string_view name, path, query, since; // `since`: the property that is filtered by
    std::array<std::string_view, 2> times;     // the first that a record has is its time
    std::string_view permission;
    std::string_view then; // the feed that follows, or empty
    bool oldestFirst = false;
};
// The largest pages that Graph gives: 999 users and sign-ins, 500 of risk.
constexpr auto feeds = std::to_array<Feed>({
    {"signIns",
     "/v1.0/auditLogs/signIns",
     "$orderby=createdDateTime&$top=999",
     "createdDateTime",
     {"createdDateTime", "createdDateTime"},
     "AuditLog.Read.All and a licence of Microsoft Entra ID P1",
     {},
     true},
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

// A pull on its way, written as a page's `next`: "signIns 2026-03-18T10:00:00Z - - /v1.0/…".
struct PullAt
{
    const Feed *feed = nullptr;
    std::optional<Timestamp> since, newest; // the cursor it began with; of the records so far
    // When the first page was read that reached into the last two hours. What belonged on it and came late is looked
    // for by the next pull, however much later this one came to its end.
    std::optional<Timestamp> until;
    std::string path; // empty: the feed's first page

    [[nodiscard]] std::string text() const
    {
        const auto time = [](const auto &t) { return t ? t->toIso() : std::string(noTime); };
        return fmt::format("{} {} {} {} {}", feed->name, time(since), time(newest), time(until), path);
    }
    void brought(const std::optional<Timestamp> &upTo, Timestamp now)
    {
        if (!upTo)
            return;
        const auto time = std::min(*upTo, now); // a record from the future would leave out all until then
        newest = newest ? std::max(*newest, time) : time;
        if (!until && time > now - GraphConnector::late)
            until = now;
    }
    // The link led nowhere any more.
    void beginAnew()
    {
        if (feed->oldestFirst && newest)
            since = newest;
        path.clear();
    }
    [[nodiscard]] std::optional<Timestamp> end() const
    {
        auto time = newest;
        if (time && until)
            time = std::min(*time, *until);
        return time && since ? std::max(*time, *since) : time ? time : since;
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
    if (parts.size() != 5 || feed == nullptr ||
        (feed->name != at.feed->name && feed->name != at.feed->then) || !readTime(parts[1], at.since) ||
        !readTime(parts[2], at.newest) || !readTime(parts[3], at.until))
        return std::nullopt;
    at.feed = feed;
    at.path = parts[4];
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

bool isGone(const Response &response)
{
    return response.kind == Response::Kind::Refused &&
           (response.code == "http400" || response.code == "http404" || response.code == "http410");
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
    const bool isOwn = from == m_given;
    page = {}; // only now: `from` may lie in it
    if (what != ProviderOperation::PullSignIns && what != ProviderOperation::PullRisk)
        return Response::refused("unsupported", "Microsoft Graph is not pulled for this.");
    if (!at || (!at->path.empty() && !at->path.starts_with('/')))
        return Response::refused("cursor",
                                 "It is not known where the last pull ended; pull from the beginning.");
    GraphPage got;
    const auto ask = [&] {
        return readPage(at->path.empty() ? firstPath(*at->feed, at->since) : at->path, at->feed->permission,
                        at->feed->times, got);
    };
    auto response = ask();
    // Links do not hold for ever. One that this object gave is refused for another reason.
    if (!at->path.empty() && !isOwn && isGone(response)) {
        at->beginAnew();
        response = ask();
    }
    if (!response.done())
        return response;
    at->brought(got.newest, m_clock.now());
    page.records = std::move(got.records);
    at->path = std::move(got.nextLink);
    if (at->path.empty() && !at->feed->then.empty())
        at->feed = feedOf(at->feed->then);
    else if (at->path.empty()) {
        if (const auto end = at->end())
            page.cursor = end->toIso();
        return response;
    }
    page.next = m_given = at->text();
    return response;
}

} // namespace riskdesk::connect

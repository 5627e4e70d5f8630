// What KeycloakConnector reads by pages: users and sign-ins.
#include "core/base/text.h"
#include "core/connect/keycloak/keycloak_connector.h"
#include "core/connect/keycloak/sign_in_of_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>

namespace riskdesk::connect {
namespace {

constexpr std::string_view goingOn = "on ";
constexpr std::int64_t msInUs = 1000;

// Where a pull begins, in milliseconds: "1773835200000", or "on 1773835200000" within one.
struct EventsFrom
{
    std::optional<std::int64_t> at;
    bool on = false; // the events before are handed over already
};

std::optional<EventsFrom> eventsFrom(std::string_view from)
{
    EventsFrom read;
    if (from.empty())
        return read;
    read.on = from.starts_with(goingOn);
    if (read.on)
        from.remove_prefix(goingOn.size());
    read.at = toInteger(from);
    return read.at && *read.at >= 0 && *read.at < Timestamp::fromCivil(9999, 1, 1).us / msInUs
               ? std::optional(read)
               : std::nullopt;
}

// dateFrom is a day in the time zone of the server, whichever that is: no zone is a day away from UTC.
std::string dayBefore(std::int64_t ms)
{
    return (Timestamp{ms * msInUs} - std::chrono::hours(24)).toIso().substr(0, 10);
}

// The events of a walk from the newest to the oldest, of which the oldest `most` stay.
class OldestEvents
{
public:
    explicit OldestEvents(std::size_t most)
        : m_most(most)
    {}
    void add(KeycloakEvent &&event)
    {
        m_events.push_back(std::move(event));
        if (m_events.size() > m_most) {
            m_events.pop_front();
            m_more = true;
        }
    }
    [[nodiscard]] bool more() const { return m_more; } // newer ones were let go
    // Oldest first; the server's order among equal times is turned as well.
    [[nodiscard]] std::vector<KeycloakEvent> take()
    {
        std::vector<KeycloakEvent> events(std::make_move_iterator(m_events.rbegin()),
                                          std::make_move_iterator(m_events.rend()));
        std::ranges::stable_sort(events, {}, &KeycloakEvent::time);
        return events;
    }

private:
    std::size_t m_most;
    std::deque<KeycloakEvent> m_events;
    bool m_more = false;
};

} // namespace

Response KeycloakConnector::listUsers(const std::string &next, std::vector<ProviderUser> &users,
                                      std::string &following)
{
    const auto first = next.empty() ? std::optional(std::int64_t{0}) : toInteger(next);
    users.clear();
    following.clear(); // only now: `next` may be the same text
    if (!first || *first < 0)
        return Response::refused("cursor", "It is not known where the last page of users ended; begin anew.");
    std::string body;
    auto response =
        read(fmt::format("/users?first={}&max={}&briefRepresentation=true", *first, usersAPage), "view-users",
             body, "Keycloak knows no such realm; check the address, its base path and the realm.");
    if (!response.done())
        return response;
    std::size_t records = 0;
    auto listed = readListedKeycloakUsers(body, records);
    if (!listed)
        return Response::later("reply", "Keycloak answered with a page that cannot be read.", {}, false);
    users = std::move(*listed);
    if (records >= usersAPage)
        following = fmt::format("{}", *first + static_cast<std::int64_t>(records));
    return response;
}

Response KeycloakConnector::pull(ProviderOperation what, const std::string &from, PulledPage &page)
{
    const auto begin = eventsFrom(from);
    page = {}; // only now: `from` may lie in it
    if (what != ProviderOperation::PullSignIns)
        return Response::refused("unsupported", "Keycloak is not pulled for this.");
    if (!begin)
        return Response::refused("cursor",
                                 "It is not known where the last pull ended; pull from the beginning.");
    if (auto response = signInsRecorded(); !response.done())
        return response;
    constexpr std::int64_t lateMs = late.count() / msInUs;
    std::optional<std::int64_t> since = begin->at;
    if (since && !begin->on)
        since = std::max<std::int64_t>(*since - lateMs, 0);
    const auto query = fmt::format("/events?type=LOGIN&type=LOGIN_ERROR{}&max={}",
                                   since ? "&dateFrom=" + dayBefore(*since) : std::string(), eventsAPage);
    OldestEvents oldest(m_kept);
    // What comes in meanwhile moves the others to later pages: one is met twice, none is missed.
    bool more = true;
    for (std::size_t first = 0; more;) {
        std::string body;
        if (auto response = read(fmt::format("{}&first={}", query, first), "view-events", body);
            !response.done())
            return response;
        auto events = readKeycloakEvents(body);
        if (!events)
            return Response::later("reply", "Keycloak answered with a page that cannot be read.", {}, false);
        first += events->size();
        more = events->size() >= eventsAPage;
        for (auto &event : *events) {
            if (since && event.time < *since)
                more = false;
            else
                oldest.add(std::move(event));
        }
    }
    const bool newerLeft = oldest.more();
    auto events = oldest.take();
    std::optional<std::int64_t> newest;
    for (auto &event : events) {
        newest = event.time;
        if (!event.signIn.empty())
            page.records.push_back(std::move(event.signIn));
    }
    if (newerLeft) {
        if (newest == since) { // no step further: the same would come again without end
            page = {};
            return Response::refused("tooMany",
                                     "More sign-ins happened in one millisecond than can be pulled.");
        }
        page.next = fmt::format("{}{}", goingOn, *newest);
        return Response::ok();
    }
    // An event from the future would leave out all until then.
    if (newest)
        newest = std::min(*newest, m_clock.now().us / msInUs);
    if (const auto end = newest ? std::max(newest, begin->at) : begin->at; end)
        page.cursor = fmt::format("{}", *end);
    return Response::ok();
}

} // namespace riskdesk::connect

// What KeycloakConnector reads by pages: users and sign-ins.
#include "core/base/text.h"
#include "core/connect/keycloak/keycloak_connector.h"
#include "core/connect/keycloak/sign_in_of_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace riskdesk::connect {
namespace {

constexpr std::int64_t msInUs = 1000;
constexpr std::size_t farthest = std::size_t{1} << 30; // place; Keycloak counts them in 32 bits

// Where a pull begins. As a text "1773835200000", a cursor, or within one "on 1773835200000 at 50000 read 100000": at
// this place behind the newest event, all before that time being handed over already, so many by this pull. "again":
// it was felt for with nothing new since that time. The time is "-" where nothing was handed over yet.
struct EventsFrom
{
    std::optional<std::int64_t> at; // milliseconds
    bool on = false;
    std::size_t place = 0, read = 0;
    bool again = false;

    [[nodiscard]] std::string text() const
    {
        return fmt::format("on {} at {}{}{}", at ? fmt::format("{}", *at) : std::string("-"), place,
                           read > 0 ? fmt::format(" read {}", read) : std::string(), again ? " again" : "");
    }
};

std::optional<EventsFrom> eventsFrom(std::string_view from)
{
    EventsFrom read;
    if (from.empty())
        return read;
    const auto number = [](std::string_view text, std::int64_t end) {
        const auto value = toInteger(text);
        return value && *value >= 0 && *value < end ? value : std::nullopt;
    };
    auto words = split(from, ' ');
    read.on = words.front() == "on";
    if (read.on) {
        if (words.back() == "again") {
            read.again = true;
            words.pop_back();
        }
        const bool whole = words.size() == 6 && words[4] == "read";
        // "on 1773835200000", without a place, is how it was written before there were any.
        if (words.size() != 2 && ((words.size() != 4 && !whole) || words[2] != "at"))
            return std::nullopt;
        const auto place = number(words.size() > 2 ? words[3] : "0", farthest);
        const auto count = number(whole ? words[5] : "0", std::numeric_limits<std::int64_t>::max());
        if (!place || !count)
            return std::nullopt;
        read.place = static_cast<std::size_t>(*place);
        read.read = static_cast<std::size_t>(*count);
        if (words[1] == "-")
            return read;
        from = words[1];
    }
    read.at = number(from, Timestamp::fromCivil(9999, 1, 1).us / msInUs);
    return read.at ? std::optional(read) : std::nullopt;
}

// dateFrom is a day in the time zone of the server, whichever that is: no zone is a day away from UTC.
std::string dayBefore(std::int64_t ms)
{
    return (Timestamp{ms * msInUs} - std::chrono::hours(24)).toIso().substr(0, 10);
}

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

Response KeycloakConnector::readEvents(std::optional<std::int64_t> since, std::size_t first, std::size_t most,
                                       std::vector<KeycloakEvent> &events)
{
    std::string body;
    auto response = read(fmt::format("/events?type=LOGIN&type=LOGIN_ERROR{}&max={}&first={}",
                                     since ? "&dateFrom=" + dayBefore(*since) : std::string(), most, first),
                         "view-events", body);
    if (!response.done())
        return response;
    auto read = readKeycloakEvents(body);
    if (!read)
        return Response::later("reply", "Keycloak answered with a page that cannot be read.", {}, false);
    events = std::move(*read);
    return response;
}

// From a place on to older ones, until what is older than `since` is met, or the end; at most what may be kept. The
// oldest first; the server's order among equal times is turned as well.
Response KeycloakConnector::walk(std::optional<std::int64_t> since, std::size_t first,
                                 std::vector<KeycloakEvent> &events, bool &met)
{
    events.clear();
    met = false;
    while (!met && events.size() <= m_kept) { // one more says whether it is the end
        const auto most = std::min(eventsAPage, m_kept + 1 - events.size());
        std::vector<KeycloakEvent> read;
        if (auto response = readEvents(since, first, most, read); !response.done())
            return response;
        first += read.size();
        met = read.size() < most;
        for (auto &event : read) {
            if (since && event.time < *since)
                met = true;
            else
                events.push_back(std::move(event));
        }
    }
    std::ranges::reverse(events);
    std::ranges::stable_sort(events, {}, &KeycloakEvent::time);
    return Response::ok();
}

// The last place, of those half of what may be kept apart, that is not older than `since`.
Response KeycloakConnector::feel(std::optional<std::int64_t> since, std::size_t &first)
{
    const auto apart = std::max<std::size_t>(m_kept / 2, 1);
    const auto isThere = [&](std::size_t step, bool &is) {
        std::vector<KeycloakEvent> events;
        auto response = readEvents(since, step * apart, 1, events);
        is = !events.empty() && (!since || events.front().time >= *since);
        return response;
    };
    std::size_t there = 0, beyond = 1;
    for (bool is = true; beyond * apart < farthest; there = beyond, beyond *= 2) {
        if (auto response = isThere(beyond, is); !response.done())
            return response;
        if (!is)
            break;
    }
    while (there + 1 < beyond) {
        const auto middle = there + (beyond - there) / 2;
        bool is = false;
        if (auto response = isThere(middle, is); !response.done())
            return response;
        (is ? there : beyond) = middle;
    }
    first = there * apart;
    return Response::ok();
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
    auto since = begin->at;
    if (since && !begin->on)
        since = std::max<std::int64_t>(*since - lateMs, 0);
    auto place = begin->place;
    std::vector<KeycloakEvent> events;
    bool met = false, felt = false;
    if (auto response = walk(since, place, events, met); !response.done())
        return response;
    if (!met) {
        if (begin->again)
            return Response::refused("tooMany",
                                     "More sign-ins happened in one millisecond than can be pulled.");
        felt = true;
        if (auto response = feel(since, place); !response.done())
            return response;
        if (auto response = walk(since, place, events, met); !response.done())
            return response;
        if (!met) // as many came in meanwhile as a walk may be long
            return Response::later("reply", "Keycloak records sign-ins faster than they can be read.", {},
                                   false);
    }
    auto newest = since;
    if (!begin->on)
        newest.reset();
    for (auto &event : events) {
        newest = newest ? std::max(*newest, event.time) : event.time;
        if (!event.signIn.empty())
            page.records.push_back(std::move(event.signIn));
    }
    if (place > 0) {
        EventsFrom next;
        next.at = newest ? newest : since;
        next.on = true;
        next.place = place - std::min(place, std::max<std::size_t>(m_kept / 2, 1));
        next.read = begin->read + events.size();
        // Only what is felt for without a step in time is felt for without end.
        next.again = (felt || begin->again) && next.at == since;
        const bool enough = next.read >= m_aPull;
        if (enough)
            next.read = 0;
        (enough ? page.cursor : page.next) = next.text();
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

#include "tests/lab/campus/campus.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::lab {
namespace {

constexpr std::int64_t microsecondsADay = 86'400'000'000;

const char *reasonOf(int code)
{
    switch (code) {
    case 0: return "Other.";
    case 50034: return "The user account does not exist in the directory.";
    case 50074: return "Strong authentication is required.";
    case 50125: return "Sign-in was interrupted by a password reset or registration entry.";
    default: return "Error validating credentials due to invalid username or password.";
    }
}

} // namespace

Campus::Campus(const demo::SampleOptions &options)
    : m_first(static_cast<int>(options.end.us / microsecondsADay) - static_cast<int>(options.days))
    , m_end(static_cast<int>(options.end.us / microsecondsADay))
    , m_life(campusPeople(options.users, options.seed, m_first, m_end), options.seed)
    , m_attackers(m_life, options.seed, m_first, m_end)
    , m_ids(mixed(options.seed, 0x1d5))
{}

void Campus::writeUsers(const demo::LineSink &sink)
{
    for (const Person &p : m_life.people())
        sink(fmt::format(R"({{"id":"{}","displayName":"{}","userPrincipalName":"{}","mail":"{}",)"
                         R"("accountEnabled":true,"createdDateTime":"{}"}})"
                         "\n",
                         p.id, p.name, p.principal, p.principal,
                         Timestamp{p.since * microsecondsADay}.toIso()));
}

void Campus::write(const Event &e, const demo::LineSink &sink)
{
    const std::string id = m_ids.guid(), correlation = m_ids.guid();
    const Person *p = e.person < 0 ? nullptr : &m_life.people()[static_cast<std::size_t>(e.person)];
    const std::string &principal = p != nullptr ? p->principal : e.stranger;
    if (*e.kind != 0)
        m_labels.push_back({id, principal, e.kind, e.campaign, e.compromise});
    const auto look = appearance(e.device, static_cast<int>(e.at / microsecondsADay));
    const auto &country = campusCountries()[e.where.country];
    const auto &city = country.cities[e.where.city];
    const auto &application = applications()[e.application];
    sink(fmt::format(
        R"({{"id":"{}","createdDateTime":"{}","userDisplayName":"{}","userPrincipalName":"{}","userId":"{}",)"
        R"("appId":"{}","appDisplayName":"{}","ipAddress":"{}","autonomousSystemNumber":{},)"
        R"("clientAppUsed":"{}","userAgent":"{}","correlationId":"{}","isInteractive":true,)"
        R"("conditionalAccessStatus":"notApplied","riskDetail":"none","riskLevelAggregated":"none",)"
        R"("riskLevelDuringSignIn":"none","riskState":"none","riskEventTypes_v2":[],)"
        R"("status":{{"errorCode":{},"failureReason":"{}","additionalDetails":null}},)"
        R"("deviceDetail":{{"deviceId":"","displayName":"","operatingSystem":"{}","browser":"{}",)"
        R"("isCompliant":false,"isManaged":false,"trustType":null}},)"
        R"("location":{{"city":"{}","state":"{}","countryOrRegion":"{}","geoCoordinates":)"
        R"({{"altitude":null,"latitude":{:.3f},"longitude":{:.3f}}}}}}})"
        "\n",
        id, Timestamp{e.at}.toIso(), p != nullptr ? p->name : "", principal,
        p != nullptr ? p->id : "00000000-0000-0000-0000-000000000000", application.id, application.name,
        e.where.ip, e.where.asn, look.client, look.agent, correlation, e.code, reasonOf(e.code), look.system,
        look.browser, city.name, city.state, country.code, city.latitude, city.longitude));
}

void Campus::writeSignIns(const demo::LineSink &sink)
{
    std::vector<Event> waiting, today;
    for (int day = m_first; day < m_end; ++day) {
        today.clear();
        m_life.live(day, today);
        m_attackers.strike(day, today, waiting);
        std::move(today.begin(), today.end(), std::back_inserter(waiting));
        std::stable_sort(waiting.begin(), waiting.end(),
                         [](const Event &a, const Event &b) { return a.at < b.at; });
        const std::int64_t midnight = (day + 1) * microsecondsADay;
        const auto rest =
            std::find_if(waiting.begin(), waiting.end(), [&](const Event &e) { return e.at >= midnight; });
        std::for_each(waiting.begin(), rest, [&](const Event &e) { write(e, sink); });
        waiting.erase(waiting.begin(), rest);
    }
}

} // namespace riskdesk::lab

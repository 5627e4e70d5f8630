// A sign-in of the sample as the record an identity provider writes.
#include "core/base/text.h"
#include "core/demo/sample_data.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace riskdesk::demo {
namespace {

// Also where a second factor, a policy or its age stopped it.
bool isRightPassword(int code)
{
    return code == 0 || code == 50076 || code == 53003 || code == 50055;
}

int version(const Event &e)
{
    const auto days = static_cast<int>(e.at / day) - e.device.updateOffset;
    const auto &family = e.device.client->browser;
    if (family == "Safari" || family == "Mobile Safari")
        return 15 + (days - 19000) / 365;
    if (family == "Samsung Browser")
        return 20 + (days - 19500) / 90;
    return 100 + (days - 19100) / 30; // a version a month since spring 2022
}

struct Point
{
    double latitude, longitude;
};
// Place files miss by a median of about 10 km for fixed lines and 190 km for mobile ones (arXiv 2605.21937),
// with a long tail, and always by the same for the same network.
Point located(const Network &network)
{
    const City &city = *network.city;
    Random own(network.ip >> 8);
    const double median = network.mobile ? 190 : 10;
    const double km = std::min(median * portableExp(0.9 * own.normal()), 2500.0);
    const double turn = own.uniform();
    const double north = km * portableCosine(turn) / 111.2;
    const double east = km * portableCosine(turn < 0.25 ? turn + 0.75 : turn - 0.25) / 111.2;
    const double round = 1e4;
    const double latitude = std::clamp(city.latitude + north, -60.0, 75.0);
    const double longitude = std::clamp(city.longitude + east * 1.4, -179.0, 179.0);
    return {std::floor(latitude * round) / round, std::floor(longitude * round) / round};
}

} // namespace

void Sample::Data::write(const Event &e, const LineSink &sink, std::string &line)
{
    const auto id = random.guid();
    const auto &p = *e.person;
    if (!e.label.empty())
        labels.push_back({id, p.upn, std::string(e.label), e.campaign,
                          isRightPassword(e.code) && !e.label.starts_with("benign.")});
    const auto v = version(e);
    std::string agent(e.device.client->agent);
    for (auto at = agent.find("{}"); at != std::string::npos; at = agent.find("{}"))
        agent.replace(at, 2, std::to_string(v));
    line.clear();
    auto out = std::back_inserter(line);
    fmt::format_to(
        out,
        R"({{"id":"{}","createdDateTime":"{}","userDisplayName":{},"userPrincipalName":"{}","userId":"{}",)"
        R"("appId":"{:08x}-0000-4000-8000-000000000001","appDisplayName":"{}","ipAddress":"{}","clientAppUsed":"{}",)"
        R"("userAgent":"{}","correlationId":"{}","isInteractive":true,"resourceDisplayName":"{}",)"
        R"("authenticationRequirement":"singleFactorAuthentication","autonomousSystemNumber":{},)",
        id, Timestamp{e.at}.toIso(), jsonString(p.name), p.upn, p.id,
        static_cast<unsigned>(e.application.size() * 2654435761u), e.application, addressText(e.network.ip),
        e.device.client->mobile ? "Mobile Apps and Desktop clients" : "Browser", agent, random.guid(),
        e.application == "Loyalty" ? "Loyalty API" : "Storefront API", e.network.asn);
    if (!p.issuer.empty())
        fmt::format_to(out, R"("federatedTokenIssuer":"{}",)", p.issuer);
    fmt::format_to(
        out, R"("status":{{"errorCode":{},"failureReason":"{}","additionalDetails":null}},)", e.code,
        e.code == 50126   ? "Invalid username or password or Invalid on-premise username or password."
        : e.code == 50140 ? "This occurred due to 'Keep me signed in' interrupt when the user was signing in."
        : e.code == 90033 ? "The service is temporarily unavailable. Please retry later."
                          : "Other.");
    fmt::format_to(
        out,
        R"("deviceDetail":{{"deviceId":"{}","displayName":"","operatingSystem":"{}","browser":"{} {}.0.0","isCompliant":{},"isManaged":{},"trustType":""}},)",
        e.device.id, e.device.client->system, e.device.client->browser, v, !e.device.id.empty(),
        !e.device.id.empty());
    // Two in a hundred records come without coordinates.
    const auto &city = *e.network.city;
    const Point point = options.habits.placeError ? located(e.network) : Point{city.latitude, city.longitude};
    if (random.chance(0.02))
        fmt::format_to(out,
                       R"("location":{{"city":"","state":"","countryOrRegion":"{}","geoCoordinates":{{}}}})",
                       city.country);
    else
        fmt::format_to(
            out,
            R"("location":{{"city":"{}","state":"{}","countryOrRegion":"{}","geoCoordinates":{{"altitude":null,"latitude":{},"longitude":{}}}}})",
            city.name, city.region, city.country, point.latitude, point.longitude);
    if (options.full)
        for (unsigned i = 0; i < 3; ++i)
            fmt::format_to(
                out,
                R"({}{{"id":"{}","displayName":"Policy {}: customers sign in from known clients","enforcedGrantControls":["Mfa"],"enforcedSessionControls":[],"result":"notApplied","conditionsSatisfied":"application,users","conditionsNotSatisfied":"devicePlatform"}}{})",
                i == 0 ? R"(,"conditionalAccessStatus":"notApplied","appliedConditionalAccessPolicies":[)"
                       : ",",
                random.guid(), i + 1, i == 2 ? "]" : "");
    line += "}\n";
    sink(line);
}

} // namespace riskdesk::demo

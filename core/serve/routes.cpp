#include "core/serve/routes.h"

#include "core/base/text.h"
#include "core/query/filter/fields.h"
#include "core/query/odata/property_path.h"
#include "core/serve/collection.h"
#include "core/serve/handlers.h"

#include <fmt/format.h>

#include <array>

namespace riskdesk::serve {
namespace {

using enum Scope;
constexpr auto readUsers = IdentityRiskyUserReadAll, decideUsers = IdentityRiskyUserReadWriteAll;
constexpr auto readEvents = IdentityRiskEventReadAll, decideEvents = IdentityRiskEventReadWriteAll;

// clang-format off
constexpr std::array routeTable = {
    Route{"GET", "/identityProtection/riskyUsers", false, readUsers, "Users at risk, and those who were.", "$filter=riskLevel eq 'high' and riskState eq 'atRisk'&$orderby=riskLastUpdatedDateTime desc&$top=50", listRiskyUsers},
    Route{"GET", "/identityProtection/riskyUsers/delta", false, readUsers, "Risky users that changed since the token of @odata.deltaLink; all of them at first.", "$deltatoken=latest", changedRiskyUsers},
    Route{"GET", "/identityProtection/riskyUsers/{id}", false, readUsers, "One of them.", "$select=id,riskLevel,riskState", getRiskyUser},
    Route{"GET", "/identityProtection/riskyUsers/{id}/history", false, readUsers, "Every change of a user's risk, newest first, and who made it.", "$top=10", listHistory},
    Route{"GET", "/identityProtection/riskyUsers/{id}/history/{itemId}", false, readUsers, "One change.", "", getHistoryItem},
    Route{"POST", "/identityProtection/riskyUsers/dismiss", false, decideUsers, "Dismiss the risk of users, at most 60.", R"({"userIds":["{id}"]})", dismissUsers},
    Route{"POST", "/identityProtection/riskyUsers/confirmCompromised", false, decideUsers, "Confirm that users are compromised: their risk becomes high.", R"({"userIds":["{id}"]})", confirmUsersCompromised},
    Route{"POST", "/identityProtection/riskyUsers/confirmSafe", false, decideUsers, "Confirm that users are safe: what was found was usual for them.", R"({"userIds":["{id}"]})", confirmUsersSafe},
    Route{"GET", "/identityProtection/riskDetections", false, readEvents, "What was detected.", "$filter=riskEventType eq 'passwordSpray' and activityDateTime ge 2024-01-01T00:00:00Z&$count=true", listRiskDetections},
    Route{"GET", "/identityProtection/riskDetections/delta", false, readEvents, "Detections that changed since the token of @odata.deltaLink; all of them at first.", "$select=id,riskState", changedRiskDetections},
    Route{"GET", "/identityProtection/riskDetections/{id}", false, readEvents, "One detection.", "", getRiskDetection},
    Route{"GET", "/auditLogs/signIns", false, AuditLogReadAll, "Sign-ins, with the risk that was found in them.", "$filter=location/countryOrRegion eq 'PT' and riskLevelAggregated ne 'none'&$top=20", listSignIns},
    Route{"GET", "/auditLogs/signIns/{id}", false, AuditLogReadAll, "One sign-in.", "", getSignIn},
    Route{"POST", "/auditLogs/signIns/dismiss", false, decideEvents, "Dismiss the risk of sign-ins, at most 60.", R"({"requestIds":["{id}"]})", dismissSignIns},
    Route{"POST", "/auditLogs/signIns/confirmCompromised", false, decideEvents, "Confirm that sign-ins were made by somebody else.", R"({"requestIds":["{id}"]})", confirmSignInsCompromised},
    Route{"POST", "/auditLogs/signIns/confirmSafe", false, decideEvents, "Confirm that sign-ins were the user's own.", R"({"requestIds":["{id}"]})", confirmSignInsSafe},
    Route{"GET", "/users", false, UserReadAll, "Everyone the directory knows.", "$filter=accountEnabled eq false&$select=id,displayName", listUsers},
    Route{"GET", "/users/{id}", false, UserReadAll, "One user, by id or user principal name.", "", getUser},
    Route{"PATCH", "/users/{id}", false, UserReadWriteAll, "Block or allow sign-in, and have the password reset.", R"({"accountEnabled":false})", changeUser},
    Route{"POST", "/users/{id}/revokeSignInSessions", false, UserReadWriteAll, "End a user's sessions: whoever is signed in has to sign in again.", "", revokeSignInSessions},
    Route{"GET", "/riskyUsers", true, readUsers, "The older address of risky users.", "", listRiskyUsers},
    Route{"GET", "/riskyUsers/{id}", true, readUsers, "The older address of one of them.", "", getRiskyUser},
    Route{"GET", "/riskyUsers/{id}/history", true, readUsers, "The older address of a user's history.", "", listHistory},
    Route{"POST", "/riskyUsers/dismiss", true, decideUsers, "The older address of dismiss.", R"({"userIds":["{id}"]})", dismissUsers},
    Route{"POST", "/riskyUsers/confirmCompromised", true, decideUsers, "The older address of confirmCompromised.", R"({"userIds":["{id}"]})", confirmUsersCompromised},
    Route{"POST", "/riskyUsers/confirmSafe", true, decideUsers, "The older address of confirmSafe.", R"({"userIds":["{id}"]})", confirmUsersSafe},
    Route{"GET", "/riskDetections", true, readEvents, "The older address of detections.", "", listRiskDetections},
    Route{"GET", "/riskDetections/{id}", true, readEvents, "The older address of one detection.", "", getRiskDetection},
};
// clang-format on

// The keys of the path, or nothing when it is another.
std::optional<std::vector<std::string>> keysOf(std::string_view pattern, std::span<const std::string> path)
{
    const auto parts = split(pattern.substr(1), '/');
    if (parts.size() != path.size())
        return std::nullopt;
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (parts[i].starts_with('{'))
            keys.push_back(path[i]);
        else if (!equalsIgnoringCase(parts[i], path[i]))
            return std::nullopt;
    }
    return keys;
}

// A path that is spelt out goes before one with a key in its place: "dismiss" is no user.
bool goesBefore(const Route &one, const Route &other)
{
    return std::ranges::count(one.path, '{') < std::ranges::count(other.path, '{');
}

bool isCollection(const Route &route)
{
    return route.method == "GET" && !route.path.ends_with('}') && !route.path.ends_with("/delta");
}

} // namespace

std::span<const Route> routes()
{
    return routeTable;
}

RouteMatch findRoute(std::string_view method, std::span<const std::string> path, bool beta)
{
    RouteMatch match;
    if (!path.empty() && path.back() == "$count") {
        match = findRoute(method, path.first(path.size() - 1), beta);
        match.counts = true;
        return match.route != nullptr && isCollection(*match.route) ? match : RouteMatch();
    }
    const Route *nearest = nullptr;
    for (const auto &route : routeTable) {
        if (route.betaOnly && !beta)
            continue;
        auto keys = keysOf(route.path, path);
        if (!keys || (nearest != nullptr && goesBefore(*nearest, route)))
            continue;
        if (nearest == nullptr || goesBefore(route, *nearest)) {
            nearest = &route;
            match = {};
        }
        match.allow += (match.allow.empty() ? "" : ", ") + std::string(route.method);
        if (route.method == method) {
            match.route = &route;
            match.ids = std::move(*keys);
        }
    }
    return match;
}

std::string apiReference()
{
    std::string out = "# The API\n\nServed by `riskdeskctl serve` under `/v1.0` and `/beta`, in the shape of "
                      "Microsoft Graph. This page is what `riskdeskctl reference` prints: it is made "
                      "of the tables that serve.\n\n## Scopes\n\n| Scope | What it allows |\n|---|---|\n";
    for (const auto &scope : scopeTable())
        out += fmt::format("| `{}` | {} |\n", scope.text, scope.meaning);
    out += "\n## Routes\n";
    for (const auto &route : routeTable) {
        out += fmt::format("\n### {} {}\n\n{}{} Needs {}.\n", route.method, route.path, route.summary,
                           route.betaOnly ? " Under `/beta` only." : "",
                           route.scope ? fmt::format("`{}`", toText(*route.scope)) : std::string("no scope"));
        if (route.method == "GET")
            out += fmt::format("\n```\nGET /{}{}{}{}\n```\n", route.betaOnly ? "beta" : "v1.0", route.path,
                               route.example.empty() ? "" : "?", route.example);
        else if (route.example.empty())
            out += fmt::format("\n```\n{} /{}{}\n```\n", route.method, route.betaOnly ? "beta" : "v1.0",
                               route.path);
        else
            out += fmt::format("\n```\n{} /{}{}\nContent-Type: application/json\n\n{}\n```\n", route.method,
                               route.betaOnly ? "beta" : "v1.0", route.path, route.example);
    }
    out += fmt::format(
        "\n## Query options\n\n`$filter` (eq, ne, gt, ge, lt, le, and, or, not, in, startswith, "
        "endswith, contains), `$orderby`, `$select`, `$top` (at most {}), `$skiptoken`, "
        "`$count`. What is unknown or does not fit is refused with its name. `/$count` behind a list "
        "tells how many rows pass `$filter`, as plain text.\n",
        mostTop);
    out += "\n## Also\n\n"
           "- `$batch` takes up to 20 requests of the same version; `dependsOn` is heeded. `$metadata` "
           "describes the types (CSDL) and needs no token.\n"
           "- `Prefer: include-unknown-enum-members` tells members that came after an enumeration was closed "
           "by name, `odata.maxpagesize=N` shortens pages, `return=representation` answers an action with "
           "what became of every id.\n"
           "- An action is 204 when everything asked for is so now, 409 with the reason when nothing could "
           "be done, 400 when an id is unknown: then nothing was changed.\n"
           "- Errors have Graph's shape; branch on `error.code`. 429 always says in `Retry-After` when to go "
           "on. Delta tokens hold as long as the directory, next links while the server runs.\n"
           "- `PATCH` takes `accountEnabled` and `passwordProfile/forceChangePasswordNextSignIn`. A password "
           "cannot be handed over.\n";
    using query::Report;
    for (const auto report :
         {Report::RiskyUsers, Report::Detections, Report::SignIns, Report::Users, Report::History}) {
        out += fmt::format("\n### {}\n\n| Property | Filter | Order | What it is |\n|---|---|---|---|\n",
                           query::typeName(report));
        for (const auto &field : query::columns(report)) {
            if (field.property.empty())
                continue;
            const auto path = query::slashed(field.property);
            out += fmt::format("| `{}` | {} | {} | {} |\n", path,
                               query::columnToFilter(report, path, 0) ? "yes" : "",
                               query::columnToSort(report, path, 0) ? "yes" : "", field.meaning);
        }
    }
    return out;
}

} // namespace riskdesk::serve

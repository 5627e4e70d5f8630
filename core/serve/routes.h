// Routes: everything the API answers, one row each: the table that serves is the one that documents it.
//
// Paths stand behind /v1.0 and /beta; {…} is a key. Any thread.
#pragma once

#include "core/serve/call.h"
#include "core/serve/scope.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::serve {

struct Route
{
    std::string_view method;
    std::string_view path; // "/identityProtection/riskyUsers/{id}"
    bool betaOnly;         // Graph has it in beta alone
    std::optional<Scope> scope;
    std::string_view summary; // one sentence
    std::string_view example; // of the query, or of the body where there is one
    Answer (*answer)(const Call &call);
};

[[nodiscard]] std::span<const Route> routes();

struct RouteMatch
{
    const Route *route = nullptr; // none: no such path, or another method
    std::vector<std::string> ids; // for the keys of the path
    std::string allow;            // methods that the path has; empty: there is no such path
    bool counts = false;          // "/$count" behind a collection: how many, and nothing else
};
// `path` without the version.
[[nodiscard]] RouteMatch findRoute(std::string_view method, std::span<const std::string> path, bool beta);

// The reference of the API as Markdown: scopes, routes with an example each, query options, properties, and
// limits. It is made of the tables that serve.
[[nodiscard]] std::string apiReference();

} // namespace riskdesk::serve

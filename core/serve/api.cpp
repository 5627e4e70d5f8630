#include "core/serve/api.h"

#include "core/action/read_log.h"
#include "core/base/desk.h"
#include "core/base/text.h"
#include "core/base/uuid.h"
#include "core/directory/directory.h"
#include "core/query/json_object.h"
#include "core/query/read_session.h"
#include "core/serve/access_tokens.h"
#include "core/serve/handlers.h"
#include "core/serve/rate_limit.h"
#include "core/serve/routes.h"
#include "core/store/schema.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

namespace riskdesk::serve {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t longestClientId = 128;

// A client's own id of a request comes back in headers and errors: no text that could be more than that.
std::string clientRequestId(const HttpRequest &request, std::string_view instead)
{
    const auto id = request.header("client-request-id");
    const bool plain = !id.empty() && id.size() <= longestClientId &&
                       std::ranges::all_of(id, [](char c) { return c > ' ' && c < '\x7f'; });
    return std::string(plain ? id : instead);
}

std::string_view bearerOf(const HttpRequest &request)
{
    constexpr std::string_view scheme = "Bearer ";
    const auto given = request.header("Authorization");
    if (given.size() <= scheme.size() || !equalsIgnoringCase(given.substr(0, scheme.size()), scheme))
        return {};
    return trim(given.substr(scheme.size()));
}

GraphError unauthorized()
{
    return {401,
            "InvalidAuthenticationToken",
            "A bearer token of this directory is needed: it is missing, unknown, expired or revoked.",
            {{"WWW-Authenticate", "Bearer realm=\"Riskdesk\""}}};
}

} // namespace

struct Api::Own
{
    Own(ApiSettings of, const Clock &with, run::Directory opened)
        : settings(std::move(of))
        , clock(with)
        , directory(std::move(opened))
        , limit(settings.requestsPerSecond, settings.burst)
    {}

    // A reader for one call, given back at its end.
    class Borrowed
    {
    public:
        Borrowed(Own &own, store::Connection connection)
            : m_own(own)
            , m_connection(std::move(connection))
        {}
        ~Borrowed()
        {
            const std::lock_guard lock(m_own.mutex);
            m_own.readers.push_back(std::move(m_connection));
        }
        Borrowed(const Borrowed &) = delete;
        Borrowed &operator=(const Borrowed &) = delete;
        store::Connection &operator*() { return m_connection; }

    private:
        Own &m_own;
        store::Connection m_connection;
    };
    Result<std::unique_ptr<Borrowed>> borrow()
    {
        {
            const std::lock_guard lock(mutex);
            if (!readers.empty()) {
                auto connection = std::move(readers.back());
                readers.pop_back();
                return std::make_unique<Borrowed>(*this, std::move(connection));
            }
        }
        auto connection = store::openForReading(settings.directory);
        if (!connection)
            return tl::unexpected(connection.error());
        query::ReadSession::attach(*connection, session);
        return std::make_unique<Borrowed>(*this, std::move(*connection));
    }

    // Noting when a token was last used takes the connection that writes; while that is at work nobody waits
    // for it.
    Result<TokenLookup> lookUp(store::Connection &reader, std::string_view presented)
    {
        if (const std::unique_lock lock(writing, std::try_to_lock); lock)
            return findToken(directory.connection(), clock, presented);
        return findToken(reader, clock, presented);
    }

    Answer answer(const HttpRequest &request, const std::stop_token &stop, bool inBatch);
    Answer batch(const HttpRequest &request, std::string_view version, const std::stop_token &stop);

    const ApiSettings settings;
    const Clock &clock;
    const std::string secret = makeUuid(); // of skip tokens: they hold while the server runs
    std::mutex writing;                    // guards `directory`
    run::Directory directory;
    std::mutex mutex; // guards `readers`
    std::vector<store::Connection> readers;
    std::shared_ptr<query::ReadSession> session = std::make_shared<query::ReadSession>();
    RateLimit limit;
};

Answer Api::Own::answer(const HttpRequest &request, const std::stop_token &stop, bool inBatch)
{
    auto url = RequestUrl::parse(request.target);
    if (!url)
        return badRequest("The address holds an escape or bytes that are no text.");
    const auto version = url->path.empty() ? std::string() : url->path.front();
    if (version != "v1.0" && version != "beta")
        return refuse(404, "ResourceNotFound", "Addresses begin with '/v1.0' or '/beta'.");
    const std::span path = std::span(url->path).subspan(1);
    if (request.method == "GET" && path.size() == 1 && path[0] == "$metadata")
        return HttpResponse{200, {{"Content-Type", "application/xml;charset=utf-8"}}, metadataXml()};

    auto reader = borrow();
    if (!reader)
        return tl::unexpected(toGraphError(reader.error()));
    auto found = lookUp(***reader, bearerOf(request));
    if (!found)
        return tl::unexpected(toGraphError(found.error()));
    if (!found->token)
        return tl::unexpected(unauthorized());
    const auto &token = *found->token;
    if (const auto wait = limit.take(token.id, clock.now()); wait > 0)
        return tl::unexpected(
            GraphError{429,
                       "TooManyRequests",
                       fmt::format("Too many requests with this token; go on in {} s.", wait),
                       {{"Retry-After", std::to_string(wait)}}});
    if (path.size() == 1 && path[0] == "$batch") {
        if (inBatch)
            return badRequest("A batch cannot hold a batch.");
        if (request.method != "POST")
            return tl::unexpected(
                GraphError{405, "Request_BadRequest", "A batch is posted.", {{"Allow", "POST"}}});
        return batch(request, version, stop);
    }

    auto match = findRoute(request.method, path, version == "beta");
    if (match.allow.empty())
        return refuse(404, "ResourceNotFound",
                      fmt::format("Resource not found for the segment '{}'.",
                                  path.empty() ? std::string() : path.back().substr(0, 100)));
    if (match.route == nullptr)
        return tl::unexpected(
            GraphError{405,
                       "Request_BadRequest",
                       fmt::format("{} is not possible here.", request.method.substr(0, 20)),
                       {{"Allow", match.allow}}});
    const auto scope = match.route->scope;
    if (scope && !token.scopes.has(*scope))
        return refuse(403, "Authorization_RequestDenied",
                      fmt::format("Insufficient privileges to complete the operation: the token needs {}.",
                                  toText(*scope)));
    Call call{version,
              fmt::format("https://{}/{}", request.header("Host"), version),
              {},
              std::move(match.ids),
              std::move(url->options),
              request.body,
              Preferences::parse(request.header("Prefer")),
              "API token " + token.name,
              scope ? info(*scope).role : action::Role::Reader,
              **(*reader),
              [this](const std::function<Answer(store::Connection &)> &change) {
                  const std::lock_guard lock(writing);
                  return change(directory.connection());
              },
              clock,
              secret,
              settings.mostIds,
              stop,
              match.counts};
    for (const auto &segment : path)
        call.path += '/' + percentEncoded(segment);
    if (request.method == "GET" && scope) {
        std::string target = "GET ";
        for (const auto &segment : path)
            target += '/' + segment;
        for (const auto &[name, value] : call.options)
            if (name == "$filter")
                target += "?$filter=" + value;
        const action::Operator who{call.actor, call.role, "API", hostName()};
        if (auto noted = action::noteReading(call.connection, settings.directory, clock, who, target); !noted)
            return tl::unexpected(toGraphError(noted.error()));
    }
    return match.route->answer(call);
}

// Requests one after the other, in their order; one waits for those it depends on and is not made when one
// of them failed.
Answer Api::Own::batch(const HttpRequest &request, std::string_view version, const std::stop_token &stop)
{
    dom::parser parser;
    dom::element root;
    dom::array requests;
    if (!isValidUtf8(request.body) || parser.parse(request.body).get(root) != simdjson::SUCCESS ||
        root["requests"].get(requests) != simdjson::SUCCESS)
        return badRequest("The body is no JSON object with a list 'requests'.");
    if (requests.size() == 0 || requests.size() > settings.mostInBatch)
        return badRequest(fmt::format("A batch holds 1 to {} requests; this one holds {}.",
                                      settings.mostInBatch, requests.size()));
    const auto text = [](dom::element of, std::string_view member) {
        std::string_view value;
        return of[member].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
    };
    std::set<std::string> ids;
    for (const auto one : requests)
        if (const auto id = text(one, "id"); id.empty() || !ids.insert(id).second)
            return badRequest("Every request of a batch has an 'id' of its own.");
    std::map<std::string, int> status;
    std::string responses;
    for (const auto one : requests) {
        HttpRequest inner;
        inner.method = text(one, "method");
        const auto url = text(one, "url");
        inner.target = fmt::format("/{}{}{}", version, url.starts_with('/') ? "" : "/", url);
        dom::object headers;
        if (one["headers"].get(headers) == simdjson::SUCCESS)
            for (const auto [name, value] : headers)
                if (std::string_view given; value.get(given) == simdjson::SUCCESS &&
                                            !equalsIgnoringCase(name, "Authorization") &&
                                            !equalsIgnoringCase(name, "Host"))
                    inner.headers.emplace_back(name, given);
        for (const std::string_view name : {"Authorization", "Host"})
            inner.headers.emplace_back(name, request.header(name));
        dom::element body;
        if (one["body"].get(body) == simdjson::SUCCESS)
            inner.body = simdjson::minify(body);
        dom::array before;
        bool failed = false;
        if (one["dependsOn"].get(before) == simdjson::SUCCESS)
            for (const auto item : before) {
                std::string_view id;
                const auto done =
                    item.get(id) == simdjson::SUCCESS ? status.find(std::string(id)) : status.end();
                failed = failed || done == status.end() || done->second >= 400;
            }
        const auto id = text(one, "id");
        const auto requestId = makeUuid();
        auto answered = failed ? Answer(refuse(424, "FailedDependency",
                                               "A request that this one depends on failed or comes later."))
                               : answer(inner, stop, true);
        const auto response = answered ? std::move(*answered)
                                       : toResponse(answered.error(), requestId,
                                                    clientRequestId(inner, requestId), clock.now());
        status[id] = response.status;
        query::JsonObject told, toldHeaders;
        for (const auto &[name, value] : response.headers)
            toldHeaders.text(name, value);
        told.text("id", id).whole("status", response.status).raw("headers", toldHeaders.done());
        if (!response.body.empty())
            told.raw("body", response.body.starts_with('{') ? response.body : jsonString(response.body));
        responses += (responses.empty() ? "" : ",") + told.done();
    }
    return HttpResponse{200, {{"Content-Type", "application/json"}}, "{\"responses\":[" + responses + "]}"};
}

Api::Api(std::unique_ptr<Own> own)
    : m(std::move(own))
{}

Api::~Api() = default;

Result<std::unique_ptr<Api>> Api::open(const ApiSettings &settings, const Clock &clock)
{
    auto directory = run::Directory::open(settings.directory);
    if (!directory)
        return tl::unexpected(directory.error());
    return std::unique_ptr<Api>(new Api(std::make_unique<Own>(settings, clock, std::move(*directory))));
}

HttpResponse Api::answer(const HttpRequest &request, const std::stop_token &stop)
{
    const auto requestId = makeUuid();
    const auto clientId = clientRequestId(request, requestId);
    auto answered = m->answer(request, stop, false);
    auto response =
        answered ? std::move(*answered) : toResponse(answered.error(), requestId, clientId, m->clock.now());
    response.headers.emplace_back("request-id", requestId);
    response.headers.emplace_back("client-request-id", clientId);
    return response;
}

} // namespace riskdesk::serve

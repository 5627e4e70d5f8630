#include "core/connect/webhook/webhook_connector.h"

#include "core/base/text.h"
#include "core/base/uuid.h"
#include "core/connect/webhook/signature.h"

#include <fmt/format.h>

namespace riskdesk::connect {
namespace {

// What happened, as Graph names the action, for the receivers to tell the messages apart.
std::string_view typeOf(ProviderOperation operation)
{
    switch (operation) {
    case ProviderOperation::DismissRisk: return "riskyUser.dismiss";
    case ProviderOperation::ConfirmCompromised: return "riskyUser.confirmCompromised";
    case ProviderOperation::ConfirmSafe: return "riskyUser.confirmSafe";
    default: return "riskdesk.notification";
    }
}

struct Message
{
    std::string type, data;
};

// A payload that begins with a type of its own, {"type":"user.block","id":…, is a message of that type.
Message messageOf(const Request &request)
{
    constexpr std::string_view begin = R"({"type":")", end = R"(",)";
    const std::string_view payload = request.payload;
    const auto until = payload.starts_with(begin) ? payload.find(end, begin.size()) : payload.npos;
    if (until == payload.npos)
        return {std::string(typeOf(request.operation)), request.payload};
    return {std::string(payload.substr(begin.size(), until - begin.size())),
            '{' + std::string(payload.substr(until + end.size()))};
}

Response judge(const HttpReply &reply)
{
    if (!reply.transport.done())
        return reply.transport;
    const auto code = fmt::format("http{}", reply.status);
    if (reply.status >= 200 && reply.status < 300)
        return Response::ok("The receiver took it.");
    switch (reply.status) {
    case 429:
    case 503: return Response::later(code, "The receiver is busy and asks to wait.", reply.retryAfter);
    case 408:
    case 500:
    case 502:
    case 504:
        return Response::later(code, fmt::format("The receiver failed ({}).", reply.status),
                               reply.retryAfter);
    case 401:
    case 403:
        return Response::refused(
            code, fmt::format("The receiver does not accept the signature ({}); compare the signing secret.",
                              reply.status));
    case 404:
    case 410:
        return Response::refused(
            code, fmt::format("Nobody receives at this address ({}); check its path.", reply.status));
    default:
        return Response::refused(code, reply.status >= 300 && reply.status < 400
                                           ? std::string("The receiver points elsewhere, which is not "
                                                         "followed; enter the address it points to.")
                                           : fmt::format("The receiver refused it ({}).", reply.status));
    }
}

} // namespace

namespace {

// The setting itself where it has no path, and of connections that were set up before paths were secrets.
HttpsAddress addressOf(const SetUp &setUp)
{
    const auto &url = setUp.settings.at("url");
    const auto whole = setUp.secrets.find("address");
    const bool isHidden = whole != setUp.secrets.end() && withoutPath(whole->second.reveal()) == url;
    return HttpsAddress::parse(isHidden ? whole->second.reveal() : url).value_or(HttpsAddress());
}

} // namespace

WebhookConnector::WebhookConnector(SetUp &&setUp)
    : m_clock(setUp.clock)
    , m_address(addressOf(setUp))
    , m_key(signingKey(setUp.secrets["secret"]))
    , m_client(m_address, setUp.settings["caFile"])
{}

std::string WebhookConnector::body(std::string_view type, const std::string &data) const
{
    return messageBody(type, m_clock.now(), data);
}

Response WebhookConnector::post(const std::string &id, const std::string &body)
{
    return judge(m_client.post(m_address.path, signedHeaders(m_key, id, m_clock.now(), body), body,
                               "application/json", m_stop));
}

Response WebhookConnector::test()
{
    return post(makeUuid(), body("riskdesk.test", "{}"));
}

Response WebhookConnector::perform(const Request &request)
{
    if (!has(able, request.operation))
        return Response::refused("unsupported", "A webhook changes no accounts.");
    auto [type, data] = messageOf(request);
    if (data.empty())
        data = fmt::format(R"({{"id":{},"userPrincipalName":{}}})", jsonString(request.userId),
                           jsonString(request.userPrincipalName));
    return post(request.key, body(type, data));
}

Response WebhookConnector::reconcile(const Request &, const std::string &, Reconciled &outcome)
{
    outcome = Reconciled::Repeatable;
    return Response::ok();
}

} // namespace riskdesk::connect

#include "core/serve/service.h"

#include "core/base/ip_address.h"
#include "core/base/text.h"
#include "core/serve/api.h"
#include "core/serve/certificate.h"
#include "core/serve/https_server.h"

#include <fmt/format.h>

#include <utility>

namespace riskdesk::serve {
namespace {

Result<std::uint16_t> portOf(std::string_view text)
{
    const auto port = toInteger(text);
    if (!port || *port < 0 || *port > 65'535)
        return fail(Code::WrongUsage, std::string(text),
                    fmt::format("\"{}\" is no port; ports go from 0 to 65535.", text));
    return static_cast<std::uint16_t>(*port);
}

bool isEveryAddress(std::string_view address)
{
    return address == "0.0.0.0" || address == "::";
}

// Every address of the machine is none that a client could name.
std::string urlOf(std::string host, std::uint16_t port, const std::vector<std::string> &names)
{
    if (isEveryAddress(host))
        host = names.empty() ? "localhost" : names.front();
    else if (host.find(':') != std::string::npos)
        host = '[' + host + ']';
    return fmt::format("https://{}:{}", host, port);
}

} // namespace

bool ListenAddress::isLoopback() const
{
    return address == "::1" || address.starts_with("127.");
}

Result<ListenAddress> listenAddress(std::string_view text)
{
    const auto whole = trim(text);
    const auto wrong = [whole](std::string sentence) {
        return fail(Code::WrongUsage, std::string(whole), std::move(sentence));
    };
    if (whole.empty())
        return wrong("An address is missing; write an address and a port, like 127.0.0.1:8443.");
    const auto colon = whole.rfind(':');
    auto host = whole.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (colon == std::string_view::npos || (whole.starts_with('[') && whole.ends_with(']')))
        return wrong(
            fmt::format("\"{}\" names no port; write it behind a colon, like 127.0.0.1:8443.", whole));
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        return wrong(fmt::format(
            "\"{}\" cannot be read; an IPv6 address stands in brackets, like [::1]:8443.", whole));
    auto port = portOf(whole.substr(colon + 1));
    if (!port)
        return tl::unexpected(port.error());
    ListenAddress result{equalsIgnoringCase(host, "localhost") ? "127.0.0.1" : std::string(host), *port};
    if (!IpAddress::parse(result.address))
        return wrong(fmt::format(
            "\"{}\" is no address in numbers; write one like 127.0.0.1:8443 or [::1]:8443.", host));
    return result;
}

struct Service::Own
{
    // The server's handler asks both: they go after the server.
    std::unique_ptr<AuditKeeper> keeper;
    std::unique_ptr<Api> api;
    std::unique_ptr<HttpsServer> server;
    std::string url, fingerprint;
    std::filesystem::path certificate;
    bool reachesOthers = false;
};

Result<std::unique_ptr<Service>> Service::start(const ServiceSettings &settings, const Clock &clock)
{
    const auto where = listenAddress(settings.listen);
    if (!where)
        return tl::unexpected(where.error());
    if (settings.certificate.empty() != settings.key.empty())
        return fail(Code::WrongUsage, settings.certificate.string() + settings.key.string(),
                    "A certificate and its key belong together.");
    auto api = Api::open({.directory = settings.directory,
                          .requestsPerSecond = settings.requestsPerSecond,
                          .burst = settings.requestsPerSecond * 3},
                         clock);
    if (!api)
        return tl::unexpected(api.error());
    auto own = std::make_unique<Own>();
    own->api = std::move(*api);
    own->reachesOthers = !where->isLoopback();
    ServerSettings network;
    network.address = where->address;
    network.port = where->port;
    network.hostNames = settings.hosts;
    network.grace = settings.grace;
    const auto certificate = [&]() -> Result<CertificateFiles> {
        CertificateFiles files{settings.certificate, settings.key};
        if (files.certificate.empty()) {
            auto names = settings.hosts;
            if (own->reachesOthers && !isEveryAddress(where->address))
                names.push_back(where->address);
            auto made = ownCertificate(settings.directory, names, clock);
            if (!made)
                return tl::unexpected(made.error());
            files = std::move(*made);
        }
        auto print = serve::fingerprint(files.certificate);
        if (!print)
            return tl::unexpected(print.error());
        own->fingerprint = std::move(*print);
        own->certificate = files.certificate;
        return files;
    };
    if (settings.secrets)
        own->keeper = std::make_unique<AuditKeeper>(settings.directory, settings.secrets, settings.trouble);
    auto server = HttpsServer::start(
        network,
        [&asked = *own->api, keeper = own->keeper.get()](const HttpRequest &request,
                                                         const std::stop_token &stop) {
            auto response = asked.answer(request, stop);
            if (keeper != nullptr)
                keeper->look();
            return response;
        },
        certificate);
    if (!server)
        return tl::unexpected(server.error());
    own->server = std::move(*server);
    own->url = urlOf(own->server->address(), own->server->port(), settings.hosts);
    return std::unique_ptr<Service>(new Service(std::move(own)));
}

Service::Service(std::unique_ptr<Own> own)
    : m(std::move(own))
{}

Service::~Service() = default;

const std::string &Service::url() const
{
    return m->url;
}

const std::filesystem::path &Service::certificate() const
{
    return m->certificate;
}

const std::string &Service::fingerprint() const
{
    return m->fingerprint;
}

bool Service::reachesOthers() const
{
    return m->reachesOthers;
}

void Service::stop()
{
    m->server->stop();
}

} // namespace riskdesk::serve

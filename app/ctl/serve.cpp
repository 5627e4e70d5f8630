// The API server.

#include "core/base/ip_address.h"
#include "core/base/text.h"
#include "core/query/json_object.h"
#include "core/serve/api.h"
#include "core/serve/certificate.h"
#include "core/serve/https_server.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>

#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>

namespace riskdesk::ctl {
namespace {

struct ServeCommand
{
    std::string listen = "127.0.0.1:8443";
    std::string certificate, key;
    std::vector<std::string> hosts;
    double rate = 100;
};

// "127.0.0.1:8443", "[::1]:8443". An address that is none is found here, before a certificate is made for it in
// the place of the one that clients trust.
bool takeAddress(std::string_view listen, serve::ServerSettings &settings)
{
    const auto colon = listen.rfind(':');
    if (colon == std::string_view::npos)
        return false;
    const auto port = toInteger(listen.substr(colon + 1));
    if (!port || *port < 0 || *port > 65'535)
        return false;
    auto host = listen.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        return false;
    settings.address = equalsIgnoringCase(host, "localhost") ? "127.0.0.1" : std::string(host);
    settings.port = static_cast<std::uint16_t>(*port);
    return IpAddress::parse(settings.address).has_value();
}

bool isLoopback(std::string_view address)
{
    return address == "::1" || address.starts_with("127.");
}

int serveApi(const Common &common, const ServeCommand &options, Format format)
{
    serve::ServerSettings settings;
    if (!takeAddress(options.listen, settings))
        return report({Code::WrongUsage, options.listen,
                       "--listen takes an address and a port: 127.0.0.1:8443 or [::1]:8443"});
    if (options.certificate.empty() != options.key.empty())
        return report(
            {Code::WrongUsage, options.certificate + options.key, "--certificate and --key belong together"});
    auto api = serve::Api::open(
        {.directory = common.directory, .requestsPerSecond = options.rate, .burst = options.rate * 3},
        common.clock);
    if (!api)
        return report(api.error());
    settings.hostNames = options.hosts;
    settings.certificate = options.certificate;
    settings.key = options.key;
    if (options.certificate.empty()) {
        auto names = options.hosts;
        if (!isLoopback(settings.address) && settings.address != "0.0.0.0" && settings.address != "::")
            names.push_back(settings.address);
        const auto own = serve::ownCertificate(common.directory, names, common.clock);
        if (!own)
            return report(own.error());
        settings.certificate = own->certificate;
        settings.key = own->key;
    }
    const auto print = serve::fingerprint(settings.certificate);
    if (!print)
        return report(print.error());
    const StopOnInterrupt interrupt;
    auto server = serve::HttpsServer::start(
        settings, [&api](const serve::HttpRequest &request, const std::stop_token &stop) {
            return (*api)->answer(request, stop);
        });
    if (!server)
        return report(server.error());
    if (!isLoopback(settings.address))
        fmt::print(stderr, "Other machines can reach this address. Whoever has a token reads what its scopes "
                           "allow, from wherever they are.\n");
    fmt::print(
        stderr,
        "Clients trust the certificate {}\nSHA-256 {}\nMake a token with \"riskdeskctl token create\". "
        "Ctrl+C stops.\n",
        settings.certificate.string(), *print);
    // Every address of the machine is none that a client could name.
    auto host = (*server)->address();
    if (host == "0.0.0.0" || host == "::")
        host = options.hosts.empty() ? "localhost" : options.hosts.front();
    else if (host.find(':') != std::string::npos)
        host = '[' + host + ']';
    const auto url = fmt::format("https://{}:{}", host, (*server)->port());
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .text("url", url)
                               .text("certificate", settings.certificate.string())
                               .text("sha256", *print)
                               .done());
    else
        fmt::print("{}\n", url);
    std::fflush(stdout);
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait(lock, interrupt.token(), [] { return false; });
    (*server)->stop();
    return 0;
}

} // namespace

void addServe(CommandLine &line)
{
    const auto served = std::make_shared<ServeCommand>();
    auto *command =
        line.add("serve", "the API for scripts, in the shape of Microsoft Graph",
                 [served](const Common &common, Format format) { return serveApi(common, *served, format); });
    command
        ->add_option("--listen", served->listen,
                     "address and port; port 0 takes any that is free, and is printed")
        ->capture_default_str();
    command->add_option("--certificate", served->certificate, "PEM; one is made at first use otherwise")
        ->type_name("FILE");
    command->add_option("--key", served->key, "PEM, that of the certificate")->type_name("FILE");
    command->add_option("--host", served->hosts, "a name that clients reach this machine by");
    command->add_option("--rate", served->rate, "requests a second and token")
        ->check(CLI::Range(0.1, 1e6))
        ->capture_default_str();
    line.addJson(command, "print the address as one object");
}

} // namespace riskdesk::ctl

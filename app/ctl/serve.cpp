// The API server.

#include "core/query/json_object.h"
#include "core/serve/service.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"
#include "app/ctl/secrets.h"

#include <fmt/format.h>

#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <utility>

namespace riskdesk::ctl {
namespace {

struct ServeCommand
{
    std::string listen = "127.0.0.1:8443";
    std::string certificate, key;
    std::vector<std::string> hosts;
    double rate = 100;
    SecretsOptions where;
};

int serveApi(const Common &common, const ServeCommand &options, Format format)
{
    if (const auto where = serve::listenAddress(options.listen); !where)
        return report({Code::WrongUsage, options.listen, "--listen: " + where.error().detail});
    if (options.certificate.empty() != options.key.empty())
        return report(
            {Code::WrongUsage, options.certificate + options.key, "--certificate and --key belong together"});
    serve::AuditKeeper::Secrets secrets;
    if (options.where.opensAlone())
        secrets = [&] { return openSecrets(common.directory, options.where); };
    const StopOnInterrupt interrupt;
    const auto service = serve::Service::start({.directory = common.directory,
                                                .listen = options.listen,
                                                .certificate = options.certificate,
                                                .key = options.key,
                                                .hosts = options.hosts,
                                                .requestsPerSecond = options.rate,
                                                .secrets = std::move(secrets),
                                                .trouble = [](const Error &error) { report(error); }},
                                               common.clock);
    if (!service)
        return report(service.error());
    const auto &running = **service;
    if (running.reachesOthers())
        fmt::print(stderr, "Other machines can reach this address. Whoever has a token reads what its scopes "
                           "allow, from wherever they are.\n");
    fmt::print(
        stderr,
        "Clients trust the certificate {}\nSHA-256 {}\nMake a token with \"riskdeskctl token create\". "
        "Ctrl+C stops.\n",
        running.certificate().string(), running.fingerprint());
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .text("url", running.url())
                               .text("certificate", running.certificate().string())
                               .text("sha256", running.fingerprint())
                               .done());
    else
        fmt::print("{}\n", running.url());
    std::fflush(stdout);
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait(lock, interrupt.token(), [] { return false; });
    (*service)->stop();
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
    served->where.addTo(command);
    line.addJson(command, "print the address as one object");
}

} // namespace riskdesk::ctl

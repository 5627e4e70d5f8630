// connect sign-in: a person signs in to a connection in a browser, here or elsewhere, with a code that is shown.

#include "core/connections/sign_in.h"

#include "core/directory/directory.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"
#include "app/ctl/secrets.h"

#include <fmt/format.h>

#include <condition_variable>
#include <memory>
#include <mutex>

namespace riskdesk::ctl {
namespace {

using connect::DeviceCode;

struct SignInCommand
{
    std::string name;
    SecretsOptions where;
};

// Waits for somebody to sign in; asks as often as the provider allows.
DeviceCode::Poll waitFor(DeviceCode &code, const Clock &clock, const std::stop_token &stop)
{
    std::mutex mutex;
    std::condition_variable_any never;
    DeviceCode::Poll poll;
    while (poll.state == DeviceCode::State::Pending && !stop.stop_requested()) {
        std::unique_lock lock(mutex);
        never.wait_for(lock, stop, code.nextPoll() - clock.now(), [] { return false; });
        if (!stop.stop_requested())
            poll = code.poll(stop);
    }
    return poll;
}

int signIn(const Common &common, const SignInCommand &options)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto &connection = directory->connection();
    const auto store = makeSecrets(common.directory, options.where);
    if (!store)
        return report(store.error());
    auto setUp = run::signInSetUp(connection, common.who, options.name, **store);
    if (!setUp)
        return report(setUp.error());
    DeviceCode code(std::move(*setUp), common.clock);
    DeviceCode::Shown shown;
    const StopOnInterrupt interrupt;
    if (const auto response = code.start(interrupt.token(), shown); !response.done())
        return report({Code::Provider, options.name, response.sentence});
    fmt::print(stderr, "Open {} in a browser and enter the code {}. It holds until {}; Ctrl+C gives up.\n",
               shown.verificationUri, shown.userCode, shown.until.toIso());
    const auto poll = waitFor(code, common.clock, interrupt.token());
    if (poll.state == DeviceCode::State::Pending)
        return report({Code::Cancelled, options.name, {}});
    if (poll.state == DeviceCode::State::Ended)
        return report({Code::Provider, options.name, poll.response.sentence});
    if (poll.tokens.refresh.empty())
        return report(
            {Code::Provider, options.name, "it grants no refresh token: the sign-in would not last"});
    if (auto ok =
            run::keepSignIn(connection, common.clock, common.who, options.name, **store, poll.tokens.refresh);
        !ok)
        return report(ok.error());
    fmt::print("Signed in{}. \"connect test {}\" tries it.\n",
               poll.tokens.who.empty() ? std::string() : " as " + poll.tokens.who, options.name);
    return 0;
}

} // namespace

void addSignIn(CommandLine &line, CLI::App *family)
{
    const auto asked = std::make_shared<SignInCommand>();
    auto *command = line.add(
        "sign-in", "have a person sign in with a code, and act in their name from then on",
        [asked](const Common &common, Format) { return signIn(common, *asked); }, family);
    command->add_option("name", asked->name, "as \"connect list\" shows it")->required();
    asked->where.addTo(command);
    line.needs(command, action::Permission::Connections);
}

} // namespace riskdesk::ctl

// The commands that tell about the others: a completion for the shell, a page for man, the reference of the API.

#include "core/serve/routes.h"

#include "app/ctl/command_tree.h"
#include "app/ctl/commands.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {

void addDocuments(CommandLine &line)
{
    const auto shell = std::make_shared<std::string>(); // CLI11 writes to it while the command is there
    auto *command = line.add("completion", "print a completion script, to be read by the shell",
                             [&line, shell](auto &, auto) {
                                 fmt::print("{}", bashCompletion(describe(line.tree())));
                                 return 0;
                             });
    command->add_option("shell", *shell, "which shell")->required()->check(CLI::IsMember({"bash"}));
    command->footer("source <(riskdeskctl completion bash)");
    line.withoutDirectory(command);
    command = line.add("man", "print the manual page: riskdeskctl man | man -l -", [&line](auto &, auto) {
        fmt::print("{}", manPage(describe(line.tree())));
        return 0;
    });
    line.withoutDirectory(command);
    command = line.add("reference", "print the reference of the API, in Markdown", [](auto &, auto) {
        fmt::print("{}", serve::apiReference());
        return 0;
    });
    line.withoutDirectory(command);
}

} // namespace riskdesk::ctl

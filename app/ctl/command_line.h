// CommandLine: what riskdeskctl understands. Each source of this folder adds its own commands (commands.h):
// what they take, and what runs when one was given.
#pragma once

#include "app/ctl/output.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <string>

namespace riskdesk {
class Clock;
}

namespace riskdesk::ctl {

struct Common
{
    std::filesystem::path directory;
    std::string actor; // --as, else the desktop account
    const Clock &clock;
};

class CommandLine
{
public:
    using Run = std::function<int(const Common &common, Format format)>;

    CommandLine();
    CommandLine(const CommandLine &) = delete;
    CommandLine &operator=(const CommandLine &) = delete;

    // A command, of `under` where one is given. Of nested commands the innermost runs; without `run` it only
    // holds others.
    CLI::App *add(const char *name, const char *help, Run run, CLI::App *under = nullptr);
    // --format table|json|ndjson|csv for this command.
    void addFormat(CLI::App *command);

    // 0 done, 1 failed, 2 wrong usage, 3 done with rejects, 4 not allowed.
    [[nodiscard]] int run(int argc, char **argv);

private:
    CLI::App m_app;
    std::string m_directory, m_actor;
    Format m_format = Format::Table;
    Run m_run; // of the command that was given
};

} // namespace riskdesk::ctl

// CommandLine: what riskdeskctl understands. Each source of this folder adds its own commands (commands.h):
// what they take, and what runs when one was given.
#pragma once

#include "core/action/permissions.h"

#include "app/ctl/output.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace riskdesk {
class Clock;
}

namespace riskdesk::ctl {

struct Common
{
    std::filesystem::path directory;
    action::Operator who; // acts, and may do what the command needs
    const Clock &clock;
};

struct ExitCode
{
    int code;
    std::string_view meaning;
};
[[nodiscard]] std::span<const ExitCode> exitCodes();

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
    // --format table|json|ndjson|csv for this command, and --json as a short form; without csv where it has
    // no rows.
    void addFormat(CLI::App *command, bool rows = true);
    // --json for a command that else says a sentence, or has lines of its own.
    void addJson(CLI::App *command, const char *help = "print one object");
    // What whoever acts must be allowed. A command that says nothing needs Permission::Settings, so that one
    // that was forgotten is an administrator's.
    void needs(const CLI::App *command, action::Permission permission);
    // This command shows details of people: with audit.logReading on it is written down before it runs.
    void showsPeople(const CLI::App *command);
    // This command makes the directory: nobody is named in it yet.
    void asksNobody(const CLI::App *command);
    // This command works on no directory.
    void withoutDirectory(const CLI::App *command);

    // All commands with what they take, for those who describe them.
    [[nodiscard]] const CLI::App &tree() const { return m_app; }

    // One of exitCodes().
    [[nodiscard]] int run(int argc, char **argv);

private:
    CLI::App m_app;
    // Who acts, when the command that was given may run.
    [[nodiscard]] Result<action::Operator> actor(const Clock &clock) const;
    [[nodiscard]] int runGiven() const;
    [[nodiscard]] Status noteReading(const action::Operator &who, const Clock &clock) const;

    std::string m_directory, m_actor, m_passphraseFile;
    Format m_format = Format::Table;
    Run m_run; // of the command that was given
    const CLI::App *m_given = nullptr;
    std::set<const CLI::App *> m_withoutDirectory, m_asksNobody, m_showsPeople;
    std::map<const CLI::App *, action::Permission> m_needs;
};

} // namespace riskdesk::ctl

#include "app/ctl/command_line.h"

#include "core/base/clock.h"
#include "core/ledger/audit.h"

#include <cstdio>
#include <map>

namespace riskdesk::ctl {

CommandLine::CommandLine()
    : m_app("Finds, explains and closes identity risk, from the command line.", "riskdeskctl")
{
    m_app.set_version_flag("--version", RISKDESK_VERSION);
    m_app.require_subcommand(1);
    m_app.fallthrough();
    m_app.add_option("--directory", m_directory, "the directory file, NAME.riskdesk")
        ->envname("RISKDESK_DIRECTORY");
    m_app.add_option("--as", m_actor, "who acts; the desktop account by default");
}

CLI::App *CommandLine::add(const char *name, const char *help, Run run, CLI::App *under)
{
    auto *command = (under != nullptr ? under : &m_app)->add_subcommand(name, help);
    if (run)
        command->callback([this, run = std::move(run)] {
            if (!m_run) // a command within this one has spoken before
                m_run = run;
        });
    return command;
}

void CommandLine::addFormat(CLI::App *command)
{
    static const std::map<std::string, Format> formats = {
        {"table", Format::Table}, {"json", Format::Json}, {"ndjson", Format::Ndjson}, {"csv", Format::Csv}};
    command
        ->add_option_function<std::string>(
            "--format", [this](const std::string &word) { m_format = formats.at(word); },
            "table, json, ndjson or csv")
        ->check(CLI::IsMember({"table", "json", "ndjson", "csv"}));
}

int CommandLine::run(int argc, char **argv)
{
    try {
        m_app.parse(argc, argv);
    } catch (const CLI::Success &done) {
        return m_app.exit(done);
    } catch (const CLI::ParseError &error) {
        m_app.exit(error);
        return 2;
    }
    if (m_directory.empty()) {
        std::fputs("riskdeskctl: --directory FILE is missing. It names the directory to work on.\n", stderr);
        return 2;
    }
    const SystemClock clock;
    return m_run({m_directory, m_actor.empty() ? ledger::desktopAccount() : m_actor, clock}, m_format);
}

} // namespace riskdesk::ctl

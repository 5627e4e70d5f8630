#include "app/ctl/command_line.h"

#include "core/action/read_log.h"
#include "core/base/clock.h"
#include "core/store/schema.h"

#include "app/ctl/acting.h"
#include "app/ctl/audit_keeper.h"

#include <fmt/format.h>

#include <cstdio>
#include <map>

namespace riskdesk::ctl {
namespace {

constexpr ExitCode codes[] = {{0, "done"},
                              {1, "failed; standard error says why"},
                              {2, "wrong usage: nothing was begun"},
                              {3, "done, but something of what was read was rejected"},
                              {4, "not allowed for whoever acts"}};

} // namespace

std::span<const ExitCode> exitCodes()
{
    return codes;
}

CommandLine::CommandLine()
    : m_app("Finds, explains and closes identity risk, from the command line.", "riskdeskctl")
{
    m_app.set_version_flag("--version", RISKDESK_VERSION);
    m_app.require_subcommand(1);
    m_app.fallthrough();
    m_app.add_option("--directory", m_directory, "the directory file, NAME.riskdesk")
        ->type_name("FILE")
        ->envname("RISKDESK_DIRECTORY");
    m_app.add_option("--as", m_actor, "who acts; the desktop account by default")->type_name("OPERATOR");
    m_app
        .add_option("--passphrase-file", m_passphraseFile,
                    "the passphrase of who acts is its first line; it is asked for by default")
        ->type_name("FILE");
    // As a function, since commands take over what is only a text.
    m_app.footer([] {
        std::string text = "Data goes to standard output, messages to standard error. Exit codes:\n";
        for (const auto &[code, meaning] : codes)
            text += fmt::format("  {}  {}\n", code, meaning);
        return text + "\"riskdeskctl COMMAND --help\" tells what a command takes.";
    });
}

CLI::App *CommandLine::add(const char *name, const char *help, Run run, CLI::App *under)
{
    auto *command = (under != nullptr ? under : &m_app)->add_subcommand(name, help);
    if (run)
        command->callback([this, command, run = std::move(run)] {
            if (m_run) // a command within this one has spoken before
                return;
            m_run = run;
            m_given = command;
        });
    return command;
}

void CommandLine::addFormat(CLI::App *command, bool rows)
{
    static const std::map<std::string, Format> formats = {
        {"table", Format::Table}, {"json", Format::Json}, {"ndjson", Format::Ndjson}, {"csv", Format::Csv}};
    std::vector<std::string> words = {"table", "json", "ndjson"};
    if (rows)
        words.emplace_back("csv");
    auto *format = command
                       ->add_option_function<std::string>(
                           "--format", [this](const std::string &word) { m_format = formats.at(word); },
                           "how it is printed; table by default")
                       ->check(CLI::IsMember(words));
    addJson(command, "the same as --format json");
    command->get_option("--json")->excludes(format);
}

void CommandLine::addJson(CLI::App *command, const char *help)
{
    command->add_flag_callback(
        "--json", [this] { m_format = Format::Json; }, help);
}

void CommandLine::needs(const CLI::App *command, action::Permission permission)
{
    m_needs.insert_or_assign(command, permission);
}

void CommandLine::asksNobody(const CLI::App *command)
{
    m_asksNobody.insert(command);
}

void CommandLine::showsPeople(const CLI::App *command)
{
    m_showsPeople.insert(command);
}

void CommandLine::withoutDirectory(const CLI::App *command)
{
    m_withoutDirectory.insert(command);
}

Result<action::Operator> CommandLine::actor(const Clock &clock) const
{
    const auto name = m_actor.empty() ? std::nullopt : std::optional(m_actor);
    if (m_withoutDirectory.contains(m_given) || m_asksNobody.contains(m_given)) {
        action::Operator who;
        who.name = name.value_or(who.name);
        return who;
    }
    auto who = actingOperator(m_directory, name, m_passphraseFile, clock);
    if (!who)
        return who;
    const auto needed = m_needs.find(m_given);
    if (auto ok = action::allowed(who->role,
                                  needed == m_needs.end() ? action::Permission::Settings : needed->second);
        !ok)
        return tl::unexpected(ok.error());
    return who;
}

Status CommandLine::noteReading(const action::Operator &who, const Clock &clock) const
{
    if (!m_showsPeople.contains(m_given))
        return {};
    auto connection = store::openForReading(m_directory);
    if (!connection)
        return tl::unexpected(connection.error());
    // As it was typed: "list users --filter riskLevel:high".
    auto typed = m_given->get_name();
    for (const auto *option : m_given->get_options())
        if (option->count() > 0 && option->get_items_expected_max() > 0) { // a flag says nothing of whom
            if (!option->get_positional())
                typed += ' ' + option->get_name();
            for (const auto &word : option->results())
                typed += ' ' + word;
        }
    return action::noteReading(*connection, m_directory, clock, who, typed);
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
    if (m_directory.empty() && !m_withoutDirectory.contains(m_given)) {
        std::fputs("riskdeskctl: --directory FILE is missing. It names the directory to work on.\n", stderr);
        return 2;
    }
    if (m_withoutDirectory.contains(m_given))
        return runGiven();
    const AuditKeeper keeper(m_directory, SecretsOptions::of(*m_given));
    return runGiven();
}

int CommandLine::runGiven() const
{
    const SystemClock clock;
    const auto who = actor(clock);
    if (!who)
        return report(who.error());
    if (const auto noted = noteReading(*who, clock); !noted)
        return report(noted.error());
    return m_run({m_directory, *who, clock}, m_format);
}

} // namespace riskdesk::ctl

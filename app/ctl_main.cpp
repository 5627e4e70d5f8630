// riskdeskctl: everything the console does, for scripts.

#include "app/ctl_commands.h"

#include <CLI/CLI.hpp>
#include <pwd.h>
#include <unistd.h>

#include <csignal>

namespace {

std::string desktopAccount()
{
    const passwd *entry = getpwuid(getuid());
    return entry != nullptr ? entry->pw_name : "unknown";
}

} // namespace

int main(int argc, char **argv)
{
    using namespace riskdesk;
    using namespace riskdesk::ctl;

    CLI::App app("Finds, explains and closes identity risk, from the command line.", "riskdeskctl");
    app.set_version_flag("--version", RISKDESK_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    std::string directory, actor;
    app.add_option("--directory", directory, "the directory file, NAME.riskdesk")
        ->envname("RISKDESK_DIRECTORY");
    app.add_option("--as", actor, "who acts; the desktop account by default");
    std::string format = "table";
    const auto formats = CLI::IsMember({"table", "json", "ndjson", "csv"});
    const auto addFormat = [&](CLI::App *command) {
        command->add_option("--format", format, "table, json, ndjson or csv")->check(formats);
    };

    InitOptions initOptions;
    auto *initCommand = app.add_subcommand("init", "make a directory");
    initCommand->add_option("--name", initOptions.name, "what the directory is called")->required();
    initCommand->add_flag("--trial", initOptions.trial, "sign-ins can be viewed, detections do not run");

    SampleOptions sampleOptions;
    auto *sampleCommand = app.add_subcommand("sample", "make a believable directory with attacks in it");
    sampleCommand->add_option("--users", sampleOptions.users)->check(CLI::Range(10u, 1000000u));
    sampleCommand->add_option("--days", sampleOptions.days)->check(CLI::Range(1u, 730u));
    sampleCommand->add_option("--seed", sampleOptions.seed);
    sampleCommand->add_option("--end", sampleOptions.end, "last day, YYYY-MM-DD; today by default");

    ImportCommand importOptions;
    auto *importCommand =
        app.add_subcommand("import", "read sign-ins, users or risk records; recognised by content");
    importCommand->add_option("files", importOptions.files, "files and folders; - is standard input")
        ->required();
    importCommand->add_option("--format", importOptions.format, "skip the recognition");
    importCommand->add_option("--time-zone", importOptions.timeZone, "of times without one: +07:00");
    importCommand
        ->add_option("--dates", importOptions.dates,
                     "dmy or mdy: how 02/11/2026 is read where the file itself does not tell")
        ->check(CLI::IsMember({"dmy", "mdy"}));
    importCommand->add_option("--threads", importOptions.threads)->check(CLI::Range(1u, 64u));
    importCommand->add_flag("--json", importOptions.json, "print the summary as one object");

    auto *intelCommand = app.add_subcommand("intel", "intelligence lists");
    intelCommand->require_subcommand(0, 1);
    IntelCommand intelOptions;
    auto *intelAddCommand = intelCommand->add_subcommand("add", "add or replace a list");
    intelAddCommand->add_option("kind", intelOptions.kind)
        ->required()
        ->check(CLI::IsMember(
            {"anonymizer", "malware", "threat", "trusted", "places", "asn", "mobile", "warning"}));
    intelAddCommand->add_option("file", intelOptions.file)->required();
    intelAddCommand->footer(
        "anonymizer, malware, threat, trusted, mobile: one network per line, or CSV with a header row.\n"
        "threat also as a STIX 2.1 bundle or MISP JSON. places: a MaxMind-format file (.mmdb).\n"
        "warning: what no list should name (public resolvers, content networks): networks, or a MISP\n"
        "warning list; what threat and malware lists name of it is set aside.\n"
        "asn: CSV start,end,asn,organisation.\n"
        "mobile tells the gateways of mobile carriers, which stand far from their customers: networks or\n"
        "autonomous systems (AS64500), or any CSV with a column network, start_ip and end_ip, or asn; where\n"
        "a column type, as_type, usage_type, connection_type, user_type or is_mobile tells the kind of\n"
        "access, the mobile or cellular rows are taken. Place files that tell it (MaxMind Enterprise,\n"
        "Connection-Type and ISP, IPinfo carrier files) need no list.");
    intelAddCommand->add_option("--name", intelOptions.name);
    intelAddCommand->add_option("--kind", intelOptions.anonymizerKind,
                                "of a plain list: tor, vpn, public_proxy, …");
    intelAddCommand->add_option("--provider", intelOptions.provider);
    intelAddCommand->add_option("--from", intelOptions.from, "first day of a plain list");
    intelAddCommand->add_option("--until", intelOptions.until, "last day of a plain list");
    auto *intelRereadCommand =
        intelCommand->add_subcommand("reread", "look at the stored sign-ins again with the lists in use");
    auto *intelListCommand = intelCommand->add_subcommand("list", "the lists in use");
    addFormat(intelListCommand);
    addFormat(intelCommand);
    std::string listName;
    auto *intelRemoveCommand = intelCommand->add_subcommand("remove", "remove a list by number or name");
    intelRemoveCommand->add_option("list", listName)->required();
    auto *intelAcceptCommand =
        intelCommand->add_subcommand("accept", "put a version to use that was refused or taken back");
    intelAcceptCommand->add_option("list", listName)->required();
    auto *intelAsideCommand = intelCommand->add_subcommand(
        "set-aside", "entries that raise nothing: absurdly wide, or our own traffic");
    addFormat(intelAsideCommand);
    std::string releaseReason;
    auto *intelReleaseCommand = intelCommand->add_subcommand("release", "let such an entry match");
    intelReleaseCommand->add_option("entry", listName)->required();
    intelReleaseCommand->add_option("--reason", releaseReason)->required();
    auto *intelRollbackCommand =
        intelCommand->add_subcommand("rollback", "go back to the version before the one in use");
    intelRollbackCommand->add_option("list", listName)->required();

    ListCommand listOptions;
    auto *listCommand = app.add_subcommand("list", "the reports");
    listCommand->add_option("report", listOptions.report)
        ->required()
        ->check(CLI::IsMember({"users", "detections", "signins", "campaigns", "rejects", "audit"}));
    listCommand->add_option("--filter", listOptions.filter, "level:high country:vn updated<7d");
    listCommand->add_option("--order", listOptions.order,
                            "a column, with \" desc\" behind it for the other way");
    listCommand->add_option("--top", listOptions.top);
    listCommand->add_flag("--all", listOptions.all);
    addFormat(listCommand);

    std::string what, id;
    auto *showCommand = app.add_subcommand("show", "one user, detection or sign-in");
    showCommand->add_option("what", what)->required()->check(CLI::IsMember({"user", "detection", "signin"}));
    showCommand->add_option("id", id)->required();
    addFormat(showCommand);
    auto *historyCommand = app.add_subcommand("history", "what happened to a user's risk");
    historyCommand->add_option("user", id)->required();
    addFormat(historyCommand);
    auto *explainCommand = app.add_subcommand("explain", "what each detector says of a sign-in, and why");
    explainCommand->add_option("signin", id)->required();
    addFormat(explainCommand);

    ActCommand actOptions;
    const auto addAction = [&](const char *name, const char *help, bool wider) {
        auto *command = app.add_subcommand(name, help);
        command->add_option("targets", actOptions.targets, "user ids, user principal names or mail addresses")
            ->required();
        if (wider) {
            command->add_flag("--signin", actOptions.signIns, "the targets are sign-in ids");
            command->add_flag("--detection", actOptions.detections, "the targets are detection ids");
        }
        command->add_option("--reason", actOptions.reason);
        command->add_option("--note", actOptions.note);
        command->callback([&actOptions, name] { actOptions.action = name; });
        return command;
    };
    const std::vector<CLI::App *> actions = {
        addAction("dismiss", "dismiss risk", true),
        addAction("confirm-compromised", "confirm compromised: risk becomes high", true),
        addAction("confirm-safe", "confirm safe: a false positive", true),
        addAction("resolve", "remediated elsewhere; needs a note", false),
        addAction("reset-password", "reset the password (recorded here)", false),
        addAction("block", "block sign-in (recorded here)", false),
        addAction("unblock", "unblock sign-in (recorded here)", false),
    };
    std::int64_t commandId = 0;
    auto *undoCommand = app.add_subcommand("undo", "take back a command; the newest by default");
    undoCommand->add_option("id", commandId);

    SqlCommand sqlOptions;
    auto *sqlCommand =
        app.add_subcommand("sql", "ask the directory in SQL, read-only; sign-ins are the table signin");
    sqlCommand->add_option("query", sqlOptions.text, "one SELECT")->required();
    sqlCommand->add_flag("--all", sqlOptions.all, "every row; the first 10 000 by default");
    sqlCommand->add_option("--timeout", sqlOptions.seconds, "seconds until the question is given up; 60")
        ->check(CLI::Range(0.001, 1e6));
    addFormat(sqlCommand);

    WhatIfCommand whatIfOptions;
    auto *whatIfCommand = app.add_subcommand(
        "whatif", "what other settings would find in the stored sign-ins; changes nothing");
    whatIfCommand->add_option("--set", whatIfOptions.set, "KEY=VALUE, as \"settings\" names them");
    whatIfCommand->add_option("--trust", whatIfOptions.trust, "a network, AS64500, or a country: DE");
    whatIfCommand->add_option("--suppress", whatIfOptions.suppress,
                              "a rule: \"user=anna@shop.example type=unlikelyTravel\"");
    whatIfCommand->add_option("--since", whatIfOptions.since, "count from this day on, YYYY-MM-DD");
    whatIfCommand->add_option("--limit", whatIfOptions.limit, "changed detections shown; 50");
    whatIfCommand->add_flag("--json", whatIfOptions.json, "print one object");

    SuppressCommand suppressOptions;
    auto *suppressCommand = app.add_subcommand("suppress", "rules that silence findings for a while");
    suppressCommand->require_subcommand(1);
    auto *suppressAddCommand =
        suppressCommand->add_subcommand("add", "every condition that is given must hold");
    suppressAddCommand->add_option("--user", suppressOptions.user);
    suppressAddCommand->add_option("--network", suppressOptions.network, "an address or 192.0.2.0/24");
    suppressAddCommand->add_option("--asn", suppressOptions.asn);
    suppressAddCommand->add_option("--agent", suppressOptions.agent, "the whole user agent");
    suppressAddCommand->add_option("--agent-contains", suppressOptions.agentPart, "a part of it");
    suppressAddCommand->add_option("--application", suppressOptions.application);
    suppressAddCommand->add_option("--type", suppressOptions.type, "unlikelyTravel, …");
    suppressAddCommand->add_option("--until", suppressOptions.until, "last day, YYYY-MM-DD; in 30 days");
    suppressAddCommand->add_option("--reason", suppressOptions.reason)->required();
    auto *suppressListCommand =
        suppressCommand->add_subcommand("list", "the rules, and what each has silenced");
    addFormat(suppressListCommand);
    std::int64_t ruleId = 0;
    auto *suppressRemoveCommand = suppressCommand->add_subcommand(
        "remove", "remove a rule; what it silenced is raised by looking again");
    suppressRemoveCommand->add_option("rule", ruleId)->required();

    std::string assignment;
    auto *settingsCommand = app.add_subcommand("settings", "all settings, one, or KEY=VALUE");
    settingsCommand->add_option("setting", assignment);
    addFormat(settingsCommand);
    std::string budget = "2,0.35,0.1";
    auto *proposeCommand = settingsCommand->add_subcommand(
        "propose", "thresholds of unfamiliarFeatures from this directory's own scores; applies nothing");
    proposeCommand->add_option("--budget", budget, "low,medium,high in % of the sign-ins that are judged");
    addFormat(proposeCommand);
    auto *verifyCommand = app.add_subcommand("verify", "check the file, rebuild every state and compare");
    addFormat(verifyCommand);

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success &done) {
        return app.exit(done);
    } catch (const CLI::ParseError &error) {
        app.exit(error);
        return 2;
    }
    if (directory.empty()) {
        std::fputs("riskdeskctl: --directory FILE is missing. It names the directory to work on.\n", stderr);
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);
    const SystemClock clock;
    const Common common{directory, actor.empty() ? desktopAccount() : actor, clock};
    const Format output = format == "json"     ? Format::Json
                          : format == "ndjson" ? Format::Ndjson
                          : format == "csv"    ? Format::Csv
                                               : Format::Table;
    listOptions.format = output;
    if (initCommand->parsed())
        return init(common, initOptions);
    if (sampleCommand->parsed())
        return sample(common, sampleOptions);
    if (importCommand->parsed())
        return import(common, importOptions);
    if (intelAddCommand->parsed())
        return intelAdd(common, intelOptions);
    if (intelRereadCommand->parsed())
        return intelReread(common);
    if (intelRemoveCommand->parsed())
        return intelRemove(common, listName);
    if (intelAcceptCommand->parsed())
        return intelAccept(common, listName);
    if (intelAsideCommand->parsed())
        return intelSetAside(common, output);
    if (intelReleaseCommand->parsed())
        return intelRelease(common, listName, releaseReason);
    if (intelRollbackCommand->parsed())
        return intelRollback(common, listName);
    if (intelCommand->parsed()) // also "intel list"
        return intelList(common, output);
    if (listCommand->parsed())
        return list(common, listOptions);
    if (showCommand->parsed())
        return show(common, what, id, output);
    if (historyCommand->parsed())
        return history(common, id, output);
    if (explainCommand->parsed())
        return explain(common, id, output);
    for (const auto *command : actions)
        if (command->parsed())
            return act(common, actOptions);
    if (undoCommand->parsed())
        return undo(common, commandId);
    sqlOptions.format = output;
    if (sqlCommand->parsed())
        return sql(common, sqlOptions);
    if (whatIfCommand->parsed())
        return whatIf(common, whatIfOptions);
    if (suppressAddCommand->parsed())
        return suppressAdd(common, suppressOptions);
    if (suppressListCommand->parsed())
        return suppressList(common, output);
    if (suppressRemoveCommand->parsed())
        return suppressRemove(common, ruleId);
    if (proposeCommand->parsed())
        return propose(common, budget, output);
    if (settingsCommand->parsed())
        return settings(common, assignment, output);
    return verify(common, output);
}

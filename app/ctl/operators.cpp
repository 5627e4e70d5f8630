// operators: who may act in the directory, in which role, and how each is known.

#include "core/action/operators.h"

#include "core/directory/directory.h"
#include "core/query/json_object.h"

#include "app/ctl/acting.h"
#include "app/ctl/commands.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {
namespace {

struct OperatorCommand
{
    std::string name, role, account, file;
};

query::JsonObject operatorJson(const action::NamedOperator &named)
{
    query::JsonObject json;
    json.whole("id", named.id)
        .text("name", named.name)
        .text("role", toText(named.role))
        .textOrNull("account", named.account.value_or(""))
        .flag("passphrase", !named.account)
        .time("addedDateTime", named.addedAt)
        .text("addedBy", named.addedBy);
    return json;
}

std::string knownBy(const action::NamedOperator &named)
{
    return named.account ? "the account " + *named.account : "a passphrase";
}

// From the file, or typed twice.
Result<connect::Secret> newPassphrase(const OperatorCommand &options)
{
    if (!options.file.empty())
        return passphraseOf(options.file);
    auto first = typedPassphrase(fmt::format("New passphrase of \"{}\"", options.name));
    if (!first)
        return first;
    const auto second = typedPassphrase("Once more");
    if (!second)
        return tl::unexpected(second.error());
    if (!(*first == *second))
        return fail(Code::WrongUsage, "", "The two passphrases differ. Nothing was changed.");
    return first;
}

int operatorsAdd(const Common &common, const OperatorCommand &options, Format format)
{
    // Before a passphrase is asked for.
    if (auto ok = action::allowed(common.who.role, action::Permission::Operators); !ok)
        return report(ok.error());
    connect::Secret secret;
    action::Binding binding;
    if (!options.account.empty()) {
        binding.account = options.account;
    } else {
        auto given = newPassphrase(options);
        if (!given)
            return report(given.error());
        secret = std::move(*given);
        binding.passphrase = secret.reveal();
    }
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto done = action::addOperator(directory->connection(), common.clock, common.who, options.name,
                                          *action::roleFromText(options.role), binding);
    if (!done)
        return report(done.error());
    if (format == Format::Json) {
        auto json = operatorJson(done->added);
        json.raw("addedWithIt", done->withIt ? operatorJson(*done->withIt).done() : "null");
        fmt::print("{}\n", json.done());
        return 0;
    }
    fmt::print("\"{}\" is {} here, known by {}.\n", done->added.name, toText(done->added.role),
               knownBy(done->added));
    if (done->withIt)
        fmt::print("Your own account is the administrator \"{}\" with it: somebody has to be.\n",
                   done->withIt->name);
    return 0;
}

int operatorsRemove(const Common &common, const std::string &name, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto removed = action::removeOperator(directory->connection(), common.clock, common.who, name);
    if (!removed)
        return report(removed.error());
    if (format == Format::Json)
        fmt::print("{}\n", operatorJson(*removed).done());
    else
        fmt::print("\"{}\" may not act here any more. What they did stays in the audit log.\n",
                   removed->name);
    return 0;
}

int operatorsRole(const Common &common, const OperatorCommand &options, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto changed = action::changeRole(directory->connection(), common.clock, common.who, options.name,
                                            *action::roleFromText(options.role));
    if (!changed)
        return report(changed.error());
    if (format == Format::Json)
        fmt::print("{}\n", operatorJson(*changed).done());
    else
        fmt::print("\"{}\" is {} from now on.\n", changed->name, toText(changed->role));
    return 0;
}

int operatorsPassphrase(const Common &common, const OperatorCommand &options, Format format)
{
    const auto secret = newPassphrase(options);
    if (!secret)
        return report(secret.error());
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto changed = action::changePassphrase(directory->connection(), common.clock, common.who,
                                                  options.name, secret->reveal());
    if (!changed)
        return report(changed.error());
    if (format == Format::Json)
        fmt::print("{}\n", operatorJson(*changed).done());
    else
        fmt::print("\"{}\" has a new passphrase; the one before opens nothing any more.\n", changed->name);
    return 0;
}

int operatorsList(const Common &common, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto all = action::operators(directory->connection());
    if (!all)
        return report(all.error());
    if (format == Format::Json || format == Format::Ndjson) {
        JsonWriter writer(format);
        for (const auto &named : *all)
            writer.add(operatorJson(named).done());
        return 0;
    }
    if (all->empty() && format == Format::Table) {
        fmt::print(stderr, "No operator is named: the desktop account may do everything.\n");
        return 0;
    }
    Table table{{"Operator", "Role", "Account", "Added", "By"}, {}};
    for (const auto &named : *all)
        table.rows.push_back({named.name, std::string(toText(named.role)),
                              named.account.value_or("(passphrase)"), named.addedAt.toIso(), named.addedBy});
    printTable(table, format);
    return 0;
}

} // namespace

void addOperators(CommandLine &line)
{
    const auto isRole = CLI::IsMember({"reader", "operator", "administrator"});
    auto *family = line.add("operators", "who may act in the directory, and in which role", {});
    family->require_subcommand(1);
    family->footer("While none is named the desktop account may do everything. A reader reads; an operator\n"
                   "dismisses and confirms too; an administrator does everything. Roles guard against\n"
                   "mistakes and name the actor; they cannot stop who can write the file.");
    const auto made = std::make_shared<OperatorCommand>();
    auto *command = line.add(
        "add", "name an operator; without account or file a passphrase is asked for",
        [made](const Common &common, Format format) { return operatorsAdd(common, *made, format); }, family);
    command->add_option("name", made->name, "what they are called here")->required();
    command->add_option("--role", made->role, "what they may do")->required()->check(isRole);
    auto *account = command->add_option("--account", made->account,
                                        "of the desktop: ana, or ana@host on that machine alone");
    command->add_option("--passphrase-file", made->file, "the new operator's passphrase is its first line")
        ->type_name("FILE")
        ->excludes(account);
    line.needs(command, action::Permission::Operators);
    line.addJson(command);

    const auto removed = std::make_shared<std::string>();
    command = line.add(
        "remove", "an operator may not act any more; the last administrator stays",
        [removed](const Common &common, Format format) { return operatorsRemove(common, *removed, format); },
        family);
    command->add_option("name", *removed, "as \"operators list\" shows it")->required();
    line.needs(command, action::Permission::Operators);
    line.addJson(command);

    const auto other = std::make_shared<OperatorCommand>();
    command = line.add(
        "role", "an operator may do more, or less",
        [other](const Common &common, Format format) { return operatorsRole(common, *other, format); },
        family);
    command->add_option("name", other->name, "as \"operators list\" shows it")->required();
    command->add_option("role", other->role, "what they may do from now on")->required()->check(isRole);
    line.needs(command, action::Permission::Operators);
    line.addJson(command);

    const auto changed = std::make_shared<OperatorCommand>();
    command = line.add(
        "passphrase", "a new passphrase, your own or as an administrator",
        [changed](const Common &common, Format format) {
            return operatorsPassphrase(common, *changed, format);
        },
        family);
    command->add_option("name", changed->name, "as \"operators list\" shows it")->required();
    command->add_option("--passphrase-file", changed->file, "the new passphrase is its first line")
        ->type_name("FILE");
    line.needs(command, action::Permission::Read); // one's own; core asks for the others
    line.addJson(command);

    command = line.add("list", "the operators, and how each is known", operatorsList, family);
    line.needs(command, action::Permission::Read);
    line.addFormat(command);
}

} // namespace riskdesk::ctl

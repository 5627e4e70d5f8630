// connect: where the accounts of the directory live, set up, signed in to, tried and switched on.

#include "core/base/text.h"
#include "core/connect/sealed_file.h"
#include "core/connections/connections.h"
#include "core/connections/open_connector.h"
#include "core/directory/directory.h"
#include "core/query/json_object.h"

#include "app/ctl/acting.h"
#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"
#include "app/ctl/secrets.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace riskdesk::ctl {
namespace {

using connect::Kind;
using connect::SettingSpec;

struct ConnectCommand
{
    std::string kind, name;
    std::vector<std::string> settings, secrets; // "key=value", "key=FILE"
    SecretsOptions where, to;
};

bool isSecret(const SettingSpec &setting)
{
    return setting.form == SettingSpec::Form::Secret;
}

// "resetPassword, block, …"
std::string operationsText(ProviderCapabilities capabilities)
{
    std::string text;
    for (unsigned number = 1; number <= static_cast<unsigned>(ProviderOperation::PullRisk); ++number)
        if (const auto operation = static_cast<ProviderOperation>(number); has(capabilities, operation))
            text += (text.empty() ? "" : ", ") + std::string(toText(operation));
    return text;
}

query::JsonObject connectionJson(const action::ConnectorRow &row)
{
    query::JsonObject settings;
    for (const auto &[key, value] : run::settingsOf(row))
        settings.text(key, value);
    query::JsonObject json;
    json.whole("id", row.id)
        .text("name", row.name)
        .text("kind", row.kind)
        .flag("isOn", row.active)
        .raw("settings", settings.done())
        .time("lastPullDateTime", row.pulledAt)
        .time("lastFailureDateTime", row.failedAt)
        .textOrNull("failure", row.sentence);
    return json;
}

Result<std::pair<std::string, std::string>> keyAndValue(const std::string &text)
{
    const auto at = text.find('=');
    if (at == std::string::npos || at == 0)
        return fail(Code::WrongUsage, text, "it is written KEY=VALUE");
    return std::pair(text.substr(0, at), text.substr(at + 1));
}

// Settings on top of those that are there already; an empty value takes one away.
Status readSettings(const ConnectCommand &options, connect::Settings &settings)
{
    for (const auto &text : options.settings) {
        auto setting = keyAndValue(text);
        if (!setting)
            return tl::unexpected(setting.error());
        settings[setting->first] = setting->second;
    }
    return {};
}

// From the files that were named; where one is needed and neither named nor there, it is asked for.
Status readSecrets(const ConnectCommand &options, const Kind &kind, connect::Secrets &secrets)
{
    for (const auto &text : options.secrets) {
        auto named = keyAndValue(text);
        if (!named)
            return tl::unexpected(named.error());
        auto secret = passphraseOf(named->second);
        if (!secret)
            return tl::unexpected(secret.error());
        secrets.insert_or_assign(named->first, std::move(*secret));
    }
    for (const auto &setting : kind.settings)
        if (isSecret(setting) && setting.needed && !secrets.contains(setting.key)) {
            auto typed =
                typedPassphrase(std::string(setting.title), fmt::format("--secret {}=FILE", setting.key));
            if (!typed)
                return tl::unexpected(typed.error());
            secrets.insert_or_assign(std::string(setting.key), std::move(*typed));
        }
    return {};
}

int printConnection(const action::ConnectorRow &row, std::string_view said, Format format)
{
    if (format == Format::Json)
        fmt::print("{}\n", connectionJson(row).done());
    else
        fmt::print("{}\n", said);
    return 0;
}

int connectKinds(const Common &, Format format)
{
    if (format == Format::Json || format == Format::Ndjson) {
        JsonWriter writer(format);
        for (const auto &kind : connect::kinds()) {
            std::string settings;
            for (const auto &setting : kind.settings)
                settings += (settings.empty() ? "" : ",") + query::JsonObject()
                                                                .text("key", setting.key)
                                                                .text("title", setting.title)
                                                                .text("meaning", setting.meaning)
                                                                .flag("needed", setting.needed)
                                                                .flag("secret", isSecret(setting))
                                                                .done();
            writer.add(query::JsonObject()
                           .text("kind", kind.key)
                           .text("displayName", kind.displayName)
                           .text("operations", operationsText(kind.capabilities))
                           .text("proof", kind.proof)
                           .raw("settings", '[' + settings + ']')
                           .done());
        }
        return 0;
    }
    for (const auto &kind : connect::kinds()) {
        fmt::print("{}: {}\n  Does: {}.\n  {}\n", kind.key, kind.displayName,
                   kind.capabilities == 0 ? "nothing elsewhere" : operationsText(kind.capabilities),
                   kind.proof);
        for (const auto &setting : kind.settings)
            fmt::print("  {}{}  {}: {}\n", setting.key,
                       isSecret(setting) ? " (secret)"
                       : setting.needed  ? ""
                                         : " (may be left out)",
                       setting.title, setting.meaning);
    }
    return 0;
}

int connectAdd(const Common &common, const ConnectCommand &options, Format format)
{
    const auto *kind = connect::findKind(options.kind);
    if (kind == nullptr)
        return report({Code::WrongUsage, options.kind, "\"connect kinds\" shows which there are"});
    connect::Settings settings;
    connect::Secrets secrets;
    if (auto ok = readSettings(options, settings); !ok)
        return report(ok.error());
    if (auto ok = readSecrets(options, *kind, secrets); !ok)
        return report(ok.error());
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    std::unique_ptr<connect::SecretStore> store;
    if (!secrets.empty()) { // before anything is written
        auto opened = makeSecrets(common.directory, options.where);
        if (!opened)
            return report(opened.error());
        store = std::move(*opened);
    }
    const auto added = run::addConnection(directory->connection(), common.clock, common.who, kind->key,
                                          options.name, std::move(settings), secrets);
    if (!added)
        return report(added.error());
    if (store)
        if (auto ok = run::keepSecrets(directory->connection(), *added, secrets, *store); !ok) {
            static_cast<void>(run::forgetSecrets(*added, *store));
            static_cast<void>(
                run::removeConnection(directory->connection(), common.clock, common.who, added->name));
            return report(ok.error());
        }
    return printConnection(
        *added,
        fmt::format("\"{}\" is set up and switched off. \"connect test\" tries it, \"connect on\" "
                    "switches it on.",
                    added->name),
        format);
}

int connectChange(const Common &common, const ConnectCommand &options, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto row = run::connectionNamed(directory->connection(), options.name);
    if (!row)
        return report(row.error());
    const auto *kind = connect::findKind(row->kind);
    if (kind == nullptr)
        return report(
            {Code::Unsupported, row->name, "this program knows no connection of kind " + row->kind});
    auto settings = run::settingsOf(*row);
    if (auto ok = readSettings(options, settings); !ok)
        return report(ok.error());
    auto store = options.secrets.empty() ? openSecrets(common.directory, options.where)
                                         : makeSecrets(common.directory, options.where);
    if (!store)
        return report(store.error());
    auto secrets = run::secretsOf(*row, *kind, store->get());
    if (!secrets)
        return report(secrets.error());
    if (auto ok = readSecrets(options, *kind, *secrets); !ok)
        return report(ok.error());
    const auto changed = run::changeConnection(directory->connection(), common.clock, common.who, row->name,
                                               std::move(settings), *secrets);
    if (!changed)
        return report(changed.error());
    if (*store != nullptr)
        if (auto ok = run::keepSecrets(directory->connection(), *changed, *secrets, **store); !ok)
            return report(ok.error());
    return printConnection(*changed, fmt::format("\"{}\" is changed.", changed->name), format);
}

int connectTest(const Common &common, const ConnectCommand &options, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto row = run::connectionNamed(directory->connection(), options.name);
    if (!row)
        return report(row.error());
    const auto store = openSecrets(common.directory, options.where);
    if (!store)
        return report(store.error());
    auto connector = run::openConnector(*row, store->get(), common.clock);
    if (!connector)
        return report(connector.error());
    const StopOnInterrupt interrupt;
    (*connector)->setStop(interrupt.token());
    const auto response = (*connector)->test();
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .flag("ok", response.done())
                               .text("code", response.code)
                               .text("message", response.sentence)
                               .done());
    else if (response.done())
        fmt::print("\"{}\" works. {}\n", row->name, response.sentence);
    if (response.done())
        return 0;
    return format == Format::Json ? 1 : report({Code::Provider, row->name, response.sentence});
}

int connectSwitch(const Common &common, const ConnectCommand &options, bool on, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto row =
        run::switchConnection(directory->connection(), common.clock, common.who, options.name, on);
    if (!row)
        return report(row.error());
    return printConnection(
        *row,
        on ? fmt::format("\"{}\" is on. What is decided from now on is sent over it, by the "
                         "console or by \"outbox send\".",
                         row->name)
           : fmt::format("\"{}\" is off. What waits for it stays.", row->name),
        format);
}

int connectRemove(const Common &common, const ConnectCommand &options, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto store = openSecrets(common.directory, options.where); // without it its secrets would stay
    if (!store)
        return report(store.error());
    const auto row = run::removeConnection(directory->connection(), common.clock, common.who, options.name);
    if (!row)
        return report(row.error());
    if (*store != nullptr)
        if (auto ok = run::forgetSecrets(*row, **store); !ok)
            return report(ok.error());
    return printConnection(*row, fmt::format("\"{}\" is removed, and its secrets with it.", row->name),
                           format);
}

int connectList(const Common &common, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto all = action::connectors(directory->connection());
    if (!all)
        return report(all.error());
    if (format == Format::Json || format == Format::Ndjson) {
        JsonWriter writer(format);
        for (const auto &row : *all)
            writer.add(connectionJson(row).done());
        return 0;
    }
    if (all->empty() && format == Format::Table) {
        fmt::print(stderr, "Nothing is connected: decisions are recorded here and nowhere else.\n");
        return 0;
    }
    Table table{{"Connection", "Kind", "Is", "Last pull", "Last failure"}, {}};
    for (const auto &row : *all)
        table.rows.push_back({row.name, row.kind, row.active ? "on" : "off",
                              row.pulledAt ? row.pulledAt->toIso() : "never", row.sentence});
    printTable(table, format);
    return 0;
}

int connectKey(const std::string &file)
{
    if (auto ok = connect::makeKeyFile(file); !ok)
        return report(ok.error());
    fmt::print("Made \"{}\". Whoever has it opens the secrets that are sealed with it; keep it where only "
               "the account "
               "that runs riskdeskctl can read it.\n",
               file);
    return 0;
}

int connectRekey(const Common &common, const ConnectCommand &options)
{
    if (auto ok = rekeySecrets(common.directory, options.where, options.to); !ok)
        return report(ok.error());
    fmt::print("The secrets are sealed anew. Copies made before are still opened by the old key.\n");
    return 0;
}

} // namespace

void addConnect(CommandLine &line)
{
    using action::Permission;
    auto *family = line.add("connect", "where the accounts of the directory live", {});
    family->require_subcommand(1);
    family->footer("Secrets lie in a sealed file beside the directory, NAME.riskdesk.secrets, never in the\n"
                   "directory itself and never on a command line.");
    const auto named = [&](CLI::App *command, const std::shared_ptr<ConnectCommand> &options) {
        command->add_option("name", options->name, "as \"connect list\" shows it")->required();
        line.needs(command, Permission::Connections);
        line.addJson(command);
    };
    const auto set = [](CLI::App *command, const std::shared_ptr<ConnectCommand> &options) {
        command->add_option("settings", options->settings, "KEY=VALUE …; \"connect kinds\" shows the keys")
            ->type_name("KEY=VALUE");
        command
            ->add_option("--secret", options->secrets,
                         "KEY=FILE: a secret is the first line of a file; asked for by default")
            ->type_name("KEY=FILE");
        options->where.addTo(command);
    };
    auto *command = line.add("kinds", "what can be connected, and what each needs", connectKinds, family);
    line.withoutDirectory(command);
    line.addFormat(command, false);

    const auto added = std::make_shared<ConnectCommand>();
    command = line.add(
        "add", "set a connection up; it begins switched off",
        [added](const Common &common, Format format) { return connectAdd(common, *added, format); }, family);
    command->add_option("kind", added->kind, "as \"connect kinds\" shows it")->required();
    command->add_option("name", added->name, "what it is called here")->required();
    set(command, added);
    line.needs(command, Permission::Connections);
    line.addJson(command);

    const auto changed = std::make_shared<ConnectCommand>();
    command = line.add(
        "change", "other settings or secrets; what is not named stays",
        [changed](const Common &common, Format format) { return connectChange(common, *changed, format); },
        family);
    named(command, changed);
    set(command, changed);

    const auto tested = std::make_shared<ConnectCommand>();
    command = line.add(
        "test", "reach it and ask for what it is to do; says in one sentence what is wrong",
        [tested](const Common &common, Format format) { return connectTest(common, *tested, format); },
        family);
    named(command, tested);
    tested->where.addTo(command);

    addSignIn(line, family);

    for (const bool on : {true, false}) {
        const auto switched = std::make_shared<ConnectCommand>();
        command = line.add(
            on ? "on" : "off",
            on ? "what is decided is sent over it" : "nothing is sent over it; what waits stays",
            [switched, on](const Common &common, Format format) {
                return connectSwitch(common, *switched, on, format);
            },
            family);
        named(command, switched);
    }
    const auto removed = std::make_shared<ConnectCommand>();
    command = line.add(
        "remove", "forget a connection and its secrets; what was sent over it stays told",
        [removed](const Common &common, Format format) { return connectRemove(common, *removed, format); },
        family);
    named(command, removed);
    removed->where.addTo(command);

    command = line.add("list", "the connections, and when each was pulled last", connectList, family);
    line.needs(command, Permission::Read);
    line.addFormat(command);

    const auto key = std::make_shared<std::string>();
    command = line.add(
        "key", "make a key file that opens secrets without a passphrase, for servers",
        [key](const Common &, Format) { return connectKey(*key); }, family);
    command->add_option("file", *key, "a new file")->type_name("FILE")->required();
    line.withoutDirectory(command);

    const auto rekeyed = std::make_shared<ConnectCommand>();
    command = line.add(
        "rekey", "seal the secrets with another passphrase or key file",
        [rekeyed](const Common &common, Format) { return connectRekey(common, *rekeyed); }, family);
    rekeyed->where.addTo(command);
    auto *newKey =
        command->add_option("--new-key", rekeyed->to.keyFile, "the key file that opens them from now on")
            ->type_name("FILE");
    command
        ->add_option("--new-passphrase-file", rekeyed->to.passphraseFile,
                     "the new passphrase is its first line; it is asked for by default")
        ->type_name("FILE")
        ->excludes(newKey);
    line.needs(command, Permission::Connections);
}

} // namespace riskdesk::ctl

// token: bearer tokens of the API, made, listed and revoked.

#include "core/directory/directory.h"
#include "core/query/json_object.h"
#include "core/serve/access_tokens.h"

#include "app/ctl/commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

namespace riskdesk::ctl {
namespace {

struct TokenCommand
{
    std::string name, scopes;
    std::optional<int> days;
};

std::string timeOr(const std::optional<Timestamp> &time, const char *otherwise)
{
    return time ? time->toIso() : otherwise;
}

std::string scopesJson(const serve::Scopes &scopes)
{
    std::string list;
    for (const auto &entry : serve::scopeTable())
        if (scopes.wasGiven(entry.scope))
            list += (list.empty() ? "" : ",") + jsonString(entry.text);
    return '[' + list + ']';
}

int tokenCreate(const Common &common, const TokenCommand &options, Format format)
{
    const auto scopes = serve::Scopes::parse(options.scopes);
    if (!scopes)
        return report(scopes.error());
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto made = serve::createToken(directory->connection(), common.clock, common.who, options.name,
                                         *scopes, options.days);
    if (!made)
        return report(made.error());
    const auto &token = made->token;
    fmt::print(stderr, "Made the token \"{}\". Whoever holds it may do this:\n", token.name);
    for (const auto &entry : serve::scopeTable())
        if (token.scopes.has(entry.scope))
            fmt::print(stderr, "  {}: {}\n", entry.text, entry.meaning);
    if (token.expiresAt)
        fmt::print(stderr, "It expires at {}.\n", token.expiresAt->toIso());
    else
        fmt::print(stderr, "It does not expire.\n");
    fmt::print(stderr, "Keep it now: it is not shown again.\n");
    // Nobody would have a token that could not be written, and it would open all the same.
    auto secret = std::string(made->secret.reveal());
    if (format == Format::Json)
        secret = query::JsonObject()
                     .whole("id", token.id)
                     .text("name", token.name)
                     .raw("scopes", scopesJson(token.scopes))
                     .time("createdDateTime", token.createdAt)
                     .time("expirationDateTime", token.expiresAt)
                     .text("token", secret)
                     .done();
    if (std::fwrite(secret.data(), 1, secret.size(), stdout) != secret.size() ||
        std::fputc('\n', stdout) == EOF || std::fflush(stdout) != 0)
        return report({Code::Io, "standard output",
                       fmt::format("the token could not be written; revoke \"{}\"", token.name)});
    return 0;
}

int tokenList(const Common &common, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto tokens = serve::accessTokens(directory->connection());
    if (!tokens)
        return report(tokens.error());
    const auto now = common.clock.now();
    if (format == Format::Json || format == Format::Ndjson) {
        JsonWriter writer(format);
        for (const auto &t : *tokens) {
            query::JsonObject json;
            json.whole("id", t.id)
                .text("name", t.name)
                .text("standing", toText(serve::standingOf(t, now)))
                .raw("scopes", scopesJson(t.scopes))
                .time("createdDateTime", t.createdAt)
                .text("createdBy", t.createdBy)
                .time("expirationDateTime", t.expiresAt)
                .time("revokedDateTime", t.revokedAt)
                .time("lastUsedDateTime", t.lastUsedAt);
            writer.add(json.done());
        }
        return 0;
    }
    Table table{{"Token", "Standing", "Scopes", "Created", "By", "Expires", "Last used"}, {}};
    for (const auto &t : *tokens)
        table.rows.push_back({t.name, std::string(toText(serve::standingOf(t, now))), t.scopes.toText(),
                              t.createdAt.toIso(), t.createdBy, timeOr(t.expiresAt, "never"),
                              timeOr(t.lastUsedAt, "never")});
    printTable(table, format);
    return 0;
}

int tokenRevoke(const Common &common, const std::string &name, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto revoked = serve::revokeToken(directory->connection(), common.clock, common.who, name);
    if (!revoked)
        return report(revoked.error());
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .whole("id", revoked->id)
                               .text("name", revoked->name)
                               .time("revokedDateTime", revoked->revokedAt)
                               .done());
    else
        fmt::print("Revoked the token \"{}\"; it opens nothing from now on.\n", revoked->name);
    return 0;
}

} // namespace

void addToken(CommandLine &line)
{
    auto *tokens = line.add("token", "bearer tokens of the API", {});
    tokens->require_subcommand(1);
    const auto made = std::make_shared<TokenCommand>();
    auto *command = line.add(
        "create", "make a token; it is printed once and kept nowhere",
        [made](const Common &common, Format format) { return tokenCreate(common, *made, format); }, tokens);
    command->add_option("name", made->name, "what it is called here")->required();
    command->add_option("--scopes", made->scopes, "what it opens: User.Read.All,AuditLog.Read.All")
        ->required();
    command->add_option("--days", made->days,
                        fmt::format("it expires after so many, 1 to {}", serve::longestTokenDays));
    line.addJson(command);
    command = line.add("list", "the tokens, and when each was used last", tokenList, tokens);
    line.needs(command, action::Permission::Read);
    line.addFormat(command);
    const auto name = std::make_shared<std::string>();
    command = line.add(
        "revoke", "a token opens nothing from now on; its name is free again",
        [name](const Common &common, Format format) { return tokenRevoke(common, *name, format); }, tokens);
    command->add_option("name", *name, "as \"token list\" shows it")->required();
    line.addJson(command);
}

} // namespace riskdesk::ctl

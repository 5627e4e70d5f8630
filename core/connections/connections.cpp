#include "core/connections/connections.h"

#include "core/base/name_text.h"
#include "core/base/text.h"
#include "core/ledger/audit.h"
#include "core/query/json_object.h"
#include "core/store/statement.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

namespace riskdesk::run {
namespace {

std::string settingsJson(const connect::Settings &settings)
{
    query::JsonObject json;
    for (const auto &[key, value] : settings)
        json.text(key, value);
    return json.done();
}

// "url https://…, caFile /etc/…"
std::string settingsText(const connect::Settings &settings)
{
    std::string text;
    for (const auto &[key, value] : settings)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, value);
    return text;
}

Status auditConnection(store::Connection &connection, const Clock &clock, const Operator &who,
                       std::string_view deed, std::string_view name, std::string before, std::string after)
{
    ledger::AuditRecord record;
    record.actor = who.name;
    record.role = action::toText(who.role);
    record.action = deed;
    record.target = name;
    record.before = std::move(before);
    record.after = std::move(after);
    record.via = who.via;
    record.host = who.host;
    return ledger::appendAudit(connection, clock, record);
}

Result<ConnectorRow> withSettings(Result<ConnectorRow> row, const std::string &settings)
{
    if (row)
        row->settings = settings;
    return row;
}

// Allowed, and in a transaction of its own.
template <typename Change>
Result<ConnectorRow> inTransaction(store::Connection &connection, const Operator &who, Change change)
{
    if (auto ok = action::allowed(who.role, action::Permission::Connections); !ok)
        return tl::unexpected(ok.error());
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    Result<ConnectorRow> row = change();
    if (!row)
        return row;
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return row;
}

} // namespace

std::string secretName(std::int64_t connection, std::string_view key)
{
    return fmt::format("connector/{}/{}", connection, key);
}

connect::Settings settingsOf(const ConnectorRow &row)
{
    auto settings = storedSettings(row);
    if (const auto *kind = connect::findKind(row.kind))
        static_cast<void>(connect::takeSecretPaths(*kind, settings));
    return settings;
}

connect::Settings storedSettings(const ConnectorRow &row)
{
    connect::Settings settings;
    simdjson::dom::parser parser;
    simdjson::dom::object object;
    if (parser.parse(row.settings).get(object) != simdjson::SUCCESS)
        return settings;
    for (const auto &[key, value] : object)
        if (std::string_view text; value.get(text) == simdjson::SUCCESS)
            settings.emplace(std::string(key), std::string(text));
    return settings;
}

Result<ConnectorRow> connectionNamed(store::Connection &connection, std::string_view name)
{
    auto all = action::connectors(connection);
    if (!all)
        return tl::unexpected(all.error());
    const auto wanted = foldCase(trim(name));
    for (auto &row : *all)
        if (foldCase(row.name) == wanted)
            return std::move(row);
    return fail(Code::NotFound, std::string(trim(name)),
                "there is no connection of that name; \"connect list\" shows them");
}

Result<ConnectorRow> addConnection(store::Connection &connection, const Clock &clock, const Operator &who,
                                   std::string_view kind, std::string_view name, connect::Settings settings,
                                   const connect::Secrets &secrets)
{
    return inTransaction(connection, who, [&]() -> Result<ConnectorRow> {
        const auto *of = connect::findKind(kind);
        if (of == nullptr)
            return fail(Code::WrongUsage, std::string(kind), "there is no such kind of connection");
        auto called = nameText(name, "The name of a connection", longestConnectionName);
        if (!called)
            return tl::unexpected(called.error());
        if (const auto taken = connectionNamed(connection, *called); taken)
            return fail(Code::Conflict, *called, "another connection has that name");
        else if (taken.error().code != Code::NotFound)
            return tl::unexpected(taken.error());
        if (auto ok = connect::check(*of, settings, secrets); !ok)
            return tl::unexpected(ok.error());
        const auto whole = settingsJson(settings);
        static_cast<void>(connect::takeSecretPaths(*of, settings));
        if (auto ok = store::Statement(connection, "INSERT INTO connector (kind, name, settings, "
                                                   "capabilities, active, added_at) VALUES "
                                                   "(?1, ?2, ?3, ?4, 0, ?5)")
                          .bind(of->key, *called, settingsJson(settings), of->capabilities, clock.now())
                          .run();
            !ok)
            return tl::unexpected(ok.error());
        if (auto ok = auditConnection(connection, clock, who, "addConnection", *called, "",
                                      fmt::format("{}: {}", of->key, settingsText(settings)));
            !ok)
            return tl::unexpected(ok.error());
        return withSettings(connectionNamed(connection, *called), whole);
    });
}

Result<ConnectorRow> changeConnection(store::Connection &connection, const Clock &clock, const Operator &who,
                                      std::string_view name, connect::Settings settings,
                                      const connect::Secrets &secrets)
{
    return inTransaction(connection, who, [&]() -> Result<ConnectorRow> {
        auto row = connectionNamed(connection, name);
        if (!row)
            return row;
        const auto *of = connect::findKind(row->kind);
        if (of == nullptr)
            return fail(Code::Unsupported, row->name,
                        "this program knows no connection of kind " + row->kind);
        // What is shown without its path, and stored with it, is not changed.
        const auto shown = settingsOf(*row);
        for (const auto &[key, value] : storedSettings(*row))
            if (const auto at = settings.find(key); at != settings.end() && at->second == shown.at(key))
                at->second = value;
        if (auto ok = connect::check(*of, settings, secrets); !ok)
            return tl::unexpected(ok.error());
        const auto whole = settingsJson(settings);
        static_cast<void>(connect::takeSecretPaths(*of, settings));
        if (auto ok = store::Statement(connection, "UPDATE connector SET settings = ?2, capabilities = ?3, "
                                                   "failed_at = NULL, sentence = '', revision = revision + 1 "
                                                   "WHERE id = ?1")
                          .bind(row->id, settingsJson(settings), of->capabilities)
                          .run();
            !ok)
            return tl::unexpected(ok.error());
        if (auto ok = auditConnection(connection, clock, who, "changeConnection", row->name,
                                      settingsText(shown), settingsText(settings));
            !ok)
            return tl::unexpected(ok.error());
        return withSettings(connectionNamed(connection, row->name), whole);
    });
}

Result<ConnectorRow> switchConnection(store::Connection &connection, const Clock &clock, const Operator &who,
                                      std::string_view name, bool on)
{
    return inTransaction(connection, who, [&]() -> Result<ConnectorRow> {
        auto row = connectionNamed(connection, name);
        if (!row || row->active == on)
            return row;
        auto all = action::connectors(connection);
        if (!all)
            return tl::unexpected(all.error());
        for (const auto &other : *all)
            if (on && other.active && (other.capabilities & row->capabilities & action::accountChanges) != 0)
                return fail(
                    Code::Conflict, row->name,
                    fmt::format("accounts are changed over \"{}\"; switch that off first", other.name));
        if (auto ok = store::Statement(connection, "UPDATE connector SET active = ?2 WHERE id = ?1")
                          .bind(row->id, on)
                          .run();
            !ok)
            return tl::unexpected(ok.error());
        if (auto ok = auditConnection(connection, clock, who, "switchConnection", row->name,
                                      on ? "off" : "on", on ? "on" : "off");
            !ok)
            return tl::unexpected(ok.error());
        row->active = on;
        return row;
    });
}

Result<ConnectorRow> removeConnection(store::Connection &connection, const Clock &clock, const Operator &who,
                                      std::string_view name)
{
    return inTransaction(connection, who, [&]() -> Result<ConnectorRow> {
        auto row = connectionNamed(connection, name);
        if (!row)
            return row;
        store::Statement sent(connection, "SELECT count(*) FROM outbox WHERE connector = ?1 AND state <= 2");
        if (!sent.bind(row->id).step())
            return tl::unexpected(sent.error());
        const auto waiting = sent.int64(0);
        sent.reset();
        if (waiting > 0)
            return fail(Code::Conflict, row->name,
                        fmt::format("{} {} to be sent over it; send or discard them first", waiting,
                                    waiting == 1 ? "request waits" : "requests wait"));
        // The name is free again. The row stays, so that no other connection gets its number: secrets lie under it.
        if (auto ok = store::Statement(connection, "UPDATE connector SET active = 0, settings = '{}', "
                                                   "removed_at = ?2, name = name || ' (' || id || ')', "
                                                   "revision = revision + 1 WHERE id = ?1")
                          .bind(row->id, clock.now())
                          .run();
            !ok)
            return tl::unexpected(ok.error());
        if (auto written =
                auditConnection(connection, clock, who, "removeConnection", row->name,
                                fmt::format("{}: {}", row->kind, settingsText(settingsOf(*row))), "");
            !written)
            return tl::unexpected(written.error());
        row->active = false;
        return row;
    });
}

Status keepSecrets(store::Connection &connection, const ConnectorRow &row, const connect::Secrets &secrets,
                   connect::SecretStore &store)
{
    auto settings = storedSettings(row);
    const auto *kind = connect::findKind(row.kind);
    const auto paths = kind != nullptr ? connect::takeSecretPaths(*kind, settings) : connect::Secrets();
    if (secrets.empty() && paths.empty())
        return {};
    for (const auto *all : {&secrets, &paths}) // a new path last: an old one may be among the secrets
        for (const auto &[key, secret] : *all)
            if (auto ok = store.set(secretName(row.id, key), secret); !ok)
                return ok;
    // Only now: whoever opens it anew must find them.
    return store::Statement(connection, "UPDATE connector SET revision = revision + 1 WHERE id = ?1")
        .bind(row.id)
        .run();
}

Status forgetSecrets(const ConnectorRow &row, connect::SecretStore &store)
{
    Status first;
    if (const auto *kind = connect::findKind(row.kind))
        for (const auto key : connect::secretKeys(*kind))
            if (auto ok = store.forget(secretName(row.id, key)); !ok && first)
                first = ok;
    return first;
}

Status pulled(store::Connection &connection, std::int64_t connector, const Pulled &what)
{
    return store::Statement(connection,
                            "UPDATE connector SET pulled_at = iif(?4, ?2, pulled_at), failed_at = "
                            "iif(?3 = '', NULL, ?2), sentence = ?3 WHERE id = ?1")
        .bind(connector, what.at, what.failure, what.told)
        .run();
}

Status pulledUntil(store::Connection &connection, std::int64_t connector,
                   const std::optional<std::string> &signInCursor,
                   const std::optional<std::string> &riskCursor)
{
    return store::Statement(connection, "UPDATE connector SET sign_in_cursor = coalesce(?2, sign_in_cursor), "
                                        "risk_cursor = coalesce(?3, risk_cursor) WHERE id = ?1")
        .bind(connector, signInCursor, riskCursor)
        .run();
}

Result<std::optional<std::int64_t>> toldUntil(store::Connection &connection, std::int64_t connector)
{
    store::Statement row(connection, "SELECT told_ledger FROM connector WHERE id = ?1");
    if (!row.bind(connector).step())
        return row.ok() ? Result<std::optional<std::int64_t>>(std::nullopt) : tl::unexpected(row.error());
    return row.isNull(0) ? std::optional<std::int64_t>() : std::optional(row.int64(0));
}

Status toldOf(store::Connection &connection, std::int64_t connector,
              const std::optional<std::int64_t> &ledger, const std::string &failure, Timestamp at)
{
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    if (auto ok =
            store::Statement(connection,
                             "UPDATE connector SET told_ledger = coalesce(?2, told_ledger), sentence = ?3, "
                             "failed_at = iif(?3 = '', NULL, ?4) WHERE id = ?1")
                .bind(connector, ledger, failure, at)
                .run();
        !ok)
        return ok;
    return transaction->commit();
}

} // namespace riskdesk::run

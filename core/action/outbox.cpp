#include "core/action/outbox.h"

#include "core/action/outbox_rows.h"
#include "core/base/uuid.h"
#include "core/ledger/audit.h"
#include "core/ledger/risk_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace riskdesk::action {
namespace {

Result<std::vector<OutboxRow>> readAll(store::Statement &s)
{
    std::vector<OutboxRow> rows;
    while (s.step())
        rows.push_back(outboxRow(s));
    if (!s.ok())
        return tl::unexpected(s.error());
    return rows;
}

} // namespace

Result<std::vector<ConnectorRow>> connectors(store::Connection &connection)
{
    store::Statement s(connection,
                       "SELECT id, kind, name, settings, capabilities, active, pulled_at, failed_at, "
                       "sentence, sign_in_cursor, risk_cursor, revision FROM connector WHERE removed_at IS "
                       "NULL ORDER BY id");
    std::vector<ConnectorRow> all;
    while (s.step()) {
        ConnectorRow c;
        c.id = s.int64(0);
        c.kind = s.string(1);
        c.name = s.string(2);
        c.settings = s.string(3);
        c.capabilities = s.uint32(4);
        c.active = s.int64(5) != 0;
        if (!s.isNull(6))
            c.pulledAt = s.time(6);
        if (!s.isNull(7))
            c.failedAt = s.time(7);
        c.sentence = s.string(8);
        c.signInCursor = s.string(9);
        c.riskCursor = s.string(10);
        c.revision = s.int64(11);
        all.push_back(std::move(c));
    }
    if (!s.ok())
        return tl::unexpected(s.error());
    return all;
}

Result<std::vector<OutboxRow>> outbox(store::Connection &connection, bool onItsWayOnly, std::uint64_t most)
{
    store::Statement s(connection, fmt::format("SELECT {}{} ORDER BY o.id DESC LIMIT ?1", outboxColumns,
                                               onItsWayOnly ? " WHERE o.state <= 2" : ""));
    s.bind(std::min<std::uint64_t>(most, 10'000'000));
    return readAll(s);
}

Result<std::vector<OutboxRow>> outboxOf(store::Connection &connection, std::int64_t command)
{
    store::Statement s(
        connection,
        fmt::format("SELECT {} WHERE o.command = ?1 AND o.operation <> ?2 ORDER BY o.id", outboxColumns));
    s.bind(command, ProviderOperation::Notify);
    return readAll(s);
}

Result<std::vector<OutboxRow>> takenBackBy(store::Connection &connection, std::int64_t command)
{
    store::Statement s(connection, fmt::format("SELECT {} WHERE o.id IN (SELECT CAST(key AS INTEGER) FROM "
                                               "command_change WHERE command = ?1 AND kind = 'outbox') "
                                               "ORDER BY o.id",
                                               outboxColumns));
    s.bind(command);
    return readAll(s);
}

std::optional<ProviderOperation> operationFor(Action action)
{
    switch (action) {
    case Action::ResetPassword: return ProviderOperation::ResetPassword;
    case Action::Block: return ProviderOperation::Block;
    case Action::Unblock: return ProviderOperation::Unblock;
    case Action::RevokeSessions: return ProviderOperation::RevokeSessions;
    default: return std::nullopt;
    }
}

std::optional<Action> actionFor(ProviderOperation operation)
{
    switch (operation) {
    case ProviderOperation::ResetPassword: return Action::ResetPassword;
    case ProviderOperation::Block: return Action::Block;
    case ProviderOperation::Unblock: return Action::Unblock;
    case ProviderOperation::RevokeSessions: return Action::RevokeSessions;
    default: return std::nullopt;
    }
}

Outbox::Outbox(store::Connection &connection, const Clock &clock, const Operator &who)
    : m_connection(connection)
    , m_clock(clock)
    , m_who(who)
{}

Status Outbox::load()
{
    if (m_connectors)
        return {};
    auto all = connectors(m_connection);
    if (!all)
        return tl::unexpected(all.error());
    auto hold = ledger::storedSetting(m_connection, "outbox.holdSeconds", 5);
    if (!hold)
        return tl::unexpected(hold.error());
    m_hold = std::chrono::milliseconds(static_cast<std::int64_t>(std::clamp(*hold, 0.0, 86'400.0) * 1000));
    m_connectors = std::move(*all);
    return {};
}

const ConnectorRow *Outbox::whoTakes(ProviderOperation operation) const
{
    for (const auto &c : *m_connectors)
        if (c.active && has(c.capabilities, operation))
            return &c;
    return nullptr;
}

Refusal Outbox::whyNobodyTakes(ProviderOperation operation) const
{
    if (whoTakes(operation) != nullptr)
        return Refusal::None;
    auto why = Refusal::None;
    for (const auto &c : *m_connectors) {
        if ((c.capabilities & accountChanges) == 0)
            continue;
        if (c.active) // accounts live here, whatever else is set up
            return Refusal::ConnectionCannot;
        if (has(c.capabilities, operation))
            why = Refusal::ConnectionOff;
        else if (why == Refusal::None)
            why = Refusal::ConnectionCannot;
    }
    return why;
}

Result<bool> Outbox::isDoneElsewhere(const Request &request)
{
    const auto operation = operationFor(request.action);
    if (!operation)
        return false;
    if (auto ok = load(); !ok)
        return tl::unexpected(ok.error());
    return whoTakes(*operation) != nullptr || whyNobodyTakes(*operation) != Refusal::None;
}

Result<bool> Outbox::isOnItsWay(std::uint32_t user, ProviderOperation operation)
{
    if (!m_onItsWay)
        m_onItsWay.emplace(m_connection,
                           "SELECT 1 FROM outbox WHERE user = ?1 AND operation = ?2 AND state <= 2 LIMIT 1");
    auto &s = *m_onItsWay;
    s.bind(user, operation);
    const bool there = s.step();
    s.reset();
    if (!s.ok())
        return tl::unexpected(s.error());
    return there;
}

Result<std::optional<Outbox::CarriedOut>> Outbox::carriedOut(std::uint32_t user)
{
    if (auto ok = load(); !ok)
        return tl::unexpected(ok.error());
    if (!m_carriedOut) {
        m_carriedOut.emplace();
        const auto *block = whoTakes(ProviderOperation::Block),
                   *unblock = whoTakes(ProviderOperation::Unblock);
        store::Statement s(
            m_connection, "SELECT user, command, operation = ?3 FROM outbox WHERE state = ?5 AND ((operation "
                          "= ?3 AND connector = ?1) OR (operation = ?4 AND connector = ?2)) ORDER BY id");
        s.bind(block != nullptr ? block->id : 0, unblock != nullptr ? unblock->id : 0,
               ProviderOperation::Block, ProviderOperation::Unblock, OutboxState::Done);
        while (s.step())
            (*m_carriedOut)[s.uint32(0)] = {s.int64(1), s.int64(2) != 0};
        if (!s.ok())
            return tl::unexpected(s.error());
    }
    const auto found = m_carriedOut->find(user);
    return found == m_carriedOut->end() ? std::nullopt : std::optional(found->second);
}

Result<bool> Outbox::isOnlyRecordedHere(std::uint32_t user, bool blocked)
{
    if (!m_standing)
        m_standing.emplace(m_connection);
    if (auto ok = m_standing->read(user); !ok)
        return tl::unexpected(ok.error());
    if (m_standing->saysBlocked() == 0)
        return false;
    const auto there = carriedOut(user);
    if (!there)
        return tl::unexpected(there.error());
    return !*there || (*there)->blocked != blocked;
}

Status Outbox::insert(ProviderOperation operation, std::uint32_t user, std::int64_t command,
                      const std::string &reason, const std::string &note)
{
    const auto *connector = whoTakes(operation);
    return connector == nullptr ? Status() : insert(*connector, operation, user, command, reason, note);
}

Status Outbox::insert(const ConnectorRow &connector, ProviderOperation operation, std::uint32_t user,
                      std::int64_t command, const std::string &reason, const std::string &note,
                      const std::string &message)
{
    const auto now = m_clock.now();
    if (!m_insert)
        m_insert.emplace(m_connection,
                         "INSERT INTO outbox (key, connector, operation, user, command, actor, role, via, "
                         "host, reason, note, created_at, due_at, payload) VALUES "
                         "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)");
    if (auto ok =
            m_insert
                ->bind(makeUuid(), connector.id, operation, user, command, m_who.name, toText(m_who.role),
                       m_who.via, m_who.host, reason, note, now, now + m_hold, message)
                .run();
        !ok)
        return ok;
    return actionFor(operation) ? ledger::setProcessing(m_connection, user) : Status();
}

Result<std::optional<PlannedChange>> Outbox::look(Executor &executor, const Request &request,
                                                  const Target &target, std::vector<Skipped> &skipped)
{
    const auto operation = operationFor(request.action);
    if (!operation)
        return fail(Code::Bug, std::string(toText(request.action)), "it has no counterpart at a provider");
    // The opposite first: until it is done, what is asked for may look as if it were so.
    for (const auto &[other, why] : {std::pair{oppositeOf(*operation), Refusal::OppositeOnItsWay},
                                     std::pair{operation, Refusal::OnItsWay}}) {
        const auto waits = other ? isOnItsWay(target.user, *other) : Result<bool>(false);
        if (!waits)
            return tl::unexpected(waits.error());
        if (!*waits)
            continue;
        const auto user = executor.decider().user(target.user);
        if (!user)
            return tl::unexpected(user.error());
        skipped.push_back({target.user, {}, *user ? (*user)->name() : std::string(), why});
        return std::nullopt;
    }
    // What speaks against the user first: it holds wherever it would be done.
    const auto before = skipped.size();
    auto would = executor.decider().look(request, target, skipped);
    if (would && !*would && skipped.size() > before &&
        (skipped.back().reason == Refusal::AlreadyBlocked || skipped.back().reason == Refusal::NotBlocked)) {
        const bool blocks = request.action == Action::Block;
        const auto here = isOnlyRecordedHere(target.user, blocks);
        if (!here)
            return tl::unexpected(here.error());
        if (*here) {
            skipped.pop_back();
            would = executor.decider().look(request, target, skipped, blocks);
        }
    }
    if (!would || !*would)
        return would;
    if (auto ok = load(); !ok)
        return tl::unexpected(ok.error());
    if (const auto why = whyNobodyTakes(*operation); why != Refusal::None) {
        skipped.push_back({target.user, {}, (*would)->name, why});
        return std::nullopt;
    }
    return would;
}

Result<std::uint64_t> Outbox::enqueue(Executor &executor, const Request &request, const Target &target,
                                      std::int64_t &command, std::vector<Skipped> &skipped)
{
    auto would = look(executor, request, target, skipped);
    if (!would)
        return tl::unexpected(would.error());
    if (!*would)
        return 0;
    const auto operation = operationFor(request.action);
    if (command == 0) {
        auto made = executor.makeCommand(toText(request.action), request.reason, request.note, 0);
        if (!made)
            return tl::unexpected(made.error());
        command = *made;
    }
    if (auto ok = insert(*operation, target.user, command, request.reason, request.note); !ok)
        return tl::unexpected(ok.error());
    const auto user = executor.decider().user(target.user);
    if (!user)
        return tl::unexpected(user.error());
    if (auto ok = executor.auditLog().append({m_who.name, std::string(toText(m_who.role)),
                                              std::string(toText(*operation)), (*user)->userPrincipalName, "",
                                              "waits for the provider", request.reason, request.note,
                                              m_who.via, m_who.host, 0});
        !ok)
        return tl::unexpected(ok.error());
    return 1;
}

namespace {

// Decisions about a user, of which a provider can be told.
std::optional<ProviderOperation> tellingOf(const Request &request)
{
    if (request.target() != TargetKind::User)
        return std::nullopt;
    switch (request.action) {
    case Action::Dismiss: return ProviderOperation::DismissRisk;
    case Action::ConfirmCompromised: return ProviderOperation::ConfirmCompromised;
    case Action::ConfirmSafe: return ProviderOperation::ConfirmSafe;
    default: return std::nullopt;
    }
}

// "riskyUser.dismiss", "signIn.confirmSafe", "user.block".
std::string messageType(const Request &request)
{
    std::string_view about = "user";
    if (request.target() == TargetKind::Detection)
        about = "riskDetection";
    else if (request.target() == TargetKind::SignIn)
        about = "signIn";
    else if (!operationFor(request.action))
        about = "riskyUser";
    return fmt::format("{}.{}", about, toText(request.action));
}

std::string_view targetWord(TargetKind target)
{
    switch (target) {
    case TargetKind::User: return "user";
    case TargetKind::Detection: return "detection";
    case TargetKind::SignIn: return "signIn";
    }
    return "";
}

std::string jsonTexts(const std::vector<std::string> &all)
{
    std::vector<std::string> quoted;
    for (const auto &one : all)
        quoted.push_back(jsonString(one));
    return fmt::format("[{}]", fmt::join(quoted, ","));
}

} // namespace

Result<query::JsonObject> Outbox::message(std::string_view type, std::uint32_t user, std::int64_t command)
{
    store::Statement s(m_connection,
                       "SELECT iif(provider_id = '', key, provider_id), iif(upn = '', key, upn), "
                       "display_name FROM user WHERE id = ?1");
    if (!s.bind(user).step())
        return s.ok() ? Result<query::JsonObject>(fail(Code::NotFound, std::to_string(user)))
                      : tl::unexpected(s.error());
    query::JsonObject json;
    json.text("type", type)
        .text("id", s.text(0))
        .text("userPrincipalName", s.text(1))
        .textOrNull("userDisplayName", s.text(2))
        .whole("command", command)
        .time("activityDateTime", m_clock.now())
        .text("actor", m_who.name)
        .text("role", toText(m_who.role))
        .text("via", m_who.via);
    return json;
}

Result<query::JsonObject> Outbox::messageOf(const Request &request, const Target &target,
                                            std::int64_t command)
{
    auto json = message(messageType(request), target.user, command);
    if (!json)
        return json;
    json->text("action", toText(request.action)).text("target", targetWord(request.target()));
    if (request.target() != TargetKind::User)
        json->raw(request.target() == TargetKind::SignIn ? "signIns" : "detections", jsonTexts(target.ids));
    json->textOrNull("reason", request.reason).textOrNull("note", request.note);
    return json;
}

Status Outbox::tell(const Request &request, const Target &target, std::int64_t command)
{
    if (auto ok = load(); !ok)
        return ok;
    const auto operation = tellingOf(request);
    std::string said;
    // Everybody who wants to know: the provider, and whoever listens.
    for (const auto &c : *m_connectors) {
        const bool tells = operation && has(c.capabilities, *operation);
        const bool listens = has(c.capabilities, ProviderOperation::Notify);
        if (!c.active || !(tells || listens))
            continue;
        if (listens && said.empty()) {
            auto json = messageOf(request, target, command);
            if (!json)
                return tl::unexpected(json.error());
            said = json->done();
        }
        if (auto ok = insert(c, tells ? *operation : ProviderOperation::Notify, target.user, command,
                             request.reason, request.note, listens ? said : std::string());
            !ok)
            return ok;
    }
    return {};
}

Result<std::set<std::int64_t>> Outbox::takeBackTold(std::int64_t command, std::uint32_t user)
{
    std::set<std::int64_t> waited;
    // Not by the command, which may be about fifty thousand others: by the user, along the index outbox_user.
    store::Statement s(m_connection,
                       "UPDATE outbox SET state = ?3, finished_at = ?4, code = 'takenBack', sentence = "
                       "'The decision was taken back before it was sent.' WHERE +command = ?1 AND user = ?2 "
                       "AND operation > 4 AND state <= 1 AND state <= 2 RETURNING connector");
    for (s.bind(command, user, OutboxState::TakenBack, m_clock.now()); s.step();)
        waited.insert(s.int64(0));
    if (!s.ok())
        return tl::unexpected(s.error());
    return waited;
}

} // namespace riskdesk::action

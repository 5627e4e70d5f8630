#include "app/ctl/sending.h"

#include "core/action/outbox.h"
#include "core/base/shown_text.h"
#include "core/connect/lent_secrets.h"
#include "core/connections/open_connector.h"
#include "core/directory/directory.h"
#include "core/store/lease.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>

namespace riskdesk::ctl {
namespace {

using namespace std::chrono_literals;
using action::OutboxRow;

constexpr Microseconds patience = 30s; // for what the provider puts off
constexpr Microseconds look = 250ms;   // at what another process sends

void sleepFor(Microseconds time, const std::stop_token &stop)
{
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    never.wait_for(lock, stop, time, [] { return false; });
}

void printRow(const OutboxRow &row, Format format)
{
    if (format == Format::Json)
        fmt::print(
            "{}\n",
            outboxJson(row).text("outcome", toText(row.state)).text("outcomeMessage", row.sentence).done());
    else
        fmt::print("{}: {}: {}{}{}\n", shownText(row.userPrincipalName), toText(row.operation),
                   toText(row.state), row.sentence.empty() ? "" : ": ", shownText(row.sentence));
    std::fflush(stdout);
}

// The requests of one command, until the last is settled.
class Awaited
{
public:
    Awaited(run::Directory &directory, std::int64_t command, Format format)
        : m_directory(directory)
        , m_command(command)
        , m_format(format)
    {}

    [[nodiscard]] Status read()
    {
        const auto rows = action::outboxOf(m_directory.connection(), m_command);
        if (!rows)
            return tl::unexpected(rows.error());
        m_single = rows->size() == 1;
        m_due = {};
        for (const auto &row : *rows) {
            const auto [at, isNew] = m_states.try_emplace(row.id, row.state);
            if (!isNew && isOnItsWay(at->second) && !isOnItsWay(row.state))
                printRow(row, m_format); // by another process
            at->second = row.state;
            m_connections.insert(row.connector);
            if (isOnItsWay(row.state))
                m_due = std::max(m_due, row.dueAt);
        }
        return {};
    }
    void settled(const dispatch::Settled &settled)
    {
        printSettled(settled, m_format, m_single && settled.row.command == m_command);
        if (settled.row.command == m_command)
            m_states[settled.row.id] = settled.state;
    }
    [[nodiscard]] std::uint64_t waiting() const
    {
        return static_cast<std::uint64_t>(
            std::ranges::count_if(m_states, [](const auto &row) { return isOnItsWay(row.second); }));
    }
    [[nodiscard]] bool allDone() const
    {
        return std::ranges::all_of(m_states, [](const auto &row) { return row.second == OutboxState::Done; });
    }
    [[nodiscard]] const std::set<std::int64_t> &connections() const { return m_connections; }
    // Behind the last that is due.
    [[nodiscard]] Microseconds patienceFrom(Timestamp now) const
    {
        return std::max<Microseconds>(m_due - now, 0us) + patience;
    }

private:
    run::Directory &m_directory;
    std::int64_t m_command;
    Format m_format;
    std::map<std::int64_t, OutboxState> m_states;
    std::set<std::int64_t> m_connections;
    Timestamp m_due;
    bool m_single = false;
};

// What opens these connections; an error where one cannot be opened, before its requests are put off for it.
Result<std::unique_ptr<connect::SecretStore>> secretsFor(const Common &common, run::Directory &directory,
                                                         const std::set<std::int64_t> &connections,
                                                         const SecretsOptions &where)
{
    auto secrets = openSecrets(common.directory, where);
    if (!secrets)
        return secrets;
    const auto rows = action::connectors(directory.connection());
    if (!rows)
        return tl::unexpected(rows.error());
    for (const auto &row : *rows)
        if (connections.contains(row.id))
            if (const auto opens = run::openConnector(row, secrets->get(), common.clock); !opens)
                return tl::unexpected(opens.error());
    return secrets;
}

} // namespace

query::JsonObject outboxJson(const OutboxRow &row)
{
    query::JsonObject json;
    json.whole("id", row.id)
        .text("operation", toText(row.operation))
        .text("state", toText(row.state))
        .text("userPrincipalName", row.userPrincipalName)
        .text("connection", row.connectorName)
        .text("actor", row.who.name)
        .whole("command", row.command)
        .time("createdDateTime", row.createdAt)
        .time("dueDateTime", row.dueAt)
        .whole("attempts", row.attempts)
        .time("sentDateTime", row.sentAt)
        .time("finishedDateTime", row.finishedAt)
        .textOrNull("code", row.code)
        .textOrNull("message", row.sentence);
    return json;
}

void printSettled(const dispatch::Settled &settled, Format format, bool alone)
{
    if (format == Format::Json) {
        auto json = outboxJson(settled.row);
        json.text("outcome", toText(settled.state)).text("outcomeMessage", settled.sentence);
        if (settled.password != nullptr)
            json.text("temporaryPassword", settled.password->reveal());
        fmt::print("{}\n", json.done());
    } else {
        const auto name = shownText(settled.row.userPrincipalName);
        fmt::print("{}: {}: {}{}{}\n", name, toText(settled.row.operation), toText(settled.state),
                   settled.sentence.empty() ? "" : ": ", shownText(settled.sentence));
        if (settled.password != nullptr)
            fmt::print("{}: temporary password:{}{}\n", name, alone ? '\n' : ' ', settled.password->reveal());
    }
    std::fflush(stdout);
}

Status carryHere(const Common &common, std::unique_ptr<connect::SecretStore> secrets, run::CourierOptions how,
                 std::stop_token stop)
{
    const auto shared = std::make_shared<connect::LentSecrets::Shared>();
    shared->store = std::move(secrets);
    how.holder = "riskdeskctl";
    return run::carry(
        common.directory, common.clock,
        [&shared]() -> Result<std::unique_ptr<connect::SecretStore>> {
            if (shared->store == nullptr)
                return nullptr;
            return std::make_unique<connect::LentSecrets>(shared);
        },
        how, stop, [&stop](Microseconds time) { sleepFor(time, stop); });
}

int sendCommand(const Common &common, run::Directory &directory, std::int64_t command,
                const SecretsOptions &where, Format format, std::stop_token stop)
{
    Awaited awaited(directory, command, format);
    if (auto ok = awaited.read(); !ok)
        return report(ok.error());
    const auto begun = common.clock.now();
    const auto longest = awaited.patienceFrom(begun);
    std::stop_source settled; // or stopped
    const std::stop_callback stopped(stop, [&settled] { settled.request_stop(); });
    run::CourierOptions how;
    how.untilEmpty = true;
    how.patience = longest;
    how.settled = [&](const dispatch::Settled &one) {
        awaited.settled(one);
        if (awaited.waiting() == 0)
            settled.request_stop();
    };
    // Asked for now, while what was decided can still be taken back. They are not needed where another one carries.
    auto secrets = secretsFor(common, directory, awaited.connections(), where);
    auto carried = secrets ? carryHere(common, std::move(*secrets), how, settled.get_token())
                           : tl::unexpected(secrets.error());
    const Result<bool> byAnother =
        secrets ? !carried && carried.error().code == Code::StoreBusy
                : store::ImportLease::isHeld(directory.connection(), dispatch::Dispatcher::leaseName);
    if (!byAnother)
        return report(byAnother.error());
    do {
        if (auto ok = awaited.read(); !ok)
            return report(ok.error());
        if (!*byAnother || awaited.waiting() == 0 || common.clock.now() - begun > longest)
            break;
        sleepFor(look, stop);
    } while (!stop.stop_requested());
    int code = awaited.allDone() ? 0 : 1;
    if (!carried && !*byAnother && carried.error().code != Code::Cancelled)
        code = report(carried.error());
    if (const auto waiting = awaited.waiting(); waiting > 0)
        fmt::print(stderr,
                   "riskdeskctl: {} still. \"undo {}\" takes back what was not sent, and \"outbox send\" or "
                   "the console sends it.\n",
                   waiting == 1 ? "1 request waits" : fmt::format("{} requests wait", waiting), command);
    return code;
}

} // namespace riskdesk::ctl

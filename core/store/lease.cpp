#include "core/store/lease.h"

#include "core/base/clock.h"
#include "core/store/connection.h"
#include "core/store/statement.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace riskdesk::store {
namespace {

constexpr auto silence = std::chrono::seconds(60);
constexpr auto between = std::chrono::seconds(10);

std::string hostName()
{
    char name[256] = {};
    gethostname(name, sizeof name - 1);
    return name;
}

bool alive(std::int64_t pid)
{
    return kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM;
}

} // namespace

Result<ImportLease> ImportLease::take(Connection &connection, std::string_view holder)
{
    const auto now = SystemClock().now();
    const auto host = hostName();
    auto transaction = Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    {
        Statement row(connection, "SELECT pid, host, holder, heartbeat FROM lease WHERE name = 'import'");
        if (row.step()) {
            const bool dead = row.text(1) == host && !alive(row.int64(0));
            // A beat from the future is a clock that was put back; it says nothing.
            const bool silent = now - row.time(3) > silence || row.time(3) - now > silence;
            if (!dead && !silent)
                return fail(
                    Code::StoreBusy, connection.file().string(),
                    fmt::format("{} holds it, process {} on {}", row.text(2), row.int64(0), row.text(1)));
        }
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    if (auto ok =
            Statement(connection, "INSERT OR REPLACE INTO lease (name, pid, host, holder, heartbeat) VALUES "
                                  "('import', ?1, ?2, ?3, ?4)")
                .bind(static_cast<std::int64_t>(getpid()), host, holder, now)
                .run();
        !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return ImportLease(connection);
}

ImportLease::ImportLease(ImportLease &&other) noexcept
    : m_connection(std::exchange(other.m_connection, nullptr))
    , m_beat(other.m_beat)
{}

ImportLease::~ImportLease()
{
    if (m_connection != nullptr)
        (void)Statement(*m_connection, "DELETE FROM lease WHERE name = 'import' AND pid = ?1 AND host = ?2")
            .bind(static_cast<std::int64_t>(getpid()), hostName())
            .run();
}

Status ImportLease::heartbeat(bool now)
{
    if (!now && std::chrono::steady_clock::now() - m_beat < between)
        return {};
    m_beat = std::chrono::steady_clock::now();
    Statement update(
        *m_connection,
        "UPDATE lease SET heartbeat = ?3 WHERE name = 'import' AND pid = ?1 AND host = ?2 RETURNING 1");
    update.bind(static_cast<std::int64_t>(getpid()), hostName(), SystemClock().now());
    if (!update.step())
        return update.ok() ? fail(Code::Conflict, "import", "another process took the import over")
                           : Status(tl::unexpected(update.error()));
    return {};
}

} // namespace riskdesk::store

#include "core/store/lease.h"

#include "core/base/clock.h"
#include "core/store/connection.h"
#include "core/store/statement.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace riskdesk::store {
namespace {

using Key = ImportLease::FileKey;

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

// The files whose lease this process holds. A row with our own number that is not among them was left behind:
// by us, when the disk was too full even to take it back, or by a dead process that had the number before.
class Held
{
public:
    static bool contains(const Key &key)
    {
        const std::lock_guard lock(guard());
        return files().contains(key);
    }
    static void add(const Key &key)
    {
        const std::lock_guard lock(guard());
        files().insert(key);
    }
    static void remove(const Key &key)
    {
        const std::lock_guard lock(guard());
        files().erase(key);
    }

private:
    static std::mutex &guard()
    {
        static std::mutex mutex;
        return mutex;
    }
    static std::set<Key> &files()
    {
        static std::set<Key> set;
        return set;
    }
};

Key keyOf(const Connection &connection, std::string_view name)
{
    struct stat file
    {};
    (void)::stat(connection.file().c_str(), &file);
    return {file.st_dev, file.st_ino, std::string(name)};
}

struct Holder
{
    std::int64_t pid = 0;
    std::string host, name;
};

// Nobody when the row is missing or its holder dead or silent.
Result<std::optional<Holder>> holderOf(Connection &connection, const Key &key, const std::string &host,
                                       Timestamp now)
{
    Statement row(connection, "SELECT pid, host, holder, heartbeat FROM lease WHERE name = ?1");
    row.bind(key.name);
    if (!row.step())
        return row.ok() ? Result<std::optional<Holder>>(std::nullopt) : tl::unexpected(row.error());
    const bool here = row.text(1) == host;
    const bool ours = here && row.int64(0) == getpid();
    const bool dead = ours ? !Held::contains(key) : here && !alive(row.int64(0));
    // A beat from the future is a clock that was put back; it says nothing.
    const bool silent = now - row.time(3) > silence || row.time(3) - now > silence;
    if (dead || silent)
        return std::nullopt;
    return Holder{row.int64(0), row.string(1), row.string(2)};
}

} // namespace

Result<bool> ImportLease::isHeld(Connection &connection, std::string_view name)
{
    const auto holder = holderOf(connection, keyOf(connection, name), hostName(), SystemClock().now());
    if (!holder)
        return tl::unexpected(holder.error());
    return holder->has_value();
}

Result<ImportLease> ImportLease::take(Connection &connection, std::string_view holder, std::string_view name)
{
    const auto now = SystemClock().now();
    const auto host = hostName();
    const auto key = keyOf(connection, name);
    auto transaction = Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto other = holderOf(connection, key, host, now);
    if (!other)
        return tl::unexpected(other.error());
    if (*other)
        return fail(
            Code::StoreBusy, connection.file().string(),
            fmt::format("{} holds it, process {} on {}", (*other)->name, (*other)->pid, (*other)->host));
    if (auto ok =
            Statement(connection, "INSERT OR REPLACE INTO lease (name, pid, host, holder, heartbeat) VALUES "
                                  "(?1, ?2, ?3, ?4, ?5)")
                .bind(name, static_cast<std::int64_t>(getpid()), host, holder, now)
                .run();
        !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    Held::add(key);
    return ImportLease(connection, key);
}

ImportLease::ImportLease(ImportLease &&other) noexcept
    : m_connection(std::exchange(other.m_connection, nullptr))
    , m_key(other.m_key)
    , m_beat(other.m_beat)
{}

ImportLease::~ImportLease()
{
    if (m_connection == nullptr)
        return;
    (void)Statement(*m_connection, "DELETE FROM lease WHERE name = ?3 AND pid = ?1 AND host = ?2")
        .bind(static_cast<std::int64_t>(getpid()), hostName(), m_key.name)
        .run();
    Held::remove(m_key);
}

Status ImportLease::heartbeat(bool now)
{
    if (!now && std::chrono::steady_clock::now() - m_beat < between)
        return {};
    m_beat = std::chrono::steady_clock::now();
    Statement update(
        *m_connection,
        "UPDATE lease SET heartbeat = ?3 WHERE name = ?4 AND pid = ?1 AND host = ?2 RETURNING 1");
    update.bind(static_cast<std::int64_t>(getpid()), hostName(), SystemClock().now(), m_key.name);
    if (!update.step())
        return update.ok() ? fail(Code::Conflict, m_key.name, "another process took it over")
                           : Status(tl::unexpected(update.error()));
    return update.run();
}

} // namespace riskdesk::store

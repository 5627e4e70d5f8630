#include "core/store/backup.h"

#include "core/store/statement.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace riskdesk::store {
namespace {

constexpr int pagesAtOnce = 512; // 4 MiB: a tenth of a second on a slow disk
constexpr auto betweenReports = std::chrono::milliseconds(100);

Error errorOfSystem(const std::filesystem::path &file, int number)
{
    return {number == EEXIST                                         ? Code::Conflict
            : number == EACCES || number == EROFS || number == EPERM ? Code::ReadOnly
            : number == ENOSPC || number == EDQUOT                   ? Code::DiskFull
                                                                     : Code::Io,
            file.string(), number == EEXIST ? "the file exists already" : std::strerror(number)};
}

// The moment that is copied: others may write meanwhile, and the copy need not begin anew for it.
class Moment
{
public:
    [[nodiscard]] static Result<Moment> begin(Connection &connection)
    {
        if (auto ok = connection.execute("BEGIN; SELECT count(*) FROM sqlite_schema"); !ok)
            return tl::unexpected(ok.error());
        return Moment(connection);
    }
    Moment(Moment &&other) noexcept
        : m_connection(std::exchange(other.m_connection, nullptr))
    {}
    Moment &operator=(Moment &&) = delete;
    ~Moment()
    {
        if (m_connection != nullptr)
            (void)m_connection->execute("ROLLBACK");
    }

private:
    explicit Moment(Connection &connection)
        : m_connection(&connection)
    {}
    Connection *m_connection;
};

// The copy under its first name; gone with everything beside it unless it was given its own.
class Draft
{
public:
    [[nodiscard]] static Result<std::unique_ptr<Draft>> make(const std::filesystem::path &target)
    {
        auto draft = std::unique_ptr<Draft>(new Draft(target));
        const int file = ::open(draft->m_file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
        if (file < 0)
            return tl::unexpected(errorOfSystem(draft->m_file, errno));
        ::close(file);
        draft->m_made = true;
        return draft;
    }
    Draft(const Draft &) = delete;
    Draft &operator=(const Draft &) = delete;
    ~Draft()
    {
        std::error_code ignored;
        for (const char *suffix : {"", "-journal", "-wal", "-shm"})
            if (m_made)
                std::filesystem::remove(m_file.string() + suffix, ignored);
    }

    [[nodiscard]] const std::filesystem::path &file() const { return m_file; }

    // Fails where something has that name by now.
    [[nodiscard]] Status giveName()
    {
        if (::renameat2(AT_FDCWD, m_file.c_str(), AT_FDCWD, m_target.c_str(), RENAME_NOREPLACE) != 0) {
            // Some file systems cannot do that; a second name for the same file does not replace either.
            if (errno != EINVAL && errno != ENOSYS)
                return tl::unexpected(errorOfSystem(m_target, errno));
            if (::link(m_file.c_str(), m_target.c_str()) != 0)
                return tl::unexpected(errorOfSystem(m_target, errno));
            ::unlink(m_file.c_str());
        }
        m_made = false;
        const auto parent = m_target.has_parent_path() ? m_target.parent_path() : ".";
        const int folder = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0)
            return tl::unexpected(errorOfSystem(parent, errno));
        const bool synced = ::fsync(folder) == 0 || errno == EINVAL; // some file systems do not know it
        const int number = errno;
        ::close(folder);
        return synced ? Status() : tl::unexpected(errorOfSystem(parent, number));
    }

private:
    explicit Draft(const std::filesystem::path &target)
        : m_target(target)
        , m_file(target.string() + fmt::format(".{}.part", ::getpid()))
    {}
    std::filesystem::path m_target, m_file;
    bool m_made = false;
};

Status copyPages(Connection &reader, Connection &copy, const std::stop_token &stop,
                 const ProgressSink &progress)
{
    auto *backup = sqlite3_backup_init(copy.handle(), "main", reader.handle(), "main");
    if (backup == nullptr)
        return tl::unexpected(copy.lastError());
    auto reported = std::chrono::steady_clock::time_point();
    int code = SQLITE_OK;
    while (code == SQLITE_OK && !stop.stop_requested()) {
        code = sqlite3_backup_step(backup, pagesAtOnce);
        const auto now = std::chrono::steady_clock::now();
        if (progress && (code == SQLITE_DONE || now - reported >= betweenReports)) {
            reported = now;
            const auto all = static_cast<std::uint64_t>(sqlite3_backup_pagecount(backup));
            progress({"copy", all - static_cast<std::uint64_t>(sqlite3_backup_remaining(backup)), all});
        }
    }
    const bool done = code == SQLITE_DONE;
    const int finished = sqlite3_backup_finish(backup);
    if (done && finished == SQLITE_OK)
        return {};
    if (finished == SQLITE_OK)
        return fail(Code::Cancelled, copy.file().string());
    return tl::unexpected(copy.lastError());
}

// A copy that cannot be read is none, and who finds out in a year has lost the source as well.
Status lookThrough(Connection &copy, const std::string &source, const std::stop_token &stop)
{
    copy.setStop(stop);
    Statement row(copy, "PRAGMA quick_check(1)");
    const bool there = row.step();
    if (!there && !row.ok())
        return tl::unexpected(row.error());
    if (there && row.text(0) != "ok")
        return fail(Code::StoreCorrupt, source, row.string(0));
    return {};
}

} // namespace

Result<std::uint64_t> copyDirectory(Connection &reader, const std::filesystem::path &target,
                                    const std::function<Status()> &beforeNamed, std::stop_token stop,
                                    const ProgressSink &progress)
{
    // A log that lies there would be taken for the copy's own and be played into it.
    for (const char *suffix : {"", "-wal", "-journal"}) {
        std::error_code ignored;
        const auto there = target.string() + suffix;
        if (std::filesystem::exists(std::filesystem::symlink_status(there, ignored)))
            return tl::unexpected(errorOfSystem(there, EEXIST));
    }
    auto draft = Draft::make(target);
    if (!draft)
        return tl::unexpected(draft.error());
    {
        auto copy = Connection::open((*draft)->file(), Connection::Mode::Write);
        if (!copy)
            return tl::unexpected(copy.error());
        {
            auto moment = Moment::begin(reader);
            if (!moment)
                return tl::unexpected(moment.error());
            if (auto ok = copyPages(reader, *copy, stop, progress); !ok)
                return tl::unexpected(ok.error());
        }
        if (auto ok = lookThrough(*copy, reader.file().string(), stop); !ok)
            return tl::unexpected(ok.error());
    }
    std::error_code error;
    const auto bytes = std::filesystem::file_size((*draft)->file(), error);
    if (error)
        return tl::unexpected(errorOfSystem((*draft)->file(), error.value()));
    if (beforeNamed)
        if (auto ok = beforeNamed(); !ok)
            return tl::unexpected(ok.error());
    if (auto ok = (*draft)->giveName(); !ok)
        return tl::unexpected(ok.error());
    return bytes;
}

} // namespace riskdesk::store

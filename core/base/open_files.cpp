#include "core/base/open_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>

namespace riskdesk {
namespace {

struct Entry
{
    std::filesystem::path file; // with links resolved, as SQLite names the files beside it
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0; // the greatest that was seen: a database of ours never shrinks
};

class Register
{
public:
    std::mutex guard;
    std::map<unsigned long, Entry> entries;
    unsigned long last = 0;

    static Register &instance()
    {
        static Register one;
        return one;
    }
};

bool look(const std::filesystem::path &file, struct stat &about)
{
    return ::stat(file.c_str(), &about) == 0;
}

bool same(const struct stat &about, const Entry &entry)
{
    return about.st_dev == entry.device && about.st_ino == entry.inode;
}

bool isOpen(const struct stat &about)
{
    auto &all = Register::instance();
    const std::lock_guard lock(all.guard);
    return std::ranges::any_of(all.entries, [&](const auto &one) {
        const Entry &entry = one.second;
        if (same(about, entry))
            return true;
        return std::ranges::any_of(std::array{"-wal", "-shm", "-journal"}, [&](const char *suffix) {
            struct stat beside
            {};
            return look(entry.file.string() + suffix, beside) && beside.st_dev == about.st_dev &&
                   beside.st_ino == about.st_ino;
        });
    });
}

// SQLite's header: its name at 0, the application's number at 68. Only of files that are open nowhere here.
bool isDirectory(const std::filesystem::path &file)
{
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return false;
    std::array<char, 72> head{};
    const auto got = ::pread(descriptor, head.data(), head.size(), 0);
    ::close(descriptor);
    return got == static_cast<ssize_t>(head.size()) &&
           std::string_view(head.data(), 16) == std::string_view("SQLite format 3\0", 16) &&
           std::string_view(head.data() + 68, 4) == "RDsk";
}

Status refuse(const std::string &name, std::string_view what, std::string_view wanted)
{
    return fail(Code::WrongUsage, name, fmt::format("\"{}\" is {}; choose {}.", name, what, wanted));
}

} // namespace

Result<OpenFile> OpenFile::enter(const std::filesystem::path &file)
{
    OpenFile entered;
    std::error_code error;
    struct stat about
    {};
    const auto resolved = std::filesystem::canonical(file, error);
    if (error || !look(resolved, about))
        return entered;
    auto &all = Register::instance();
    const std::lock_guard lock(all.guard);
    off_t size = about.st_size;
    for (const auto &[number, entry] : all.entries) {
        if (entry.file == resolved && !same(about, entry))
            return fail(Code::StoreCorrupt, file.string(),
                        fmt::format("\"{}\" was replaced by another file while it was open.", file.string()));
        if (same(about, entry))
            size = std::max(size, entry.size);
    }
    entered.m_number = ++all.last;
    all.entries.emplace(entered.m_number, Entry{resolved, about.st_dev, about.st_ino, size});
    return entered;
}

OpenFile::OpenFile(OpenFile &&other) noexcept
    : m_number(std::exchange(other.m_number, 0))
{}

OpenFile &OpenFile::operator=(OpenFile &&other) noexcept
{
    std::swap(m_number, other.m_number);
    return *this;
}

OpenFile::~OpenFile()
{
    if (m_number == 0)
        return;
    auto &all = Register::instance();
    const std::lock_guard lock(all.guard);
    all.entries.erase(m_number);
}

Status OpenFile::stillThere() const
{
    if (m_number == 0)
        return {};
    auto &all = Register::instance();
    const std::lock_guard lock(all.guard);
    Entry &entry = all.entries.at(m_number);
    const auto gone = [&](std::string_view what) {
        const auto name = entry.file.string();
        return fail(Code::StoreCorrupt, name, fmt::format("\"{}\" was {} while it was open.", name, what));
    };
    struct stat about
    {};
    if (!look(entry.file, about)) {
        if (errno == ENOENT || errno == ENOTDIR)
            return gone("moved away or deleted");
        return fail(Code::Io, entry.file.string(), std::strerror(errno));
    }
    if (!same(about, entry))
        return gone("replaced by another file");
    if (about.st_size < entry.size)
        return gone("cut short");
    entry.size = about.st_size;
    return {};
}

Status mayRead(const std::filesystem::path &file, std::string_view wanted)
{
    struct stat about
    {};
    if (!look(file, about))
        return {}; // whoever opens it says why it cannot be
    if (isOpen(about))
        return refuse(file.string(), "the open directory itself", wanted);
    // Anything else could be a pipe that gives its bytes away once.
    if (S_ISREG(about.st_mode) && isDirectory(file))
        return refuse(file.string(), "a Riskdesk directory", wanted);
    return {};
}

Status mayRead(int descriptor, const std::string &name, std::string_view wanted)
{
    struct stat about
    {};
    if (::fstat(descriptor, &about) == 0 && isOpen(about))
        return refuse(name, "the open directory itself", wanted);
    return {};
}

} // namespace riskdesk

#include "core/import/log_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace riskdesk::run {

namespace fs = std::filesystem;

LogWatch::LogWatch(std::vector<fs::path> named)
    : m_named(std::move(named))
    , m_events(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
    , m_wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
{
    watchFolders();
}

LogWatch::~LogWatch()
{
    for (const int descriptor : {m_events, m_wake})
        if (descriptor >= 0)
            ::close(descriptor);
}

// Watching a folder once more changes nothing; one that was removed and made again is another to the system.
void LogWatch::watchFolders()
{
    if (m_events < 0)
        return;
    constexpr std::uint32_t mask =
        IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE;
    const auto watch = [&](const fs::path &folder) { ::inotify_add_watch(m_events, folder.c_str(), mask); };
    for (const auto &path : m_named) {
        std::error_code problem;
        if (!fs::is_directory(path, problem)) {
            if (path != "-")
                watch(path.has_parent_path() ? path.parent_path() : fs::path("."));
            continue;
        }
        watch(path);
        fs::recursive_directory_iterator at(path, problem), end;
        for (; !problem && at != end; at.increment(problem)) {
            std::error_code gone;
            if (at->is_directory(gone))
                watch(at->path());
        }
    }
}

bool LogWatch::drain()
{
    bool any = false;
    alignas(inotify_event) std::array<char, 4096> events;
    while (m_events >= 0 && ::read(m_events, events.data(), events.size()) > 0)
        any = true;
    return any;
}

// True when there are events; they stay.
bool LogWatch::poll(std::chrono::milliseconds most)
{
    std::array<pollfd, 2> what{pollfd{m_wake, POLLIN, 0}, pollfd{m_events, POLLIN, 0}}; // below 0: left out
    const auto deadline = std::chrono::steady_clock::now() + most;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        const int got =
            ::poll(what.data(), what.size(), static_cast<int>(std::max<std::int64_t>(0, left.count())));
        if (got < 0 && errno == EINTR)
            continue;
        return got > 0 && (what[1].revents & POLLIN) != 0;
    }
}

bool LogWatch::wait(std::chrono::milliseconds most, std::chrono::milliseconds gather,
                    const std::stop_token &stop)
{
    const std::stop_callback waking(stop, [this] {
        const std::uint64_t one = 1;
        (void)!::write(m_wake, &one, sizeof one);
    });
    watchFolders(); // new folders since
    if (!poll(most) || stop.stop_requested())
        return false;
    // Only the request to stop ends this part early.
    std::array<pollfd, 1> what{pollfd{m_wake, POLLIN, 0}};
    const auto deadline = std::chrono::steady_clock::now() + gather;
    for (auto left = gather; left.count() > 0; left = std::chrono::duration_cast<std::chrono::milliseconds>(
                                                   deadline - std::chrono::steady_clock::now()))
        if (::poll(what.data(), what.size(), static_cast<int>(left.count())) > 0)
            break;
    return drain();
}

} // namespace riskdesk::run

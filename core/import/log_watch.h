// LogWatch: waits until something happens to logs that are followed: in their folders, whose names come and go, and
// below the folders that were named. Where the system does not tell (another system, a network drive, too many folders)
// the time given is what ends the wait, so the caller looks all the same. One thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <vector>

namespace riskdesk::run {

class LogWatch
{
public:
    explicit LogWatch(std::vector<std::filesystem::path> named);
    ~LogWatch();
    LogWatch(const LogWatch &) = delete;
    LogWatch &operator=(const LogWatch &) = delete;

    // True when something happened since the last call, false when the time is over or somebody asks to stop. What
    // happened meanwhile counts too. Then it waits for `gather`, so that a busy log is taken in larger pieces.
    bool wait(std::chrono::milliseconds most, std::chrono::milliseconds gather, const std::stop_token &stop);

private:
    void watchFolders();
    bool poll(std::chrono::milliseconds most);
    bool drain();

    std::vector<std::filesystem::path> m_named;
    int m_events = -1; // inotify; -1: the system does not tell
    int m_wake = -1;   // eventfd: asked to stop
};

} // namespace riskdesk::run

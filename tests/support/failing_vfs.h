// FailingVfs: SQLite's own files with a disk that can be made to fail, or a machine that can be made to stop.
//
// While one exists it is the default VFS over the real one, so that the product's code opens its files
// through it. What is synced is not really synced, since only the machine's cache is looked at afterwards; so
// tests are quick.
//     failAt      the Nth write, sync, truncate, open or mapping fails; once, or that one and all that follow
//     stopAt      the machine stops at the Nth change: nothing reaches the disk any more; after everything is
//                 closed, loseWhatWasNotSynced() leaves the files as a power cut would
// One at a time. Threads may use SQLite at once; then which operation is the Nth is chance.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace riskdesk::test {

class FailingVfs
{
public:
    enum class Operation {
        Write,
        Sync,
        Truncate,
        Open,
        Map,
        Change
    }; // Change: write, sync, truncate or delete
    // What becomes of writes that nobody asked to be synced.
    enum class Unsynced { Lost, Random };

    FailingVfs();
    ~FailingVfs();
    FailingVfs(const FailingVfs &) = delete;
    FailingVfs &operator=(const FailingVfs &) = delete;

    void failAt(Operation operation, int nth, int code, bool lasting);
    void stopAt(int nth);
    // The disk works again. What was counted is forgotten.
    void heal();
    // Whether the failure or the stop that was asked for came to pass.
    [[nodiscard]] bool happened();
    void loseWhatWasNotSynced(Unsynced mode, std::uint64_t seed = 1);

private:
    friend struct FailingFile;
    struct Change
    {
        std::int64_t sizeBefore;
        std::int64_t offset; // of a write; a truncate to `offset` has no bytes after it
        std::vector<char> before, after;
        bool truncates;
    };
    // SQLITE_OK, or the code to fail with.
    int allow(Operation operation);
    void remember(const std::string &path, Change change);
    void forget(const std::string &path);

    std::mutex m_mutex; // of all that follows
    sqlite3_vfs m_vfs{};
    sqlite3_vfs *m_real = nullptr;
    Operation m_operation = Operation::Change;
    int m_nth = 0; // 0: nothing fails
    int m_code = 0;
    bool m_lasting = false, m_stops = false, m_happened = false;
    int m_count = 0;
    std::map<std::string, std::vector<Change>> m_unsynced; // by path
};

} // namespace riskdesk::test

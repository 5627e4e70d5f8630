// FollowedFile: how far a log that grows was read, and whether it is still what it was there. Part of FollowRun. One
// thread.
#pragma once

#include "core/base/result.h"
#include "core/ingest/growing_log.h"

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace riskdesk::run {

// A descriptor that is closed with its last owner.
class OpenLog
{
public:
    explicit OpenLog(int descriptor)
        : m_descriptor(descriptor)
    {}
    ~OpenLog();
    OpenLog(const OpenLog &) = delete;
    OpenLog &operator=(const OpenLog &) = delete;
    [[nodiscard]] int descriptor() const { return m_descriptor; }
    // Fewer bytes where the file ends.
    [[nodiscard]] std::string bytes(std::uint64_t at, std::size_t count) const;

private:
    int m_descriptor;
};

// Which file it is, and how it was.
struct FileStamp
{
    dev_t device = 0;
    ino_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t modified = 0; // nanoseconds

    [[nodiscard]] static FileStamp of(const struct stat &about);
    [[nodiscard]] bool sameFile(const FileStamp &other) const
    {
        return device == other.device && inode == other.inode;
    }
    friend bool operator==(const FileStamp &, const FileStamp &) = default;
};

struct FollowedFile
{
    enum class Kind : std::uint8_t {
        New,    // not recognised yet
        Pieces, // followed
        Over    // imported as a whole, or no log: nothing more until it is replaced
    };
    std::string name; // as rejects name it
    bool named = false;
    Kind kind = Kind::New;
    FileStamp seen;
    bool pending = false; // to be looked at again although nothing changed
    std::shared_ptr<const ingest::GrowingLog> log;
    std::uint64_t offset = 0, lines = 0; // where the next piece begins
    std::string before;                  // the bytes before it, by which the file is known again
    std::shared_ptr<OpenLog> open;       // of a named one, so that moving it away loses nothing

    void begin(std::shared_ptr<const ingest::GrowingLog> known);
    // The whole records behind `offset`, which goes behind them; a part without bytes when there are none yet.
    // Nothing when the file is not any more what it was up to there. Io.
    [[nodiscard]] Result<std::optional<ingest::LogPart>> take(const OpenLog &from);
};

using FollowedFiles = std::map<std::filesystem::path, FollowedFile>;

} // namespace riskdesk::run

// OpenFiles: the databases that SQLite has open in this process, so that nothing else opens them.
//
// POSIX takes every lock that a process holds on a file away as soon as it closes any descriptor of that file
// (sqlite.org/howtocorrupt.html, 2.2). A directory that is read as a log by mistake would lose SQLite's
// locks, and the next process to close it would delete the write-ahead log under us. So whoever opens a file
// that a person named asks mayRead() first; it looks with stat() only, at device and inode, so that links are
// seen through, and covers the files beside the database (-wal, -shm, -journal).
//
//     if (auto ok = mayRead(file, "a sign-in log"); !ok)
//         return tl::unexpected(ok.error());
//
// Any thread.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace riskdesk {

// The entry of one connection, made before SQLite opens the file and gone after it is closed. A file that
// does not exist has none.
class OpenFile
{
public:
    OpenFile() = default;
    // Code::StoreCorrupt when this process has another file open that had this name before: what is open and
    // what is there share the log beside it, and either would ruin the other.
    [[nodiscard]] static Result<OpenFile> enter(const std::filesystem::path &file);
    OpenFile(OpenFile &&other) noexcept;
    OpenFile &operator=(OpenFile &&other) noexcept;
    ~OpenFile();

    // Is it still what was opened? Code::StoreCorrupt with a sentence when it was moved away, replaced or
    // cut.
    [[nodiscard]] Status stillThere() const;

private:
    unsigned long m_number = 0; // 0: none
};

// Code::WrongUsage with a sentence when the file is open as a database here, or is a Riskdesk directory.
// `wanted` is what should be chosen instead. Everything else passes, files that do not exist too.
[[nodiscard]] Status mayRead(const std::filesystem::path &file, std::string_view wanted);
// The same for a descriptor that somebody else opened: standard input.
[[nodiscard]] Status mayRead(int descriptor, const std::string &name, std::string_view wanted);

} // namespace riskdesk

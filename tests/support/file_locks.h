// fileLocks: does a process hold POSIX locks on a file? Asked from outside, because F_GETLK does not tell a
// process of its own locks: the test program starts itself as a child that probes (childMain with the part
// "locks"), and reads /proc/locks where there is one. The files of an open directory must keep theirs: with
// the locks gone another process may delete the log under us.
#pragma once

#include "tests/support/child_process.h"

#include <QFile>
#include <QString>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace riskdesk::test {

// The child part: exit code 1 when somebody else holds a lock on the file, 0 when nobody does, 99 when it
// cannot be asked.
inline int probeLocks(const std::vector<std::string> &arguments)
{
    const int descriptor = ::open(arguments.at(0).c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return 99;
    struct flock lock
    {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    const int asked = ::fcntl(descriptor, F_GETLK, &lock);
    ::close(descriptor);
    return asked != 0 ? 99 : lock.l_type != F_UNLCK ? 1 : 0;
}

// How many locks on the file /proc/locks shows for this process; -1 where it shows nothing at all.
inline int locksInProc(const QString &file)
{
    struct stat about
    {};
    QFile table(QStringLiteral("/proc/locks"));
    if (::stat(QFile::encodeName(file).constData(), &about) != 0 || !table.open(QIODevice::ReadOnly))
        return -1;
    const auto lines = table.readAll().split('\n');
    const auto inode = ':' + QByteArray::number(static_cast<qulonglong>(about.st_ino));
    const auto pid = QByteArray::number(static_cast<qlonglong>(::getpid()));
    int locks = 0;
    for (const auto &line : lines) {
        const auto words = line.simplified().split(' ');
        if (words.size() >= 6 && words[4] == pid && words[5].endsWith(inode))
            ++locks;
    }
    return lines.size() < 2 ? -1 : locks;
}

// Of an open directory: the shared lock on the file, and the one on the index of its log.
struct DirectoryLocks
{
    explicit DirectoryLocks(const QString &file)
        : store(runChild("locks", {file}))
        , index(runChild("locks", {file + QStringLiteral("-shm")}))
        , storeInProc(locksInProc(file))
        , indexInProc(locksInProc(file + QStringLiteral("-shm")))
    {}
    int store, index;
    int storeInProc, indexInProc;
    [[nodiscard]] bool areHeld() const
    {
        return store == 1 && index == 1 && storeInProc != 0 && indexInProc != 0;
    }
    [[nodiscard]] QString words() const
    {
        return QStringLiteral("seen by another process: file %1, index %2; in /proc/locks: %3, %4")
            .arg(store)
            .arg(index)
            .arg(storeInProc)
            .arg(indexInProc);
    }
};

} // namespace riskdesk::test

#include "tests/support/failing_vfs.h"

#include "core/store/sqlite_memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <stdexcept>

namespace riskdesk::test {

// SQLite allocates szOsFile bytes: this, and the real file behind it.
struct FailingFile
{
    sqlite3_file base;
    FailingVfs *vfs;
    std::string *path;

    [[nodiscard]] sqlite3_file *real() { return reinterpret_cast<sqlite3_file *>(this + 1); }
    static FailingFile *of(sqlite3_file *file) { return reinterpret_cast<FailingFile *>(file); }
    static FailingVfs &vfsOf(sqlite3_vfs *vfs) { return *static_cast<FailingVfs *>(vfs->pAppData); }
    static const sqlite3_io_methods methods;

    // What the bytes from `offset` on are now, and how long the file is.
    FailingVfs::Change remember(std::int64_t offset, std::int64_t length, bool truncates)
    {
        FailingVfs::Change change{0, offset, {}, {}, truncates};
        sqlite3_int64 size = 0;
        real()->pMethods->xFileSize(real(), &size);
        change.sizeBefore = size;
        const auto readable = std::clamp<std::int64_t>(size - offset, 0, length);
        change.before.resize(static_cast<std::size_t>(readable));
        if (readable > 0)
            real()->pMethods->xRead(real(), change.before.data(), static_cast<int>(readable), offset);
        return change;
    }

    static int close(sqlite3_file *file)
    {
        auto *self = of(file);
        const int code = self->real()->pMethods->xClose(self->real());
        delete self->path;
        return code;
    }
    static int read(sqlite3_file *file, void *data, int length, sqlite3_int64 offset)
    {
        return of(file)->real()->pMethods->xRead(of(file)->real(), data, length, offset);
    }
    static int write(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
    {
        auto *self = of(file);
        if (const int code = self->vfs->allow(FailingVfs::Operation::Write); code != SQLITE_OK)
            return code;
        auto change = self->remember(offset, length, false);
        const auto *bytes = static_cast<const char *>(data);
        change.after.assign(bytes, bytes + length);
        self->vfs->remember(*self->path, std::move(change));
        return self->real()->pMethods->xWrite(self->real(), data, length, offset);
    }
    static int truncate(sqlite3_file *file, sqlite3_int64 size)
    {
        auto *self = of(file);
        if (const int code = self->vfs->allow(FailingVfs::Operation::Truncate); code != SQLITE_OK)
            return code;
        self->vfs->remember(*self->path, self->remember(size, INT32_MAX, true));
        return self->real()->pMethods->xTruncate(self->real(), size);
    }
    static int sync(sqlite3_file *file, int)
    {
        auto *self = of(file);
        const int code = self->vfs->allow(FailingVfs::Operation::Sync);
        if (code == SQLITE_OK)
            self->vfs->forget(*self->path);
        return code;
    }
    static int fileSize(sqlite3_file *file, sqlite3_int64 *size)
    {
        return of(file)->real()->pMethods->xFileSize(of(file)->real(), size);
    }
    static int lock(sqlite3_file *file, int level)
    {
        return of(file)->real()->pMethods->xLock(of(file)->real(), level);
    }
    static int unlock(sqlite3_file *file, int level)
    {
        return of(file)->real()->pMethods->xUnlock(of(file)->real(), level);
    }
    static int checkReservedLock(sqlite3_file *file, int *out)
    {
        return of(file)->real()->pMethods->xCheckReservedLock(of(file)->real(), out);
    }
    static int fileControl(sqlite3_file *file, int operation, void *argument)
    {
        // A file made longer ahead of its writes would be a change nobody counts.
        if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE)
            return SQLITE_NOTFOUND;
        return of(file)->real()->pMethods->xFileControl(of(file)->real(), operation, argument);
    }
    static int sectorSize(sqlite3_file *file)
    {
        return of(file)->real()->pMethods->xSectorSize(of(file)->real());
    }
    static int deviceCharacteristics(sqlite3_file *file)
    {
        return of(file)->real()->pMethods->xDeviceCharacteristics(of(file)->real());
    }
    static int shmMap(sqlite3_file *file, int region, int size, int extend, void volatile **memory)
    {
        auto *self = of(file);
        if (const int code = self->vfs->allow(FailingVfs::Operation::Map); code != SQLITE_OK)
            return code;
        return self->real()->pMethods->xShmMap(self->real(), region, size, extend, memory);
    }
    static int shmLock(sqlite3_file *file, int offset, int n, int flags)
    {
        return of(file)->real()->pMethods->xShmLock(of(file)->real(), offset, n, flags);
    }
    static void shmBarrier(sqlite3_file *file) { of(file)->real()->pMethods->xShmBarrier(of(file)->real()); }
    static int shmUnmap(sqlite3_file *file, int deleteToo)
    {
        return of(file)->real()->pMethods->xShmUnmap(of(file)->real(), deleteToo);
    }

    static int open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *outFlags)
    {
        auto &self = vfsOf(vfs);
        auto *made = of(file);
        made->base.pMethods = nullptr;
        if (const int code = self.allow(FailingVfs::Operation::Open); code != SQLITE_OK)
            return code;
        const int code = self.m_real->xOpen(self.m_real, name, made->real(), flags, outFlags);
        if (code != SQLITE_OK)
            return code;
        made->vfs = &self;
        made->path = new std::string(name == nullptr ? "" : name);
        made->base.pMethods = &methods;
        return SQLITE_OK;
    }
    static int remove(sqlite3_vfs *vfs, const char *name, int syncFolder)
    {
        auto &self = vfsOf(vfs);
        if (const int code = self.allow(FailingVfs::Operation::Change); code != SQLITE_OK)
            return code;
        self.forget(name);
        return self.m_real->xDelete(self.m_real, name, syncFolder);
    }
    static int access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
    {
        return vfsOf(vfs).m_real->xAccess(vfsOf(vfs).m_real, name, flags, out);
    }
    static int fullPathname(sqlite3_vfs *vfs, const char *name, int size, char *out)
    {
        return vfsOf(vfs).m_real->xFullPathname(vfsOf(vfs).m_real, name, size, out);
    }
    static int lastError(sqlite3_vfs *, int, char *) { return 0; } // an invented failure has no errno
};

const sqlite3_io_methods FailingFile::methods = {
    2, // without mapped pages, whose changes nobody would see
    close,       read,       write,
    truncate,    sync,       fileSize,
    lock,        unlock,     checkReservedLock,
    fileControl, sectorSize, deviceCharacteristics,
    shmMap,      shmLock,    shmBarrier,
    shmUnmap,    nullptr,    nullptr,
};

FailingVfs::FailingVfs()
{
    store::setUpSqliteMemory(); // before SQLite is in use, which it is from here on
    m_real = sqlite3_vfs_find(nullptr);
    m_vfs = *m_real;
    m_vfs.pNext = nullptr;
    m_vfs.zName = "failing";
    m_vfs.szOsFile = static_cast<int>(sizeof(FailingFile)) + m_real->szOsFile;
    m_vfs.pAppData = this;
    m_vfs.xOpen = FailingFile::open;
    m_vfs.xDelete = FailingFile::remove;
    m_vfs.xAccess = FailingFile::access;
    m_vfs.xFullPathname = FailingFile::fullPathname;
    m_vfs.xGetLastError = FailingFile::lastError;
    if (sqlite3_vfs_register(&m_vfs, 1) != SQLITE_OK)
        throw std::runtime_error("the failing VFS was refused");
}

FailingVfs::~FailingVfs()
{
    sqlite3_vfs_register(m_real, 1);
    sqlite3_vfs_unregister(&m_vfs);
}

void FailingVfs::remember(const std::string &path, Change change)
{
    const std::lock_guard lock(m_mutex);
    m_unsynced[path].push_back(std::move(change));
}

void FailingVfs::forget(const std::string &path)
{
    const std::lock_guard lock(m_mutex);
    m_unsynced.erase(path);
}

bool FailingVfs::happened()
{
    const std::lock_guard lock(m_mutex);
    return m_happened;
}

void FailingVfs::failAt(Operation operation, int nth, int code, bool lasting)
{
    heal();
    const std::lock_guard lock(m_mutex);
    m_operation = operation;
    m_nth = nth;
    m_code = code;
    m_lasting = lasting;
}

void FailingVfs::stopAt(int nth)
{
    failAt(Operation::Change, nth, SQLITE_IOERR, true);
    const std::lock_guard lock(m_mutex);
    m_stops = true;
}

void FailingVfs::heal()
{
    const std::lock_guard lock(m_mutex);
    m_nth = m_count = 0;
    m_stops = m_happened = false;
}

int FailingVfs::allow(Operation operation)
{
    const std::lock_guard lock(m_mutex);
    if (m_nth == 0)
        return SQLITE_OK;
    const bool changes = operation == Operation::Write || operation == Operation::Sync ||
                         operation == Operation::Truncate || operation == Operation::Change;
    if (m_stops && m_happened)
        return changes ? m_code : SQLITE_OK;
    if (operation != m_operation && !(changes && m_operation == Operation::Change))
        return SQLITE_OK;
    ++m_count;
    if (m_count != m_nth && !(m_lasting && m_count > m_nth))
        return SQLITE_OK;
    m_happened = true;
    return m_code;
}

void FailingVfs::loseWhatWasNotSynced(Unsynced mode, std::uint64_t seed)
{
    const std::lock_guard lock(m_mutex);
    std::mt19937_64 random(seed);
    for (auto &[path, changes] : m_unsynced) {
        const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        if (file < 0)
            continue; // it was removed
        const auto put = [file](const std::vector<char> &bytes, std::int64_t offset) {
            if (!bytes.empty() && ::pwrite(file, bytes.data(), bytes.size(), offset) < 0)
                throw std::runtime_error("the file could not be put back");
        };
        const auto cut = [file](std::int64_t size) {
            if (::ftruncate(file, size) != 0)
                throw std::runtime_error("the file could not be cut");
        };
        for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
            cut(change->sizeBefore);
            put(change->before, change->offset);
        }
        if (mode == Unsynced::Random)
            for (const auto &change : changes) {
                if (random() % 2 == 0)
                    continue;
                if (change.truncates)
                    cut(change.offset);
                else
                    put(change.after, change.offset);
            }
        ::close(file);
    }
    m_unsynced.clear();
}

} // namespace riskdesk::test

#include "core/store/sqlite_memory.h"

#include <sqlite3.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>

// The C library's own, which the sanitizer does not put itself before.
extern "C" void *__libc_malloc(std::size_t size);
extern "C" void __libc_free(void *block);
#endif

namespace riskdesk::store {
namespace {

#if defined(__SANITIZE_ADDRESS__)
// SQLite is built without the sanitizer and takes small blocks by the million: giving each its surroundings and its
// stack was half the time of every test that writes. What can go wrong on our side is to read a column's text after
// its statement has gone on, and that is still found: a block given back stays forbidden while it waits in a queue.
constexpr std::size_t headSize = 16; // before each block: its size, and what keeps it aligned
constexpr std::size_t largestQueued = 64 * 1024;
std::array<std::atomic<char *>, 256> queue{};
std::atomic<unsigned> given = 0;

std::size_t sizeBefore(const void *memory)
{
    std::size_t size = 0;
    std::memcpy(&size, static_cast<const char *>(memory) - headSize, sizeof(size));
    return size;
}

void *allocate(int wanted)
{
    const auto size = static_cast<std::size_t>(wanted);
    auto *block = static_cast<char *>(__libc_malloc(headSize + size));
    if (block == nullptr)
        return nullptr;
    std::memcpy(block, &size, sizeof(size));
    return block + headSize;
}

void release(void *memory)
{
    auto *out = static_cast<char *>(memory);
    if (const auto size = sizeBefore(out); size <= largestQueued) {
        ASAN_POISON_MEMORY_REGION(out, size);
        out = queue[given++ % queue.size()].exchange(out);
        if (out == nullptr)
            return;
        ASAN_UNPOISON_MEMORY_REGION(out, sizeBefore(out));
    }
    __libc_free(out - headSize);
}

void *reallocate(void *memory, int wanted)
{
    void *moved = allocate(wanted);
    if (moved == nullptr)
        return nullptr;
    std::memcpy(moved, memory, std::min(sizeBefore(memory), static_cast<std::size_t>(wanted)));
    release(memory);
    return moved;
}

int sizeOf(void *memory)
{
    return memory == nullptr ? 0 : static_cast<int>(sizeBefore(memory));
}

int roundUp(int size)
{
    return (size + 7) & ~7;
}

int begin(void * /*data*/)
{
    return SQLITE_OK;
}

void end(void * /*data*/) {}

void takeFromTheLibrary()
{
    static const sqlite3_mem_methods methods = {allocate, release, reallocate, sizeOf,
                                                roundUp,  begin,   end,        nullptr};
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
#else
void takeFromTheLibrary() {}
#endif

} // namespace

void setUpSqliteMemory()
{
    // Memory is counted behind one lock for all threads. Nobody here asks for the count, and it costs an eighth of a
    // bulk decision. Refused, and left at that, where SQLite is in use already.
    [[maybe_unused]] static const bool once = [] {
        takeFromTheLibrary();
        return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK;
    }();
}

} // namespace riskdesk::store

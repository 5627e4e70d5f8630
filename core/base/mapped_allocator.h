// MappedAllocator: memory for large vectors straight from the system and straight back to it.
//
// malloc keeps what is freed for later, which is wrong for memory that was needed once; and pages that are
// never touched cost nothing, so a vector may reserve for the largest case at once. Any thread.
// std::bad_alloc.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <limits>
#include <new>

namespace riskdesk {

template <typename T>
class MappedAllocator
{
public:
    using value_type = T;
    MappedAllocator() = default;
    template <typename U>
    MappedAllocator(const MappedAllocator<U> & /*other*/)
    {}
    [[nodiscard]] T *allocate(std::size_t count)
    {
        if (count > std::numeric_limits<std::size_t>::max() / sizeof(T))
            throw std::bad_array_new_length();
        void *at = ::mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (at == MAP_FAILED)
            throw std::bad_alloc();
        return static_cast<T *>(at);
    }
    void deallocate(T *at, std::size_t count) { ::munmap(at, count * sizeof(T)); }
    friend bool operator==(const MappedAllocator &, const MappedAllocator &) { return true; }
};

} // namespace riskdesk

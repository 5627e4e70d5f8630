// Staging: the sign-ins of one import run on their way from file order to event-time order.
//
// Rows are gathered and sorted in chunks. The first ones stay in memory, which is all there is to an ordinary
// log; further ones are spilled to a temporary file without a name beside the directory file. Reading back
// merges the chunks and gives each one's memory back when it is through. Memory is bounded by the chunks kept
// plus a small buffer per chunk, whatever the size of the import. Nothing of it outlives the process, so a
// cancelled or killed run leaves no trace.
//
// One thread. add() until done, then begin() and next().
#pragma once

#include "core/base/mapped_allocator.h"
#include "core/base/result.h"
#include "core/domain/sign_in.h"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace riskdesk::run {

class Staging
{
public:
    // `beside`: the directory file; the temporary file is made in its folder, where there is room for the
    // store.
    explicit Staging(std::filesystem::path beside, std::size_t rowsPerChunk = std::size_t{1} << 16,
                     std::size_t bytesInMemory = std::size_t{96} << 20);
    ~Staging();
    Staging(const Staging &) = delete;
    Staging &operator=(const Staging &) = delete;

    // Code::DiskFull, Io.
    [[nodiscard]] Status add(const SignInRow &row);
    [[nodiscard]] std::uint64_t rows() const { return m_rows; }

    // After the last add(): sorts what is left. Then next() gives the rows in (time, event key) order; rows
    // that are equal in both come in the order they were added.
    [[nodiscard]] Status begin();
    // False at the end. Code::Io when the temporary file cannot be read back.
    [[nodiscard]] Result<bool> next(SignInRow &row);

private:
    using Rows = std::vector<SignInRow, MappedAllocator<SignInRow>>;
    struct Run
    {
        std::uint64_t position = 0; // next row to read from the file
        std::uint64_t end = 0;      // the same from the start on when the whole chunk is in the buffer
        Rows buffer;
        std::size_t at = 0;
    };
    Status finishChunk();
    void sortChunk();
    Status spill();
    Status refill(Run &run);
    void takeNextRun();
    [[nodiscard]] bool later(std::size_t a, std::size_t b) const; // heap order of two runs

    std::filesystem::path m_beside;
    std::size_t m_rowsPerChunk;
    std::size_t m_chunksInMemory; // how many more may stay
    int m_file = -1;
    std::uint64_t m_rows = 0;
    std::uint64_t m_spilled = 0; // rows in the file
    Rows m_chunk;
    Rows m_sorted; // room to sort into
    std::vector<Run> m_runs;
    bool m_hasCurrent = false;
    std::size_t m_current = 0;       // the run whose next row comes first of all
    std::vector<std::size_t> m_heap; // the other runs that have rows left
};

} // namespace riskdesk::run

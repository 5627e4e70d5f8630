#include "core/import/staging.h"

#include "core/import/nameless_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <type_traits>
#include <utility>

namespace riskdesk::run {
namespace {

static_assert(std::is_trivially_copyable_v<SignInRow>);
constexpr std::size_t rowsPerRead = 512; // 64 KiB: few system calls, small with hundreds of chunks

Error systemError(const std::filesystem::path &path,
                  std::source_location where = std::source_location::current())
{
    const int code = errno;
    return Error{code == ENOSPC || code == EFBIG || code == EDQUOT ? Code::DiskFull : Code::Io, path.string(),
                 std::strerror(code), where};
}

} // namespace

Staging::Staging(std::filesystem::path beside, std::size_t rowsPerChunk, std::size_t bytesInMemory)
    : m_beside(std::move(beside))
    , m_rowsPerChunk(rowsPerChunk)
    , m_chunksInMemory(bytesInMemory / (rowsPerChunk * sizeof(SignInRow)))
{}

Staging::~Staging()
{
    if (m_file >= 0)
        close(m_file);
}

Status Staging::add(const SignInRow &row)
{
    if (m_chunk.size() == m_rowsPerChunk)
        if (auto ok = finishChunk(); !ok)
            return ok;
    if (m_chunk.capacity() == 0)
        m_chunk.reserve(m_rowsPerChunk);
    m_chunk.push_back(row);
    ++m_rows;
    return {};
}

void Staging::sortChunk()
{
    if (std::is_sorted(m_chunk.begin(), m_chunk.end(), before))
        return;
    // Rows are long: what is moved about is where they stand, and each row is moved once.
    struct Place
    {
        std::int64_t at;
        std::uint32_t row;
    };
    std::vector<Place> order(m_chunk.size());
    for (std::size_t i = 0; i < m_chunk.size(); ++i)
        order[i] = {m_chunk[i].at, static_cast<std::uint32_t>(i)};
    std::stable_sort(order.begin(), order.end(), [this](const Place &a, const Place &b) {
        return a.at != b.at ? a.at < b.at : m_chunk[a.row].eventKey < m_chunk[b.row].eventKey;
    });
    m_sorted.clear();
    m_sorted.reserve(m_rowsPerChunk);
    for (const auto &place : order)
        m_sorted.push_back(m_chunk[place.row]);
    std::swap(m_chunk, m_sorted);
}

Status Staging::finishChunk()
{
    sortChunk();
    if (m_chunksInMemory == 0)
        return spill();
    --m_chunksInMemory;
    m_runs.emplace_back().buffer = std::move(m_chunk);
    m_chunk = std::exchange(m_sorted, Rows()); // its pages are there already
    m_chunk.clear();
    return {};
}

Status Staging::spill()
{
    const auto folder = m_beside.has_parent_path() ? m_beside.parent_path() : std::filesystem::path(".");
    if (m_file < 0) {
        auto made = namelessFile(folder);
        if (!made)
            return tl::unexpected(made.error());
        m_file = *made;
    }
    const auto *data = reinterpret_cast<const char *>(m_chunk.data());
    std::size_t left = m_chunk.size() * sizeof(SignInRow);
    auto offset = static_cast<off_t>(m_spilled * sizeof(SignInRow));
    while (left > 0) {
        const ssize_t n = pwrite(m_file, data, left, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return tl::unexpected(systemError(folder));
        data += n;
        offset += n;
        left -= static_cast<std::size_t>(n);
    }
    Run run;
    run.position = m_spilled;
    run.end = m_spilled + m_chunk.size();
    m_runs.push_back(std::move(run));
    m_spilled += m_chunk.size();
    m_chunk.clear();
    return {};
}

Status Staging::refill(Run &run)
{
    const auto count = std::min<std::uint64_t>(rowsPerRead, run.end - run.position);
    run.buffer.resize(count);
    run.at = 0;
    auto *data = reinterpret_cast<char *>(run.buffer.data());
    std::size_t left = count * sizeof(SignInRow);
    auto offset = static_cast<off_t>(run.position * sizeof(SignInRow));
    while (left > 0) {
        const ssize_t n = pread(m_file, data, left, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return tl::unexpected(systemError(m_beside));
        data += n;
        offset += n;
        left -= static_cast<std::size_t>(n);
    }
    run.position += count;
    return {};
}

bool Staging::later(std::size_t a, std::size_t b) const
{
    const auto &x = m_runs[a].buffer[m_runs[a].at];
    const auto &y = m_runs[b].buffer[m_runs[b].at];
    if (before(x, y))
        return false;
    if (before(y, x))
        return true;
    return a > b; // equal: the one added first comes first
}

Status Staging::begin()
{
    if (!m_chunk.empty())
        if (auto ok = finishChunk(); !ok)
            return ok;
    m_chunk = Rows();
    m_sorted = Rows();
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        if (m_runs[i].buffer.empty())
            if (auto ok = refill(m_runs[i]); !ok)
                return ok;
        m_heap.push_back(i);
    }
    std::make_heap(m_heap.begin(), m_heap.end(), [this](auto a, auto b) { return later(a, b); });
    takeNextRun();
    return {};
}

void Staging::takeNextRun()
{
    m_hasCurrent = !m_heap.empty();
    if (!m_hasCurrent)
        return;
    std::pop_heap(m_heap.begin(), m_heap.end(), [this](auto a, auto b) { return later(a, b); });
    m_current = m_heap.back();
    m_heap.pop_back();
}

Result<bool> Staging::next(SignInRow &row)
{
    if (!m_hasCurrent)
        return false;
    Run &run = m_runs[m_current];
    row = run.buffer[run.at++];
    if (run.at == run.buffer.size()) {
        if (run.position == run.end) {
            run.buffer = Rows(); // with {} it would only be emptied
            takeNextRun();
            return true;
        }
        if (auto ok = refill(run); !ok)
            return tl::unexpected(ok.error());
    }
    // In a log that is in order one run goes on until it is through.
    if (!m_heap.empty() && later(m_current, m_heap.front())) {
        m_heap.push_back(m_current);
        std::push_heap(m_heap.begin(), m_heap.end(), [this](auto a, auto b) { return later(a, b); });
        takeNextRun();
    }
    return true;
}

} // namespace riskdesk::run

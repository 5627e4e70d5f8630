#include "core/ingest/pipeline.h"

#include "core/base/limits.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <thread>

namespace riskdesk::ingest {
namespace {

class Pipeline
{
public:
    Pipeline(Chunker &chunker, const ReadPlan &plan, unsigned threads, const BatchSink &sink)
        : m_chunker(chunker)
        , m_plan(plan)
        , m_sink(sink)
        , m_most(threads + 2)
        , m_lines(plan.linesBefore)
    {}

    // Nothing may leave a thread by way of an exception.
    void work()
    {
        try {
            ChunkReader reader(m_plan);
            loop(reader);
        } catch (const std::bad_alloc &) {
            giveUp({Code::TooLarge, m_plan.file, "out of memory"});
        } catch (const std::exception &e) {
            giveUp({Code::Bug, m_plan.file, e.what()});
        }
    }
    [[nodiscard]] Status status() const { return m_error ? Status(tl::unexpected(*m_error)) : Status(); }

private:
    using Slot = std::optional<ChunkBatch>;

    void giveUp(Error error)
    {
        const std::lock_guard lock(m_mutex);
        if (!m_error)
            m_error = std::move(error);
        m_changed.notify_all();
    }

    void loop(ChunkReader &reader)
    {
        std::unique_lock lock(m_mutex);
        while (!m_error) {
            if (!m_handingOver && !m_slots.empty() && m_slots.front())
                handOver(lock);
            else if (m_ended && m_slots.empty())
                return;
            else if (!m_fetching && !m_ended && m_slots.size() < m_most)
                fetch(lock, reader);
            else
                m_changed.wait(lock);
        }
    }

    void handOver(std::unique_lock<std::mutex> &lock)
    {
        ChunkBatch next = std::move(*m_slots.front());
        m_slots.pop_front();
        ++m_first;
        m_handingOver = true;
        lock.unlock();
        constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
        for (auto &signIn : next.batch.signIns)
            signIn.line = static_cast<std::uint32_t>(std::min(signIn.line + m_lines, most));
        keepFirst(next.batch);
        m_lines += next.lines;
        auto status = m_plan.stop.stop_requested() ? Status(fail(Code::Cancelled, m_plan.file))
                                                   : m_sink(std::move(next.batch));
        lock.lock();
        m_handingOver = false;
        if (!status && !m_error)
            m_error = std::move(status).error();
        m_changed.notify_all();
    }

    // Each chunk keeps the first of its rejects, so those that are the first of the file are among them.
    void keepFirst(ParsedBatch &batch)
    {
        for (auto &more : batch.moreRejects)
            more.line += m_lines;
        std::erase_if(batch.rejects, [&](Reject &reject) {
            reject.line += m_lines;
            const bool many = ++m_rejected[reject.reason] > limits::rejectsOfAKind;
            if (many)
                batch.countReject(reject.file, reject.reason, reject.line, reject.offset);
            return many;
        });
    }

    void fetch(std::unique_lock<std::mutex> &lock, ChunkReader &reader)
    {
        m_fetching = true;
        const std::uint64_t ticket = m_first + m_slots.size();
        m_slots.emplace_back();
        lock.unlock();
        auto chunk = m_chunker.next();
        lock.lock();
        m_fetching = false;
        m_changed.notify_all();
        if (!chunk || !*chunk) {
            m_ended = true;
            m_slots.pop_back(); // only one thread fetches at a time, so the slot is still the last
            if (!chunk)
                m_late = std::move(chunk).error();
            if (m_late && !m_error)
                m_error = m_late;
            return;
        }
        lock.unlock();
        auto batch = reader.read(std::move(*chunk));
        lock.lock();
        if (batch)
            m_slots[static_cast<std::size_t>(ticket - m_first)] = std::move(*batch);
        else if (!m_error)
            m_error = std::move(batch).error();
        m_changed.notify_all();
    }

    Chunker &m_chunker;
    const ReadPlan &m_plan;
    const BatchSink &m_sink;
    const std::size_t m_most;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Slot> m_slots; // by ticket, from m_first on; empty while being read
    std::uint64_t m_first = 0;
    std::map<std::string, std::uint64_t> m_rejected; // by reason; likewise
    std::uint64_t m_lines; // of the batches handed over; touched by whoever hands over
    bool m_fetching = false;
    bool m_handingOver = false;
    bool m_ended = false;
    std::optional<Error> m_error, m_late;
};

} // namespace

Status runPipeline(Chunker &chunker, const ReadPlan &plan, unsigned threads, const BatchSink &sink)
{
    Pipeline pipeline(chunker, plan, std::clamp(threads, 1U, 64U), sink);
    {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < std::min(threads, 64U); ++i)
            others.emplace_back([&] { pipeline.work(); });
        pipeline.work();
    }
    return pipeline.status();
}

} // namespace riskdesk::ingest

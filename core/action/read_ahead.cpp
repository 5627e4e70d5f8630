#include "core/action/read_ahead.h"

#include "core/action/blocks.h"
#include "core/store/schema.h"

#include <algorithm>
#include <utility>

namespace riskdesk::action {

ReadAhead::ReadAhead(store::Connection &writer, const Clock &clock, const Operator &who,
                     const Request &request, std::span<const Target> targets)
    : m_writer(writer)
    , m_clock(clock)
    , m_who(who)
    , m_request(request)
    , m_targets(targets)
    , m_version(writer, "PRAGMA data_version")
    , m_thread(targets.size() > ledger::usersPerTransaction)
{}

Result<std::int64_t> ReadAhead::version()
{
    const auto version = m_version.step() ? m_version.int64(0) : 0;
    m_version.reset();
    if (!m_version.ok())
        return tl::unexpected(m_version.error());
    return version;
}

Result<ReadAhead::Decided *> ReadAhead::of(std::size_t target, std::int64_t command)
{
    if (m_targets.size() <= ledger::usersPerTransaction)
        return nullptr;
    if (target % ledger::usersPerTransaction == 0) {
        const auto now = version();
        if (!now)
            return tl::unexpected(now.error());
        m_ready.clear();
        // An error ahead comes again where it can be told.
        if (std::exchange(m_running, false) && m_thread.drain() && *now == m_seen)
            m_ready = std::exchange(m_next, {});
        m_seen = *now;
        m_block = target;
    }
    if (const auto next = m_block + ledger::usersPerTransaction;
        !m_running && next < m_targets.size() && command != 0) {
        m_running = true;
        m_thread.run([this, next, command] { return decide(next, command); });
    }
    const auto place = target - m_block;
    return place < m_ready.size() ? &m_ready[place] : nullptr;
}

Status ReadAhead::decide(std::size_t from, std::int64_t command)
{
    m_next.clear();
    if (!m_reader) {
        auto reader = store::openForReading(m_writer.file());
        if (!reader)
            return tl::unexpected(reader.error());
        m_reader = std::make_unique<store::Connection>(std::move(*reader));
        m_decider = std::make_unique<Decider>(*m_reader, m_clock, m_who);
    }
    if (auto ok = m_reader->execute("BEGIN"); !ok)
        return ok;
    const auto until = std::min(from + ledger::usersPerTransaction, m_targets.size());
    Status whole;
    for (auto i = from; i < until && whole; ++i) {
        Decided decided;
        auto decision = m_decider->decide(m_request, m_targets[i], command, decided.skipped);
        if (!decision) {
            whole = tl::unexpected(decision.error());
            continue;
        }
        decided.decision = std::move(*decision);
        m_next.push_back(std::move(decided));
    }
    const auto ended = m_reader->execute("ROLLBACK");
    return whole ? ended : whole;
}

} // namespace riskdesk::action

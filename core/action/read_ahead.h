// ReadAhead: while one block of a decision on many users is written, the next one is read and decided on, on a thread and
// a connection of its own: a quarter of the work.
//
// What was decided ahead is used only if nobody else has written since the block before began; else that block is decided
// on anew, inside its transaction. Blocks write nothing about each other's users.
//
// Belongs to the thread that writes.
#pragma once

#include "core/action/decision.h"
#include "core/base/serial_executor.h"
#include "core/store/connection.h"
#include "core/store/statement.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace riskdesk::action {

class ReadAhead
{
public:
    struct Decided
    {
        std::optional<Decision> decision; // nothing: all of it is refused
        std::vector<Skipped> skipped;
    };

    // All of them outlive it; `writer` is the connection of the caller.
    ReadAhead(store::Connection &writer, const Clock &clock, const Operator &who, const Request &request,
              std::span<const Target> targets);

    // Before the target is acted on, inside its transaction: what was decided on it ahead; null: decide now. Targets in
    // their order. The next block is begun as soon as this one has and there is a command.
    [[nodiscard]] Result<Decided *> of(std::size_t target, std::int64_t command);

private:
    Status decide(std::size_t from, std::int64_t command);
    [[nodiscard]] Result<std::int64_t> version(); // another number when another connection has committed

    store::Connection &m_writer;
    const Clock &m_clock;
    const Operator &m_who;
    const Request &m_request;
    std::span<const Target> m_targets;
    store::Statement m_version;
    std::int64_t m_seen = -1;     // version() when the block began
    std::size_t m_block = 0;      // its first target
    std::vector<Decided> m_ready; // its decisions; empty: nothing was decided ahead, or in vain
    bool m_running = false;       // the next one is being decided on, or has been
    // Of the thread that reads, while it does.
    std::vector<Decided> m_next;
    std::unique_ptr<store::Connection> m_reader;
    std::unique_ptr<Decider> m_decider;
    SerialExecutor m_thread; // last: ends before the rest goes
};

} // namespace riskdesk::action

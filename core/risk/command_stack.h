// CommandStack: which of a user's commands stands last, so that its image of before may be put back as it is.
//
// A command goes on top, its undo takes it off, a redo puts it back. What is taken back further down leaves the
// images of all that lies over it out of date: from then on nothing down there is last any more, and taking it
// back means to compute anew what follows from it.
//
// Fed with the events of one kind of change, oldest first: risk, or one fact of the account. One thread.
#pragma once

#include "core/domain/ledger_event.h"

#include <cstdint>
#include <set>
#include <vector>

namespace riskdesk::risk {

class CommandStack
{
public:
    // An event of `command` (0: of none). `undoOf`: the command that it takes back, or 0; of a command that is not
    // known here it says nothing.
    void note(std::int64_t command, std::int64_t undoOf);

    [[nodiscard]] bool knows(std::int64_t command) const { return m_known.contains(command); }
    // Nothing came after it, or all of that was taken back.
    [[nodiscard]] bool isLast(std::int64_t command) const;
    // What the fact follows from; 0: nothing that can be taken back.
    [[nodiscard]] std::int64_t last() const { return m_done.empty() ? 0 : m_done.back(); }

private:
    std::vector<std::int64_t> m_done, m_undone; // commands; 0 is an event that can be taken back by none
    std::set<std::int64_t> m_known;
};

// Blocking an account, ending its sessions and its deletion change no risk.
[[nodiscard]] bool concernsRisk(LedgerKind kind);

} // namespace riskdesk::risk

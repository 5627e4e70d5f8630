// CommandRows: decisions and what each changed about whom (tables command, command_change). One thread,
// inside the caller's transaction.
#pragma once

#include "core/action/action_service.h"
#include "core/domain/ledger_event.h"
#include "core/ledger/withheld_rows.h"
#include "core/store/many_rows.h"
#include "core/store/statement.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::action {

class CommandRows
{
public:
    explicit CommandRows(store::Connection &connection);

    // A command of nobody yet; `undoOf`: what it takes back, or 0.
    [[nodiscard]] Result<std::int64_t> make(Timestamp at, std::string_view action, const Operator &who,
                                            const std::string &reason, const std::string &note,
                                            std::int64_t undoOf);
    [[nodiscard]] Status count(std::int64_t command, std::int64_t users);
    struct Change
    {
        std::uint32_t user;
        std::string before, after; // images as JSON
    };
    [[nodiscard]] Status keep(std::int64_t command, std::span<const Change> changes);
    [[nodiscard]] Status keep(std::int64_t command, const Change &change)
    {
        return keep(command, std::span(&change, 1));
    }
    // With what it untaught: as `untaught` was before it was to teach. Beside the change that is kept.
    [[nodiscard]] Status keepUntaught(std::int64_t command, std::uint32_t user,
                                      const std::vector<ledger::WithheldImage> &untaught);
    // `command` did to the user the opposite of what `of` did.
    [[nodiscard]] Status keepOpposite(std::int64_t command, std::int64_t of, std::uint32_t user);
    // `command` took a row of the outbox back before it was sent.
    [[nodiscard]] Status keepTakenBack(std::int64_t command, std::int64_t row);
    [[nodiscard]] Status setUndoneBy(std::int64_t command, std::int64_t by);
    // Of somebody who is purged: what commands did to him, and why, where they were about nobody else. Before his
    // ledger goes, which tells the commands.
    [[nodiscard]] Status forget(std::uint32_t user);

private:
    store::Connection &m_connection;
    store::ManyRows m_change;
    store::Statement m_make, m_count, m_opposite, m_takenBack, m_undoneBy;
};

} // namespace riskdesk::action

// ChangeRows: the marks that tell readers what changed and in which order (core/query/changes.h). Whoever writes a
// detection or what is told of a risky user marks it in the same transaction; marked again in a later one, it moves to
// the end.
//
// Statements are prepared once. One thread, inside the caller's transaction.
#pragma once

#include "core/base/result.h"
#include "core/store/connection.h"
#include "core/store/statement.h"

#include <cstdint>
#include <string_view>

namespace riskdesk::ledger {

class ChangeRows
{
public:
    explicit ChangeRows(store::Connection &connection);

    // Made, changed or removed.
    [[nodiscard]] Status detection(std::string_view id);
    // Of whom there is risk, ours or the provider's.
    [[nodiscard]] Status riskyUser(std::uint32_t user);
    // Anybody; does nothing where there never was risk, as no reader has heard of them.
    [[nodiscard]] Status user(std::uint32_t user);

private:
    [[nodiscard]] Status mark(std::uint32_t user, bool onlyAgain);

    store::Connection &m_connection;
    store::Statement m_detection, m_dropUser, m_addUser;
    std::uint64_t m_transaction = 0; // in which m_marked was
    std::uint32_t m_marked = 0;
};

} // namespace riskdesk::ledger

// ChangeRows: the marks that tell readers what changed and in which order (core/query/changes.h). Whoever writes a
// detection or what is told of a risky user marks it in the same transaction; marked again in a later one, it moves to
// the end.
//
// Statements are prepared once. One thread, inside the caller's transaction.
#pragma once

#include "core/base/result.h"
#include "core/store/connection.h"
#include "core/store/many_rows.h"
#include "core/store/statement.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

    // As long as it lives the marks wait, for its write(): each is written once, in the order of the index. Those of
    // one that is left without are lost, which is right only where the transaction is rolled back.
    class Together
    {
    public:
        explicit Together(ChangeRows &rows)
            : m_rows(rows)
        {
            m_rows.m_together = true;
        }
        ~Together() { m_rows.leave(); }
        Together(const Together &) = delete;
        Together &operator=(const Together &) = delete;
        [[nodiscard]] Status write() { return m_rows.writeTogether(); }

    private:
        ChangeRows &m_rows;
    };

private:
    [[nodiscard]] Status mark(std::uint32_t user, bool onlyAgain);
    [[nodiscard]] Status writeTogether();
    void leave();

    store::Connection &m_connection;
    store::ManyRows m_detection, m_riskyUser;
    store::Statement m_dropUser, m_addUser;
    std::uint64_t m_transaction = 0; // in which m_marked was
    std::uint32_t m_marked = 0;
    bool m_together = false; // if so, what waits:
    std::vector<std::string> m_detections;
    std::vector<std::uint32_t> m_riskyUsers, m_users;
};

} // namespace riskdesk::ledger

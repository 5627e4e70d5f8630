#include "core/ledger/change_rows.h"

#include <sqlite3.h>

namespace riskdesk::ledger {

ChangeRows::ChangeRows(store::Connection &connection)
    : m_connection(connection)
    , m_detection(connection, "INSERT OR REPLACE INTO detection_change (detection) VALUES (?1)")
    , m_riskyUser(connection, "INSERT OR REPLACE INTO user_change (user) VALUES (?1)")
    , m_user(connection,
             "INSERT OR REPLACE INTO user_change (user) SELECT user FROM user_change WHERE user = ?1")
{}

Status ChangeRows::detection(std::string_view id)
{
    return m_detection.bind(id).run();
}

Status ChangeRows::riskyUser(std::uint32_t user)
{
    return mark(m_riskyUser, user);
}

Status ChangeRows::user(std::uint32_t user)
{
    return mark(m_user, user);
}

// What is written about one user comes in a row; readers see it all at once, with the transaction.
Status ChangeRows::mark(store::Statement &statement, std::uint32_t user)
{
    const auto transaction = m_connection.transaction();
    if (transaction != 0 && transaction == m_transaction && user == m_marked)
        return {};
    auto ok = statement.bind(user).run();
    if (ok && sqlite3_changes(m_connection.handle()) > 0) {
        m_transaction = transaction;
        m_marked = user;
    }
    return ok;
}

} // namespace riskdesk::ledger

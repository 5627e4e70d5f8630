#include "core/ledger/change_rows.h"

#include <sqlite3.h>

namespace riskdesk::ledger {

ChangeRows::ChangeRows(store::Connection &connection)
    : m_connection(connection)
    , m_detection(connection, "INSERT OR REPLACE INTO detection_change (detection) VALUES (?1)")
    // In two steps: for a REPLACE that may fail at its reference SQLite first copies every page that it changes.
    , m_dropUser(connection, "DELETE FROM user_change WHERE user = ?1")
    , m_addUser(connection, "INSERT INTO user_change (user) VALUES (?1)")
{}

Status ChangeRows::detection(std::string_view id)
{
    return m_detection.bind(id).run();
}

Status ChangeRows::riskyUser(std::uint32_t user)
{
    return mark(user, false);
}

Status ChangeRows::user(std::uint32_t user)
{
    return mark(user, true);
}

// What is written about one user comes in a row; readers see it all at once, with the transaction.
Status ChangeRows::mark(std::uint32_t user, bool onlyAgain)
{
    const auto transaction = m_connection.transaction();
    if (transaction != 0 && transaction == m_transaction && user == m_marked)
        return {};
    if (auto ok = m_dropUser.bind(user).run(); !ok)
        return ok;
    if (onlyAgain && sqlite3_changes(m_connection.handle()) == 0)
        return {};
    auto ok = m_addUser.bind(user).run();
    if (ok) {
        m_transaction = transaction;
        m_marked = user;
    }
    return ok;
}

} // namespace riskdesk::ledger

#include "core/ledger/change_rows.h"

#include <sqlite3.h>

#include <algorithm>
#include <span>

namespace riskdesk::ledger {

namespace {

// Sorted, each once.
template <typename T>
void order(std::vector<T> &all)
{
    std::ranges::sort(all);
    const auto repeated = std::ranges::unique(all);
    all.erase(repeated.begin(), repeated.end());
}

} // namespace

ChangeRows::ChangeRows(store::Connection &connection)
    : m_connection(connection)
    , m_detection(connection, "INSERT OR REPLACE INTO detection_change (detection)", 1)
    , m_riskyUser(connection, "INSERT OR REPLACE INTO user_change (user)", 1)
    // One alone in two steps: for a REPLACE that may fail at its reference SQLite first copies every page it changes.
    , m_dropUser(connection, "DELETE FROM user_change WHERE user = ?1")
    , m_addUser(connection, "INSERT INTO user_change (user) VALUES (?1)")
{}

Status ChangeRows::detection(std::string_view id)
{
    m_detections.emplace_back(id);
    return m_together ? Status() : writeTogether();
}

Status ChangeRows::riskyUser(std::uint32_t user)
{
    if (!m_together)
        return mark(user, false);
    m_riskyUsers.push_back(user);
    return {};
}

Status ChangeRows::user(std::uint32_t user)
{
    if (!m_together)
        return mark(user, true);
    m_users.push_back(user);
    return {};
}

Status ChangeRows::writeTogether()
{
    order(m_detections);
    auto ok = m_detection.insert(std::span(m_detections),
                                 [](const std::string &id, const auto &bind) { bind(id); });
    order(m_riskyUsers);
    if (ok)
        ok = m_riskyUser.insert(std::span(m_riskyUsers),
                                [](std::uint32_t user, const auto &bind) { bind(user); });
    for (const auto user : m_users)
        if (ok && !std::ranges::binary_search(m_riskyUsers, user))
            ok = mark(user, true);
    leave();
    return ok;
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

void ChangeRows::leave()
{
    m_together = false;
    m_detections.clear();
    m_riskyUsers.clear();
    m_users.clear();
}

} // namespace riskdesk::ledger

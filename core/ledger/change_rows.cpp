#include "core/ledger/change_rows.h"

namespace riskdesk::ledger {

ChangeRows::ChangeRows(store::Connection &connection)
    : m_detection(connection, "INSERT OR REPLACE INTO detection_change (detection) VALUES (?1)")
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
    return m_riskyUser.bind(user).run();
}

Status ChangeRows::user(std::uint32_t user)
{
    return m_user.bind(user).run();
}

} // namespace riskdesk::ledger

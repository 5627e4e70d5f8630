#include "core/ledger/account_rows.h"

namespace riskdesk::ledger {

AccountRows::AccountRows(store::Connection &connection)
    : m_read(connection, "SELECT account_enabled, force_password_change, sessions_valid_from FROM user "
                         "WHERE id = ?1")
    , m_set(connection, "UPDATE user SET account_enabled = ?2, force_password_change = ?3, "
                        "sessions_valid_from = ?4 WHERE id = ?1")
{}

Result<AccountImage> AccountRows::of(std::uint32_t user)
{
    m_read.bind(user);
    const bool found = m_read.step();
    AccountImage account{found && m_read.int64(0) != 0, found && m_read.int64(1) != 0, {}};
    if (found && !m_read.isNull(2))
        account.sessionsValidFrom = m_read.time(2);
    m_read.reset();
    if (!m_read.ok())
        return tl::unexpected(m_read.error());
    if (!found)
        return fail(Code::NotFound, std::to_string(user), "no such user");
    return account;
}

Status AccountRows::set(std::uint32_t user, const AccountImage &account)
{
    return m_set.bind(user, account.enabled, account.forceChange, account.sessionsValidFrom).run();
}

} // namespace riskdesk::ledger

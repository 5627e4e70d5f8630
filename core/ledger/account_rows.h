// AccountRows: what the directory knows of a user's account beside what its provider says, read and written
// in one place (table user; the rest of its columns is core/examine/user_book.h's). One thread, inside the
// caller's transaction.
#pragma once

#include "core/base/timestamp.h"
#include "core/store/statement.h"

#include <cstdint>
#include <optional>

namespace riskdesk::ledger {

struct AccountImage
{
    bool enabled = true;
    bool forceChange = false;                   // of the password, at the next sign-in
    std::optional<Timestamp> sessionsValidFrom; // older ones were revoked

    friend bool operator==(const AccountImage &, const AccountImage &) = default;
};

class AccountRows
{
public:
    explicit AccountRows(store::Connection &connection);
    // Code::NotFound when there is no such user.
    [[nodiscard]] Result<AccountImage> of(std::uint32_t user);
    [[nodiscard]] Status set(std::uint32_t user, const AccountImage &account);

private:
    store::Statement m_read, m_set;
};

} // namespace riskdesk::ledger

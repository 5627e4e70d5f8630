#include "app/ctl/audit_keeper.h"

#include "core/connections/audit_anchor.h"
#include "core/store/schema.h"

#include "app/ctl/output.h"

#include <utility>

namespace riskdesk::ctl {
namespace {

std::optional<ledger::AuditHead> headOf(const std::filesystem::path &directory)
{
    auto connection = store::openForReading(directory);
    if (!connection)
        return std::nullopt;
    const auto head = ledger::auditHead(*connection);
    return head ? std::optional(*head) : std::nullopt;
}

} // namespace

AuditKeeper::AuditKeeper(std::filesystem::path directory, SecretsOptions where)
    : m_directory(std::move(directory))
    , m_where(std::move(where))
{
    if (m_where.opensAlone())
        m_before = headOf(m_directory);
}

void AuditKeeper::keep() const
{
    if (!m_where.opensAlone())
        return;
    const auto now = headOf(m_directory);
    if (!now || now == m_before)
        return;
    const auto secrets = openSecrets(m_directory, m_where);
    if (!secrets) {
        report(secrets.error());
        return;
    }
    if (*secrets == nullptr) // there are none
        return;
    auto connection = store::openForReading(m_directory);
    const auto moved =
        connection ? run::moveAuditAnchor(*connection, **secrets) : tl::unexpected(connection.error());
    if (!moved)
        report(moved.error());
}

} // namespace riskdesk::ctl

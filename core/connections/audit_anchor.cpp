#include "core/connections/audit_anchor.h"

#include "core/store/statement.h"

namespace riskdesk::run {

Result<std::optional<ledger::AuditHead>> auditAnchor(connect::SecretStore &secrets)
{
    const auto kept = secrets.get(anchorName);
    if (!kept)
        return tl::unexpected(kept.error());
    if (!*kept)
        return std::nullopt;
    auto head = ledger::auditHeadFromText((*kept)->reveal());
    if (!head)
        return fail(Code::Malformed, std::string(anchorName), "the anchor of the audit log cannot be read");
    return head;
}

Status moveAuditAnchor(store::Connection &connection, connect::SecretStore &secrets)
{
    const auto before = auditAnchor(secrets);
    if (!before)
        return tl::unexpected(before.error());
    auto now = ledger::auditHead(connection);
    if (!now)
        return tl::unexpected(now.error());
    if (*before == *now || (!*before && now->id == 0))
        return {};
    if (*before) {
        const auto wrong = ledger::checkAudit(connection, *before);
        if (!wrong)
            return tl::unexpected(wrong.error());
        if (!wrong->empty())
            return fail(Code::Conflict, std::string(anchorName), wrong->front());
    }
    return secrets.set(anchorName, connect::Secret(ledger::toText(*now)));
}

} // namespace riskdesk::run

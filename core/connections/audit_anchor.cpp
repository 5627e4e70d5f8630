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
    // Again where another process moved it meanwhile: it may have seen less of the log.
    for (int tries = 0; tries < 5; ++tries) {
        const auto before = auditAnchor(secrets);
        if (!before)
            return tl::unexpected(before.error());
        const auto now = ledger::auditHead(connection);
        if (!now)
            return tl::unexpected(now.error());
        if (*before == *now || (!*before && now->id == 0))
            return {};
        const connect::Secret next(ledger::toText(*now));
        if (!*before)
            return secrets.set(anchorName, next);
        const auto wrong = ledger::checkAuditSince(connection, **before);
        if (!wrong)
            return tl::unexpected(wrong.error());
        if (!wrong->empty())
            return fail(Code::Conflict, std::string(anchorName), wrong->front());
        const connect::Secret was(ledger::toText(**before));
        const auto moved = secrets.replace(
            anchorName, [&was](const connect::Secret &lies) { return lies == was; }, next);
        if (!moved)
            return tl::unexpected(moved.error());
        if (*moved)
            return {};
    }
    return {}; // those who move it all the time have moved it
}

} // namespace riskdesk::run

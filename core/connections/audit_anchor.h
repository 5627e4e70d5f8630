// The anchor of the audit log: number and digest of its newest record, kept with the secrets and so outside of the
// file. With it is found what the chain alone cannot tell: an end that was cut off, and a log written anew with all its
// digests, by somebody who can write the file and not open the secrets. On the thread of both.
#pragma once

#include "core/base/result.h"
#include "core/connect/secret_store.h"
#include "core/ledger/audit_chain.h"
#include "core/store/connection.h"

#include <optional>

namespace riskdesk::run {

inline constexpr std::string_view anchorName = "audit/head";

// None where none was kept yet. Malformed when what is kept is none.
[[nodiscard]] Result<std::optional<ledger::AuditHead>> auditAnchor(connect::SecretStore &secrets);
// The newest record is the anchor from now on, once the log is seen to hold the one before. Conflict with a whole
// sentence where it does not; then the anchor stays. Reads what came since.
[[nodiscard]] Status moveAuditAnchor(store::Connection &connection, connect::SecretStore &secrets);

} // namespace riskdesk::run

// AuditChain: what makes a change to the audit log show. Each record carries BLAKE2b-256 over itself and the digest of
// the record before it, so that one that was edited, removed, added or moved breaks every digest after it.
//
// The digests need no key, so who can write the file can compute them all anew, or cut the end off. That is found by
// the head: the newest record's number and digest, kept outside of the file (core/connections/audit_anchor.h). On the
// connection's thread.
#pragma once

#include "core/base/digest.h"
#include "core/base/result.h"
#include "core/store/connection.h"
#include "core/store/statement.h"

#include <array>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ledger {

struct AuditHead
{
    std::int64_t id = 0; // 0: there is no record
    Digest256 chain{};
    friend bool operator==(const AuditHead &, const AuditHead &) = default;
};
[[nodiscard]] std::string toText(const AuditHead &head); // "17 4f…"
[[nodiscard]] std::optional<AuditHead> auditHeadFromText(std::string_view text);

// What a digest covers. The texts live as long as what they are of.
struct ChainedRecord
{
    std::int64_t id = 0, at = 0, undoOf = 0;
    std::array<std::string_view, 10>
        texts; // actor, role, action, target, before, after, reason, note, via, host
};
inline constexpr std::string_view auditChainColumns =
    "id, at, undo_of, actor, role, action, target, before, after, reason, note, via, host";
[[nodiscard]] ChainedRecord chainedRecord(const store::Statement &row); // of those columns, in that order
[[nodiscard]] Digest256 chained(const Digest256 &before, const ChainedRecord &record);

// The newest record that has a digest; of a log without any, none.
[[nodiscard]] Result<AuditHead> auditHead(store::Connection &connection);

// Whole sentences, one for each thing that is wrong; empty: the chain holds, and has `anchor` in it where one is
// given. Reads every record. Code::Cancelled.
[[nodiscard]] Result<std::vector<std::string>> checkAudit(store::Connection &connection,
                                                          const std::optional<AuditHead> &anchor = {},
                                                          std::stop_token stop = {});
// The same of the anchor and what came after it: cheap however long the log is. What lies before is not looked at; a
// change there breaks the chain, or gives the anchor's record another digest.
[[nodiscard]] Result<std::vector<std::string>>
checkAuditSince(store::Connection &connection, const AuditHead &anchor, std::stop_token stop = {});

} // namespace riskdesk::ledger

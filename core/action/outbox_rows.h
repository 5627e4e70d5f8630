// What the two halves of the outbox share: how a row is read and how its end is written. Part of Outbox.
#pragma once

#include "core/action/outbox.h"

#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::action {

inline constexpr std::string_view outboxColumns =
    "o.id, o.key, o.connector, c.name, o.operation, o.user, u.display_name, u.upn, u.provider_id, o.command, "
    "o.actor, o.role, o.via, o.host, o.reason, o.note, o.state, o.created_at, o.due_at, o.attempts, "
    "o.sent_at, "
    "o.finished_at, o.precondition, o.code, o.sentence, o.payload, u.key "
    "FROM outbox o JOIN connector c ON c.id = o.connector JOIN user u ON u.id = o.user";

[[nodiscard]] OutboxRow outboxRow(store::Statement &row);
// The newest later request of the same user and connection about the same, its opposite among them; none that was
// taken back or given up.
[[nodiscard]] Result<std::optional<OutboxRow>> laterAbout(store::Connection &connection,
                                                          const OutboxRow &row);
[[nodiscard]] Status finishRow(store::Connection &connection, Timestamp now, std::int64_t id,
                               OutboxState state, const std::string &code, const std::string &sentence);
[[nodiscard]] Status auditRow(store::Connection &connection, const Clock &clock, const Operator &who,
                              const OutboxRow &row, std::string_view after, std::int64_t undoOf = 0);

} // namespace riskdesk::action

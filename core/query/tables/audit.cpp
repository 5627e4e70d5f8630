#include "core/query/tables/audit.h"

#include "core/query/reading.h"
#include "core/store/row_reader.h"

#include <fmt/format.h>

namespace riskdesk::query {
namespace {

using A = const AuditRow &;
using Audited = Column<AuditRow>;
using store::into;

// clang-format off
const store::RowReader<AuditRow> &auditReader()
{
    static const store::RowReader<AuditRow> parts{
        {"at", into<&AuditRow::at>},
        {"actor", into<&AuditRow::actor>},
        {"role", into<&AuditRow::role>},
        {"action", into<&AuditRow::action>},
        {"target", into<&AuditRow::target>},
        {"before", into<&AuditRow::before>},
        {"after", into<&AuditRow::after>},
        {"reason", into<&AuditRow::reason>},
        {"note", into<&AuditRow::note>},
        {"via", into<&AuditRow::via>},
        {"host", into<&AuditRow::host>},
        {"undo_of", into<&AuditRow::undoOf>},
        {"coalesce((WITH RECURSIVE of(action, origin) AS (SELECT action, undo_of FROM command WHERE id = audit.undo_of UNION ALL SELECT o.action, o.undo_of FROM of JOIN command o ON o.id = of.origin) SELECT action FROM of WHERE origin = 0), '')", into<&AuditRow::undone>},
        {"coalesce((SELECT c.at FROM command c WHERE c.id = audit.undo_of), 0)", into<&AuditRow::undoneAt>},
    };
    return parts;
}

} // namespace

Columns<AuditRow> auditColumns()
{
    static const std::vector<Audited> table{
        Audited("id").told([](A a) -> Property { return a.id; }),
        Audited("activityDateTime").also("time|at").time("a.at").sorts().titled(Reports::tr("Time")).means(Reports::tr("When it was done.")).told([](A a) -> Property { return a.at; }),
        Audited("actor").also("by").text("a.actor").sorts("rd_fold(a.actor)").titled(Reports::tr("Actor")).means(Reports::tr("Who did it.")).told([](A a) -> Property { return a.actor; }),
        Audited("role").text("a.role").sorts().titled(Reports::tr("Role")).means(Reports::tr("The actor's role at that moment.")).told([](A a) -> Property { return a.role; }),
        Audited("action").text("a.action").sorts().titled(Reports::tr("Action")).means(Reports::tr("What was done.")).told([](A a) -> Property { return a.action; }),
        Audited("target").also("user").text("a.target").sorts("rd_fold(a.target)", Empty::Last).titled(Reports::tr("Target")).means(Reports::tr("What it was done to.")).told([](A a) -> Property { return a.target; }),
        Audited("before").titled(Reports::tr("From → to")).means(Reports::tr("The state before and after.")).told([](A a) -> Property { return a.before; }),
        Audited("after").told([](A a) -> Property { return a.after; }),
        Audited("reason").text("a.reason").sorts(Empty::Last).titled(Reports::tr("Reason")).means(Reports::tr("The reason given.")).told([](A a) -> Property { return a.reason; }),
        Audited("note").text("a.note").titled(Reports::tr("Note")).means(Reports::tr("The note left.")).told([](A a) -> Property { return a.note; }),
        Audited("via").text("a.via").sorts().titled(Reports::tr("Via")).means(Reports::tr("Window or command line.")).told([](A a) -> Property { return a.via; }),
        Audited("host").titled(Reports::tr("Host")).means(Reports::tr("The machine it was done on.")).told([](A a) -> Property { return a.host; }),
        Audited("undoOf").titled(Reports::tr("Undo of")).means(Reports::tr("The action that this one took back.")).told([](A a) -> Property { return a.undoOf == 0 ? Property() : Property(a.undoOf); }),
    };
    return table;
}
// clang-format on

Result<std::vector<AuditRow>> readAudit(store::Connection &connection, std::span<const std::int64_t> ids,
                                        std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    store::Statement row(connection,
                         fmt::format("SELECT {} FROM audit WHERE id = ?1", auditReader().columns()));
    std::vector<AuditRow> rows;
    rows.reserve(ids.size());
    for (const auto id : ids) {
        auto &out = rows.emplace_back();
        out.id = id;
        if (row.bind(id).step())
            auditReader().read(row, out);
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    return rows;
}

// A record's target is the user's principal name, and behind it the ids of what else was meant.
Result<std::optional<AuditedCommand>> commandOf(store::Connection &connection, const AuditRow &record)
{
    store::Statement user(connection,
                          "SELECT id, CASE display_name WHEN '' THEN upn ELSE display_name END FROM "
                          "user WHERE upn = ?1 OR (upn = '' AND key = ?1)");
    const auto blank = record.target.find(' ');
    bool known = user.bind(record.target).step();
    if (!known && user.ok() && blank != std::string::npos)
        known = user.bind(std::string_view(record.target).substr(0, blank)).step();
    if (!user.ok())
        return tl::unexpected(user.error());
    if (!known)
        return std::nullopt;
    store::Statement row(
        connection, "SELECT c.id, c.at, (WITH RECURSIVE of(id, action, origin) AS (SELECT id, action, "
                    "undo_of FROM command WHERE id = c.id UNION ALL SELECT o.id, o.action, o.undo_of FROM of "
                    "JOIN command o ON o.id = of.origin) SELECT action FROM of WHERE origin = 0), c.actor, "
                    "c.users, c.undone_by FROM command c WHERE c.id "
                    "IN (SELECT command FROM ledger WHERE user = ?1 AND command <> 0 UNION SELECT command "
                    "FROM outbox WHERE user = ?1) AND c.action = ?2 AND c.actor = ?3 AND c.via = ?4 AND "
                    "c.undo_of = ?5 AND c.at <= ?6 ORDER BY c.id DESC LIMIT 1");
    row.bind(user.int64(0), record.action, record.actor, record.via, record.undoOf, record.at);
    if (!row.step())
        return row.ok() ? Result<std::optional<AuditedCommand>>(std::nullopt) : tl::unexpected(row.error());
    AuditedCommand command{row.int64(0),
                           row.time(1),
                           std::string(row.string(2)),
                           std::string(row.string(3)),
                           static_cast<std::uint64_t>(row.int64(4)),
                           row.int64(5),
                           user.uint32(0),
                           user.string(1)};
    return command;
}

} // namespace riskdesk::query

#include "core/action/command_rows.h"

#include "core/ledger/user_image.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace riskdesk::action {

CommandRows::CommandRows(store::Connection &connection)
    : m_connection(connection)
    , m_change(connection, "INSERT INTO command_change (command, kind, key, before, after)", 5)
    , m_make(connection, "INSERT INTO command (at, action, actor, via, reason, note, users, undo_of) "
                         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)")
    , m_count(connection, "UPDATE command SET users = users + ?2 WHERE id = ?1")
    , m_opposite(connection, "INSERT INTO command_change (command, kind, key, before, after) "
                             "SELECT ?1, kind, key, after, before FROM command_change WHERE command = ?2 AND "
                             "kind = 'user' AND key = ?3")
    , m_takenBack(connection, "INSERT INTO command_change (command, kind, key, before, after) "
                              "VALUES (?1, 'outbox', ?2, '{\"state\":0}', '{\"state\":5}')")
    , m_undoneBy(connection, "UPDATE command SET undone_by = ?2 WHERE id = ?1")
{}

Result<std::int64_t> CommandRows::make(Timestamp at, std::string_view action, const Operator &who,
                                       const std::string &reason, const std::string &note,
                                       std::int64_t undoOf)
{
    if (auto ok = m_make.bind(at, action, who.name, who.via, reason, note, undoOf).run(); !ok)
        return tl::unexpected(ok.error());
    return sqlite3_last_insert_rowid(m_connection.handle());
}

Status CommandRows::count(std::int64_t command, std::int64_t users)
{
    return m_count.bind(command, users).run();
}

Status CommandRows::keep(std::int64_t command, std::span<const Change> changes)
{
    return m_change.insert(changes, [command](const Change &change, const auto &bind) {
        bind(command, "user", std::to_string(change.user), change.before, change.after);
    });
}

Status CommandRows::keepOpposite(std::int64_t command, std::int64_t of, std::uint32_t user)
{
    return m_opposite.bind(command, of, user).run();
}

Status CommandRows::keepUntaught(std::int64_t command, std::uint32_t user,
                                 const std::vector<ledger::WithheldImage> &untaught)
{
    if (untaught.empty())
        return {};
    ledger::UserImage before, after;
    for (const auto &was : untaught) {
        before.withheld.push_back({was.key, false, 1, was.gone ? 1 : was.restart});
        after.withheld.push_back(was);
    }
    const auto joined = [](std::string_view image, int added) {
        return fmt::format(
            "json_set({0}, '$.withheld', (SELECT json_group_array(json(value)) FROM (SELECT value FROM "
            "json_each({0}, '$.withheld') UNION ALL SELECT value FROM json_each(?{1}, "
            "'$.withheld'))))",
            image, added);
    };
    return store::Statement(
               m_connection,
               fmt::format("UPDATE command_change SET before = {}, after = {} WHERE command = ?1 AND "
                           "kind = 'user' AND key = ?2",
                           joined("before", 3), joined("after", 4)))
        .bind(command, user, before.toJson(), after.toJson())
        .run();
}

Status CommandRows::keepTakenBack(std::int64_t command, std::int64_t row)
{
    return m_takenBack.bind(command, std::to_string(row)).run();
}

Status CommandRows::setUndoneBy(std::int64_t command, std::int64_t by)
{
    return m_undoneBy.bind(command, by).run();
}

Status CommandRows::forget(std::uint32_t user)
{
    store::Statement commands(
        m_connection,
        "UPDATE command SET users = max(users - 1, 0), reason = iif(users > 1, reason, ''), "
        "note = iif(users > 1, note, '') WHERE id IN "
        "(SELECT command FROM ledger WHERE user = ?1 UNION SELECT command FROM outbox WHERE user = ?1)");
    if (auto ok = commands.bind(user).run(); !ok)
        return ok;
    if (auto ok =
            store::Statement(m_connection, "DELETE FROM command_change WHERE kind = 'outbox' AND key IN "
                                           "(SELECT CAST(id AS TEXT) FROM outbox WHERE user = ?1)")
                .bind(user)
                .run();
        !ok)
        return ok;
    return store::Statement(m_connection, "DELETE FROM command_change WHERE kind = 'user' AND key = ?1")
        .bind(user)
        .run();
}

} // namespace riskdesk::action

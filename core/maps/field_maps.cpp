#include "core/maps/field_maps.h"

#include "core/base/desk.h"
#include "core/base/text.h"
#include "core/ledger/audit.h"
#include "core/store/statement.h"

#include <fmt/format.h>

namespace riskdesk::run {
namespace {

constexpr std::string_view successKey = "success", failureKey = "failure";

Status readEntries(store::Connection &connection, KeptMap &kept)
{
    store::Statement row(connection,
                         "SELECT key, value FROM field_map_entry WHERE map = ?1 ORDER BY position");
    row.bind(kept.id);
    while (row.step()) {
        const auto key = row.string(0);
        if (key == successKey)
            kept.map.success.push_back(row.string(1));
        else if (key == failureKey)
            kept.map.failure.push_back(row.string(1));
        else if (const auto part = ingest::mapPartFromText(key))
            kept.map[*part] = row.string(1);
        else // it was written from outside
            return fail(Code::StoreCorrupt, kept.map.name, "a field map with an entry \"" + key + "\"");
    }
    return row.ok() ? Status() : Status(tl::unexpected(row.error()));
}

// The rows that `where` leaves, with what they say.
Result<std::vector<KeptMap>> mapsWhere(store::Connection &connection, std::string_view where,
                                       std::string_view name)
{
    std::vector<KeptMap> maps;
    store::Statement row(connection, fmt::format("SELECT id, name, created_at, created_by FROM field_map{} "
                                                 "ORDER BY name",
                                                 where));
    if (!where.empty())
        row.bind(name);
    while (row.step()) {
        KeptMap kept;
        kept.id = row.int64(0);
        kept.map.name = row.string(1);
        kept.createdAt = row.time(2);
        kept.createdBy = row.string(3);
        maps.push_back(std::move(kept));
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    for (auto &kept : maps)
        if (auto ok = readEntries(connection, kept); !ok)
            return tl::unexpected(ok.error());
    return maps;
}

Status insertEntries(store::Connection &connection, const KeptMap &kept)
{
    std::int64_t position = 0;
    const auto insert = [&](std::string_view key, const std::string &value) {
        return store::Statement(
                   connection,
                   "INSERT INTO field_map_entry (map, position, key, value) VALUES (?1, ?2, ?3, ?4)")
            .bind(kept.id, ++position, key, value)
            .run();
    };
    for (const auto part : ingest::mapParts())
        if (!kept.map[part].empty())
            if (auto ok = insert(ingest::infoOf(part).key, kept.map[part]); !ok)
                return ok;
    for (const auto &value : kept.map.success)
        if (auto ok = insert(successKey, value); !ok)
            return ok;
    for (const auto &value : kept.map.failure)
        if (auto ok = insert(failureKey, value); !ok)
            return ok;
    return {};
}

Status auditMap(store::Connection &connection, const Clock &clock, const action::Operator &who,
                std::string_view action, const ingest::FieldMap &map)
{
    ledger::AuditRecord record;
    record.actor = who.name;
    record.role = action::toText(who.role);
    record.action = action;
    record.target = map.name;
    (action == "mapAdd" ? record.after : record.before) = ingest::argumentsOf(map);
    record.via = who.via;
    record.host = who.host;
    return ledger::appendAudit(connection, clock, record);
}

} // namespace

Result<KeptMap> addFieldMap(store::Connection &connection, const Clock &clock, const action::Operator &who,
                            ingest::FieldMap map)
{
    if (auto ok = action::allowed(who.role, action::Permission::Settings); !ok)
        return tl::unexpected(ok.error());
    auto checked = ingest::checkedMap(std::move(map));
    if (!checked)
        return tl::unexpected(checked.error());
    KeptMap kept;
    kept.map = std::move(*checked);
    kept.createdAt = clock.now();
    kept.createdBy = who.name.empty() ? desktopAccount() : who.name;
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    const auto all = fieldMaps(connection);
    if (!all)
        return tl::unexpected(all.error());
    for (const auto &other : *all)
        if (equalsIgnoringCase(other.map.name, kept.map.name))
            return fail(Code::Conflict, other.map.name,
                        "there is a map of that name; remove it, or choose another name");
    if (all->size() >= mostFieldMaps)
        return fail(Code::TooLarge, kept.map.name, fmt::format("there are {} maps already", all->size()));
    store::Statement insert(connection, "INSERT INTO field_map (name, created_at, created_by) "
                                        "VALUES (?1, ?2, ?3) RETURNING id");
    insert.bind(kept.map.name, kept.createdAt, kept.createdBy);
    if (!insert.step())
        return tl::unexpected(insert.error());
    kept.id = insert.int64(0);
    if (auto ok = insert.run(); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = insertEntries(connection, kept); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = auditMap(connection, clock, who, "mapAdd", kept.map); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return kept;
}

Result<std::vector<KeptMap>> fieldMaps(store::Connection &connection)
{
    return mapsWhere(connection, "", {});
}

Result<KeptMap> fieldMap(store::Connection &connection, std::string_view name)
{
    auto found = mapsWhere(connection, " WHERE name = ?1", trim(name));
    if (!found)
        return tl::unexpected(found.error());
    if (found->empty())
        return fail(Code::NotFound, std::string(trim(name)),
                    "there is no map of that name; \"map list\" shows them");
    return std::move(found->front());
}

Result<KeptMap> removeFieldMap(store::Connection &connection, const Clock &clock, const action::Operator &who,
                               std::string_view name)
{
    if (auto ok = action::allowed(who.role, action::Permission::Settings); !ok)
        return tl::unexpected(ok.error());
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto kept = fieldMap(connection, name);
    if (!kept)
        return kept;
    if (auto ok =
            store::Statement(connection, "DELETE FROM field_map_entry WHERE map = ?1").bind(kept->id).run();
        !ok)
        return tl::unexpected(ok.error());
    if (auto ok = store::Statement(connection, "DELETE FROM field_map WHERE id = ?1").bind(kept->id).run();
        !ok)
        return tl::unexpected(ok.error());
    if (auto ok = auditMap(connection, clock, who, "mapRemove", kept->map); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return kept;
}

} // namespace riskdesk::run

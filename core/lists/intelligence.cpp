#include "core/lists/intelligence.h"

#include "core/ledger/audit.h"
#include "core/lists/list_versions.h"
#include "core/lists/set_aside.h"
#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace riskdesk::run {
namespace {

constexpr const char *listColumns =
    "id, kind, name, path, licence, added_at, date, entries, version, source, active, refused, hunted_at";

// Of one list: the one in use, those before it, and one that was refused.
constexpr std::size_t mostVersions = 3;

IntelligenceList listOf(const store::Statement &row)
{
    IntelligenceList list;
    list.id = row.uint32(0);
    list.kind = row.as<ListKind>(1);
    list.name = row.string(2);
    list.path = row.string(3);
    list.licence = row.string(4);
    list.addedAt = row.time(5);
    list.date = row.time(6);
    list.entries = static_cast<std::uint64_t>(row.int64(7));
    list.version = row.uint32(8);
    list.source = row.string(9);
    return list;
}

// Files of places and autonomous systems are large and stay where they are.
bool staysAFile(ListKind kind)
{
    return kind == ListKind::Places || kind == ListKind::Asn;
}

std::optional<std::int64_t> bound(std::int64_t us, std::int64_t none)
{
    return us == none ? std::optional<std::int64_t>() : us;
}

Status writeEntries(store::Connection &connection, std::uint32_t list, const std::vector<ListEntry> &entries)
{
    store::Statement insert(
        connection,
        "INSERT INTO intel_entry (list, first, last, asn, country, class, name, indicator, user_agent, "
        "confidence, valid_from, valid_until, trusted, tlp, labels, account, actor) VALUES "
        "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17)");
    for (const auto &e : entries) {
        const auto address = [](const IpAddress &ip) {
            return ip.isKnown() ? std::optional(std::span<const std::uint8_t>(ip.bytes)) : std::nullopt;
        };
        if (auto ok = insert
                          .bind(list, address(e.first), address(e.last), e.asn, e.country, e.kind, e.name,
                                e.indicator, e.userAgent, e.confidence, bound(e.from, beginningOfTime),
                                bound(e.until, endOfTime), e.trusted, e.tlp, e.labels, e.account, e.actor)
                          .run();
            !ok)
            return ok;
    }
    return {};
}

Result<std::vector<ListEntry>> readEntries(store::Connection &connection, std::uint32_t list,
                                           std::uint64_t count)
{
    std::vector<ListEntry> entries;
    entries.reserve(count);
    store::Statement row(connection,
                         "SELECT first, last, asn, country, class, name, indicator, user_agent, confidence, "
                         "valid_from, valid_until, trusted, tlp, labels, account, actor FROM intel_entry "
                         "WHERE list = ?1 ORDER BY id");
    row.bind(list);
    while (row.step()) {
        ListEntry e;
        e.list = list;
        const auto address = [&](int column, IpAddress &ip) {
            const auto blob = row.blob(column);
            std::copy_n(blob.begin(), std::min(blob.size(), ip.bytes.size()), ip.bytes.begin());
        };
        address(0, e.first);
        address(1, e.last);
        e.asn = row.uint32(2);
        e.country = row.string(3);
        e.kind = row.as<NetworkClass>(4);
        e.name = row.string(5);
        e.indicator = row.string(6);
        e.userAgent = row.string(7);
        e.confidence = static_cast<int>(row.int64(8));
        if (!row.isNull(9))
            e.from = row.int64(9);
        if (!row.isNull(10))
            e.until = row.int64(10);
        e.trusted = row.int64(11) != 0;
        e.tlp = row.string(12);
        e.labels = row.string(13);
        e.account = row.string(14);
        e.actor = row.string(15);
        entries.push_back(std::move(e));
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return entries;
}

Status dropVersion(store::Connection &connection, std::uint32_t id)
{
    for (const char *sql :
         {"DELETE FROM intel_entry WHERE list = ?1", "DELETE FROM intel_list WHERE id = ?1"})
        if (auto ok = store::Statement(connection, sql).bind(id).run(); !ok)
            return ok;
    return {};
}

// A refused version gives way first: a feed that is broken every day must not push out what was good.
Status forgetOldVersions(store::Connection &connection, const std::vector<ListVersion> &versions)
{
    std::vector<const ListVersion *> idle;
    for (const auto &v : versions)
        if (!v.active)
            idle.push_back(&v);
    std::ranges::sort(idle, std::ranges::greater(), [](const auto *v) { return v->list.version; });
    std::size_t kept = versions.size() - idle.size();
    bool refusedKept = false;
    for (const auto *v : idle) {
        const bool keep = kept < mostVersions && (v->refused.empty() || !refusedKept);
        refusedKept = refusedKept || !v->refused.empty();
        kept += keep ? 1 : 0;
        if (!keep)
            if (auto ok = dropVersion(connection, v->list.id); !ok)
                return ok;
    }
    return {};
}

Result<std::vector<ListVersion>> versionsOf(store::Connection &connection, ListKind kind,
                                            std::string_view name)
{
    auto all = listVersions(connection);
    if (all)
        std::erase_if(*all, [&](const auto &v) { return v.list.kind != kind || v.list.name != name; });
    return all;
}

} // namespace

Result<AddedList> addList(store::Connection &connection, const Clock &clock, const Operator &who,
                          ListKind kind, const std::filesystem::path &file, const std::string &name,
                          const enrich::ListDefaults &defaults)
{
    if (auto ok = allowed(who.role, Permission::Intelligence); !ok)
        return tl::unexpected(ok.error());
    AddedList added;
    std::vector<ListEntry> entries;
    if (kind == ListKind::Places) {
        std::error_code error;
        added.list.kind = kind;
        added.list.path = std::filesystem::absolute(file, error).string();
        added.list.name = name.empty() ? file.stem().string() : name;
        added.list.date = added.list.addedAt = clock.now();
        enrich::Enricher probe;
        if (auto ok = probe.addPlaces(added.list); !ok)
            return tl::unexpected(ok.error());
    } else {
        auto read = enrich::readList(file, kind, defaults);
        if (!read)
            return tl::unexpected(read.error());
        added.list = std::move(read->list);
        added.rejects = std::move(read->rejects);
        added.repeated = read->repeated;
        added.unsupported = read->unsupported;
        added.unsupportedKinds = enrich::unsupportedWords(read->unsupportedKinds);
        entries = std::move(read->entries);
        if (!name.empty())
            added.list.name = name;
        if (staysAFile(kind)) {
            std::error_code error;
            added.list.path = std::filesystem::absolute(file, error).string();
        }
        added.list.addedAt = clock.now();
        // No list is younger than the day it came; one that says so would never grow old.
        added.list.date = std::min(added.list.date, added.list.addedAt);
    }
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto before = versionsOf(connection, kind, added.list.name);
    if (!before)
        return tl::unexpected(before.error());
    std::string refused;
    for (const auto &old : *before) {
        added.list.version = std::max(added.list.version, old.list.version + 1);
        if (!old.active)
            continue;
        added.replaced = true;
        if (!staysAFile(kind) && added.list.entries * 2 < old.list.entries)
            refused = fmt::format("it has {} entries where the list in use has {}", added.list.entries,
                                  old.list.entries);
    }
    if (refused.empty())
        if (auto ok =
                store::Statement(connection, "UPDATE intel_list SET active = 0 WHERE kind = ?1 AND name = ?2")
                    .bind(kind, added.list.name)
                    .run();
            !ok)
            return tl::unexpected(ok.error());
    store::Statement insert(connection,
                            "INSERT INTO intel_list (kind, name, path, licence, added_at, date, entries, "
                            "version, source, active, refused) "
                            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) RETURNING id");
    insert.bind(kind, added.list.name, added.list.path, added.list.licence, added.list.addedAt,
                added.list.date, added.list.entries, added.list.version, added.list.source, refused.empty(),
                refused);
    if (!insert.step())
        return tl::unexpected(insert.error());
    added.list.id = insert.uint32(0);
    insert.reset();
    if (!staysAFile(kind))
        if (auto ok = writeEntries(connection, added.list.id, entries); !ok)
            return tl::unexpected(ok.error());
    auto aside = setWideAside(connection, clock, added.list, entries, who);
    if (!aside)
        return tl::unexpected(aside.error());
    added.setAside = *aside;
    if (refused.empty() &&
        (kind == ListKind::Threat || kind == ListKind::Malware || kind == ListKind::Warning)) {
        auto warned = setWarnedAside(connection, clock, who);
        if (!warned)
            return tl::unexpected(warned.error());
        added.warned = *warned;
    }
    before = versionsOf(connection, kind, added.list.name);
    if (!before)
        return tl::unexpected(before.error());
    if (auto ok = forgetOldVersions(connection, *before); !ok)
        return tl::unexpected(ok.error());
    auto record = ledger::recordBy(who);
    record.action = refused.empty() ? "intelAdd" : "intelRefuse";
    record.target = fmt::format("{}:{}", toText(kind), added.list.name);
    record.after = fmt::format("version {}, {} entries", added.list.version, added.list.entries);
    record.reason = refused;
    if (auto ok = ledger::appendAudit(connection, clock, record); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    if (!refused.empty())
        return fail(
            Code::Conflict, added.list.name,
            fmt::format("The list \"{}\" was not put to use: {}. It is kept beside the one in use; \"intel "
                        "accept\" puts it to use all the same.",
                        added.list.name, refused));
    return added;
}

Result<std::vector<ListVersion>> listVersions(store::Connection &connection)
{
    std::vector<ListVersion> all;
    store::Statement row(connection,
                         fmt::format("SELECT {} FROM intel_list ORDER BY kind, name, version", listColumns));
    while (row.step()) {
        auto &v = all.emplace_back();
        v.list = listOf(row);
        v.active = row.int64(10) != 0;
        v.refused = row.string(11);
        if (!row.isNull(12))
            v.hunted = row.time(12);
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return all;
}

Result<std::vector<IntelligenceList>> lists(store::Connection &connection)
{
    std::vector<IntelligenceList> all;
    store::Statement row(
        connection, fmt::format("SELECT {} FROM intel_list WHERE active ORDER BY kind, id", listColumns));
    while (row.step())
        all.push_back(listOf(row));
    if (!row.ok())
        return tl::unexpected(row.error());
    return all;
}

Result<IntelligenceList> removeList(store::Connection &connection, const Clock &clock, const Operator &who,
                                    const std::string &idOrName)
{
    if (auto ok = allowed(who.role, Permission::Intelligence); !ok)
        return tl::unexpected(ok.error());
    auto transaction = store::Transaction::begin(connection);
    if (!transaction)
        return tl::unexpected(transaction.error());
    auto list = findList(connection, idOrName);
    if (!list)
        return list;
    auto versions = versionsOf(connection, list->kind, list->name);
    if (!versions)
        return tl::unexpected(versions.error());
    for (const auto &v : *versions)
        if (auto ok = dropVersion(connection, v.list.id); !ok)
            return tl::unexpected(ok.error());
    if (auto warned = setWarnedAside(connection, clock, who); !warned)
        return tl::unexpected(warned.error());
    auto record = ledger::recordBy(who);
    record.action = "intelRemove";
    record.target = fmt::format("{}:{}", toText(list->kind), list->name);
    if (auto ok = ledger::appendAudit(connection, clock, record); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = transaction->commit(); !ok)
        return tl::unexpected(ok.error());
    return list;
}

Result<enrich::Enricher> loadEnricher(store::Connection &connection, std::vector<Error> &unusable,
                                      const std::vector<SetAsideIndicator> *own)
{
    auto all = lists(connection);
    if (!all)
        return tl::unexpected(all.error());
    enrich::Enricher enricher;
    for (auto &list : *all) {
        if (list.kind == ListKind::Places) {
            if (auto ok = enricher.addPlaces(list); !ok)
                unusable.push_back(ok.error());
            continue;
        }
        if (list.kind == ListKind::Asn) {
            auto read = enrich::readList(list.path, list.kind);
            if (!read) {
                unusable.push_back(read.error());
                continue;
            }
            for (auto &entry : read->entries)
                entry.list = list.id;
            enricher.addList(list, std::move(read->entries));
            continue;
        }
        auto entries = readEntries(connection, list.id, list.entries);
        if (!entries)
            return tl::unexpected(entries.error());
        if (auto ok = applySetAside(connection, list.kind, *entries, own); !ok)
            return tl::unexpected(ok.error());
        enricher.addList(list, std::move(*entries));
    }
    return enricher;
}

} // namespace riskdesk::run

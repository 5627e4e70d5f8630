#include "core/query/records.h"

#include "core/base/text.h"
#include "core/query/filter_sql.h"
#include "core/query/reading.h"
#include "core/store/statement.h"

#include <fmt/format.h>

namespace riskdesk::query {

Result<std::vector<Campaign>> readCampaigns(store::Connection &connection, const Question &question,
                                            std::size_t atMost, std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    auto asked = question;
    asked.report = Report::Campaigns;
    const auto sql = fromWhere(asked);
    if (!sql)
        return tl::unexpected(sql.error());
    const auto order = orderBy(Report::Campaigns, question.order);
    if (!order)
        return tl::unexpected(order.error());
    store::Statement rows(
        connection,
        fmt::format(
            "SELECT c.id, c.scope, c.scope_text, c.opened, c.detected, c.last, c.attempts, c.failures,"
            " c.users, c.addresses, c.bad_to_good, c.surprise_bits, c.evidence {} {}{}",
            sql->text, *order, atMost > 0 ? fmt::format(" LIMIT {}", atMost) : std::string()));
    sql->bindTo(rows);
    std::vector<Campaign> campaigns;
    while (rows.step()) {
        auto &c = campaigns.emplace_back();
        c.readJson(rows.text(12));
        c.id = rows.string(0);
        c.scope = rows.as<ScopeKind>(1);
        c.scopeText = rows.string(2);
        c.opened = rows.time(3);
        c.detected = rows.time(4);
        c.last = rows.time(5);
        c.attempts = rows.uint32(6);
        c.failures = rows.uint32(7);
        c.users = rows.uint32(8);
        c.addresses = rows.uint32(9);
        c.badToGood = rows.real(10);
        c.surpriseBits = rows.real(11);
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return campaigns;
}

Result<std::vector<CampaignTargetRow>> readCampaignTargets(store::Connection &connection,
                                                           std::string_view campaign, bool succeededOnly)
{
    store::Statement rows(
        connection, "SELECT t.user, t.attempts, t.successes, t.first, t.last, u.key, u.display_name, u.upn"
                    " FROM campaign_target t LEFT JOIN user u ON u.id = t.user"
                    " WHERE t.campaign = ?1 AND (?2 = 0 OR t.successes > 0)"
                    " ORDER BY t.successes > 0 DESC, t.attempts DESC, t.user");
    rows.bind(campaign, succeededOnly);
    std::vector<CampaignTargetRow> targets;
    while (rows.step()) {
        auto &t = targets.emplace_back();
        t.target = {rows.uint32(0), rows.uint32(1), rows.uint32(2), rows.time(3), rows.time(4)};
        t.userKey = rows.string(5);
        t.userName = rows.string(6);
        t.userPrincipalName = rows.string(7);
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    return targets;
}

std::span<const std::string_view> rejectCsvHeader()
{
    static constexpr std::string_view header[] = {"run",    "file",   "line", "column",  "offset",
                                                  "reason", "detail", "hint", "excerpt", "records"};
    return header;
}

std::vector<std::string> rejectCsv(const RejectRow &row)
{
    const auto &r = row.reject;
    return {std::to_string(row.run),
            r.file,
            std::to_string(r.line),
            std::to_string(r.column),
            std::to_string(r.offset),
            r.reason,
            r.detail,
            std::string(rejectReason(r.reason).hint),
            r.excerpt,
            std::to_string(row.records)};
}

Result<std::vector<RejectRow>> readRejects(store::Connection &connection, std::span<const std::int64_t> ids,
                                           std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    store::Statement row(
        connection,
        "SELECT run, file, line, column, offset, reason, detail, excerpt, records FROM reject WHERE id = ?1");
    std::vector<RejectRow> rejects;
    rejects.reserve(ids.size());
    for (const auto id : ids) {
        auto &out = rejects.emplace_back();
        out.id = id;
        if (row.bind(id).step()) {
            out.run = row.int64(0);
            out.reject = {row.string(1),
                          static_cast<std::uint64_t>(row.int64(2)),
                          static_cast<std::uint64_t>(row.int64(3)),
                          static_cast<std::uint64_t>(row.int64(4)),
                          row.string(5),
                          row.string(6),
                          row.string(7)};
            out.records = row.int64(8);
        }
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    return rejects;
}

Result<std::vector<AuditRow>> readAudit(store::Connection &connection, std::span<const std::int64_t> ids,
                                        std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    store::Statement row(
        connection, "SELECT at, actor, role, action, target, before, after, reason, note, via, host, undo_of"
                    " FROM audit WHERE id = ?1");
    std::vector<AuditRow> rows;
    rows.reserve(ids.size());
    for (const auto id : ids) {
        auto &out = rows.emplace_back();
        out.id = id;
        if (row.bind(id).step()) {
            out.at = row.time(0);
            int column = 0;
            for (auto *text : {&out.actor, &out.role, &out.action, &out.target, &out.before, &out.after,
                               &out.reason, &out.note, &out.via, &out.host})
                *text = row.string(++column);
            out.undoOf = row.int64(11);
        }
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    return rows;
}

Result<std::vector<ImportRow>> readImports(store::Connection &connection, std::size_t atMost)
{
    store::Statement row(
        connection,
        "SELECT id, started_at, finished_at, outcome, files, read, stored, duplicates, not_sign_ins,"
        " rejected, warnings, detections, users_at_risk, seconds FROM import_run"
        " ORDER BY id DESC LIMIT ?1");
    std::vector<ImportRow> rows;
    for (row.bind(static_cast<std::int64_t>(atMost)); row.step();) {
        auto &out = rows.emplace_back();
        out.id = row.int64(0);
        out.startedAt = row.time(1);
        if (!row.isNull(2))
            out.finishedAt = row.time(2);
        out.outcome = row.string(3);
        if (const auto files = row.text(4); !files.empty())
            for (const auto file : split(files, '\x1f'))
                out.files.emplace_back(file);
        int column = 4;
        for (auto *count : {&out.read, &out.stored, &out.duplicates, &out.notSignIns, &out.rejected,
                            &out.warnings, &out.detections, &out.usersAtRisk})
            *count = row.int64(++column);
        out.seconds = row.real(13);
    }
    if (!row.ok())
        return tl::unexpected(row.error());
    return rows;
}

} // namespace riskdesk::query

// The audit log and the rejected records.
#include "core/query/tables/audit.h"
#include "core/query/tables/rejects.h"

#include "ui/models/cells.h"
#include "ui/models/format.h"
#include "ui/models/report_sources.h"
#include "ui/models/why_text.h"

namespace riskdesk::models {
namespace {

using query::AuditRow;
using query::RejectRow;
using K = CellKind;

// In words; what is filtered and copied by stays as it is stored.
Cell auditCell(const QString &said, const std::string &stored)
{
    return textCell(said).with(RawRole, text(stored));
}

Cell auditWordCell(std::string_view column, const std::string &stored)
{
    return auditCell(auditWord(column, stored), stored);
}

const std::vector<Spec<AuditRow>> &auditTable()
{
    using A = const AuditRow &;
    static const std::vector<Spec<AuditRow>> columns{
        {"activityDateTime", 134, true, K::Time, [](A a) { return timeCell(a.at, true); }},
        {"actor", 140, true, K::Text, [](A a) { return textCell(a.actor); }},
        {"role", 110, true, K::Text, [](A a) { return auditWordCell("role", a.role); }},
        {"action", 210, true, K::Text, [](A a) { return auditCell(auditSaid(a).action, a.action); }},
        {"target", 200, true, K::Text, [](A a) { return auditCell(auditSaid(a).target, a.target); }},
        {"before", 300, true, K::Text, [](A a) { return textCell(auditSaid(a).change); }},
        {"reason", 140, true, K::Text, [](A a) { return auditWordCell("reason", a.reason); }},
        {"note", 220, false, K::Text, [](A a) { return textCell(a.note); }},
        {"via", 120, false, K::Text, [](A a) { return auditWordCell("via", a.via); }},
        {"host", 140, false, K::Text, [](A a) { return textCell(a.host); }},
        {"undoOf", 200, false, K::Text,
         [](A a) { return a.undoOf == 0 ? Cell(dash()) : textCell(takenBack(a)); }},
    };
    return columns;
}

// The end of a path tells files apart; the whole of it is in the tool tip.
Cell fileCell(const RejectRow &row)
{
    const std::string_view path = row.reject.file;
    const auto whole = shown(path);
    return textCell(path.substr(path.find_last_of('/') + 1))
        .with(RawRole, text(row.reject.file))
        .with(Qt::ToolTipRole, whole)
        .with(Qt::AccessibleTextRole, whole);
}

const std::vector<Spec<RejectRow>> &rejectTable()
{
    using J = const RejectRow &;
    static const std::vector<Spec<RejectRow>> columns{
        {"file", 240, true, K::Text, fileCell},
        {"line", 80, true, K::Number,
         [](J j) {
             return j.reject.line == 0 ? Cell(dash()) : numberCell(static_cast<qint64>(j.reject.line));
         }},
        {"reason", 160, true, K::Text,
         [](J j) {
             const auto reason = rejectReason(j.reject.reason);
             return textCell(reason.displayName.empty() ? reason.key : reason.displayName)
                 .with(RawRole, text(reason.key));
         }},
        {"detail", 240, true, K::Text, [](J j) { return textCell(j.reject.detail); }},
        {"hint", 300, true, K::Text,
         [](J j) {
             const auto hint = rejectHint(j.reject.reason);
             return textCell(hint).with(Qt::ToolTipRole, hint);
         }},
        {"records", 80, false, K::Number, [](J j) { return numberCell(j.records); }},
        {"excerpt", 320, true, K::Text, [](J j) { return textCell(j.reject.excerpt); }},
        {"run", 80, false, K::Number, [](J j) { return numberCell(j.run); }},
    };
    return columns;
}

} // namespace

// The command line's own advice is of no use here.
QString rejectHint(std::string_view reason)
{
    if (reason == "noTime")
        return Words::tr(
            "Give the record a time as ISO 8601 with its zone, such as 2026-03-18T14:26:00Z. Where "
            "days stand before months, or months before days, press \"Read dates anew\".");
    return text(rejectReason(reason).hint);
}

QList<Column> AuditSource::columns() const
{
    return columnsOf(query::Report::Audit, auditTable());
}

Result<std::shared_ptr<const RowPage>> AuditSource::readPage(store::Connection &connection,
                                                             std::span<const std::int64_t> ids,
                                                             std::stop_token stop) const
{
    const auto rows = query::readAudit(connection, ids, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    const auto &columns = auditTable();
    auto page = std::make_shared<CellPage>(static_cast<int>(columns.size()));
    for (const auto &row : *rows)
        page->add(QString::number(row.id), makeCells(columns, row));
    return std::shared_ptr<const RowPage>(std::move(page));
}

QList<Column> RejectsSource::columns() const
{
    return columnsOf(query::Report::Rejects, rejectTable());
}

Result<std::shared_ptr<const RowPage>> RejectsSource::readPage(store::Connection &connection,
                                                               std::span<const std::int64_t> ids,
                                                               std::stop_token stop) const
{
    const auto rows = query::readRejects(connection, ids, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    const auto &columns = rejectTable();
    auto page = std::make_shared<CellPage>(static_cast<int>(columns.size()));
    for (const auto &row : *rows)
        page->add(QString::number(row.id), makeCells(columns, row));
    return std::shared_ptr<const RowPage>(std::move(page));
}

} // namespace riskdesk::models

// The audit log and the rejected records.
#include "core/query/tables/audit.h"
#include "core/query/tables/rejects.h"

#include "ui/models/cells.h"
#include "ui/models/format.h"
#include "ui/models/report_sources.h"

namespace riskdesk::models {
namespace {

using query::AuditRow;
using query::RejectRow;
using K = CellKind;

std::vector<Spec<AuditRow>> auditTable()
{
    using A = const AuditRow &;
    const auto id = [](const char *name) { return QString::fromLatin1(name); };
    return {
        {{id("activityDateTime"), Words::tr("Time"), Words::tr("When it was done."), 134, true, K::Time, {}},
         [](A a) { return timeCell(a.at, true); }},
        {{id("actor"), Words::tr("Actor"), Words::tr("Who did it."), 140, true, K::Text, {}},
         [](A a) { return textCell(a.actor); }},
        {{id("role"),
          Words::tr("Role"),
          Words::tr("The actor's role at that moment."),
          110,
          true,
          K::Text,
          {}},
         [](A a) { return textCell(a.role); }},
        {{id("action"), Words::tr("Action"), Words::tr("What was done."), 160, true, K::Text, {}},
         [](A a) { return textCell(a.action); }},
        {{id("target"), Words::tr("Target"), Words::tr("What it was done to."), 200, true, K::Text, {}},
         [](A a) { return textCell(a.target); }},
        {{QString(),
          Words::tr("From → to"),
          Words::tr("The state before and after."),
          240,
          true,
          K::Text,
          {}},
         [](A a) {
             return a.before.empty() && a.after.empty() ? Cell(dash())
                                                        : Cell(Words::tr("%1 → %2", "state before and after")
                                                                   .arg(shown(a.before), shown(a.after)));
         }},
        {{id("reason"), Words::tr("Reason"), Words::tr("The reason given."), 140, true, K::Text, {}},
         [](A a) { return textCell(a.reason); }},
        {{QString(), Words::tr("Note"), Words::tr("The note left."), 220, false, K::Text, id("note")},
         [](A a) { return textCell(a.note); }},
        {{id("via"), Words::tr("Via"), Words::tr("Window or command line."), 120, false, K::Text, {}},
         [](A a) { return textCell(a.via); }},
        {{QString(), Words::tr("Host"), Words::tr("The machine it was done on."), 140, false, K::Text, {}},
         [](A a) { return textCell(a.host); }},
        {{QString(),
          Words::tr("Undo of"),
          Words::tr("The action that this one took back."),
          80,
          false,
          K::Text,
          {}},
         [](A a) { return a.undoOf == 0 ? Cell(dash()) : Cell(QString::number(a.undoOf)); }},
    };
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

std::vector<Spec<RejectRow>> rejectTable()
{
    using J = const RejectRow &;
    const auto id = [](const char *name) { return QString::fromLatin1(name); };
    return {
        {{id("file"), Words::tr("File"), Words::tr("The log file."), 240, true, K::Text, {}}, fileCell},
        {{id("line"), Words::tr("Line"), Words::tr("Line of the record."), 80, true, K::Number, {}},
         [](J j) {
             return j.reject.line == 0 ? Cell(dash()) : numberCell(static_cast<qint64>(j.reject.line));
         }},
        {{id("reason"),
          Words::tr("Reason"),
          Words::tr("Why the record could not be read."),
          160,
          true,
          K::Text,
          {}},
         [](J j) {
             const auto reason = rejectReason(j.reject.reason);
             return textCell(reason.displayName.empty() ? reason.key : reason.displayName)
                 .with(RawRole, text(reason.key));
         }},
        {{QString(), Words::tr("Value"),
          Words::tr("The value that could not be read, and what was expected."), 240, true, K::Text,
          id("detail")},
         [](J j) { return textCell(j.reject.detail); }},
        {{QString(),
          Words::tr("How to mend it"),
          Words::tr("What would make the record readable."),
          300,
          true,
          K::Text,
          {}},
         [](J j) {
             const auto hint = text(rejectReason(j.reject.reason).hint);
             return textCell(hint).with(Qt::ToolTipRole, hint);
         }},
        {{QString(),
          Words::tr("Records"),
          Words::tr("How many records of the file this row stands for."),
          80,
          false,
          K::Number,
          {}},
         [](J j) { return numberCell(j.records); }},
        {{QString(), Words::tr("Record"), Words::tr("The beginning of the record."), 320, true, K::Text,
          id("excerpt")},
         [](J j) { return textCell(j.reject.excerpt); }},
        {{id("run"), Words::tr("Import"), Words::tr("Number of the import."), 80, false, K::Number, {}},
         [](J j) { return numberCell(j.run); }},
    };
}

} // namespace

QList<Column> AuditSource::columns() const
{
    return columnsOf(auditTable());
}

Result<std::shared_ptr<const RowPage>> AuditSource::readPage(store::Connection &connection,
                                                             std::span<const std::int64_t> ids,
                                                             std::stop_token stop) const
{
    const auto rows = query::readAudit(connection, ids, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    const auto columns = auditTable();
    auto page = std::make_shared<CellPage>(static_cast<int>(columns.size()));
    for (const auto &row : *rows)
        page->add(QString::number(row.id), makeCells(columns, row));
    return std::shared_ptr<const RowPage>(std::move(page));
}

QList<Column> RejectsSource::columns() const
{
    return columnsOf(rejectTable());
}

Result<std::shared_ptr<const RowPage>> RejectsSource::readPage(store::Connection &connection,
                                                               std::span<const std::int64_t> ids,
                                                               std::stop_token stop) const
{
    const auto rows = query::readRejects(connection, ids, std::move(stop));
    if (!rows)
        return tl::unexpected(rows.error());
    const auto columns = rejectTable();
    auto page = std::make_shared<CellPage>(static_cast<int>(columns.size()));
    for (const auto &row : *rows)
        page->add(QString::number(row.id), makeCells(columns, row));
    return std::shared_ptr<const RowPage>(std::move(page));
}

} // namespace riskdesk::models

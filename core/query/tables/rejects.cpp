#include "core/query/tables/rejects.h"

#include "core/query/reading.h"
#include "core/store/row_reader.h"

#include <fmt/format.h>

namespace riskdesk::query {
namespace {

using J = const RejectRow &;
using Rejected = Column<RejectRow>;
using store::into;

// clang-format off
const store::RowReader<RejectRow> &rejectReader()
{
    static const store::RowReader<RejectRow> parts{
        {"run", into<&RejectRow::run>},
        {"file", into<&RejectRow::reject, &Reject::file>},
        {"line", into<&RejectRow::reject, &Reject::line>},
        {"column", into<&RejectRow::reject, &Reject::column>},
        {"offset", into<&RejectRow::reject, &Reject::offset>},
        {"reason", into<&RejectRow::reject, &Reject::reason>},
        {"detail", into<&RejectRow::reject, &Reject::detail>},
        {"excerpt", into<&RejectRow::reject, &Reject::excerpt>},
        {"records", into<&RejectRow::records>},
    };
    return parts;
}

} // namespace

Columns<RejectRow> rejectColumns()
{
    static const std::vector<Rejected> table{
        Rejected("run").also("import").number("j.run").sorts().titled(Reports::tr("Import")).means(Reports::tr("Number of the import.")).told([](J j) -> Property { return j.run; }),
        Rejected("file").text("j.file").sorts("j.file", "j.offset").titled(Reports::tr("File")).means(Reports::tr("The log file.")).told([](J j) -> Property { return j.reject.file; }),
        Rejected("line").number("j.line").sorts().titled(Reports::tr("Line")).means(Reports::tr("Line of the record.")).told([](J j) -> Property { return j.reject.line; }),
        Rejected("column").told([](J j) -> Property { return j.reject.column; }),
        Rejected("offset").told([](J j) -> Property { return j.reject.offset; }),
        Rejected("reason").text("j.reason").sorts().titled(Reports::tr("Reason")).means(Reports::tr("Why the record could not be read.")).told([](J j) -> Property { return j.reject.reason; }),
        Rejected("detail").text("j.detail").titled(Reports::tr("Value")).means(Reports::tr("The value that could not be read, and what was expected.")).told([](J j) -> Property { return j.reject.detail; }),
        Rejected("hint").titled(Reports::tr("How to mend it")).means(Reports::tr("What would make the record readable.")).told([](J j) -> Property { return rejectReason(j.reject.reason).hint; }),
        Rejected("excerpt").text("j.excerpt").titled(Reports::tr("Record")).means(Reports::tr("The beginning of the record.")).told([](J j) -> Property { return j.reject.excerpt; }),
        Rejected("records").titled(Reports::tr("Records")).means(Reports::tr("How many records of the file this row stands for.")).told([](J j) -> Property { return j.records; }),
    };
    return table;
}
// clang-format on

Result<std::vector<RejectRow>> readRejects(store::Connection &connection, std::span<const std::int64_t> ids,
                                           std::stop_token stop)
{
    auto reading = Reading::begin(connection, std::move(stop));
    if (!reading)
        return tl::unexpected(reading.error());
    store::Statement row(connection,
                         fmt::format("SELECT {} FROM reject WHERE id = ?1", rejectReader().columns()));
    std::vector<RejectRow> rows;
    rows.reserve(ids.size());
    for (const auto id : ids) {
        auto &out = rows.emplace_back();
        out.id = id;
        if (row.bind(id).step())
            rejectReader().read(row, out);
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    return rows;
}

} // namespace riskdesk::query

#include "core/query/tables/imports.h"

#include "core/base/text.h"
#include "core/store/row_reader.h"

#include <fmt/format.h>

namespace riskdesk::query {
namespace {

using store::Cell;
using store::into;

// clang-format off
const store::RowReader<ImportRow> &importReader()
{
    static const store::RowReader<ImportRow> parts{
        {"id", into<&ImportRow::id>},
        {"started_at", into<&ImportRow::startedAt>},
        {"finished_at", into<&ImportRow::finishedAt>},
        {"outcome", into<&ImportRow::outcome>},
        {"files", [](const Cell &cell, ImportRow &row) {
             if (const auto files = cell.text(); !files.empty())
                 for (const auto file : split(files, '\x1f'))
                     row.files.emplace_back(file);
         }},
        {"read", into<&ImportRow::read>},
        {"stored", into<&ImportRow::stored>},
        {"duplicates", into<&ImportRow::duplicates>},
        {"not_sign_ins", into<&ImportRow::notSignIns>},
        {"rejected", into<&ImportRow::rejected>},
        {"warnings", into<&ImportRow::warnings>},
        {"detections", into<&ImportRow::detections>},
        {"users_at_risk", into<&ImportRow::usersAtRisk>},
        {"seconds", into<&ImportRow::seconds>},
    };
    return parts;
}
// clang-format on

} // namespace

Result<std::vector<ImportRow>> readImports(store::Connection &connection, std::size_t atMost)
{
    store::Statement row(
        connection, fmt::format("SELECT {} FROM import_run ORDER BY id DESC LIMIT ?1", importReader().columns()));
    std::vector<ImportRow> rows;
    for (row.bind(static_cast<std::int64_t>(atMost)); row.step();)
        importReader().read(row, rows.emplace_back());
    if (!row.ok())
        return tl::unexpected(row.error());
    return rows;
}

} // namespace riskdesk::query

// The rows of a question as a file: CSV as a spreadsheet reads it, or the report's objects as JSON (one array) or as
// JSON lines, by what the file's name ends in. On a reader's thread; a page at a time, so that no list is held whole.
// Stopped or failed, there is no file, and one that was there before is as it was.
#pragma once

#include "core/base/open_files.h"
#include "core/base/progress.h"
#include "core/query/report.h"
#include "core/query/spine.h"
#include "core/query/tables/column.h"
#include "core/query/tables/property.h"

#include <QByteArray>
#include <QSaveFile>
#include <QString>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace riskdesk::pages {

// Where rows go, and what is told meanwhile.
struct ExportTarget
{
    QString path;
    std::stop_token stop;
    ProgressSink progress; // phase "export", rows
    std::optional<std::vector<std::int64_t>> only =
        {}; // these rows of the question, in this order; none: all
};

// How many were written: those of `count` rows that `read` gives, (first, how many) -> Result<vector<Row>>. Io with the
// path; Cancelled; WrongUsage for a file that is a directory of ours.
template <typename Row, typename Read>
Result<std::size_t> exportPages(const ExportTarget &to, const query::Columns<Row> &columns, std::size_t count,
                                Read read)
{
    constexpr std::size_t pageRows = 512;
    // The file would be put in the place of a directory that is chosen by mistake.
    if (auto ok = mayRead(to.path.toStdString(), "a file of its own"); !ok)
        return tl::unexpected(ok.error());
    QSaveFile file(to.path);
    const auto failed = [&file, &to] {
        return fail(Code::Io, to.path.toStdString(), file.errorString().toStdString());
    };
    if (!file.open(QIODevice::WriteOnly))
        return failed();
    const bool lines = to.path.endsWith(QLatin1String(".ndjson"), Qt::CaseInsensitive);
    const bool json = !lines && to.path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
    const auto put = [&file](std::string_view text) {
        const auto size = static_cast<qint64>(text.size());
        return file.write(text.data(), size) == size;
    };
    // A spreadsheet takes a file for UTF-8 only where it begins so.
    bool ok = put(json ? "[" : lines ? "" : "\xEF\xBB\xBF" + query::csvLine(query::csvHeader(columns)));
    for (std::size_t i = 0; ok && i < count; i += pageRows) {
        if (to.stop.stop_requested())
            return fail(Code::Cancelled, to.path.toStdString());
        const auto rows = read(i, std::min(pageRows, count - i));
        if (!rows)
            return tl::unexpected(rows.error());
        std::string text;
        bool first = i == 0;
        for (const auto &row : *rows) {
            if (!json && !lines) {
                text += query::csvLine(query::csv(columns, row));
                continue;
            }
            if (json)
                text += first ? "\n" : ",\n";
            first = false;
            text += query::json(columns, row);
            if (lines)
                text += '\n';
        }
        ok = put(text);
        if (to.progress)
            to.progress({"export", i + rows->size(), count});
    }
    if (!ok || (json && !put("\n]\n")) || !file.commit())
        return failed();
    return count;
}

// The rows of a report that are read by their ids, as query::readRejects() does.
template <typename Row, typename Read>
Result<std::size_t> exportRows(store::Connection &db, const query::Question &question, const ExportTarget &to,
                               const query::Columns<Row> &columns, Read read)
{
    const auto ids =
        to.only ? Result<std::vector<std::int64_t>>(*to.only) : query::readSpine(db, question, to.stop);
    if (!ids)
        return tl::unexpected(ids.error());
    return exportPages(to, columns, ids->size(), [&](std::size_t first, std::size_t count) {
        return read(db, std::span(*ids).subspan(first, count), to.stop);
    });
}

} // namespace riskdesk::pages

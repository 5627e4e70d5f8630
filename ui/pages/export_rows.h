// The rows of a question as a CSV file. On a reader's thread; a page at a time, so that no list is held whole.
#pragma once

#include "core/query/report.h"
#include "core/query/spine.h"
#include "core/query/tables/property.h"

#include <QByteArray>
#include <QSaveFile>
#include <QString>

#include <algorithm>
#include <span>
#include <stop_token>

namespace riskdesk::pages {

// How many were written. `read`: the rows of ids, in their order, as query::readRejects() does. Io with the path.
template <typename Row, typename Read>
Result<std::size_t> exportRows(store::Connection &db, const query::Question &question, const QString &path,
                               const query::Columns<Row> &columns, Read read, const std::stop_token &stop)
{
    constexpr std::size_t pageRows = 512;
    const auto ids = query::readSpine(db, question, stop);
    if (!ids)
        return tl::unexpected(ids.error());
    QSaveFile file(path);
    const auto failed = [&file, &path] {
        return fail(Code::Io, path.toStdString(), file.errorString().toStdString());
    };
    if (!file.open(QIODevice::WriteOnly))
        return failed();
    QByteArray text = QByteArray::fromStdString(query::csvLine(query::csvHeader(columns)));
    for (std::size_t i = 0; i < ids->size() || !text.isEmpty(); i += pageRows) {
        if (i < ids->size()) {
            const auto rows = read(db, std::span(*ids).subspan(i, std::min(pageRows, ids->size() - i)), stop);
            if (!rows)
                return tl::unexpected(rows.error());
            for (const auto &row : *rows)
                text += QByteArray::fromStdString(query::csvLine(query::csv(columns, row)));
        }
        if (file.write(text) != text.size())
            return failed();
        text.clear();
    }
    if (!file.commit())
        return failed();
    return ids->size();
}

} // namespace riskdesk::pages

// What tables hold, as lines to compare, and where two of them differ.
#pragma once

#include "core/store/statement.h"

#include <QStringList>

#include <algorithm>
#include <string>

namespace riskdesk::test {

// "user: 7 'ana' …", a line a row, sorted; without the columns of `leftOut`. `where`: a clause of SQL, or nothing. A
// table that cannot be read ends the test.
inline QStringList rowsOf(store::Connection &connection, const std::string &table,
                          const QStringList &leftOut = {}, const std::string &where = {})
{
    std::string columns;
    store::Statement names(connection, "SELECT name FROM pragma_table_info(?1)");
    for (names.bind(table); names.step();)
        if (const auto name = names.string(0); !leftOut.contains(QString::fromStdString(name)))
            columns += (columns.empty() ? "quote(\"" : "||' '||quote(\"") + name + "\")";
    QStringList lines;
    store::Statement rows(connection, "SELECT " + columns + " AS line FROM \"" + table + "\" " + where +
                                          " ORDER BY line");
    while (rows.step())
        lines << QString("%1: %2").arg(QString::fromStdString(table), QString::fromStdString(rows.string(0)));
    if (!rows.ok())
        qFatal("%s: %s", table.c_str(), rows.error().detail.c_str());
    return lines;
}

// The first line that differs, from shortly before the place where it does; nothing: they are the same.
inline QString difference(const QStringList &is, const QStringList &shouldBe)
{
    for (qsizetype i = 0; i < std::max(is.size(), shouldBe.size()); ++i)
        if (const auto a = is.value(i), b = shouldBe.value(i); a != b) {
            const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
            const auto from = std::max<qsizetype>(0, at - 60);
            return QString("line %1: %2\nis        …%3\nshould be …%4")
                .arg(i)
                .arg(a.left(250), a.mid(from, 300), b.mid(from, 300));
        }
    return {};
}

} // namespace riskdesk::test

// Cells: what the sources share to fill a page: one table per report that pairs a column with the cell it
// shows, so that the two cannot drift apart.
//
//     static const std::vector<Spec<query::RiskyUserRow>> table{
//         {"riskLevel", 98, true, CellKind::Level, [](const auto &u) { return levelCell(u.standing.level);
//         }},
//     page->add(row.key, makeCells(table, row));
#pragma once

#include "core/domain/risk.h"
#include "core/domain/sign_in.h"

#include "ui/models/list_model.h"

#include <QCoreApplication>
#include <QString>
#include <QStringList>
#include <QVariant>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace riskdesk::models {

// The translator's context of everything the lists say.
struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Reports)
};

// A cell with everything it may be asked for.
struct Cell
{
    QString display;
    std::vector<std::pair<int, QVariant>> more;

    Cell(QString words = {})
        : display(std::move(words))
    {}
    Cell &with(int role, QVariant value)
    {
        more.emplace_back(role, std::move(value));
        return *this;
    }
};

class CellPage final : public RowPage
{
public:
    explicit CellPage(int columns)
        : m_columns(columns)
    {}
    void add(QString id, std::vector<Cell> cells);
    [[nodiscard]] int size() const override { return static_cast<int>(m_ids.size()); }
    [[nodiscard]] QString id(int row) const override;
    [[nodiscard]] QVariant data(int row, int column, int role) const override;

private:
    int m_columns;
    std::vector<QString> m_ids;
    std::vector<Cell> m_cells;
};

// How a column of the report (core/query/tables) stands in its list; its words are the column's own.
template <typename Row>
struct Spec
{
    const char *column;
    int width;
    bool shown; // at first
    CellKind kind;
    Cell (*cell)(const Row &row);
    const char *filter = ""; // the field that RawRole is a value of, where it is not the column itself
};

[[nodiscard]] Column columnOf(query::Report report, const char *name, int width, bool shown, CellKind kind,
                              const char *filter);

template <typename Row>
QList<Column> columnsOf(query::Report report, const std::vector<Spec<Row>> &table)
{
    QList<Column> columns;
    for (const auto &s : table)
        columns << columnOf(report, s.column, s.width, s.shown, s.kind, s.filter);
    return columns;
}

template <typename Row>
std::vector<Cell> makeCells(const std::vector<Spec<Row>> &table, const Row &row)
{
    std::vector<Cell> cells;
    cells.reserve(table.size());
    for (const auto &spec : table)
        cells.push_back(spec.cell(row));
    return cells;
}

[[nodiscard]] QString dash();                      // for what is not there
[[nodiscard]] Cell textCell(const QString &words); // the dash when empty
[[nodiscard]] Cell textCell(std::string_view utf8);
[[nodiscard]] Cell numberCell(qint64 n);
[[nodiscard]] Cell timeCell(std::optional<Timestamp> t, bool seconds = false);
[[nodiscard]] Cell levelCell(RiskLevel level);
[[nodiscard]] Cell stateCell(RiskState state);
// "Porto, Porto district, Portugal": what is known of it, each once; the country by name.
[[nodiscard]] QString placeText(const std::string &city, const std::string &state,
                                const std::string &country);
[[nodiscard]] Cell placeCell(const std::string &city, const std::string &country);
[[nodiscard]] Cell networkCell(std::uint32_t asn, const std::string &organisation);
[[nodiscard]] Cell personCell(const std::string &name, const std::string &mail, bool blocked,
                              bool showMail = true);
[[nodiscard]] Cell yesNoCell(bool yes);
[[nodiscard]] Cell resultCell(Outcome outcome);

} // namespace riskdesk::models

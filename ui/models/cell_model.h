// CellModel: a short list that is read whole: the history of a user, the risky sign-ins in a pane. GUI
// thread.
#pragma once

#include "ui/models/cells.h"

#include <QAbstractTableModel>

namespace riskdesk::models {

// A column that neither sorts nor filters.
[[nodiscard]] inline Column shortColumn(const QString &title, int width, CellKind kind)
{
    Column column;
    column.title = title;
    column.width = width;
    column.shown = true;
    column.kind = kind;
    return column;
}

class CellModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    explicit CellModel(QList<Column> columns, QObject *parent = nullptr)
        : QAbstractTableModel(parent)
        , m_columns(std::move(columns))
    {}
    void setPage(std::shared_ptr<const RowPage> page);
    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QList<Column> m_columns;
    std::shared_ptr<const RowPage> m_page;
};

} // namespace riskdesk::models

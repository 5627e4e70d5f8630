#include "ui/models/cell_model.h"

namespace riskdesk::models {

void CellModel::setPage(std::shared_ptr<const RowPage> page)
{
    beginResetModel();
    m_page = std::move(page);
    endResetModel();
}

int CellModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_page ? 0 : m_page->size();
}

int CellModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant CellModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid) || role == TickRole || role == LoadingRole)
        return {};
    return role == IdRole ? QVariant(m_page->id(index.row()))
                          : m_page->data(index.row(), index.column(), role);
}

QVariant CellModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= m_columns.size())
        return {};
    const auto &column = m_columns[section];
    if (role == KindRole)
        return static_cast<int>(column.kind);
    if (role == WidthRole)
        return column.width;
    return role == Qt::DisplayRole   ? QVariant(column.title)
           : role == Qt::ToolTipRole ? QVariant(column.tip)
                                     : QVariant();
}

} // namespace riskdesk::models

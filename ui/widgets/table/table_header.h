// Header of TableView: a tick box for all rows at the leading edge, an arrow before the sorted title, columns
// moved by dragging. Titles of Time and Number columns stand at the trailing edge like their cells.
#pragma once

#include "ui/theme/theme.h"

#include <QHeaderView>

namespace riskdesk::widgets {

class TableView;

class TableHeader : public QHeaderView
{
    Q_OBJECT
public:
    TableHeader(const theme::Theme &theme, TableView *view);

    void setTickState(Qt::CheckState state);
    void setTickColumn(int column);
    void setSort(int column, Qt::SortOrder order);
    [[nodiscard]] int sortColumn() const { return m_sortColumn; }
    [[nodiscard]] Qt::SortOrder sortOrder() const { return m_sortOrder; }
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void tickClicked();
    void sortClicked(int column);
    void menuAsked(int column, const QPoint &globalPosition);

protected:
    void paintSection(QPainter *painter, const QRect &rect, int logicalIndex) const override;
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    [[nodiscard]] QRect tickRect() const;

    const theme::Theme &m_theme;
    Qt::CheckState m_tick = Qt::Unchecked;
    int m_tickColumn = -1;
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::DescendingOrder;
    QPoint m_pressed;
    bool m_resizing = false;
};

} // namespace riskdesk::widgets

#include "ui/widgets/table/table_header.h"

#include "ui/models/roles.h"
#include "ui/theme/style.h"
#include "ui/widgets/table/row_delegate.h"
#include "ui/widgets/table/table_view.h"

#include <QMouseEvent>
#include <QPainter>

namespace riskdesk::widgets {

using theme::Icon;
using theme::TextStyle;
using theme::Token;

TableHeader::TableHeader(const theme::Theme &theme, TableView *view)
    : QHeaderView(Qt::Horizontal, view)
    , m_theme(theme)
{
    setSectionsMovable(true);
    setSectionsClickable(true);
    setHighlightSections(false);
    setMinimumSectionSize(40);
    setStretchLastSection(false);
    setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    setTextElideMode(Qt::ElideRight);
    setAccessibleName(tr("Columns"));
}

QSize TableHeader::sizeHint() const
{
    return {QHeaderView::sizeHint().width(), m_theme.scaled(32)};
}

void TableHeader::setTickState(Qt::CheckState state)
{
    m_tick = state;
    viewport()->update();
}

void TableHeader::setTickColumn(int column)
{
    m_tickColumn = column;
    viewport()->update();
}

void TableHeader::setSort(int column, Qt::SortOrder order)
{
    m_sortColumn = column;
    m_sortOrder = order;
    viewport()->update();
}

QRect TableHeader::tickRect() const
{
    if (m_tickColumn < 0)
        return {};
    const int x = sectionViewportPosition(m_tickColumn);
    const bool mirrored = isRightToLeft();
    return QRect(mirrored ? x + sectionSize(m_tickColumn) - RowDelegate::tickWidth : x, 0,
                 RowDelegate::tickWidth, height());
}

void TableHeader::paintEvent(QPaintEvent *event)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), m_theme.color(Token::Surface));
    painter.fillRect(QRect(0, viewport()->height() - 1, viewport()->width(), 1),
                     m_theme.color(Token::Border));
    painter.end();
    QHeaderView::paintEvent(event);
}

void TableHeader::paintSection(QPainter *painter, const QRect &rect, int logicalIndex) const
{
    if (model() == nullptr || !rect.isValid())
        return;
    painter->fillRect(rect, m_theme.color(Token::Surface));
    painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), m_theme.color(Token::Border));
    const bool mirrored = isRightToLeft();
    QRectF room(rect.adjusted(8, 0, -8, -1));
    if (logicalIndex == m_tickColumn) {
        const QRect slot = tickRect();
        const QRectF box(slot.x() + (mirrored ? RowDelegate::tickWidth - 30 : 14), slot.center().y() - 7, 16,
                         16);
        theme::paintTickBox(*painter, m_theme, box, m_tick, true, false);
        mirrored ? room.setRight(room.right() - RowDelegate::tickWidth + 8)
                 : room.setLeft(room.left() + RowDelegate::tickWidth - 8);
    }
    const auto kind = model()->headerData(logicalIndex, orientation(), models::KindRole).toInt();
    bool trailing = kind == static_cast<int>(models::CellKind::Time) ||
                    kind == static_cast<int>(models::CellKind::Number);
    if (trailing)
        mirrored ? room.setLeft(room.left() + 6) : room.setRight(room.right() - 6);
    if (mirrored)
        trailing = !trailing;
    const QString text = model()->headerData(logicalIndex, orientation(), Qt::DisplayRole).toString();
    auto &glyphs = m_theme.text(TextStyle::TableHeader);
    const bool sorted = logicalIndex == m_sortColumn;
    painter->setPen(m_theme.color(sorted ? Token::Text : Token::Text2));
    if (!sorted) {
        glyphs.draw(*painter, room, text, trailing ? Qt::AlignRight : Qt::AlignLeft);
        return;
    }
    const qreal width = std::min(glyphs.width(text), std::max(0.0, room.width() - 18));
    const qreal x = trailing ? room.right() - width - 18 : room.left();
    const QRectF arrow(x, room.center().y() - 7, 14, 14);
    m_theme.paintIcon(*painter, arrow, m_sortOrder == Qt::DescendingOrder ? Icon::ArrowDown : Icon::ArrowUp,
                      Token::Accent);
    glyphs.draw(*painter, QRectF(x + 18, room.top(), width + 1, room.height()), text);
}

void TableHeader::mousePressEvent(QMouseEvent *event)
{
    m_pressed = event->position().toPoint();
    if (event->button() == Qt::LeftButton && tickRect().contains(m_pressed)) {
        Q_EMIT tickClicked();
        m_pressed = QPoint(-1, -1);
        event->accept();
        return;
    }
    QHeaderView::mousePressEvent(event);
    m_resizing = viewport()->cursor().shape() == Qt::SplitHCursor || cursor().shape() == Qt::SplitHCursor;
}

void TableHeader::mouseReleaseEvent(QMouseEvent *event)
{
    QHeaderView::mouseReleaseEvent(event);
    const QPoint at = event->position().toPoint();
    const bool click = m_pressed.x() >= 0 && (at - m_pressed).manhattanLength() < 4;
    if (event->button() == Qt::LeftButton && click && !m_resizing) {
        if (const int column = logicalIndexAt(at); column >= 0)
            Q_EMIT sortClicked(column);
    }
}

void TableHeader::contextMenuEvent(QContextMenuEvent *event)
{
    Q_EMIT menuAsked(logicalIndexAt(event->pos()), event->globalPos());
}

} // namespace riskdesk::widgets

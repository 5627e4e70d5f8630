#include "ui/widgets/table/table_view.h"

#include "ui/theme/style.h"
#include "ui/widgets/table/table_header.h"

#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

namespace riskdesk::widgets {

using theme::Token;

TableView::TableView(const Theme &theme, QWidget *parent)
    : QTableView(parent)
    , m_theme(theme)
    , m_delegate(new RowDelegate(theme, this))
    , m_header(new TableHeader(theme, this))
{
    setHorizontalHeader(m_header);
    setItemDelegate(m_delegate);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setMinimumSectionSize(20);
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    setWordWrap(false);
    setMouseTracking(true);
    setTabKeyNavigation(false); // the list is one tab stop
    setSelectionMode(QAbstractItemView::NoSelection);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollMode(QAbstractItemView::ScrollPerItem);
    setDensity(Density::Comfortable);
    // The header's box asks for everything unless everything is already there.
    connect(m_header, &TableHeader::tickClicked, this,
            [this] { ask(m_tickState == Qt::Checked ? SelectionAsk::None : SelectionAsk::All); });
    connect(m_header, &TableHeader::sortClicked, this, [this](int column) {
        if (!m_sortable)
            return;
        const bool again = m_header->sortColumn() == column;
        const bool down = again && m_header->sortOrder() == Qt::DescendingOrder;
        Q_EMIT sortAsked(column, down ? Qt::AscendingOrder : Qt::DescendingOrder);
    });
    connect(m_header, &TableHeader::menuAsked, this, &TableView::headerMenuAsked);
    connect(m_header, &QHeaderView::sectionMoved, this, &TableView::updateLead);
    connect(m_header, &QHeaderView::sectionResized, this, [this] {
        if (!m_fitting && m_header->isVisible() && (QGuiApplication::mouseButtons() & Qt::LeftButton))
            m_autoFit = false;
    });
    connect(&theme, &Theme::changed, this, [this] { setDensity(m_density); });
}

void TableView::setModel(QAbstractItemModel *model)
{
    QTableView::setModel(model);
    m_delegate->forgetColumns();
    if (model != nullptr) {
        connect(model, &QAbstractItemModel::modelReset, this, [this] {
            m_delegate->forgetColumns();
            m_delegate->setCurrentRow(currentIndex().row());
            updateLead();
        });
        connect(model, &QAbstractItemModel::columnsInserted, this, [this] { m_delegate->forgetColumns(); });
        connect(model, &QAbstractItemModel::headerDataChanged, this, [this] { m_delegate->forgetColumns(); });
    }
    updateLead();
    fitToWindow();
}

void TableView::setDensity(Density density)
{
    m_density = density;
    m_delegate->setDensity(density);
    verticalHeader()->setDefaultSectionSize(m_delegate->rowHeight());
    viewport()->update();
}

void TableView::setTicksShown(bool shown)
{
    m_ticks = shown;
    updateLead();
}

void TableView::setTickState(Qt::CheckState state)
{
    m_tickState = state;
    m_header->setTickState(state);
}

void TableView::setSortShown(int column, Qt::SortOrder order)
{
    m_header->setSort(column, order);
}

void TableView::setCurrentRow(int row)
{
    if (model() == nullptr || row < 0 || row >= model()->rowCount())
        return;
    const int column = std::max(0, m_header->logicalIndex(0));
    // After a reset the scroll bar still has the range of the rows before.
    executeDelayedItemsLayout();
    selectionModel()->setCurrentIndex(
        model()->index(row, currentIndex().isValid() ? currentIndex().column() : column),
        QItemSelectionModel::NoUpdate);
    scrollTo(currentIndex());
}

void TableView::setBusy(bool busy)
{
    m_busy = busy;
    m_delegate->setFaded(busy);
    viewport()->update();
}

void TableView::resizeEvent(QResizeEvent *event)
{
    // A pane that opens below takes its room from the list; the row that it shows stays in sight.
    const int row = currentRow();
    const int y = row >= 0 ? rowViewportPosition(row) : -1;
    const bool seen = y >= 0 && event->oldSize().isValid() && y < event->oldSize().height();
    QTableView::resizeEvent(event);
    if (m_autoFit)
        fitToWindow();
    if (seen)
        scrollTo(currentIndex());
}

void TableView::updateLead()
{
    int lead = -1;
    for (int visual = 0; visual < m_header->count() && lead < 0; ++visual)
        if (!m_header->isSectionHidden(m_header->logicalIndex(visual)))
            lead = m_header->logicalIndex(visual);
    m_delegate->setLeadColumn(lead);
    m_delegate->setTickColumn(m_ticks ? lead : -1);
    m_header->setTickColumn(m_ticks ? lead : -1);
    viewport()->update();
}

void TableView::ask(SelectionAsk::Kind kind, int first, int last)
{
    Q_EMIT selectionAsked({kind, std::min(first, last), std::max(first, last)});
}

void TableView::currentChanged(const QModelIndex &current, const QModelIndex &previous)
{
    QTableView::currentChanged(current, previous);
    m_delegate->setCurrentRow(current.row());
    updateRow(previous.row());
    updateRow(current.row());
    if (current.row() != previous.row())
        Q_EMIT currentRowChanged(current.row());
}

void TableView::updateRow(int row)
{
    if (row < 0)
        return;
    const int y = rowViewportPosition(row);
    viewport()->update(0, y - 1, viewport()->width(), rowHeight(row) + 2);
}

void TableView::setHover(int row)
{
    if (row == m_delegate->hoverRow())
        return;
    const int before = m_delegate->hoverRow();
    m_delegate->setHoverRow(row);
    updateRow(before);
    updateRow(row);
}

bool TableView::overTick(const QPoint &position) const
{
    if (!m_ticks)
        return false;
    const int lead = m_header->logicalIndexAt(position.x());
    if (lead < 0 || m_header->visualIndex(lead) < 0)
        return false;
    const int x = m_header->sectionViewportPosition(lead);
    const int inside = isRightToLeft() ? x + m_header->sectionSize(lead) - position.x() : position.x() - x;
    for (int visual = 0; visual < m_header->visualIndex(lead); ++visual)
        if (!m_header->isSectionHidden(m_header->logicalIndex(visual)))
            return false; // not the leading column
    return inside < RowDelegate::tickWidth - 4;
}

void TableView::moveTo(int row, bool extend)
{
    if (model() == nullptr || model()->rowCount() == 0)
        return;
    row = std::clamp(row, 0, model()->rowCount() - 1);
    if (extend && m_anchor < 0)
        m_anchor = std::max(0, currentRow());
    setCurrentRow(row);
    if (extend) {
        ask(SelectionAsk::Range, m_anchor, row);
    } else {
        m_anchor = row;
        ask(SelectionAsk::Moved, row, row);
    }
}

void TableView::keyPressEvent(QKeyEvent *event)
{
    m_keyboard = true;
    const auto modifiers = event->modifiers() & ~Qt::KeypadModifier;
    const bool shift = modifiers == Qt::ShiftModifier;
    const bool control = modifiers == Qt::ControlModifier;
    const bool none = modifiers == Qt::NoModifier;
    const int row = currentRow();
    const bool letters = m_letterKeys && (none || shift);
    const int page = std::max(1, viewport()->height() / std::max(1, m_delegate->rowHeight()) - 1);
    event->accept();
    switch (event->key()) {
    case Qt::Key_Up:
        if (none || shift)
            return moveTo(row - 1, shift);
        break;
    case Qt::Key_Down:
        if (none || shift)
            return moveTo(row + 1, shift);
        break;
    case Qt::Key_PageUp:
        if (none || shift)
            return moveTo(row - page, shift);
        break;
    case Qt::Key_PageDown:
        if (none || shift)
            return moveTo(row + page, shift);
        break;
    case Qt::Key_Home:
        if (none || shift)
            return moveTo(0, shift);
        break;
    case Qt::Key_End:
        if (none || shift)
            return moveTo(model() != nullptr ? model()->rowCount() - 1 : 0, shift);
        break;
    case Qt::Key_J:
        if (letters)
            return moveTo(row + 1, shift);
        break;
    case Qt::Key_K:
        if (letters)
            return moveTo(row - 1, shift);
        break;
    case Qt::Key_Space:
        if (row >= 0 && none)
            return ask(SelectionAsk::Toggle, row, row);
        break;
    case Qt::Key_A:
        if (control)
            return ask(SelectionAsk::All);
        if (modifiers == (Qt::ControlModifier | Qt::ShiftModifier))
            return ask(SelectionAsk::None);
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (row >= 0 && (none || control)) {
            Q_EMIT opened(row, control);
            return;
        }
        break;
    case Qt::Key_F:
        if (letters && currentIndex().isValid()) {
            Q_EMIT filterAsked(currentIndex(), shift);
            return;
        }
        break;
    case Qt::Key_C:
        if ((m_letterKeys && none) || control) {
            Q_EMIT copyAsked(currentIndex(), none);
            return;
        }
        break;
    case Qt::Key_Escape: Q_EMIT escaped(); return;
    case Qt::Key_Menu: // where the platform made no context menu event of it
    case Qt::Key_F10:
        if (event->key() == Qt::Key_Menu ? none : shift) {
            QContextMenuEvent asked(QContextMenuEvent::Keyboard, QPoint(), QPoint());
            contextMenuEvent(&asked);
            return;
        }
        break;
    case Qt::Key_Left:
    case Qt::Key_Right:
        // Moves between cells, so that F has a value to work on.
        QTableView::keyPressEvent(event);
        viewport()->update();
        return;
    default: break;
    }
    event->ignore();
}

void TableView::mousePressEvent(QMouseEvent *event)
{
    m_keyboard = false;
    const QModelIndex index = indexAt(event->position().toPoint());
    if (!index.isValid()) {
        QTableView::mousePressEvent(event);
        return;
    }
    if (event->button() == Qt::RightButton) {
        selectionModel()->setCurrentIndex(index, QItemSelectionModel::NoUpdate);
        return;
    }
    if (event->button() != Qt::LeftButton)
        return;
    const int row = index.row();
    const int from = m_anchor >= 0 ? m_anchor : row;
    selectionModel()->setCurrentIndex(index, QItemSelectionModel::NoUpdate);
    if (event->modifiers() & Qt::ShiftModifier) {
        ask(event->modifiers() & Qt::ControlModifier ? SelectionAsk::AddRange : SelectionAsk::Range, from,
            row);
        return;
    }
    m_anchor = row;
    if (overTick(event->position().toPoint()) || (event->modifiers() & Qt::ControlModifier))
        ask(SelectionAsk::Toggle, row, row);
    else
        ask(SelectionAsk::Only, row, row);
}

void TableView::mouseDoubleClickEvent(QMouseEvent *event)
{
    const QModelIndex index = indexAt(event->position().toPoint());
    if (event->button() == Qt::LeftButton && index.isValid() && !overTick(event->position().toPoint()))
        Q_EMIT opened(index.row(), false);
    else
        mousePressEvent(event); // quick clicks on a tick box are two toggles
}

void TableView::mouseMoveEvent(QMouseEvent *event)
{
    setHover(indexAt(event->position().toPoint()).row());
}

void TableView::leaveEvent(QEvent *event)
{
    setHover(-1);
    QTableView::leaveEvent(event);
}

void TableView::scrollContentsBy(int dx, int dy)
{
    QTableView::scrollContentsBy(dx, dy);
    if (underMouse())
        setHover(indexAt(viewport()->mapFromGlobal(QCursor::pos())).row());
    if (hasFocus() && m_keyboard)
        viewport()->update(); // the ring spans the row and must not be smeared
}

void TableView::paintEvent(QPaintEvent *event)
{
    {
        // Rows reach to the edge even where the columns end before it.
        QPainter ground(viewport());
        ground.fillRect(event->rect(), m_theme.color(Token::Surface));
        const int end = m_header->length() - m_header->offset();
        const int rest = viewport()->width() - end;
        if (rest > 0 && model() != nullptr) {
            const int x = isRightToLeft() ? 0 : end;
            for (int row = std::max(0, rowAt(0)); row < model()->rowCount(); ++row) {
                const int y = rowViewportPosition(row);
                if (y > viewport()->height())
                    break;
                const int tall = m_delegate->rowHeight();
                const bool marked = row == currentRow() ||
                                    (m_ticks && model()->index(row, 0).data(models::TickRole).toBool());
                const Token token = marked                          ? Token::AccentTint
                                    : row == m_delegate->hoverRow() ? Token::Surface2
                                                                    : Token::Surface;
                ground.fillRect(x, y, rest, tall, m_theme.color(token));
                ground.fillRect(x, y + tall - 1, rest, 1, m_theme.color(Token::Border));
            }
        }
    }
    QTableView::paintEvent(event);
    QPainter painter(viewport());
    if (hasFocus() && m_keyboard && currentIndex().isValid()) {
        const int row = currentRow();
        const QRectF ring(0, rowViewportPosition(row), viewport()->width(), rowHeight(row));
        theme::paintFocusRing(painter, m_theme, ring.adjusted(0, 0, 0, -1), 4);
    }
    if (m_busy)
        painter.fillRect(QRect(0, 0, viewport()->width(), 2), m_theme.color(Token::Accent));
}

void TableView::focusInEvent(QFocusEvent *event)
{
    const Qt::FocusReason reason = event->reason();
    if (reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason || reason == Qt::ShortcutFocusReason)
        m_keyboard = true;
    else if (reason == Qt::MouseFocusReason)
        m_keyboard = false; // coming back to the window or from a sheet leaves it as it was
    if (!currentIndex().isValid() && model() != nullptr && model()->rowCount() > 0 && m_keyboard)
        setCurrentRow(0);
    QTableView::focusInEvent(event);
    viewport()->update();
}

void TableView::focusOutEvent(QFocusEvent *event)
{
    QTableView::focusOutEvent(event);
    viewport()->update();
}

void TableView::contextMenuEvent(QContextMenuEvent *event)
{
    QModelIndex index = indexAt(event->pos());
    QPoint at = event->globalPos();
    if (event->reason() == QContextMenuEvent::Keyboard) {
        index = currentIndex();
        at = viewport()->mapToGlobal(visualRect(index).bottomLeft() + QPoint(24, 0));
    }
    if (index.isValid())
        Q_EMIT rowMenuAsked(index, at);
}

void TableView::changeEvent(QEvent *event)
{
    QTableView::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        viewport()->update();
}

TableView *shortList(const theme::Theme &theme, QAbstractItemModel *model, const QString &name)
{
    auto *view = new TableView(theme);
    view->setTicksShown(false);
    view->setSortable(false);
    view->setDensity(Density::Compact);
    view->setModel(model);
    view->setAccessibleName(name);
    return view;
}

} // namespace riskdesk::widgets

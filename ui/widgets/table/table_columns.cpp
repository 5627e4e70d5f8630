// Columns of TableView: which are shown, how wide they are, and keeping both over a restart.
#include "ui/widgets/table/table_header.h"
#include "ui/widgets/table/table_view.h"

#include <algorithm>

namespace riskdesk::widgets {

void TableView::fitToWindow()
{
    if (model() == nullptr || viewport()->width() < 100)
        return;
    m_autoFit = true;
    m_fitting = true;
    struct Share
    {
        int column;
        int least;
        int weight;
    };
    QList<Share> shares;
    int fixed = 0;
    int weights = 0;
    for (int column = 0; column < m_header->count(); ++column) {
        if (m_header->isSectionHidden(column))
            continue;
        Share share{column, 120, 0};
        const auto kind = static_cast<models::CellKind>(
            model()->headerData(column, Qt::Horizontal, models::KindRole).toInt());
        const bool leads = column == m_header->logicalIndex(0);
        switch (kind) {
        case models::CellKind::Person: share = {column, leads ? 150 : 128, leads ? 10 : 3}; break;
        case models::CellKind::Level: share.least = 98; break;
        case models::CellKind::State: share.least = 122; break;
        case models::CellKind::Spark: share.least = 104; break;
        case models::CellKind::Detection:
        case models::CellKind::TextChip: share = {column, 150, leads ? 6 : 4}; break;
        case models::CellKind::Chips: share = {column, 112, 4}; break;
        case models::CellKind::Place: share = {column, 116, 2}; break;
        case models::CellKind::Time: share.least = 126; break;
        case models::CellKind::Number: share.least = 90; break;
        case models::CellKind::Result: share.least = 120; break;
        case models::CellKind::Text:
        case models::CellKind::Secondary: share = {column, 110, 2}; break;
        }
        // What a column is known to want decides what it gets of the rest.
        const int wanted = model()->headerData(column, Qt::Horizontal, models::WidthRole).toInt();
        if (kind == models::CellKind::Time)
            share.least = std::max(share.least, wanted); // seconds
        else if (share.weight > 0 && wanted > 0)
            share.weight = std::max(1, wanted - share.least);
        share.least = m_theme.scaled(share.least);
        if (share.weight == 0 && model()->rowCount() > 0) {
            // Times with seconds, long words of another language.
            const QVariant text = model()->index(0, column).data();
            share.least = std::max(
                share.least,
                static_cast<int>(m_theme.text(theme::TextStyle::Body).tabularWidth(text.toString())) + 34);
        }
        if (m_ticks && leads)
            share.least += RowDelegate::tickWidth;
        fixed += share.least;
        weights += share.weight;
        shares.append(share);
    }
    int rest = std::max(0, viewport()->width() - fixed);
    for (const Share &share : shares) {
        const int extra = weights > 0 ? rest * share.weight / weights : 0;
        rest -= extra;
        weights -= share.weight;
        m_header->resizeSection(share.column, share.least + extra);
    }
    m_fitting = false;
}

void TableView::fitToContents()
{
    m_autoFit = false;
    if (model() == nullptr)
        return;
    const int top = std::max(0, rowAt(0));
    const int bottom = std::min(model()->rowCount(), top + 60);
    for (int column = 0; column < m_header->count(); ++column) {
        if (m_header->isSectionHidden(column))
            continue;
        const QString title = model()->headerData(column, Qt::Horizontal).toString();
        int width = static_cast<int>(m_theme.text(theme::TextStyle::TableHeader).width(title)) + 40;
        for (int row = top; row < bottom; ++row)
            width = std::max(width, m_delegate->sizeHint({}, model()->index(row, column)).width());
        m_header->resizeSection(column, width);
    }
}

bool TableView::setColumnShown(int column, bool shown)
{
    if (!shown) {
        const int visible = m_header->count() - m_header->hiddenSectionCount();
        if (column == 0 || visible <= 2)
            return false;
    }
    setColumnHidden(column, !shown);
    if (shown && columnWidth(column) < 24)
        setColumnWidth(column, 120);
    if (m_autoFit)
        fitToWindow();
    updateLead();
    return true;
}

QByteArray TableView::saveColumns() const
{
    // Whether widths follow the window comes first.
    return QByteArray(1, m_autoFit ? 'f' : 'w') + m_header->saveState();
}

void TableView::restoreColumns(const QByteArray &state)
{
    const bool restored = m_header->restoreState(state.mid(1));
    for (int i = 0; i < m_header->count(); ++i)
        if (!m_header->isSectionHidden(i) && m_header->sectionSize(i) < 24)
            m_header->resizeSection(i, 120);
    if (m_header->count() > 0 && m_header->isSectionHidden(0))
        m_header->showSection(0);
    updateLead();
    if (restored && state.startsWith('w'))
        m_autoFit = false;
    else
        fitToWindow();
}

} // namespace riskdesk::widgets

// Paints every cell of every list. What a column is comes from its header (models::KindRole), what a cell
// says from the roles of ui/models/roles.h. Text goes through the theme's glyph runs; pills, avatars, chips
// and sparklines are kept as pixmaps, so that a full window of rows repaints several times faster than with
// Qt's own delegate (tests/bench/bench_painting.cpp).
//
// The view tells which row is current and which one the pointer is over, and which column carries the tick
// boxes.
#pragma once

#include "ui/widgets/controls/badges.h"

#include <QCache>
#include <QPixmap>
#include <QStyledItemDelegate>

#include <functional>
#include <vector>

namespace riskdesk::widgets {

enum class Density { Comfortable, Compact };

class RowDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    explicit RowDelegate(const Theme &theme, QObject *parent = nullptr);

    static constexpr int tickWidth = 44;

    void setDensity(Density density);
    [[nodiscard]] int rowHeight() const;
    void setCurrentRow(int row) { m_currentRow = row; }
    void setHoverRow(int row) { m_hoverRow = row; }
    [[nodiscard]] int hoverRow() const { return m_hoverRow; }
    // The column at the leading edge; -1 for lists without ticks.
    void setTickColumn(int column) { m_tickColumn = column; }
    void setLeadColumn(int column) { m_leadColumn = column; }
    // Rows older than the question are shown at 60 % while the new answer is awaited.
    void setFaded(bool faded) { m_faded = faded; }
    // After the columns of the model changed.
    void forgetColumns() { m_kinds.clear(); }

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

    // What of a mail address fits into `room`: its end stays, which says whose it is.
    [[nodiscard]] static QString shortMail(theme::GlyphText &text, const QString &mail, qreal room);

private:
    struct Cell;
    [[nodiscard]] models::CellKind kindOf(const QModelIndex &index) const;
    void paintPerson(Cell &cell) const;
    void paintDetection(Cell &cell) const;
    void paintTextChip(Cell &cell) const;
    void paintChips(Cell &cell) const;
    void paintPlace(Cell &cell) const;
    void paintSparkCell(Cell &cell) const;
    void paintResult(Cell &cell) const;
    void paintText(Cell &cell, theme::TextStyle style, theme::Token token) const;
    // Draws once per key and device ratio, then copies pixels.
    void stamp(Cell &cell, const QString &key, const QRectF &rect,
               const std::function<void(QPainter &, const QRectF &)> &draw) const;

    const Theme &m_theme;
    Density m_density = Density::Comfortable;
    int m_currentRow = -1;
    int m_hoverRow = -1;
    int m_tickColumn = -1;
    int m_leadColumn = -1;
    bool m_faded = false;
    mutable std::vector<int> m_kinds; // by logical column, -1 unknown
    mutable QCache<QString, QPixmap> m_stamps;
};

} // namespace riskdesk::widgets

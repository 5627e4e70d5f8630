// The list of every page: QTableView with our delegate, no grid, no row header, tick boxes at the leading
// edge and a header whose box stands for all rows of the filter. The view never owns a selection: it says
// what the person asked for and shows what the model answers (models::TickRole), so that "all 48,210" costs
// nothing.
//
//     view.setModel(rows);
//     connect(&view, &TableView::selectionAsked, page, ...);      // then rows emit dataChanged
//     connect(&view, &TableView::currentRowChanged, pane, ...);
//     view.setTickState(Qt::PartiallyChecked);                    // the box in the header
//
// Keys while the list has focus: Up/Down/J/K, Space, Shift+Up/Down, Ctrl+A, Ctrl+Shift+A, Enter, Ctrl+Enter,
// F, Shift+F, C, Ctrl+C, Esc, Menu. Sorting is asked for, not done.
#pragma once

#include "ui/widgets/table/row_delegate.h"

#include <QTableView>

namespace riskdesk::widgets {

class TableHeader;

struct SelectionAsk
{
    // Moved: the current row went there by a key, which selects nothing by itself.
    enum Kind { Only, Toggle, Range, AddRange, All, None, Moved };
    Kind kind = Only;
    int first = -1; // rows of the model, inclusive
    int last = -1;
};

class TableView : public QTableView
{
    Q_OBJECT
public:
    explicit TableView(const Theme &theme, QWidget *parent = nullptr);

    void setModel(QAbstractItemModel *model) override;
    void setDensity(Density density);
    [[nodiscard]] Density density() const { return m_density; }
    void setTicksShown(bool shown);
    // The box in the header: none, some or all rows of the filter.
    void setTickState(Qt::CheckState state);
    // Arrow in the header; column -1 shows none.
    void setSortShown(int column, Qt::SortOrder order);
    void setSortable(bool sortable) { m_sortable = sortable; }
    [[nodiscard]] int currentRow() const { return currentIndex().row(); }
    void setCurrentRow(int row);
    // A thin bar under the header, old rows faint.
    void setBusy(bool busy);
    // Single letters (J, K, F, C) may be turned off.
    void setLetterKeys(bool on) { m_letterKeys = on; }
    // Widths by kind of column; names and texts share what is left of the window. Also done by itself on
    // resizing, until a person sets a width.
    void fitToWindow();
    void fitToContents();
    // Shows or hides a column; the first column and one more always stay. False when refused.
    bool setColumnShown(int column, bool shown);
    [[nodiscard]] QByteArray saveColumns() const;
    // Widths below 24 px are repaired.
    void restoreColumns(const QByteArray &state);
    [[nodiscard]] RowDelegate &delegate() { return *m_delegate; }
    [[nodiscard]] const Theme &theme() const { return m_theme; }

Q_SIGNALS:
    void selectionAsked(const riskdesk::widgets::SelectionAsk &ask);
    void currentRowChanged(int row);
    void sortAsked(int column, Qt::SortOrder order);
    void opened(int row, bool inOwnWindow);
    void filterAsked(const QModelIndex &cell, bool exclude); // F, Shift+F
    void copyAsked(const QModelIndex &cell, bool cellOnly);  // Ctrl+C, C
    void rowMenuAsked(const QModelIndex &cell, const QPoint &globalPosition);
    void headerMenuAsked(int column, const QPoint &globalPosition);
    void escaped();

protected:
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override;
    void keyPressEvent(QKeyEvent *event) override;
    void keyboardSearch(const QString &) override {} // the search box does that
    void mousePressEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;
    void scrollContentsBy(int dx, int dy) override;
    void changeEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    friend class TableHeader;
    void ask(SelectionAsk::Kind kind, int first = -1, int last = -1);
    void moveTo(int row, bool extend);
    void setHover(int row);
    void updateLead();
    void updateRow(int row);
    [[nodiscard]] bool overTick(const QPoint &position) const;

    const Theme &m_theme;
    RowDelegate *m_delegate;
    TableHeader *m_header;
    Density m_density = Density::Comfortable;
    Qt::CheckState m_tickState = Qt::Unchecked;
    bool m_ticks = true;
    bool m_sortable = true;
    bool m_busy = false;
    bool m_letterKeys = true;
    bool m_keyboard = false; // the ring is shown after a key, not after a click
    int m_anchor = -1;
    bool m_autoFit = true;
    bool m_fitting = false;
};

// A list in a pane: compact, without tick boxes, in the order in which it is given.
[[nodiscard]] TableView *shortList(const theme::Theme &theme, QAbstractItemModel *model, const QString &name);

} // namespace riskdesk::widgets

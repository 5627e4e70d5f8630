// ReportPage: menus and keys, copying, the pane in a window of its own, and what is kept over a restart.
#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/pages/report_page.h"
#include "ui/widgets/charts/kpi_strip.h"
#include "ui/widgets/frame/details_pane.h"
#include "ui/widgets/table/table_view.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QTabBar>
#include <QVBoxLayout>

namespace riskdesk::pages {

// Holds the pane while it stands alone; closing it gives the pane back.
class PaneWindow final : public QWidget
{
public:
    PaneWindow(widgets::DetailsPane *pane, const QString &title, QWidget *page, std::function<void()> back)
        : QWidget(page, Qt::Window)
        , m_back(std::move(back))
    {
        setObjectName(QStringLiteral("paneWindow"));
        setAttribute(Qt::WA_DeleteOnClose);
        setWindowTitle(title);
        auto *column = new QVBoxLayout(this);
        column->setContentsMargins(10, 10, 10, 10);
        column->addWidget(pane);
        connect(new QShortcut(QKeySequence(Qt::Key_Escape), this), &QShortcut::activated, this,
                &QWidget::close);
    }

protected:
    void closeEvent(QCloseEvent *event) override
    {
        m_back();
        QWidget::closeEvent(event);
    }

private:
    std::function<void()> m_back;
};

void ReportPage::setRowCommands(const QList<widgets::Command> &commands)
{
    m_rowCommands = commands;
    for (const auto &one : commands)
        if (!one.shortcut.isEmpty())
            addKey(one.shortcut, [this, id = one.id] { keyed(id); });
}

void ReportPage::keyed(const QString &id)
{
    const auto other = insteadOf(id);
    const bool refused = !refusalOf(id).isEmpty();
    const auto wanted = refused && !other.isEmpty() ? other : id;
    pressed(wanted, m_commands->anchor(wanted));
}

// Holds while the page is shown, wherever in the window the focus is.
void ReportPage::addKey(const QString &keys, const std::function<void()> &run)
{
    connect(new QShortcut(QKeySequence(keys), this), &QShortcut::activated, this, run);
}

void ReportPage::addKeys()
{
    addKey(QStringLiteral("Ctrl+L"), [this] { m_pills->focusPills(); });
    addKey(QStringLiteral("Ctrl+Shift+L"), [this] { Q_EMIT m_pills->resetAsked(); });
    addKey(QStringLiteral("Ctrl+E"), [this] { pressed(QStringLiteral("export"), m_commands); });
    addKey(QStringLiteral("Ctrl+Shift+E"),
           [this] { pressed(QStringLiteral("columns"), m_commands->anchor(QStringLiteral("columns"))); });
    addKey(QStringLiteral("F9"), [this] { showPane(m_paneHidden); });
    addKey(QStringLiteral("Alt+Up"), [this] { step(-1); });
    addKey(QStringLiteral("Alt+Down"), [this] { step(1); });
    if (m_figures != nullptr)
        addKey(QStringLiteral("F8"), [this] { m_figures->setVisible(!m_figures->isVisible()); });
    for (int tab = 0; tab < 7; ++tab)
        addKey(QStringLiteral("Alt+%1").arg(tab + 1), [this, tab] {
            if (tab >= m_pane->tabCount())
                return;
            showPane(true);
            m_pane->setCurrentTab(tab);
        });
    // Single letters and signs belong to the list.
    for (const int step : {-1, 1}) {
        auto *key =
            new QShortcut(QKeySequence(step < 0 ? Qt::Key_BracketLeft : Qt::Key_BracketRight), m_table);
        key->setContext(Qt::WidgetShortcut);
        connect(key, &QShortcut::activated, this, [this, step] { stepPeriod(step); });
    }
}

void ReportPage::step(int rows)
{
    const int row = m_table->currentRow() + rows;
    if (row < 0 || row >= m_model->rowCount())
        return;
    m_table->setCurrentRow(row);
    select({widgets::SelectionAsk::Moved, row, row});
}

void ReportPage::showPane(bool shown)
{
    const bool held = m_pane->isAncestorOf(QApplication::focusWidget());
    m_paneHidden = !shown;
    m_pane->setVisible(shown && m_model->rowCount() > 0);
    if (held && !shown)
        m_table->setFocus(Qt::OtherFocusReason);
}

void ReportPage::openPaneWindow()
{
    if (m_paneWindow != nullptr) {
        m_paneWindow->activateWindow();
        return;
    }
    if (m_model->rowCount() == 0)
        return;
    const QSize size = m_pane->size();
    m_splitterSizes = m_splitter->sizes();
    m_pane->setWindowButtonsShown(false);
    m_paneWindow = new PaneWindow(m_pane, title(), this, [this] {
        m_pane->setWindowButtonsShown(true);
        m_splitter->addWidget(m_pane);
        m_splitter->setSizes(m_splitterSizes);
        m_pane->setVisible(!m_paneHidden && m_model->rowCount() > 0);
        m_table->setFocus(Qt::OtherFocusReason);
    });
    m_paneWindow->resize(size.expandedTo({900, 420}));
    m_pane->show();
    m_paneWindow->show();
    m_paneWindow->activateWindow();
    if (!m_pane->isOfSeveral())
        m_pane->tabs()->setFocus(Qt::OtherFocusReason);
}

void ReportPage::focusPane()
{
    showPane(true);
    if (!m_pane->isOfSeveral())
        m_pane->tabs()->setFocus(Qt::TabFocusReason);
}

void ReportPage::saveState(QSettings &settings) const
{
    settings.beginGroup(id());
    settings.setValue(QStringLiteral("columns"), m_table->saveColumns());
    settings.setValue(QStringLiteral("sort"), m_sortColumn);
    settings.setValue(QStringLiteral("descending"), m_sortDescending);
    settings.setValue(QStringLiteral("splitter"),
                      m_paneWindow == nullptr ? m_splitter->saveState() : QByteArray());
    settings.setValue(QStringLiteral("paneHidden"), m_paneHidden);
    if (m_figures != nullptr)
        settings.setValue(QStringLiteral("figures"), !m_figures->isHidden());
    settings.endGroup();
}

void ReportPage::restoreState(QSettings &settings)
{
    settings.beginGroup(id());
    if (const auto columns = settings.value(QStringLiteral("columns")).toByteArray(); !columns.isEmpty())
        m_table->restoreColumns(columns);
    if (const auto sizes = settings.value(QStringLiteral("splitter")).toByteArray(); !sizes.isEmpty())
        m_splitter->restoreState(sizes);
    m_paneHidden = settings.value(QStringLiteral("paneHidden"), false).toBool();
    if (m_figures != nullptr)
        m_figures->setVisible(settings.value(QStringLiteral("figures"), true).toBool());
    const auto sort = settings.value(QStringLiteral("sort")).toString();
    for (int i = 0; i < m_model->columnCount(); ++i)
        if (!sort.isEmpty() && m_model->columns()[i].id == sort) {
            m_sortColumn = sort;
            m_sortDescending = settings.value(QStringLiteral("descending"), true).toBool();
            m_table->setSortShown(i, m_sortDescending ? Qt::DescendingOrder : Qt::AscendingOrder);
        }
    settings.endGroup();
}

void ReportPage::rowMenu(const QModelIndex &cell, const QPoint &at)
{
    // A menu is of the row it opens on, also where others are selected.
    if (cell.isValid() && m_model->selectedCount() > 0 && !m_model->isSelected(m_model->idAt(cell.row())))
        select({widgets::SelectionAsk::Only, cell.row(), cell.row()});
    auto *menu = widgets::freshMenu(this, QStringLiteral("rowMenu"));
    const auto add = [&](const QString &words, const QString &keys, const std::function<void()> &run) {
        auto *action = menu->addAction(keys.isEmpty() ? words : words + u'\t' + keys);
        connect(action, &QAction::triggered, this, run);
    };
    if (cell.isValid()) {
        add(tr("Open in own window"), QStringLiteral("Ctrl+Enter"), [this] { openPaneWindow(); });
        const auto value = cell.data(models::RawRole).toString();
        const auto shown = cell.data().toString();
        const auto &column = m_model->columns()[cell.column()];
        if (!value.isEmpty() && isField(column.field())) {
            const auto brief = shown.size() > 40 ? shown.left(39) + QChar(0x2026) : shown;
            for (const bool hide : {false, true})
                add((hide ? tr("Hide: %1 is %2") : tr("Show only: %1 is %2")).arg(column.title, brief),
                    hide ? QStringLiteral("Shift+F") : QStringLiteral("F"),
                    [this, field = column.field(), value, hide] { filterBy(field, value, hide); });
        }
        add(tr("Copy cell"), QStringLiteral("C"), [shown] { QApplication::clipboard()->setText(shown); });
        add(tr("Copy rows"), QStringLiteral("Ctrl+C"), // The list may be read anew while the menu is open.
            [this, id = m_model->idAt(cell.row())] { copyRows(m_model->rowOf(id)); });
        menu->addSeparator();
    }
    QList<widgets::Command> commands;
    for (auto command : m_rowCommands) {
        command.refused = refusalOf(command.id);
        commands << command;
    }
    widgets::fillMenu(menu, m_context.theme, commands,
                      [this](const QString &id) { pressed(id, m_commands->anchor(id)); });
    menu->popup(at);
}

void ReportPage::headerMenu(const QPoint &at)
{
    auto *menu = widgets::freshMenu(this, QStringLiteral("headerMenu"));
    for (int i = 1; i < m_model->columnCount(); ++i) {
        auto *action = menu->addAction(m_model->columns()[i].title);
        action->setCheckable(true);
        action->setChecked(!m_table->isColumnHidden(i));
        action->setToolTip(m_model->columns()[i].tip);
        connect(action, &QAction::toggled, this, [this, i](bool on) {
            m_table->setColumnShown(i, on);
            m_table->fitToWindow();
        });
    }
    menu->addSeparator();
    connect(menu->addAction(tr("Fit to window")), &QAction::triggered, m_table,
            &widgets::TableView::fitToWindow);
    connect(menu->addAction(tr("Fit to contents")), &QAction::triggered, m_table,
            &widgets::TableView::fitToContents);
    menu->setToolTipsVisible(true);
    menu->popup(at);
}

void ReportPage::copyRows(int row)
{
    auto ids = m_model->selectedIds();
    if (ids.empty() && row >= 0 && row < m_model->rowCount())
        ids.push_back(m_model->idAt(row));
    if (ids.empty())
        return;
    QStringList head;
    QList<int> columns;
    const auto *header = m_table->horizontalHeader();
    for (int visual = 0; visual < m_model->columnCount(); ++visual) {
        const int column = header->logicalIndex(visual);
        if (m_table->isColumnHidden(column))
            continue;
        columns << column;
        head << m_model->columns()[column].title;
        if (m_model->columns()[column].kind == models::CellKind::Person)
            head << tr("Sign-in name");
    }
    // Most selected rows were never on the screen; they are read for this.
    m_copyTicket = m_context.readers->ask(
        this, m_copyTicket,
        [ids, columns, head, kinds = m_model->columns(),
         source = m_source](store::Connection &db, std::stop_token stop) -> Result<QStringList> {
            QStringList lines;
            if (ids.size() > 1) // one row explains itself
                lines << head.join(QLatin1Char('\t'));
            constexpr std::size_t atOnce = 512;
            for (std::size_t i = 0; i < ids.size(); i += atOnce) {
                const std::span some(ids.data() + i, std::min(atOnce, ids.size() - i));
                auto page = source->readPage(db, some, stop);
                if (!page)
                    return tl::unexpected(page.error());
                for (int r = 0; r < (*page)->size(); ++r) {
                    QStringList cells;
                    for (const int column : columns) {
                        const auto raw = (*page)->data(r, column, models::RawRole).toString();
                        const auto shown = (*page)->data(r, column, Qt::DisplayRole).toString().simplified();
                        // The screen leaves out this year, the zone and long addresses; other people need
                        // them.
                        const auto time = Timestamp::fromIso(
                            kinds[column].kind == models::CellKind::Time ? raw.toStdString() : std::string());
                        cells << (time ? models::isoTime(*time) : shown);
                        if (kinds[column].kind == models::CellKind::Person)
                            cells << raw.simplified();
                    }
                    lines << cells.join(QLatin1Char('\t'));
                }
            }
            return lines;
        },
        [this, rows = static_cast<int>(ids.size())](Result<QStringList> lines) {
            if (!lines) {
                m_commands->setFeedback(models::Tone::Bad, models::errorText(lines.error()));
                return;
            }
            QApplication::clipboard()->setText(lines->join(QLatin1Char('\n')));
            m_commands->setFeedback(models::Tone::Good, tr("Copied %Ln row(s)", nullptr, rows));
        });
}

} // namespace riskdesk::pages

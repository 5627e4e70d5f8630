// ReportPage: what Risky users and Risk detections have in common: title with period, command bar, search and
// pills, figures with a chart, the list, and the details pane below it. A report fills in its columns, pills,
// commands and pane.
//
// All reading goes through Context::readers; the page never waits. GUI thread.
#pragma once

#include "core/query/report.h"

#include "ui/models/list_model.h"
#include "ui/pages/context.h"
#include "ui/pages/decisions.h"
#include "ui/widgets/controls/command_bar.h"
#include "ui/widgets/controls/pill_bar.h"
#include "ui/window/page.h"

#include <QHash>
#include <QPointer>
#include <QStringList>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>

class QSettings;
class QSplitter;
class QStackedWidget;
class QVBoxLayout;

namespace riskdesk::widgets {
class DayBars;
class DetailsPane;
class EmptyState;
class FilterPill;
class KpiStrip;
class MessageBar;
class PageHeader;
class TableView;
struct SelectionAsk;
struct WayOut;
} // namespace riskdesk::widgets

namespace riskdesk::pages {

struct ExportTarget;

class ReportPage : public window::Page
{
    Q_OBJECT
public:
    struct PillSpec
    {
        QString field; // core/query/filter/fields.h
        QString name;
    };
    ReportPage(Context &context, query::Report report, const QString &title,
               std::shared_ptr<const models::RowSource> source, const QList<PillSpec> &pills,
               const QString &searchHint, bool figures);

    // A built-in view: sets filter and period as the view says and clears the search. "": as it was left, at
    // first the opening view.
    void enter(const QString &view) override;
    [[nodiscard]] QString view() const override { return m_view; }
    void focusContent() override;
    void focusSearch() override;
    [[nodiscard]] QList<QWidget *> regions() const override;
    void refresh() override;
    // The directory changed: everything is asked anew.
    void reopen();
    [[nodiscard]] bool wasEntered() const { return m_entered; }
    void retranslateTimes();
    void actingChanged(); // who acts may do more, or less
    // Becomes the current row; filters that hide it give way.
    void openRow(std::int64_t id);
    void searchFor(const QString &text);
    // Rows of a filter (core/query/filter/filter_text.h) instead of those of a view; no period: every time.
    void showFiltered(const QString &filter, const std::optional<query::Period> &period);
    void undoLast() { m_decisions->undo(); }
    void redoLast() { m_decisions->redo(); }
    void openPaneWindow();
    [[nodiscard]] const QList<widgets::Command> &rowCommands() const { return m_rowCommands; }
    void keyed(const QString &id); // as if its key had been pressed
    void saveState(QSettings &settings) const;
    void restoreState(QSettings &settings);

    [[nodiscard]] models::ListModel &model() { return *m_model; }
    // Asked, and the list not there yet; what it shows may be out of date.
    [[nodiscard]] bool isBusy() const { return m_asking.waits() || m_model->isBusy(); }
    // Neither the list nor what stands above it waits for an answer.
    [[nodiscard]] virtual bool isFilled() const { return !isBusy(); }

Q_SIGNALS:
    void decided(); // something was written; other pages show the same rows
    void importAsked();
    void directoryAsked(); // a new one

protected:
    [[nodiscard]] virtual QString openingView() const = 0;
    // The pane for one row; called with the newest current row only.
    virtual void showRow(std::int64_t id) = 0;
    virtual void fillFigures(const query::Question &question) { Q_UNUSED(question) }
    // Words for the status bar and the count beside the title.
    [[nodiscard]] virtual QString countWords(int rows) const = 0;
    virtual void command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener) = 0;
    [[nodiscard]] virtual QString nothingSelected() const = 0;
    // Somebody asked for a row that the whole list does not hold.
    [[nodiscard]] virtual QString notInList() const = 0;
    // In the pane while several rows are selected: what the commands then do.
    [[nodiscard]] virtual QString severalSelected() const
    {
        return tr("The commands of the bar above the list act on all of them. To see one, select it alone.");
    }
    // A key that means two commands takes the other one where the first is refused: block, unblock.
    [[nodiscard]] virtual QString insteadOf(const QString &id) const
    {
        Q_UNUSED(id)
        return {};
    }
    // All commands on rows: for the row menu, and their keys.
    void setRowCommands(const QList<widgets::Command> &commands);
    // Why a command cannot be done to the current row; empty: it can.
    void setRefusals(const QHash<QString, QString> &reasons);
    void setCondition(const QString &field, const QList<query::Value> &values);
    void setFixedPeriod(const query::Period &period);
    // Asks for a file and has `write` put the rows of the question there, on a reader's thread (export_rows.h), with
    // progress in the message bar and a way to stop it.
    using WriteRows = std::function<Result<std::size_t>(store::Connection &, const query::Question &,
                                                        const ExportTarget &)>;
    void exportTo(const QString &title, WriteRows write);
    [[nodiscard]] static widgets::Command exportCommand(); // id "export"
    void exportRowsTo(const QString &title, WriteRows write, bool tickedOnly);
    [[nodiscard]] QString exportName() const;
    bool stopExport(); // false: there was none
    [[nodiscard]] std::vector<std::int64_t> selectedOrCurrent() const;
    [[nodiscard]] std::int64_t currentId() const; // 0: none
    [[nodiscard]] const query::Question &question() const { return m_question; }
    void pressed(const QString &id, QWidget *opener);
    void setPosition();
    // A chart of the page's own between the pills and the list.
    void setStrip(QWidget *strip);

    Context &m_context;
    query::Report m_report;
    Decisions *m_decisions;
    widgets::PageHeader *m_header;
    widgets::CommandBar *m_commands;
    widgets::PillBar *m_pills;
    widgets::KpiStrip *m_figures = nullptr;
    widgets::DayBars *m_bars = nullptr;
    widgets::MessageBar *m_message;
    widgets::TableView *m_table;
    widgets::EmptyState *m_empty;
    widgets::DetailsPane *m_pane;
    models::ListModel *m_model;

private:
    struct Condition
    {
        QList<query::Value> values;
        QStringList labels;
        bool negated = false;
    };
    // report_filter.cpp
    // Moves what pills can hold into `conditions`, where it takes the place of what a pill and `others` said
    // about the same field, and gives back the rest.
    [[nodiscard]] query::Filter takeConditions(const query::Filter &filter,
                                               QHash<QString, Condition> &conditions,
                                               query::Filter &others) const;
    [[nodiscard]] query::Filter wholeFilter(bool withSearch = true) const;
    // `committed`: what pills can hold leaves the search box and becomes pills.
    void applyFilterText(const QString &text, bool committed = false);
    void clearFilters(bool everyPeriod);
    void setPeriodDays(int days); // 0: all
    void choosePeriod(int index);
    void stepPeriod(int step);
    void showPeriod(std::int64_t older, bool backFromData);
    void ask();
    // Something else than before: the first row becomes current if the current one is not in it.
    void askAnother();
    void setView(const QString &view);
    void beginAnew(); // nothing selected, and the first row becomes current
    void openPill(widgets::FilterPill *pill);
    void askFilter(QWidget *opener); // one that has no pill yet
    void showFilter(const query::Filter &filter);
    void showConditions();
    void showCondition(const QString &field);
    [[nodiscard]] QString nameOfField(const QString &field) const; // as the head of its column says
    void filterBy(const QString &field, const QString &value, bool exclude);
    [[nodiscard]] bool isField(const QString &field) const;
    [[nodiscard]] bool hasTime() const; // its rows have one, so that a period can choose among them
    void showEmpty();
    [[nodiscard]] bool isNotJudged() const; // empty because nothing is judged in this directory
    void showWaysOut(const QList<widgets::WayOut> &ways, const QString &note = {});
    void takeWayOut(const QString &way);
    // report_menus.cpp
    void addKey(const QString &keys, const std::function<void()> &run);
    void addKeys();
    void rowMenu(const QModelIndex &cell, const QPoint &at);
    void headerMenu(const QPoint &at);
    void copyRows(int row);
    void showPane(bool shown);
    void focusPane();
    void step(int rows);
    // report_page.cpp
    void connectList();
    void connectFilters();
    void connectPane();
    void select(const widgets::SelectionAsk &ask);
    void selectionShown();
    void showSeveral();
    void loaded(int rows);
    void emptied();
    void refuseAll();
    void jumpTo(int row);
    void applyRefusals();
    [[nodiscard]] bool actsOnCurrentOnly() const; // nothing else is selected

    std::shared_ptr<const models::RowSource> m_source;
    QList<PillSpec> m_pillSpecs;
    QList<widgets::Command> m_rowCommands;
    // Why not now: who acts may not, or it cannot be done to the current row.
    [[nodiscard]] QString refusalOf(const QString &id) const;
    QHash<QString, QString> m_refused;
    QVBoxLayout *m_figuresPlace = nullptr;
    QSplitter *m_splitter;
    QStackedWidget *m_body;
    QHash<QString, Condition> m_conditions;
    query::Filter m_viewFilter; // what no pill can say
    query::Filter m_searchFilter;
    query::Question m_question;
    QString m_view;
    bool m_entered = false;
    bool m_isAnswered = false; // what the list has is known
    int m_days = 90;
    std::optional<query::Period> m_fixed; // instead of m_days: one bar of the chart
    QString m_sortColumn;
    bool m_sortDescending = true;
    qint64 m_total = 0;
    std::int64_t m_shown = 0;  // in the pane
    int m_lastRow = 0;         // of the current one, before the list was read anew
    std::int64_t m_wanted = 0; // row to become current when the list is there
    bool m_paneHidden = false;
    QPointer<QWidget> m_paneWindow;
    QList<int> m_splitterSizes;
    bool m_follows = false; // the one selected row came by a click: it goes where the current one goes
    QTimer m_typing;
    jobs::Ticket m_exportTicket, m_asking, m_facetTicket, m_copyTicket, m_waysTicket, m_severalTicket;
};

} // namespace riskdesk::pages

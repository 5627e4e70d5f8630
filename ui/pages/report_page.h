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
#include "ui/widgets/command_bar.h"
#include "ui/widgets/pill_bar.h"
#include "ui/window/page.h"

#include <QHash>
#include <QStringList>
#include <QTimer>

#include <memory>

class QSplitter;
class QStackedWidget;

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
} // namespace riskdesk::widgets

namespace riskdesk::pages {

class ReportPage : public window::Page
{
    Q_OBJECT
public:
    struct PillSpec
    {
        QString field; // core/query/fields.h
        QString name;
    };
    ReportPage(Context &context, query::Report report, const QString &title,
               std::shared_ptr<const models::RowSource> source, const QList<PillSpec> &pills,
               const QString &searchHint, bool figures);

    // A built-in view: sets filter and period as the view says. "": the opening state.
    void enter(const QString &view) override;
    void focusSearch() override;
    [[nodiscard]] QList<QWidget *> regions() const override;
    void refresh() override;
    // The directory changed: everything is asked anew.
    void reopen();
    void retranslateTimes();
    void openRow(std::int64_t id);
    void searchFor(const QString &text);
    void undoLast() { m_decisions->undo(); }

    [[nodiscard]] models::ListModel &model() { return *m_model; }

protected:
    [[nodiscard]] virtual QString openingView() const = 0;
    // The pane for one row; called with the newest current row only.
    virtual void showRow(std::int64_t id) = 0;
    virtual void fillFigures(const query::Question &question) { Q_UNUSED(question) }
    // Words for the status bar and the count beside the title.
    [[nodiscard]] virtual QString countWords(int rows) const = 0;
    virtual void command(const QString &id, const std::vector<std::int64_t> &ids, QWidget *opener) = 0;
    [[nodiscard]] virtual QString nothingSelected() const = 0;
    [[nodiscard]] std::vector<std::int64_t> selectedOrCurrent() const;
    [[nodiscard]] std::int64_t currentId() const; // 0: none
    [[nodiscard]] const query::Question &question() const { return m_question; }
    void pressed(const QString &id, QWidget *opener);
    void setPosition();

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
    void applyFilterText(const QString &text);
    void ask();
    void openPill(widgets::FilterPill *pill);
    void showCondition(const QString &field);
    void select(const widgets::SelectionAsk &ask);
    void selectionShown();
    void loaded(int rows);
    void showEmpty();
    void rowMenu(const QModelIndex &cell, const QPoint &at);
    void headerMenu(const QPoint &at);
    void copy(const QModelIndex &cell, bool cellOnly);
    void filterBy(const QModelIndex &cell, bool exclude);

    QList<PillSpec> m_pillSpecs;
    QSplitter *m_splitter;
    QStackedWidget *m_body;
    QHash<QString, Condition> m_conditions;
    query::Filter m_viewFilter; // what no pill can say
    query::Filter m_searchFilter;
    query::Question m_question;
    int m_days = 90;
    QString m_sortColumn;
    bool m_sortDescending = true;
    qint64 m_total = 0;
    std::int64_t m_shown = 0;  // row in the pane
    std::int64_t m_wanted = 0; // row to become current when the list is there
    QTimer m_typing;
    jobs::Ticket m_asking, m_paneTicket, m_facetTicket;
};

} // namespace riskdesk::pages

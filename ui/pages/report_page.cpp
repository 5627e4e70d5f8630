#include "ui/pages/report_page.h"

#include "core/query/counts.h"
#include "core/query/fields.h"
#include "core/query/filter_text.h"
#include "core/query/spine.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/widgets/chart.h"
#include "ui/widgets/details_pane.h"
#include "ui/widgets/filter_pill.h"
#include "ui/widgets/filter_popover.h"
#include "ui/widgets/kpi_strip.h"
#include "ui/widgets/messages.h"
#include "ui/widgets/page_header.h"
#include "ui/widgets/search_box.h"
#include "ui/widgets/table_view.h"

#include <QApplication>
#include <QClipboard>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace riskdesk::pages {
namespace {

constexpr int periodDays[] = {1, 7, 30, 90, 0};
constexpr int longestMenuFilter = 200;

int periodIndex(int days)
{
    for (int i = 0; i < 5; ++i)
        if (periodDays[i] == days)
            return i;
    return 4;
}

} // namespace

ReportPage::ReportPage(Context &context, query::Report report, const QString &title,
                       std::shared_ptr<const models::RowSource> source, const QList<PillSpec> &pills,
                       const QString &searchHint, bool figures)
    : m_context(context)
    , m_report(report)
    , m_decisions(new Decisions(context, this))
    , m_pillSpecs(pills)
{
    const auto &theme = context.theme;
    m_header = new widgets::PageHeader(
        theme, title, {tr("24 h"), tr("7 days"), tr("30 days"), tr("90 days"), tr("All")}, this);
    m_commands = new widgets::CommandBar(theme, this);
    m_pills = new widgets::PillBar(theme, searchHint, this);
    m_pills->search()->setObjectName(QStringLiteral("searchBox"));
    for (const auto &pill : pills)
        m_pills->addPill(pill.field, pill.name);
    m_pills->addButton()->hide();
    m_pills->bookmark()->hide();
    m_message = new widgets::MessageBar(theme, this);
    m_message->hide();
    m_model = new models::ListModel(std::move(source), context.readers, this);
    auto *card = new widgets::Card(theme, this);
    m_table = new widgets::TableView(theme, card);
    m_table->setObjectName(QStringLiteral("reportTable"));
    m_table->setAccessibleName(title);
    m_table->setModel(m_model);
    m_empty = new widgets::EmptyState(theme, card);
    m_body = new QStackedWidget(card);
    m_body->addWidget(m_table);
    m_body->addWidget(m_empty);
    auto *cardLayout = new QVBoxLayout(card);
    cardLayout->setContentsMargins(1, 1, 1, 1);
    cardLayout->addWidget(m_body);
    m_pane = new widgets::DetailsPane(theme, this);
    m_pane->setObjectName(QStringLiteral("detailsPane"));

    m_splitter = new QSplitter(Qt::Vertical, this);
    m_splitter->addWidget(card);
    m_splitter->addWidget(m_pane);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setHandleWidth(10);
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({300, 270});
    card->setMinimumHeight(120);
    m_pane->setMinimumHeight(180);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(16, 4, 16, 10);
    column->setSpacing(6);
    column->addWidget(m_header);
    column->addWidget(m_commands);
    column->addWidget(m_pills);
    column->addWidget(m_message);
    if (figures) {
        m_figures = new widgets::KpiStrip(theme, this);
        auto *tail = new QWidget(m_figures);
        auto *tailColumn = new QVBoxLayout(tail);
        tailColumn->setContentsMargins(0, 8, 12, 2);
        tailColumn->setSpacing(2);
        auto *head = new QHBoxLayout;
        head->addWidget(new widgets::Label(theme, theme::TextStyle::Label, theme::Token::Text2,
                                           tr("New detections per day"), tail));
        head->addStretch();
        head->addWidget(new widgets::LevelLegend(theme, tail));
        m_bars = new widgets::DayBars(theme, tail);
        tailColumn->addLayout(head);
        tailColumn->addWidget(m_bars, 1);
        m_figures->setTail(tail);
        column->addWidget(m_figures);
    }
    column->addWidget(m_splitter, 1);

    for (int i = 0; i < m_model->columnCount(); ++i)
        m_table->setColumnHidden(i, !m_model->columns()[i].shown);

    // Newest first, exact on every column.
    m_sortColumn = report == query::Report::RiskyUsers ? QStringLiteral("riskLastUpdatedDateTime") : QStringLiteral("activityDateTime");
    for (int i = 0; i < m_model->columnCount(); ++i)
        if (m_model->columns()[i].id == m_sortColumn)
            m_table->setSortShown(i, Qt::DescendingOrder);

    m_typing.setSingleShot(true);
    m_typing.setInterval(120);
    connect(&m_typing, &QTimer::timeout, this, [this] { applyFilterText(m_pills->search()->text()); });
    connect(m_pills->search(), &widgets::SearchBox::typed, this, [this] { m_typing.start(); });
    connect(m_pills->search(), &widgets::SearchBox::committed, this,
            [this](const QString &text) { applyFilterText(text); });
    connect(m_pills->search(), &widgets::SearchBox::leftDownwards, m_table, [this] { m_table->setFocus(); });
    connect(m_pills, &widgets::PillBar::pillOpened, this, &ReportPage::openPill);
    connect(m_pills, &widgets::PillBar::pillRemoved, this, [this](widgets::FilterPill *pill) {
        m_conditions.remove(pill->field());
        showCondition(pill->field());
        ask();
    });
    connect(m_pills, &widgets::PillBar::resetAsked, this, [this] {
        m_pills->search()->clear();
        enter(openingView());
    });
    connect(m_header, &widgets::PageHeader::periodChosen, this, [this](int index) {
        m_days = periodDays[index];
        ask();
    });
    connect(m_table, &widgets::TableView::sortAsked, this, [this](int section, Qt::SortOrder order) {
        const auto id = m_model->columns()[section].id;
        if (id.isEmpty())
            return;
        m_sortColumn = id;
        m_sortDescending = order == Qt::DescendingOrder;
        m_table->setSortShown(section, order);
        ask();
    });
    connect(m_table, &widgets::TableView::selectionAsked, this, &ReportPage::select);
    connect(m_table, &widgets::TableView::currentRowChanged, this, [this](int row) {
        const auto id = row >= 0 && row < m_model->rowCount() ? m_model->idAt(row) : 0;
        setPosition();
        if (id != 0 && id != m_shown) {
            m_shown = id;
            showRow(id);
        }
    });
    connect(m_table, &widgets::TableView::rowMenuAsked, this, &ReportPage::rowMenu);
    connect(m_table, &widgets::TableView::headerMenuAsked, this,
            [this](int, const QPoint &at) { headerMenu(at); });
    connect(m_table, &widgets::TableView::copyAsked, this, &ReportPage::copy);
    connect(m_table, &widgets::TableView::filterAsked, this, &ReportPage::filterBy);
    connect(m_table, &widgets::TableView::escaped, this, [this] { m_model->selectNone(); });
    connect(m_table, &widgets::TableView::opened, this, [this] { m_pane->setFocus(); });
    connect(m_model, &models::ListModel::loaded, this, &ReportPage::loaded);
    connect(m_model, &models::ListModel::busyChanged, m_table, &widgets::TableView::setBusy);
    connect(m_model, &models::ListModel::selectionChanged, this, &ReportPage::selectionShown);
    connect(m_model, &models::ListModel::failed, this, [this](const Error &error) {
        m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(error));
    });
    connect(m_commands, &widgets::CommandBar::triggered, this,
            [this](const QString &id) { pressed(id, m_commands->anchor(id)); });
    connect(m_commands, &widgets::CommandBar::feedbackLinkPressed, m_decisions, &Decisions::undo);
    connect(m_commands, &widgets::CommandBar::selectionCleared, m_model, &models::ListModel::selectNone);
    connect(m_pane, &widgets::DetailsPane::previousAsked, this,
            [this] { m_table->setCurrentRow(m_table->currentRow() - 1); });
    connect(m_pane, &widgets::DetailsPane::nextAsked, this,
            [this] { m_table->setCurrentRow(m_table->currentRow() + 1); });
    connect(m_pane, &widgets::DetailsPane::closeAsked, m_pane, &QWidget::hide);
    m_pane->setWindowButtonsShown(true);
    connect(m_decisions, &Decisions::happened, this,
            [this](models::Tone tone, const QString &text, const QString &link) {
                m_commands->setFeedback(tone, text, link);
            });
    connect(m_decisions, &Decisions::changed, this, [this] {
        m_shown = 0;
        refresh();
    });
    connect(m_message, &widgets::MessageBar::actionPressed, this, [this] {
        m_days = 0;
        m_header->setPeriod(periodIndex(0));
        ask();
    });
    connect(m_empty, &widgets::EmptyState::chosen, this, [this](const QString &way) {
        if (way == QLatin1String("all")) {
            m_days = 0;
            m_header->setPeriod(periodIndex(0));
            ask();
        } else {
            m_pills->search()->clear();
            m_conditions.clear();
            m_viewFilter = {};
            m_searchFilter = {};
            for (const auto &spec : m_pillSpecs)
                showCondition(spec.field);
            ask();
        }
    });
}

void ReportPage::enter(const QString &view)
{
    m_conditions.clear();
    m_viewFilter = {};
    m_searchFilter = {};
    const auto wanted = view.isEmpty() ? openingView() : view;
    for (const auto &built : query::builtInViews()) {
        if (built.report != m_report || models::text(built.id) != wanted)
            continue;
        m_days = built.days;
        auto filter = query::parseFilter(m_report, built.filter);
        if (!filter)
            break;
        // Conditions that a pill can hold become pills; the rest stays behind.
        auto parts =
            filter->kind == query::Filter::Kind::All ? filter->children : std::vector<query::Filter>{*filter};
        std::vector<query::Filter> rest;
        for (auto &part : parts) {
            const bool negated = part.kind == query::Filter::Kind::Not;
            const auto &match = negated ? part.children.front() : part;
            const auto field = models::text(match.field);
            const bool hasPill = match.kind == query::Filter::Kind::Match && match.test == query::Test::Is &&
                                 m_pills->pill(field) != nullptr;
            if (!hasPill) {
                rest.push_back(part);
                continue;
            }
            Condition condition;
            condition.negated = negated;
            const auto *known = query::findField(m_report, match.field);
            for (const auto &value : match.values) {
                condition.values << value;
                QString label = models::text(query::valueText(m_report, match.field, value));
                if (const auto *number = std::get_if<std::int64_t>(&value);
                    known != nullptr && number != nullptr)
                    for (const auto &word : known->words)
                        if (word.value == *number)
                            label = models::text(word.display);
                condition.labels << label;
            }
            m_conditions.insert(field, condition);
        }
        m_viewFilter = query::Filter::all(std::move(rest));
    }
    for (const auto &spec : m_pillSpecs)
        showCondition(spec.field);
    m_header->setPeriod(periodIndex(m_days));
    applyFilterText(m_pills->search()->text());
}

void ReportPage::focusSearch()
{
    m_pills->search()->setFocus();
    m_pills->search()->selectAll();
}

QList<QWidget *> ReportPage::regions() const
{
    return {m_commands, m_pills->search(), m_table, m_pane};
}

void ReportPage::refresh()
{
    ask();
}

void ReportPage::reopen()
{
    m_shown = 0;
    m_model->setReaders(m_context.readers);
    enter(openingView());
}

void ReportPage::retranslateTimes()
{
    m_model->retranslate();
    if (m_shown != 0)
        showRow(m_shown);
}

void ReportPage::openRow(std::int64_t id)
{
    m_wanted = id;
    const int row = m_model->rowOf(id);
    if (row >= 0)
        m_table->setCurrentRow(row);
}

void ReportPage::searchFor(const QString &text)
{
    m_pills->search()->setText(text);
    applyFilterText(text);
}

void ReportPage::applyFilterText(const QString &text)
{
    auto parsed = query::parseFilter(m_report, text.toStdString());
    m_pills->search()->setProblem(parsed ? QString() : models::text(parsed.error().sentence()));
    if (!parsed)
        return; // the list stays as it was until the text can be understood
    m_searchFilter = std::move(*parsed);
    ask();
}

void ReportPage::ask()
{
    std::vector<query::Filter> parts;
    for (auto it = m_conditions.constBegin(); it != m_conditions.constEnd(); ++it) {
        auto match = query::Filter::match(it.key().toStdString(), query::Test::Is,
                                          {it->values.begin(), it->values.end()});
        parts.push_back(it->negated ? query::Filter::negate(std::move(match)) : std::move(match));
    }
    query::Filter filter = query::Filter::all(std::move(parts));
    for (const auto *more : {&m_viewFilter, &m_searchFilter})
        if (!more->isEverything())
            filter = query::with(filter, *more);
    query::Question question;
    question.report = m_report;
    question.filter = std::move(filter);
    if (!m_sortColumn.isEmpty())
        question.order.push_back({m_sortColumn.toStdString(), m_sortDescending});
    struct Known
    {
        query::ReferenceNow now;
        std::int64_t total = 0, older = 0;
    };
    m_asking = m_context.readers->ask(
        this, m_asking,
        [question, report = m_report, days = m_days](store::Connection &db,
                                                     std::stop_token stop) mutable -> Result<Known> {
            Known known;
            auto now = query::referenceNow(db, SystemClock().now());
            if (!now)
                return tl::unexpected(now.error());
            known.now = *now;
            question.now = now->now;
            question.period = query::lastDays(now->now, days);
            query::Question everything;
            everything.report = report;
            everything.now = now->now;
            if (auto total = query::countRows(db, everything, stop))
                known.total = *total;
            if (report == query::Report::RiskyUsers && days != 0)
                if (auto older = query::olderOpenUsers(db, question, stop))
                    known.older = *older;
            return known;
        },
        [this, question](Result<Known> known) mutable {
            if (!known) {
                m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(known.error()));
                return;
            }
            question.now = known->now.now;
            question.period = query::lastDays(question.now, m_days);
            m_question = question;
            m_total = known->total;
            const auto until = models::shortDate(question.now);
            m_header->setRange(
                m_days == 0
                    ? tr("everything up to %1").arg(until)
                    : tr("%1 to %2")
                          .arg(models::shortDate(question.now - std::chrono::hours(24 * m_days)), until));
            if (known->older > 0)
                m_message->setMessage(
                    widgets::MessageBar::Kind::Info,
                    tr("%n more user(s) are still at risk but last changed before %1.", nullptr,
                       static_cast<int>(known->older))
                        .arg(models::shortDate(question.now - std::chrono::hours(24 * m_days))),
                    tr("Show them"));
            else if (known->now.fromData)
                m_message->setMessage(
                    widgets::MessageBar::Kind::Info,
                    tr("The newest sign-in is of %1; periods count back from it.").arg(until));
            else
                m_message->hide();
            m_model->setQuestion(question);
            fillFigures(question);
        });
}

void ReportPage::showCondition(const QString &field)
{
    if (auto *pill = m_pills->pill(field)) {
        const auto condition = m_conditions.value(field);
        pill->setValues(condition.labels, condition.negated);
    }
}

void ReportPage::openPill(widgets::FilterPill *pill)
{
    const auto field = pill->field();
    auto *popover = new widgets::FilterPopover(m_context.theme, pill->name(), tr("Find"), window());
    popover->setAttribute(Qt::WA_DeleteOnClose);
    popover->setObjectName(QStringLiteral("filterPopover"));
    popover->setNegated(m_conditions.value(field).negated);
    pill->setOpen(true);
    connect(popover, &widgets::Popover::closed, pill, [pill] { pill->setOpen(false); });
    auto question = m_question;
    question.filter = query::without(question.filter, field.toStdString());
    m_facetTicket = m_context.readers->ask(
        popover, m_facetTicket,
        [question, name = field.toStdString()](store::Connection &db, std::stop_token stop) {
            return query::facet(db, question, name, longestMenuFilter, std::move(stop));
        },
        [this, popover, pill, field](Result<std::vector<query::FacetValue>> values) {
            if (!values) {
                popover->setSummary(models::errorText(values.error()));
                return;
            }
            const auto *known = query::findField(m_report, field.toStdString());
            QList<widgets::FilterOption> options;
            auto byKey = std::make_shared<QHash<QString, query::Value>>();
            const auto ticked = m_conditions.value(field).values;
            for (const auto &value : *values) {
                widgets::FilterOption option;
                option.key = models::text(value.text);
                option.label = option.key.isEmpty() ? tr("none") : option.key;
                if (const auto *number = std::get_if<std::int64_t>(&value.value);
                    number != nullptr && known != nullptr)
                    for (const auto &word : known->words)
                        if (word.value == *number)
                            option.label = models::text(word.display);
                if (field == QLatin1String("countryOrRegion"))
                    option.box = option.key;
                option.count = value.count;
                for (const auto &t : ticked)
                    option.ticked = option.ticked || query::equal(t, value.value);
                byKey->insert(option.key, value.value);
                options << option;
            }
            popover->setOptions(options);
            connect(popover, &widgets::FilterPopover::changed, this,
                    [this, popover, field, byKey](const QStringList &keys, bool negated) {
                        Condition condition;
                        for (const auto &key : keys)
                            condition.values << byKey->value(key);
                        condition.labels = popover->tickedLabels();
                        condition.negated = negated;
                        if (keys.isEmpty())
                            m_conditions.remove(field);
                        else
                            m_conditions.insert(field, condition);
                        showCondition(field);
                        ask();
                    });
            popover->openAt(pill);
        });
}

void ReportPage::select(const widgets::SelectionAsk &ask)
{
    using Ask = widgets::SelectionAsk;
    m_commands->clearFeedback();
    switch (ask.kind) {
    case Ask::Only:
        m_model->select(ask.first, ask.first, false);
        break;
    case Ask::Toggle:
        m_model->select(ask.first, ask.first, true, true);
        break;
    case Ask::Range:
        m_model->select(ask.first, ask.last, false);
        break;
    case Ask::AddRange:
        m_model->select(ask.first, ask.last, true);
        break;
    case Ask::All:
        m_model->selectAll();
        break;
    case Ask::None:
        m_model->selectNone();
        break;
    }
}

void ReportPage::selectionShown()
{
    const auto selected = m_model->selectedCount();
    const auto rows = m_model->rowCount();
    m_table->setTickState(selected == 0      ? Qt::Unchecked
                          : selected == rows ? Qt::Checked
                                             : Qt::PartiallyChecked);
    m_commands->setSelection(selected == 0      ? tr("Nothing selected")
                             : selected == rows ? tr("All %1 selected").arg(models::count(selected))
                                                : tr("%1 selected").arg(models::count(selected)),
                             selected > 0, selected > 0);
    Q_EMIT factsChanged({countWords(rows), tr("%1 selected").arg(models::count(selected))});
}

void ReportPage::loaded(int rows)
{
    m_header->setCount(m_total > rows ? tr("%1 of %2").arg(models::count(rows), models::count(m_total))
                                      : models::count(rows));
    m_body->setCurrentWidget(rows == 0 ? static_cast<QWidget *>(m_empty) : m_table);
    m_pane->setVisible(rows > 0);
    if (rows == 0)
        showEmpty();
    const auto target = m_wanted != 0 ? m_wanted : m_shown;
    const int row = target != 0 ? m_model->rowOf(target) : -1;
    if (m_wanted != 0)
        m_wanted = 0;
    if (rows > 0) {
        m_shown = 0;
        // After rows left the filter, the next one becomes current.
        m_table->setCurrentRow(row >= 0 ? row : std::clamp(m_table->currentRow(), 0, rows - 1));
    } else {
        m_shown = 0;
    }
    setPosition();
}

void ReportPage::showEmpty()
{
    const bool filtered =
        !m_conditions.isEmpty() || !m_searchFilter.isEverything() || !m_viewFilter.isEverything();
    QList<widgets::WayOut> ways;
    if (filtered)
        ways << widgets::WayOut{QStringLiteral("clear"), tr("Clear all filters")};
    if (m_days != 0)
        ways << widgets::WayOut{QStringLiteral("all"), tr("Show every period")};
    m_empty->set(
        theme::Icon::Search, filtered ? tr("No match") : tr("Nothing here"),
        m_total == 0
            ? tr("No risk was found yet. Import a sign-in log, or look at the sample directory.")
            : tr("%1 exist outside this filter and period.").arg(countWords(static_cast<int>(m_total))),
        ways);
}

std::vector<std::int64_t> ReportPage::selectedOrCurrent() const
{
    auto ids = m_model->selectedIds();
    if (ids.empty() && currentId() != 0)
        ids.push_back(currentId());
    return ids;
}

std::int64_t ReportPage::currentId() const
{
    const int row = m_table->currentRow();
    return row >= 0 && row < m_model->rowCount() ? m_model->idAt(row) : 0;
}

void ReportPage::pressed(const QString &id, QWidget *opener)
{
    if (id == QLatin1String("refresh")) {
        refresh();
        return;
    }
    if (id == QLatin1String("columns")) {
        headerMenu(opener != nullptr ? opener->mapToGlobal(QPoint(0, opener->height())) : QCursor::pos());
        return;
    }
    const auto ids = selectedOrCurrent();
    if (ids.empty())
        m_commands->setFeedback(models::Tone::Notice, nothingSelected());
    else
        command(id, ids, opener != nullptr ? opener : m_table);
}

void ReportPage::setPosition()
{
    m_pane->setPosition(m_table->currentRow() + 1, m_model->rowCount());
}

void ReportPage::rowMenu(const QModelIndex &cell, const QPoint &at)
{
    QMenu menu(this);
    if (cell.isValid()) {
        const auto value = cell.data(models::RawRole).toString();
        const auto shown = cell.data().toString();
        if (!value.isEmpty()) {
            const auto title = m_model->columns()[cell.column()].title;
            connect(menu.addAction(tr("Show only: %1 is %2").arg(title, shown)), &QAction::triggered, this,
                    [this, cell] { filterBy(cell, false); });
            connect(menu.addAction(tr("Hide: %1 is %2").arg(title, shown)), &QAction::triggered, this,
                    [this, cell] { filterBy(cell, true); });
        }
        connect(menu.addAction(tr("Copy cell")), &QAction::triggered, this,
                [this, cell] { copy(cell, true); });
        connect(menu.addAction(tr("Copy rows")), &QAction::triggered, this,
                [this, cell] { copy(cell, false); });
        menu.addSeparator();
    }
    for (auto *action : actions())
        menu.addAction(action);
    menu.exec(at);
}

void ReportPage::headerMenu(const QPoint &at)
{
    QMenu menu(this);
    for (int i = 1; i < m_model->columnCount(); ++i) {
        auto *action = menu.addAction(m_model->columns()[i].title);
        action->setCheckable(true);
        action->setChecked(!m_table->isColumnHidden(i));
        action->setToolTip(m_model->columns()[i].tip);
        connect(action, &QAction::toggled, this, [this, i](bool on) {
            m_table->setColumnShown(i, on);
            m_table->fitToWindow();
        });
    }
    menu.addSeparator();
    connect(menu.addAction(tr("Fit to window")), &QAction::triggered, m_table,
            &widgets::TableView::fitToWindow);
    connect(menu.addAction(tr("Fit to contents")), &QAction::triggered, m_table,
            &widgets::TableView::fitToContents);
    menu.setToolTipsVisible(true);
    menu.exec(at);
}

void ReportPage::copy(const QModelIndex &cell, bool cellOnly)
{
    if (cellOnly) {
        QApplication::clipboard()->setText(cell.data().toString());
        return;
    }
    QStringList lines, head;
    for (int c = 0; c < m_model->columnCount(); ++c)
        if (!m_table->isColumnHidden(c))
            head << m_model->columns()[c].title;
    lines << head.join(QLatin1Char('\t'));
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const bool wanted =
            m_model->selectedCount() > 0 ? m_model->isSelected(m_model->idAt(row)) : row == cell.row();
        if (!wanted)
            continue;
        QStringList cells;
        for (int c = 0; c < m_model->columnCount(); ++c)
            if (!m_table->isColumnHidden(c))
                cells << m_model->index(row, c).data().toString();
        lines << cells.join(QLatin1Char('\t'));
    }
    QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
    m_commands->setFeedback(models::Tone::Good,
                            tr("Copied %n row(s)", nullptr, static_cast<int>(lines.size()) - 1));
}

void ReportPage::filterBy(const QModelIndex &cell, bool exclude)
{
    const auto &column = m_model->columns()[cell.column()];
    const auto field = column.field();
    const auto value = cell.data(models::RawRole).toString();
    if (value.isEmpty() || query::findField(m_report, field.toStdString()) == nullptr)
        return;
    auto text = m_pills->search()->text().trimmed();
    text += QStringLiteral("%1%2%3:\"%4\"")
                .arg(text.isEmpty() ? QString() : QStringLiteral(" "),
                     exclude ? QStringLiteral("-") : QString(), field, value);
    searchFor(text);
}

} // namespace riskdesk::pages

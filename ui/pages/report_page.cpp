#include "ui/pages/report_page.h"

#include "core/query/counts.h"

#include "ui/models/error_text.h"
#include "ui/models/format.h"
#include "ui/widgets/charts/chart.h"
#include "ui/widgets/charts/day_bars.h"
#include "ui/widgets/charts/kpi_strip.h"
#include "ui/widgets/controls/file_dialog.h"
#include "ui/widgets/controls/filter_pill.h"
#include "ui/widgets/controls/messages.h"
#include "ui/widgets/controls/search_box.h"
#include "ui/widgets/frame/details_pane.h"
#include "ui/widgets/frame/page_header.h"
#include "ui/widgets/table/table_view.h"

#include <QApplication>
#include <QClipboard>
#include <QSplitter>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace riskdesk::pages {
namespace {

using LevelCounts = std::array<std::int64_t, 4>; // by RiskLevel

} // namespace

ReportPage::ReportPage(Context &context, query::Report report, const QString &title,
                       std::shared_ptr<const models::RowSource> source, const QList<PillSpec> &pills,
                       const QString &searchHint, bool figures)
    : m_context(context)
    , m_report(report)
    , m_decisions(new Decisions(context, this))
    , m_source(std::move(source))
    , m_pillSpecs(pills)
{
    const auto &theme = context.theme;
    m_header = new widgets::PageHeader(
        theme, title,
        hasTime() ? QStringList{tr("24 h"), tr("7 days"), tr("30 days"), tr("90 days"), tr("All")}
                  : QStringList(),
        this);
    m_commands = new widgets::CommandBar(theme, this);
    m_pills = new widgets::PillBar(theme, searchHint, this);
    m_pills->search()->setObjectName(QStringLiteral("searchBox"));
    for (const auto &pill : pills)
        m_pills->addPill(pill.field, pill.name);
    m_message = new widgets::MessageBar(theme, this);
    m_message->hide();
    m_model = new models::ListModel(m_source, context.readers, this);
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
    m_splitter->setSizes(figures ? QList<int>{300, 270} : QList<int>{260, 310});
    card->setMinimumHeight(120);
    m_pane->setMinimumHeight(180);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(16, 8, 16, 10);
    column->setSpacing(6);
    column->addWidget(m_header);
    column->addWidget(m_commands);
    column->addWidget(m_pills);
    column->addWidget(m_message);
    if (figures) {
        m_figures = new widgets::KpiStrip(theme, this);
        auto *tail = new QWidget(m_figures);
        auto *tailColumn = new QVBoxLayout(tail);
        tailColumn->setContentsMargins(16, 12, 12, 2);
        tailColumn->setSpacing(2);
        auto *head = new QHBoxLayout;
        auto *above = new widgets::Label(theme, theme::TextStyle::Label, theme::Token::Text2,
                                         tr("New detections per day"), tail);
        above->setMinimumWidth(above->sizeHint().width()); // the legend gives way first
        head->addWidget(above);
        head->addStretch();
        head->addWidget(new widgets::LevelLegend(theme, tail));
        m_bars = new widgets::DayBars(theme, tail);
        tailColumn->addLayout(head);
        tailColumn->addWidget(m_bars, 1);
        m_figures->setTail(tail);
        column->addWidget(m_figures);
    }
    m_figuresPlace = column;
    column->addWidget(m_splitter, 1);

    for (int i = 0; i < m_model->columnCount(); ++i)
        m_table->setColumnHidden(i, !m_model->columns()[i].shown);

    // Newest first, exact on every column.
    m_sortColumn = report == query::Report::RiskyUsers   ? QStringLiteral("riskLastUpdatedDateTime")
                   : report == query::Report::Detections ? QStringLiteral("lastActivityDateTime")
                   : report == query::Report::Rejects    ? QStringLiteral("run")
                   : report == query::Report::Audit      ? QStringLiteral("activityDateTime")
                                                         : QStringLiteral("createdDateTime");
    for (int i = 0; i < m_model->columnCount(); ++i)
        if (m_model->columns()[i].id == m_sortColumn)
            m_table->setSortShown(i, Qt::DescendingOrder);

    connectFilters();
    connectList();
    connectPane();
    addKeys();
}

void ReportPage::setStrip(QWidget *strip)
{
    m_figuresPlace->insertWidget(m_figuresPlace->count() - 1, strip);
}

void ReportPage::connectFilters()
{
    m_typing.setSingleShot(true);
    m_typing.setInterval(120);
    connect(&m_typing, &QTimer::timeout, this, [this] { applyFilterText(m_pills->search()->text()); });
    connect(m_pills->search(), &widgets::SearchBox::typed, this, [this] { m_typing.start(); });
    connect(m_pills->search(), &widgets::SearchBox::committed, this,
            [this](const QString &text) { applyFilterText(text, true); });
    connect(m_pills->search(), &widgets::SearchBox::leftDownwards, this, &ReportPage::focusContent);
    connect(m_pills->search(), &widgets::SearchBox::escaped, this, &ReportPage::focusContent);
    connect(m_pills, &widgets::PillBar::pillOpened, this, &ReportPage::openPill);
    connect(m_pills, &widgets::PillBar::pillRemoved, this, [this](widgets::FilterPill *pill) {
        m_conditions.remove(pill->field());
        showCondition(pill->field());
        askAnother();
    });
    connect(m_pills, &widgets::PillBar::addAsked, this, &ReportPage::askFilter);
    connect(m_pills, &widgets::PillBar::resetAsked, this, [this] { enter(openingView()); });
    connect(m_header, &widgets::PageHeader::periodChosen, this, &ReportPage::choosePeriod);
    connect(m_message, &widgets::MessageBar::actionPressed, this, [this] {
        if (stopExport())
            return;
        setPeriodDays(0);
        focusContent();
    });
    connect(m_empty, &widgets::EmptyState::chosen, this, &ReportPage::takeWayOut);
}

void ReportPage::connectList()
{
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
        if (id != 0)
            m_lastRow = row;
        if (id != 0 && id != m_shown) {
            m_shown = id;
            if (!m_paneHidden || m_paneWindow != nullptr)
                m_pane->show(); // it may have stood empty
            setRefusals({});    // not known before the row is read
            showRow(id);
        }
    });
    connect(m_table, &widgets::TableView::rowMenuAsked, this, &ReportPage::rowMenu);
    connect(m_table, &widgets::TableView::headerMenuAsked, this,
            [this](int, const QPoint &at) { headerMenu(at); });
    connect(m_table, &widgets::TableView::copyAsked, this, [this](const QModelIndex &cell, bool cellOnly) {
        if (!cellOnly)
            copyRows(cell.row());
        else if (cell.isValid())
            QApplication::clipboard()->setText(cell.data().toString());
    });
    connect(m_table, &widgets::TableView::filterAsked, this, [this](const QModelIndex &cell, bool exclude) {
        filterBy(m_model->columns()[cell.column()].field(), cell.data(models::RawRole).toString(), exclude);
    });
    connect(m_table, &widgets::TableView::escaped, this, [this] {
        select({widgets::SelectionAsk::None, 0, 0});
    });
    connect(m_table, &widgets::TableView::opened, this,
            [this](int, bool ownWindow) { ownWindow ? openPaneWindow() : focusPane(); });
    connect(m_model, &models::ListModel::loaded, this, &ReportPage::loaded);
    connect(m_model, &models::ListModel::emptied, this, &ReportPage::emptied);
    connect(m_model, &models::ListModel::busyChanged, m_table, &widgets::TableView::setBusy);
    connect(m_model, &models::ListModel::selectionChanged, this, &ReportPage::selectionShown);
    connect(m_model, &models::ListModel::failed, this, [this](const Error &error) {
        m_message->setMessage(widgets::MessageBar::Kind::Error, models::errorText(error));
    });
    connect(m_commands, &widgets::CommandBar::triggered, this,
            [this](const QString &id) { pressed(id, m_commands->anchor(id)); });
    connect(m_commands, &widgets::CommandBar::refused, this, [this](const QString &, const QString &reason) {
        m_commands->setFeedback(models::Tone::Notice, reason);
    });
    connect(m_commands, &widgets::CommandBar::feedbackLinkPressed, this, [this] {
        focusContent(); // the link goes away
        m_decisions->followLink();
    });
    connect(m_commands, &widgets::CommandBar::selectionCleared, this, [this] {
        focusContent();
        select({widgets::SelectionAsk::None, 0, 0});
    });
    connect(m_decisions, &Decisions::happened, this,
            [this](models::Tone tone, const QString &text, const QString &link) {
                m_commands->setFeedback(tone, text, link);
            });
    connect(m_decisions, &Decisions::changed, this, &ReportPage::decided);
    connect(m_decisions, &Decisions::changed, this, [this] { refresh(); });
}

void ReportPage::connectPane()
{
    connect(m_pane, &widgets::DetailsPane::previousAsked, this, [this] { step(-1); });
    connect(m_pane, &widgets::DetailsPane::nextAsked, this, [this] { step(1); });
    connect(m_pane, &widgets::DetailsPane::closeAsked, this, [this] { showPane(false); });
    connect(m_pane, &widgets::DetailsPane::ownWindowAsked, this, &ReportPage::openPaneWindow);
    connect(m_pane, &widgets::DetailsPane::triggered, this, [this](const QString &id) {
        if (currentId() != 0)
            command(id, {currentId()}, m_pane->anchor(id));
    });
    m_pane->setWindowButtonsShown(true);
}

void ReportPage::focusContent()
{
    if (!isVisibleTo(window())) // covered, by the first-run screen or another page
        return;
    if (m_table->isVisibleTo(this)) {
        m_table->setFocus(Qt::ShortcutFocusReason);
        return;
    }
    for (auto *button : m_empty->findChildren<QPushButton *>()) {
        button->setFocus(Qt::ShortcutFocusReason);
        return;
    }
    m_pills->search()->setFocus(Qt::ShortcutFocusReason);
}

void ReportPage::focusSearch()
{
    if (!isVisibleTo(window()))
        return;
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
    m_wanted = 0;
    if (m_paneWindow != nullptr)
        m_paneWindow->close();
    m_commands->clearFeedback();
    m_model->setReaders(m_context.readers);
    m_entered = false; // a page that nobody looks at asks nothing
    if (isVisibleTo(window()))
        enter(openingView());
}

void ReportPage::retranslateTimes()
{
    m_model->retranslate();
    if (m_shown != 0)
        showRow(m_shown);
    if (m_context.readers && m_entered)
        ask(); // the range, the bars
}

void ReportPage::openRow(std::int64_t id)
{
    m_wanted = id;
    const int row = m_model->rowOf(id);
    if (row >= 0 && !isBusy()) {
        m_wanted = 0;
        jumpTo(row);
    } else {
        select({widgets::SelectionAsk::None, 0, 0}); // no command is about others while the row is on its way
        ask();
    }
}

// Commands are about what is selected: whoever is shown must be it.
void ReportPage::jumpTo(int row)
{
    m_table->setCurrentRow(row);
    select({widgets::SelectionAsk::Only, row, row});
}

void ReportPage::select(const widgets::SelectionAsk &ask)
{
    using Ask = widgets::SelectionAsk;
    if (ask.kind == Ask::Moved) {
        if (m_follows && m_model->selectedCount() == 1)
            select({Ask::Only, ask.first, ask.last});
        return;
    }
    m_follows = ask.kind == Ask::Only;
    m_commands->clearFeedback();
    switch (ask.kind) {
    case Ask::Only: m_model->select(ask.first, ask.first, false); break;
    case Ask::Toggle: m_model->select(ask.first, ask.first, true, true); break;
    case Ask::Range: m_model->select(ask.first, ask.last, false); break;
    case Ask::AddRange: m_model->select(ask.first, ask.last, true); break;
    case Ask::All: m_model->selectAll(); break;
    case Ask::None: m_model->selectNone(); break;
    case Ask::Moved: break;
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
    applyRefusals();
    showSeveral();
    Q_EMIT factsChanged(m_isAnswered
                            ? QStringList{countWords(rows), tr("%1 selected").arg(models::count(selected))}
                            : QStringList{});
}

// One of them in the pane, with commands of its own, would look as if all were about that one.
void ReportPage::showSeveral()
{
    const auto selected = m_model->selectedCount();
    if (selected < 2) {
        m_severalTicket.cancel();
        if (m_pane->isOfSeveral())
            m_pane->setSeveral({});
        return;
    }
    const auto title = tr("%1 selected").arg(countWords(static_cast<int>(selected)));
    const auto sentence = severalSelected();
    m_pane->setSeveral(title, {}, sentence);
    const auto &columns = m_model->columns();
    const auto level = std::ranges::find(columns, QStringLiteral("riskLevel"), &models::Column::id);
    if (level == columns.end() || !m_context.readers)
        return;
    // Few are read, all are counted by the store; anything between would take longer than it tells.
    constexpr qint64 mostRead = 1000;
    const bool counted = selected > mostRead;
    if (counted && selected != m_model->rowCount())
        return;
    m_severalTicket = m_context.readers->ask(
        this, m_severalTicket,
        [ids = counted ? std::vector<std::int64_t>() : m_model->selectedIds(), source = m_source,
         question = m_model->question(), field = level->field().toStdString(),
         at = static_cast<int>(level - columns.begin())](store::Connection &db,
                                                         std::stop_token stop) -> Result<LevelCounts> {
            LevelCounts levels{};
            if (!ids.empty()) {
                auto page = source->readPage(db, ids, std::move(stop));
                if (!page)
                    return tl::unexpected(page.error());
                for (int row = 0; row < (*page)->size(); ++row)
                    if (const auto one = (*page)->data(row, at, models::LevelRole).toUInt();
                        one < levels.size())
                        ++levels[one];
                return levels;
            }
            const auto values = query::facet(db, question, field, 200, std::move(stop));
            if (!values)
                return tl::unexpected(values.error());
            for (const auto &value : *values)
                if (const auto *one = std::get_if<std::int64_t>(&value.value);
                    one != nullptr && *one >= 0 && *one < std::ssize(levels))
                    levels[static_cast<std::size_t>(*one)] += value.count;
            return levels;
        },
        [this, title, sentence](Result<LevelCounts> levels) {
            if (!levels) // the number and the sentence are enough
                return;
            QStringList words;
            for (const auto one : {RiskLevel::High, RiskLevel::Medium, RiskLevel::Low, RiskLevel::None})
                if (const auto n = (*levels)[static_cast<std::size_t>(one)]; n > 0)
                    words << QStringLiteral("%1 %2").arg(models::count(n), models::levelName(one));
            m_pane->setSeveral(title, words, sentence);
        });
}

void ReportPage::setRefusals(const QHash<QString, QString> &reasons)
{
    m_refused = reasons;
    for (const auto &command : m_rowCommands)
        m_pane->setRefused(command.id, roleRefusal(m_context, command.id, reasons.value(command.id)));
    applyRefusals();
}

void ReportPage::actingChanged()
{
    m_commands->clearFeedback(); // its link was another one's
    setRefusals(QHash(m_refused));
}

QString ReportPage::refusalOf(const QString &id) const
{
    return roleRefusal(m_context, id, actsOnCurrentOnly() ? m_refused.value(id) : QString());
}

// The bar acts on all that is selected; only for the row in the pane it is known beforehand what cannot be
// done.
void ReportPage::applyRefusals()
{
    for (const auto &command : m_rowCommands)
        m_commands->setRefused(command.id, refusalOf(command.id));
}

bool ReportPage::actsOnCurrentOnly() const
{
    const auto selected = m_model->selectedCount();
    return selected == 0 || (selected == 1 && currentId() != 0 && m_model->isSelected(currentId()));
}

// Neither rows nor a word about them until the first answer: "Nothing here" would be a lie for as long as it takes.
void ReportPage::emptied()
{
    m_isAnswered = false;
    m_header->setCount({});
    m_body->setCurrentWidget(m_table);
    m_pane->hide();
    refuseAll();
    setPosition();
}

void ReportPage::refuseAll()
{
    QHash<QString, QString> reasons;
    for (const auto &command : m_rowCommands)
        reasons.insert(command.id, nothingSelected());
    setRefusals(reasons);
}

void ReportPage::loaded(int rows)
{
    m_isAnswered = true;
    const bool missing = m_wanted != 0 && m_model->rowOf(m_wanted) < 0;
    if (missing && (!m_question.filter.isEverything() || m_days != 0)) {
        setView({});
        clearFilters(true); // and asks again
        return;
    }
    m_header->setCount(m_total > rows ? tr("%1 of %2").arg(models::count(rows), models::count(m_total))
                                      : models::count(rows));
    const auto *focus = window()->focusWidget();
    const bool held = focus != nullptr && (m_body->isAncestorOf(focus) || m_pane->isAncestorOf(focus));
    if (rows == 0) {
        showEmpty();
        refuseAll();
    }
    const bool swaps = (m_body->currentWidget() == m_empty) != (rows == 0);
    m_body->setCurrentWidget(rows == 0 ? static_cast<QWidget *>(m_empty) : m_table);
    m_pane->setVisible(rows > 0 && !missing && (!m_paneHidden || m_paneWindow != nullptr));
    if (missing) { // nobody else is shown in its place
        m_wanted = 0;
        m_shown = 0;
        m_table->setCurrentIndex({});
        m_commands->setFeedback(models::Tone::Notice, notInList());
        setPosition();
        return;
    }
    const auto target = m_wanted != 0 ? m_wanted : m_shown;
    const int found = target != 0 ? m_model->rowOf(target) : -1;
    // After rows left the filter, the next one becomes current.
    const int row = found >= 0 ? found : std::clamp(m_lastRow, 0, std::max(0, rows - 1));
    if (held && swaps)
        focusContent(); // what had the focus is hidden now; a list without a current row takes its first
    const bool jumped = m_wanted != 0 && found >= 0;
    m_wanted = 0;
    m_shown = 0;
    if (jumped)
        jumpTo(row);
    else if (rows > 0)
        m_table->setCurrentRow(row);
    setPosition();
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
    if (id == QLatin1String("import")) {
        Q_EMIT importAsked();
        return;
    }
    if (id == QLatin1String("columns")) {
        headerMenu(opener != nullptr ? opener->mapToGlobal(QPoint(0, opener->height())) : QCursor::pos());
        return;
    }
    if (id == QLatin1String("export")) { // of all rows, and of none
        command(id, {}, opener);
        return;
    }
    const auto ids = selectedOrCurrent();
    const auto reason = refusalOf(id);
    if (ids.empty() || !reason.isEmpty())
        m_commands->setFeedback(models::Tone::Notice, ids.empty() ? nothingSelected() : reason);
    else
        command(id, ids, opener != nullptr ? opener : m_table);
}

void ReportPage::setPosition()
{
    m_pane->setPosition(m_table->currentRow() + 1, m_model->rowCount());
}

} // namespace riskdesk::pages

#include "ui/models/list_model.h"

#include "core/query/spine.h"

#include <algorithm>

namespace riskdesk::models {

Result<std::vector<std::int64_t>> RowSource::readSpine(store::Connection &connection,
                                                       const query::Question &question,
                                                       std::stop_token stop) const
{
    return query::readSpine(connection, question, std::move(stop));
}

ListModel::ListModel(std::shared_ptr<const RowSource> source, std::shared_ptr<jobs::Readers> readers,
                     QObject *parent)
    : QAbstractTableModel(parent)
    , m_source(std::move(source))
    , m_readers(std::move(readers))
    , m_columns(m_source->columns())
{}

void ListModel::setReaders(std::shared_ptr<jobs::Readers> readers)
{
    m_asking.cancel();
    m_readers = std::move(readers);
    beginResetModel();
    m_spine.clear();
    forgetPages();
    m_all = false;
    m_marked.clear();
    endResetModel();
    Q_EMIT emptied();
    Q_EMIT selectionChanged();
}

void ListModel::setQuestion(const query::Question &question)
{
    const bool sameRows = question.report == m_question.report && question.filter == m_question.filter &&
                          question.period == m_question.period;
    if (!sameRows)
        fixSelection();
    m_question = question;
    reload();
}

// "All" means all of what was there when somebody said so: rows that come by another filter are not in it.
void ListModel::fixSelection()
{
    if (!m_all)
        return;
    const auto ids = selectedIds();
    m_all = false;
    m_marked = QSet<std::int64_t>(ids.begin(), ids.end());
}

void ListModel::reload()
{
    if (!m_readers)
        return;
    m_asking = m_readers->ask(
        this, m_asking,
        [source = m_source, question = m_question](store::Connection &db, std::stop_token stop) {
            return source->readSpine(db, question, std::move(stop));
        },
        [this](Result<std::vector<std::int64_t>> answer) {
            if (answer) {
                // Refreshed rows may be other rows; only another order keeps "all" as it is.
                if (m_spine.size() != answer->size())
                    fixSelection();
                take(std::move(*answer));
            } else if (answer.error().code != Code::Cancelled)
                Q_EMIT failed(answer.error());
            Q_EMIT busyChanged(false);
        });
    Q_EMIT busyChanged(true);
}

void ListModel::take(std::vector<std::int64_t> spine)
{
    const auto before = selectedCount();
    beginResetModel();
    m_spine = std::move(spine);
    forgetPages();
    // What no longer matches is no longer selected.
    if (!m_marked.isEmpty()) {
        QSet<std::int64_t> still;
        for (const auto id : m_spine)
            if (m_marked.contains(id))
                still.insert(id);
        m_marked = still;
    }
    endResetModel();
    Q_EMIT loaded(static_cast<int>(m_spine.size()));
    if (const auto now = selectedCount(); !m_all && now < before)
        Q_EMIT selectionCut(before - now, before);
    Q_EMIT selectionChanged();
}

void ListModel::forgetPages()
{
    for (auto &ticket : m_wanted)
        ticket.cancel();
    m_pages.clear();
    m_recent.clear();
    m_wanted.clear();
    m_waiting.clear();
    m_failed.clear();
    ++m_epoch;
}

void ListModel::retranslate()
{
    m_columns = m_source->columns();
    forgetPages();
    if (!m_spine.empty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
}

int ListModel::rowOf(std::int64_t id) const
{
    const auto found = std::find(m_spine.begin(), m_spine.end(), id);
    return found == m_spine.end() ? -1 : static_cast<int>(found - m_spine.begin());
}

void ListModel::select(int first, int last, bool keep, bool toggle)
{
    if (!keep) {
        m_all = false;
        m_marked.clear();
    }
    first = std::max(first, 0);
    last = std::min(last, rowCount() - 1);
    for (int row = first; row <= last; ++row) {
        const auto id = idAt(row);
        const bool wanted = toggle ? !isSelected(id) : true;
        if (wanted != m_all)
            m_marked.insert(id);
        else
            m_marked.remove(id);
    }
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), {TickRole});
    Q_EMIT selectionChanged();
}

void ListModel::selectAll()
{
    m_all = true;
    m_marked.clear();
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), {TickRole});
    Q_EMIT selectionChanged();
}

void ListModel::selectNone()
{
    select(0, -1, false);
}

qint64 ListModel::selectedCount() const
{
    return m_all ? static_cast<qint64>(m_spine.size()) - m_marked.size() : m_marked.size();
}

std::vector<std::int64_t> ListModel::selectedIds() const
{
    std::vector<std::int64_t> ids;
    if (selectedCount() > 0)
        std::copy_if(m_spine.begin(), m_spine.end(), std::back_inserter(ids),
                     [this](auto id) { return isSelected(id); });
    return ids;
}

int ListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_spine.size());
}
int ListModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

const RowPage *ListModel::page(int row) const
{
    const int number = row / rowsPerPage;
    const auto found = m_pages.constFind(number);
    if (found == m_pages.constEnd()) {
        fetch(number);
        return nullptr;
    }
    if (m_recent.isEmpty() || m_recent.constLast() != number) {
        m_recent.removeOne(number);
        m_recent.append(number);
    }
    return found->get();
}

void ListModel::fetch(int number, bool ahead) const
{
    const auto begin = static_cast<std::size_t>(number) * rowsPerPage;
    if (!m_readers || number < 0 || begin >= m_spine.size() || m_wanted.contains(number) ||
        m_failed.contains(number) || m_pages.contains(number))
        return;
    while (m_waiting.size() >= pagesAsked) {
        const int oldest = m_waiting.takeFirst();
        m_wanted[oldest].cancel();
        m_wanted.remove(oldest);
    }
    const auto count = std::min<std::size_t>(rowsPerPage, m_spine.size() - begin);
    std::vector<std::int64_t> ids(m_spine.begin() + static_cast<std::ptrdiff_t>(begin),
                                  m_spine.begin() + static_cast<std::ptrdiff_t>(begin + count));
    auto *self =
        const_cast<ListModel *>(this); // the answer changes the cache, which is not the value of the model
    m_waiting.append(number);
    m_wanted.insert(
        number, m_readers->ask(
                    self, {},
                    [source = m_source, ids](store::Connection &db, std::stop_token stop) {
                        return source->readPage(db, ids, std::move(stop));
                    },
                    [self, number, ahead, epoch = m_epoch](Result<std::shared_ptr<const RowPage>> answer) {
                        if (epoch == self->m_epoch)
                            self->arrived(number, std::move(answer), ahead);
                    }));
}

void ListModel::arrived(int number, Result<std::shared_ptr<const RowPage>> answer, bool ahead)
{
    m_wanted.remove(number);
    m_waiting.removeOne(number);
    if (!answer) {
        // Sign-ins were renumbered: the order itself is out of date.
        if (answer.error().code == Code::Conflict) {
            reload();
        } else if (answer.error().code != Code::Cancelled) {
            m_failed.insert(number);
            Q_EMIT failed(answer.error());
        }
        return;
    }
    m_pages.insert(number, *answer);
    m_recent.append(number);
    while (m_recent.size() > pagesKept)
        m_pages.remove(m_recent.takeFirst());
    const int first = number * rowsPerPage;
    const int last = std::min(first + rowsPerPage, rowCount()) - 1;
    Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
    if (!ahead && m_waiting.isEmpty()) {
        fetch(number + 1, true);
        fetch(number - 1, true);
    }
}

QVariant ListModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const auto id = idAt(index.row());
    if (role == TickRole)
        return isSelected(id);
    const auto *rows = page(index.row());
    if (role == LoadingRole)
        return rows == nullptr;
    if (rows == nullptr) {
        if (role == Qt::AccessibleTextRole)
            return tr("loading");
        return role == Qt::DisplayRole ? QVariant(QStringLiteral("…")) : QVariant();
    }
    const int row = index.row() % rowsPerPage;
    if (role == IdRole)
        return rows->id(row);
    return row < rows->size() ? rows->data(row, index.column(), role) : QVariant();
}

QVariant ListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= m_columns.size())
        return {};
    const auto &column = m_columns[section];
    switch (role) {
    case Qt::DisplayRole: return column.title;
    case Qt::ToolTipRole: return column.tip;
    case KindRole: return static_cast<int>(column.kind);
    case WidthRole: return column.width;
    default: return {};
    }
}

} // namespace riskdesk::models

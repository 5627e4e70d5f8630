// ListModel: a list of any length over a spine of ids and pages of rows (core/query).
//
// reload() asks for the ids in order; rows are read 128 at a time when a view first wants them, and the pages
// beside them ahead of time; the 64 used last are kept. Until a page is there its cells say "…" and
// LoadingRole is true. data() looks up and never asks the store itself. Old rows stay while a new question is
// being answered. Selection is kept as ids, so sorting and refreshing do not lose it, and "all 48,210" is one
// flag; a changed filter never widens it.
//
// GUI thread. What a list shows is a RowSource, whose methods run on reader threads.
#pragma once

#include "core/base/result.h"
#include "core/query/report.h"
#include "core/store/connection.h"

#include "ui/jobs/readers.h"
#include "ui/models/roles.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QList>
#include <QSet>
#include <QString>

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace riskdesk::models {

struct Column
{
    QString id; // what it sorts by (core/query/filter/fields.h); empty: it does not sort
    QString title;
    QString tip; // one sentence
    int width = 100;
    bool shown = false; // at first
    CellKind kind = CellKind::Text;
    QString filterField; // the field that RawRole is a value of; empty: `id` names it too

    [[nodiscard]] const QString &field() const { return filterField.isEmpty() ? id : filterField; }
};

// A page of rows with every text made; immutable.
class RowPage
{
public:
    virtual ~RowPage() = default;
    [[nodiscard]] virtual int size() const = 0;
    [[nodiscard]] virtual QVariant data(int row, int column, int role) const = 0;
    [[nodiscard]] virtual QString id(int row) const = 0;
};

class RowSource
{
public:
    virtual ~RowSource() = default;
    [[nodiscard]] virtual QList<Column> columns() const = 0;
    // Any thread.
    [[nodiscard]] virtual Result<std::vector<std::int64_t>>
    readSpine(store::Connection &connection, const query::Question &question, std::stop_token stop) const;
    [[nodiscard]] virtual Result<std::shared_ptr<const RowPage>> readPage(store::Connection &connection,
                                                                          std::span<const std::int64_t> ids,
                                                                          std::stop_token stop) const = 0;
};

class ListModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    static constexpr int rowsPerPage = 128;
    static constexpr int pagesKept = 64;
    static constexpr int pagesAsked = 8; // at once; while somebody drags the scroll bar older ones are let go

    ListModel(std::shared_ptr<const RowSource> source, std::shared_ptr<jobs::Readers> readers,
              QObject *parent = nullptr);

    void setReaders(std::shared_ptr<jobs::Readers> readers);
    // The same question asked again when nothing changed: after an import, an action, a refresh.
    void setQuestion(const query::Question &question);
    [[nodiscard]] const query::Question &question() const { return m_question; }
    void reload();
    // Texts depend on the zone and the language: forgets the pages, not the order.
    void retranslate();
    [[nodiscard]] bool isBusy() const { return m_asking.waits(); }

    [[nodiscard]] const QList<Column> &columns() const { return m_columns; }
    [[nodiscard]] std::int64_t idAt(int row) const { return m_spine[static_cast<std::size_t>(row)]; }
    [[nodiscard]] int rowOf(std::int64_t id) const; // -1: not in the list

    // Selection.
    void select(int first, int last, bool keep, bool toggle = false);
    void selectAll();
    void selectNone();
    [[nodiscard]] qint64 selectedCount() const;
    [[nodiscard]] bool isSelected(std::int64_t id) const { return m_all != m_marked.contains(id); }
    [[nodiscard]] std::vector<std::int64_t> selectedIds() const; // in the order of the list

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void busyChanged(bool busy);
    void loaded(int rows);
    void emptied(); // the rows were another directory's; what this one has is not known yet
    void failed(const riskdesk::Error &error);
    void selectionChanged();
    // The question changed, and of `before` selected rows `lost` are no longer in the list.
    void selectionCut(qint64 lost, qint64 before);

private:
    [[nodiscard]] const RowPage *page(int row) const;
    void fetch(int page, bool ahead = false) const;
    void arrived(int page, Result<std::shared_ptr<const RowPage>> answer, bool ahead);
    void forgetPages();
    void fixSelection();
    void take(std::vector<std::int64_t> spine);

    std::shared_ptr<const RowSource> m_source;
    std::shared_ptr<jobs::Readers> m_readers;
    QList<Column> m_columns;
    query::Question m_question;
    std::vector<std::int64_t> m_spine;
    mutable QHash<int, std::shared_ptr<const RowPage>> m_pages;
    mutable QList<int> m_recent;               // pages, used last at the end
    mutable QHash<int, jobs::Ticket> m_wanted; // asked for, not here yet
    mutable QList<int> m_waiting;              // the same, asked last at the end
    QSet<int> m_failed;                        // not asked again before the next reload
    int m_epoch = 0;                           // of the spine; a page of an older one is dropped
    jobs::Ticket m_asking;
    bool m_all = false;
    QSet<std::int64_t> m_marked; // selected, or the exceptions when m_all
};

} // namespace riskdesk::models

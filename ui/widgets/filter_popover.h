// The values of one filter with their counts: "is / is not", type to find, tick what is wanted (picture 03).
// Every tick applies at once. The focus begins in the search field, which finds a value by any part of its
// words, letter case, accents, blanks and signs ignored, the nearest first; Enter ticks the first match and
// empties the field; Esc closes.
#pragma once

#include "ui/widgets/popover.h"

#include <QAbstractListModel>

class QListView;

namespace riskdesk::widgets {

class SearchBox;
class SegmentedControl;

struct FilterOption
{
    QString key;
    QString label;
    QString box;       // two letters in a box before the label; empty: none
    qint64 count = -1; // -1: not known
    bool ticked = false;
    QStringList also = {}; // other words it is found by
};

class FilterPopover : public Popover
{
    Q_OBJECT
public:
    FilterPopover(const Theme &theme, const QString &title, const QString &findHint,
                  QWidget *parent = nullptr);

    void setOptions(const QList<FilterOption> &options);
    void setNegated(bool negated);
    void setNegatable(bool negatable);
    // "40 users": what the filter now gives.
    void setSummary(const QString &summary);
    [[nodiscard]] QStringList tickedKeys() const;
    [[nodiscard]] QStringList tickedLabels() const;

Q_SIGNALS:
    void changed(const QStringList &keys, bool negated);
    void searched(const QString &text); // for lists too long to hold all values

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    class Model;
    class Sieve;
    class Delegate;
    void tell();
    void toggle(const QModelIndex &index);

    SearchBox *m_find; // made first: the focus begins here
    SegmentedControl *m_relation;
    QListView *m_list;
    Label *m_summary;
    Model *m_model;
    Sieve *m_sieve;
};

} // namespace riskdesk::widgets

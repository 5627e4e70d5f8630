// The values of one filter with their counts: "is / is not", type to find, tick what is wanted (picture 03).
// Every tick applies at once. The focus begins in the search field, which finds a value by any part of its
// words, letter case, accents, blanks and signs ignored, the nearest first; Enter ticks the first match and
// empties the field; Esc closes.
//
// It opens before its values are counted. Letters typed in the meantime are in the search field; an Enter,
// and what is pressed after it, takes effect when the values come; the relation and Clear wait until then.
#pragma once

#include "ui/widgets/controls/popover.h"

#include <QAbstractListModel>
#include <QKeyEvent>

#include <memory>
#include <vector>

class QListView;
class QPushButton;

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

    // Either ends the waiting; keys that were held back for values that cannot be had are forgotten.
    void setOptions(const QList<FilterOption> &options);
    void setProblem(const QString &problem);
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
    bool holdBack(const QKeyEvent &key);

    SearchBox *m_find; // made first: the focus begins here
    SegmentedControl *m_relation;
    QListView *m_list;
    QPushButton *m_clear;
    Label *m_summary;
    Model *m_model;
    Sieve *m_sieve;
    bool m_waiting = true;                             // for the values
    std::vector<std::unique_ptr<QKeyEvent>> m_pressed; // while it waited, from the first Enter on
};

} // namespace riskdesk::widgets

// The sheet of Ctrl+K: a box to type in and what it may mean below, nearest first. Up and Down move, Enter
// opens, Esc closes; the box keeps the focus. The page finds the items and says with setItems() what there
// is; Enter pressed while that is still on its way opens the first of it.
#pragma once

#include "ui/theme/icons.h"
#include "ui/widgets/controls/popover.h"

#include <functional>

class QListView;

namespace riskdesk::widgets {

class SearchBox;

struct GoToItem
{
    theme::Icon icon;
    QString title;
    QString detail; // beside the title
    QString kind;   // at the end: "User", or the shortcut
    std::function<void()> open;
};

class GoToSheet : public Popover
{
    Q_OBJECT
public:
    explicit GoToSheet(const Theme &theme, QWidget *parent = nullptr);

    // `complete`: nothing more will come for what was typed.
    void setItems(const QList<GoToItem> &items, bool complete);

Q_SIGNALS:
    void typed(const QString &text);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    class Model;
    class Delegate;
    void choose(int row);

    SearchBox *m_box;
    QListView *m_list;
    Label *m_nothing;
    Model *m_model;
    bool m_complete = false;
    bool m_entered = false; // before everything was there
};

} // namespace riskdesk::widgets

#include "ui/widgets/controls/pill_bar.h"

#include "ui/widgets/controls/filter_pill.h"
#include "ui/widgets/controls/flow_layout.h"
#include "ui/widgets/controls/search_box.h"

#include <QContextMenuEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QVBoxLayout>

namespace riskdesk::widgets {

using theme::ButtonKind;
using theme::Icon;
using theme::TextStyle;
using theme::Token;

PillBar::PillBar(const Theme &theme, const QString &searchHint, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_search(new SearchBox(theme, searchHint, this))
    , m_add(linkButton(tr("Add filter"), this))
    , m_reset(linkButton(tr("Reset"), this))
    , m_problem(new Label(theme, TextStyle::Secondary, Token::HighText, {}, this))
{
    m_search->setFixedWidth(226);
    m_search->setFixedHeight(theme.scaled(28));
    m_add->setIcon(theme.icon(Icon::Plus, Token::AccentText));
    m_add->setIconSize(QSize(16, 16));
    m_problem->hide();

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    auto *pills = new QWidget(this);
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    pills->setSizePolicy(policy);
    m_flow = new FlowLayout(pills);
    m_flow->insertWidget(0, m_add);
    row->addWidget(m_search, 0, Qt::AlignTop);
    row->addWidget(pills, 1);
    row->addWidget(m_reset, 0, Qt::AlignTop);
    column->addLayout(row);
    column->addWidget(m_problem);

    connect(m_search, &SearchBox::problemChanged, this, [this](const QString &problem) {
        m_problem->setText(problem);
        m_problem->setVisible(!problem.isEmpty());
    });
    connect(m_add, &QPushButton::clicked, this, [this] { Q_EMIT addAsked(m_add); });
    connect(m_reset, &QPushButton::clicked, this, &PillBar::resetAsked);
}

FilterPill *PillBar::addPill(const QString &field, const QString &name)
{
    auto *made = new FilterPill(m_theme, field, name, this);
    m_flow->insertWidget(static_cast<int>(m_pills.size()), made);
    m_pills.append(made);
    made->installEventFilter(this);
    made->show();
    connect(made, &FilterPill::openAsked, this, [this, made] { Q_EMIT pillOpened(made); });
    connect(made, &FilterPill::removeAsked, this, [this, made] { Q_EMIT pillRemoved(made); });
    // After the search box and in reading order.
    QWidget *before = m_search;
    for (FilterPill *each : m_pills) {
        setTabOrder(before, each);
        before = each;
    }
    setTabOrder(before, m_add);
    setTabOrder(m_add, m_reset);
    return made;
}

void PillBar::removePill(const QString &field)
{
    FilterPill *gone = pill(field);
    if (gone == nullptr)
        return;
    m_pills.removeAll(gone);
    m_flow->removeWidget(gone);
    gone->hide();
    gone->deleteLater();
}

FilterPill *PillBar::pill(const QString &field) const
{
    for (FilterPill *each : m_pills)
        if (each->field() == field)
            return each;
    return nullptr;
}

void PillBar::focusPills()
{
    QWidget *first = m_pills.isEmpty() ? static_cast<QWidget *>(m_add) : m_pills.front();
    first->setFocus(Qt::ShortcutFocusReason);
}

bool PillBar::eventFilter(QObject *watched, QEvent *event)
{
    auto *pill = qobject_cast<FilterPill *>(watched);
    if (pill == nullptr)
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::ContextMenu) {
        Q_EMIT pillMenuAsked(pill, static_cast<QContextMenuEvent *>(event)->globalPos());
        return true;
    }
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Left || key == Qt::Key_Right) {
            const bool forward = (key == Qt::Key_Right) != isRightToLeft();
            const qsizetype next = m_pills.indexOf(pill) + (forward ? 1 : -1);
            if (next >= 0 && next < m_pills.size())
                m_pills[next]->setFocus(Qt::TabFocusReason);
            else if (next == m_pills.size())
                m_add->setFocus(Qt::TabFocusReason);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace riskdesk::widgets

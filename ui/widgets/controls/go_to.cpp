#include "ui/widgets/controls/go_to.h"

#include "ui/widgets/controls/search_box.h"

#include <QAbstractListModel>
#include <QKeyEvent>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

namespace {

constexpr int rowTall = 34;
constexpr int rowsShown = 12;
constexpr int wide = 560;

} // namespace

class GoToSheet::Model : public QAbstractListModel
{
public:
    using QAbstractListModel::QAbstractListModel;
    QList<GoToItem> items;

    void reset(const QList<GoToItem> &next)
    {
        beginResetModel();
        items = next;
        endResetModel();
    }
    int rowCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(items.size());
    }
    QVariant data(const QModelIndex &index, int role) const override
    {
        if (!index.isValid() || index.row() >= items.size())
            return {};
        const GoToItem &item = items[index.row()];
        switch (role) {
        case Qt::DisplayRole: return item.title;
        case Qt::AccessibleTextRole:
            return QStringLiteral("%1, %2, %3").arg(item.title, item.detail, item.kind);
        default: return {};
        }
    }
};

class GoToSheet::Delegate : public QStyledItemDelegate
{
public:
    Delegate(const Theme &theme, Model *model)
        : QStyledItemDelegate(model)
        , m_theme(theme)
        , m_model(model)
    {}
    QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        return {100, m_theme.scaled(rowTall)};
    }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const GoToItem &item = m_model->items[index.row()];
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF r = QRectF(option.rect).adjusted(0, 1, 0, -1);
        const bool current = option.state & QStyle::State_Selected;
        if (current || (option.state & QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(m_theme.color(current ? Token::AccentTint : Token::Surface2));
            painter->drawRoundedRect(r, 5, 5);
        }
        const bool mirrored = option.direction == Qt::RightToLeft;
        const Qt::Alignment side = mirrored ? Qt::AlignRight : Qt::AlignLeft;
        const auto place = [&](qreal x, qreal w) {
            return QRectF(mirrored ? r.right() - x - w : r.left() + x, r.top(), w, r.height());
        };
        QRectF icon(0, 0, 18, 18);
        icon.moveCenter(place(8, 18).center());
        m_theme.paintIcon(*painter, icon, item.icon, Token::Text2);
        const qreal kind = m_theme.text(TextStyle::Secondary).width(item.kind) + 10;
        const qreal room = r.width() - 36 - kind - 12;
        const qreal title = std::min(m_theme.text(TextStyle::Name).width(item.title) + 10, room);
        painter->setPen(m_theme.color(Token::Text));
        m_theme.text(TextStyle::Name).draw(*painter, place(36, title), item.title, side);
        painter->setPen(m_theme.color(Token::Text2));
        if (room - title > 40)
            m_theme.text(TextStyle::Secondary)
                .draw(*painter, place(36 + title, room - title), item.detail, side);
        m_theme.text(TextStyle::Secondary)
            .draw(*painter, place(r.width() - kind, kind - 8), item.kind,
                  mirrored ? Qt::AlignLeft : Qt::AlignRight);
        painter->restore();
    }

private:
    const Theme &m_theme;
    Model *m_model;
};

GoToSheet::GoToSheet(const Theme &theme, QWidget *parent)
    : Popover(theme, parent)
    , m_box(new SearchBox(theme, tr("User, IP address, detection ID, view or command"), this))
    , m_list(new QListView(this))
    , m_nothing(new Label(theme, TextStyle::Body, Token::Text2, tr("Nothing is called that."), this))
    , m_model(new Model(this))
{
    setObjectName(QStringLiteral("goToSheet"));
    setAccessibleName(tr("Go to"));
    m_box->setFixedHeight(theme.scaled(30));
    m_box->setMinimumWidth(theme.scaled(wide));
    content()->addWidget(m_box);
    m_list->setModel(m_model);
    m_list->setItemDelegate(new Delegate(theme, m_model));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setMouseTracking(true);
    m_list->viewport()->setAttribute(Qt::WA_Hover);
    m_list->setUniformItemSizes(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setAccessibleName(accessibleName());
    m_list->setFixedHeight(theme.scaled(rowTall) * rowsShown);
    content()->addWidget(m_list);
    content()->addWidget(m_nothing);
    m_nothing->hide();
    content()->addWidget(new Label(theme, TextStyle::Secondary, Token::Text3,
                                   tr("Only: u user, ip address, d detection, v view, > command"), this));
    m_box->installEventFilter(this);
    connect(m_box, &SearchBox::typed, this, [this](const QString &text) {
        m_complete = false;
        m_entered = false;
        Q_EMIT typed(text);
    });
    connect(m_list, &QListView::clicked, this, [this](const QModelIndex &index) { choose(index.row()); });
}

void GoToSheet::setItems(const QList<GoToItem> &items, bool complete)
{
    m_model->reset(items);
    m_complete = complete;
    m_list->setCurrentIndex(m_model->index(0));
    m_nothing->setVisible(complete && items.isEmpty());
    m_list->setFixedHeight(theme().scaled(rowTall) * std::min(static_cast<int>(items.size()), rowsShown));
    place();
    if (complete && items.isEmpty())
        announce(m_nothing, m_nothing->text());
    if (complete && m_entered)
        choose(0);
}

void GoToSheet::choose(int row)
{
    m_entered = false;
    if (row < 0 || row >= m_model->items.size())
        return;
    const auto open = m_model->items[row].open;
    close(); // the focus goes back first, then where the item leads
    open();
}

bool GoToSheet::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_box || event->type() != QEvent::KeyPress)
        return Popover::eventFilter(watched, event);
    const int count = m_model->rowCount();
    const auto move = [&](int step) {
        if (count > 0)
            m_list->setCurrentIndex(
                m_model->index(std::clamp(m_list->currentIndex().row() + step, 0, count - 1)));
    };
    switch (static_cast<QKeyEvent *>(event)->key()) {
    case Qt::Key_Down: move(1); return true;
    case Qt::Key_Up: move(-1); return true;
    case Qt::Key_PageDown: move(rowsShown); return true;
    case Qt::Key_PageUp: move(-rowsShown); return true;
    case Qt::Key_Escape: close(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_complete)
            choose(m_list->currentIndex().row());
        else
            m_entered = true;
        return true;
    default: return Popover::eventFilter(watched, event);
    }
}

} // namespace riskdesk::widgets

#include "ui/widgets/frame/navigation.h"

#include "ui/theme/style.h"
#include "ui/widgets/controls/basics.h"

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <QVBoxLayout>

namespace riskdesk::widgets {

using theme::Icon;
using theme::TextStyle;
using theme::Token;

QString Navigation::countText(qint64 count)
{
    constexpr qint64 most = 9999;
    if (count < 0)
        return {};
    return count > most ? QLocale().toString(most) + u'+' : QLocale().toString(count);
}

NavigationItem::NavigationItem(const theme::Theme &theme, Icon icon, const QString &text, bool sub,
                               QWidget *parent)
    : QAbstractButton(parent)
    , m_theme(theme)
    , m_icon(icon)
    , m_sub(sub)
{
    setText(text);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFocusPolicy(Qt::ClickFocus);
    connect(&theme, &theme::Theme::changed, this, [this] { updateGeometry(); });
    refresh();
}

void NavigationItem::refresh()
{
    setAccessibleName(m_count < 0 ? text()
                                  : QStringLiteral("%1, %2").arg(text(), Navigation::countText(m_count)));
    setToolTip(m_collapsed ? accessibleName() : QString());
    update();
}

void NavigationItem::setCount(qint64 count)
{
    m_count = count;
    refresh();
}

void NavigationItem::setActive(bool active)
{
    m_active = active;
    setFocusPolicy(active ? Qt::StrongFocus : Qt::ClickFocus);
    update();
}

void NavigationItem::setCollapsed(bool collapsed)
{
    m_collapsed = collapsed;
    refresh();
}

QSize NavigationItem::sizeHint() const
{
    return {m_collapsed ? 40 : 180, m_theme.scaled(m_sub ? 29 : 35)};
}

void NavigationItem::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF r(rect());
    const bool mirrored = isRightToLeft();
    painter.setPen(Qt::NoPen);
    if (m_active || underMouse()) {
        QColor fill;
        if (!m_active) {
            fill = m_theme.color(Token::Text);
            fill.setAlphaF(0.05F);
        } else if (m_sub) {
            fill = m_theme.color(m_theme.isDark() ? Token::Surface2 : Token::Surface);
        } else {
            fill = m_theme.color(Token::AccentTint2);
        }
        painter.setBrush(fill);
        painter.drawRoundedRect(r, 6, 6);
    }
    if (m_active && !m_sub) {
        painter.setBrush(m_theme.color(Token::Accent));
        painter.drawRoundedRect(QRectF(mirrored ? r.right() - 3 : 0, r.center().y() - 9, 3, 18), 1.5, 1.5);
    }
    const auto place = [&](qreal x, qreal w) {
        return QRectF(mirrored ? r.right() - x - w : x, 0, w, r.height());
    };
    const Token strong = m_active && !m_sub ? Token::AccentText : Token::Text;
    if (!m_sub) {
        const QRectF at = m_collapsed ? r : place(12, 20);
        QRectF icon(0, 0, 20, 20);
        icon.moveCenter(at.center());
        m_theme.paintIcon(painter, icon, m_icon, m_active ? Token::AccentText : Token::Text2, m_active);
    }
    if (m_collapsed)
        return;
    const QString count = Navigation::countText(m_count);
    auto &numbers = m_theme.text(m_active ? TextStyle::CardTitle : TextStyle::Name);
    const qreal kept = count.isEmpty() ? 12 : numbers.tabularWidth(count) + 20;
    painter.setPen(m_theme.color(m_active || !m_sub ? strong : Token::Text2));
    m_theme.text(m_active ? TextStyle::CardTitle : TextStyle::Name)
        .draw(painter, place(44, r.width() - 44 - kept), text(), mirrored ? Qt::AlignRight : Qt::AlignLeft);
    painter.setPen(m_theme.color(m_active ? Token::Text : Token::Text2));
    numbers.drawTabular(painter, place(r.width() - kept, kept - 12), count,
                        mirrored ? Qt::AlignLeft : Qt::AlignRight);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme, r, 5);
}

Navigation::Navigation(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_column(new QVBoxLayout(this))
{
    setAccessibleName(tr("Navigation"));
    setFixedWidth(wideWidth);
    m_column->setContentsMargins(8, 6, 8, 8);
    m_column->setSpacing(2);
}

void Navigation::addSection(const QString &id, Icon icon, const QString &text)
{
    Section section;
    section.id = id;
    section.item = new NavigationItem(m_theme, icon, text, false, this);
    section.item->section = id;
    section.item->installEventFilter(this);
    connect(section.item, &QAbstractButton::clicked, this, [this, id] { Q_EMIT opened(id, QString()); });
    section.viewBox = new QWidget(this);
    auto *box = new QVBoxLayout(section.viewBox);
    box->setContentsMargins(0, 0, 0, 4);
    box->setSpacing(2);
    section.viewBox->hide();
    m_column->addWidget(section.item);
    m_column->addWidget(section.viewBox);
    m_sections.append(section);
    refresh();
}

void Navigation::addDivider()
{
    m_column->addSpacing(8);
    m_column->addWidget(new Divider(m_theme, Qt::Horizontal, this));
    m_column->addSpacing(8);
}

void Navigation::addSpring()
{
    m_column->addStretch(1);
}

Navigation::Section *Navigation::find(const QString &id)
{
    for (Section &section : m_sections)
        if (section.id == id)
            return &section;
    return nullptr;
}

void Navigation::setCount(const QString &section, qint64 count)
{
    if (Section *found = find(section))
        found->item->setCount(count);
}

void Navigation::setViews(const QString &section, const QList<View> &views)
{
    Section *found = find(section);
    if (found == nullptr)
        return;
    // Reuse what is there: counts change often, names rarely.
    while (found->views.size() > views.size())
        delete found->views.takeLast();
    for (qsizetype i = 0; i < views.size(); ++i) {
        if (i == found->views.size() || found->views[i]->view != views[i].id ||
            found->views[i]->text() != views[i].text) {
            auto *item = new NavigationItem(m_theme, Icon::Bookmark, views[i].text, true, found->viewBox);
            item->section = section;
            item->view = views[i].id;
            item->installEventFilter(this);
            connect(item, &QAbstractButton::clicked, this,
                    [this, section, view = views[i].id] { Q_EMIT opened(section, view); });
            if (i < found->views.size())
                delete found->views.takeAt(i);
            found->views.insert(i, item);
            static_cast<QVBoxLayout *>(found->viewBox->layout())->insertWidget(static_cast<int>(i), item);
            item->show();
        }
        found->views[i]->setCount(views[i].count);
    }
    refresh();
}

void Navigation::setCurrent(const QString &section, const QString &view)
{
    m_section = section;
    m_view = view;
    refresh();
}

void Navigation::setCollapsed(bool collapsed)
{
    if (collapsed == m_collapsed)
        return;
    m_collapsed = collapsed;
    setFixedWidth(collapsed ? narrowWidth : wideWidth);
    for (const Section &section : m_sections)
        section.item->setCollapsed(collapsed);
    refresh();
}

void Navigation::refresh()
{
    for (const Section &section : m_sections) {
        const bool here = section.id == m_section;
        section.item->setActive(here);
        section.viewBox->setVisible(here && !m_collapsed && !section.views.isEmpty());
        for (NavigationItem *item : section.views)
            item->setActive(here && item->view == m_view);
    }
}

QList<NavigationItem *> Navigation::reachable() const
{
    QList<NavigationItem *> items;
    for (const Section &section : m_sections) {
        items.append(section.item);
        if (section.viewBox->isVisibleTo(this))
            items += section.views;
    }
    return items;
}

bool Navigation::eventFilter(QObject *watched, QEvent *event)
{
    auto *item = qobject_cast<NavigationItem *>(watched);
    if (item == nullptr)
        return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::ContextMenu && !item->view.isEmpty()) {
        Q_EMIT viewMenuAsked(item->section, item->view, static_cast<QContextMenuEvent *>(event)->globalPos());
        return true;
    }
    if (event->type() == QEvent::KeyPress) {
        const auto *key = static_cast<QKeyEvent *>(event);
        const QList<NavigationItem *> items = reachable();
        const qsizetype at = items.indexOf(item);
        if (key->modifiers() == Qt::NoModifier && (key->key() == Qt::Key_Up || key->key() == Qt::Key_Down)) {
            const qsizetype next = at + (key->key() == Qt::Key_Down ? 1 : -1);
            if (next >= 0 && next < items.size())
                items[next]->setFocus(Qt::TabFocusReason);
            return true;
        }
        if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
            item->click();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void Navigation::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.color(Token::NavBg));
}

} // namespace riskdesk::widgets

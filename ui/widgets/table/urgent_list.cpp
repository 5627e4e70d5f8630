#include "ui/widgets/table/urgent_list.h"

#include "ui/models/format.h"

#include <QPainter>
#include <QVBoxLayout>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

namespace {

constexpr int commandWidth = 138;
constexpr int ageWidth = 96;
constexpr int ageFrom = 500; // narrower: the tool tip says how long
constexpr int pillPlace = 84;
constexpr int avatarPlace = 24;

} // namespace

UrgentEntry::UrgentEntry(const Theme &theme, QWidget *parent)
    : QAbstractButton(parent)
    , m_theme(theme)
    , m_command(new QPushButton(this))
{
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setMaximumHeight(theme.scaled(54));
}

void UrgentEntry::set(const Urgent &urgent)
{
    m_urgent = urgent;
    m_command->setText(urgent.command);
    m_command->setAccessibleName(tr("%1: %2", "command, person").arg(urgent.command, urgent.name));
    setAccessibleName(tr("%1, %2, %3, %4", "name, level, reason, age")
                          .arg(urgent.name, models::levelName(urgent.level), urgent.reason, urgent.age));
    setToolTip(models::plainTip(
        QStringLiteral("%1, %2").arg(urgent.whole.isEmpty() ? urgent.reason : urgent.whole, urgent.age)));
    update();
}

void UrgentEntry::resizeEvent(QResizeEvent *)
{
    const int wide = m_theme.scaled(commandWidth);
    const int tall = std::min(height() - 8, m_theme.scaled(32));
    const int x = isRightToLeft() ? 0 : width() - wide;
    m_command->setGeometry(x, (height() - tall) / 2, wide, tall);
}

// Beneath level and age, up to the command: it tells most.
qreal UrgentEntry::reasonWidth() const
{
    return width() - m_theme.scaled(commandWidth) - 10 - m_theme.scaled(avatarPlace) - 10;
}

bool UrgentEntry::isReasonCut() const
{
    return m_theme.text(TextStyle::Secondary).width(m_urgent.reason) > reasonWidth();
}

void UrgentEntry::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const bool mirrored = isRightToLeft();
    const QRectF whole = QRectF(rect());
    const Qt::Alignment lead = mirrored ? Qt::AlignRight : Qt::AlignLeft;
    const auto place = [&](qreal x, qreal wide, qreal y, qreal tall) {
        return QRectF(mirrored ? whole.right() - x - wide : x, y, wide, tall);
    };
    if (underMouse() && !m_command->underMouse()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.color(Token::Surface2));
        painter.drawRoundedRect(whole.adjusted(0, 1, 0, -1), 6, 6);
        painter.setRenderHint(QPainter::Antialiasing, false);
    }
    const qreal middle = whole.center().y();
    const qreal avatar = m_theme.scaled(avatarPlace);
    paintAvatar(painter, m_theme, place(0, avatar, middle - avatar / 2, avatar),
                models::initials(m_urgent.name), m_urgent.name);
    const qreal right = whole.width() - m_theme.scaled(commandWidth) - 10;
    const qreal age = width() < m_theme.scaled(ageFrom) ? 0 : m_theme.scaled(ageWidth);
    const qreal pill = m_theme.scaled(pillPlace);
    const qreal words = right - age - pill - avatar - 14;
    auto &name = m_theme.text(TextStyle::Name);
    auto &second = m_theme.text(TextStyle::Secondary);
    const qreal line = m_theme.scaled(17);
    painter.setPen(m_theme.color(Token::Text));
    name.draw(painter, place(avatar + 10, words, middle - line, line), m_urgent.name, lead);
    painter.setPen(m_theme.color(Token::Text2));
    second.draw(painter, place(avatar + 10, reasonWidth(), middle, line), m_urgent.reason, lead);
    paintLevelPill(painter, m_theme, place(right - age - pill, pill, middle - line - 1, 17), m_urgent.level,
                   17);
    painter.setPen(m_theme.color(Token::Text2));
    if (age > 0)
        second.draw(painter, place(right - age, age, middle - line, line), m_urgent.age,
                    mirrored ? Qt::AlignLeft : Qt::AlignRight);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme, place(0, right + 4, whole.top() + 1, whole.height() - 2), 6);
}

UrgentList::UrgentList(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_column(new QVBoxLayout(this))
    , m_none(new Label(theme, TextStyle::Body, Token::Text2, {}, this))
{
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(0);
    m_column->addWidget(m_none);
    m_column->addStretch(0);
}

void UrgentList::setUrgent(const QList<Urgent> &urgent, const QString &none)
{
    m_none->setText(none);
    m_none->setVisible(urgent.isEmpty());
    while (m_entries.size() < urgent.size()) {
        auto *entry = new UrgentEntry(m_theme, this);
        m_column->insertWidget(m_column->count() - 1, entry, 1);
        connect(entry, &QAbstractButton::clicked, this,
                [this, entry] { Q_EMIT pressed(entry->urgent().id); });
        connect(entry->commandButton(), &QPushButton::clicked, this,
                [this, entry] { Q_EMIT commandPressed(entry->urgent().id, entry->commandButton()); });
        m_entries << entry;
    }
    for (qsizetype i = 0; i < m_entries.size(); ++i) {
        m_entries[i]->setVisible(i < urgent.size());
        if (i < urgent.size())
            m_entries[i]->set(urgent[i]);
    }
}

} // namespace riskdesk::widgets

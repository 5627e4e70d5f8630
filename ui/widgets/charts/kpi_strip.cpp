#include "ui/widgets/charts/kpi_strip.h"

#include "ui/widgets/controls/badges.h"

#include <QHBoxLayout>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using theme::Icon;
using theme::TextStyle;
using theme::Token;

KpiButton::KpiButton(const Theme &theme, QWidget *parent)
    : QAbstractButton(parent)
    , m_theme(theme)
{
    setAttribute(Qt::WA_Hover);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Expanding);
    setCursor(Qt::PointingHandCursor);
}

void KpiButton::set(const Kpi &kpi)
{
    m_kpi = kpi;
    setAccessibleName(QStringLiteral("%1: %2, %3").arg(kpi.title, kpi.value, kpi.change));
    setAccessibleDescription(kpi.explanation);
    setToolTip(kpi.explanation);
    updateGeometry();
    update();
}

QString KpiButton::shownTitle() const
{
    const bool fits = m_theme.text(TextStyle::Label).width(m_kpi.title) <= width() - 28;
    return fits || m_kpi.shortTitle.isEmpty() ? m_kpi.title : m_kpi.shortTitle;
}

QSize KpiButton::sizeHint() const
{
    const qreal widest = std::max({m_theme.text(TextStyle::Label).width(m_kpi.title),
                                   m_theme.text(TextStyle::Kpi).width(m_kpi.value),
                                   m_theme.text(TextStyle::Label).width(m_kpi.change) + 14});
    return {static_cast<int>(std::ceil(widest)) + 46, m_theme.scaled(78)};
}

QSize KpiButton::minimumSizeHint() const
{
    return {std::min(sizeHint().width(), 110), m_theme.scaled(78)};
}

void KpiButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const bool mirrored = isRightToLeft();
    const Qt::Alignment side = mirrored ? Qt::AlignRight : Qt::AlignLeft;
    if (underMouse()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.color(Token::Surface2));
        painter.drawRoundedRect(QRectF(rect()).adjusted(4, 4, -4, -4), 6, 6);
    }
    const QRectF room = QRectF(rect()).adjusted(16, 0, -12, 0);
    const qreal top = std::round((height() - m_theme.scaled(70)) / 2.0);
    const auto line = [&](int y, int tall) {
        return QRectF(room.left(), top + m_theme.scaled(y), room.width(), m_theme.scaled(tall));
    };
    painter.setPen(m_theme.color(Token::Text2));
    m_theme.text(TextStyle::Label).draw(painter, line(0, 18), shownTitle(), side);
    painter.setPen(m_theme.color(Token::Text));
    m_theme.text(TextStyle::Kpi).draw(painter, line(18, 34), m_kpi.value, side);
    const Token ink = m_kpi.tone == models::Tone::Bad      ? Token::HighText
                      : m_kpi.tone == models::Tone::Good   ? Token::Ok
                      : m_kpi.tone == models::Tone::Notice ? Token::MedText
                                                           : Token::Text2;
    QRectF words = line(52, 18);
    if (m_kpi.direction != 0) {
        const QRectF arrow(mirrored ? words.right() - 12 : words.left(), words.center().y() - 6, 12, 12);
        m_theme.paintIcon(painter, arrow, m_kpi.direction > 0 ? Icon::ChevronUp : Icon::ChevronDown, ink);
        mirrored ? words.setRight(words.right() - 15) : words.setLeft(words.left() + 15);
    }
    painter.setPen(m_theme.color(ink));
    m_theme.text(TextStyle::Label).draw(painter, words, m_kpi.change, side);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme, QRectF(rect()).adjusted(3, 3, -3, -3), 6);
}

KpiStrip::KpiStrip(const Theme &theme, QWidget *parent)
    : Card(theme, parent)
    , m_theme(theme)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(1, 1, 1, 1);
    row->setSpacing(0);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setFixedHeight(theme.scaled(98));
    connect(&theme, &Theme::changed, this, [this] { setFixedHeight(m_theme.scaled(98)); });
}

void KpiStrip::setKpis(const QList<Kpi> &kpis)
{
    while (m_buttons.size() > kpis.size())
        delete m_buttons.takeLast();
    auto *row = static_cast<QHBoxLayout *>(layout());
    while (m_buttons.size() < kpis.size()) {
        auto *button = new KpiButton(m_theme, this);
        const int index = static_cast<int>(m_buttons.size());
        connect(button, &QAbstractButton::clicked, this,
                [this, index] { Q_EMIT pressed(m_ids.value(index)); });
        row->insertWidget(index, button, m_tail != nullptr ? 0 : 1);
        m_buttons.append(button);
    }
    m_ids.clear();
    for (qsizetype i = 0; i < kpis.size(); ++i) {
        m_buttons[i]->set(kpis[i]);
        m_ids.append(kpis[i].id);
    }
    update();
}

void KpiStrip::setTail(QWidget *tail)
{
    m_tail = tail;
    auto *row = static_cast<QHBoxLayout *>(layout());
    row->addWidget(tail, 1);
    for (KpiButton *button : m_buttons)
        row->setStretchFactor(button, 0);
    tail->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Expanding);
    tail->setMinimumWidth(220);
}

void KpiStrip::paintEvent(QPaintEvent *event)
{
    Card::paintEvent(event);
    QPainter painter(this);
    QList<const QWidget *> parts(m_buttons.begin(), m_buttons.end());
    if (m_tail != nullptr && m_tail->isVisibleTo(this))
        parts.append(m_tail);
    for (qsizetype i = 1; i < parts.size(); ++i) {
        const int x = isRightToLeft() ? parts[i]->geometry().right() : parts[i]->geometry().left();
        painter.fillRect(QRect(x, 16, 1, height() - 32), m_theme.color(Token::Border));
    }
}

} // namespace riskdesk::widgets

#include "ui/widgets/controls/filter_pill.h"

#include "ui/models/format.h"
#include "ui/theme/style.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <cmath>

namespace riskdesk::widgets {

using theme::Icon;
using theme::TextStyle;
using theme::Token;

namespace {

constexpr int lead = 12;
constexpr int tail = 30;
constexpr qsizetype namedValues = 2;
constexpr qreal longestValue = 220;

} // namespace

FilterPill::FilterPill(const theme::Theme &theme, const QString &field, const QString &name, QWidget *parent)
    : QAbstractButton(parent)
    , m_theme(theme)
    , m_field(field)
    , m_name(name)
{
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_Hover);
    connect(this, &QAbstractButton::clicked, this, &FilterPill::openAsked);
    connect(&theme, &theme::Theme::changed, this, [this] { updateGeometry(); });
    refresh();
}

void FilterPill::setValues(const QStringList &values, bool negated)
{
    m_values = values;
    m_negated = negated;
    refresh();
}

void FilterPill::setTurnedOff(bool off)
{
    m_off = off;
    refresh();
}

void FilterPill::setOpen(bool open)
{
    m_open = open;
    update();
}

QString FilterPill::label() const
{
    return m_negated && isSet() ? tr("%1 is not:").arg(m_name) : m_name + u':';
}

QString FilterPill::valueText(qsizetype named) const
{
    if (m_values.isEmpty())
        return tr("Any");
    QString text = m_values.mid(0, named).join(QStringLiteral(", "));
    if (m_values.size() > named)
        text += QStringLiteral(" +%1").arg(models::count(m_values.size() - named));
    return text;
}

void FilterPill::refresh()
{
    const QString all = m_values.isEmpty() ? tr("Any") : m_values.join(QStringLiteral(", "));
    setAccessibleName(label() + u' ' + all + (m_off ? tr(", turned off") : QString()));
    setToolTip(m_values.size() > 1 ? models::plainTip(all) : QString());
    updateGeometry();
    update();
}

QSize FilterPill::sizeHint() const
{
    return sizeOf(namedValues);
}

QSize FilterPill::minimumSizeHint() const
{
    return sizeOf(1);
}

QSize FilterPill::sizeOf(qsizetype named) const
{
    const qreal value =
        m_theme.text(isSet() ? TextStyle::CardTitle : TextStyle::Name).width(valueText(named));
    const qreal words = m_theme.text(TextStyle::Body).width(label()) + 4 + std::min(value, longestValue);
    return {lead + static_cast<int>(std::ceil(words)) + tail, m_theme.scaled(28)};
}

QRect FilterPill::removeArea() const
{
    const QRect area(width() - tail, 0, tail, height());
    return isRightToLeft() ? QRect(0, 0, tail, height()) : area;
}

void FilterPill::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF r = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    const bool set = isSet() && !m_off;
    const QColor fill = m_theme.color(set            ? Token::AccentTint
                                      : underMouse() ? Token::Surface2
                                                     : Token::Surface);
    QColor line = m_theme.color(Token::BorderStrong);
    if (set)
        line = theme::blend(m_theme.color(Token::Accent), m_theme.color(Token::AccentTint), 0.55);
    painter.setBrush(fill);
    painter.setPen(QPen(m_open ? m_theme.color(Token::Focus) : line, m_open ? 1.75 : 1,
                        m_off ? Qt::DashLine : Qt::SolidLine));
    painter.drawRoundedRect(r, r.height() / 2, r.height() / 2);

    const bool mirrored = isRightToLeft();
    QRectF words =
        mirrored ? QRectF(rect()).adjusted(tail, 0, -lead, 0) : QRectF(rect()).adjusted(lead, 0, -tail, 0);
    const Qt::Alignment side = mirrored ? Qt::AlignRight : Qt::AlignLeft;
    painter.setPen(m_theme.color(set ? Token::AccentText : m_off ? Token::Text3 : Token::Text2));
    const qreal used = m_theme.text(TextStyle::Body).draw(painter, words, label(), side) + 4;
    mirrored ? words.setRight(words.right() - used) : words.setLeft(words.left() + used);
    if (!set)
        painter.setPen(m_theme.color(m_off ? Token::Text3 : Token::Text));
    m_theme.text(isSet() ? TextStyle::CardTitle : TextStyle::Name)
        .draw(painter, words, valueText(width() < sizeHint().width() ? 1 : namedValues), side);

    QRectF sign(0, 0, 14, 14);
    sign.moveCenter(QRectF(removeArea()).center() + QPointF(mirrored ? 2 : -2, 0));
    if (isSet()) {
        if (m_overRemove) {
            QColor veil = m_theme.color(Token::Accent);
            veil.setAlphaF(0.16F);
            painter.setPen(Qt::NoPen);
            painter.setBrush(veil);
            painter.drawEllipse(sign.center(), 11, 11);
        }
        m_theme.paintIcon(painter, sign, Icon::Close, Token::AccentText);
    } else {
        m_theme.paintIcon(painter, sign, Icon::ChevronDown, Token::Text2);
    }
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme, QRectF(rect()), height() / 2.0 - 1);
}

void FilterPill::mouseReleaseEvent(QMouseEvent *event)
{
    if (isSet() && isDown() && event->button() == Qt::LeftButton &&
        removeArea().contains(event->position().toPoint())) {
        setDown(false);
        Q_EMIT removeAsked();
        return;
    }
    QAbstractButton::mouseReleaseEvent(event);
}

void FilterPill::mouseMoveEvent(QMouseEvent *event)
{
    const bool over = isSet() && removeArea().contains(event->position().toPoint());
    if (over != m_overRemove) {
        m_overRemove = over;
        update();
    }
    QAbstractButton::mouseMoveEvent(event);
}

void FilterPill::leaveEvent(QEvent *event)
{
    m_overRemove = false;
    QAbstractButton::leaveEvent(event);
}

void FilterPill::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace) {
        Q_EMIT removeAsked();
        return;
    }
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Down) {
        Q_EMIT openAsked();
        return;
    }
    QAbstractButton::keyPressEvent(event);
}

} // namespace riskdesk::widgets

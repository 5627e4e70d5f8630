// The painting of single controls; style.cpp decides which.
#include "ui/theme/style.h"
#include "ui/theme/theme.h"

#include <QAbstractScrollArea>
#include <QPainter>
#include <QPainterPath>
#include <QStyleOption>

namespace riskdesk::theme {

namespace {

constexpr qreal inputRadius = 6;

class Keep // restores the painter
{
public:
    explicit Keep(QPainter &painter)
        : m_painter(painter)
    {
        m_painter.save();
    }
    ~Keep() { m_painter.restore(); }
    Keep(const Keep &) = delete;
    Keep &operator=(const Keep &) = delete;

private:
    QPainter &m_painter;
};

} // namespace

void paintFocusRing(QPainter &painter, const Theme &theme, const QRectF &rect, qreal radius)
{
    const Keep keep(painter);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme.color(Token::Focus), 2));
    painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius);
}

void paintTickBox(QPainter &painter, const Theme &theme, const QRectF &box, Qt::CheckState state,
                  bool enabled, bool hover)
{
    const Keep keep(painter);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool filled = state != Qt::Unchecked;
    const Token line = !enabled ? Token::Border : filled || hover ? Token::AccentFill : Token::BorderStrong;
    painter.setPen(QPen(theme.color(line), 1.25));
    painter.setBrush(theme.color(!filled ? Token::Surface : enabled ? Token::AccentFill : Token::Border));
    painter.drawRoundedRect(box.adjusted(0.625, 0.625, -0.625, -0.625), 3.5, 3.5);
    if (!filled)
        return;
    painter.setPen(QPen(theme.color(Token::OnAccent), 1.75, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const QPointF at = box.topLeft();
    if (state == Qt::PartiallyChecked)
        painter.drawLine(at + QPointF(4.5, 8), at + QPointF(11.5, 8));
    else
        painter.drawPolyline(
            QPolygonF{at + QPointF(4.25, 8.4), at + QPointF(6.9, 11), at + QPointF(11.75, 5.4)});
}

void Style::drawButtonPanel(const QStyleOption &option, QPainter &painter, const QWidget *widget) const
{
    const bool enabled = option.state & State_Enabled;
    const bool hover = enabled && (option.state & State_MouseOver);
    const bool down = option.state & State_Sunken;
    const bool on = option.state & State_On;
    ButtonKind kind = buttonKind(widget);
    if (widget != nullptr && widget->inherits("QToolButton") && kind == ButtonKind::Outlined)
        kind = ButtonKind::Flat;
    QColor fill = Qt::transparent;
    QColor line = Qt::transparent;
    switch (kind) {
    case ButtonKind::Primary:
    case ButtonKind::Danger: {
        const QColor base = m_theme.color(kind == ButtonKind::Danger ? Token::HighFill : Token::AccentFill);
        fill = !enabled ? m_theme.color(Token::Surface3)
               : down   ? blend(Qt::black, base, 0.18)
               : hover  ? blend(Qt::black, base, 0.09)
                        : base;
        break;
    }
    case ButtonKind::Outlined:
        fill = m_theme.color(down || on ? Token::Surface3 : hover ? Token::Surface2 : Token::Surface);
        line = m_theme.color(enabled ? Token::BorderStrong : Token::Border);
        break;
    case ButtonKind::Flat:
    case ButtonKind::Link:
        if (down || on || hover)
            fill = blend(m_theme.color(Token::Text), m_theme.color(Token::Window), down || on ? 0.11 : 0.06);
        break;
    }
    const Keep keep(painter);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(fill);
    painter.setPen(line.alpha() == 0 ? QPen(Qt::NoPen) : QPen(line, 1));
    const qreal inset = line.alpha() == 0 ? 0 : 0.5;
    if (fill.alpha() != 0 || line.alpha() != 0)
        painter.drawRoundedRect(QRectF(option.rect).adjusted(inset, inset, -inset, -inset), inputRadius,
                                inputRadius);
}

void Style::drawButtonLabel(const QStyleOptionButton &option, QPainter &painter, const QWidget *widget) const
{
    const bool enabled = option.state & State_Enabled;
    const ButtonKind kind = buttonKind(widget);
    Token ink = Token::Text;
    if (!enabled)
        ink = Token::TextDisabled;
    else if (kind == ButtonKind::Primary || kind == ButtonKind::Danger)
        ink = Token::OnAccent;
    else if (kind == ButtonKind::Link)
        ink = Token::AccentText;
    QString text = option.text;
    text.remove(u'&');
    auto &glyphs = m_theme.text(TextStyle::Name);
    const bool menu = option.features & QStyleOptionButton::HasMenu;
    const int icon = option.icon.isNull() ? 0 : option.iconSize.width();
    const qreal gap = icon > 0 && !text.isEmpty() ? 8 : 0;
    const qreal whole = icon + gap + (text.isEmpty() ? 0 : glyphs.width(text)) + (menu ? 18 : 0);
    const QRectF r(option.rect);
    qreal x = std::max(r.left() + 4, r.left() + std::floor((r.width() - whole) / 2));
    const bool mirrored = option.direction == Qt::RightToLeft;
    const auto place = [&](qreal from, qreal width) {
        QRect logical(static_cast<int>(from), option.rect.y(), static_cast<int>(std::ceil(width)),
                      option.rect.height());
        return mirrored ? visualRect(option.direction, option.rect, logical) : logical;
    };
    if (icon > 0) {
        QRect box = place(x, icon);
        box = QRect(box.x(), option.rect.y() + (option.rect.height() - icon) / 2, icon, icon);
        option.icon.paint(&painter, box, Qt::AlignCenter, enabled ? QIcon::Normal : QIcon::Disabled,
                          option.state & State_On ? QIcon::On : QIcon::Off);
        x += icon + gap;
    }
    if (!text.isEmpty()) {
        painter.setPen(m_theme.color(ink));
        glyphs.draw(painter, QRectF(place(x, std::min(glyphs.width(text), r.right() - 4 - x))), text);
        x += glyphs.width(text);
    }
    if (menu) {
        QRectF box(0, 0, 14, 14);
        box.moveCenter(QRectF(place(x + 4, 14)).center());
        m_theme.paintIcon(painter, box, Icon::ChevronDown, enabled ? ink : Token::TextDisabled);
    }
}

void Style::drawInput(const QStyleOption &option, QPainter &painter) const
{
    const bool enabled = option.state & State_Enabled;
    const bool focus = enabled && (option.state & State_HasFocus);
    const Keep keep(painter);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(m_theme.color(enabled ? Token::Surface : Token::Surface2));
    const Token line = !enabled ? Token::Border : focus ? Token::Focus : Token::BorderStrong;
    painter.setPen(QPen(m_theme.color(line), focus ? 2 : 1));
    const qreal inset = focus ? 1 : 0.5;
    painter.drawRoundedRect(QRectF(option.rect).adjusted(inset, inset, -inset, -inset), inputRadius,
                            inputRadius);
}

void Style::drawMenuItem(const QStyleOption &option, QPainter &painter) const
{
    const auto *item = qstyleoption_cast<const QStyleOptionMenuItem *>(&option);
    if (item == nullptr)
        return;
    const QRect r = item->rect;
    if (item->menuItemType == QStyleOptionMenuItem::Separator) {
        painter.fillRect(QRect(r.x() + 8, r.center().y(), r.width() - 16, 1), m_theme.color(Token::Border));
        return;
    }
    const bool enabled = item->state & State_Enabled;
    const Keep keep(painter);
    painter.setRenderHint(QPainter::Antialiasing);
    if (item->state & State_Selected) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.color(enabled ? Token::AccentTint : Token::Surface2));
        painter.drawRoundedRect(r, 5, 5);
    }
    const auto place = [&](int x, int w) {
        return visualRect(item->direction, r, QRect(x, r.y(), w, r.height()));
    };
    const QRect mark = place(r.x() + 8, 20);
    if (item->checkType != QStyleOptionMenuItem::NotCheckable) {
        if (item->checked) {
            QRectF box(0, 0, 16, 16);
            box.moveCenter(QRectF(mark).center());
            m_theme.paintIcon(painter, box, Icon::Check, enabled ? Token::AccentText : Token::TextDisabled);
        }
    } else if (!item->icon.isNull()) {
        QRect box(0, 0, 18, 18);
        box.moveCenter(mark.center());
        item->icon.paint(&painter, box, Qt::AlignCenter, enabled ? QIcon::Normal : QIcon::Disabled);
    }
    const QStringList parts = item->text.split(u'\t');
    QString label = parts.value(0);
    label.remove(u'&');
    const bool mirrored = item->direction == Qt::RightToLeft;
    painter.setPen(m_theme.color(enabled ? Token::Text : Token::TextDisabled));
    m_theme.text(TextStyle::Body)
        .draw(painter, place(r.x() + 38, r.width() - 50), label, mirrored ? Qt::AlignRight : Qt::AlignLeft);
    if (item->menuItemType == QStyleOptionMenuItem::SubMenu) {
        QRectF box(0, 0, 12, 12);
        box.moveCenter(QRectF(place(r.right() - 24, 16)).center());
        m_theme.paintIcon(painter, box, mirrored ? Icon::ChevronLeft : Icon::ChevronRight,
                          enabled ? Token::Text2 : Token::TextDisabled);
    } else if (parts.size() > 1) {
        painter.setPen(m_theme.color(enabled ? Token::Text2 : Token::TextDisabled));
        m_theme.text(TextStyle::Secondary)
            .draw(painter, place(r.x() + 38, r.width() - 50), parts.at(1),
                  mirrored ? Qt::AlignLeft : Qt::AlignRight);
    }
}

void Style::drawTab(const QStyleOption &option, QPainter &painter) const
{
    const auto *tab = qstyleoption_cast<const QStyleOptionTab *>(&option);
    if (tab == nullptr)
        return;
    const bool active = tab->state & State_Selected;
    const bool enabled = tab->state & State_Enabled;
    const bool hover = tab->state & State_MouseOver;
    painter.setPen(m_theme.color(!enabled          ? Token::TextDisabled
                                 : active || hover ? Token::Text
                                                   : Token::Text2));
    m_theme.text(active ? TextStyle::CardTitle : TextStyle::Name)
        .draw(painter, QRectF(tab->rect).adjusted(4, 0, -4, -2), tab->text, Qt::AlignHCenter);
    if (active)
        painter.fillRect(QRect(tab->rect.x() + 10, tab->rect.bottom() - 1, tab->rect.width() - 20, 2),
                         m_theme.color(Token::Accent));
    if ((tab->state & State_HasFocus) && (tab->state & State_KeyboardFocusChange))
        paintFocusRing(painter, m_theme, QRectF(tab->rect).adjusted(2, 2, -2, -4), 5);
}

void Style::drawHeaderLabel(const QStyleOption &option, QPainter &painter) const
{
    const auto *header = qstyleoption_cast<const QStyleOptionHeader *>(&option);
    if (header == nullptr)
        return;
    painter.setPen(m_theme.color(Token::Text2));
    m_theme.text(TextStyle::TableHeader)
        .draw(painter, QRectF(header->rect).adjusted(8, 0, -8, 0), header->text, header->textAlignment);
}

void Style::drawProgress(ControlElement element, const QStyleOption &option, QPainter &painter) const
{
    const auto *bar = qstyleoption_cast<const QStyleOptionProgressBar *>(&option);
    if (bar == nullptr)
        return;
    const Keep keep(painter);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    QRectF r(bar->rect);
    const qreal height = std::min<qreal>(6, r.height());
    r = QRectF(r.x(), r.center().y() - height / 2, r.width(), height);
    if (element == CE_ProgressBarGroove) {
        painter.setBrush(m_theme.color(Token::Surface3));
        painter.drawRoundedRect(r, height / 2, height / 2);
        return;
    }
    const qint64 range = static_cast<qint64>(bar->maximum) - bar->minimum;
    // Unknown length: a quiet full bar; nothing moves, the words beside it say what is going on.
    const qreal share = range > 0 ? static_cast<qreal>(static_cast<qint64>(bar->progress) - bar->minimum) /
                                        static_cast<qreal>(range)
                                  : 1.0;
    painter.setBrush(m_theme.color(range > 0 ? Token::AccentFill : Token::AccentTint2));
    r.setWidth(std::max(height, r.width() * std::clamp(share, 0.0, 1.0)));
    painter.drawRoundedRect(r, height / 2, height / 2);
}

void Style::drawScrollBar(const QStyleOptionComplex &option, QPainter &painter, const QWidget *widget) const
{
    const auto *bar = qstyleoption_cast<const QStyleOptionSlider *>(&option);
    if (bar == nullptr)
        return;
    const Keep keep(painter);
    painter.setRenderHint(QPainter::Antialiasing);
    if (bar->maximum <= bar->minimum)
        return;
    const bool hover = option.activeSubControls & SC_ScrollBarSlider;
    const bool drag = hover && (option.state & State_Sunken);
    const qreal strength = drag ? 1.0 : hover ? 0.9 : 0.6;
    painter.setPen(Qt::NoPen);
    painter.setBrush(blend(m_theme.color(Token::BorderStrong), m_theme.color(Token::Surface), strength));
    const QRectF slider(subControlRect(CC_ScrollBar, &option, SC_ScrollBarSlider, widget));
    const bool upright = bar->orientation == Qt::Vertical;
    const QRectF thumb = upright ? slider.adjusted(3, 2, -3, -2) : slider.adjusted(2, 3, -2, -3);
    painter.drawRoundedRect(thumb, 3, 3);
}

void Style::drawComboBox(const QStyleOptionComplex &option, QPainter &painter, const QWidget *widget) const
{
    drawInput(option, painter);
    const bool enabled = option.state & State_Enabled;
    QRectF box(0, 0, 14, 14);
    box.moveCenter(QRectF(subControlRect(CC_ComboBox, &option, SC_ComboBoxArrow, widget)).center());
    m_theme.paintIcon(painter, box, Icon::ChevronDown, enabled ? Token::Text2 : Token::TextDisabled);
}

void Style::drawSpinBox(const QStyleOptionComplex &option, QPainter &painter, const QWidget *widget) const
{
    drawInput(option, painter);
    for (const auto &[part, icon] :
         {std::pair{SC_SpinBoxUp, Icon::ChevronUp}, {SC_SpinBoxDown, Icon::ChevronDown}}) {
        QRectF box(0, 0, 10, 10);
        const QRectF area(subControlRect(CC_SpinBox, &option, part, widget));
        box.moveCenter(area.center() + QPointF(0, part == SC_SpinBoxUp ? 2 : -2));
        const bool active = option.activeSubControls & part;
        m_theme.paintIcon(painter, box, icon, active ? Token::Text : Token::Text3);
    }
}

} // namespace riskdesk::theme

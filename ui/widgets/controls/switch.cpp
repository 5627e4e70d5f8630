#include "ui/widgets/controls/switch.h"

#include "ui/theme/style.h"

#include <QPainter>

#include <cmath>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

namespace {

constexpr int trackWidth = 36, trackHeight = 20, besideTrack = 10;

} // namespace

Switch::Switch(const theme::Theme &theme, const QString &text, QWidget *parent)
    : QCheckBox(text, parent)
    , m_theme(theme)
{
    setAccessibleName(text);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(&theme, &theme::Theme::changed, this, [this] { updateGeometry(); });
}

QSize Switch::sizeHint() const
{
    const auto words = static_cast<int>(std::ceil(m_theme.text(TextStyle::CardTitle).width(text())));
    return {2 + trackWidth + besideTrack + words + 6, m_theme.scaled(30)};
}

void Switch::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool mirrored = isRightToLeft();
    const QRectF track(mirrored ? width() - 2 - trackWidth : 2, (height() - trackHeight) / 2.0, trackWidth,
                       trackHeight);
    const bool on = isChecked();
    // The knob's place says it too, so that colour is never the only sign.
    painter.setPen(QPen(m_theme.color(on ? Token::AccentFill : Token::BorderStrong), 1.5));
    painter.setBrush(m_theme.color(on ? Token::AccentFill : underMouse() ? Token::Surface2 : Token::Surface));
    painter.drawRoundedRect(track.adjusted(0.75, 0.75, -0.75, -0.75), trackHeight / 2.0, trackHeight / 2.0);
    const qreal knob = trackHeight - 8;
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.color(on ? Token::OnAccent : Token::BorderStrong));
    painter.drawEllipse(
        QRectF(on != mirrored ? track.right() - 4 - knob : track.left() + 4, track.top() + 4, knob, knob));
    painter.setPen(m_theme.color(isEnabled() ? Token::Text : Token::TextDisabled));
    const qreal aside = 2 + trackWidth + besideTrack;
    m_theme.text(TextStyle::CardTitle)
        .draw(painter, QRectF(rect()).adjusted(mirrored ? 0 : aside, 0, mirrored ? -aside : 0, 0), text(),
              mirrored ? Qt::AlignRight : Qt::AlignLeft);
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme, track.adjusted(-2, -2, 2, 2), trackHeight / 2.0 + 2);
}

} // namespace riskdesk::widgets

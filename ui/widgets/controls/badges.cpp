#include "ui/widgets/controls/badges.h"

#include "ui/models/format.h"

#include <QCoreApplication>
#include <QLinearGradient>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using theme::Icon;
using theme::TextStyle;
using theme::Token;

namespace {

QRectF middle(const QRectF &rect, qreal width, qreal height)
{
    return {rect.left(), std::round(rect.center().y() - height / 2), width, height};
}

} // namespace

RiskLevel levelOf(int value)
{
    return value >= 0 && value <= static_cast<int>(RiskLevel::High) ? static_cast<RiskLevel>(value)
                                                                    : RiskLevel::None;
}

RiskState stateOf(int value)
{
    return value >= 0 && value <= static_cast<int>(RiskState::ConfirmedCompromised)
               ? static_cast<RiskState>(value)
               : RiskState::None;
}

DetectionType typeOf(int value)
{
    return value >= static_cast<int>(DetectionType::UnlikelyTravel) &&
                   value <= static_cast<int>(newestDetectionType)
               ? static_cast<DetectionType>(value)
               : DetectionType::Other;
}

models::Tone toneOf(int value)
{
    return value >= 0 && value <= static_cast<int>(models::Tone::Bad) ? static_cast<models::Tone>(value)
                                                                      : models::Tone::Neutral;
}

Token levelFill(RiskLevel level)
{
    constexpr Token tokens[] = {Token::NoneFill, Token::LowFill, Token::MedFill, Token::HighFill};
    return tokens[static_cast<int>(level)];
}

Token levelInk(RiskLevel level)
{
    constexpr Token tokens[] = {Token::OnNone, Token::OnLow, Token::OnMed, Token::OnHigh};
    return tokens[static_cast<int>(level)];
}

Token levelChart(RiskLevel level)
{
    constexpr Token tokens[] = {Token::Text3, Token::ChLow, Token::ChMed, Token::ChHigh};
    return tokens[static_cast<int>(level)];
}

StateLook stateLook(RiskState state)
{
    switch (state) {
    case RiskState::AtRisk: return {Icon::Warning, true, Token::StAtRisk};
    case RiskState::ConfirmedCompromised: return {Icon::ShieldError, true, Token::StCompromised};
    case RiskState::Remediated: return {Icon::CheckCircle, true, Token::StRemediated};
    case RiskState::Dismissed: return {Icon::Dismiss, false, Token::StDismissed};
    case RiskState::ConfirmedSafe: return {Icon::ShieldCheck, true, Token::StSafe};
    case RiskState::None: break;
    }
    return {Icon::Circle, false, Token::Text3};
}

QString stateWord(RiskState state)
{
    return state == RiskState::ConfirmedCompromised
               ? QCoreApplication::translate("Risk", "Compromised", "short, for a list")
               : models::stateName(state);
}

Icon detectionIcon(DetectionType type)
{
    return theme::iconNamed(info(type).icon);
}

ToneLook toneLook(models::Tone tone)
{
    switch (tone) {
    case models::Tone::Good: return {Icon::CheckCircle, true, Token::Ok};
    case models::Tone::Notice: return {Icon::Warning, true, Token::MedText};
    case models::Tone::Bad: return {Icon::Dismiss, true, Token::HighText};
    case models::Tone::Neutral: break;
    }
    return {Icon::Circle, false, Token::Text3};
}

void paintMeter(QPainter &painter, const QRectF &box, int lit, const QColor &ink)
{
    constexpr qreal heights[] = {0.4, 0.7, 1.0};
    const qreal bar = std::max(2.0, std::round(box.width() * 0.27));
    const qreal step = (box.width() - bar) / 2;
    QColor faint = ink;
    faint.setAlphaF(0.32F);
    painter.setPen(Qt::NoPen);
    for (int i = 0; i < 3; ++i) {
        const qreal h = std::round(box.height() * heights[i]);
        painter.setBrush(i < lit ? ink : faint);
        painter.drawRoundedRect(QRectF(box.left() + step * i, box.bottom() - h, bar, h), 1, 1);
    }
}

qreal levelPillWidth(const Theme &theme, RiskLevel level, int height)
{
    const qreal pad = height >= 20 ? 9 : 8;
    return std::ceil(pad + 11 + 5 + theme.text(TextStyle::Pill).width(models::levelName(level)) + pad);
}

qreal paintLevelPill(QPainter &painter, const Theme &theme, const QRectF &rect, RiskLevel level, int height)
{
    const qreal tall = std::max(height, theme.scaled(height));
    const qreal width = std::min(levelPillWidth(theme, level, height), rect.width());
    const QRectF pill = middle(rect, width, tall);
    const QColor ink = theme.color(levelInk(level));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.color(levelFill(level)));
    painter.drawRoundedRect(pill, tall / 2, tall / 2);
    const qreal pad = height >= 20 ? 9 : 8;
    paintMeter(painter, QRectF(pill.left() + pad, std::round(pill.center().y() - 5), 11, 10),
               static_cast<int>(level), ink);
    painter.setPen(ink);
    theme.text(TextStyle::Pill).draw(painter, pill.adjusted(pad + 16, 0, 0, 0), models::levelName(level));
    return width;
}

qreal paintState(QPainter &painter, const Theme &theme, const QRectF &rect, RiskState state, bool mirrored)
{
    const StateLook look = stateLook(state);
    const QRectF icon = mirrored ? QRectF(rect.right() - 16, rect.top(), 16, rect.height())
                                 : QRectF(rect.left(), rect.top(), 16, rect.height());
    theme.paintIcon(painter, middle(icon, 16, 16), look.icon, look.token, look.filled);
    painter.setPen(theme.color(state == RiskState::None ? Token::Text3 : Token::Text));
    const QRectF words = mirrored ? rect.adjusted(0, 0, -22, 0) : rect.adjusted(22, 0, 0, 0);
    return 22 + theme.text(TextStyle::Body)
                    .draw(painter, words, stateWord(state), mirrored ? Qt::AlignRight : Qt::AlignLeft);
}

void paintAvatar(QPainter &painter, const Theme &theme, const QRectF &circle, const QString &initials,
                 const QString &seed)
{
    // Not qHash(): its seed differs between runs and people know each other by colour.
    unsigned mix = 2166136261U; // FNV-1a, the offset basis and prime of its 32-bit form
    for (const QChar c : seed)
        mix = (mix ^ c.unicode()) * 16777619U;
    const int hue = static_cast<int>((mix >> 8) % 6);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme.color(static_cast<Token>(static_cast<int>(Token::Avatar1) + hue)));
    painter.drawEllipse(circle);
    painter.setPen(theme.color(static_cast<Token>(static_cast<int>(Token::OnAvatar1) + hue)));
    theme.text(circle.width() >= 30 ? TextStyle::AvatarLarge : TextStyle::AvatarSmall)
        .draw(painter, circle, initials, Qt::AlignHCenter);
}

qreal chipWidth(const Theme &theme, const QString &text)
{
    return std::ceil(theme.text(TextStyle::Label).width(text)) + 14;
}

qreal paintChip(QPainter &painter, const Theme &theme, const QRectF &rect, const QString &text)
{
    const qreal width = std::min(chipWidth(theme, text), rect.width());
    if (width < 20)
        return 0;
    const QRectF chip = middle(rect, width, theme.scaled(20));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    // A veil of ink instead of a fixed grey, so that chips show on tinted rows too.
    QColor veil = theme.color(Token::Text2);
    veil.setAlphaF(theme.isDark() ? 0.17F : 0.11F);
    painter.setBrush(veil);
    painter.drawRoundedRect(chip, chip.height() / 2, chip.height() / 2);
    painter.setPen(theme.color(theme.isDark() ? Token::Text : Token::Text2));
    theme.text(TextStyle::Label).draw(painter, chip.adjusted(7, 0, -5, 0), text);
    return width;
}

qreal paintCountryBox(QPainter &painter, const Theme &theme, const QRectF &rect, const QString &code)
{
    const QRectF box = middle(rect, theme.scaled(24), theme.scaled(17));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.color(Token::Border), 1));
    painter.setBrush(theme.color(Token::Surface2));
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3.5, 3.5);
    painter.setPen(theme.color(Token::Text2));
    theme.text(TextStyle::AvatarSmall)
        .draw(painter, box, code.isEmpty() ? QStringLiteral("\u2013") : code.left(2), Qt::AlignHCenter);
    return box.width();
}

void paintSpark(QPainter &painter, const Theme &theme, const QRectF &rect, const QByteArray &values,
                RiskLevel level, const QColor &ground)
{
    if (values.isEmpty() || rect.width() < 12)
        return;
    // More points than pixels cannot be seen and cost time.
    const qsizetype count = std::min<qsizetype>(values.size(), static_cast<qsizetype>(rect.width()));
    const QRectF plot = rect.adjusted(1, 3, -4, -2);
    QPolygonF line;
    line.reserve(count + 2);
    for (qsizetype i = 0; i < count; ++i) {
        const auto raw = static_cast<unsigned char>(values[i * values.size() / count]);
        const qreal share = std::min<unsigned>(raw, 100) / 100.0;
        const qreal x =
            count == 1 ? plot.right()
                       : plot.left() + plot.width() * static_cast<qreal>(i) / static_cast<qreal>(count - 1);
        line.append(QPointF(x, plot.bottom() - share * plot.height()));
    }
    if (count == 1)
        line.prepend(QPointF(plot.left(), line.front().y()));
    const QColor ink = theme.color(levelChart(level));
    painter.setRenderHint(QPainter::Antialiasing);
    QPolygonF area = line;
    area << QPointF(line.back().x(), plot.bottom() + 1) << QPointF(line.front().x(), plot.bottom() + 1);
    QLinearGradient fade(0, plot.top(), 0, plot.bottom());
    QColor top = ink;
    top.setAlphaF(0.26F);
    QColor bottom = ink;
    bottom.setAlphaF(0.0F);
    fade.setColorAt(0, top);
    fade.setColorAt(1, bottom);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fade);
    painter.drawPolygon(area);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(ink, 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawPolyline(line);
    painter.setPen(QPen(ground, 1.5));
    painter.setBrush(ink);
    painter.drawEllipse(line.back(), 3.1, 3.1);
}

} // namespace riskdesk::widgets

// The signs of risk, drawn the same everywhere: level = filled pill with a three-bar meter and the word,
// state = icon and word without a fill, so that the two never look alike and colour is never the only signal.
// Also avatars, chips and country boxes. Every function paints within a rectangle, vertically centred, and
// returns the width used.
#pragma once

#include "core/domain/risk.h"

#include "ui/models/roles.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QString>

namespace riskdesk::widgets {

using theme::Theme;

// Fill, ink and chart colours of a level; icon, colour and words of a state; icon of a detection type.
[[nodiscard]] theme::Token levelFill(RiskLevel level);
[[nodiscard]] theme::Token levelInk(RiskLevel level);
[[nodiscard]] theme::Token levelChart(RiskLevel level);
struct StateLook
{
    theme::Icon icon;
    bool filled;
    theme::Token token;
};
[[nodiscard]] StateLook stateLook(RiskState state);
[[nodiscard]] QString stateWord(RiskState state); // short for lists: "Compromised"
[[nodiscard]] theme::Icon detectionIcon(DetectionType type);
struct ToneLook
{
    theme::Icon icon;
    bool filled;
    theme::Token token;
};
[[nodiscard]] ToneLook toneLook(models::Tone tone);
// Values out of range, as a damaged model might give, become the neutral one.
[[nodiscard]] RiskLevel levelOf(int value);
[[nodiscard]] RiskState stateOf(int value);
[[nodiscard]] DetectionType typeOf(int value);
[[nodiscard]] models::Tone toneOf(int value);

[[nodiscard]] qreal levelPillWidth(const Theme &theme, RiskLevel level, int height = 20);
qreal paintLevelPill(QPainter &painter, const Theme &theme, const QRectF &rect, RiskLevel level,
                     int height = 20);
// Three bars alone, for legends.
void paintMeter(QPainter &painter, const QRectF &box, int lit, const QColor &ink);
qreal paintState(QPainter &painter, const Theme &theme, const QRectF &rect, RiskState state,
                 bool mirrored = false);
// The colour is chosen by the seed text, the same for the same person.
void paintAvatar(QPainter &painter, const Theme &theme, const QRectF &circle, const QString &initials,
                 const QString &seed);
[[nodiscard]] qreal chipWidth(const Theme &theme, const QString &text);
qreal paintChip(QPainter &painter, const Theme &theme, const QRectF &rect, const QString &text);
qreal paintCountryBox(QPainter &painter, const Theme &theme, const QRectF &rect, const QString &code);
// A single risk curve; values 0..100, oldest first.
void paintSpark(QPainter &painter, const Theme &theme, const QRectF &rect, const QByteArray &values,
                RiskLevel level, const QColor &ground);

} // namespace riskdesk::widgets

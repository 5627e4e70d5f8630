// Colours by meaning, each with a light and a dark value. Widgets and delegates ask for a Token and never for
// a palette role or a literal colour. contrastRatio() is the formula of WCAG 2.2, "contrast ratio" and
// "relative luminance"; the pairs that must hold are listed and checked in tests/ui/tst_theme.cpp.
#pragma once

#include <QColor>

namespace riskdesk::theme {

enum class Token {
    Window,       // ground of the pages
    Surface,      // cards, lists
    Surface2,     // hover
    Surface3,     // chips, tracks
    Border,       // hairlines
    BorderStrong, // edges of inputs and boxes (3:1)
    Text,
    Text2, // secondary
    Text3, // hints
    TextDisabled,
    Accent,     // bars and marks in the accent
    AccentText, // links, active words
    AccentFill, // primary button, ticks
    OnAccent,
    AccentTint,  // selected row
    AccentTint2, // active navigation
    Focus,       // ring
    NavBg,       // top bar, navigation, status bar
    HighFill,
    OnHigh,
    HighText,
    MedFill,
    OnMed,
    MedText,
    LowFill,
    OnLow,
    LowText,
    NoneFill,
    OnNone,
    StAtRisk,
    StCompromised,
    StRemediated,
    StDismissed,
    StSafe,
    ChHigh,
    ChMed,
    ChLow,
    ChLine,
    Grid,
    MapLand,
    MapSea,
    MapBorder,
    Ok,
    WarnBg,
    WarnText,
    ErrBg,
    ErrText,
    InfoBg,
    InfoText,
    TooltipBg,
    TooltipText,
    Shadow,
    Avatar1,
    Avatar2,
    Avatar3,
    Avatar4,
    Avatar5,
    Avatar6,
    OnAvatar1,
    OnAvatar2,
    OnAvatar3,
    OnAvatar4,
    OnAvatar5,
    OnAvatar6,
    Count
};

enum class Scheme { Light, Dark };

[[nodiscard]] QColor tokenColor(Token token, Scheme scheme);
// 1 (same) to 21 (black on white). Alpha is ignored.
[[nodiscard]] double contrastRatio(const QColor &a, const QColor &b);
// `over` laid on `under` with the given opacity 0..1; both opaque.
[[nodiscard]] QColor blend(const QColor &over, const QColor &under, double opacity);

} // namespace riskdesk::theme

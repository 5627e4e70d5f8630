#include "ui/theme/tokens.h"

#include <array>
#include <cmath>

namespace riskdesk::theme {

namespace {

struct Pair
{
    QRgb light;
    QRgb dark;
};

// In the order of Token.
constexpr std::array<Pair, static_cast<std::size_t>(Token::Count)> colours{{
    {0xFFF3F5F8u, 0xFF12151Au}, // Window
    {0xFFFFFFFFu, 0xFF1A1E25u}, // Surface
    {0xFFF7F9FBu, 0xFF20252Du}, // Surface2
    {0xFFEDF0F4u, 0xFF2A303Au}, // Surface3
    {0xFFDCE1E8u, 0xFF2F3641u}, // Border
    {0xFF828D9Bu, 0xFF717D8Du}, // BorderStrong
    {0xFF18212Bu, 0xFFE8ECF1u}, // Text
    {0xFF4B5866u, 0xFFB0BAC7u}, // Text2
    {0xFF5E6A78u, 0xFF929EADu}, // Text3
    {0xFF98A2AEu, 0xFF5F6A78u}, // TextDisabled
    {0xFF3B4CC0u, 0xFF8E9BFFu}, // Accent
    {0xFF3444AEu, 0xFFAEB8FFu}, // AccentText
    {0xFF3B4CC0u, 0xFF5261DBu}, // AccentFill
    {0xFFFFFFFFu, 0xFFFFFFFFu}, // OnAccent
    {0xFFECEEFBu, 0xFF242A4Au}, // AccentTint
    {0xFFDDE1F8u, 0xFF2E3663u}, // AccentTint2
    {0xFF2233A0u, 0xFFB9C2FFu}, // Focus
    {0xFFEBEEF3u, 0xFF161A20u}, // NavBg
    {0xFFB42318u, 0xFFC8322Bu}, // HighFill
    {0xFFFFFFFFu, 0xFFFFFFFFu}, // OnHigh
    {0xFFB42318u, 0xFFFF9A90u}, // HighText
    {0xFFFFE6BFu, 0xFF4B330Eu}, // MedFill
    {0xFF6B3A00u, 0xFFFFCF8Fu}, // OnMed
    {0xFF8A4B00u, 0xFFFFBE69u}, // MedText
    {0xFFE1ECF7u, 0xFF1E3550u}, // LowFill
    {0xFF1F4C78u, 0xFFB4D4F7u}, // OnLow
    {0xFF2A5F94u, 0xFF93C1F2u}, // LowText
    {0xFFECEFF3u, 0xFF2A303Au}, // NoneFill
    {0xFF4B5866u, 0xFFB0BAC7u}, // OnNone
    {0xFFB42318u, 0xFFFF8A80u}, // StAtRisk
    {0xFF7A1FA2u, 0xFFDFA3F7u}, // StCompromised
    {0xFF0B6B4Du, 0xFF5FD0A5u}, // StRemediated
    {0xFF5B6774u, 0xFFA3AEBBu}, // StDismissed
    {0xFF0B6A75u, 0xFF63CEDBu}, // StSafe
    {0xFFB42318u, 0xFFEE5D53u}, // ChHigh
    {0xFFC97A10u, 0xFFE39A35u}, // ChMed
    {0xFF5B8DBEu, 0xFF6FA3D8u}, // ChLow
    {0xFF3B4CC0u, 0xFF8E9BFFu}, // ChLine
    {0xFFE6EAEFu, 0xFF2A303Au}, // Grid
    {0xFFD3DAE3u, 0xFF3A4350u}, // MapLand
    {0xFFF7F9FBu, 0xFF1D222Au}, // MapSea
    {0xFFF7F9FBu, 0xFF1D222Au}, // MapBorder
    {0xFF0B6B4Du, 0xFF5FD0A5u}, // Ok
    {0xFFFFF3DCu, 0xFF3A2A10u}, // WarnBg
    {0xFF6B3A00u, 0xFFFFCF8Fu}, // WarnText
    {0xFFFDECEAu, 0xFF40191Au}, // ErrBg
    {0xFF8E1B12u, 0xFFFFB4ABu}, // ErrText
    {0xFFECEEFBu, 0xFF242A4Au}, // InfoBg
    {0xFF2B388Fu, 0xFFC4CBFFu}, // InfoText
    {0xFF1F2833u, 0xFFE8ECF1u}, // TooltipBg
    {0xFFF4F6F9u, 0xFF18212Bu}, // TooltipText
    {0x2818212Bu, 0x80000000u}, // Shadow
    {0xFFEBDDF3u, 0xFF3F2A4Du}, // Avatar1
    {0xFFD6E9F0u, 0xFF17404Du}, // Avatar2
    {0xFFDBEBE1u, 0xFF1C4030u}, // Avatar3
    {0xFFF8DDE0u, 0xFF4B2530u}, // Avatar4
    {0xFFDDE1F8u, 0xFF2E3663u}, // Avatar5
    {0xFFFBE5D2u, 0xFF4A3018u}, // Avatar6
    {0xFF6A1B9Au, 0xFFE1B6F5u}, // OnAvatar1
    {0xFF0F4C5Eu, 0xFFA5DCEBu}, // OnAvatar2
    {0xFF14532Du, 0xFFA4DDBDu}, // OnAvatar3
    {0xFF8E1B2Cu, 0xFFF5B5BEu}, // OnAvatar4
    {0xFF2B388Fu, 0xFFC4CBFFu}, // OnAvatar5
    {0xFF7A3A00u, 0xFFF6C79Bu}, // OnAvatar6
}};

double linear(double channel)
{
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor &c)
{
    return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
}

} // namespace

QColor tokenColor(Token token, Scheme scheme)
{
    const Pair &pair = colours.at(static_cast<std::size_t>(token));
    return QColor::fromRgba(scheme == Scheme::Dark ? pair.dark : pair.light);
}

double contrastRatio(const QColor &a, const QColor &b)
{
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

QColor blend(const QColor &over, const QColor &under, double opacity)
{
    const auto mix = [opacity](int top, int bottom) {
        return static_cast<int>(std::lround(top * opacity + bottom * (1.0 - opacity)));
    };
    return QColor(mix(over.red(), under.red()), mix(over.green(), under.green()),
                  mix(over.blue(), under.blue()));
}

} // namespace riskdesk::theme

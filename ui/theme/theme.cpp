#include "ui/theme/theme.h"

#include "ui/theme/icon_engine.h"
#include "ui/theme/style.h"

#include <QApplication>
#include <QEvent>
#include <QFontDatabase>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

// A static library's resources are linked only when named, and the macro must stand outside every namespace.
static void linkResources()
{
    Q_INIT_RESOURCE(riskdesk);
}

namespace riskdesk::theme {

namespace {

struct TypeStep
{
    int pixels;
    QFont::Weight weight;
};

// In the order of TextStyle.
constexpr std::array<TypeStep, static_cast<std::size_t>(TextStyle::Count)> steps{{{20, QFont::DemiBold},
                                                                                  {24, QFont::DemiBold},
                                                                                  {15, QFont::DemiBold},
                                                                                  {13, QFont::DemiBold},
                                                                                  {13, QFont::Normal},
                                                                                  {13, QFont::Medium},
                                                                                  {12, QFont::Normal},
                                                                                  {12, QFont::Medium},
                                                                                  {12, QFont::DemiBold},
                                                                                  {12, QFont::DemiBold},
                                                                                  {11, QFont::Normal},
                                                                                  {9, QFont::Bold},
                                                                                  {15, QFont::DemiBold}}};

QString bestFamily()
{
    const QStringList installed = QFontDatabase::families();
    for (const QString &wanted : {QStringLiteral("Inter"), QStringLiteral("Noto Sans")})
        if (installed.contains(wanted))
            return wanted;
    return QFontDatabase::systemFont(QFontDatabase::GeneralFont).family();
}

} // namespace

Theme::Theme(QObject *parent)
    : QObject(parent)
    , m_family(bestFamily())
    , m_icons(std::make_unique<IconCache>())
{
    linkResources();
    makeFonts();
}

Theme::~Theme() = default;

void Theme::applyTo(QApplication &application)
{
    m_application = &application;
    application.setStyle(new Style(*this)); // the application owns its style
    application.installEventFilter(this);
    m_scheme = wanted();
    refresh();
}

void Theme::setMode(Mode mode)
{
    m_mode = mode;
    const Scheme next = wanted();
    if (next == m_scheme)
        return;
    m_scheme = next;
    refresh();
}

void Theme::setTextScale(int percent)
{
    percent = std::clamp(percent, 90, 150);
    if (percent == m_textScale)
        return;
    m_textScale = percent;
    refresh();
}

int Theme::scaled(int pixels) const
{
    return (pixels * m_textScale + 50) / 100;
}

Scheme Theme::wanted()
{
    if (m_mode != Mode::FollowSystem)
        return m_mode == Mode::Dark ? Scheme::Dark : Scheme::Light;
    if (m_application == nullptr)
        return m_scheme;
    // Qt 6.4 does not tell the desktop's scheme. An empty palette falls back to the desktop's own, and dark
    // desktops have a dark window colour.
    m_busy = true;
    QApplication::setPalette(QPalette());
    const QPalette desktop = QApplication::palette();
    m_busy = false;
    const bool dark =
        desktop.color(QPalette::Window).lightness() < desktop.color(QPalette::WindowText).lightness();
    if (m_icons && m_application->property("riskdeskThemed").toBool()) {
        m_busy = true;
        QApplication::setPalette(palette());
        m_busy = false;
    }
    return dark ? Scheme::Dark : Scheme::Light;
}

void Theme::refresh()
{
    m_icons->clear();
    makeFonts();
    if (m_application != nullptr) {
        m_busy = true;
        m_application->setProperty("riskdeskThemed", true);
        QApplication::setFont(font(TextStyle::Body));
        QApplication::setPalette(palette());
        QPalette tip = palette();
        tip.setColor(QPalette::ToolTipBase, color(Token::TooltipBg));
        tip.setColor(QPalette::ToolTipText, color(Token::TooltipText));
        tip.setColor(QPalette::WindowText, color(Token::TooltipText));
        QToolTip::setPalette(tip);
        QToolTip::setFont(font(TextStyle::Label));
        m_busy = false;
    }
    Q_EMIT changed();
}

bool Theme::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::ApplicationPaletteChange && watched == m_application && !m_busy &&
        m_mode == Mode::FollowSystem) {
        const Scheme next = wanted();
        if (next != m_scheme) {
            m_scheme = next;
            refresh();
        }
    }
    return QObject::eventFilter(watched, event);
}

void Theme::makeFonts()
{
    for (std::size_t i = 0; i < m_fonts.size(); ++i) {
        QFont::Weight weight = steps[i].weight;
        if (weight == QFont::Medium && isDark())
            weight = QFont::Normal;
        QFont font(m_family);
        font.setPixelSize(scaled(steps[i].pixels));
        font.setWeight(weight);
        font.setHintingPreference(QFont::PreferNoHinting);
        m_fonts[i] = font;
        m_texts[i].reset();
    }
}

const QFont &Theme::font(TextStyle style) const
{
    return m_fonts.at(static_cast<std::size_t>(style));
}

GlyphText &Theme::text(TextStyle style) const
{
    auto &text = m_texts.at(static_cast<std::size_t>(style));
    if (!text)
        text = std::make_unique<GlyphText>(font(style));
    return *text;
}

QIcon Theme::icon(Icon icon, Token token, bool filled) const
{
    return QIcon(new IconEngine(this, icon, token, filled));
}

void Theme::paintIcon(QPainter &painter, const QRectF &rect, Icon icon, const QColor &color,
                      bool filled) const
{
    const qreal edge = std::min(rect.width(), rect.height());
    const qreal ratio = painter.device()->devicePixelRatioF();
    QPixmap pixmap = m_icons->pixmap(icon, filled, color, static_cast<int>(std::lround(edge * ratio)));
    pixmap.setDevicePixelRatio(ratio);
    // On whole device pixels, or the thin lines blur.
    const QPointF corner = rect.center() - QPointF(edge / 2, edge / 2);
    painter.drawPixmap(
        QPointF(std::round(corner.x() * ratio) / ratio, std::round(corner.y() * ratio) / ratio), pixmap);
}

void Theme::paintIcon(QPainter &painter, const QRectF &rect, Icon icon, Token token, bool filled) const
{
    paintIcon(painter, rect, icon, color(token), filled);
}

QPalette Theme::palette() const
{
    QPalette p;
    const auto set = [&](QPalette::ColorRole role, Token token, Token disabled) {
        p.setColor(QPalette::All, role, color(token));
        p.setColor(QPalette::Disabled, role, color(disabled));
    };
    set(QPalette::Window, Token::Window, Token::Window);
    set(QPalette::WindowText, Token::Text, Token::TextDisabled);
    set(QPalette::Base, Token::Surface, Token::Surface2);
    set(QPalette::AlternateBase, Token::Surface2, Token::Surface2);
    set(QPalette::Text, Token::Text, Token::TextDisabled);
    set(QPalette::PlaceholderText, Token::Text3, Token::TextDisabled);
    set(QPalette::Button, Token::Surface, Token::Surface);
    set(QPalette::ButtonText, Token::Text, Token::TextDisabled);
    set(QPalette::BrightText, Token::OnAccent, Token::OnAccent);
    set(QPalette::ToolTipBase, Token::TooltipBg, Token::TooltipBg);
    set(QPalette::ToolTipText, Token::TooltipText, Token::TooltipText);
    set(QPalette::Highlight, Token::AccentFill, Token::Surface3);
    set(QPalette::HighlightedText, Token::OnAccent, Token::TextDisabled);
    set(QPalette::Link, Token::AccentText, Token::TextDisabled);
    set(QPalette::LinkVisited, Token::AccentText, Token::TextDisabled);
    set(QPalette::Light, Token::Surface, Token::Surface);
    set(QPalette::Midlight, Token::Surface2, Token::Surface2);
    set(QPalette::Mid, Token::Border, Token::Border);
    set(QPalette::Dark, Token::BorderStrong, Token::Border);
    set(QPalette::Shadow, Token::BorderStrong, Token::Border);
    return p;
}

} // namespace riskdesk::theme

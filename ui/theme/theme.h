// The look of the moment: colours, fonts and icons by meaning, switched live between light and dark. One
// object, owned by the application and handed to every widget that paints; it must outlive them. GUI thread.
//
//     Theme theme;
//     theme.applyTo(application);          // style, palette, base font
//     theme.setMode(Theme::Mode::Dark);    // everything repaints, changed() follows
//
// Fonts: Inter when installed, else Noto Sans, else the desktop's. Sizes in pixels, scaled by the text size
// setting.
#pragma once

#include "ui/theme/glyph_text.h"
#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"

#include <QIcon>
#include <QObject>

#include <array>
#include <memory>

class QApplication;

namespace riskdesk::theme {

class IconCache;

enum class TextStyle {
    PageTitle,   // 20/600
    Kpi,         // 24/600
    PaneTitle,   // 15/600
    CardTitle,   // 13/600
    Body,        // 13/400
    Name,        // 13/500, 400 in the dark, where light text looks heavier
    Secondary,   // 12/400
    Label,       // 12/500, 400 in the dark
    TableHeader, // 12/600
    Pill,        // 12/600
    Axis,        // 11/400
    AvatarSmall, // 9/700
    AvatarLarge, // 15/600
    Count
};

class Theme : public QObject
{
    Q_OBJECT
public:
    enum class Mode { Light, Dark, FollowSystem };

    explicit Theme(QObject *parent = nullptr);
    ~Theme() override;

    void applyTo(QApplication &application);
    void setMode(Mode mode);
    [[nodiscard]] Mode mode() const { return m_mode; }
    [[nodiscard]] Scheme scheme() const { return m_scheme; }
    [[nodiscard]] bool isDark() const { return m_scheme == Scheme::Dark; }
    // 90 to 150.
    void setTextScale(int percent);
    [[nodiscard]] int textScale() const { return m_textScale; }
    // A height or width that must grow with the text.
    [[nodiscard]] int scaled(int pixels) const;

    [[nodiscard]] QColor color(Token token) const { return tokenColor(token, m_scheme); }
    [[nodiscard]] const QFont &font(TextStyle style) const;
    [[nodiscard]] GlyphText &text(TextStyle style) const;

    // Follows the theme by itself; disabled and checked (filled) forms included.
    [[nodiscard]] QIcon icon(Icon icon, Token token = Token::Text, bool filled = false) const;
    // Sharp on the painter's device; the drawing fills the smaller edge of rect, centred.
    void paintIcon(QPainter &painter, const QRectF &rect, Icon icon, const QColor &color,
                   bool filled = false) const;
    void paintIcon(QPainter &painter, const QRectF &rect, Icon icon, Token token, bool filled = false) const;
    [[nodiscard]] IconCache &icons() const { return *m_icons; }

    [[nodiscard]] QPalette palette() const;

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void refresh();
    [[nodiscard]] Scheme wanted();
    void makeFonts();

    Mode m_mode = Mode::FollowSystem;
    Scheme m_scheme = Scheme::Light;
    int m_textScale = 100;
    QString m_family;
    QApplication *m_application = nullptr;
    bool m_busy = false; // our own palette change is going through the application
    std::array<QFont, static_cast<std::size_t>(TextStyle::Count)> m_fonts;
    mutable std::array<std::unique_ptr<GlyphText>, static_cast<std::size_t>(TextStyle::Count)> m_texts;
    std::unique_ptr<IconCache> m_icons;
};

} // namespace riskdesk::theme

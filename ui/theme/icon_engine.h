// Paints icons in the token colour of the moment. Pixmaps are kept per drawing, colour and pixel size in the
// IconCache of the theme, which is emptied when the theme changes; QIcons made from it stay valid and follow.
#pragma once

#include "ui/theme/icons.h"
#include "ui/theme/tokens.h"

#include <QHash>
#include <QIconEngine>
#include <QPixmap>
#include <QPointer>

#include <memory>

class QSvgRenderer;

namespace riskdesk::theme {

class Theme;

class IconCache
{
public:
    IconCache();
    ~IconCache();
    // `pixels` is the edge in device pixels.
    [[nodiscard]] QPixmap pixmap(Icon icon, bool filled, const QColor &color, int pixels);
    void clear() { m_pixmaps.clear(); }

private:
    QHash<QString, QPixmap> m_pixmaps;
    QHash<QString, std::shared_ptr<QSvgRenderer>> m_drawings;
};

class IconEngine : public QIconEngine
{
public:
    IconEngine(const Theme *theme, Icon icon, Token token, bool filled);

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override;
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override;
    QPixmap scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State state, qreal scale) override;
    [[nodiscard]] QIconEngine *clone() const override;
    [[nodiscard]] QString key() const override;
    bool isNull() override { return m_theme.isNull(); }

private:
    QPointer<const Theme> m_theme;
    Icon m_icon;
    Token m_token;
    bool m_filled;
};

} // namespace riskdesk::theme

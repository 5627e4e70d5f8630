#include "ui/theme/icon_engine.h"

#include "ui/theme/theme.h"

#include <QPainter>
#include <QSvgRenderer>

#include <algorithm>
#include <cmath>

namespace riskdesk::theme {

IconCache::IconCache() = default;
IconCache::~IconCache() = default;

QPixmap IconCache::pixmap(Icon icon, bool filled, const QColor &color, int pixels)
{
    pixels = std::clamp(pixels, 1, 1024);
    const QString path = iconPath(icon, filled);
    const QString key = path + QString::number(color.rgba(), 16) + u'@' + QString::number(pixels);
    if (const auto it = m_pixmaps.constFind(key); it != m_pixmaps.constEnd())
        return *it;
    auto &drawing = m_drawings[path];
    if (!drawing)
        drawing = std::make_shared<QSvgRenderer>(path);

    QImage image(pixels, pixels, QImage::Format_ARGB32);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    drawing->render(&painter, QRectF(0, 0, pixels, pixels));
    painter.end();
    // Black becomes the colour, white a hole.
    for (int y = 0; y < pixels; ++y) {
        auto *line = reinterpret_cast<QRgb *>(image.scanLine(y));
        for (int x = 0; x < pixels; ++x) {
            const int alpha = qAlpha(line[x]) * (255 - qGray(line[x])) / 255 * color.alpha() / 255;
            line[x] = qRgba(color.red(), color.green(), color.blue(), alpha);
        }
    }
    return m_pixmaps[key] = QPixmap::fromImage(image);
}

IconEngine::IconEngine(const Theme *theme, Icon icon, Token token, bool filled)
    : m_theme(theme)
    , m_icon(icon)
    , m_token(token)
    , m_filled(filled)
{}

QPixmap IconEngine::scaledPixmap(const QSize &size, QIcon::Mode mode, QIcon::State state, qreal scale)
{
    if (m_theme.isNull())
        return {};
    const Token token = mode == QIcon::Disabled ? Token::TextDisabled : m_token;
    // QIcon hands over device pixels here.
    QPixmap result = m_theme->icons().pixmap(m_icon, m_filled || state == QIcon::On, m_theme->color(token),
                                             std::min(size.width(), size.height()));
    result.setDevicePixelRatio(scale);
    return result;
}

QPixmap IconEngine::pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state)
{
    return scaledPixmap(size, mode, state, 1.0);
}

void IconEngine::paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state)
{
    if (m_theme.isNull())
        return;
    const Token token = mode == QIcon::Disabled ? Token::TextDisabled : m_token;
    m_theme->paintIcon(*painter, rect, m_icon, m_theme->color(token), m_filled || state == QIcon::On);
}

QIconEngine *IconEngine::clone() const
{
    return new IconEngine(*this);
}

QString IconEngine::key() const
{
    return QStringLiteral("riskdesk");
}

} // namespace riskdesk::theme

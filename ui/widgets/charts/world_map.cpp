#include "ui/widgets/charts/world_map.h"

#include "ui/models/format.h"
#include "ui/theme/style.h"
#include "ui/widgets/charts/world.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

namespace {

constexpr double smallestScale = 40;
constexpr double largestScale = 4000;
constexpr double kmPerUnit = 6371.0; // mean Earth radius; the plane is scaled to a sphere of radius 1

bool usable(const MapMark &mark)
{
    return std::isfinite(mark.latitude) && std::isfinite(mark.longitude) && std::abs(mark.latitude) <= 90 &&
           std::abs(mark.longitude) <= 180;
}

} // namespace

WorldMap::WorldMap(const theme::Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Map"));
    connect(&theme, &theme::Theme::changed, this, [this] {
        m_land = QPixmap();
        update();
    });
    fitView();
}

void WorldMap::setFit(Fit fit)
{
    m_fit = fit;
    fitView();
}

void WorldMap::setContent(const QList<MapMark> &marks, const QList<MapLeg> &legs)
{
    m_marks = marks;
    m_legs = legs;
    fitView();
}

void WorldMap::setSummary(const QString &summary)
{
    setAccessibleName(summary);
}

void WorldMap::fitView()
{
    m_land = QPixmap();
    update();
    const double w = std::max(1, width());
    const double h = std::max(1, height());
    QRectF box;
    if (m_fit == Fit::Region) {
        const auto include = [&](const QPointF &p) {
            const QRectF dot(p.x() - 1e-6, p.y() - 1e-6, 2e-6, 2e-6);
            box = box.isNull() ? dot : box.united(dot);
        };
        for (const MapMark &mark : m_marks)
            if (usable(mark))
                include(equalEarth(mark.latitude, mark.longitude));
        for (const MapLeg &leg : m_legs) {
            if (leg.from < 0 || leg.to < 0 || leg.from >= m_marks.size() || leg.to >= m_marks.size())
                continue;
            const MapMark &a = m_marks[leg.from];
            const MapMark &b = m_marks[leg.to];
            for (const QPolygonF &line : greatCircle(a.latitude, a.longitude, b.latitude, b.longitude))
                for (const QPointF &p : line)
                    include(p);
        }
    }
    if (!box.isNull()) {
        // Never closer than a country's width: a city alone says nothing.
        const double wide = std::max(box.width() * 1.3, 0.42);
        const double tall = std::max(box.height() * 1.55, 0.42 * h / w);
        m_center = box.center();
        m_scale = std::clamp(std::min(w / wide, h / tall), smallestScale, largestScale);
        // Few marks of a small region fill the panel instead of standing in empty sea.
        const double world = std::max(w / 5.45, h / 2.45);
        m_scale = std::max(m_scale, std::min(world, w / std::max(wide, 0.42)));
        return;
    }
    const QPointF north = equalEarth(84, 0);
    const QPointF south = equalEarth(-57, 0);
    m_center = QPointF(0, (north.y() + south.y()) / 2);
    m_scale = std::clamp(std::min(w / 5.45, h / (north.y() - south.y() + 0.05)), 10.0, largestScale);
}

QPointF WorldMap::toScreen(const QPointF &plane) const
{
    return {width() / 2.0 + (plane.x() - m_center.x()) * m_scale,
            height() / 2.0 - (plane.y() - m_center.y()) * m_scale};
}

void WorldMap::paintLand()
{
    const qreal ratio = devicePixelRatioF();
    m_land = QPixmap(size() * ratio);
    m_land.setDevicePixelRatio(ratio);
    m_land.fill(Qt::transparent);
    QPainter painter(&m_land);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath panel;
    panel.addRoundedRect(QRectF(rect()), 6, 6);
    painter.setClipPath(panel);
    painter.fillRect(rect(), m_theme.color(Token::MapSea));
    painter.setPen(QPen(m_theme.color(Token::MapBorder), 0.75));
    painter.setBrush(m_theme.color(Token::MapLand));
    const QRectF view(rect());
    for (const CountryShape &shape : worldShapes()) {
        QPolygonF outline;
        outline.reserve(shape.outline.size());
        for (const QPointF &p : shape.outline)
            outline << toScreen(p);
        if (outline.boundingRect().intersects(view))
            painter.drawPolygon(outline);
    }
}

void WorldMap::paintLabel(QPainter &painter, const QPointF &at, const QString &text, bool leading) const
{
    if (text.isEmpty())
        return;
    const QFont &font = m_theme.font(TextStyle::TableHeader);
    QFont small = font;
    small.setPixelSize(m_theme.scaled(11));
    const QFontMetricsF metrics(small);
    const QString shown = metrics.elidedText(text, Qt::ElideRight, 160);
    qreal x = leading ? at.x() - 9 - metrics.horizontalAdvance(shown) : at.x() + 9;
    x = std::clamp(x, 4.0, std::max(4.0, width() - 4 - metrics.horizontalAdvance(shown)));
    QPainterPath path;
    path.addText(QPointF(x, std::round(at.y() + metrics.ascent() / 2 - 1)), small, shown);
    QColor halo = m_theme.color(Token::MapSea);
    halo.setAlphaF(0.85F);
    painter.setPen(QPen(halo, 3.5, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
    painter.setPen(m_theme.color(Token::Text));
    painter.setFont(small);
    painter.drawText(QPointF(x, std::round(at.y() + metrics.ascent() / 2 - 1)), shown);
}

void WorldMap::paintEvent(QPaintEvent *)
{
    if (m_land.isNull() || m_land.devicePixelRatio() != devicePixelRatioF())
        paintLand();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.drawPixmap(0, 0, m_land);
    if (worldShapes().empty()) {
        painter.setPen(m_theme.color(Token::Text2));
        m_theme.text(TextStyle::Secondary)
            .draw(painter, QRectF(rect()).adjusted(12, 0, -12, 0),
                  tr("The map is missing; the list of places stands in."), Qt::AlignHCenter);
    }
    const bool fewLabels = m_marks.size() > 6;
    QList<int> onLegs;
    for (const MapLeg &leg : m_legs) {
        if (leg.from < 0 || leg.to < 0 || leg.from >= m_marks.size() || leg.to >= m_marks.size())
            continue;
        onLegs << leg.from << leg.to;
        const MapMark &a = m_marks[leg.from];
        const MapMark &b = m_marks[leg.to];
        QPen pen(m_theme.color(leg.implausible ? Token::ChHigh : Token::Accent), 1.75, Qt::SolidLine,
                 Qt::RoundCap, Qt::RoundJoin);
        if (!leg.implausible)
            pen.setDashPattern({3.5, 3});
        QPolygonF longest;
        for (const QPolygonF &line : greatCircle(a.latitude, a.longitude, b.latitude, b.longitude)) {
            QPolygonF drawn;
            for (const QPointF &p : line)
                drawn << toScreen(p);
            painter.setPen(pen);
            painter.setBrush(Qt::NoBrush);
            painter.drawPolyline(drawn);
            if (drawn.size() > longest.size())
                longest = drawn;
        }
        if (leg.label.isEmpty() || longest.isEmpty())
            continue;
        auto &glyphs = m_theme.text(TextStyle::Pill);
        const qreal wide = glyphs.width(leg.label) + 18;
        QRectF pill(0, 0, wide, m_theme.scaled(19));
        pill.moveCenter(longest[longest.size() * 11 / 20]);
        pill.moveLeft(std::round(std::clamp(pill.left(), 4.0, std::max(4.0, width() - wide - 4))));
        pill.moveTop(std::round(pill.top()));
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.color(leg.implausible ? Token::HighFill : Token::AccentFill));
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2);
        painter.setPen(m_theme.color(Token::OnHigh));
        glyphs.draw(painter, pill, leg.label, Qt::AlignHCenter);
    }
    int heaviest = 1;
    for (const MapMark &mark : m_marks)
        heaviest = std::max(heaviest, mark.weight);
    for (qsizetype i = 0; i < m_marks.size(); ++i) {
        const MapMark &mark = m_marks[i];
        if (!usable(mark))
            continue;
        const QPointF at = toScreen(equalEarth(mark.latitude, mark.longitude));
        const QColor ink = m_theme.color(mark.suspicious || mark.weight > 0 ? Token::ChHigh : Token::Accent);
        if (mark.radiusKm > 100) {
            QColor veil = ink;
            veil.setAlphaF(0.14F);
            painter.setPen(QPen(ink, 1, Qt::DotLine));
            painter.setBrush(veil);
            const double r = std::min(mark.radiusKm, 3000.0) / kmPerUnit * m_scale;
            painter.drawEllipse(at, r, r);
        }
        if (mark.weight > 0) {
            QColor veil = ink;
            veil.setAlphaF(0.24F);
            const double r = 3.5 + 12.5 * std::sqrt(static_cast<double>(mark.weight) / heaviest);
            painter.setPen(QPen(ink, 1.25));
            painter.setBrush(veil);
            painter.drawEllipse(at, r, r);
            continue;
        }
        painter.setPen(QPen(m_theme.color(Token::MapSea), 1.25));
        painter.setBrush(ink);
        if (mark.suspicious)
            painter.drawPolygon(QPolygonF{at + QPointF(0, -6.2), at + QPointF(6.2, 0), at + QPointF(0, 6.2),
                                          at + QPointF(-6.2, 0)});
        else
            painter.drawEllipse(at, 4.6, 4.6);
        if (!fewLabels || onLegs.contains(static_cast<int>(i)))
            paintLabel(painter, at, mark.label, at.x() > width() * 0.6);
    }
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme, QRectF(rect()), 6);
}

void WorldMap::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitView();
}

void WorldMap::zoom(double factor, const QPointF &about)
{
    const double next = std::clamp(m_scale * factor, smallestScale, largestScale);
    const QPointF offset((about.x() - width() / 2.0) / m_scale, -(about.y() - height() / 2.0) / m_scale);
    m_center += offset * (1 - m_scale / next);
    m_scale = next;
    m_land = QPixmap();
    update();
}

void WorldMap::keyPressEvent(QKeyEvent *event)
{
    const double step = 40 / m_scale;
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: return zoom(1.25, QPointF(width() / 2.0, height() / 2.0));
    case Qt::Key_Minus: return zoom(0.8, QPointF(width() / 2.0, height() / 2.0));
    case Qt::Key_0: return fitView();
    case Qt::Key_Left: m_center.rx() -= step; break;
    case Qt::Key_Right: m_center.rx() += step; break;
    case Qt::Key_Up: m_center.ry() += step; break;
    case Qt::Key_Down: m_center.ry() -= step; break;
    default: QWidget::keyPressEvent(event); return;
    }
    m_land = QPixmap();
    update();
}

void WorldMap::wheelEvent(QWheelEvent *event)
{
    if (!(event->modifiers() & Qt::ControlModifier)) { // the page scrolls
        event->ignore();
        return;
    }
    zoom(event->angleDelta().y() > 0 ? 1.2 : 1 / 1.2, event->position());
}

int WorldMap::markAt(const QPointF &position) const
{
    int best = -1;
    double nearest = 14;
    for (qsizetype i = 0; i < m_marks.size(); ++i) {
        if (!usable(m_marks[i]))
            continue;
        const QPointF at = toScreen(equalEarth(m_marks[i].latitude, m_marks[i].longitude));
        if (const double away = std::hypot(at.x() - position.x(), at.y() - position.y()); away < nearest) {
            nearest = away;
            best = static_cast<int>(i);
        }
    }
    return best;
}

void WorldMap::mousePressEvent(QMouseEvent *event)
{
    m_dragged = event->position();
    if (event->button() == Qt::LeftButton)
        if (const int mark = markAt(event->position()); mark >= 0 && !m_marks[mark].id.isEmpty())
            Q_EMIT markPressed(m_marks[mark].id);
}

void WorldMap::mouseMoveEvent(QMouseEvent *event)
{
    if (!(event->buttons() & Qt::LeftButton))
        return;
    const QPointF moved = event->position() - m_dragged;
    m_dragged = event->position();
    m_center += QPointF(-moved.x() / m_scale, moved.y() / m_scale);
    m_land = QPixmap();
    update();
}

void WorldMap::contextMenuEvent(QContextMenuEvent *event)
{
    if (const int mark = markAt(event->pos()); mark >= 0)
        Q_EMIT markMenuAsked(m_marks[mark].id, event->globalPos());
}

bool WorldMap::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        if (const int mark = markAt(help->pos()); mark >= 0)
            QToolTip::showText(help->globalPos(), models::plainTip(m_marks[mark].label), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace riskdesk::widgets

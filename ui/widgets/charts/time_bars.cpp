#include "ui/widgets/charts/time_bars.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>

namespace riskdesk::widgets {

TimeBars::TimeBars(const Theme &theme, QWidget *parent)
    : Chart(theme, parent)
{
    setMouseTracking(true);
}

int TimeBars::barAt(const QPoint &position) const
{
    const QRectF plot = plotRect();
    if (count() == 0 || position.x() < plot.left() || position.x() >= plot.right())
        return -1;
    const auto index = static_cast<int>((position.x() - plot.left()) / (plot.width() / count()));
    return std::clamp(index, 0, count() - 1);
}

void TimeBars::mousePressEvent(QMouseEvent *event)
{
    if (const int bar = barAt(event->position().toPoint()); bar >= 0 && event->button() == Qt::LeftButton)
        Q_EMIT barPressed(bar);
}

void TimeBars::mouseMoveEvent(QMouseEvent *event)
{
    if (const int bar = barAt(event->position().toPoint()); bar != m_current) {
        m_current = bar;
        update();
    }
}

void TimeBars::leaveEvent(QEvent *)
{
    m_current = -1;
    update();
}

bool TimeBars::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        if (const int bar = barAt(help->pos()); bar >= 0)
            QToolTip::showText(help->globalPos(), describe(bar), this);
        else
            QToolTip::hideText();
        return true;
    }
    return Chart::event(event);
}

void TimeBars::keyPressEvent(QKeyEvent *event)
{
    if ((event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) && count() > 0) {
        const int last = count() - 1;
        m_current =
            std::clamp(m_current < 0 ? last : m_current + (event->key() == Qt::Key_Right ? 1 : -1), 0, last);
        announce(this, describe(m_current));
        update();
        return;
    }
    if (event->key() == Qt::Key_Space && m_current >= 0) {
        Q_EMIT barPressed(m_current);
        return;
    }
    Chart::keyPressEvent(event);
}

} // namespace riskdesk::widgets

#include "ui/widgets/charts/density_strip.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

DensityStrip::DensityStrip(const Theme &theme, QWidget *parent)
    : Chart(theme, parent)
{
    setCursor(Qt::PointingHandCursor);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void DensityStrip::setBars(const QList<DensityBar> &bars)
{
    m_bars = bars;
    m_current = -1;
    int success = 0, failure = 0, risky = 0;
    for (const auto &bar : bars) {
        success += bar.success;
        failure += bar.failure;
        risky += bar.risky;
    }
    setSummary(tr("Sign-ins over time: %1 succeeded, %2 did not, %3 with risk")
                   .arg(success)
                   .arg(failure)
                   .arg(risky));
    update();
}

QRectF DensityStrip::plotRect() const
{
    return QRectF(rect()).adjusted(34, 6, -2, -18);
}

int DensityStrip::barAt(const QPoint &position) const
{
    const QRectF plot = plotRect();
    if (m_bars.isEmpty() || position.x() < plot.left() || position.x() >= plot.right())
        return -1;
    const auto index =
        static_cast<int>((position.x() - plot.left()) / (plot.width() / static_cast<qreal>(m_bars.size())));
    return std::clamp(index, 0, static_cast<int>(m_bars.size()) - 1);
}

QString DensityStrip::describe(int index) const
{
    const auto &bar = m_bars[index];
    return tr("%1: %2 succeeded, %3 did not, %4 with risk")
        .arg(bar.label)
        .arg(bar.success)
        .arg(bar.failure)
        .arg(bar.risky);
}

void DensityStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    int most = 0;
    for (const auto &bar : m_bars)
        most = std::max(most, bar.success + bar.failure);
    const Scale scale = roundScale(std::max(1, most), 3);
    const QRectF plot = paintGrid(painter, QRectF(rect()), scale, 34);
    if (m_bars.isEmpty())
        return;
    const qreal step = plot.width() / static_cast<qreal>(m_bars.size());
    const qreal wide = std::max(1.0, step - (step > 4 ? 1.0 : 0.0));
    for (qsizetype i = 0; i < m_bars.size(); ++i) {
        const auto &bar = m_bars[i];
        const qreal x = plot.left() + step * static_cast<qreal>(i);
        if (i == m_current)
            painter.fillRect(QRectF(x, plot.top(), step, plot.height()), theme().color(Token::Surface3));
        qreal bottom = plot.bottom();
        if (bar.success > 0) {
            const qreal tall = std::max(1.0, plot.height() * bar.success / scale.top);
            painter.fillRect(QRectF(x, bottom - tall, wide, tall), theme().color(Token::Accent));
            bottom -= tall;
        }
        if (bar.failure > 0) {
            const qreal tall = std::max(1.0, plot.height() * bar.failure / scale.top);
            const QRectF box(x, bottom - tall, wide, tall);
            if (wide >= 3 && tall >= 3) {
                painter.setPen(theme().color(Token::Accent));
                painter.setBrush(theme().color(Token::Surface));
                painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5));
            } else {
                painter.fillRect(box, theme().color(Token::Text3));
            }
            bottom -= tall;
        }
        if (bar.risky > 0) // at the foot, where it never hides how much there was
            painter.fillRect(QRectF(x, plot.bottom() - 3, wide, 3), theme().color(Token::ChHigh));
    }
    QList<std::pair<double, QString>> labels;
    const qsizetype stride = std::max<qsizetype>(1, (m_bars.size() + 5) / 6);
    for (qsizetype i = 0; i < m_bars.size(); i += stride)
        labels.append({(static_cast<double>(i) + 0.5) / static_cast<double>(m_bars.size()), m_bars[i].label});
    paintLabels(painter, plot, labels);
    paintFocus(painter);
}

void DensityStrip::mousePressEvent(QMouseEvent *event)
{
    if (const int bar = barAt(event->position().toPoint()); bar >= 0 && event->button() == Qt::LeftButton)
        Q_EMIT barPressed(bar);
}

void DensityStrip::mouseMoveEvent(QMouseEvent *event)
{
    if (const int bar = barAt(event->position().toPoint()); bar != m_current) {
        m_current = bar;
        update();
    }
}

void DensityStrip::leaveEvent(QEvent *)
{
    m_current = -1;
    update();
}

bool DensityStrip::event(QEvent *event)
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

void DensityStrip::keyPressEvent(QKeyEvent *event)
{
    if ((event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) && !m_bars.isEmpty()) {
        const int last = static_cast<int>(m_bars.size()) - 1;
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

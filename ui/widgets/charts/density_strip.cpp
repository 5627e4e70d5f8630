#include "ui/widgets/charts/density_strip.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

DensityStrip::DensityStrip(const Theme &theme, QWidget *parent)
    : TimeBars(theme, parent)
{
    setCursor(Qt::PointingHandCursor);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void DensityStrip::setBars(const QList<DensityBar> &bars)
{
    m_bars = bars;
    forgetCurrent();
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
        if (i == current())
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
} // namespace riskdesk::widgets

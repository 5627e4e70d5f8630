#include "ui/widgets/charts/day_bars.h"

#include "ui/models/format.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

DayBars::DayBars(const Theme &theme, QWidget *parent)
    : TimeBars(theme, parent)
{}

void DayBars::setBars(const QList<DayBar> &bars)
{
    m_bars = bars;
    forgetCurrent();
    qint64 total = 0;
    for (const DayBar &bar : bars)
        total += bar.high + bar.medium + bar.low;
    setSummary(tr("Detections per day, %1 in %2 days").arg(models::count(total), models::count(bars.size())));
    update();
}

QRectF DayBars::plotRect() const
{
    return QRectF(rect()).adjusted(26, 6, -2, -18);
}

QString DayBars::describe(int index) const
{
    const DayBar &bar = m_bars[index];
    return tr("%1: %2 high, %3 medium, %4 low").arg(bar.label).arg(bar.high).arg(bar.medium).arg(bar.low);
}

void DayBars::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    int most = 0;
    for (const DayBar &bar : m_bars)
        most = std::max(most, bar.high + bar.medium + bar.low);
    const Scale scale = roundScale(std::max(1, most), height() < 110 ? 2 : 4);
    const QRectF plot = paintGrid(painter, QRectF(rect()), scale, 26);
    if (m_bars.isEmpty())
        return;
    const qreal step = plot.width() / static_cast<qreal>(m_bars.size());
    const qreal wide = std::max(1.0, std::min(step * 0.66, 26.0));
    for (qsizetype i = 0; i < m_bars.size(); ++i) {
        const qreal x = std::round(plot.left() + step * static_cast<qreal>(i) + (step - wide) / 2);
        if (i == current())
            painter.fillRect(
                QRectF(plot.left() + step * static_cast<qreal>(i), plot.top(), step, plot.height()),
                theme().color(Token::Surface3));
        qreal bottom = plot.bottom();
        const std::pair<int, Token> parts[] = {
            {m_bars[i].low, Token::ChLow}, {m_bars[i].medium, Token::ChMed}, {m_bars[i].high, Token::ChHigh}};
        for (const auto &[count, token] : parts) {
            if (count <= 0)
                continue;
            const qreal tall = std::max(1.0, plot.height() * count / scale.top);
            // A hair of ground between the parts.
            painter.fillRect(QRectF(x, bottom - tall, std::round(wide), std::max(1.0, tall - 1)),
                             theme().color(token));
            bottom -= tall;
        }
    }
    QList<std::pair<double, QString>> labels;
    const qsizetype stride = std::max<qsizetype>(1, (m_bars.size() + 3) / 4);
    for (qsizetype i = 0; i < m_bars.size(); i += stride)
        if (i + stride / 2 < m_bars.size() || i == 0)
            labels.append(
                {(static_cast<double>(i) + 0.5) / static_cast<double>(m_bars.size()), m_bars[i].label});
    if (m_bars.size() > 1)
        labels.append({1.0, m_bars.back().label});
    paintLabels(painter, plot, labels);
    paintFocus(painter, plot);
}

} // namespace riskdesk::widgets

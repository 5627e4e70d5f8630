#include "ui/models/format.h"
#include "ui/widgets/charts/chart.h"

#include <QHelpEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

TwoLines::TwoLines(const Theme &theme, QWidget *parent)
    : Chart(theme, parent)
{}

void TwoLines::setLines(const QString &firstName, const QList<double> &first, const QString &secondName,
                        const QList<double> &second, const QStringList &labels)
{
    m_names[0] = firstName;
    m_names[1] = secondName;
    m_values[0] = first;
    m_values[1] = second;
    m_labels = labels;
    const auto last = [](const QList<double> &values) { return values.isEmpty() ? 0.0 : values.back(); };
    setSummary(tr("%1 now %2, %3 now %4").arg(firstName).arg(last(first)).arg(secondName).arg(last(second)));
    update();
}

void TwoLines::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    double most = 1;
    for (const auto &values : m_values)
        for (const double value : values)
            most = std::max(most, std::isfinite(value) ? value : 0.0);
    const QRectF plot = paintGrid(painter, QRectF(rect()).adjusted(0, 0, 0, -22), roundScale(most, 4), 34);
    const double top = roundScale(most, 4).top;
    painter.setRenderHint(QPainter::Antialiasing);
    const std::pair<Token, Qt::PenStyle> looks[] = {{Token::ChHigh, Qt::SolidLine},
                                                    {Token::Ok, Qt::CustomDashLine}};
    qreal x = plot.left();
    for (int k = 0; k < 2; ++k) {
        QPen pen(theme().color(looks[k].first), 1.75, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
        if (looks[k].second == Qt::CustomDashLine)
            pen.setDashPattern({4, 3});
        const qsizetype count =
            std::min<qsizetype>(m_values[k].size(), static_cast<qsizetype>(std::max(2.0, plot.width())));
        QPolygonF line;
        for (qsizetype i = 0; i < count; ++i) {
            const double value = m_values[k][i * m_values[k].size() / count];
            line << QPointF(plot.left() + plot.width() * static_cast<qreal>(i) /
                                              static_cast<qreal>(std::max<qsizetype>(1, count - 1)),
                            plot.bottom() -
                                plot.height() *
                                    std::clamp(std::isfinite(value) ? value / top : 0.0, 0.0, 1.0));
        }
        painter.setPen(pen);
        painter.drawPolyline(line);
        const qreal y = height() - 9;
        painter.drawLine(QPointF(x, y), QPointF(x + 20, y));
        painter.setPen(theme().color(Token::Text2));
        auto &words = theme().text(TextStyle::Secondary);
        // "Resolved, running total": what stands behind the comma goes where it has no room.
        const auto name =
            words.width(m_names[k]) <= width() - x - 27 ? m_names[k] : m_names[k].section(u',', 0, 0);
        x += 27 + words.draw(painter, QRectF(x + 27, y - 10, width() - x - 27, 20), name) + 18;
    }
    QList<std::pair<double, QString>> labels;
    for (qsizetype i = 0; i < m_labels.size(); ++i)
        labels.append(
            {m_labels.size() > 1 ? static_cast<double>(i) / static_cast<double>(m_labels.size() - 1) : 0.0,
             m_labels[i]});
    paintLabels(painter, plot, labels);
    paintFocus(painter, plot);
}

RiskLine::RiskLine(const Theme &theme, QWidget *parent)
    : Chart(theme, parent)
{}

void RiskLine::setSteps(const QList<RiskStep> &steps, const QStringList &labels)
{
    m_steps = steps;
    m_labels = labels;
    for (RiskStep &step : m_steps) {
        step.at = std::isfinite(step.at) ? std::clamp(step.at, 0.0, 1.0) : 0.0;
        step.score = std::clamp(step.score, 0, 100);
    }
    std::stable_sort(m_steps.begin(), m_steps.end(),
                     [](const RiskStep &a, const RiskStep &b) { return a.at < b.at; });
    setSummary(m_steps.isEmpty() ? tr("No risk in this time")
                                 : tr("Risk over time, from %1 to %2 of 100")
                                       .arg(m_steps.front().score)
                                       .arg(m_steps.back().score));
    update();
}

void RiskLine::setThresholds(int medium, int high)
{
    m_medium = medium;
    m_high = high;
    update();
}

QRectF RiskLine::plotRect() const
{
    return QRectF(rect()).adjusted(30, 6, -2, -18);
}

void RiskLine::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const QRectF plot = paintGrid(painter, QRectF(rect()), {100, 25}, 30);
    const auto y = [&](double score) { return plot.bottom() - plot.height() * score / 100; };
    const auto x = [&](double at) { return plot.left() + (plot.width() - 8) * at; };
    auto &axis = theme().text(TextStyle::Axis);
    painter.setRenderHint(QPainter::Antialiasing);
    QPainterPath drawn; // the line with some room around it
    if (!m_steps.isEmpty()) {
        QPainterPath line(QPointF(x(m_steps.front().at), y(m_steps.front().score)));
        for (const RiskStep &step : m_steps) {
            line.lineTo(x(step.at), line.currentPosition().y());
            line.lineTo(x(step.at), y(step.score));
        }
        line.lineTo(x(1.0), line.currentPosition().y());
        QPainterPath area = line;
        area.lineTo(x(1.0), plot.bottom());
        area.lineTo(x(m_steps.front().at), plot.bottom());
        area.closeSubpath();
        QLinearGradient fade(0, plot.top(), 0, plot.bottom());
        QColor tint = theme().color(Token::ChHigh);
        tint.setAlphaF(0.22F);
        fade.setColorAt(0, tint);
        tint.setAlphaF(0.04F);
        fade.setColorAt(1, tint);
        painter.fillPath(area, fade);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme().color(Token::ChHigh), 1.75, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
        painter.drawPath(line);
        QPainterPathStroker room;
        room.setWidth(4);
        drawn = room.createStroke(line);
    }
    // Thresholds with their words where the line leaves room for them, as far at the beginning as it does.
    const auto placed = [&](qreal at, qreal wide) {
        QRectF label(plot.left() + 5, at - 9, wide + 4, 18);
        const auto first = label;
        for (; label.right() < plot.right() - 8; label.translate(8, 0))
            if (!drawn.intersects(label))
                return label;
        return first;
    };
    for (const auto &[score, text] : {std::pair{m_high, tr("High from %1").arg(m_high)},
                                      {m_medium, tr("Medium from %1").arg(m_medium)}}) {
        const qreal at = std::round(y(score)) + 0.5;
        const qreal wide = axis.width(text);
        const auto label = placed(at, wide);
        QPen dash(theme().color(Token::BorderStrong), 1);
        dash.setDashPattern({3, 3});
        painter.setPen(dash);
        painter.setRenderHint(QPainter::Antialiasing, false);
        if (label.left() > plot.left() + 6)
            painter.drawLine(QPointF(plot.left(), at), QPointF(label.left() - 3, at));
        painter.drawLine(QPointF(label.right() + 3, at), QPointF(plot.right() - 8, at));
        painter.setRenderHint(QPainter::Antialiasing);
        painter.fillRect(label, theme().color(Token::Surface));
        painter.setPen(theme().color(Token::Text2));
        axis.draw(painter, label.adjusted(1, 0, 8, 0), text);
    }
    for (const RiskStep &step : m_steps) {
        if (!step.marked)
            continue;
        painter.setPen(QPen(theme().color(Token::ChHigh), 1.75));
        painter.setBrush(theme().color(Token::Surface));
        painter.drawEllipse(QPointF(x(step.at), y(step.score)), 4.2, 4.2);
    }
    QList<std::pair<double, QString>> labels;
    for (qsizetype i = 0; i < m_labels.size(); ++i)
        labels.append(
            {m_labels.size() > 1 ? static_cast<double>(i) / static_cast<double>(m_labels.size() - 1) : 0.0,
             m_labels[i]});
    paintLabels(painter, plot, labels);
    paintFocus(painter, plot);
}

bool RiskLine::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QRectF plot = plotRect();
        for (const RiskStep &step : m_steps) {
            const QPointF mark(plot.left() + (plot.width() - 8) * step.at,
                               plot.bottom() - plot.height() * step.score / 100);
            if (step.marked && (mark - QPointF(help->pos())).manhattanLength() < 14) {
                QToolTip::showText(help->globalPos(), models::plainTip(step.text), this);
                return true;
            }
        }
        QToolTip::hideText();
        return true;
    }
    return Chart::event(event);
}

} // namespace riskdesk::widgets

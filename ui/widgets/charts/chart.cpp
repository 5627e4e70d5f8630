#include "ui/widgets/charts/chart.h"

#include "ui/models/format.h"
#include "ui/widgets/controls/badges.h"

#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace riskdesk::widgets {

using theme::TextStyle;
using theme::Token;

Scale roundScale(double value, int lines)
{
    if (!std::isfinite(value) || value <= 0)
        return {1, 1};
    lines = std::max(1, lines);
    double power = std::pow(10.0, std::floor(std::log10(value / lines)));
    for (int guard = 0; guard < 3; ++guard, power *= 10)
        for (const double factor : {1.0, 2.0, 3.0, 5.0}) {
            // Counts have no fractions.
            const double step = std::max(1.0, factor * power);
            if (step * lines >= value)
                return {step * std::ceil(value / step), step};
        }
    return {value, value};
}

Chart::Chart(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(80, 40);
    setAccessibleName(tr("Chart"));
}

void Chart::setSummary(const QString &summary)
{
    setAccessibleName(summary);
}

QRectF Chart::paintGrid(QPainter &painter, const QRectF &area, const Scale &scale, int labelWidth) const
{
    const QRectF plot = area.adjusted(labelWidth, 6, -2, -18);
    auto &axis = m_theme.text(TextStyle::Axis);
    const int count = static_cast<int>(std::lround(scale.top / scale.step));
    for (int i = 0; i <= count; ++i) {
        const qreal y = std::round(plot.bottom() - plot.height() * i / std::max(1, count));
        painter.fillRect(QRectF(plot.left(), y, plot.width(), 1),
                         m_theme.color(i == 0 ? Token::Border : Token::Grid));
        painter.setPen(m_theme.color(Token::Text2));
        axis.drawTabular(painter, QRectF(area.left(), y - 8, labelWidth - 7, 16),
                         QLocale().toString(scale.step * i, 'f', 0), Qt::AlignRight);
    }
    return plot;
}

void Chart::paintLabels(QPainter &painter, const QRectF &plot,
                        const QList<std::pair<double, QString>> &labels) const
{
    auto &axis = m_theme.text(TextStyle::Axis);
    painter.setPen(m_theme.color(Token::Text2));
    qreal end = -1e9;
    for (const auto &[share, text] : labels) {
        const qreal wide = axis.width(text);
        qreal x = plot.left() + plot.width() * share - wide / 2;
        x = std::clamp(x, plot.left() - 12, plot.right() - wide + 2);
        if (x < end + 8)
            continue;
        axis.draw(painter, QRectF(x, plot.bottom() + 3, wide + 2, 15), text);
        end = x + wide;
    }
}

void Chart::paintFocus(QPainter &painter, const QRectF &plot) const
{
    if (hasFocus() && window()->testAttribute(Qt::WA_KeyboardFocusChange))
        theme::paintFocusRing(painter, m_theme,
                              plot.isEmpty() ? QRectF(rect()) : plot.adjusted(-2, -4, 2, 2) & QRectF(rect()),
                              6);
}

void Chart::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        Q_EMIT tableAsked();
        return;
    }
    QWidget::keyPressEvent(event);
}

void Chart::contextMenuEvent(QContextMenuEvent *event)
{
    Q_EMIT menuAsked(event->globalPos());
}

LevelLegend::LevelLegend(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
{
    setAccessibleName(tr("High, Medium, Low"));
    setToolTip(accessibleName());
    setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
}

QSize LevelLegend::minimumSizeHint() const
{
    return {3 * 11 + 2 * 8, sizeHint().height()};
}

QSize LevelLegend::sizeHint() const
{
    qreal wide = 0;
    for (const RiskLevel level : {RiskLevel::High, RiskLevel::Medium, RiskLevel::Low})
        wide += 17 + m_theme.text(TextStyle::Label).width(models::levelName(level)) + 16;
    return {static_cast<int>(std::ceil(wide - 16)) + 1, m_theme.scaled(18)};
}

void LevelLegend::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool named = width() >= sizeHint().width();
    qreal x = named ? 0 : width() - minimumSizeHint().width();
    for (const RiskLevel level : {RiskLevel::High, RiskLevel::Medium, RiskLevel::Low}) {
        paintMeter(painter, QRectF(x, std::round(height() / 2.0 - 5), 11, 10), static_cast<int>(level),
                   m_theme.color(levelChart(level)));
        if (!named) {
            x += 11 + 8;
            continue;
        }
        x += 17;
        painter.setPen(m_theme.color(Token::Text2));
        x += m_theme.text(TextStyle::Label)
                 .draw(painter, QRectF(x, 0, 200, height()), models::levelName(level)) +
             16;
    }
}

TypeBars::TypeBars(const Theme &theme, QWidget *parent)
    : Chart(theme, parent)
{
    setCursor(Qt::PointingHandCursor);
}

void TypeBars::setBars(const QList<TypeBar> &bars)
{
    m_bars = bars;
    QStringList said;
    for (const TypeBar &bar : bars)
        said << tr("%1 %2").arg(bar.label).arg(bar.high + bar.medium + bar.low);
    setSummary(tr("Detections by type: %1").arg(said.join(QStringLiteral(", "))));
    update();
}

void TypeBars::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    if (m_bars.isEmpty())
        return;
    int most = 1;
    qreal names = 0;
    qreal numbers = 0;
    for (const TypeBar &bar : m_bars) {
        const int total = bar.high + bar.medium + bar.low;
        most = std::max(most, total);
        names = std::max(names, theme().text(TextStyle::Body).width(bar.label));
        numbers = std::max(numbers, theme().text(TextStyle::Name).tabularWidth(QLocale().toString(total)));
    }
    names = std::min(names, width() * 0.58);
    const auto named = [&](const TypeBar &bar) {
        return theme().text(TextStyle::Body).width(bar.label) > names && !bar.shortLabel.isEmpty()
                   ? bar.shortLabel
                   : bar.label;
    };
    const qreal step = height() / static_cast<qreal>(m_bars.size());
    const qreal left = names + 18;
    const qreal room = std::max(10.0, width() - left - numbers - 16);
    for (qsizetype i = 0; i < m_bars.size(); ++i) {
        const QRectF row(0, step * static_cast<qreal>(i), width(), step);
        if (i == m_current) {
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(Qt::NoPen);
            painter.setBrush(theme().color(Token::Surface2));
            painter.drawRoundedRect(row, 5, 5);
            painter.setRenderHint(QPainter::Antialiasing, false);
        }
        painter.setPen(theme().color(Token::Text));
        theme().text(TextStyle::Body).draw(painter, QRectF(0, row.top(), names, step), named(m_bars[i]));
        qreal x = left;
        const std::pair<int, Token> parts[] = {
            {m_bars[i].high, Token::ChHigh}, {m_bars[i].medium, Token::ChMed}, {m_bars[i].low, Token::ChLow}};
        for (const auto &[count, token] : parts) {
            if (count <= 0)
                continue;
            const qreal wide = std::max(2.0, room * count / most);
            painter.fillRect(QRectF(x, std::round(row.center().y() - 6), std::max(1.0, wide - 1), 12),
                             theme().color(token));
            x += wide;
        }
        painter.setPen(theme().color(Token::Text2));
        theme()
            .text(TextStyle::Name)
            .drawTabular(painter, QRectF(width() - numbers - 4, row.top(), numbers + 2, step),
                         QLocale().toString(m_bars[i].high + m_bars[i].medium + m_bars[i].low));
    }
    paintFocus(painter);
}

void TypeBars::mousePressEvent(QMouseEvent *event)
{
    if (m_bars.isEmpty() || event->button() != Qt::LeftButton)
        return;
    const auto row =
        static_cast<qsizetype>(event->position().y() * static_cast<qreal>(m_bars.size()) / height());
    if (row >= 0 && row < m_bars.size())
        Q_EMIT barPressed(m_bars[row].id);
}

void TypeBars::keyPressEvent(QKeyEvent *event)
{
    if ((event->key() == Qt::Key_Up || event->key() == Qt::Key_Down) && !m_bars.isEmpty()) {
        const int last = static_cast<int>(m_bars.size()) - 1;
        m_current = std::clamp(m_current + (event->key() == Qt::Key_Down ? 1 : -1), 0, last);
        announce(this, m_bars[m_current].label);
        update();
        return;
    }
    if (event->key() == Qt::Key_Space && m_current >= 0) {
        Q_EMIT barPressed(m_bars[m_current].id);
        return;
    }
    Chart::keyPressEvent(event);
}

} // namespace riskdesk::widgets

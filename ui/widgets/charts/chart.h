// Common ground of the small charts: axis with round steps, and a chart that can be read without seeing it (a
// sentence as accessible name, values as a table on Enter). Painted with QPainter; a chart never draws more
// marks than it has pixels.
#pragma once

#include "ui/widgets/controls/basics.h"

#include <QList>

namespace riskdesk::widgets {

// A round upper end at or above `value` and the step between grid lines, for at most `lines` lines: 1, 2, 3,
// 5 times a power of ten.
struct Scale
{
    double top = 1;
    double step = 1;
};
[[nodiscard]] Scale roundScale(double value, int lines);

class Chart : public QWidget
{
    Q_OBJECT
public:
    Chart(const Theme &theme, QWidget *parent);
    // "Detections per day, highest 114 on 11 March"
    void setSummary(const QString &summary);

Q_SIGNALS:
    void tableAsked(); // Enter
    void menuAsked(const QPoint &globalPosition);

protected:
    [[nodiscard]] const Theme &theme() const { return m_theme; }
    // Grid lines with numbers at the leading edge; returns the plot.
    QRectF paintGrid(QPainter &painter, const QRectF &area, const Scale &scale, int labelWidth) const;
    // Labels under the plot, as many as fit without touching.
    void paintLabels(QPainter &painter, const QRectF &plot,
                     const QList<std::pair<double, QString>> &labels) const;
    // Around the plot, where there is one: the words of the axes stand outside of it.
    void paintFocus(QPainter &painter, const QRectF &plot = {}) const;
    void keyPressEvent(QKeyEvent *event) override;
    void contextMenuEvent(QContextMenuEvent *event) override;

private:
    const Theme &m_theme;
};

// Key of colours: "High", "Medium", "Low" with the meter, as in the pills.
class LevelLegend : public QWidget
{
    Q_OBJECT
public:
    explicit LevelLegend(const Theme &theme, QWidget *parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override; // the marks alone; the tool tip names them

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    const Theme &m_theme;
};

struct TypeBar
{
    QString id;
    QString label;
    int high = 0;
    int medium = 0;
    int low = 0;
    QString shortLabel = {}; // where there is no room for the label
};

// One bar per detection type, lying, with its total.
class TypeBars : public Chart
{
    Q_OBJECT
public:
    explicit TypeBars(const Theme &theme, QWidget *parent = nullptr);
    void setBars(const QList<TypeBar> &bars);

Q_SIGNALS:
    void barPressed(const QString &id);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    QList<TypeBar> m_bars;
    int m_current = -1;
};

// Two curves over the same days, one solid and one dashed, told apart without colour.
class TwoLines : public Chart
{
    Q_OBJECT
public:
    explicit TwoLines(const Theme &theme, QWidget *parent = nullptr);
    void setLines(const QString &firstName, const QList<double> &first, const QString &secondName,
                  const QList<double> &second, const QStringList &labels);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString m_names[2];
    QList<double> m_values[2];
    QStringList m_labels;
};

struct RiskStep
{
    double at = 0;       // 0 (start of the range) to 1 (now)
    int score = 0;       // 0..100, from here on
    bool marked = false; // a detection or an action happened
    QString text;        // tool tip of the mark
};

// The score of a user over time as a step line, with the scores from which a level begins.
class RiskLine : public Chart
{
    Q_OBJECT
public:
    explicit RiskLine(const Theme &theme, QWidget *parent = nullptr);
    void setSteps(const QList<RiskStep> &steps, const QStringList &labels);
    // product.md section 3: high from 75, medium from 47.
    void setThresholds(int medium, int high);

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    [[nodiscard]] QRectF plotRect() const;
    QList<RiskStep> m_steps;
    QStringList m_labels;
    int m_medium = 47;
    int m_high = 75;
};

} // namespace riskdesk::widgets

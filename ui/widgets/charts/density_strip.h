// Density strip: how many sign-ins there were in each stretch of a period. Successes are filled, failures an
// outline above them, and a stretch with a risky sign-in has a red foot. A press or Space on a stretch
// asks for it alone.
#pragma once

#include "ui/widgets/charts/chart.h"

namespace riskdesk::widgets {

struct DensityBar
{
    QString label; // "Tue 17 Mar, 14:00"
    int success = 0;
    int failure = 0; // interrupted ones included
    int risky = 0;
};

class DensityStrip : public Chart
{
    Q_OBJECT
public:
    explicit DensityStrip(const Theme &theme, QWidget *parent = nullptr);
    void setBars(const QList<DensityBar> &bars);
    [[nodiscard]] const QList<DensityBar> &bars() const { return m_bars; }
    [[nodiscard]] int barAt(const QPoint &position) const; // -1: none
    [[nodiscard]] QSize sizeHint() const override { return {600, 66}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, 66}; }

Q_SIGNALS:
    void barPressed(int index);

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    [[nodiscard]] QRectF plotRect() const;
    [[nodiscard]] QString describe(int index) const;
    QList<DensityBar> m_bars;
    int m_current = -1;
};

} // namespace riskdesk::widgets

// Density strip: how many sign-ins there were in each stretch of a period. Successes are filled, failures an
// outline above them, and a stretch with a risky sign-in has a red foot. A press or Space on a stretch
// asks for it alone.
#pragma once

#include "ui/widgets/charts/time_bars.h"

namespace riskdesk::widgets {

struct DensityBar
{
    QString label; // "Tue 17 Mar, 14:00"
    int success = 0;
    int failure = 0; // interrupted ones included
    int risky = 0;
};

class DensityStrip : public TimeBars
{
    Q_OBJECT
public:
    explicit DensityStrip(const Theme &theme, QWidget *parent = nullptr);
    void setBars(const QList<DensityBar> &bars);
    [[nodiscard]] const QList<DensityBar> &bars() const { return m_bars; }
    [[nodiscard]] QSize sizeHint() const override { return {600, 66}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {200, 66}; }

protected:
    void paintEvent(QPaintEvent *event) override;
    [[nodiscard]] int count() const override { return static_cast<int>(m_bars.size()); }
    [[nodiscard]] QString describe(int index) const override;
    [[nodiscard]] QRectF plotRect() const override;

private:
    QList<DensityBar> m_bars;
};

} // namespace riskdesk::widgets

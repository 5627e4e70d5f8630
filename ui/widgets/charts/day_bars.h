// Bars per day, stacked by level.
#pragma once

#include "ui/widgets/charts/time_bars.h"

namespace riskdesk::widgets {

struct DayBar
{
    QString label; // "17 Feb"
    int high = 0;
    int medium = 0;
    int low = 0;
};

class DayBars : public TimeBars
{
    Q_OBJECT
public:
    explicit DayBars(const Theme &theme, QWidget *parent = nullptr);
    void setBars(const QList<DayBar> &bars);
    [[nodiscard]] const QList<DayBar> &bars() const { return m_bars; }

protected:
    void paintEvent(QPaintEvent *event) override;
    [[nodiscard]] int count() const override { return static_cast<int>(m_bars.size()); }
    [[nodiscard]] QString describe(int index) const override;
    [[nodiscard]] QRectF plotRect() const override;

private:
    QList<DayBar> m_bars;
};

} // namespace riskdesk::widgets

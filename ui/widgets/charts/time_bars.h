// Bars over time, each of which can be pressed: what all of them share. The mouse or the arrows choose a bar,
// which says what it holds; a press or Space asks for it alone.
#pragma once

#include "ui/widgets/charts/chart.h"

namespace riskdesk::widgets {

class TimeBars : public Chart
{
    Q_OBJECT
public:
    explicit TimeBars(const Theme &theme, QWidget *parent = nullptr);
    [[nodiscard]] int barAt(const QPoint &position) const; // -1: none

Q_SIGNALS:
    void barPressed(int index);

protected:
    [[nodiscard]] virtual int count() const = 0;
    [[nodiscard]] virtual QString describe(int index) const = 0;
    [[nodiscard]] virtual QRectF plotRect() const = 0;
    [[nodiscard]] int current() const { return m_current; } // -1: none
    void forgetCurrent() { m_current = -1; }

    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    int m_current = -1;
};

} // namespace riskdesk::widgets

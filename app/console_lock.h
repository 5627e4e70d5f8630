// ConsoleLock: keeps the window behind a page and all other windows of the program away, and knows when nobody has
// touched key or mouse for a while. Who may open it again is not its business. GUI thread.
#pragma once

#include "core/base/clock.h"

#include "ui/window/main_window.h"

#include <QList>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include <chrono>

namespace riskdesk {

class ConsoleLock : public QObject
{
    Q_OBJECT
public:
    ConsoleLock(const Clock &clock, window::MainWindow &window);

    // idle() comes once this long has passed; zero: never.
    void setIdleAfter(std::chrono::minutes after);
    // Menus and questions are closed, other windows hidden, also those that would open meanwhile.
    void hold(QWidget *page);
    // `same`: who locked it is back and finds the windows as they were. For anybody else sheets are closed: what
    // was typed or told there was not theirs.
    void release(bool same);
    // Another operator acts from now on, without a lock between.
    void closeSheets();
    [[nodiscard]] bool holds() const { return m_window.isLocked(); }

Q_SIGNALS:
    void idle();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void putAway(QWidget *top);
    void look();
    const Clock &m_clock;
    window::MainWindow &m_window;
    QTimer m_timer;
    std::chrono::minutes m_after{0};
    Timestamp m_touched;
    QList<QPointer<QWidget>> m_away;
};

} // namespace riskdesk

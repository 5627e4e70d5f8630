#include "app/console_lock.h"

#include <QApplication>
#include <QDialog>
#include <QEvent>
#include <QToolTip>

#include <utility>

namespace riskdesk {
namespace {

// Popups refuse to be closed only by mistake; nothing may keep a lock from falling.
void closePopups()
{
    for (int tries = 0; tries < 16 && QApplication::activePopupWidget() != nullptr; ++tries)
        QApplication::activePopupWidget()->close();
}

} // namespace

ConsoleLock::ConsoleLock(const Clock &clock, window::MainWindow &window)
    : m_clock(clock)
    , m_window(window)
    , m_timer(&window)
    , m_touched(clock.now())
{
    m_timer.setObjectName(QStringLiteral("idleTimer"));
    m_timer.setInterval(5'000);
    connect(&m_timer, &QTimer::timeout, this, &ConsoleLock::look);
    qApp->installEventFilter(this);
}

void ConsoleLock::setIdleAfter(std::chrono::minutes after)
{
    if (after != m_after)
        m_touched = m_clock.now();
    m_after = after;
    if (after.count() <= 0)
        m_timer.stop();
    else if (!m_timer.isActive())
        m_timer.start();
}

void ConsoleLock::look()
{
    const auto now = m_clock.now();
    if (now < m_touched) // the clock was set back
        m_touched = now;
    if (!holds() && m_after.count() > 0 && now - m_touched >= m_after)
        Q_EMIT idle();
}

void ConsoleLock::hold(QWidget *page)
{
    const bool isNew = !holds();
    m_window.setLock(page);
    if (!isNew)
        return;
    QToolTip::hideText();
    closePopups();
    for (auto *top : QApplication::topLevelWidgets())
        if (top != &m_window && top->isVisible())
            putAway(top);
    m_window.activateWindow();
}

// Who waits for the answer of a modal question gets none.
void ConsoleLock::putAway(QWidget *top)
{
    if (auto *dialog = qobject_cast<QDialog *>(top); dialog != nullptr && dialog->isModal()) {
        dialog->reject();
        return;
    }
    if (!m_away.contains(top) && top->windowType() != Qt::Popup && top->windowType() != Qt::ToolTip)
        m_away << top;
    top->hide();
}

void ConsoleLock::release(bool same)
{
    if (!holds())
        return;
    m_window.setLock(nullptr);
    m_touched = m_clock.now();
    for (const auto &top : std::exchange(m_away, {}))
        if (top && !same && qobject_cast<QDialog *>(top) != nullptr)
            top->close();
        else if (top)
            top->show();
}

void ConsoleLock::closeSheets()
{
    closePopups();
    for (auto *top : QApplication::topLevelWidgets())
        if (qobject_cast<QDialog *>(top) != nullptr && top->isVisible())
            top->close();
}

bool ConsoleLock::eventFilter(QObject *watched, QEvent *event)
{
    switch (event->type()) {
    case QEvent::KeyPress:
    case QEvent::MouseButtonPress:
    case QEvent::MouseMove:
    case QEvent::Wheel:
    case QEvent::TouchBegin: m_touched = m_clock.now(); break;
    case QEvent::Show:
        // Sent before it is on the screen: it never gets there.
        if (auto *top = qobject_cast<QWidget *>(watched); top != nullptr && holds() && top->isWindow() &&
                                                          top != &m_window &&
                                                          !top->testAttribute(Qt::WA_DontShowOnScreen)) {
            top->setAttribute(Qt::WA_DontShowOnScreen);
            QMetaObject::invokeMethod(
                this,
                [this, guard = QPointer<QWidget>(top)] {
                    if (!guard)
                        return;
                    const bool still = holds();
                    if (still)
                        putAway(guard);
                    else
                        guard->hide();
                    if (!guard)
                        return;
                    guard->setAttribute(Qt::WA_DontShowOnScreen, false);
                    if (!still)
                        guard->show();
                },
                Qt::QueuedConnection);
        }
        break;
    default: break;
    }
    return QObject::eventFilter(watched, event);
}

} // namespace riskdesk

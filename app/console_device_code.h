// ConsoleDeviceCode: a person signs in to a connection with a code (core/connect/oauth/device_code.h), shown on a page of
// the sheet, while the provider is asked from time to time whether they did.
//
// Everything that reads a disk or asks the provider runs on a thread of its own, one request after the other; none is
// sent before the time that the provider allows, by the console's clock. What is granted goes to `keep` on that thread,
// so no token comes to the GUI thread. cancel() ends it at any time, within a request too: nothing is kept then. GUI
// thread.
#pragma once

#include "core/connect/oauth/device_code.h"

#include "ui/jobs/writer.h"
#include "ui/pages/device_code_page.h"

#include <QObject>
#include <QPointer>
#include <QTimer>

#include <functional>
#include <memory>
#include <mutex>

namespace riskdesk {

class ConsoleDeviceCode : public QObject
{
    Q_OBJECT
public:
    using Prepare = std::function<Result<connect::DeviceCode::SetUp>()>;     // on the thread
    using Keep = std::function<Status(const connect::Secret &refreshToken)>; // on the thread

    explicit ConsoleDeviceCode(const Clock &clock, QObject *parent = nullptr); // the clock outlives it
    ~ConsoleDeviceCode() override;                                             // cancels and waits

    // In place of a sign-in that is under way. What goes wrong is said on the page, with a button for another code.
    void start(const QString &connection, pages::DeviceCodePage &page, Prepare prepare, Keep keep);
    void cancel();
    // Held while `prepare` or `keep` runs: who gets it after cancel() knows that neither has anything open any more.
    [[nodiscard]] std::shared_ptr<std::mutex> inUse() const { return m_inUse; }
    [[nodiscard]] bool isUnderWay() const { return m_sign != nullptr; }

Q_SIGNALS:
    void signedIn(const QString &sentence); // and its token is kept

private:
    struct Sign; // the thread's while it works, else the GUI thread's
    struct Polled;
    void anew();
    void askForCode();
    void tick();
    void poll();
    void take(const Polled &polled);
    void fail(const QString &sentence);

    const Clock &m_clock;
    QString m_connection;
    QPointer<pages::DeviceCodePage> m_page;
    Prepare m_prepare;
    Keep m_keep;
    std::shared_ptr<Sign> m_sign; // null: none is under way
    bool m_troubled = false;      // the provider could not be reached the last time
    bool m_waits = false;         // for the thread to be done with the one before
    std::shared_ptr<std::mutex> m_inUse = std::make_shared<std::mutex>();
    QTimer m_timer;
    jobs::Writer m_worker; // goes first, and waits for what it does
};

} // namespace riskdesk

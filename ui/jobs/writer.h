// Writer: long work that changes the directory (import, decisions), one at a time, off the GUI thread.
//
// run() starts the work on a thread of its own; progress() follows at most ten times a second, then the
// answer is delivered in the GUI thread. cancel() asks it to stop; what was committed stays.
#pragma once

#include "core/base/progress.h"
#include "core/base/result.h"

#include <QObject>
#include <QPointer>
#include <QString>

#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

namespace riskdesk::jobs {

class Writer : public QObject
{
    Q_OBJECT
public:
    explicit Writer(QObject *parent = nullptr);
    ~Writer() override; // cancels and waits

    [[nodiscard]] bool isBusy() const { return m_busy; }
    [[nodiscard]] QString title() const { return m_title; }
    void cancel();

    // False when something runs already. `work`: (std::stop_token, const ProgressSink &) -> Result<T>.
    template <typename Work, typename Deliver>
    bool run(const QString &title, QObject *receiver, Work work, Deliver deliver)
    {
        return start(title,
                     [this, guard = QPointer<QObject>(receiver), work = std::move(work),
                      deliver = std::move(deliver)](std::stop_token stop, const ProgressSink &sink) mutable {
                         auto answer = std::make_shared<decltype(work(stop, sink))>(work(stop, sink));
                         finish([guard, answer, deliver = std::move(deliver)]() mutable {
                             if (guard)
                                 deliver(std::move(*answer));
                         });
                     });
    }

Q_SIGNALS:
    void started(const QString &title);
    void progressed(const QString &phase, double share); // share below 0: length unknown
    void finished();

private:
    bool start(const QString &title, std::function<void(std::stop_token, const ProgressSink &)> work);
    void finish(std::function<void()> deliver);

    bool m_busy = false;
    QString m_title;
    std::jthread m_thread;
};

} // namespace riskdesk::jobs

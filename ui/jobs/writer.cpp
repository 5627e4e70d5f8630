#include "ui/jobs/writer.h"

#include <utility>

namespace riskdesk::jobs {

Writer::Writer(QObject *parent)
    : QObject(parent)
{}

Writer::~Writer()
{
    m_thread.request_stop();
    if (m_thread.joinable())
        m_thread.join();
}

void Writer::cancel()
{
    m_thread.request_stop();
}

bool Writer::start(const QString &title, std::function<void(std::stop_token, const ProgressSink &)> work)
{
    if (m_busy)
        return false;
    m_busy = true;
    m_title = title;
    Q_EMIT started(title);
    m_thread = std::jthread([this, work = std::move(work)](std::stop_token stop) {
        work(stop, [this](const Progress &p) {
            const auto phase = QString::fromUtf8(p.phase.data(), static_cast<qsizetype>(p.phase.size()));
            const double share =
                p.total > 0 ? static_cast<double>(p.done) / static_cast<double>(p.total) : -1;
            QMetaObject::invokeMethod(
                this,
                [this, phase, share] {
                    if (m_busy)
                        Q_EMIT progressed(phase, share);
                },
                Qt::QueuedConnection);
        });
    });
    return true;
}

void Writer::finish(std::function<void()> deliver)
{
    QMetaObject::invokeMethod(
        this,
        [this, deliver = std::move(deliver)] {
            m_busy = false;
            Q_EMIT finished(); // before the answer, which may start the next work
            deliver();
        },
        Qt::QueuedConnection);
}

} // namespace riskdesk::jobs

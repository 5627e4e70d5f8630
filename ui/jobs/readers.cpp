#include "ui/jobs/readers.h"

#include "core/store/schema.h"

#include <QCoreApplication>

namespace riskdesk::jobs {

Readers::Readers(std::filesystem::path file, unsigned threads)
    : m_file(std::move(file))
    , m_session(std::make_shared<query::ReadSession>())
    , m_door(std::make_unique<QObject>())
{
    for (unsigned i = 0; i < threads; ++i)
        m_threads.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
}

Readers::~Readers()
{
    letGo();
}

void Readers::letGo()
{
    for (auto &thread : m_threads)
        thread.request_stop();
    m_wake.notify_all();
    m_threads.clear();
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.clear();
    }
    QCoreApplication::removePostedEvents(m_door.get()); // an answer may hold a connection
}

void Readers::post(Task task)
{
    {
        const std::lock_guard lock(m_mutex);
        m_tasks.push_back(std::move(task));
    }
    m_wake.notify_one();
}

// The door is asked first, so that a receiver destroyed meanwhile in the GUI thread is noticed there.
void Readers::handOver(QObject *receiver, const QPointer<QObject> &guard, std::function<void()> call)
{
    Q_UNUSED(receiver)
    QMetaObject::invokeMethod(
        m_door.get(),
        [guard, call = std::move(call)] {
            if (guard)
                call();
        },
        Qt::QueuedConnection);
}

void Readers::work(std::stop_token stop)
{
    const auto open = [this] {
        auto opened = store::openForReading(m_file);
        if (opened)
            query::ReadSession::attach(*opened, m_session);
        return opened;
    };
    auto connection = open();
    for (;;) {
        Task task;
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return !m_tasks.empty(); }))
                return;
            task = std::move(m_tasks.front());
            m_tasks.pop_front();
        }
        if (!connection) // it may have been locked, or made only now
            connection = open();
        task(connection);
    }
}

} // namespace riskdesk::jobs

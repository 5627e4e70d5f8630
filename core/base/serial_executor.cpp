#include "core/base/serial_executor.h"

#include <utility>

namespace riskdesk {

SerialExecutor::SerialExecutor(bool ownThread)
{
    if (ownThread)
        m_thread = std::jthread([this](std::stop_token stop) { work(std::move(stop)); });
}

SerialExecutor::~SerialExecutor()
{
    if (!m_thread.joinable())
        return;
    m_thread.request_stop();
    m_thread.join();
}

void SerialExecutor::run(Task task)
{
    if (!m_thread.joinable()) {
        if (m_status && !m_thrown)
            perform(task);
        return;
    }
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_queue.size() < mostQueued; });
    m_queue.push_back(std::move(task));
    m_changed.notify_all();
}

Status SerialExecutor::drain()
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [this] { return m_queue.empty() && !m_busy; });
    if (m_thrown)
        std::rethrow_exception(std::exchange(m_thrown, nullptr));
    return m_status;
}

void SerialExecutor::perform(const Task &task)
{
    try {
        m_status = task();
    } catch (...) {
        m_thrown = std::current_exception();
    }
}

void SerialExecutor::work(std::stop_token stop)
{
    std::unique_lock lock(m_mutex);
    while (m_changed.wait(lock, stop, [this] { return !m_queue.empty(); }) && !stop.stop_requested()) {
        const auto task = std::move(m_queue.front());
        m_queue.pop_front();
        if (!m_status || m_thrown) {
            m_changed.notify_all();
            continue;
        }
        m_busy = true;
        m_changed.notify_all();
        lock.unlock();
        perform(task); // nobody reads the outcome before we are idle again
        lock.lock();
        m_busy = false;
        m_changed.notify_all();
    }
}

} // namespace riskdesk

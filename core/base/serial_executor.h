// SerialExecutor: tasks one after another on a thread of their own, so that a block is written while the next
// one is examined. Without a thread of its own each task is run at once by the caller; the outcome is the
// same.
//
// run() and drain() belong to one thread. After a task has failed, those behind it are left out. The
// destructor waits for the running task and leaves out the rest.
#pragma once

#include "core/base/result.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace riskdesk {

class SerialExecutor
{
public:
    using Task = std::function<Status()>;

    explicit SerialExecutor(bool ownThread);
    ~SerialExecutor();
    SerialExecutor(const SerialExecutor &) = delete;
    SerialExecutor &operator=(const SerialExecutor &) = delete;

    // Waits while too many are queued, so that what they hold stays bounded.
    void run(Task task);
    // Waits until everything is done; the first failure. What a task threw is thrown here.
    [[nodiscard]] Status drain();

private:
    static constexpr std::size_t mostQueued = 4;
    void work(std::stop_token stop);
    void perform(const Task &task);

    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::deque<Task> m_queue;
    bool m_busy = false;
    Status m_status;
    std::exception_ptr m_thrown;
    std::jthread m_thread; // last: ends before the rest goes
};

} // namespace riskdesk

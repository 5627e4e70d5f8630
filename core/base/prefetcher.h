// Prefetcher: makes items in order on a thread of its own, a few before they are asked for. Without a thread
// of its own each is made when asked for; the items are the same.
//
// `make` fills an item and is false at the end. It gets old items back to fill again, so that their memory is
// used again. next() belongs to one thread; what `make` throws is thrown there.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace riskdesk {

template <typename Item>
class Prefetcher
{
public:
    using Make = std::function<bool(Item &)>;

    Prefetcher(bool ownThread, std::size_t most, Make make)
        : m_most(most)
        , m_make(std::move(make))
    {
        if (ownThread)
            m_thread = std::jthread([this](std::stop_token stop) { work(std::move(stop)); });
    }
    ~Prefetcher()
    {
        if (!m_thread.joinable())
            return;
        m_thread.request_stop();
        m_thread.join();
    }
    Prefetcher(const Prefetcher &) = delete;
    Prefetcher &operator=(const Prefetcher &) = delete;

    // Puts the next item in the place of the one before; false at the end.
    [[nodiscard]] bool next(Item &item)
    {
        if (!m_thread.joinable())
            return m_make(item);
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return !m_items.empty() || m_ended; });
        if (m_items.empty()) {
            if (m_thrown)
                std::rethrow_exception(std::exchange(m_thrown, nullptr));
            return false;
        }
        m_used.push_back(std::exchange(item, std::move(m_items.front())));
        m_items.pop_front();
        m_changed.notify_all();
        return true;
    }

private:
    void work(std::stop_token stop)
    {
        std::unique_lock lock(m_mutex);
        for (;;) {
            if (!m_changed.wait(lock, stop, [this] { return m_items.size() < m_most; }) ||
                stop.stop_requested())
                return;
            Item item;
            if (!m_used.empty()) {
                item = std::move(m_used.back());
                m_used.pop_back();
            }
            lock.unlock();
            bool made = false;
            std::exception_ptr thrown;
            try {
                made = m_make(item);
            } catch (...) {
                thrown = std::current_exception();
            }
            lock.lock();
            if (made)
                m_items.push_back(std::move(item));
            m_ended = !made;
            m_thrown = thrown;
            m_changed.notify_all();
            if (!made)
                return;
        }
    }

    std::size_t m_most;
    Make m_make;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::deque<Item> m_items; // made, not yet asked for
    std::vector<Item> m_used; // to be filled again
    bool m_ended = false;
    std::exception_ptr m_thrown;
    std::jthread m_thread; // last: ends before the rest goes
};

} // namespace riskdesk

// Readers: questions to the store, answered off the GUI thread.
//
// A few threads, each with its own read-only connection to one directory file. ask() may be called from the
// GUI thread only; the answer comes back there by a queued call and is dropped when its receiver is gone.
// Nothing waits.
//
//     m_latest = readers.ask(this, m_latest,
//         [question](store::Connection &db, std::stop_token stop) { return readSpine(db, question, stop); },
//         [this](Result<std::vector<std::int64_t>> answer) { ... });
//
// A Ticket makes a newer question replace the older one: the older is stopped and its answer never delivered.
#pragma once

#include "core/base/result.h"
#include "core/query/read_session.h"
#include "core/store/connection.h"

#include <QMetaObject>
#include <QObject>
#include <QPointer>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace riskdesk::jobs {

// The newest question of one asker. Copies refer to the same question.
class Ticket
{
public:
    Ticket() = default;
    void cancel()
    {
        if (m_stop)
            m_stop->request_stop();
    }
    [[nodiscard]] bool waits() const { return m_stop && !m_stop->stop_requested() && !*m_done; }

private:
    friend class Readers;
    std::shared_ptr<std::stop_source> m_stop;
    std::shared_ptr<bool> m_done = std::make_shared<bool>(false); // GUI thread only
};

class Readers
{
public:
    explicit Readers(std::filesystem::path file, unsigned threads = 2);
    ~Readers(); // stops what runs and waits for the threads, a few milliseconds
    Readers(const Readers &) = delete;
    Readers &operator=(const Readers &) = delete;
    [[nodiscard]] const std::filesystem::path &file() const { return m_file; }

    // Closes the connections; questions are not answered any more. For a file that is to be opened anew.
    void letGo();

    // `work`: (store::Connection &, std::stop_token) -> Result<T>, on a reader thread. `deliver`:
    // (Result<T>), on the thread of `receiver`.
    template <typename Work, typename Deliver>
    Ticket ask(QObject *receiver, Ticket older, Work work, Deliver deliver)
    {
        older.cancel();
        Ticket ticket;
        ticket.m_stop = std::make_shared<std::stop_source>();
        const auto token = ticket.m_stop->get_token();
        const auto done = ticket.m_done;
        post([this, token, done, guard = QPointer<QObject>(receiver), receiver, work = std::move(work),
              deliver = std::move(deliver)](Result<store::Connection> &connection) mutable {
            using Answer = decltype(work(*connection, token));
            if (token.stop_requested())
                return;
            auto answer = std::make_shared<Answer>(connection ? work(*connection, token)
                                                              : Answer(tl::unexpected(connection.error())));
            handOver(receiver, guard, [token, done, answer, deliver = std::move(deliver)]() mutable {
                if (token.stop_requested())
                    return;
                *done = true;
                deliver(std::move(*answer));
            });
        });
        return ticket;
    }

private:
    using Task = std::function<void(Result<store::Connection> &)>;
    void post(Task task);
    void handOver(QObject *receiver, const QPointer<QObject> &guard, std::function<void()> call);
    void work(std::stop_token stop);

    std::filesystem::path m_file;
    std::shared_ptr<query::ReadSession> m_session;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<Task> m_tasks;
    std::unique_ptr<QObject> m_door; // lives in the GUI thread; answers pass through it
    std::vector<std::jthread> m_threads;
};

} // namespace riskdesk::jobs

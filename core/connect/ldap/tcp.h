// A TCP connection to a directory server, opened within a time and given up when asked to stop. libldap would
// wait in connect() where no stop token reaches it, and says of every failure only that the server is down.
// Any thread.
#pragma once

#include "core/connect/connector.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace riskdesk::connect {

// The descriptor, whose owner the caller is; -1: `failure` says why (RetryAfter: "notConnected", "cancelled").
[[nodiscard]] int openTcp(const std::string &host, int port, std::chrono::milliseconds within,
                          const std::stop_token &stop, Response &failure);

// Breaks a connection off when asked to stop, or when a time is over, as long as it lives. What reads from the
// connection sees its end. Needed where libldap or a library of TLS waits by itself: libldap with GnuTLS minds no
// timeout while TLS begins (it asks again and again), and none within a record.
class TcpDeadline
{
public:
    TcpDeadline(int fd, std::chrono::milliseconds within, const std::stop_token &stop);
    TcpDeadline(const TcpDeadline &) = delete;
    TcpDeadline &operator=(const TcpDeadline &) = delete;

    [[nodiscard]] bool passed() const { return m_passed; } // the time was over

private:
    // Since the connection's descriptor may be closed meanwhile, and its number be given to another.
    struct Duplicate
    {
        explicit Duplicate(int fd);
        ~Duplicate();
        Duplicate(const Duplicate &) = delete;
        Duplicate &operator=(const Duplicate &) = delete;
        const int fd;
    };
    void breakOff() const;

    // In this order: what calls breakOff() ends before what it uses.
    Duplicate m_connection;
    std::atomic<bool> m_passed{false};
    std::mutex m_mutex;
    std::condition_variable_any m_ended;
    std::jthread m_timer;
    std::stop_callback<std::function<void()>> m_stopping;
};

} // namespace riskdesk::connect

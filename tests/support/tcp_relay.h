// Hands the bytes of a connection on to a port on loopback, keeps what was sent there, and can lose the answer: to a
// client the connection breaks, or stays silent, after what it sent has arrived.
#pragma once

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace riskdesk::test {

class TcpRelay
{
public:
    enum class Then { Break, KeepAnswers };

    explicit TcpRelay(int to)
        : m_to(to)
    {
        m_listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto at = loopback(0);
        bind(m_listener, reinterpret_cast<const sockaddr *>(&at), sizeof at);
        socklen_t size = sizeof at;
        getsockname(m_listener, reinterpret_cast<sockaddr *>(&at), &size);
        m_port = ntohs(at.sin_port);
        listen(m_listener, 16);
        if (pipe(m_wake) != 0)
            return;
        m_thread = std::thread([this] { run(); });
    }
    ~TcpRelay()
    {
        close(m_wake[1]);
        if (m_thread.joinable())
            m_thread.join();
        close(m_wake[0]);
        close(m_listener);
    }
    TcpRelay(const TcpRelay &) = delete;
    TcpRelay &operator=(const TcpRelay &) = delete;

    [[nodiscard]] int port() const { return m_port; }
    [[nodiscard]] std::string sent() const
    {
        const std::lock_guard lock(m_mutex);
        return m_sent;
    }
    // Called, in the relay's thread, after the next bytes of a client were handed on; the answer to them is lost.
    // Empty: answers get through, of connections that begin from now on.
    void whenSentNext(std::function<Then()> lose)
    {
        const std::lock_guard lock(m_mutex);
        m_lose = std::move(lose);
    }

private:
    struct Pair
    {
        int client = -1, server = -1;
        bool silent = false;
    };
    static sockaddr_in loopback(int port)
    {
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_port = htons(static_cast<std::uint16_t>(port));
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return at;
    }
    void run()
    {
        std::vector<Pair> pairs;
        for (;;) {
            std::vector<pollfd> waiting = {{m_wake[0], POLLIN, 0}, {m_listener, POLLIN, 0}};
            for (const auto &pair : pairs) {
                waiting.push_back({pair.client, POLLIN, 0});
                waiting.push_back({pair.server, POLLIN, 0});
            }
            if (poll(waiting.data(), waiting.size(), -1) < 0 || waiting[0].revents != 0)
                break;
            for (std::size_t i = 0; i < pairs.size(); ++i) {
                auto &pair = pairs[i];
                const bool open =
                    (waiting[2 + 2 * i].revents == 0 || handOn(pair, pair.client, pair.server)) &&
                    (waiting[3 + 2 * i].revents == 0 || handOn(pair, pair.server, pair.client));
                if (!open)
                    end(pair);
            }
            std::erase_if(pairs, [](const Pair &pair) { return pair.client < 0; });
            if (waiting[1].revents != 0)
                pairs.push_back(begin());
            std::erase_if(pairs, [](const Pair &pair) { return pair.client < 0; });
        }
        for (auto &pair : pairs)
            end(pair);
    }
    [[nodiscard]] Pair begin() const
    {
        Pair pair{accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC),
                  socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        const auto at = loopback(m_to);
        if (::connect(pair.server, reinterpret_cast<const sockaddr *>(&at), sizeof at) != 0)
            end(pair);
        return pair;
    }
    static void end(Pair &pair)
    {
        close(pair.client);
        close(pair.server);
        pair = {};
    }
    bool handOn(Pair &pair, int from, int to)
    {
        char buffer[16384];
        const auto size = recv(from, buffer, sizeof buffer, 0);
        if (size <= 0)
            return false;
        if (from == pair.server && pair.silent)
            return true;
        for (ssize_t done = 0; done < size;) {
            const auto written =
                ::send(to, buffer + done, static_cast<std::size_t>(size - done), MSG_NOSIGNAL);
            if (written <= 0)
                return false;
            done += written;
        }
        if (from != pair.client)
            return true;
        std::function<Then()> lose;
        {
            const std::lock_guard lock(m_mutex);
            m_sent.append(buffer, static_cast<std::size_t>(size));
            lose = std::exchange(m_lose, {});
        }
        if (!lose)
            return true;
        pair.silent = true;
        if (lose() == Then::KeepAnswers)
            return true;
        close(pair.client); // the server's side stays until it has answered
        pair.client = dup(m_wake[0]);
        return true;
    }

    int m_to, m_listener = -1, m_port = 0, m_wake[2] = {-1, -1};
    mutable std::mutex m_mutex;
    std::string m_sent;
    std::function<Then()> m_lose;
    std::thread m_thread;
};

} // namespace riskdesk::test

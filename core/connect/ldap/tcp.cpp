#include "core/connect/ldap/tcp.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace riskdesk::connect {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

enum class Attempt { Connected, Failed, TimedOut, Stopped };

// Waits in slices, as no stop token wakes poll().
Attempt awaitConnection(int fd, SteadyTime until, const std::stop_token &stop)
{
    constexpr auto slice = std::chrono::milliseconds(50);
    while (!stop.stop_requested()) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            return Attempt::TimedOut;
        pollfd waiting{fd, POLLOUT, 0};
        const int ready = poll(&waiting, 1, static_cast<int>(std::min(left, slice).count()));
        if (ready < 0 && errno != EINTR)
            return Attempt::Failed;
        if (ready > 0) {
            int error = 0;
            socklen_t size = sizeof error;
            const bool asked = getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0;
            return asked && error == 0 ? Attempt::Connected : Attempt::Failed;
        }
    }
    return Attempt::Stopped;
}

Attempt connectOne(int fd, const addrinfo &to, SteadyTime until, const std::stop_token &stop)
{
    if (::connect(fd, to.ai_addr, to.ai_addrlen) == 0)
        return Attempt::Connected;
    return errno == EINPROGRESS ? awaitConnection(fd, until, stop) : Attempt::Failed;
}

// From here on it blocks again; a server that acknowledges nothing any more breaks it.
void makeReady(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    const unsigned int unacknowledged = 30'000; // milliseconds
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged, sizeof unacknowledged);
}

} // namespace

int openTcp(const std::string &host, int port, std::chrono::milliseconds within, const std::stop_token &stop,
            Response &failure)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    addrinfo *read = nullptr;
    if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &read) != 0) {
        failure = Response::later("notConnected", fmt::format("The name {} is not known.", host));
        return -1;
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(read, &freeaddrinfo);
    const auto until = std::chrono::steady_clock::now() + within;
    auto last = Attempt::Failed;
    for (const auto *to = addresses.get(); to != nullptr; to = to->ai_next) {
        const int fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->ai_protocol);
        if (fd < 0)
            continue;
        last = connectOne(fd, *to, until, stop);
        if (last == Attempt::Connected) {
            makeReady(fd);
            return fd;
        }
        close(fd);
        if (last != Attempt::Failed)
            break;
    }
    failure = last == Attempt::Stopped ? Response::later("cancelled", "It was stopped before it was sent.")
              : last == Attempt::TimedOut
                  ? Response::later("notConnected", fmt::format("{}:{} does not answer.", host, port))
                  : Response::later("notConnected", fmt::format("{}:{} cannot be reached.", host, port));
    return -1;
}

TcpDeadline::TcpDeadline(int fd, std::chrono::milliseconds within, const std::stop_token &stop)
    : m_connection(fd)
    , m_timer([this, within](const std::stop_token &ended) {
        std::unique_lock lock(m_mutex);
        m_ended.wait_for(lock, ended, within, [] { return false; });
        if (!ended.stop_requested()) {
            m_passed = true;
            breakOff();
        }
    })
    , m_stopping(stop, [this] { breakOff(); })
{}

TcpDeadline::Duplicate::Duplicate(int of)
    : fd(fcntl(of, F_DUPFD_CLOEXEC, 0))
{}

TcpDeadline::Duplicate::~Duplicate()
{
    if (fd >= 0)
        close(fd);
}

void TcpDeadline::breakOff() const
{
    shutdown(m_connection.fd, SHUT_RDWR);
}

} // namespace riskdesk::connect

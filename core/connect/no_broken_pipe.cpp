#include "core/connect/no_broken_pipe.h"

#include <pthread.h>

#include <cerrno>
#include <ctime>

namespace riskdesk::connect {

NoBrokenPipe::NoBrokenPipe()
{
    sigset_t pending;
    sigpending(&pending);
    m_wasPending = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&m_pipe);
    sigaddset(&m_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &m_pipe, &m_before);
}

NoBrokenPipe::~NoBrokenPipe()
{
    const timespec atOnce{};
    while (!m_wasPending && sigtimedwait(&m_pipe, nullptr, &atOnce) == -1 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
}

} // namespace riskdesk::connect

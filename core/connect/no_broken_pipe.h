// NoBrokenPipe: what libraries write to a connection that may be broken would end a program that does not ignore
// SIGPIPE. While one of these lives it is kept from this thread, and taken away when it came meanwhile.
#pragma once

#include <csignal>

namespace riskdesk::connect {

class NoBrokenPipe
{
public:
    NoBrokenPipe();
    ~NoBrokenPipe();
    NoBrokenPipe(const NoBrokenPipe &) = delete;
    NoBrokenPipe &operator=(const NoBrokenPipe &) = delete;

private:
    sigset_t m_pipe{}, m_before{};
    bool m_wasPending = false;
};

} // namespace riskdesk::connect

#include "app/ctl/interrupt.h"

#include "app/ctl/output.h"

#include <atomic>
#include <chrono>
#include <csignal>

namespace riskdesk::ctl {
namespace {

std::atomic<bool> interrupted = false;

} // namespace

StopOnInterrupt::StopOnInterrupt()
{
    interrupted = false;
    for (const int signal : {SIGINT, SIGTERM})
        std::signal(signal, [](int number) {
            interrupted = true;
            std::signal(number, SIG_DFL);
        });
    m_watcher = std::jthread([this](std::stop_token end) {
        while (!end.stop_requested() && !interrupted)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        if (interrupted)
            m_stop.request_stop();
    });
}

StopOnInterrupt::~StopOnInterrupt()
{
    m_watcher.request_stop();
    for (const int signal : {SIGINT, SIGTERM})
        std::signal(signal, SIG_DFL);
}

ProgressSink progressLine()
{
    return [](const Progress &p) { showProgress(p.phase, p.done, p.total); };
}

} // namespace riskdesk::ctl

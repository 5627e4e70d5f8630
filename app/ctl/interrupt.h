// Long work on a terminal: Ctrl+C becomes an orderly stop, and a line shows how far it is.
#pragma once

#include "core/base/progress.h"

#include <stop_token>
#include <thread>

namespace riskdesk::ctl {

// What is finished is kept; the second Ctrl+C ends the program at once. One at a time.
class StopOnInterrupt
{
public:
    StopOnInterrupt();
    ~StopOnInterrupt();
    StopOnInterrupt(const StopOnInterrupt &) = delete;
    StopOnInterrupt &operator=(const StopOnInterrupt &) = delete;
    [[nodiscard]] std::stop_token token() const { return m_stop.get_token(); }

private:
    std::stop_source m_stop;
    std::jthread m_watcher;
};

[[nodiscard]] ProgressSink progressLine();

} // namespace riskdesk::ctl

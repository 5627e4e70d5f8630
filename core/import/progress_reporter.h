// ProgressReporter: passes the progress of an import on, ten times a second at most. One thread.
#pragma once

#include "core/base/progress.h"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace riskdesk::run {

class ProgressReporter
{
public:
    explicit ProgressReporter(const ProgressSink &sink)
        : m_sink(sink)
    {}
    void tell(std::string_view phase, std::uint64_t done, std::uint64_t total, bool now = false)
    {
        const auto time = std::chrono::steady_clock::now();
        if (!m_sink || (!now && time - m_last < betweenReports))
            return;
        m_last = time;
        m_sink({phase, done, total});
    }

private:
    static constexpr auto betweenReports = std::chrono::milliseconds(100);
    const ProgressSink &m_sink;
    std::chrono::steady_clock::time_point m_last{};
};

} // namespace riskdesk::run

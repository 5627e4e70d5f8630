// RateLimit: how many requests each caller may make: a bucket per caller that fills steadily and from which
// each request takes one. Any thread.
#pragma once

#include "core/base/timestamp.h"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace riskdesk::serve {

class RateLimit
{
public:
    RateLimit(double perSecond, double burst)
        : m_perSecond(std::max(perSecond, 0.001))
        , m_burst(std::max(burst, 1.0))
    {}

    // Seconds to wait, rounded up; 0: go on.
    [[nodiscard]] std::int64_t take(std::int64_t caller, Timestamp now)
    {
        const std::lock_guard lock(m_mutex);
        auto [at, isNew] = m_buckets.try_emplace(caller, Bucket{m_burst, now});
        auto &bucket = at->second;
        // A clock that was set back fills nothing.
        const auto passed = std::max<std::int64_t>(now.us - bucket.at.us, 0);
        bucket.left = std::min(m_burst, bucket.left + static_cast<double>(passed) / 1e6 * m_perSecond);
        bucket.at = now;
        if (bucket.left >= 1) {
            bucket.left -= 1;
            return 0;
        }
        return 1 + static_cast<std::int64_t>((1 - bucket.left) / m_perSecond);
    }

private:
    struct Bucket
    {
        double left;
        Timestamp at;
    };
    double m_perSecond, m_burst;
    std::mutex m_mutex;
    std::unordered_map<std::int64_t, Bucket> m_buckets; // by token
};

} // namespace riskdesk::serve

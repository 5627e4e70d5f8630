// Clock: where "now" comes from. Everything that asks for the time takes one, so that tests can move it.
#pragma once

#include "core/base/timestamp.h"

namespace riskdesk {

class Clock
{
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock
{
public:
    [[nodiscard]] Timestamp now() const override
    {
        return {std::chrono::duration_cast<Microseconds>(std::chrono::system_clock::now().time_since_epoch())
                    .count()};
    }
};

// Stands still until told otherwise: tests, and `sample --end`.
class FixedClock final : public Clock
{
public:
    explicit FixedClock(Timestamp t)
        : m_now(t)
    {}
    [[nodiscard]] Timestamp now() const override { return m_now; }
    void set(Timestamp t) { m_now = t; }
    void advance(Microseconds d) { m_now = m_now + d; }

private:
    Timestamp m_now;
};

} // namespace riskdesk

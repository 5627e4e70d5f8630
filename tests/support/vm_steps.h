// How much work SQLite did on one connection, in steps of its virtual machine: the same number on every machine and
// under every load, so that a test can hold that ten times the rows cost ten times the work.
#pragma once

#include <sqlite3.h>

#include <cstdint>

namespace riskdesk::test {

class VmSteps
{
public:
    explicit VmSteps(sqlite3 *handle)
        : m_handle(handle)
    {
        sqlite3_trace_v2(
            m_handle, SQLITE_TRACE_PROFILE,
            [](unsigned, void *self, void *statement, void *) {
                static_cast<VmSteps *>(self)->m_steps += static_cast<std::uint64_t>(sqlite3_stmt_status(
                    static_cast<sqlite3_stmt *>(statement), SQLITE_STMTSTATUS_VM_STEP, 1));
                return 0;
            },
            this);
    }
    ~VmSteps() { sqlite3_trace_v2(m_handle, 0, nullptr, nullptr); }
    VmSteps(const VmSteps &) = delete;
    VmSteps &operator=(const VmSteps &) = delete;

    // Steps of the statements that ended since the last call.
    std::uint64_t taken()
    {
        const auto steps = m_steps;
        m_steps = 0;
        return steps;
    }

private:
    sqlite3 *m_handle;
    std::uint64_t m_steps = 0;
};

} // namespace riskdesk::test

// ImportLease: one import at a time per directory. A row with pid, host and heartbeat; it is taken over when
// its holder is dead (same host, no such process) or silent for a minute. Given back when it goes out of
// scope.
#pragma once

#include "core/base/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace riskdesk::store {

class Connection;

class ImportLease
{
public:
    // Code::StoreBusy with the holder's name, pid and host in detail.
    [[nodiscard]] static Result<ImportLease> take(Connection &connection, std::string_view holder);
    ImportLease(ImportLease &&other) noexcept;
    ImportLease &operator=(ImportLease &&) = delete;
    ~ImportLease();
    // At least every half minute; cheap when called more often, unless told to write `now`. Code::Conflict
    // when somebody took it over.
    [[nodiscard]] Status heartbeat(bool now = false);

private:
    explicit ImportLease(Connection &connection)
        : m_connection(&connection)
    {}
    Connection *m_connection;
    std::chrono::steady_clock::time_point m_beat = std::chrono::steady_clock::now();
};

} // namespace riskdesk::store

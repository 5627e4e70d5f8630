// ImportLease: one import at a time per directory. A row with pid, host and heartbeat; it is taken over when
// its holder is dead (same host, no such process), silent for a minute, or this process itself without
// holding it any more. Given back when it goes out of scope.
#pragma once

#include "core/base/result.h"

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace riskdesk::store {

class Connection;

class ImportLease
{
public:
    using FileKey = std::pair<dev_t, ino_t>;

    // Code::StoreBusy with the holder's name, pid and host in detail.
    [[nodiscard]] static Result<ImportLease> take(Connection &connection, std::string_view holder);
    ImportLease(ImportLease &&other) noexcept;
    ImportLease &operator=(ImportLease &&) = delete;
    ~ImportLease();
    // At least every half minute; cheap when called more often, unless told to write `now`. Code::Conflict
    // when somebody took it over.
    [[nodiscard]] Status heartbeat(bool now = false);

private:
    ImportLease(Connection &connection, FileKey key)
        : m_connection(&connection)
        , m_key(key)
    {}
    Connection *m_connection;
    FileKey m_key;
    std::chrono::steady_clock::time_point m_beat = std::chrono::steady_clock::now();
};

} // namespace riskdesk::store

// ImportLease: one import at a time per directory, and under a name of its own whatever else only one process
// may do ("dispatch": sending what waits in the outbox). A row with pid, host and heartbeat; it is taken over
// when its holder is dead (same host, no such process), silent for a minute, or this process itself without
// holding it any more. Given back when it goes out of scope.
#pragma once

#include "core/base/result.h"

#include <sys/types.h>

#include <chrono>
#include <compare>
#include <string>
#include <string_view>
#include <utility>

namespace riskdesk::store {

class Connection;

class ImportLease
{
public:
    struct FileKey
    {
        dev_t device = 0;
        ino_t file = 0;
        std::string name; // of the lease

        friend auto operator<=>(const FileKey &, const FileKey &) = default;
    };

    // Code::StoreBusy with the holder's name, pid and host in detail.
    [[nodiscard]] static Result<ImportLease> take(Connection &connection, std::string_view holder,
                                                  std::string_view name = "import");
    // Does somebody who lives and beats hold it? Inside the caller's transaction the answer stays true.
    [[nodiscard]] static Result<bool> isHeld(Connection &connection, std::string_view name = "import");
    ImportLease(ImportLease &&other) noexcept;
    ImportLease &operator=(ImportLease &&) = delete;
    ~ImportLease();
    // At least every half minute; cheap when called more often, unless told to write `now`. Code::Conflict
    // when somebody took it over.
    [[nodiscard]] Status heartbeat(bool now = false);

private:
    ImportLease(Connection &connection, FileKey key)
        : m_connection(&connection)
        , m_key(std::move(key))
    {}
    Connection *m_connection;
    FileKey m_key;
    std::chrono::steady_clock::time_point m_beat = std::chrono::steady_clock::now();
};

} // namespace riskdesk::store

// Texts: the dictionaries of one directory file, shared by its readers (read_session.h).
//
// Any thread. Views stay valid as long as the object, because an id once given never changes.
#pragma once

#include "core/store/dictionary.h"

#include <map>
#include <memory>
#include <shared_mutex>
#include <vector>

struct sqlite3;

namespace riskdesk::query {

class Texts
{
public:
    // Reads what was appended since this connection last looked; cheap when nothing was.
    [[nodiscard]] Status refresh(store::Connection &connection);
    void forget(sqlite3 *handle);
    // Grows whenever a refresh found that somebody had committed: what was read before may be out of date.
    [[nodiscard]] std::uint64_t stamp() const;
    // "" for 0 and for an id that is not there.
    [[nodiscard]] std::string_view text(Dictionary kind, std::uint32_t id) const;
    [[nodiscard]] IpAddress address(std::uint32_t id) const;
    [[nodiscard]] std::uint32_t find(Dictionary kind, std::string_view text) const; // 0: none
    // Every text by id: for kernels that look at each once.
    [[nodiscard]] std::vector<std::string_view> all(Dictionary kind) const;

private:
    mutable std::shared_mutex m_mutex;
    store::Dictionaries m_dictionaries;
    std::uint64_t m_stamp = 0;
    std::map<sqlite3 *, std::int64_t> m_seen; // data version of each connection at its last refresh
};

} // namespace riskdesk::query

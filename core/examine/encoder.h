// Encoder: prepared sign-ins become rows as they are stored; every text becomes the id of its dictionary,
// every name a user.
//
// One thread at a time (the one that drains the reader). Ids are given in order of first appearance and never
// change.
#pragma once

#include "core/domain/sign_in.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace riskdesk::store {
class Dictionaries;
}

namespace riskdesk::run {

class UserBook;
struct PreparedRows;

class Encoder
{
public:
    Encoder(store::Dictionaries &dictionaries, UserBook &users)
        : m_dictionaries(dictionaries)
        , m_users(users)
    {}
    // The file the next records come from.
    void setSource(std::string_view name);
    // Completes the rows.
    void encode(PreparedRows &prepared);

private:
    store::Dictionaries &m_dictionaries;
    UserBook &m_users;
    std::uint32_t m_source = 0;
    std::vector<std::uint32_t> m_ids;
};

// The sixteen bytes of "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"; false when the text is no such thing.
[[nodiscard]] bool parseGuid(std::string_view text, EventKey &key);

} // namespace riskdesk::run

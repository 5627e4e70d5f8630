// NameIndex: names of users and whom they mean. Grows, forgets nothing; names are kept as copies. One thread.
#pragma once

#include "core/base/text_index.h"

#include <cstdint>
#include <vector>

namespace riskdesk::run {

class NameIndex
{
public:
    // The user, or 0.
    [[nodiscard]] std::uint32_t find(HashedText name) const { return m_users[m_names.find(name)]; }
    void assign(HashedText name, std::uint32_t user)
    {
        if (const auto known = m_names.find(name); known != 0) {
            m_users[known] = user;
            return;
        }
        m_names.add(name);
        m_users.push_back(user);
    }
    // First, some names ahead.
    void expect(HashedText name) const { m_names.prefetchSlot(name.hash); }
    // Then, fewer names ahead. Who it probably is, for fetching more; 0 when nobody.
    [[nodiscard]] std::uint32_t expectSoon(HashedText name) const
    {
        m_names.prefetchText(name.hash);
        return m_users[m_names.probably(name.hash)];
    }

private:
    TextIndex m_names;
    std::vector<std::uint32_t> m_users{0}; // by number of the name; [0] is nobody
};

} // namespace riskdesk::run

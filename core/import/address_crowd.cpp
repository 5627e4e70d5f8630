#include "core/import/address_crowd.h"

#include "core/store/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::run {

void AddressCrowd::note(std::uint32_t user, std::uint32_t address, const IpAddress &ip)
{
    if (user == 0 || address == 0)
        return;
    const bool isPrivate = ip.isPrivate();
    const std::uint32_t key = isPrivate ? privateOnes : address;
    if (isPrivate && !m_firstPrivate.ip.isKnown())
        m_firstPrivate.ip = ip;
    m_severalPrivate = m_severalPrivate || (isPrivate && ip != m_firstPrivate.ip);
    if (user >= m_seen.size())
        m_seen.resize(std::max<std::size_t>(user + 1, m_seen.size() * 2));
    auto &seen = m_seen[user];
    m_users += seen.front() == 0 ? 1U : 0U;
    const auto place = std::find_if(seen.begin(), seen.end(), [&](auto a) { return a == 0 || a == key; });
    if (place == seen.end() || *place == key)
        return;
    *place = key;
    if (!isPrivate && address >= m_counts.size())
        m_counts.resize(std::max<std::size_t>(address + 1, m_counts.size() * 2));
    auto &count = isPrivate ? m_private : m_counts[address];
    count.ip = ip;
    ++count.users;
}

std::optional<CrowdedAddress> AddressCrowd::found() const
{
    if (m_users >= leastPrivateUsers && m_private.users * 2 > m_users)
        return CrowdedAddress{m_severalPrivate ? IpAddress() : m_firstPrivate.ip, m_private.users, m_users};
    const auto most = std::max_element(m_counts.begin(), m_counts.end(),
                                       [](const Count &a, const Count &b) { return a.users < b.users; });
    if (m_users < leastUsers || most == m_counts.end() || most->users * 2 <= m_users)
        return std::nullopt;
    return CrowdedAddress{most->ip, most->users, m_users};
}

Result<std::optional<CrowdedAddress>> writeCrowd(store::Connection &connection, const Clock &clock,
                                                 const AddressCrowd &crowd)
{
    const auto found = crowd.found();
    if (!found && !crowd.canTell())
        return found;
    if (!found) {
        store::Statement drop(connection, "DELETE FROM notice WHERE key = ?1");
        if (auto ok = drop.bind(CrowdedAddress::key).run(); !ok)
            return tl::unexpected(ok.error());
        return found;
    }
    const auto facts = fmt::format(R"({{"address":"{}","users":{},"of":{}}})", found->ip.toString(),
                                   found->users, found->of);
    store::Statement write(connection, "INSERT OR REPLACE INTO notice (key, at, facts) VALUES (?1, ?2, ?3)");
    if (auto ok = write.bind(CrowdedAddress::key, clock.now(), facts).run(); !ok)
        return tl::unexpected(ok.error());
    return found;
}

Status forgetCrowdSince(store::Connection &connection, Timestamp since)
{
    return store::Statement(connection, "DELETE FROM notice WHERE key = ?1 AND at >= ?2")
        .bind(CrowdedAddress::key, since)
        .run();
}

} // namespace riskdesk::run

#include "core/query/texts.h"

#include "core/store/connection.h"

#include <mutex>

namespace riskdesk::query {

Status Texts::refresh(store::Connection &connection)
{
    const std::unique_lock lock(m_mutex);
    const auto version = connection.dataVersion();
    if (const auto seen = m_seen.find(connection.handle()); seen != m_seen.end() && seen->second == version)
        return {};
    auto ok = m_dictionaries.load(connection);
    ++m_stamp;
    if (ok)
        m_seen[connection.handle()] = version;
    return ok;
}

std::uint64_t Texts::stamp() const
{
    const std::shared_lock lock(m_mutex);
    return m_stamp;
}

void Texts::forget(sqlite3 *handle)
{
    const std::unique_lock lock(m_mutex);
    m_seen.erase(handle);
}

std::string_view Texts::text(Dictionary kind, std::uint32_t id) const
{
    if (id == 0 || kind >= Dictionary::Count)
        return {};
    const std::shared_lock lock(m_mutex);
    return m_dictionaries.text(kind, id);
}

IpAddress Texts::address(std::uint32_t id) const
{
    if (id == 0)
        return {};
    const std::shared_lock lock(m_mutex);
    return m_dictionaries.address(id);
}

std::uint32_t Texts::find(Dictionary kind, std::string_view text) const
{
    const std::shared_lock lock(m_mutex);
    return m_dictionaries.find(kind, text);
}

std::vector<std::string_view> Texts::all(Dictionary kind) const
{
    const std::shared_lock lock(m_mutex);
    std::vector<std::string_view> texts(m_dictionaries.size(kind));
    for (std::uint32_t id = 0; id < texts.size(); ++id)
        texts[id] = m_dictionaries.text(kind, id);
    return texts;
}

} // namespace riskdesk::query

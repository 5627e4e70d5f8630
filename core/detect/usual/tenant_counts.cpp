#include "core/detect/usual/tenant_counts.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace riskdesk::detect {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t nodesOfASignIn = levels + 2;

} // namespace

TenantCounts::TenantCounts(StateSource &source, std::size_t nodes)
    : m_most(nodes)
{
    for (std::uint64_t i = 0; i < 256; ++i)
        if (const auto data = source.load(StatePart::Tenant, i))
            read(*data, i == 0);
}

// A shard that is damaged or of another version is forgotten, as far as it could not be read.
void TenantCounts::read(std::string_view data, bool first)
{
    StateReader in(data);
    std::uint8_t found = 0;
    std::uint32_t users = 0, nodes = 0, places = 0;
    if (!in.get(found) || found != version || !in.get(users) || !in.get(nodes) ||
        nodes > data.size() / sizeof(Node))
        return;
    if (first)
        m_users = users;
    for (Node node; nodes > 0 && in.get(node); --nodes)
        if (node.key != 0 && node.count >= 0 && node.count < 1e12F)
            *m_nodes.insert(node.key).first = node;
    if (!in.get(places))
        return;
    for (PlaceUsers place; places > 0 && in.get(place); --places)
        if (place.key != 0)
            *m_places.insert(place.key).first = place;
}

GlobalCount TenantCounts::at(std::uint64_t node, Minute now, float halfLife)
{
    const Node *found = m_nodes.find(node);
    return found != nullptr ? GlobalCount{decayed(found->count, found->last, now, halfLife), found->children}
                            : GlobalCount{};
}

void TenantCounts::prepare(Minute now, float halfLife)
{
    if (m_nodes.size() + nodesOfASignIn > m_most)
        forgetNodes(now, halfLife);
    m_nodes.reserve(nodesOfASignIn);
}

void TenantCounts::add(std::uint64_t node, std::uint64_t parent, Minute now, float halfLife)
{
    const auto [entry, isNew] = m_nodes.insert(node);
    addOne(entry->count, entry->last, now, halfLife);
    m_changed.set(shard(node));
    if (!isNew || parent == 0)
        return;
    if (Node *above = m_nodes.find(parent); above != nullptr && above->children < UINT32_MAX) {
        ++above->children;
        m_changed.set(shard(parent));
    }
}

void TenantCounts::forgetNodes(Minute now, float halfLife)
{
    std::vector<float> counts;
    counts.reserve(m_nodes.size());
    m_nodes.forEach([&](const Node &n) { counts.push_back(decayed(n.count, n.last, now, halfLife)); });
    const auto quarter = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 4);
    std::nth_element(counts.begin(), quarter, counts.end());
    // Equal counts go together: which of them would go first may not depend on ids.
    const float least = *quarter;
    m_nodes.retain([&](const Node &n) { return decayed(n.count, n.last, now, halfLife) > least; });
    m_changed.set();
}

void TenantCounts::forgetPlaces()
{
    std::uint32_t fewest = UINT32_MAX;
    m_places.forEach([&](const PlaceUsers &p) { fewest = std::min(fewest, p.users); });
    m_places.retain([&](const PlaceUsers &p) { return p.users > fewest; });
    m_changed.set();
}

std::uint32_t TenantCounts::usersOf(std::uint64_t place)
{
    const PlaceUsers *found = m_places.find(place);
    return found != nullptr ? found->users : 0;
}

void TenantCounts::addUser(std::uint64_t place)
{
    if (m_places.size() >= mostPlaces)
        forgetPlaces();
    ++m_places.insert(place).first->users;
    m_changed.set(shard(place));
}

void TenantCounts::removeUser(std::uint64_t place)
{
    if (PlaceUsers *found = m_places.find(place); found != nullptr && found->users > 0) {
        --found->users;
        m_changed.set(shard(place));
    }
}

void TenantCounts::countUser()
{
    ++m_users;
    m_changed.set(0);
}

void TenantCounts::save(StateSink &sink)
{
    if (m_changed.none())
        return;
    struct Parts
    {
        std::vector<Node> nodes;
        std::vector<PlaceUsers> places;
    };
    std::vector<Parts> parts(256);
    m_nodes.forEach([&](const Node &n) {
        if (m_changed[shard(n.key)])
            parts[shard(n.key)].nodes.push_back(n);
    });
    m_places.forEach([&](const PlaceUsers &p) {
        if (m_changed[shard(p.key)])
            parts[shard(p.key)].places.push_back(p);
    });
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!m_changed[i])
            continue;
        StateWriter out;
        out.put(version);
        out.put(m_users);
        out.put(static_cast<std::uint32_t>(parts[i].nodes.size()));
        for (const Node &n : parts[i].nodes)
            out.put(n);
        out.put(static_cast<std::uint32_t>(parts[i].places.size()));
        for (const PlaceUsers &p : parts[i].places)
            out.put(p);
        sink.save(StatePart::Tenant, i, out.data());
    }
    m_changed.reset();
}

} // namespace riskdesk::detect

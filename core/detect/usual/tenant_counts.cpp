#include "core/detect/usual/tenant_counts.h"

#include "core/detect/shards.h"

#include <algorithm>
#include <string>
#include <vector>

namespace riskdesk::detect {
namespace {

constexpr std::uint8_t bucketVersion = 3;
constexpr std::size_t nodesOfASignIn = levels + 2;

} // namespace

void TenantCounts::Totals::write(StateWriter &out) const
{
    out.put(users);
    out.put(nodes);
    out.put(places);
}

bool TenantCounts::Totals::read(StateReader &in)
{
    return in.get(users) && in.get(nodes) && in.get(places);
}

TenantCounts::TenantCounts(StateSource &source, std::size_t nodes)
    : m_source(source)
    , m_most(nodes)
{
    static_cast<void>(readPart(source.load(StatePart::Global, totalsPart), m_totals));
}

void TenantCounts::load(std::size_t bucket)
{
    m_loaded.set(bucket);
    if (const auto data = m_source.load(StatePart::Tenant, bucket))
        read(*data);
}

void TenantCounts::loadAll()
{
    for (std::size_t bucket = 0; bucket < buckets; ++bucket)
        if (!m_loaded[bucket])
            load(bucket);
}

// A bucket that is damaged or of another version is forgotten, as far as it could not be read.
void TenantCounts::read(std::string_view data)
{
    StateReader in(data);
    std::uint8_t found = 0;
    std::vector<Node> nodes;
    std::vector<PlaceUsers> places;
    if (!in.get(found) || found != bucketVersion || !in.getRows(nodes, data.size()) ||
        !in.getRows(places, data.size()))
        return;
    for (const Node &node : nodes)
        if (node.key != 0 && node.count >= 0 && node.count < 1e12F)
            *m_nodes.insert(node.key).first = node;
    for (const PlaceUsers &place : places)
        if (place.key != 0)
            *m_places.insert(place.key).first = place;
}

GlobalCount TenantCounts::at(std::uint64_t node, Minute now, float halfLife)
{
    ensure(node);
    const Node *found = m_nodes.find(node);
    return found != nullptr ? GlobalCount{decayed(found->count, found->last, now, halfLife), found->children}
                            : GlobalCount{};
}

void TenantCounts::prepare(Minute now, float halfLife)
{
    if (m_totals.nodes + nodesOfASignIn > m_most)
        forgetNodes(now, halfLife);
    m_nodes.reserve(nodesOfASignIn);
}

void TenantCounts::add(std::uint64_t node, std::uint64_t parent, Minute now, float halfLife)
{
    ensure(node);
    if (parent != 0)
        ensure(parent);
    const auto [entry, isNew] = m_nodes.insert(node);
    addOne(entry->count, entry->last, now, halfLife);
    m_changed.set(bucketOf(node));
    if (!isNew)
        return;
    ++m_totals.nodes;
    m_totalsChanged = true;
    if (parent == 0)
        return;
    if (Node *above = m_nodes.find(parent); above != nullptr && above->children < UINT32_MAX) {
        ++above->children;
        m_changed.set(bucketOf(parent));
    }
}

void TenantCounts::forgetNodes(Minute now, float halfLife)
{
    loadAll();
    std::vector<float> counts;
    counts.reserve(m_nodes.size());
    m_nodes.forEach([&](const Node &n) { counts.push_back(decayed(n.count, n.last, now, halfLife)); });
    const auto quarter = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 4);
    std::nth_element(counts.begin(), quarter, counts.end());
    // Equal counts go together: which of them would go first may not depend on ids.
    const float least = *quarter;
    m_nodes.retain([&](const Node &n) { return decayed(n.count, n.last, now, halfLife) > least; });
    m_totals.nodes = static_cast<std::uint32_t>(m_nodes.size());
    m_totalsChanged = true;
    m_changed.set();
}

void TenantCounts::forgetPlaces()
{
    loadAll();
    std::uint32_t fewest = UINT32_MAX;
    m_places.forEach([&](const PlaceUsers &p) { fewest = std::min(fewest, p.users); });
    m_places.retain([&](const PlaceUsers &p) { return p.users > fewest; });
    m_totals.places = static_cast<std::uint32_t>(m_places.size());
    m_totalsChanged = true;
    m_changed.set();
}

std::uint32_t TenantCounts::usersOf(std::uint64_t place)
{
    ensure(place);
    const PlaceUsers *found = m_places.find(place);
    return found != nullptr ? found->users : 0;
}

void TenantCounts::addUser(std::uint64_t place)
{
    ensure(place);
    if (m_totals.places >= mostPlaces)
        forgetPlaces();
    const auto [entry, isNew] = m_places.insert(place);
    ++entry->users;
    m_totals.places += isNew ? 1 : 0;
    m_totalsChanged |= isNew;
    m_changed.set(bucketOf(place));
}

void TenantCounts::removeUser(std::uint64_t place)
{
    ensure(place);
    if (PlaceUsers *found = m_places.find(place); found != nullptr && found->users > 0) {
        --found->users;
        m_changed.set(bucketOf(place));
    }
}

void TenantCounts::countUser()
{
    ++m_totals.users;
    m_totalsChanged = true;
}

void TenantCounts::save(StateSink &sink)
{
    if (m_totalsChanged)
        sink.save(StatePart::Global, totalsPart, writePart(m_totals));
    m_totalsChanged = false;
    if (m_changed.none())
        return;
    // By bucket, then by key, so that equal memories are equal bytes.
    std::vector<Node> nodes;
    std::vector<PlaceUsers> places;
    m_nodes.forEach([&](const Node &n) {
        if (m_changed[bucketOf(n.key)])
            nodes.push_back(n);
    });
    m_places.forEach([&](const PlaceUsers &p) {
        if (m_changed[bucketOf(p.key)])
            places.push_back(p);
    });
    const auto order = [](const auto &a, const auto &b) {
        const auto x = bucketOf(a.key), y = bucketOf(b.key);
        return x != y ? x < y : a.key < b.key;
    };
    std::sort(nodes.begin(), nodes.end(), order);
    std::sort(places.begin(), places.end(), order);
    auto node = nodes.begin();
    auto place = places.begin();
    StateWriter out;
    for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
        if (!m_changed[bucket])
            continue;
        const auto ofBucket = [bucket](const auto &entry) { return bucketOf(entry.key) == bucket; };
        const auto nodesEnd = std::find_if_not(node, nodes.end(), ofBucket);
        const auto placesEnd = std::find_if_not(place, places.end(), ofBucket);
        out.clear();
        out.put(bucketVersion);
        out.putRows(std::ranges::subrange(node, nodesEnd));
        out.putRows(std::ranges::subrange(place, placesEnd));
        node = nodesEnd;
        place = placesEnd;
        sink.save(StatePart::Tenant, bucket, out.data());
    }
    m_changed.reset();
}

} // namespace riskdesk::detect

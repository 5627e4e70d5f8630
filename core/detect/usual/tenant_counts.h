// TenantCounts: what is usual in the whole directory, for the back-off of unfamiliarFeatures and for "common
// here" of unlikelyTravel. Fed by the same sign-ins that teach a user's profile.
//
// StatePart::Tenant, 256 shards by hash, read when constructed. Bounded: beyond mostNodes values the least
// used quarter is forgotten, beyond mostPlaces the places of fewest users, both without regard to the order
// of ids.
#pragma once

#include "core/base/flat_map.h"
#include "core/detect/state.h"
#include "core/detect/usual/profile.h"

#include <bitset>
#include <cstdint>

namespace riskdesk::detect {

struct GlobalCount
{
    float count = 0;            // decayed, of sign-ins
    std::uint32_t children = 0; // distinct values one level below, ever
};

class TenantCounts
{
public:
    static constexpr std::size_t mostNodes = 262'144, mostPlaces = 65'536;

    explicit TenantCounts(StateSource &source, std::size_t nodes = mostNodes);

    // A node is the hash of the path of a value from the root of its chain; never 0.
    void prefetch(std::uint64_t node) const { m_nodes.prefetch(node); }
    [[nodiscard]] GlobalCount at(std::uint64_t node, Minute now, float halfLife);
    // Room for the nodes of one sign-in; forgets what is old or little used when there is none.
    void prepare(Minute now, float halfLife);
    void add(std::uint64_t node, std::uint64_t parent, Minute now, float halfLife);

    // Users who have a place in their table.
    [[nodiscard]] std::uint32_t usersOf(std::uint64_t place);
    void addUser(std::uint64_t place);
    void removeUser(std::uint64_t place);
    [[nodiscard]] std::uint32_t users() const { return m_users; }
    void countUser();

    void save(StateSink &sink);
    [[nodiscard]] std::size_t size() const { return m_nodes.size() + m_places.size(); }

private:
    struct Node
    {
        std::uint64_t key = 0;
        float count = 0;
        Minute last = 0;
        std::uint32_t children = 0;
        std::uint32_t reserved = 0;
    };
    struct PlaceUsers
    {
        std::uint64_t key = 0;
        std::uint32_t users = 0;
        std::uint32_t reserved = 0;
    };
    static std::size_t shard(std::uint64_t key) { return static_cast<std::size_t>(mixBits(key) >> 56); }
    void read(std::string_view data, bool first);
    void forgetNodes(Minute now, float halfLife);
    void forgetPlaces();

    std::size_t m_most;
    FlatMap<Node> m_nodes;
    FlatMap<PlaceUsers> m_places;
    std::uint32_t m_users = 0;
    std::bitset<256> m_changed;
};

} // namespace riskdesk::detect

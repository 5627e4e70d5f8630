// TenantCounts: what is usual in the whole directory, for the back-off of unfamiliarFeatures and for "common
// here" of unlikelyTravel. Fed by the same sign-ins that teach a user's profile.
//
// StatePart::Tenant, 16384 buckets by hash, each read when first asked for. Bounded: beyond mostNodes values the
// least used quarter is forgotten, beyond mostPlaces the places of fewest users, both without regard to the order of
// ids; then, and only then, all of it is read.
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
    [[nodiscard]] std::uint32_t users() const { return m_totals.users; }
    void countUser();

    void save(StateSink &sink);
    // What there is, read or not.
    [[nodiscard]] std::size_t size() const { return m_totals.nodes + m_totals.places; }

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
    struct Totals
    {
        static constexpr std::uint8_t version = 1;
        std::uint32_t users = 0, nodes = 0, places = 0;

        void write(StateWriter &out) const;
        [[nodiscard]] bool read(StateReader &in);
    };
    static constexpr unsigned bits = 14;
    static constexpr std::size_t buckets = std::size_t{1} << bits;
    static constexpr std::uint64_t totalsPart = 6; // of StatePart::Global

    static std::size_t bucketOf(std::uint64_t key)
    {
        return static_cast<std::size_t>(mixBits(key) >> (64 - bits));
    }
    void ensure(std::uint64_t key)
    {
        if (const auto bucket = bucketOf(key); !m_loaded[bucket])
            load(bucket);
    }
    void load(std::size_t bucket);
    void loadAll();
    void read(std::string_view data);
    void forgetNodes(Minute now, float halfLife);
    void forgetPlaces();

    StateSource &m_source;
    std::size_t m_most;
    FlatMap<Node> m_nodes; // of the buckets that were read
    FlatMap<PlaceUsers> m_places;
    Totals m_totals;
    bool m_totalsChanged = false;
    std::bitset<buckets> m_loaded, m_changed;
};

} // namespace riskdesk::detect

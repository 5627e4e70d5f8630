// Network index: which of many networks hold an address, most specific first.
//
// Made once, then read-only. Networks that nest (CIDR always does) are flattened into sorted borders, each
// naming the innermost network and through it its parents; a lookup is one search in a small sample of the
// borders and one in a block of 64. Ranges that cross each other are cut into CIDR blocks first. IPv4 and
// IPv6 never meet:
// "::/0" holds no IPv4 address.
#pragma once

#include "core/base/ip_address.h"

#include <compare>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace riskdesk::enrich {

struct NetworkRange
{
    IpAddress first, last; // inclusive; a range without a known last address is left out
};

// An IPv6 address as two words, for comparing.
struct WideKey
{
    std::uint64_t high = 0, low = 0;
    friend constexpr auto operator<=>(const WideKey &, const WideKey &) = default;
};

// How many addresses a range holds, less one.
[[nodiscard]] WideKey width(const NetworkRange &range);

// The ranges of one address family. Key is std::uint32_t or WideKey.
template <typename Key>
class FlatRanges
{
public:
    struct Item
    {
        Key first, last;
        std::uint32_t range;
    };
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    // True when some ranges crossed, so that a range may stand in several blocks.
    bool build(std::vector<Item> items);
    [[nodiscard]] std::uint32_t innermost(Key key) const; // a node, or none
    [[nodiscard]] std::uint32_t range(std::uint32_t node) const { return m_nodes[node].range; }
    [[nodiscard]] std::uint32_t parent(std::uint32_t node) const { return m_nodes[node].parent; }

private:
    struct Node
    {
        std::uint32_t range, parent;
    };
    bool flatten(const std::vector<Item> &items); // false: some cross

    std::vector<Key> m_borders; // where the innermost node changes, ascending
    std::vector<std::uint32_t> m_inner;
    // Where to search: for IPv4 the first border of each /16; for IPv6, whose networks crowd in a few corners
    // of the space, every 64th border.
    std::vector<std::uint32_t> m_top;
    std::vector<Key> m_sample;
    std::vector<Node> m_nodes;
};

extern template class FlatRanges<std::uint32_t>;
extern template class FlatRanges<WideKey>;

class NetworkIndex
{
public:
    NetworkIndex() = default;
    explicit NetworkIndex(std::span<const NetworkRange> ranges);

    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    // The index of the smallest range that holds the address, the first given among equals.
    [[nodiscard]] std::uint32_t smallest(const IpAddress &ip) const;
    // All of them, smallest first, at most `limit`; `out` is overwritten.
    void find(const IpAddress &ip, std::vector<std::uint32_t> &out, std::size_t limit = 64) const;

private:
    template <typename Key>
    void collect(const FlatRanges<Key> &flat, Key key, std::vector<std::uint32_t> &out,
                 std::size_t limit) const;

    FlatRanges<std::uint32_t> m_v4;
    FlatRanges<WideKey> m_v6;
    std::vector<WideKey> m_widths; // only when ranges crossed
};

} // namespace riskdesk::enrich

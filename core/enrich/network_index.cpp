#include "core/enrich/network_index.h"

#include <algorithm>
#include <cstddef>

namespace riskdesk::enrich {
namespace {

constexpr std::size_t blockSize = 64;

WideKey wide(const IpAddress &ip)
{
    WideKey key;
    for (std::size_t i = 0; i < 8; ++i) {
        key.high = key.high << 8 | ip.bytes[i];
        key.low = key.low << 8 | ip.bytes[8 + i];
    }
    return key;
}

constexpr std::uint32_t highest(std::uint32_t)
{
    return ~std::uint32_t{0};
}
constexpr WideKey highest(WideKey)
{
    return {~std::uint64_t{0}, ~std::uint64_t{0}};
}
constexpr std::uint32_t next(std::uint32_t key)
{
    return key + 1;
}
constexpr WideKey next(WideKey key)
{
    return key.low + 1 == 0 ? WideKey{key.high + 1, 0} : WideKey{key.high, key.low + 1};
}

// The last key of the block of 2^bits keys that begins at `key`; false when none begins there.
bool blockLast(std::uint32_t key, int bits, std::uint32_t &last)
{
    const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1);
    last = key | mask;
    return (key & mask) == 0;
}
bool blockLast(WideKey key, int bits, WideKey &last)
{
    const std::uint64_t low = bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
    const std::uint64_t high = bits >= 128 ? ~std::uint64_t{0}
                               : bits > 64 ? (std::uint64_t{1} << (bits - 64)) - 1
                                           : 0;
    last = {key.high | high, key.low | low};
    return (key.high & high) == 0 && (key.low & low) == 0;
}

// A range as the fewest CIDR blocks: at most 62 for IPv4, 254 for IPv6. Blocks never cross.
template <typename Item>
void cut(Item item, std::vector<Item> &out)
{
    constexpr int width = sizeof item.first == 4 ? 32 : 128;
    for (;;) {
        auto last = item.first;
        for (int bits = 1; bits <= width; ++bits) {
            auto wider = last;
            if (!blockLast(item.first, bits, wider) || wider > item.last)
                break;
            last = wider;
        }
        out.push_back({item.first, last, item.range});
        if (last >= item.last)
            return;
        item.first = next(last);
    }
}

// The first position in [begin, begin + count) whose value is above `key`; without branches that could be
// mispredicted.
template <typename Key>
std::size_t above(const Key *begin, std::size_t count, const Key &key)
{
    const Key *at = begin;
    while (count > 0) {
        const std::size_t half = count / 2;
        const bool right = !(key < at[half]);
        at = right ? at + half + 1 : at;
        count = right ? count - half - 1 : half;
    }
    return static_cast<std::size_t>(at - begin);
}

template <typename T>
void prefetch(const T *from, std::size_t count)
{
    constexpr std::size_t perLine = 64 / sizeof(T);
    for (std::size_t i = 0; i < std::min(count, blockSize); i += perLine)
        __builtin_prefetch(from + i);
}

} // namespace

WideKey width(const NetworkRange &range)
{
    const WideKey a = wide(range.first), b = wide(range.last);
    return {b.high - a.high - (b.low < a.low ? 1 : 0), b.low - a.low};
}

template <typename Key>
bool FlatRanges<Key>::build(std::vector<Item> items)
{
    // Outer before inner; among equals the first given is innermost, so that it is answered first.
    const auto before = [](const Item &a, const Item &b) {
        if (a.first != b.first)
            return a.first < b.first;
        return a.last != b.last ? a.last > b.last : a.range > b.range;
    };
    if (!std::ranges::is_sorted(items, before))
        std::ranges::sort(items, before);
    if (flatten(items))
        return false;
    std::vector<Item> blocks;
    blocks.reserve(items.size() * 2);
    for (const auto &item : items)
        cut(item, blocks);
    std::ranges::sort(blocks, before);
    flatten(blocks);
    return true;
}

template <typename Key>
bool FlatRanges<Key>::flatten(const std::vector<Item> &items)
{
    m_borders.clear();
    m_inner.clear();
    m_nodes.clear();
    m_borders.reserve(items.size() * 2);
    m_inner.reserve(items.size() * 2);
    m_nodes.reserve(items.size());
    struct Open
    {
        Key last;
        std::uint32_t node;
    };
    std::vector<Open> open; // the networks that hold the current address, outermost first
    const auto border = [&](const Key &at, std::uint32_t node) {
        if (!m_borders.empty() && m_borders.back() == at) {
            m_inner.back() = node;
        } else {
            m_borders.push_back(at);
            m_inner.push_back(node);
        }
    };
    const auto close = [&] {
        const Key last = open.back().last;
        open.pop_back();
        if (last != highest(last))
            border(next(last), open.empty() ? none : open.back().node);
    };
    for (const auto &item : items) {
        while (!open.empty() && open.back().last < item.first)
            close();
        if (!open.empty() && item.last > open.back().last)
            return false;
        const auto node = static_cast<std::uint32_t>(m_nodes.size());
        m_nodes.push_back({item.range, open.empty() ? none : open.back().node});
        border(item.first, node);
        open.push_back({item.last, node});
    }
    while (!open.empty())
        close();
    m_sample.clear();
    m_top.clear();
    if constexpr (sizeof(Key) == sizeof(std::uint32_t)) {
        m_top.assign((1u << 16) + 1, static_cast<std::uint32_t>(m_borders.size()));
        for (std::size_t i = m_borders.size(); i-- > 0;)
            m_top[m_borders[i] >> 16] = static_cast<std::uint32_t>(i);
        for (std::size_t i = 1u << 16; i-- > 0;)
            m_top[i] = std::min(m_top[i], m_top[i + 1]);
    } else {
        for (std::size_t i = 0; i < m_borders.size(); i += blockSize)
            m_sample.push_back(m_borders[i]);
    }
    return true;
}

template <typename Key>
std::uint32_t FlatRanges<Key>::innermost(Key key) const
{
    std::size_t from = 0, count = 0;
    if constexpr (sizeof(Key) == sizeof(std::uint32_t)) {
        if (m_top.empty())
            return none;
        from = m_top[key >> 16];
        count = m_top[(key >> 16) + 1] - from;
    } else {
        const std::size_t block = above(m_sample.data(), m_sample.size(), key);
        from = block == 0 ? 0 : (block - 1) * blockSize;
        count = std::min(blockSize, m_borders.size() - from);
    }
    // In a large index each step of the search would wait for memory; asked for at once, the lines come
    // together.
    prefetch(m_borders.data() + from, count);
    prefetch(m_inner.data() + from, count);
    const std::size_t border = from + above(m_borders.data() + from, count, key);
    return border == 0 ? none : m_inner[border - 1];
}

template class FlatRanges<std::uint32_t>;
template class FlatRanges<WideKey>;

NetworkIndex::NetworkIndex(std::span<const NetworkRange> ranges)
{
    std::vector<FlatRanges<std::uint32_t>::Item> v4;
    std::vector<FlatRanges<WideKey>::Item> v6;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const auto &[first, last] = ranges[i];
        const auto number = static_cast<std::uint32_t>(i);
        if (!last.isKnown() || last < first)
            continue;
        if (first.isV4() && last.isV4())
            v4.push_back({first.v4(), last.v4(), number});
        else if (first.isV4() == last.isV4())
            v6.push_back({wide(first), wide(last), number});
    }
    const bool crossed4 = m_v4.build(std::move(v4));
    const bool crossed6 = m_v6.build(std::move(v6));
    if (crossed4 || crossed6) {
        m_widths.reserve(ranges.size());
        for (const auto &range : ranges)
            m_widths.push_back(width(range));
    }
}

template <typename Key>
void NetworkIndex::collect(const FlatRanges<Key> &flat, Key key, std::vector<std::uint32_t> &out,
                           std::size_t limit) const
{
    for (auto node = flat.innermost(key); node != none; node = flat.parent(node)) {
        if (m_widths.empty() && out.size() == limit)
            return;
        out.push_back(flat.range(node));
    }
    // A cut range stands in a block smaller than itself.
    if (!m_widths.empty())
        std::ranges::sort(out, [this](std::uint32_t a, std::uint32_t b) {
            return m_widths[a] != m_widths[b] ? m_widths[a] < m_widths[b] : a < b;
        });
    if (out.size() > limit)
        out.resize(limit);
}

void NetworkIndex::find(const IpAddress &ip, std::vector<std::uint32_t> &out, std::size_t limit) const
{
    out.clear();
    if (!ip.isKnown())
        return;
    if (ip.isV4())
        collect(m_v4, ip.v4(), out, limit);
    else
        collect(m_v6, wide(ip), out, limit);
}

std::uint32_t NetworkIndex::smallest(const IpAddress &ip) const
{
    if (!ip.isKnown())
        return none;
    if (m_widths.empty()) {
        if (ip.isV4()) {
            const auto node = m_v4.innermost(ip.v4());
            return node == none ? none : m_v4.range(node);
        }
        const auto node = m_v6.innermost(wide(ip));
        return node == none ? none : m_v6.range(node);
    }
    std::vector<std::uint32_t> found;
    find(ip, found, 1);
    return found.empty() ? none : found.front();
}

} // namespace riskdesk::enrich

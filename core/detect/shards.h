// Shards: a table cut into 65536 parts by a stable hash, so that a part holds little more than what is asked for; it
// is loaded when first touched and written when changed. A Shard has
//
//     static constexpr std::uint8_t version;         // the first byte of the stored form
//     bool read(StateReader &);                      // false: not ours, begin empty
//     void write(StateWriter &) const;
//
// A part that is damaged or of another version is forgotten, as if the directory were new; it is never
// guessed at.
#pragma once

#include "core/detect/prefetch.h"
#include "core/detect/state.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace riskdesk::detect {

inline void putText(StateWriter &out, std::string_view text)
{
    out.put(static_cast<std::uint32_t>(text.size()));
    for (const char c : text)
        out.put(c);
}

[[nodiscard]] inline bool getText(StateReader &in, std::string &text)
{
    std::uint32_t size = 0;
    if (!in.get(size))
        return false;
    text.clear();
    for (char c = 0; size > 0 && in.get(c); --size)
        text += c;
    return size == 0;
}

// A whole part: version byte, then the content.
template <typename Part>
[[nodiscard]] std::string writePart(const Part &part)
{
    StateWriter out;
    out.put(Part::version);
    part.write(out);
    return out.data();
}

template <typename Part>
[[nodiscard]] bool readPart(const std::optional<std::string> &data, Part &part)
{
    if (!data)
        return false;
    StateReader in(*data);
    std::uint8_t version = 0;
    if (in.get(version) && version == Part::version && part.read(in) && in.atEnd())
        return true;
    part = Part();
    return false;
}

template <typename Shard>
class Shards
{
public:
    static constexpr unsigned bits = 16;
    static constexpr std::size_t count = std::size_t{1} << bits;
    [[nodiscard]] static constexpr std::size_t indexOf(std::uint64_t hash)
    {
        return static_cast<std::size_t>(hash >> (64 - bits));
    }

    Shards(StatePart part, StateSource &source)
        : m_part(part)
        , m_source(source)
        , m_slots(count)
    {}

    // What will be asked for soon: Prefetch::Shards first, then Tables; loads nothing.
    void expect(std::uint64_t hash, Prefetch stage) const
    {
        const Slot &slot = m_slots[indexOf(hash)];
        if (stage == Prefetch::Shards)
            __builtin_prefetch(&slot);
        else if (slot.shard)
            prefetch(slot.shard.get(), sizeof(Shard));
    }
    [[nodiscard]] Shard &at(std::uint64_t hash) { return *load(indexOf(hash)).shard; }
    [[nodiscard]] Shard &atIndex(std::size_t index) { return *load(index).shard; }
    [[nodiscard]] Shard &change(std::uint64_t hash)
    {
        Slot &slot = load(indexOf(hash));
        slot.dirty = true;
        return *slot.shard;
    }
    void save(StateSink &sink)
    {
        for (std::size_t i = 0; i < count; ++i)
            if (m_slots[i].dirty) {
                sink.save(m_part, i, writePart(*m_slots[i].shard));
                m_slots[i].dirty = false;
            }
    }

private:
    struct Slot
    {
        std::unique_ptr<Shard> shard;
        bool dirty = false;
    };

    Slot &load(std::size_t index)
    {
        Slot &slot = m_slots[index];
        if (!slot.shard) {
            slot.shard = std::make_unique<Shard>();
            static_cast<void>(readPart(m_source.load(m_part, index), *slot.shard));
        }
        return slot;
    }

    StatePart m_part;
    StateSource &m_source;
    std::vector<Slot> m_slots;
};

} // namespace riskdesk::detect

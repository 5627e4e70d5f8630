// State: the detectors' memory between runs, cut into parts that are loaded when first touched and written
// when changed. A part is bounded, so that the cost of a sign-in does not grow with the store.
//
// Each part begins with a format version byte; a part of an unknown version is refused (Code::Unsupported).
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::detect {

// Stored numbers; never reused.
enum class StatePart : std::uint8_t {
    User = 1,    // id: user. UserProfile: learning, travel ring, place table, device and place chains
    Tenant = 2,  // id: bucket of the directory-wide counts
    Address = 3, // id: shard of who signs in from an address
    Scope = 4,   // id: shard of the password-spray scopes
    // Small directory-wide numbers; id: 1 address_profile, 2 and 4 own_traffic, 3 and 5 password_spray,
    // 6 tenant_counts, 7 novelty
    Global = 5,
    Habit = 6 // id: shard of which anonymizers each user is used to
};

class StateSource
{
public:
    virtual ~StateSource() = default;
    [[nodiscard]] virtual std::optional<std::string> load(StatePart part, std::uint64_t id) = 0;
};

class StateSink
{
public:
    virtual ~StateSink() = default;
    virtual void save(StatePart part, std::uint64_t id, std::string_view data) = 0;
};

// An empty memory: tests, and a new directory.
class NoState final : public StateSource
{
public:
    std::optional<std::string> load(StatePart, std::uint64_t) override { return std::nullopt; }
};

// Appends and reads little-endian plain values; the reader turns false at the first value that is not there.
class StateWriter
{
public:
    template <typename T>
    void put(const T &value)
    {
        static_assert(std::is_trivially_copyable_v<T>);
        T written = value;
        __builtin_clear_padding(&written); // what lies between members must not differ between equal memories
        m_data.append(reinterpret_cast<const char *>(&written), sizeof written);
    }
    [[nodiscard]] const std::string &data() const { return m_data; }
    void clear() { m_data.clear(); }

private:
    std::string m_data;
};

class StateReader
{
public:
    explicit StateReader(std::string_view data)
        : m_data(data)
    {}
    template <typename T>
    [[nodiscard]] bool get(T &value)
    {
        static_assert(std::is_trivially_copyable_v<T>);
        if (m_data.size() < sizeof value)
            return m_ok = false;
        __builtin_memcpy(&value, m_data.data(), sizeof value);
        m_data.remove_prefix(sizeof value);
        return true;
    }
    [[nodiscard]] bool ok() const { return m_ok; }
    [[nodiscard]] bool atEnd() const { return m_data.empty(); }

private:
    std::string_view m_data;
    bool m_ok = true;
};

} // namespace riskdesk::detect

// State: the detectors' memory between runs, cut into parts that are loaded when first touched and written
// when changed. A part is bounded, so that the cost of a sign-in does not grow with the store.
//
// Each part begins with a format version byte; a part of an unknown version is refused (Code::Unsupported).
#pragma once

#include "core/base/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

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

// The bytes of a plain value. What lies between members must not differ between equal memories.
template <typename T>
[[nodiscard]] std::array<char, sizeof(T)> bytesOf(const T &value)
{
    static_assert(std::is_trivially_copyable_v<T>);
    T plain = value;
    __builtin_clear_padding(&plain);
    std::array<char, sizeof(T)> bytes;
    __builtin_memcpy(bytes.data(), &plain, sizeof plain);
    return bytes;
}

// Appends and reads little-endian plain values; the reader turns false at the first value that is not there.
// Rows are stored as what differs from the row before: a bit for each byte, then the bytes that are another.
class StateWriter
{
public:
    template <typename T>
    void put(const T &value)
    {
        const auto bytes = bytesOf(value);
        m_data.append(bytes.data(), bytes.size());
    }
    // Seven bits a byte, the low ones first.
    void putCount(std::size_t count)
    {
        for (; count >= 0x80; count >>= 7)
            m_data += static_cast<char>(count | 0x80);
        m_data += static_cast<char>(count);
    }
    // `before` is the row before, all zero for the first; it becomes this one.
    template <typename T>
    void putRow(const T &row, std::array<char, sizeof(T)> &before)
    {
        const auto bytes = bytesOf(row);
        const auto mask = m_data.size();
        m_data.append((bytes.size() + 7) / 8, '\0');
        for (std::size_t i = 0; i < bytes.size(); ++i)
            if (bytes[i] != before[i]) {
                m_data[mask + i / 8] = static_cast<char>(m_data[mask + i / 8] | 1 << (i % 8));
                m_data += bytes[i];
            }
        before = bytes;
    }
    template <typename Rows>
    void putRows(Rows &&rows)
    {
        putCount(static_cast<std::size_t>(std::ranges::distance(rows)));
        std::array<char, sizeof(std::ranges::range_value_t<Rows>)> before{};
        for (const auto &row : rows)
            putRow(row, before);
    }
    // A value of which much is zero.
    template <typename T>
    void putSparse(const T &value)
    {
        std::array<char, sizeof(T)> zero{};
        putRow(value, zero);
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
    [[nodiscard]] bool getCount(std::size_t &count)
    {
        count = 0;
        std::uint8_t part = 0x80;
        for (unsigned shift = 0; (part & 0x80) != 0; shift += 7) {
            if (shift > 28 || !get(part))
                return m_ok = false;
            count |= std::size_t{part & 0x7FU} << shift;
        }
        return true;
    }
    template <typename T>
    [[nodiscard]] bool getRow(T &row, std::array<char, sizeof(T)> &before)
    {
        constexpr std::size_t maskBytes = (sizeof(T) + 7) / 8;
        if (m_data.size() < maskBytes)
            return m_ok = false;
        const auto mask = m_data.substr(0, maskBytes);
        m_data.remove_prefix(maskBytes);
        for (std::size_t i = 0; i < sizeof(T); ++i)
            if ((mask[i / 8] >> (i % 8) & 1) != 0) {
                if (m_data.empty())
                    return m_ok = false;
                before[i] = m_data.front();
                m_data.remove_prefix(1);
            }
        __builtin_memcpy(&row, before.data(), sizeof row);
        return true;
    }
    // `most` refuses absurd counts before anything is allocated.
    template <typename Row>
    [[nodiscard]] bool getRows(std::vector<Row> &rows, std::size_t most)
    {
        std::size_t count = 0;
        if (!getCount(count) || count > most)
            return m_ok = false;
        rows.resize(count);
        std::array<char, sizeof(Row)> before{};
        for (Row &row : rows)
            if (!getRow(row, before))
                return false;
        return true;
    }
    template <typename T>
    [[nodiscard]] bool getSparse(T &value)
    {
        std::array<char, sizeof(T)> zero{};
        return getRow(value, zero);
    }
    [[nodiscard]] bool ok() const { return m_ok; }
    [[nodiscard]] bool atEnd() const { return m_data.empty(); }

private:
    std::string_view m_data;
    bool m_ok = true;
};

} // namespace riskdesk::detect

// Writes small MaxMind-format files, so that tests own the places they look up. Format: MaxMind DB
// specification 2.0.
//
//     MmdbWriter writer(6, 28, "Test-City");
//     writer.insert("192.0.2.0/24", Value::map({{"country_code", "PT"}, {"latitude",
//     Value::real32(38.7f)}})); writer.save(path);
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace riskdesk::test {

class MmdbValue
{
public:
    using Fields = std::vector<std::pair<std::string, MmdbValue>>;
    MmdbValue(const char *text)
        : m_data(std::string(text))
    {}
    MmdbValue(std::string text)
        : m_data(std::move(text))
    {}
    MmdbValue(double number)
        : m_data(number)
    {}
    MmdbValue(bool flag)
        : m_data(flag)
    {}
    static MmdbValue real32(float number);
    static MmdbValue uint16(std::uint16_t number);
    static MmdbValue uint32(std::uint32_t number);
    static MmdbValue uint64(std::uint64_t number);
    static MmdbValue map(Fields fields);
    static MmdbValue array(std::vector<MmdbValue> items);

    [[nodiscard]] std::string encode() const;

private:
    struct Array
    {
        std::vector<MmdbValue> items;
    };
    MmdbValue() = default;
    std::variant<std::string, double, float, bool, std::uint16_t, std::uint32_t, std::uint64_t, Fields, Array>
        m_data;
};

class MmdbWriter
{
public:
    MmdbWriter(int ipVersion, int recordSize, std::string type, std::uint64_t buildEpoch = 1'780'000'000);
    // IPv4 networks in an IPv6 file go below ::/96, as in every published file. Later networks win.
    void insert(std::string_view cidr, const MmdbValue &record);
    [[nodiscard]] std::string bytes() const;
    void save(const std::filesystem::path &file) const;

private:
    static constexpr std::int64_t empty = -1;
    struct Node
    {
        std::int64_t side[2] = {empty, empty}; // a node's number, or -2 - offset of a record
    };
    int m_ipVersion, m_recordSize;
    std::string m_type;
    std::uint64_t m_buildEpoch;
    std::vector<Node> m_nodes{1};
    std::string m_data;
    std::map<std::string, std::int64_t> m_offsets; // equal records are written once
};

} // namespace riskdesk::test

#include "tests/support/mmdb_writer.h"

#include "core/base/ip_address.h"

#include <bit>
#include <fstream>
#include <stdexcept>

namespace riskdesk::test {
namespace {

// Types of the specification's data section.
enum Type {
    Text = 2,
    Double = 3,
    Unsigned16 = 5,
    Unsigned32 = 6,
    Map = 7,
    Unsigned64 = 9,
    List = 11,
    Boolean = 14,
    Float = 15
};

std::string control(Type type, std::size_t size)
{
    std::string out;
    std::size_t low = size;
    std::string more;
    if (size >= 285) {
        low = 30;
        more = {static_cast<char>((size - 285) >> 8), static_cast<char>(size - 285)};
    } else if (size >= 29) {
        low = 29;
        more = {static_cast<char>(size - 29)};
    }
    if (type <= 7)
        out += static_cast<char>(static_cast<std::size_t>(type) << 5 | low);
    else
        out = {static_cast<char>(low), static_cast<char>(type - 7)};
    return out + more;
}

std::string bigEndian(std::uint64_t value, std::size_t size)
{
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        out[i] = static_cast<char>(value >> (8 * (size - 1 - i)));
    return out;
}

std::string number(Type type, std::uint64_t value)
{
    std::size_t size = 0;
    for (auto rest = value; rest != 0; rest >>= 8)
        ++size;
    return control(type, size) + bigEndian(value, size);
}

struct Encode
{
    std::string operator()(const std::string &text) const { return control(Text, text.size()) + text; }
    std::string operator()(double value) const
    {
        return control(Double, 8) + bigEndian(std::bit_cast<std::uint64_t>(value), 8);
    }
    std::string operator()(float value) const
    {
        return control(Float, 4) + bigEndian(std::bit_cast<std::uint32_t>(value), 4);
    }
    std::string operator()(bool value) const { return control(Boolean, value ? 1 : 0); }
    std::string operator()(std::uint16_t value) const { return number(Unsigned16, value); }
    std::string operator()(std::uint32_t value) const { return number(Unsigned32, value); }
    std::string operator()(std::uint64_t value) const { return number(Unsigned64, value); }
    std::string operator()(const MmdbValue::Fields &fields) const
    {
        std::string out = control(Map, fields.size());
        for (const auto &[key, value] : fields)
            out += (*this)(key) + value.encode();
        return out;
    }
    template <typename Array>
    std::string operator()(const Array &array) const
    {
        std::string out = control(List, array.items.size());
        for (const auto &item : array.items)
            out += item.encode();
        return out;
    }
};

} // namespace

MmdbValue MmdbValue::real32(float number)
{
    MmdbValue value;
    value.m_data = number;
    return value;
}
MmdbValue MmdbValue::uint16(std::uint16_t number)
{
    MmdbValue value;
    value.m_data = number;
    return value;
}
MmdbValue MmdbValue::uint32(std::uint32_t number)
{
    MmdbValue value;
    value.m_data = number;
    return value;
}
MmdbValue MmdbValue::uint64(std::uint64_t number)
{
    MmdbValue value;
    value.m_data = number;
    return value;
}
MmdbValue MmdbValue::map(Fields fields)
{
    MmdbValue value;
    value.m_data = std::move(fields);
    return value;
}
MmdbValue MmdbValue::array(std::vector<MmdbValue> items)
{
    MmdbValue value;
    value.m_data = Array{std::move(items)};
    return value;
}

std::string MmdbValue::encode() const
{
    return std::visit(Encode(), m_data);
}

MmdbWriter::MmdbWriter(int ipVersion, int recordSize, std::string type, std::uint64_t buildEpoch)
    : m_ipVersion(ipVersion)
    , m_recordSize(recordSize)
    , m_type(std::move(type))
    , m_buildEpoch(buildEpoch)
{}

void MmdbWriter::insert(std::string_view cidr, const MmdbValue &record)
{
    const auto network = Cidr::parse(cidr);
    if (!network || (m_ipVersion == 4 && !network->first.isV4()))
        throw std::invalid_argument(std::string(cidr));
    auto bytes = network->first.bytes;
    int from = 0;
    if (network->first.isV4()) {
        bytes[10] = bytes[11] = 0; // ::a.b.c.d
        from = m_ipVersion == 4 ? 96 : 0;
    }
    const auto encoded = record.encode();
    const auto [known, isNew] = m_offsets.try_emplace(encoded, static_cast<std::int64_t>(m_data.size()));
    if (isNew)
        m_data += encoded;
    std::size_t node = 0;
    for (int bit = from; bit < network->bits; ++bit) {
        const auto side =
            static_cast<std::size_t>(bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1);
        if (bit + 1 == network->bits) {
            m_nodes[node].side[side] = -2 - known->second;
            return;
        }
        const auto next = m_nodes[node].side[side];
        if (next < 0) { // a record of a wider network, or nothing, goes down with both branches
            Node deeper;
            deeper.side[0] = deeper.side[1] = next;
            m_nodes.push_back(deeper);
            m_nodes[node].side[side] = static_cast<std::int64_t>(m_nodes.size()) - 1;
        }
        node = static_cast<std::size_t>(m_nodes[node].side[side]);
    }
}

std::string MmdbWriter::bytes() const
{
    std::string out;
    const auto count = static_cast<std::int64_t>(m_nodes.size());
    for (const auto &node : m_nodes) {
        std::uint64_t sides[2];
        for (std::size_t i = 0; i < 2; ++i) {
            const auto side = node.side[i];
            sides[i] = static_cast<std::uint64_t>(side >= 0       ? side
                                                  : side == empty ? count
                                                                  : count + 16 + (-2 - side));
        }
        if (m_recordSize == 28) // the middle byte holds the high four bits of both
            out += bigEndian(sides[0], 3) +
                   static_cast<char>((sides[0] >> 24 & 0xf) << 4 | (sides[1] >> 24 & 0xf)) +
                   bigEndian(sides[1], 3);
        else
            out += bigEndian(sides[0], static_cast<std::size_t>(m_recordSize / 8)) +
                   bigEndian(sides[1], static_cast<std::size_t>(m_recordSize / 8));
    }
    out += std::string(16, '\0') + m_data + "\xab\xcd\xefMaxMind.com";
    const auto small = [](int value) { return MmdbValue::uint16(static_cast<std::uint16_t>(value)); };
    out += MmdbValue::map({{"node_count", MmdbValue::uint32(static_cast<std::uint32_t>(count))},
                           {"record_size", small(m_recordSize)},
                           {"ip_version", small(m_ipVersion)},
                           {"database_type", m_type},
                           {"languages", MmdbValue::array({"en"})},
                           {"binary_format_major_version", small(2)},
                           {"binary_format_minor_version", small(0)},
                           {"build_epoch", MmdbValue::uint64(m_buildEpoch)},
                           {"description", MmdbValue::map({{"en", "made by a test"}})}})
               .encode();
    return out;
}

void MmdbWriter::save(const std::filesystem::path &file) const
{
    std::ofstream out(file, std::ios::binary);
    const auto content = bytes();
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!out)
        throw std::runtime_error(file.string());
}

} // namespace riskdesk::test

#include "core/enrich/place_database.h"

#include "core/base/open_files.h"
#include "core/base/text.h"
#include "core/enrich/list_text.h"

#include <fmt/format.h>
#include <maxminddb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <unordered_set>

namespace riskdesk::enrich {
namespace {

constexpr std::size_t longestText = 256; // bytes; place and company names are shorter
// A smaller tree is proved whole. A city file has millions of nodes, and reading all would take longer than
// all the questions it will be asked.
constexpr std::uint32_t proveWhole = 1u << 16;
constexpr std::uint32_t proveSample = 1024;

struct ListFree
{
    void operator()(MMDB_entry_data_list_s *list) const { MMDB_free_entry_data_list(list); }
};

// One decoded record, asked by path. The library checks every pointer and size against the file.
class Record
{
public:
    explicit Record(const MMDB_entry_s &entry)
        : m_entry(entry)
    {}

    // The first of the paths that leads to a text.
    std::string text(std::initializer_list<const char *const *> paths) const
    {
        for (const auto *path : paths)
            if (const auto data = get(path);
                data && data->type == MMDB_DATA_TYPE_UTF8_STRING && data->data_size > 0)
                return toUtf8({data->utf8_string, std::min<std::size_t>(data->data_size, longestText)});
        return {};
    }
    // A number, or a text that is one, as some publishers write it.
    std::optional<double> number(const char *const *path) const
    {
        const auto data = get(path);
        if (!data)
            return std::nullopt;
        switch (data->type) {
        case MMDB_DATA_TYPE_DOUBLE: return data->double_value;
        case MMDB_DATA_TYPE_FLOAT: return static_cast<double>(data->float_value);
        case MMDB_DATA_TYPE_UINT16: return data->uint16;
        case MMDB_DATA_TYPE_UINT32: return data->uint32;
        case MMDB_DATA_TYPE_INT32: return data->int32;
        case MMDB_DATA_TYPE_UINT64: return static_cast<double>(data->uint64);
        case MMDB_DATA_TYPE_UTF8_STRING: return toDouble(trim({data->utf8_string, data->data_size}));
        default: return std::nullopt;
        }
    }
    bool flag(const char *const *path) const
    {
        const auto data = get(path);
        return data && data->type == MMDB_DATA_TYPE_BOOLEAN && data->boolean;
    }
    bool has(const char *const *path) const { return get(path).has_value(); }

private:
    std::optional<MMDB_entry_data_s> get(const char *const *path) const
    {
        MMDB_entry_s entry = m_entry;
        MMDB_entry_data_s data;
        if (MMDB_aget_value(&entry, &data, path) != MMDB_SUCCESS || !data.has_data)
            return std::nullopt;
        return data;
    }
    MMDB_entry_s m_entry;
};

using Path = const char *const[];
constexpr Path nestedCity = {"city", "names", "en", nullptr};
constexpr Path nestedState = {"subdivisions", "0", "names", "en", nullptr};
constexpr Path nestedCountry = {"country", "iso_code", nullptr};
constexpr Path nestedLatitude = {"location", "latitude", nullptr};
constexpr Path nestedLongitude = {"location", "longitude", nullptr};
constexpr Path nestedRadius = {"location", "accuracy_radius", nullptr};
constexpr Path nestedSatellite = {"traits", "is_satellite_provider", nullptr};
constexpr Path nestedConnection = {"traits", "connection_type", nullptr};
constexpr Path nestedUser = {"traits", "user_type", nullptr};
constexpr Path nestedMobileCode = {"traits", "mobile_network_code", nullptr};
constexpr Path flatConnection = {"connection_type", nullptr};
constexpr Path flatMobileCode = {"mobile_network_code", nullptr};
constexpr Path flatMnc = {"mnc", nullptr};
constexpr Path flatMobile = {"is_mobile", nullptr};
constexpr Path flatCity = {"city", nullptr};
constexpr Path flatState = {"state1", nullptr};
constexpr Path flatRegion = {"region", nullptr};
constexpr Path flatCountry = {"country_code", nullptr};
constexpr Path flatCountryWord = {"country", nullptr}; // a code, or a name beside country_code
constexpr Path flatLatitude = {"latitude", nullptr};
constexpr Path flatLongitude = {"longitude", nullptr};
constexpr Path flatLat = {"lat", nullptr};
constexpr Path flatLng = {"lng", nullptr};
constexpr Path flatRadius = {"radius", nullptr};
constexpr Path systemNumber = {"autonomous_system_number", nullptr};
constexpr Path systemName = {"autonomous_system_organization", nullptr};
constexpr Path flatSystem = {"asn", nullptr}; // "AS64500"
constexpr Path flatSystemName = {"as_name", nullptr};
constexpr Path anonymous = {"is_anonymous", nullptr};

struct Flag
{
    const char *path[2];
    NetworkClass kind;
};
constexpr Flag anonymizerFlags[] = {{{"is_tor_exit_node", nullptr}, NetworkClass::Tor},
                                    {{"is_residential_proxy", nullptr}, NetworkClass::ResidentialProxy},
                                    {{"is_public_proxy", nullptr}, NetworkClass::PublicProxy},
                                    {{"is_anonymous_vpn", nullptr}, NetworkClass::Vpn},
                                    {{"is_hosting_provider", nullptr}, NetworkClass::Hosting}};

std::string countryCode(std::string text)
{
    if (text.size() != 2)
        return {};
    for (char &c : text) {
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
        if (c < 'A' || c > 'Z')
            return {};
    }
    return text == "ZZ" || text == "XX" ? std::string() : text; // "not known" in some files
}

void readPlace(const Record &record, Place &place)
{
    place.city = record.text({nestedCity, flatCity});
    place.state = record.text({nestedState, flatState, flatRegion});
    place.country = countryCode(record.text({nestedCountry, flatCountry, flatCountryWord}));
    std::optional<double> latitude, longitude;
    for (const auto &[north, east] : {std::pair(nestedLatitude, nestedLongitude),
                                      std::pair(flatLatitude, flatLongitude), std::pair(flatLat, flatLng)})
        if (!latitude || !longitude) {
            latitude = record.number(north);
            longitude = record.number(east);
        }
    // Written so that NaN fails; (0, 0) is how files say that they do not know.
    if (latitude && longitude && std::abs(*latitude) <= 90 && std::abs(*longitude) <= 180 &&
        (*latitude != 0 || *longitude != 0)) {
        place.latitude = *latitude;
        place.longitude = *longitude;
        for (const auto *path : {nestedRadius, flatRadius})
            if (const auto radius = record.number(path); radius && *radius > 0 && *radius <= 20'000)
                place.radiusKm = *radius;
    }
}

// 0 when the record names none.
std::uint32_t systemOf(const Record &record)
{
    for (const auto *path : {systemNumber, flatSystem})
        if (const auto number = record.number(path); number && *number > 0 && *number <= 4294967295.0)
            return static_cast<std::uint32_t>(*number);
    return readSystem(record.text({flatSystem})).value_or(0);
}

bool tellsAccess(const Record &record)
{
    return std::ranges::any_of(std::initializer_list<const char *const *>{nestedConnection, nestedUser,
                                                                          nestedMobileCode, flatConnection,
                                                                          flatMobileCode, flatMnc, flatMobile,
                                                                          nestedSatellite},
                               [&](const char *const *path) { return record.has(path); });
}

void readAccess(const Record &record, PlaceAnswer &answer)
{
    const auto connection = record.text({nestedConnection, flatConnection});
    answer.satellite = record.flag(nestedSatellite) || equalsIgnoringCase(connection, "Satellite");
    answer.mobile = equalsIgnoringCase(connection, "Cellular") ||
                    equalsIgnoringCase(record.text({nestedUser}), "cellular") || record.flag(flatMobile) ||
                    // Known for a mobile carrier's networks alone.
                    (connection.empty() && !record.text({nestedMobileCode, flatMobileCode, flatMnc}).empty());
}

MMDB_lookup_result_s find(const MMDB_s &handle, const IpAddress &ip, int &error)
{
    if (ip.isV4()) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        std::memcpy(&address.sin_addr, ip.bytes.data() + 12, 4);
        return MMDB_lookup_sockaddr(&handle, reinterpret_cast<const sockaddr *>(&address), &error);
    }
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    std::memcpy(&address.sin6_addr, ip.bytes.data(), 16);
    return MMDB_lookup_sockaddr(&handle, reinterpret_cast<const sockaddr *>(&address), &error);
}

} // namespace

void PlaceDatabase::Close::operator()(MMDB_s *handle) const
{
    MMDB_close(handle);
    delete handle;
}

Result<PlaceDatabase> PlaceDatabase::open(const std::filesystem::path &file)
{
    if (auto ok = mayRead(file, "a place file"); !ok)
        return tl::unexpected(ok.error());
    std::error_code problem;
    const auto status = std::filesystem::status(file, problem);
    if (status.type() == std::filesystem::file_type::not_found)
        return fail(Code::NotFound, file.string());
    if (problem)
        return fail(Code::Io, file.string(), problem.message());
    if (!std::filesystem::is_regular_file(status))
        return fail(Code::Unrecognised, file.string(), "not a file; expected a MaxMind-format file (.mmdb)");

    if (std::filesystem::file_size(file, problem) == 0 && !problem)
        return fail(Code::Malformed, file.string(),
                    "an empty file"); // cannot be mapped, and so fails as unreadable

    auto raw = std::make_unique<MMDB_s>();
    if (const int error = MMDB_open(file.c_str(), MMDB_MODE_MMAP, raw.get()); error != MMDB_SUCCESS) {
        const bool cannotRead = error == MMDB_FILE_OPEN_ERROR || error == MMDB_IO_ERROR;
        return fail(cannotRead ? Code::Io : Code::Malformed, file.string(), MMDB_strerror(error));
    }
    PlaceDatabase database{std::unique_ptr<MMDB_s, Close>(raw.release())};
    if (auto wrong = database.prove(); !wrong.empty())
        return fail(Code::Malformed, file.string(), std::move(wrong));
    if (!database.m_holds.places && !database.m_holds.systems && !database.m_holds.anonymizers &&
        !database.m_holds.access)
        return fail(
            Code::Unrecognised, file.string(),
            fmt::format(
                "a {} file; expected places, autonomous systems, kinds of access or anonymous networks",
                database.type()));
    return database;
}

std::string PlaceDatabase::prove()
{
    const MMDB_s &handle = *m_handle;
    const auto &metadata = handle.metadata;
    if (metadata.ip_version != 4 && metadata.ip_version != 6)
        return fmt::format("IP version {} in its metadata", metadata.ip_version);
    MMDB_entry_data_list_s *list = nullptr;
    int error = MMDB_get_metadata_as_entry_data_list(&handle, &list);
    std::unique_ptr<MMDB_entry_data_list_s, ListFree> metadataOwner(list);
    if (error != MMDB_SUCCESS)
        return MMDB_strerror(error);

    const std::uint32_t count = metadata.node_count;
    const std::uint32_t checks = count <= proveWhole ? count : proveSample;
    std::unordered_set<std::uint32_t> seen;
    for (std::uint32_t i = 0; i < checks; ++i) {
        const auto number = static_cast<std::uint32_t>(std::uint64_t{i} * count / checks);
        MMDB_search_node_s node;
        if (error = MMDB_read_node(&handle, number, &node); error != MMDB_SUCCESS)
            return fmt::format("{} (node {})", MMDB_strerror(error), number);
        const auto side = [&](std::uint8_t type, const MMDB_entry_s &entry) -> std::string {
            if (type == MMDB_RECORD_TYPE_INVALID)
                return fmt::format("{} (node {})", MMDB_strerror(MMDB_CORRUPT_SEARCH_TREE_ERROR), number);
            if (type != MMDB_RECORD_TYPE_DATA || !seen.insert(entry.offset).second)
                return {};
            MMDB_entry_s start = entry;
            MMDB_entry_data_list_s *values = nullptr;
            const int wrong = MMDB_get_entry_data_list(&start, &values);
            const std::unique_ptr<MMDB_entry_data_list_s, ListFree> owner(values);
            if (wrong != MMDB_SUCCESS)
                return fmt::format("{} (record at {})", MMDB_strerror(wrong), entry.offset);
            const Record record(entry);
            m_holds.places = m_holds.places || record.has(nestedCountry) || record.has(nestedCity) ||
                             record.has(nestedLatitude) || record.has(flatCountry) ||
                             record.has(flatLatitude) || record.has(flatLat) ||
                             !countryCode(record.text({flatCountryWord})).empty();
            m_holds.systems = m_holds.systems || systemOf(record) != 0;
            m_holds.access = m_holds.access || tellsAccess(record);
            m_holds.anonymizers =
                m_holds.anonymizers || record.has(anonymous) ||
                std::ranges::any_of(anonymizerFlags, [&](const Flag &f) { return record.has(f.path); });
            return {};
        };
        auto wrong = side(node.left_record_type, node.left_record_entry);
        if (wrong.empty())
            wrong = side(node.right_record_type, node.right_record_entry);
        if (!wrong.empty())
            return wrong;
    }
    // The walk above goes by node number; lookups go by address, and a tree may also be wrong in its depth.
    for (std::uint32_t i = 0; i < 256; ++i) {
        find(handle, IpAddress::fromV4(i << 24 | 0x00010203), error);
        if (error != MMDB_SUCCESS)
            return MMDB_strerror(error);
        if (metadata.ip_version == 6) {
            IpAddress ip;
            ip.bytes[0] = static_cast<std::uint8_t>(0x20 + i % 16);
            ip.bytes[1] = static_cast<std::uint8_t>(i);
            ip.bytes[15] = 1;
            find(handle, ip, error);
            if (error != MMDB_SUCCESS)
                return MMDB_strerror(error);
        }
    }
    return {};
}

bool PlaceDatabase::lookup(const IpAddress &ip, PlaceAnswer &answer) const
{
    answer = {};
    const bool v4File = m_handle->metadata.ip_version == 4;
    if (!ip.isKnown() || (v4File && !ip.isV4()))
        return false;
    int error = MMDB_SUCCESS;
    const auto result = find(*m_handle, ip, error);
    if (error != MMDB_SUCCESS || !result.found_entry)
        return false;
    // Networks above ::/96 cannot be told from those of IPv6 when an IPv4 address is asked.
    answer.bits = v4File ? 96 + result.netmask : std::max<int>(result.netmask, ip.isV4() ? 96 : 0);
    const Record record(result.entry);
    if (m_holds.places) {
        readPlace(record, answer.place);
    }
    if (m_holds.access)
        readAccess(record, answer);
    if (m_holds.systems) {
        answer.asn = systemOf(record);
        answer.organisation = record.text({systemName, flatSystemName});
    }
    if (m_holds.anonymizers)
        for (const auto &flag : anonymizerFlags)
            if (record.flag(flag.path))
                answer.anonymizers.push_back(flag.kind);
    return answer.place.isKnown() || answer.asn != 0 || !answer.anonymizers.empty() || answer.satellite ||
           answer.mobile;
}

std::string PlaceDatabase::type() const
{
    const char *type = m_handle->metadata.database_type;
    return type != nullptr ? toUtf8(std::string_view(type).substr(0, longestText)) : std::string();
}

Timestamp PlaceDatabase::built() const
{
    // Seconds; a nonsense epoch must not overflow.
    const auto epoch = m_handle->metadata.build_epoch;
    return epoch < 253402300800ULL ? Timestamp{static_cast<std::int64_t>(epoch) * 1'000'000} : Timestamp{};
}

} // namespace riskdesk::enrich

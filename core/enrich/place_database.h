// Place database: one MaxMind-format file (.mmdb), read through libmaxminddb.
//
// Knows the nested schema (GeoLite2, GeoIP2: City, Country, Enterprise, ASN, ISP, Connection-Type,
// Anonymous-IP) and the flat ones (DB-IP: city, country_code, state1, latitude, longitude; IPinfo: region,
// country, lat, lng, asn "AS64500"). Numbers may be texts. A
// network is a mobile carrier's where the record says "cellular" or names the carrier's mobile codes (MCC,
// MNC) or `is_mobile`: MaxMind's Enterprise, Connection-Type and ISP files and IPinfo's carrier files do. A
// file is proved when it is opened: tree and records are walked, whole when small and sampled when large, so
// that a damaged one is refused by name instead of failing later. Reading is const and thread-safe. The file
// is mapped into memory: replace it by renaming, not by writing.
#pragma once

#include "core/base/result.h"
#include "core/base/timestamp.h"
#include "core/domain/place.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

struct MMDB_s;

namespace riskdesk::enrich {

struct PlaceAnswer
{
    Place place;
    std::uint32_t asn = 0;
    std::string organisation;
    bool satellite = false;                // the record says that a satellite operator provides the network
    bool mobile = false;                   // likewise a mobile carrier
    std::vector<NetworkClass> anonymizers; // of an Anonymous-IP file, strongest first
    int bits = 0; // of the network that the record stands for, in the sixteen-byte form
};

class PlaceDatabase
{
public:
    // Code::NotFound, Io, Malformed (detail: what is wrong), Unrecognised (holds nothing we know).
    [[nodiscard]] static Result<PlaceDatabase> open(const std::filesystem::path &file);

    // False when the file does not know the address.
    [[nodiscard]] bool lookup(const IpAddress &ip, PlaceAnswer &answer) const;
    [[nodiscard]] std::string type() const; // "GeoLite2-City"
    [[nodiscard]] Timestamp built() const;  // by its own metadata; 0 when it does not say
    [[nodiscard]] bool hasPlaces() const { return m_holds.places; }
    [[nodiscard]] bool hasSystems() const { return m_holds.systems; }
    [[nodiscard]] bool hasAnonymizers() const { return m_holds.anonymizers; }

private:
    struct Close
    {
        void operator()(MMDB_s *handle) const;
    };
    struct Holds
    {
        bool places = false, systems = false, anonymizers = false, access = false;
    };
    explicit PlaceDatabase(std::unique_ptr<MMDB_s, Close> handle)
        : m_handle(std::move(handle))
    {}
    [[nodiscard]] std::string prove(); // what is wrong, or nothing

    std::unique_ptr<MMDB_s, Close> m_handle;
    Holds m_holds;
};

} // namespace riskdesk::enrich

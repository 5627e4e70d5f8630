// AddressFacts: what the place files and the lists say about one address, whatever the time. Which list
// entries hold at an event's time is the detector's question (each has its own grace).
//
// Made once per distinct address of a run by core/enrich; entries point into the loaded lists and live as
// long.
#pragma once

#include "core/domain/intelligence.h"
#include "core/domain/place.h"

#include <cstdint>
#include <string>
#include <vector>

namespace riskdesk {

struct ListMatch
{
    const ListEntry *entry = nullptr;
    const IntelligenceList *list = nullptr;
};

struct AddressFacts
{
    Place place; // of the place file; an event's own place wins over it
    std::uint32_t asn = 0;
    std::string organisation;
    NetworkClass networkClass =
        NetworkClass::Unknown;          // satellite, hosting or mobile by list or place file; never guessed
    std::vector<ListMatch> anonymizers; // longest prefix first
    std::vector<ListMatch> malware;
    std::vector<ListMatch> threats;
    std::vector<ListMatch> trusted;
};

} // namespace riskdesk

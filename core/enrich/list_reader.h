// List reader: an intelligence list in any of its formats becomes entries; bad lines become rejects.
//
// Plain lists: one network per line, `#` comments. CSV: a header row, columns in any order, empty dates mean
// always. Threats also as STIX 2.1 bundles and MISP JSON. Of a CSV of networks or autonomous systems with a
// column for the kind of access, a list of mobile networks takes the mobile rows. Formats and columns: docs
// in the handbook, product promise.
#pragma once

#include "core/base/result.h"
#include "core/domain/intelligence.h"
#include "core/domain/reject.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace riskdesk::enrich {

struct ListDefaults
{ // for plain lists, which carry no columns of their own
    NetworkClass kind = NetworkClass::Vpn;
    std::string provider;
    std::optional<Timestamp> from, until;
};

struct ReadList
{
    IntelligenceList list; // name, path, licence, date and entries filled
    std::vector<ListEntry> entries;
    std::vector<Reject> rejects;
    std::uint64_t repeated = 0;    // entries that were there already, equal in all they say
    std::uint64_t unsupported = 0; // indicators that cannot be matched here: domains, hashes of files, …
    std::map<std::string, std::uint64_t> unsupportedKinds; // which, and how often
};

// "domain-name:value 12, sigma 3": the most frequent first.
[[nodiscard]] std::string unsupportedWords(const std::map<std::string, std::uint64_t> &kinds);
// Code::NotFound, Io, Unrecognised (detail says what was expected), Malformed. An empty list is Malformed,
// one of more than limits::listEntries different entries TooLarge.
[[nodiscard]] Result<ReadList> readList(const std::filesystem::path &file, ListKind kind,
                                        const ListDefaults &defaults = {});

} // namespace riskdesk::enrich

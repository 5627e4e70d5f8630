// Enricher: what the place files and lists of a directory say about an address and a client.
//
// Made once per run from the active lists; then read-only, so any thread may ask. An answer is computed at
// each call: the run keeps one per distinct address. Longest prefix first. Nothing is guessed.
#pragma once

#include "core/base/result.h"
#include "core/domain/address_facts.h"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

namespace riskdesk::enrich {

class Enricher
{
public:
    Enricher();
    ~Enricher();
    Enricher(Enricher &&) noexcept;
    Enricher &operator=(Enricher &&) noexcept;

    // Entries may come in any order and number (a million networks is usual).
    void addList(IntelligenceList list, std::vector<ListEntry> entries);
    // A MaxMind-format place file (.mmdb), nested or flat schema, either address family. Several may be
    // added; the first that knows the address answers. Code::NotFound, Malformed (detail: the library's
    // words), Io.
    [[nodiscard]] Status addPlaces(IntelligenceList list);

    [[nodiscard]] AddressFacts facts(const IpAddress &ip, std::uint32_t eventAsn = 0,
                                     std::string_view eventCountry = {}) const;
    // Threat indicators that name this very user agent.
    [[nodiscard]] const ListMatch *threatAgent(std::string_view userAgent) const;
    // Threat indicators that name this very user name or e-mail address, case-folded, or its SHA-256.
    [[nodiscard]] const ListMatch *threatAccount(std::string_view account) const;
    [[nodiscard]] bool namesAccounts() const; // otherwise nobody need be asked
    // "tor-exits 2026-11-20; dbip-city 2026-06": kept with address facts as their version.
    [[nodiscard]] std::string version() const;

private:
    struct Data;
    std::unique_ptr<Data> m;
};

} // namespace riskdesk::enrich

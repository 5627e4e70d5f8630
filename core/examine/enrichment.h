// Enrichment: a stored row with the facts of its address, as the detectors want it.
//
// Facts are asked for once per distinct address of a run, agents read once per distinct client. A
// EnrichedSignIn points into this object and lives as long.
//
// make() and what is taken belong to one thread; the names may be asked for on others at the same time. As
// long as that is so, the dictionaries are reached through this object only.
#pragma once

#include "core/detect/enriched_sign_in.h"
#include "core/enrich/enricher.h"
#include "core/store/dictionary.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace riskdesk::store {
class Connection;
}

namespace riskdesk::run {

class UserBook;

// A row of address_fact.
struct AddressFactRow
{
    std::uint32_t address = 0, placeId = 0, asn = 0;
    NetworkClass networkClass = NetworkClass::Unknown;
    std::string organisation;
};
// Inside the caller's transaction; `version` as Enrichment::factsVersion() says.
[[nodiscard]] Status writeAddressFacts(store::Connection &connection, const std::vector<AddressFactRow> &rows,
                                       const std::string &version);

class Enrichment final : public detect::Names
{
public:
    Enrichment(store::Dictionaries &dictionaries, const UserBook &users, const enrich::Enricher &enricher);

    [[nodiscard]] detect::EnrichedSignIn make(const SignInRow &row);
    // Of addresses first met since the last call, where anything is known of them.
    [[nodiscard]] std::vector<AddressFactRow> takeNewAddresses();
    // What is new in the dictionaries.
    [[nodiscard]] store::NewTexts takeNewTexts();
    // Of the lists and place files the facts are from.
    [[nodiscard]] std::string factsVersion() const { return m_enricher.version(); }

    std::string text(Dictionary dictionary, std::uint32_t id) const override;
    IpAddress address(std::uint32_t id) const override;
    std::string userName(std::uint32_t user) const override;
    std::string userKey(std::uint32_t user) const override;
    bool isCalled(std::uint32_t user, std::string_view account) const override;

private:
    struct KnownPlace
    {
        Place place;
        detect::CountryCode country = 0;
    };
    struct KnownFacts
    {
        AddressFacts facts;
        std::uint32_t placeId = 0;
    };
    struct KnownAddress
    {
        IpAddress ip;
        const KnownFacts *known = nullptr; // none: not met yet
        std::uint32_t eventAsn = 0;
        detect::CountryCode eventCountry = 0;
    };
    struct KnownAgent
    {
        detect::DeviceClass device = detect::DeviceClass::Unknown;
        std::uint32_t system = 0, browser = 0, release = 0;
        bool automated = false;
        const ListMatch *threat = nullptr;
    };
    const KnownPlace &place(std::uint32_t id);
    const KnownAddress &addressFacts(const SignInRow &row, detect::CountryCode country);
    const KnownAgent &agent(const SignInRow &row);
    const ListMatch *threatAccount(std::uint32_t user);
    Identity identity(std::uint32_t user);

    mutable std::mutex m_mutex; // of the dictionaries
    store::Dictionaries &m_dictionaries;
    const UserBook &m_users;
    const enrich::Enricher &m_enricher;
    std::vector<std::unique_ptr<KnownPlace>> m_places;   // by Dictionary::Place
    std::vector<KnownAddress> m_addresses;               // by Dictionary::Address, as met last
    std::unordered_map<std::string, KnownFacts> m_facts; // by their content: most addresses share theirs
    std::unordered_map<std::uint64_t, KnownAgent> m_agents;
    std::unordered_map<std::uint32_t, const ListMatch *> m_accounts; // of indicators, by user
    std::vector<std::optional<Identity>> m_identities;               // by user
    std::vector<std::uint32_t> m_newAddresses;
};

} // namespace riskdesk::run

#include "core/examine/enrichment.h"

#include "core/base/digest.h"
#include "core/base/text.h"
#include "core/detect/usual/browser_release.h"
#include "core/enrich/agent_reader.h"
#include "core/examine/user_book.h"
#include "core/store/connection.h"
#include "core/store/statement.h"

#include <algorithm>

namespace riskdesk::run {

Enrichment::Enrichment(store::Dictionaries &dictionaries, const UserBook &users,
                       const enrich::Enricher &enricher)
    : m_dictionaries(dictionaries)
    , m_users(users)
    , m_enricher(enricher)
{}

const Enrichment::KnownPlace &Enrichment::place(std::uint32_t id)
{
    if (id >= m_places.size())
        m_places.resize(std::max<std::size_t>(id + 1, m_places.size() * 2));
    if (!m_places[id]) {
        m_places[id] = std::make_unique<KnownPlace>();
        const std::lock_guard lock(m_mutex);
        if (id != 0)
            m_places[id]->place = Place::decode(m_dictionaries.text(Dictionary::Place, id));
        m_places[id]->country = detect::packCountry(m_places[id]->place.country);
    }
    return *m_places[id];
}

namespace {

// The same for the same facts, and for no others.
std::string keyOf(const AddressFacts &facts)
{
    auto key = facts.place.isKnown() ? facts.place.encode() : std::string();
    const auto append = [&key](const auto &value) {
        key.append(reinterpret_cast<const char *>(&value), sizeof value);
    };
    append(facts.place.latitude);
    append(facts.place.longitude);
    append(facts.place.radiusKm);
    append(facts.asn);
    append(facts.networkClass);
    append(facts.organisation.size());
    key += facts.organisation;
    for (const auto *matches : {&facts.anonymizers, &facts.malware, &facts.threats, &facts.trusted}) {
        append(matches->size());
        for (const auto &match : *matches)
            append(match.entry), append(match.list);
    }
    return key;
}

} // namespace

const Enrichment::KnownAddress &Enrichment::addressFacts(const SignInRow &row, detect::CountryCode country)
{
    if (row.ip >= m_addresses.size())
        m_addresses.resize(std::max<std::size_t>(row.ip + 1, m_addresses.size() * 2));
    auto &address = m_addresses[row.ip];
    if (address.known != nullptr && address.eventAsn == row.asn && address.eventCountry == country)
        return address;
    const std::lock_guard lock(m_mutex);
    if (address.known == nullptr && row.ip != 0) {
        address.ip = m_dictionaries.address(row.ip);
        m_newAddresses.push_back(row.ip);
    }
    address.eventAsn = row.asn;
    address.eventCountry = country;
    auto facts = m_enricher.facts(address.ip, row.asn, detect::unpackCountry(country));
    const auto [found, isNew] = m_facts.try_emplace(keyOf(facts));
    if (isNew) {
        if (facts.place.isKnown())
            found->second.placeId = m_dictionaries.intern(Dictionary::Place, facts.place.encode());
        found->second.facts = std::move(facts);
    }
    address.known = &found->second;
    return address;
}

const Enrichment::KnownAgent &Enrichment::agent(const SignInRow &row)
{
    // Dictionaries of agents stay far below two million entries; a clash would need more.
    const std::uint64_t key =
        std::uint64_t{row.userAgent} << 42 ^ std::uint64_t{row.browser} << 21 ^ row.operatingSystem;
    const auto [found, isNew] = m_agents.try_emplace(key);
    auto &known = found->second;
    if (isNew) {
        const std::lock_guard lock(m_mutex);
        const auto userAgent = m_dictionaries.text(Dictionary::UserAgent, row.userAgent);
        const auto read =
            enrich::readAgent(userAgent, m_dictionaries.text(Dictionary::Browser, row.browser),
                              m_dictionaries.text(Dictionary::OperatingSystem, row.operatingSystem));
        known.device = static_cast<detect::DeviceClass>(read.device);
        known.automated = read.automated;
        known.threat = m_enricher.threatAgent(userAgent);
        known.system = read.system.empty() ? 0 : m_dictionaries.intern(Dictionary::AgentSystem, read.system);
        known.browser =
            read.browser.empty() ? 0 : m_dictionaries.intern(Dictionary::AgentBrowser, read.browser);
        known.release = detect::browserRelease(read.browser);
    }
    return known;
}

namespace {

std::vector<std::string> namesOf(const Account &account)
{
    std::vector<std::string> names;
    for (const auto &text : {account.userPrincipalName, account.mail})
        if (!text.empty())
            names.push_back(foldCase(text));
    for (std::size_t i = names.size(); i-- > 0;)
        names.push_back(toHex(sha256(names[i])));
    return names;
}

} // namespace

const ListMatch *Enrichment::threatAccount(std::uint32_t user)
{
    const auto [found, isNew] = m_accounts.try_emplace(user);
    if (isNew && user != 0)
        for (const auto &name : namesOf(m_users.account(user)))
            if (found->second == nullptr)
                found->second = m_enricher.threatAccount(name);
    return found->second;
}

Identity Enrichment::identity(std::uint32_t user)
{
    if (user == 0)
        return Identity::Unknown;
    if (user >= m_identities.size())
        m_identities.resize(std::max<std::size_t>(user + 1, m_identities.size() * 2));
    auto &known = m_identities[user];
    if (!known)
        known = m_users.identity(user);
    return *known;
}

bool Enrichment::isCalled(std::uint32_t user, std::string_view account) const
{
    const auto names = namesOf(m_users.account(user));
    return std::find(names.begin(), names.end(), account) != names.end();
}

detect::EnrichedSignIn Enrichment::make(const SignInRow &row)
{
    detect::EnrichedSignIn s;
    s.row = row;
    const KnownPlace *own = row.place != 0 ? &place(row.place) : nullptr;
    const auto &address = addressFacts(row, own != nullptr ? own->country : detect::CountryCode{0});
    s.ip = address.ip;
    const auto &known = *address.known;
    s.facts = &known.facts;
    s.placeId = own != nullptr ? row.place : known.placeId;
    const auto &where = own != nullptr ? *own : place(known.placeId);
    s.place = &where.place;
    s.country = where.country;
    s.asn = row.asn != 0 ? row.asn : known.facts.asn;
    const auto &client = agent(row);
    s.deviceClass = client.device;
    s.agentSystem = client.system;
    s.agentBrowser = client.browser;
    s.release = client.release;
    s.automated = client.automated;
    s.threatAgent = client.threat;
    if (m_enricher.namesAccounts())
        s.threatAccount = threatAccount(row.user);
    s.social = row.identity == Identity::Social || identity(row.user) == Identity::Social;
    return s;
}

std::vector<AddressFactRow> Enrichment::takeNewAddresses()
{
    std::vector<AddressFactRow> rows;
    for (const auto ip : m_newAddresses) {
        const auto &known = *m_addresses[ip].known;
        const auto networkClass = known.facts.anonymizers.empty()
                                      ? known.facts.networkClass
                                      : known.facts.anonymizers.front().entry->kind;
        if (known.placeId != 0 || known.facts.asn != 0 || networkClass != NetworkClass::Unknown)
            rows.push_back({ip, known.placeId, known.facts.asn, networkClass, known.facts.organisation});
    }
    m_newAddresses.clear();
    return rows;
}

Status writeAddressFacts(store::Connection &connection, const std::vector<AddressFactRow> &rows,
                         const std::string &version)
{
    store::Statement write(connection,
                           "INSERT OR REPLACE INTO address_fact (address, place, asn, organisation, class, "
                           "version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    for (const auto &row : rows)
        if (auto ok =
                write.bind(row.address, row.placeId, row.asn, row.organisation, row.networkClass, version)
                    .run();
            !ok)
            return ok;
    return {};
}

store::NewTexts Enrichment::takeNewTexts()
{
    const std::lock_guard lock(m_mutex);
    return m_dictionaries.takeNew();
}

std::string Enrichment::text(Dictionary dictionary, std::uint32_t id) const
{
    if (id == 0)
        return {};
    const std::lock_guard lock(m_mutex);
    return std::string(m_dictionaries.text(dictionary, id));
}

IpAddress Enrichment::address(std::uint32_t id) const
{
    if (id == 0)
        return {};
    const std::lock_guard lock(m_mutex);
    return m_dictionaries.address(id);
}

std::string Enrichment::userName(std::uint32_t user) const
{
    const auto account = m_users.account(user);
    return account.displayName.empty() ? account.userPrincipalName : account.displayName;
}

std::string Enrichment::userKey(std::uint32_t user) const
{
    return m_users.account(user).key;
}

} // namespace riskdesk::run

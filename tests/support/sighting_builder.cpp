#include "tests/support/sighting_builder.h"

#include "core/base/timestamp.h"
#include "core/detect/usual/browser_release.h"

#include <cstdlib>

namespace riskdesk::test {
namespace {

Timestamp timeOf(std::string_view iso)
{
    const auto time = Timestamp::fromIso(iso);
    if (!time)
        std::abort();
    return *time;
}

} // namespace

SightingBuilder::SightingBuilder(SightingWorld &world, std::string_view user)
    : m_world(&world)
{
    m_sighting.row.user = world.userId(user);
    m_sighting.row.at = timeOf("2026-03-01T08:00:00Z").us;
}

SightingBuilder &SightingBuilder::at(std::string_view iso)
{
    return at(timeOf(iso));
}

SightingBuilder &SightingBuilder::at(Timestamp t)
{
    m_sighting.row.at = t.us;
    return *this;
}

SightingBuilder &SightingBuilder::ip(std::string_view text)
{
    const auto address = IpAddress::parse(text);
    if (!address)
        std::abort();
    m_sighting.ip = *address;
    m_sighting.row.ip = m_world->id(
        Dictionary::Address, {reinterpret_cast<const char *>(address->bytes.data()), address->bytes.size()});
    return *this;
}

SightingBuilder &SightingBuilder::place(std::string_view city, std::string_view country, double latitude,
                                        double longitude, double radiusKm)
{
    Place p;
    p.city = city;
    p.country = country;
    p.latitude = latitude;
    p.longitude = longitude;
    p.radiusKm = radiusKm;
    return place(p);
}

SightingBuilder &SightingBuilder::place(const Place &place)
{
    m_place = place;
    m_sighting.country = detect::packCountry(place.country);
    m_sighting.placeId = place.isKnown() ? m_world->id(Dictionary::Place, place.encode()) : 0;
    m_sighting.row.place = m_sighting.placeId;
    return *this;
}

SightingBuilder &SightingBuilder::asn(std::uint32_t number, std::string_view organisation)
{
    m_sighting.asn = m_sighting.row.asn = m_facts.asn = number;
    m_facts.organisation = organisation;
    return *this;
}

SightingBuilder &SightingBuilder::agent(std::string_view browser, std::string_view system,
                                        detect::DeviceClass deviceClass)
{
    m_sighting.agentBrowser = m_world->id(Dictionary::AgentBrowser, browser);
    m_sighting.release = detect::browserRelease(browser);
    m_sighting.agentSystem = m_world->id(Dictionary::AgentSystem, system);
    m_sighting.deviceClass = deviceClass;
    return userAgent(std::string(browser) + " on " + std::string(system));
}

SightingBuilder &SightingBuilder::userAgent(std::string_view text)
{
    m_sighting.row.userAgent = m_world->id(Dictionary::UserAgent, text);
    return *this;
}

SightingBuilder &SightingBuilder::device(std::string_view id)
{
    m_sighting.row.device = m_world->id(Dictionary::Device, id);
    return *this;
}

SightingBuilder &SightingBuilder::application(std::string_view name)
{
    m_sighting.row.application = m_world->id(Dictionary::Application, name);
    return *this;
}

SightingBuilder &SightingBuilder::network(NetworkClass networkClass)
{
    m_facts.networkClass = networkClass;
    return *this;
}

ListEntry SightingBuilder::entry(std::string_view name, int confidence, std::string_view from,
                                 std::string_view until) const
{
    ListEntry e;
    e.first = e.last = m_sighting.ip;
    e.name = name;
    e.indicator = m_sighting.ip.toString();
    e.confidence = confidence;
    if (!from.empty())
        e.from = timeOf(from).us;
    if (!until.empty())
        e.until = timeOf(until).us;
    return e;
}

SightingBuilder &SightingBuilder::anonymizer(NetworkClass kind, std::string_view provider,
                                             std::string_view from, std::string_view until)
{
    ListEntry e = entry(provider, -1, from, until);
    e.kind = kind;
    m_facts.anonymizers.push_back(m_world->keep(e, ListKind::Anonymizer));
    return *this;
}

SightingBuilder &SightingBuilder::malware(std::string_view family, int confidence, std::string_view from,
                                          std::string_view until)
{
    m_facts.malware.push_back(m_world->keep(entry(family, confidence, from, until), ListKind::Malware));
    return *this;
}

SightingBuilder &SightingBuilder::threat(std::string_view label, int confidence, std::string_view from,
                                         std::string_view until)
{
    m_facts.threats.push_back(m_world->keep(entry(label, confidence, from, until), ListKind::Threat));
    return *this;
}

SightingBuilder &SightingBuilder::threatAgent(std::string_view label, int confidence)
{
    ListEntry e = entry(label, confidence, {}, {});
    e.first = e.last = {};
    e.userAgent = m_world->text(Dictionary::UserAgent, m_sighting.row.userAgent);
    e.indicator = e.userAgent;
    AddressFacts holder; // a match of its own, kept where its address stays valid
    holder.threats.push_back(m_world->keep(e, ListKind::Threat));
    m_sighting.threatAgent = &m_world->keep(holder).threats.front();
    return *this;
}

SightingBuilder &SightingBuilder::trusted(std::string_view name)
{
    m_facts.trusted.push_back(m_world->keep(entry(name, -1, {}, {}), ListKind::Trusted));
    return *this;
}

SightingBuilder &SightingBuilder::failure(FailureKind kind)
{
    m_sighting.row.outcome = Outcome::Failure;
    m_sighting.row.failure = kind;
    m_sighting.row.errorCode = kind == FailureKind::BadPassword ? 50126 : 50053;
    return *this;
}

SightingBuilder &SightingBuilder::interrupted()
{
    m_sighting.row.outcome = Outcome::Interrupted;
    return *this;
}

SightingBuilder &SightingBuilder::nonInteractive()
{
    m_sighting.row.interactive = 0;
    return *this;
}

SightingBuilder &SightingBuilder::automated()
{
    m_sighting.automated = true;
    return *this;
}

SightingBuilder &SightingBuilder::social()
{
    m_sighting.social = true;
    m_sighting.row.identity = Identity::Social;
    return *this;
}

SightingBuilder &SightingBuilder::late()
{
    m_sighting.late = true;
    return *this;
}

SightingBuilder &SightingBuilder::eventKey(const EventKey &key)
{
    m_sighting.row.eventKey = key;
    m_ownKey = true;
    return *this;
}

detect::Sighting SightingBuilder::build() const
{
    detect::Sighting s = m_sighting;
    if (!m_ownKey)
        s.row.eventKey = m_world->nextKey();
    s.place = &m_world->keep(m_place);
    s.facts = &m_world->keep(m_facts);
    return s;
}

SightingWorld::SightingWorld(std::uint32_t firstId, std::uint32_t idStep)
    : m_nextId(firstId)
    , m_idStep(idStep)
{}

std::uint32_t SightingWorld::idOf(Texts &texts, std::string_view text)
{
    if (text.empty())
        return 0;
    const auto found = texts.ids.find(text);
    if (found != texts.ids.end())
        return found->second;
    const std::uint32_t id = m_nextId;
    m_nextId += m_idStep;
    texts.ids.emplace(text, id);
    texts.texts.emplace(id, text);
    return id;
}

std::uint32_t SightingWorld::userId(std::string_view user)
{
    return idOf(m_users, user);
}

std::uint32_t SightingWorld::id(Dictionary dictionary, std::string_view text)
{
    return idOf(m_dictionaries[dictionary], text);
}

std::string SightingWorld::text(Dictionary dictionary, std::uint32_t id) const
{
    const auto texts = m_dictionaries.find(dictionary);
    if (texts == m_dictionaries.end())
        return {};
    const auto found = texts->second.texts.find(id);
    return found == texts->second.texts.end() ? std::string() : found->second;
}

IpAddress SightingWorld::address(std::uint32_t id) const
{
    const std::string bytes = text(Dictionary::Address, id);
    IpAddress ip;
    if (bytes.size() == ip.bytes.size())
        __builtin_memcpy(ip.bytes.data(), bytes.data(), ip.bytes.size());
    return ip;
}

std::string SightingWorld::userName(std::uint32_t user) const
{
    return userKey(user);
}

std::string SightingWorld::userKey(std::uint32_t user) const
{
    const auto found = m_users.texts.find(user);
    return found == m_users.texts.end() ? std::string() : found->second;
}

const AddressFacts &SightingWorld::keep(const AddressFacts &facts)
{
    return m_facts.emplace_back(facts);
}

ListMatch SightingWorld::keep(const ListEntry &entry, ListKind kind)
{
    auto &list = m_lists[kind];
    list.kind = kind;
    list.id = static_cast<std::uint32_t>(kind);
    list.name = "test " + std::string(toText(kind));
    ListMatch match;
    match.entry = &m_entries.emplace_back(entry);
    match.list = &list;
    m_entries.back().list = list.id;
    return match;
}

EventKey SightingWorld::nextKey()
{
    EventKey key{};
    std::uint64_t n = ++m_nextKey;
    for (std::size_t i = key.size(); n != 0; n >>= 8)
        key[--i] = static_cast<std::uint8_t>(n & 0xff);
    return key;
}

} // namespace riskdesk::test

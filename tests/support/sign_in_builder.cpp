#include "tests/support/sign_in_builder.h"

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

SignInBuilder::SignInBuilder(SignInWorld &world, std::string_view user)
    : m_world(&world)
{
    m_signIn.row.user = world.userId(user);
    m_signIn.row.at = timeOf("2026-03-01T08:00:00Z").us;
}

SignInBuilder &SignInBuilder::at(std::string_view iso)
{
    return at(timeOf(iso));
}

SignInBuilder &SignInBuilder::at(Timestamp t)
{
    m_signIn.row.at = t.us;
    return *this;
}

SignInBuilder &SignInBuilder::ip(std::string_view text)
{
    const auto address = IpAddress::parse(text);
    if (!address)
        std::abort();
    m_signIn.ip = *address;
    m_signIn.row.ip = m_world->id(
        Dictionary::Address, {reinterpret_cast<const char *>(address->bytes.data()), address->bytes.size()});
    return *this;
}

SignInBuilder &SignInBuilder::place(std::string_view city, std::string_view country, double latitude,
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

SignInBuilder &SignInBuilder::place(const Place &place)
{
    m_place = place;
    m_signIn.country = detect::packCountry(place.country);
    m_signIn.placeId = place.isKnown() ? m_world->id(Dictionary::Place, place.encode()) : 0;
    m_signIn.row.place = m_signIn.placeId;
    return *this;
}

SignInBuilder &SignInBuilder::asn(std::uint32_t number, std::string_view organisation)
{
    m_signIn.asn = m_signIn.row.asn = m_facts.asn = number;
    m_facts.organisation = organisation;
    return *this;
}

SignInBuilder &SignInBuilder::agent(std::string_view browser, std::string_view system,
                                    detect::DeviceClass deviceClass)
{
    m_signIn.agentBrowser = m_world->id(Dictionary::AgentBrowser, browser);
    m_signIn.release = detect::browserRelease(browser);
    m_signIn.agentSystem = m_world->id(Dictionary::AgentSystem, system);
    m_signIn.deviceClass = deviceClass;
    return userAgent(std::string(browser) + " on " + std::string(system));
}

SignInBuilder &SignInBuilder::userAgent(std::string_view text)
{
    m_signIn.row.userAgent = m_world->id(Dictionary::UserAgent, text);
    return *this;
}

SignInBuilder &SignInBuilder::device(std::string_view id)
{
    m_signIn.row.device = m_world->id(Dictionary::Device, id);
    return *this;
}

SignInBuilder &SignInBuilder::application(std::string_view name)
{
    m_signIn.row.application = m_world->id(Dictionary::Application, name);
    return *this;
}

SignInBuilder &SignInBuilder::network(NetworkClass networkClass)
{
    m_facts.networkClass = networkClass;
    return *this;
}

ListEntry SignInBuilder::entry(std::string_view name, int confidence, std::string_view from,
                               std::string_view until) const
{
    ListEntry e;
    e.first = e.last = m_signIn.ip;
    e.name = name;
    e.indicator = m_signIn.ip.toString();
    e.confidence = confidence;
    if (!from.empty())
        e.from = timeOf(from).us;
    if (!until.empty())
        e.until = timeOf(until).us;
    return e;
}

SignInBuilder &SignInBuilder::anonymizer(NetworkClass kind, std::string_view provider, std::string_view from,
                                         std::string_view until)
{
    ListEntry e = entry(provider, -1, from, until);
    e.kind = kind;
    m_facts.anonymizers.push_back(m_world->keep(e, ListKind::Anonymizer));
    return *this;
}

SignInBuilder &SignInBuilder::malware(std::string_view family, int confidence, std::string_view from,
                                      std::string_view until)
{
    m_facts.malware.push_back(m_world->keep(entry(family, confidence, from, until), ListKind::Malware));
    return *this;
}

SignInBuilder &SignInBuilder::threat(std::string_view label, int confidence, std::string_view from,
                                     std::string_view until)
{
    m_facts.threats.push_back(m_world->keep(entry(label, confidence, from, until), ListKind::Threat));
    return *this;
}

SignInBuilder &SignInBuilder::threatAgent(std::string_view label, int confidence)
{
    ListEntry e = entry(label, confidence, {}, {});
    e.first = e.last = {};
    e.userAgent = m_world->text(Dictionary::UserAgent, m_signIn.row.userAgent);
    e.indicator = e.userAgent;
    AddressFacts holder; // a match of its own, kept where its address stays valid
    holder.threats.push_back(m_world->keep(e, ListKind::Threat));
    m_signIn.threatAgent = &m_world->keep(holder).threats.front();
    return *this;
}

SignInBuilder &SignInBuilder::trusted(std::string_view name)
{
    m_facts.trusted.push_back(m_world->keep(entry(name, -1, {}, {}), ListKind::Trusted));
    return *this;
}

SignInBuilder &SignInBuilder::failure(FailureKind kind)
{
    m_signIn.row.outcome = Outcome::Failure;
    m_signIn.row.failure = kind;
    m_signIn.row.errorCode = kind == FailureKind::BadPassword ? 50126 : 50053;
    return *this;
}

SignInBuilder &SignInBuilder::interrupted()
{
    m_signIn.row.outcome = Outcome::Interrupted;
    return *this;
}

SignInBuilder &SignInBuilder::nonInteractive()
{
    m_signIn.row.interactive = 0;
    return *this;
}

SignInBuilder &SignInBuilder::automated()
{
    m_signIn.automated = true;
    return *this;
}

SignInBuilder &SignInBuilder::social()
{
    m_signIn.social = true;
    m_signIn.row.identity = Identity::Social;
    return *this;
}

SignInBuilder &SignInBuilder::eventKey(const EventKey &key)
{
    m_signIn.row.eventKey = key;
    m_ownKey = true;
    return *this;
}

detect::EnrichedSignIn SignInBuilder::build() const
{
    detect::EnrichedSignIn s = m_signIn;
    if (!m_ownKey)
        s.row.eventKey = m_world->nextKey();
    s.place = &m_world->keep(m_place);
    s.facts = &m_world->keep(m_facts);
    return s;
}

SignInWorld::SignInWorld(std::uint32_t firstId, std::uint32_t idStep)
    : m_nextId(firstId)
    , m_idStep(idStep)
{}

std::uint32_t SignInWorld::idOf(Texts &texts, std::string_view text)
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

std::uint32_t SignInWorld::userId(std::string_view user)
{
    return idOf(m_users, user);
}

std::uint32_t SignInWorld::id(Dictionary dictionary, std::string_view text)
{
    return idOf(m_dictionaries[dictionary], text);
}

std::string SignInWorld::text(Dictionary dictionary, std::uint32_t id) const
{
    const auto texts = m_dictionaries.find(dictionary);
    if (texts == m_dictionaries.end())
        return {};
    const auto found = texts->second.texts.find(id);
    return found == texts->second.texts.end() ? std::string() : found->second;
}

IpAddress SignInWorld::address(std::uint32_t id) const
{
    const std::string bytes = text(Dictionary::Address, id);
    IpAddress ip;
    if (bytes.size() == ip.bytes.size())
        __builtin_memcpy(ip.bytes.data(), bytes.data(), ip.bytes.size());
    return ip;
}

std::string SignInWorld::userName(std::uint32_t user) const
{
    return userKey(user);
}

std::string SignInWorld::userKey(std::uint32_t user) const
{
    const auto found = m_users.texts.find(user);
    return found == m_users.texts.end() ? std::string() : found->second;
}

const AddressFacts &SignInWorld::keep(const AddressFacts &facts)
{
    return m_facts.emplace_back(facts);
}

ListMatch SignInWorld::keep(const ListEntry &entry, ListKind kind)
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

EventKey SignInWorld::nextKey()
{
    EventKey key{};
    std::uint64_t n = ++m_nextKey;
    for (std::size_t i = key.size(); n != 0; n >>= 8)
        key[--i] = static_cast<std::uint8_t>(n & 0xff);
    return key;
}

} // namespace riskdesk::test

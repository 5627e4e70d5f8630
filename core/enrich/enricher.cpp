#include "core/enrich/enricher.h"

#include "core/base/text.h"
#include "core/enrich/network_index.h"
#include "core/enrich/place_database.h"
#include "core/enrich/satellite.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace riskdesk::enrich {
namespace {

// A list that names one address more often than this says nothing more by it.
constexpr std::size_t mostMatches = 64;

struct TextHash
{
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

struct LoadedList
{
    IntelligenceList list;
    std::vector<ListEntry> entries;
    NetworkIndex networks; // of the entries, same numbers
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> bySystem;
    std::unordered_map<std::string, std::vector<std::uint32_t>> byCountry;
};

// Ranges of autonomous systems keep no ListEntry: half a million rows name fifty thousand organisations.
struct SystemRanges
{
    std::vector<std::uint32_t> numbers; // per range
    NetworkIndex networks;
};

struct LoadedPlaces
{
    LoadedPlaces(IntelligenceList l, PlaceDatabase d)
        : list(std::move(l))
        , database(std::move(d))
    {}
    IntelligenceList list;
    PlaceDatabase database;
    // An Anonymous-IP file has no entries to point to: they are made when first met and stay.
    mutable std::mutex mutex;
    mutable std::map<std::tuple<IpAddress, int, NetworkClass>, ListEntry> flagged;

    const ListEntry *entry(const IpAddress &ip, int bits, NetworkClass kind) const
    {
        const Cidr network = {ip.masked(bits), {}, bits};
        const std::scoped_lock lock(mutex);
        auto &entry = flagged[{network.first, bits, kind}];
        if (entry.indicator.empty()) {
            const auto cidr = Cidr::parse(network.toString());
            entry.list = list.id;
            entry.first = cidr ? cidr->first : ip;
            entry.last = cidr ? cidr->last : ip;
            entry.kind = kind;
            entry.indicator = network.toString();
        }
        return &entry;
    }
};

struct Candidate
{
    WideKey width;
    ListMatch match;
};

std::string dateOf(const IntelligenceList &list)
{
    const Timestamp date = list.date.us != 0 ? list.date : list.addedAt;
    return date.us == 0 ? std::string() : " " + date.toIso().substr(0, 10);
}

} // namespace

struct Enricher::Data
{
    std::array<std::deque<LoadedList>, 9> lists; // by kind; the addresses of entries stay
    std::deque<SystemRanges> systems;
    std::unordered_map<std::uint32_t, std::string> organisations;
    std::deque<LoadedPlaces> places;
    std::unordered_map<std::string, ListMatch, TextHash, std::equal_to<>> agents, accounts;
    std::string version;

    void find(ListKind kind, const IpAddress &ip, std::uint32_t asn, const std::string &country,
              std::vector<ListMatch> &out) const;
    void findTrusted(const IpAddress &ip, std::uint32_t asn, const std::string &country,
                     std::vector<ListMatch> &out) const;
    bool isMobile(const IpAddress &ip, std::uint32_t asn) const;
    void addSystems(std::vector<ListEntry> entries);
    void name(const IntelligenceList &list)
    {
        version.append(version.empty() ? "" : "; ").append(list.name).append(dateOf(list));
    }
};

Enricher::Enricher()
    : m(std::make_unique<Data>())
{}
Enricher::~Enricher() = default;
Enricher::Enricher(Enricher &&) noexcept = default;
Enricher &Enricher::operator=(Enricher &&) noexcept = default;

void Enricher::addList(IntelligenceList list, std::vector<ListEntry> entries)
{
    m->name(list);
    if (list.kind == ListKind::Asn)
        return m->addSystems(std::move(entries));
    const auto kind = static_cast<std::size_t>(list.kind);
    if (kind == 0 || kind >= m->lists.size())
        return;
    auto &loaded = m->lists[kind].emplace_back();
    loaded.list = std::move(list);
    loaded.entries = std::move(entries);
    std::vector<NetworkRange> ranges;
    ranges.reserve(loaded.entries.size());
    for (std::uint32_t i = 0; i < loaded.entries.size(); ++i) {
        const auto &entry = loaded.entries[i];
        ranges.push_back({entry.first, entry.last});
        if (entry.last.isKnown())
            continue;
        if (entry.asn != 0)
            loaded.bySystem[entry.asn].push_back(i);
        else if (!entry.country.empty())
            loaded.byCountry[entry.country].push_back(i);
        else if (const bool account = !entry.account.empty();
                 (account || !entry.userAgent.empty()) && loaded.list.kind == ListKind::Threat) {
            // One answer per account or agent: the indicator that holds longest.
            auto &match = account ? m->accounts[entry.account] : m->agents[entry.userAgent];
            if (match.entry == nullptr || match.entry->until < entry.until)
                match = {&entry, &loaded.list};
        }
    }
    loaded.networks = NetworkIndex(ranges);
}

void Enricher::Data::addSystems(std::vector<ListEntry> entries)
{
    auto &loaded = systems.emplace_back();
    std::vector<NetworkRange> ranges;
    ranges.reserve(entries.size());
    loaded.numbers.reserve(entries.size());
    for (auto &entry : entries) {
        if (entry.asn == 0)
            continue;
        ranges.push_back({entry.first, entry.last});
        loaded.numbers.push_back(entry.asn);
        if (!entry.name.empty())
            organisations.try_emplace(entry.asn, std::move(entry.name));
    }
    loaded.networks = NetworkIndex(ranges);
}

Status Enricher::addPlaces(IntelligenceList list)
{
    auto database = PlaceDatabase::open(list.path);
    if (!database)
        return tl::unexpected(database.error());
    if (list.date.us == 0)
        list.date = database->built();
    m->name(list);
    m->places.emplace_back(std::move(list), std::move(*database));
    return {};
}

void Enricher::Data::find(ListKind kind, const IpAddress &ip, std::uint32_t asn, const std::string &country,
                          std::vector<ListMatch> &out) const
{
    const auto &group = lists[static_cast<std::size_t>(kind)];
    std::vector<Candidate> candidates;
    std::vector<std::uint32_t> found;
    for (const auto &loaded : group) {
        loaded.networks.find(ip, found, mostMatches);
        for (const auto i : found) {
            const auto &entry = loaded.entries[i];
            candidates.push_back({width({entry.first, entry.last}), {&entry, &loaded.list}});
        }
    }
    std::ranges::stable_sort(candidates, {}, &Candidate::width);
    for (const auto &candidate : candidates)
        out.push_back(candidate.match);
    // An autonomous system is wider than any network written down, a country wider still.
    for (const auto &loaded : group)
        if (const auto at = loaded.bySystem.find(asn); asn != 0 && at != loaded.bySystem.end())
            for (const auto i : at->second)
                out.push_back({&loaded.entries[i], &loaded.list});
    for (const auto &loaded : group)
        if (const auto at = loaded.byCountry.find(country); !country.empty() && at != loaded.byCountry.end())
            for (const auto i : at->second)
                out.push_back({&loaded.entries[i], &loaded.list});
    if (out.size() > mostMatches)
        out.resize(mostMatches);
}

void Enricher::Data::findTrusted(const IpAddress &ip, std::uint32_t asn, const std::string &country,
                                 std::vector<ListMatch> &out) const
{
    find(ListKind::Trusted, ip, asn, country, out);
    // A location may be named without being trusted, and may lie inside a trusted one: the narrowest decides.
    if (!out.empty() && !out.front().entry->trusted)
        out.clear();
    std::erase_if(out, [](const ListMatch &match) { return !match.entry->trusted; });
}

bool Enricher::Data::isMobile(const IpAddress &ip, std::uint32_t asn) const
{
    return std::ranges::any_of(lists[static_cast<std::size_t>(ListKind::Mobile)], [&](const auto &loaded) {
        return loaded.networks.smallest(ip) != NetworkIndex::none ||
               (asn != 0 && loaded.bySystem.contains(asn));
    });
}

AddressFacts Enricher::facts(const IpAddress &ip, std::uint32_t eventAsn, std::string_view eventCountry) const
{
    AddressFacts facts;
    bool satellite = false, mobile = false;
    std::uint32_t fileAsn = 0;
    std::string fileOrganisation;
    std::vector<ListMatch> flagged;
    PlaceAnswer answer;
    for (const auto &places : m->places) {
        if (!places.database.lookup(ip, answer))
            continue;
        satellite = satellite || answer.satellite;
        mobile = mobile || answer.mobile;
        if (!facts.place.isKnown() && answer.place.isKnown())
            facts.place = std::move(answer.place);
        if (fileAsn == 0 && answer.asn != 0) {
            fileAsn = answer.asn;
            fileOrganisation = std::move(answer.organisation);
        }
        for (const auto kind : answer.anonymizers)
            flagged.push_back({places.entry(ip, answer.bits, kind), &places.list});
    }
    for (const auto &ranges : m->systems) {
        if (fileAsn != 0)
            break;
        if (const auto i = ranges.networks.smallest(ip); i != NetworkIndex::none)
            fileAsn = ranges.numbers[i];
    }
    // The event's own word wins, and an organisation is named only for the system that it belongs to.
    facts.asn = eventAsn != 0 ? eventAsn : fileAsn;
    if (facts.asn == fileAsn)
        facts.organisation = std::move(fileOrganisation);
    if (const auto at = m->organisations.find(facts.asn);
        facts.organisation.empty() && at != m->organisations.end())
        facts.organisation = at->second;

    const std::string country(eventCountry.empty() ? std::string_view(facts.place.country) : eventCountry);
    m->find(ListKind::Anonymizer, ip, facts.asn, country, facts.anonymizers);
    m->find(ListKind::Malware, ip, facts.asn, country, facts.malware);
    m->find(ListKind::Threat, ip, facts.asn, country, facts.threats);
    m->findTrusted(ip, facts.asn, country, facts.trusted);
    if (!flagged.empty()) {
        // Lists come first among equals: they name a provider and dates, a flag does not.
        facts.anonymizers.insert(facts.anonymizers.end(), flagged.begin(), flagged.end());
        std::ranges::stable_sort(facts.anonymizers, {}, [](const ListMatch &match) {
            const auto &entry = *match.entry;
            const bool network = entry.last.isKnown();
            return std::pair(!network, network ? width({entry.first, entry.last}) : WideKey{});
        });
    }

    const auto hosts = [](const ListMatch &match) { return match.entry->kind == NetworkClass::Hosting; };
    if (satellite || isSatellite(facts.asn))
        facts.networkClass = NetworkClass::Satellite;
    else if (std::ranges::any_of(facts.anonymizers, hosts))
        facts.networkClass = NetworkClass::Hosting;
    else if (mobile || m->isMobile(ip, facts.asn))
        facts.networkClass = NetworkClass::Mobile;
    return facts;
}

const ListMatch *Enricher::threatAgent(std::string_view userAgent) const
{
    if (userAgent.empty())
        return nullptr;
    const auto at = m->agents.find(userAgent);
    return at == m->agents.end() ? nullptr : &at->second;
}

const ListMatch *Enricher::threatAccount(std::string_view account) const
{
    const auto at = m->accounts.find(account);
    return at == m->accounts.end() ? nullptr : &at->second;
}

bool Enricher::namesAccounts() const
{
    return !m->accounts.empty();
}

std::string Enricher::version() const
{
    return m->version;
}

} // namespace riskdesk::enrich

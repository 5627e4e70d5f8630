#include "core/enrich/list_text.h"

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <tuple>

namespace riskdesk::enrich {
namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::optional<int> number(std::string_view text)
{
    if (text.empty() || !std::ranges::all_of(text, isDigit))
        return std::nullopt;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<Timestamp> civil(int year, int month, int day)
{
    // Through the ISO reader, which knows how long a month is.
    const auto time = Timestamp::fromIso(fmt::format("{:04}-{:02}-{:02}T00:00:00Z", year, month, day));
    return time ? std::optional(*time) : std::nullopt;
}

int monthOf(std::string_view word)
{
    static constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                                "jul", "aug", "sep", "oct", "nov", "dec"};
    const auto at = std::ranges::find(months, lowered(word.substr(0, 3)));
    return at == months.end() ? 0 : static_cast<int>(at - months.begin()) + 1;
}

// The first date in a sentence: "2026-11-20", "2026-11-20 10:00:00", "Fri Oct 23 13:45:29 UTC 2015", "23 Oct
// 2015".
std::optional<Timestamp> findDate(std::string_view text)
{
    for (std::size_t i = 0; i + 10 <= text.size(); ++i) {
        if (text[i + 4] != '-' || text[i + 7] != '-' || (i > 0 && isDigit(text[i - 1])))
            continue;
        const auto day = readTime(text.substr(i, 10), false);
        if (!day)
            continue;
        for (const std::size_t length : {std::size_t{20}, std::size_t{19}})
            if (i + length <= text.size())
                if (const auto time = readTime(text.substr(i, length), false))
                    return time;
        return day;
    }
    int year = 0, month = 0, day = 0;
    for (const auto part : split(text, ' ')) {
        const auto word = part.substr(0, part.find(','));
        if (const auto value = number(word); value && *value >= 1990 && *value <= 2200)
            year = *value;
        else if (value && *value >= 1 && *value <= 31)
            day = *value;
        else if (month == 0 && word.size() >= 3)
            month = monthOf(word);
    }
    return year != 0 && month != 0 && day != 0 ? civil(year, month, day) : std::nullopt;
}

} // namespace

std::string lowered(std::string_view text)
{
    std::string out(trim(text));
    for (char &c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == ' ' || c == '-' ? '_' : c;
    return out;
}

std::optional<std::uint32_t> readSystemNumber(std::string_view text)
{
    if (text.size() > 2 && equalsIgnoringCase(text.substr(0, 2), "AS"))
        text.remove_prefix(2);
    const auto value = toInteger(text);
    if (!value || *value <= 0 || *value > 4294967295)
        return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

std::optional<std::uint32_t> readSystem(std::string_view text)
{
    return equalsIgnoringCase(text.substr(0, 2), "AS") ? readSystemNumber(text) : std::nullopt;
}

namespace {

// IPv4 as lists of IPv6 networks may hold it, "::192.0.2.0/120": the old embedding, in which nobody signs in.
std::optional<Cidr> readEmbedded(std::string_view text)
{
    if (!text.starts_with("::") || text.find(':', 2) != std::string_view::npos)
        return std::nullopt;
    const auto slash = text.find('/');
    const auto ip = IpAddress::parse(text.substr(2, slash == std::string_view::npos ? slash : slash - 2));
    const auto bits = slash == std::string_view::npos ? std::optional(128) : number(text.substr(slash + 1));
    if (!ip || !ip->isV4() || !bits || *bits < 96 || *bits > 128)
        return std::nullopt;
    return Cidr::parse(fmt::format("{}/{}", ip->toString(), *bits - 96));
}

} // namespace

std::optional<Network> readNetwork(std::string_view text, Refusal &refusal)
{
    Network network;
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        const auto first = IpAddress::parse(trim(text.substr(0, dash)));
        const auto last = IpAddress::parse(trim(text.substr(dash + 1)));
        if (!first || !last || first->isV4() != last->isV4() || *last < *first) {
            refusal = {reason::badNetwork, "expected two addresses of one family, the lower one first"};
            return std::nullopt;
        }
        network = {*first, *last};
    } else if (const auto embedded = readEmbedded(text)) {
        network = {embedded->first, embedded->last};
    } else if (const auto cidr = Cidr::parse(text)) {
        network = {cidr->first, cidr->last};
    } else {
        refusal = {reason::badNetwork, "expected an address, a network (192.0.2.0/24) or a range (a-b)"};
        return std::nullopt;
    }
    const bool v4 = network.first.isV4() && network.last.isV4();
    const int widest = v4 ? 96 + 8 : 16;
    if (!network.last.isKnown()) {
        refusal = {reason::badNetwork, "the unspecified address"};
        return std::nullopt;
    }
    if (network.first.masked(widest) != network.last.masked(widest)) {
        refusal = {reason::tooWide, fmt::format("networks wider than /{} are not taken", v4 ? 8 : 16)};
        return std::nullopt;
    }
    return network;
}

std::optional<Timestamp> readTime(std::string_view text, bool ends)
{
    text = trim(text);
    if (text.size() == 10) {
        const auto day = Timestamp::fromIso(std::string(text) + "T00:00:00Z");
        if (!day)
            return std::nullopt;
        return ends ? *day + std::chrono::days(1) - Microseconds(1) : *day;
    }
    std::string copy(text);
    for (const std::string_view zone : {" UTC", " GMT"})
        if (copy.size() > zone.size() && copy.ends_with(zone))
            copy.replace(copy.size() - zone.size(), zone.size(), "Z");
    const auto time = Timestamp::fromIso(copy);
    return time ? std::optional(*time) : std::nullopt;
}

std::optional<NetworkClass> readKind(std::string_view text)
{
    const auto word = lowered(text);
    for (const auto kind : {NetworkClass::Tor, NetworkClass::Vpn, NetworkClass::PublicProxy,
                            NetworkClass::ResidentialProxy, NetworkClass::Relay, NetworkClass::Hosting})
        if (word == toText(kind))
            return kind;
    static constexpr std::pair<std::string_view, NetworkClass> others[] = {
        {"tor_exit", NetworkClass::Tor},
        {"proxy", NetworkClass::PublicProxy},
        {"residential", NetworkClass::ResidentialProxy},
        {"private_relay", NetworkClass::Relay},
        {"datacenter", NetworkClass::Hosting},
        {"data_center", NetworkClass::Hosting}};
    for (const auto &[name, kind] : others)
        if (word == name)
            return kind;
    return std::nullopt;
}

void Header::read(std::string_view comment)
{
    comment = trim(comment);
    const auto small = lowered(comment);
    if (licence.empty()) {
        for (const std::string_view key : {"spdx_license_identifier:", "license:", "licence:",
                                           "licensed_under:", "licensed_under", "license_:", "licence_:"})
            if (const auto at = small.find(key); at != std::string::npos) {
                // `small` has one byte for each byte of `comment`.
                licence = toUtf8(trim(comment.substr(at + key.size())).substr(0, 200));
                break;
            }
    }
    if (source.empty())
        for (const std::string_view key : {"source:", "publisher:", "maintainer:"})
            if (small.starts_with(key)) {
                source = toUtf8(trim(comment.substr(key.size())).substr(0, 200));
                break;
            }
    if (!date) {
        static constexpr std::string_view words[] = {"date",    "updated", "generated", "modified",
                                                     "created", "as_of",   "version"};
        if (std::ranges::any_of(words,
                                [&](std::string_view word) { return small.find(word) != std::string::npos; }))
            date = findDate(comment);
    }
}

bool readAccount(std::string_view text, std::string &account, Refusal &refusal)
{
    text = trim(text);
    if (text.empty() || text.size() > 320) { // 64 before the @ and 255 behind it, RFC 5321 4.5.3.1
        refusal = {reason::badAccount, "expected a user name, an e-mail address, or its SHA-256"};
        return false;
    }
    const bool hex = text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    if (hex && (text.size() == 32 || text.size() == 40 || text.size() == 128)) {
        refusal = {reason::badAccount, "hashes of another kind than SHA-256 cannot be compared"};
        return false;
    }
    account = foldCase(toUtf8(text));
    return true;
}

bool readPeriod(std::string_view from, std::string_view until, ListEntry &entry, std::string &wrong)
{
    if (!from.empty()) {
        if (const auto time = readTime(from, false))
            entry.from = time->us;
        else
            wrong = from;
    }
    if (!until.empty()) {
        if (const auto time = readTime(until, true))
            entry.until = time->us;
        else
            wrong = until;
    }
    if (wrong.empty() && entry.until < entry.from)
        wrong = until;
    return wrong.empty();
}

void addLabel(std::string &labels, std::string_view label)
{
    constexpr std::size_t most = 400;
    label = trim(label);
    if (label.empty() || labels.size() + label.size() > most)
        return;
    const auto known = "; " + labels + "; ";
    const auto text = toUtf8(label);
    if (known.find("; " + text + "; ") == std::string::npos)
        labels += (labels.empty() ? "" : "; ") + text;
}

namespace {

std::uint64_t hashOf(const ListEntry &e)
{
    std::uint64_t hash = hashed(e.indicator).hash;
    const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 0x9e3779b97f4a7c15u ^ hash >> 29; };
    for (const auto *ip : {&e.first, &e.last}) {
        std::uint64_t halves[2];
        std::memcpy(halves, ip->bytes.data(), sizeof halves);
        mix(halves[0]);
        mix(halves[1]);
    }
    mix(e.asn);
    mix(static_cast<std::uint64_t>(e.from));
    mix(static_cast<std::uint64_t>(e.until));
    for (const auto *text : {&e.name, &e.labels, &e.actor})
        if (!text->empty())
            mix(hashed(*text).hash);
    return hash ^ hash >> 32;
}

bool areEqual(const ListEntry &a, const ListEntry &b)
{
    const auto all = [](const ListEntry &e) {
        return std::tie(e.first, e.last, e.indicator, e.asn, e.from, e.until, e.country, e.kind, e.name,
                        e.userAgent, e.account, e.actor, e.confidence, e.trusted, e.tlp, e.labels);
    };
    return all(a) == all(b);
}

} // namespace

void Collector::grow()
{
    m_slots.assign(std::max<std::size_t>(1024, m_slots.size() * 2), 0);
    const auto mask = m_slots.size() - 1;
    for (std::size_t n = 0; n < m_out.entries.size(); ++n) {
        std::size_t i = hashOf(m_out.entries[n]) & mask;
        while (m_slots[i] != 0)
            i = (i + 1) & mask;
        m_slots[i] = static_cast<std::uint32_t>(n + 1);
    }
}

void Collector::add(ListEntry entry)
{
    if (m_out.entries.size() * 2 >= m_slots.size())
        grow();
    const auto mask = m_slots.size() - 1;
    std::size_t i = hashOf(entry) & mask;
    for (; m_slots[i] != 0; i = (i + 1) & mask)
        if (areEqual(m_out.entries[m_slots[i] - 1], entry)) {
            ++m_out.repeated;
            return;
        }
    if (m_out.entries.size() >= limits::listEntries) {
        m_tooMany = true;
        return;
    }
    m_out.entries.push_back(std::move(entry));
    m_slots[i] = static_cast<std::uint32_t>(m_out.entries.size());
}

void Collector::unsupported(const std::string &what)
{
    constexpr std::size_t mostKinds = 100;
    ++m_out.unsupported;
    auto &kinds = m_out.unsupportedKinds;
    if (kinds.size() < mostKinds || kinds.contains(what))
        ++kinds[toUtf8(what.substr(0, 80))];
}

void Collector::dated(Timestamp date)
{
    m_out.list.date = std::max(m_out.list.date, date);
}

void Collector::publishedBy(std::string_view name)
{
    if (m_out.list.source.empty())
        m_out.list.source = toUtf8(trim(name).substr(0, 200));
}

void Collector::licensed(std::string_view licence)
{
    if (m_out.list.licence.empty())
        m_out.list.licence = toUtf8(trim(licence).substr(0, 200));
}

void Collector::refuse(std::uint64_t line, std::string_view why, std::string detail, std::string_view text)
{
    if (m_out.rejects.size() >= mostRejects) {
        ++m_more;
        return;
    }
    Reject reject;
    reject.file = m_file;
    reject.line = line;
    reject.reason = why;
    reject.detail = std::move(detail);
    reject.excerpt = toUtf8(text.substr(0, 100)); // at most three bytes for one
    m_out.rejects.push_back(std::move(reject));
}

void Collector::finish()
{
    if (m_more == 0)
        return;
    Reject reject;
    reject.file = m_file;
    reject.reason = "more";
    reject.detail = fmt::format("{} more lines could not be read", m_more);
    m_out.rejects.push_back(std::move(reject));
}

} // namespace riskdesk::enrich

#include "core/demo/sample.h"

#include "core/base/text.h"
#include "core/demo/sample_data.h"

#include <fmt/format.h>

#include <algorithm>

namespace riskdesk::demo {

std::string addressText(std::uint32_t ip)
{
    return fmt::format("{}.{}.{}.{}", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

const City &cityNamed(std::string_view name)
{
    const auto all = cities();
    const auto found = std::find_if(all.begin(), all.end(), [&](const City &c) { return c.name == name; });
    return found != all.end() ? *found : all.front();
}

std::string Random::guid()
{
    const auto a = next(), b = next();
    return fmt::format("{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:012x}", a >> 32, a >> 16 & 0xffff, a & 0xfff,
                       8 + (b >> 62), b >> 48 & 0xfff, b & 0xffffffffffff);
}

Sample::Data::Data(const SampleOptions &o)
    : options(o)
    , random(o.seed * 0x9e3779b97f4a7c15ULL + o.users)
    , begin(o.end.us - static_cast<std::int64_t>(o.days) * day)
{
    makeOffices();
    makePeople();
    planAttacks();
}

Sample::Sample(const SampleOptions &options)
    : m(std::make_unique<Data>(options))
{}
Sample::~Sample() = default;

void Sample::writeUsers(const LineSink &sink) const
{
    for (const auto &p : m->people) {
        const auto mail = jsonString(p.upn);
        sink(fmt::format(
            R"({{"id":"{}","displayName":{},"userPrincipalName":{},"mail":{},"accountEnabled":true,"createdDateTime":"{}","identities":[{{"signInType":"{}","issuer":"{}","issuerAssignedId":{}}}]}})"
            "\n",
            p.id, jsonString(p.name), mail, mail,
            Timestamp{std::min(p.since, m->begin) / second * second}.toIso(),
            p.issuer.empty() ? "emailAddress" : "federated",
            p.issuer.empty() ? "meadowmarket.onmicrosoft.com" : p.issuer, mail));
    }
}

std::uint64_t Sample::writeSignIns(const LineSink &sink, std::uint64_t limit)
{
    std::uint64_t written = 0;
    std::size_t nextPlanned = 0;
    std::vector<Event> events, early;
    std::string line;
    const auto &end = m->options.end.us;
    for (std::int64_t start = m->begin / day * day; start < end; start += day) {
        // Local time makes a day's sign-ins spill over its borders; what lies beyond waits for the next day.
        events = std::move(early);
        early.clear();
        m->signInsOf(start, events);
        std::stable_sort(events.begin(), events.end(),
                         [](const Event &a, const Event &b) { return a.at < b.at; });
        const bool last = start + day >= end;
        const auto border = last ? end : start + day - 14 * hour;
        const auto cut =
            std::find_if(events.begin(), events.end(), [&](const Event &e) { return e.at >= border; });
        early.assign(cut, events.end());
        events.erase(cut, events.end());
        for (std::size_t i = 0;
             i < events.size() || (nextPlanned < m->planned.size() && m->planned[nextPlanned].at < border);) {
            const bool isPlanned = nextPlanned < m->planned.size() &&
                                   (i == events.size() || m->planned[nextPlanned].at < events[i].at);
            const auto &e = isPlanned ? m->planned[nextPlanned++] : events[i++];
            if (e.at >= end || e.at < m->begin)
                continue;
            if (written == limit)
                return written;
            m->write(e, sink, line);
            ++written;
        }
    }
    return written;
}

std::vector<SampleList> Sample::lists() const
{
    const auto date = Timestamp{m->options.end.us}.toIso().substr(0, 10);
    const auto from = Timestamp{m->begin - 30 * day}.toIso().substr(0, 10);
    std::vector<SampleList> all;
    // The lists carry their own date, so that it does not depend on when the files were written.
    const auto head = fmt::format("# Made for the sample directory. Updated {}\n", date);
    std::string tor = head + "network,kind,provider,first_seen,last_seen\n";
    for (std::uint32_t i = 0; i < torExitCount; ++i)
        tor += fmt::format("{},tor,,{},{}\n", addressText(torExits + i), from, date);
    all.push_back({ListKind::Anonymizer, "Sample Tor exits", NetworkClass::Tor, "", tor});
    all.push_back(
        {ListKind::Anonymizer, "Sample networks", NetworkClass::Unknown, "",
         head + fmt::format("network,kind,provider,first_seen,last_seen\n{}/20,vpn,Harbour "
                            "VPN,{},{}\n{}/20,relay,Private Relay,{},{}\n"
                            "{}/20,hosting,Cloudyard,{},{}\n{}/24,vpn,Northpass,{},{}\n",
                            addressText(vpnAddress), from, date, addressText(relayAddress), from, date,
                            addressText(hostingAddress), from, date, addressText(officeEgress),
                            Timestamp{m->options.end.us - 4 * day}.toIso().substr(0, 10), date)});
    all.push_back(
        {ListKind::Malware, "Sample malware networks", NetworkClass::Unknown, "",
         head + fmt::format("network,malware,confidence,first_seen,last_seen\n{}/26,Harrow,90,{},{}\n",
                            addressText(malwareAddress), from, date)});
    all.push_back(
        {ListKind::Threat, "Sample indicators", NetworkClass::Unknown, "",
         head +
             fmt::format(
                 "type,value,confidence,valid_from,valid_until,label\ncidr,{}/24,85,{},{},Tidewater group\n",
                 addressText(threatAddress), from, date)});
    // The first office's network is the one listed by mistake; whether to trust it is the person's decision.
    if (m->offices.size() > 1)
        all.push_back(
            {ListKind::Trusted, "Sample locations", NetworkClass::Unknown, "",
             head + fmt::format("name,network,trusted\nWarehouse,{},true\n", addressText(m->offices[1].ip))});
    return all;
}

const std::vector<SampleLabel> &Sample::labels() const
{
    return m->labels;
}

} // namespace riskdesk::demo

// The network index gives exactly the ranges that hold an address, smallest first, whatever crosses or nests.
#ifndef Q_MOC_RUN // moc stumbles over the standard library behind these
#include "core/enrich/network_index.h"
#endif

#include <QTest>

#ifndef Q_MOC_RUN
#include <rapidcheck.h>

#include <algorithm>
#endif

using namespace riskdesk;
using enrich::NetworkIndex;
using enrich::NetworkRange;

namespace {

IpAddress v6(std::uint64_t low, bool edge)
{
    IpAddress ip;
    ip.bytes.fill(edge ? 0xff : 0);
    ip.bytes[0] = edge ? 0xff : 0x20;
    for (std::size_t i = 0; i < 8; ++i)
        ip.bytes[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
    return ip;
}

// Addresses out of a small space, so that ranges meet; some at the very ends of each family.
rc::Gen<IpAddress> address()
{
    return rc::gen::map(rc::gen::tuple(rc::gen::inRange<std::uint32_t>(0, 400), rc::gen::inRange(0, 6)),
                        [](const std::tuple<std::uint32_t, int> &t) {
                            const auto [n, where] = t;
                            switch (where) {
                            case 0: return IpAddress::fromV4(n);
                            case 1: return IpAddress::fromV4(0xffffffffu - n);
                            case 2: return v6(~std::uint64_t{0} - n, true);
                            case 3: return v6(n << 8, false);
                            default: return IpAddress::fromV4(0x0a000000u + n);
                            }
                        });
}

std::vector<std::uint32_t> bruteForce(const std::vector<NetworkRange> &ranges, const IpAddress &ip)
{
    std::vector<std::uint32_t> out;
    for (std::uint32_t i = 0; i < ranges.size(); ++i)
        if (ranges[i].first <= ip && ip <= ranges[i].last && ranges[i].first.isV4() == ip.isV4() &&
            ranges[i].last.isV4() == ip.isV4())
            out.push_back(i);
    std::ranges::stable_sort(out, {}, [&](std::uint32_t i) { return enrich::width(ranges[i]); });
    return out;
}

void agrees(const std::vector<NetworkRange> &ranges, const std::vector<IpAddress> &questions)
{
    const NetworkIndex index(ranges);
    std::vector<std::uint32_t> found;
    const auto check = [&](const IpAddress &ip) {
        if (!ip.isKnown())
            return; // "::" stands for no address
        const auto expected = bruteForce(ranges, ip);
        index.find(ip, found, 1000);
        RC_ASSERT(found == expected);
        RC_ASSERT(index.smallest(ip) == (expected.empty() ? NetworkIndex::none : expected.front()));
    };
    for (const auto &ip : questions)
        check(ip);
    for (const auto &range : ranges) {
        check(range.first);
        check(range.last);
    }
}

} // namespace

class NetworkIndexTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { qputenv("RC_PARAMS", "seed=20261120"); }
    void networksThatNest()
    {
        QVERIFY(rc::check("CIDR blocks", [] {
            const auto bases = *rc::gen::container<std::vector<IpAddress>>(address());
            std::vector<NetworkRange> ranges;
            for (const auto &base : bases) {
                const int bits = *rc::gen::inRange(base.isV4() ? 96 : 0, 129);
                const auto text = base.toString() + "/" + std::to_string(base.isV4() ? bits - 96 : bits);
                if (const auto cidr = Cidr::parse(text))
                    ranges.push_back({cidr->first, cidr->last});
            }
            agrees(ranges, *rc::gen::container<std::vector<IpAddress>>(address()));
        }));
    }
    void rangesThatCross()
    {
        QVERIFY(rc::check("any two addresses", [] {
            const auto ends = *rc::gen::container<std::vector<std::pair<IpAddress, IpAddress>>>(
                rc::gen::pair(address(), address()));
            std::vector<NetworkRange> ranges;
            for (const auto &[a, b] : ends)
                ranges.push_back({a, b}); // some the wrong way round or of two families: never found
            std::erase_if(ranges, [](const NetworkRange &r) { return r.first.isV4() != r.last.isV4(); });
            agrees(ranges, *rc::gen::container<std::vector<IpAddress>>(address()));
        }));
    }
    void aSlash24InsideASlash12GivesBoth()
    {
        const auto wide = Cidr::parse("172.16.0.0/12").value(), narrow = Cidr::parse("172.20.5.0/24").value();
        const std::vector<NetworkRange> ranges = {{wide.first, wide.last}, {narrow.first, narrow.last}};
        const NetworkIndex index(ranges);
        std::vector<std::uint32_t> found;
        index.find(IpAddress::parse("172.20.5.77").value(), found);
        QCOMPARE(found, (std::vector<std::uint32_t>{1, 0}));
        index.find(IpAddress::parse("172.20.6.77").value(), found);
        QCOMPARE(found, (std::vector<std::uint32_t>{0}));
        index.find(IpAddress::parse("172.32.0.0").value(), found);
        QVERIFY(found.empty());
    }
    void aHundredThousandTimesTheSameGivesAtMostTheLimit()
    {
        const auto cidr = Cidr::parse("192.0.2.1").value();
        const std::vector<NetworkRange> ranges(100'000, {cidr.first, cidr.last});
        const NetworkIndex index(ranges);
        std::vector<std::uint32_t> found;
        index.find(cidr.first, found, 3);
        QCOMPARE(found, (std::vector<std::uint32_t>{0, 1, 2}));
    }
};

QTEST_APPLESS_MAIN(NetworkIndexTest)
#include "tst_network_index.moc"

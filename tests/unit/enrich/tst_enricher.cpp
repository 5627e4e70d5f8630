// The enricher puts place files and lists together: narrowest first, every answer naming its list and entry.
#include "core/enrich/enricher.h"
#include "core/enrich/list_reader.h"

#include "tests/support/mmdb_writer.h"
#include "tests/support/places.h"

#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace riskdesk;
using enrich::Enricher;
using test::MmdbValue;
using test::MmdbWriter;

namespace {

IpAddress ip(const char *text)
{
    return IpAddress::parse(text).value();
}

ListEntry network(const char *text, NetworkClass kind = NetworkClass::Unknown, const char *name = "")
{
    const auto cidr = Cidr::parse(text).value();
    ListEntry entry;
    entry.first = cidr.first;
    entry.last = cidr.last;
    entry.indicator = text;
    entry.kind = kind;
    entry.name = name;
    return entry;
}
IntelligenceList named(ListKind kind, const char *name)
{
    IntelligenceList list;
    list.kind = kind;
    list.name = name;
    list.date = Timestamp::fromCivil(2026, 11, 20);
    return list;
}
QStringList indicators(const std::vector<ListMatch> &matches)
{
    QStringList out;
    for (const auto &match : matches)
        out << QString::fromStdString(match.list->name + ":" + match.entry->indicator);
    return out;
}

} // namespace

class EnricherTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    IntelligenceList places(const MmdbWriter &writer, const char *name)
    {
        auto list = named(ListKind::Places, name);
        list.date = {};
        list.path = m_folder.filePath(QString(name) + ".mmdb").toStdString();
        writer.save(list.path);
        return list;
    }

private Q_SLOTS:
    void knowsNothingAtFirst()
    {
        const Enricher enricher;
        const auto facts = enricher.facts(ip("192.0.2.1"), 64500, "PT");
        QVERIFY(!facts.place.isKnown() && facts.anonymizers.empty() && facts.trusted.empty());
        QCOMPARE(facts.asn, 64500u);
        QCOMPARE(facts.networkClass, NetworkClass::Unknown);
        QCOMPARE(enricher.threatAgent("x"), nullptr);
        QVERIFY(enricher.version().empty());
    }
    void aSlash12AroundASlash24GivesBothNarrowestFirst()
    {
        Enricher enricher;
        enricher.addList(named(ListKind::Anonymizer, "a"), {network("172.16.0.0/12", NetworkClass::Hosting)});
        enricher.addList(named(ListKind::Anonymizer, "b"), {network("172.20.5.0/24", NetworkClass::Vpn),
                                                            network("172.20.0.0/16", NetworkClass::Vpn)});
        QCOMPARE(indicators(enricher.facts(ip("172.20.5.1")).anonymizers),
                 (QStringList{"b:172.20.5.0/24", "b:172.20.0.0/16", "a:172.16.0.0/12"}));
        QCOMPARE(enricher.facts(ip("172.20.5.1")).networkClass, NetworkClass::Hosting);
        QVERIFY(enricher.facts(ip("172.32.0.1")).anonymizers.empty());
        QVERIFY(enricher.facts(IpAddress()).anonymizers.empty());
        QCOMPARE(QString::fromStdString(enricher.version()), "a 2026-11-20; b 2026-11-20");
    }
    void kindsAreKeptApart()
    {
        Enricher enricher;
        enricher.addList(named(ListKind::Malware, "m"), {network("192.0.2.1")});
        enricher.addList(named(ListKind::Threat, "t"), {network("2001:db8::/32")});
        const auto v4 = enricher.facts(ip("192.0.2.1")), v6 = enricher.facts(ip("2001:db8::1"));
        QCOMPARE(indicators(v4.malware), QStringList{"m:192.0.2.1"});
        QVERIFY(v4.threats.empty() && v4.anonymizers.empty() && v4.trusted.empty());
        QCOMPARE(indicators(v6.threats), QStringList{"t:2001:db8::/32"});
        QVERIFY(v6.malware.empty());
    }
    void trustByNetworkSystemAndCountry()
    {
        auto list = enrich::readList(test::testData("enrich") / "trusted.csv", ListKind::Trusted);
        QVERIFY(list);
        Enricher enricher;
        enricher.addList(list->list, std::move(list->entries));
        QCOMPARE(indicators(enricher.facts(ip("203.0.113.1")).trusted),
                 QStringList{"trusted:203.0.113.0/24"});
        QVERIFY2(enricher.facts(ip("203.0.113.65")).trusted.empty(),
                 "the guests' network inside the office is not trusted");
        QCOMPARE(indicators(enricher.facts(ip("198.51.100.1"), 64501).trusted),
                 QStringList{"trusted:AS64501"});
        QCOMPARE(indicators(enricher.facts(ip("198.51.100.1"), 0, "PT").trusted), QStringList{"trusted:pt"});
        QVERIFY(enricher.facts(ip("198.51.100.1"), 1, "DE").trusted.empty());
        QCOMPARE(indicators(enricher.facts(ip("203.0.113.1"), 64501, "PT").trusted),
                 (QStringList{"trusted:203.0.113.0/24", "trusted:AS64501", "trusted:pt"}));
    }
    void theFirstFileThatKnowsAnswers()
    {
        MmdbWriter v4(4, 24, "Four"), v6(6, 28, "Six"), second(4, 32, "Second");
        v4.insert("192.0.2.0/24", MmdbValue::map({{"city", "Porto"}, {"country_code", "PT"}}));
        v6.insert("2001:db8::/32", MmdbValue::map({{"city", "Oslo"}, {"country_code", "NO"}}));
        second.insert("192.0.2.0/24", MmdbValue::map({{"city", "Wrong"}, {"country_code", "XK"}}));
        second.insert("198.51.100.0/24", MmdbValue::map({{"city", "Turku"}, {"country_code", "FI"}}));
        Enricher enricher;
        QVERIFY(enricher.addPlaces(places(v4, "v4")));
        QVERIFY(enricher.addPlaces(places(v6, "v6")));
        QVERIFY(enricher.addPlaces(places(second, "second")));
        QCOMPARE(enricher.facts(ip("192.0.2.1")).place.city, std::string("Porto"));
        QCOMPARE(enricher.facts(ip("2001:db8::1")).place.city, std::string("Oslo"));
        QCOMPARE(enricher.facts(ip("198.51.100.1")).place.city, std::string("Turku"));
        QVERIFY(!enricher.facts(ip("203.0.113.1")).place.isKnown());
        QVERIFY(enricher.version().starts_with("v4 2026-"));
    }
    void aBrokenFileIsRefusedByNameAndTheRestStays()
    {
        MmdbWriter good(4, 24, "Good");
        good.insert("192.0.2.0/24", MmdbValue::map({{"country_code", "PT"}}));
        Enricher enricher;
        QVERIFY(enricher.addPlaces(places(good, "good")));
        auto missing = named(ListKind::Places, "missing");
        missing.path = m_folder.filePath("missing.mmdb").toStdString();
        const auto refused = enricher.addPlaces(missing);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, Code::NotFound);
        QCOMPARE(refused.error().subject, missing.path);
        QCOMPARE(enricher.facts(ip("192.0.2.1")).place.country, std::string("PT"));
        QVERIFY(enricher.version().find("missing") == std::string::npos);
    }
    void systemsNameOrganisationsAndSatellites()
    {
        auto list = enrich::readList(test::testData("enrich") / "systems.csv", ListKind::Asn);
        QVERIFY(list);
        Enricher enricher;
        enricher.addList(list->list, std::move(list->entries));
        const auto facts = enricher.facts(ip("1.0.0.77"));
        QCOMPARE(facts.asn, 64500u);
        QCOMPARE(facts.organisation, std::string("Example, Inc."));
        QCOMPARE(enricher.facts(ip("2001:db8:5::1")).organisation, std::string("Six Net"));
        QCOMPARE(enricher.facts(ip("1.0.1.0")).asn, 0u);
        const auto own = enricher.facts(ip("1.0.0.77"), 64501);
        QCOMPARE(own.asn, 64501u);
        QCOMPARE(own.organisation, std::string("Gamma Pty"));
        QVERIFY(enricher.facts(ip("1.0.0.77"), 64999).organisation.empty());
        QCOMPARE(enricher.facts(ip("1.0.0.77"), 22351).networkClass, NetworkClass::Satellite);
        QCOMPARE(enricher.facts(ip("1.0.0.77"), 22352).networkClass, NetworkClass::Unknown);
    }
    void carriersAreMobile()
    {
        Enricher enricher;
        MmdbWriter writer(6, 28, "Test-Connection-Type");
        writer.insert("192.0.2.0/25", MmdbValue::map({{"connection_type", "Cellular"}}));
        writer.insert("192.0.2.128/25", MmdbValue::map({{"connection_type", "Cable/DSL"}, {"mnc", "01"}}));
        QVERIFY(enricher.addPlaces(places(writer, "access")));
        auto system = network("198.51.100.0/24");
        system.first = system.last = {};
        system.asn = 64777;
        auto rented = network("203.0.113.8/29", NetworkClass::Hosting);
        enricher.addList(named(ListKind::Mobile, "carriers"), {network("203.0.113.0/24"), system});
        enricher.addList(named(ListKind::Anonymizer, "hosts"), {rented});
        const auto classOf = [&](const char *address, std::uint32_t asn = 0) {
            return enricher.facts(ip(address), asn, "").networkClass;
        };
        QCOMPARE(classOf("192.0.2.1"), NetworkClass::Mobile);
        QCOMPARE(classOf("192.0.2.129"), NetworkClass::Unknown);
        QCOMPARE(classOf("203.0.113.1"), NetworkClass::Mobile);
        QCOMPARE(classOf("203.0.113.9"), NetworkClass::Hosting);
        QCOMPARE(classOf("198.51.100.1"), NetworkClass::Unknown);
        QCOMPARE(classOf("198.51.100.1", 64777), NetworkClass::Mobile);
        QCOMPARE(classOf("203.0.113.1", 14593), NetworkClass::Satellite);
    }
    void anonymousFlagsBecomeMatches()
    {
        MmdbWriter writer(6, 24, "Anonymous");
        writer.insert("192.0.2.0/25", MmdbValue::map({{"is_anonymous", true},
                                                      {"is_tor_exit_node", true},
                                                      {"is_hosting_provider", true}}));
        Enricher enricher;
        QVERIFY(enricher.addPlaces(places(writer, "anonymous")));
        enricher.addList(named(ListKind::Anonymizer, "list"), {network("192.0.2.0/24", NetworkClass::Vpn),
                                                               network("192.0.2.9", NetworkClass::Tor)});
        const auto facts = enricher.facts(ip("192.0.2.9"));
        QCOMPARE(indicators(facts.anonymizers), (QStringList{"list:192.0.2.9", "anonymous:192.0.2.0/25",
                                                             "anonymous:192.0.2.0/25", "list:192.0.2.0/24"}));
        QCOMPARE(facts.anonymizers[1].entry->kind, NetworkClass::Tor);
        QCOMPARE(facts.anonymizers[2].entry->kind, NetworkClass::Hosting);
        QCOMPARE(facts.anonymizers[1].entry->last, ip("192.0.2.127"));
        QCOMPARE(facts.networkClass, NetworkClass::Hosting);
        // The entries stay where they are, whoever asks.
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (std::uint32_t i = 0; i < 200; ++i)
                    if (enricher.facts(IpAddress::fromV4(0xc0000200u + i % 128)).anonymizers.empty())
                        std::abort();
            });
        threads.clear();
        QCOMPARE(enricher.facts(ip("192.0.2.10")).anonymizers[0].entry, facts.anonymizers[1].entry);
    }
    void threatAgents()
    {
        auto threats = enrich::readList(test::testData("enrich") / "bundle.json", ListKind::Threat);
        QVERIFY(threats);
        Enricher enricher;
        enricher.addList(threats->list, std::move(threats->entries));
        const auto *match = enricher.threatAgent("EvilClient/2.0");
        QVERIFY(match != nullptr);
        QCOMPARE(match->entry->name, std::string("Agent"));
        QCOMPARE(match->list->name, std::string("bundle"));
        QCOMPARE(enricher.threatAgent("EvilClient/2.0 "), nullptr);
        QVERIFY2(enricher.threatAgent("Evil's Client") == nullptr,
                 "it counts only together with its network");
        QCOMPARE(indicators(enricher.facts(ip("198.51.100.9")).threats),
                 QStringList{"bundle:198.51.100.0/24 AND Evil's Client"});
    }
    void aSystemOnAThreatListIsFoundByTheEventsOwnNumber()
    {
        ListEntry entry;
        entry.asn = 64510;
        entry.indicator = "AS64510";
        Enricher enricher;
        enricher.addList(named(ListKind::Threat, "t"), {entry});
        QCOMPARE(indicators(enricher.facts(ip("192.0.2.1"), 64510).threats), QStringList{"t:AS64510"});
        QVERIFY(enricher.facts(ip("192.0.2.1"), 64511).threats.empty());
    }
    void oneAddressListedAThousandTimesGivesAFew()
    {
        Enricher enricher;
        enricher.addList(named(ListKind::Malware, "m"), std::vector<ListEntry>(1000, network("192.0.2.1")));
        QCOMPARE(enricher.facts(ip("192.0.2.1")).malware.size(), std::size_t{64});
    }
};

QTEST_GUILESS_MAIN(EnricherTest)
#include "tst_enricher.moc"

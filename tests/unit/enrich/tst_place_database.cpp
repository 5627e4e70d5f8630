// Place files answer in both schemas, every record size and both address families; damaged ones are refused
// by name.
#include "core/enrich/place_database.h"

#include "tests/support/mmdb_writer.h"
#include "tests/support/shared_data.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>

using namespace riskdesk;
using enrich::PlaceAnswer;
using enrich::PlaceDatabase;
using test::MmdbValue;
using test::MmdbWriter;

namespace {

MmdbValue nestedLisbon()
{
    return MmdbValue::map(
        {{"city", MmdbValue::map({{"names", MmdbValue::map({{"de", "Lissabon"}, {"en", "Lisbon"}})}})},
         {"country", MmdbValue::map({{"iso_code", "PT"}})},
         {"subdivisions",
          MmdbValue::array({MmdbValue::map({{"names", MmdbValue::map({{"en", "Lisboa"}})}})})},
         {"location",
          MmdbValue::map(
              {{"latitude", 38.7167}, {"longitude", -9.1333}, {"accuracy_radius", MmdbValue::uint16(20)}})}});
}
MmdbValue flatHanoi()
{
    return MmdbValue::map({{"city", "Hanoi"},
                           {"country_code", "VN"},
                           {"state1", "Ha Noi"},
                           {"postcode", ""},
                           {"latitude", MmdbValue::real32(21.0245f)},
                           {"longitude", MmdbValue::real32(105.8412f)}});
}
IpAddress ip(const char *text)
{
    return IpAddress::parse(text).value();
}

} // namespace

class PlaceDatabaseTest : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::filesystem::path file(const std::string &name) const
    {
        return m_folder.filePath(QString::fromStdString(name)).toStdString();
    }
    std::filesystem::path write(const std::string &bytes) const
    {
        std::ofstream(file("broken.mmdb"), std::ios::binary | std::ios::trunc)
            .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        return file("broken.mmdb");
    }

private Q_SLOTS:
    void tellsMobileCarriers_data()
    {
        QTest::addColumn<int>("record");
        QTest::addColumn<bool>("mobile");
        QTest::newRow("Connection-Type: Cellular") << 0 << true;
        QTest::newRow("Connection-Type: Cable/DSL") << 1 << false;
        QTest::newRow("Enterprise: traits.connection_type") << 2 << true;
        QTest::newRow("Enterprise: traits.user_type") << 3 << true;
        QTest::newRow("Enterprise: a business behind a cable, codes of its provider") << 4 << false;
        QTest::newRow("ISP: codes of a mobile network") << 5 << true;
        QTest::newRow("IPinfo: carrier codes") << 6 << true;
        QTest::newRow("IPinfo: is_mobile") << 7 << true;
        QTest::newRow("IPinfo: not mobile") << 8 << false;
        QTest::newRow("a number where a word should be") << 9 << false;
    }
    void tellsMobileCarriers()
    {
        using V = MmdbValue;
        const auto traits = [](V::Fields fields) { return V::map({{"traits", V::map(std::move(fields))}}); };
        const V records[] = {
            V::map({{"connection_type", "Cellular"}}),
            V::map({{"connection_type", "Cable/DSL"}}),
            traits({{"connection_type", "Cellular"}, {"is_satellite_provider", false}}),
            traits({{"user_type", "cellular"}}),
            traits(
                {{"user_type", "business"}, {"connection_type", "Cable/DSL"}, {"mobile_network_code", "01"}}),
            V::map({{"autonomous_system_number", V::uint32(64777)},
                    {"mobile_country_code", "310"},
                    {"mobile_network_code", "260"}}),
            V::map({{"carrier", "Example Mobile"}, {"mcc", "310"}, {"mnc", "260"}}),
            V::map({{"is_mobile", true}}),
            V::map({{"is_mobile", false}}),
            V::map({{"connection_type", V::uint32(3)}})};
        QFETCH(int, record);
        MmdbWriter writer(6, 28, "Test");
        writer.insert("192.0.2.0/24", records[record]);
        writer.save(file("access.mmdb"));
        const auto database = PlaceDatabase::open(file("access.mmdb"));
        QVERIFY2(database, database ? "" : database.error().detail.c_str());
        PlaceAnswer answer;
        const bool known = database->lookup(ip("192.0.2.1"), answer);
        QTEST(answer.mobile, "mobile");
        QVERIFY(known || !answer.mobile);
    }
    void answers_data()
    {
        QTest::addColumn<int>("ipVersion");
        QTest::addColumn<int>("recordSize");
        for (const int version : {4, 6})
            for (const int size : {24, 28, 32})
                QTest::addRow("IPv%d, records of %d bits", version, size) << version << size;
    }
    void answers()
    {
        QFETCH(int, ipVersion);
        QFETCH(int, recordSize);
        MmdbWriter writer(ipVersion, recordSize, "Test-City");
        writer.insert("192.0.2.0/24", nestedLisbon());
        writer.insert("198.51.100.0/25", flatHanoi());
        if (ipVersion == 6)
            writer.insert("2001:db8:5::/48", nestedLisbon());
        writer.save(file("city.mmdb"));
        const auto database = PlaceDatabase::open(file("city.mmdb"));
        QVERIFY2(database, database ? "" : database.error().detail.c_str());
        QCOMPARE(database->type(), std::string("Test-City"));
        QCOMPARE(database->built().us, std::int64_t{1'780'000'000'000'000});
        QVERIFY(database->hasPlaces() && !database->hasSystems() && !database->hasAnonymizers());

        PlaceAnswer answer;
        QVERIFY(database->lookup(ip("192.0.2.200"), answer));
        QCOMPARE(answer.place.city, std::string("Lisbon"));
        QCOMPARE(answer.place.state, std::string("Lisboa"));
        QCOMPARE(answer.place.country, std::string("PT"));
        QCOMPARE(answer.place.latitude, 38.7167);
        QCOMPARE(answer.place.longitude, -9.1333);
        QCOMPARE(answer.place.radiusKm, 20.0);
        QCOMPARE(answer.bits, 96 + 24);
        QVERIFY(database->lookup(ip("198.51.100.1"), answer));
        QCOMPARE(answer.place.city, std::string("Hanoi"));
        QCOMPARE(answer.place.state, std::string("Ha Noi"));
        QCOMPARE(answer.place.country, std::string("VN"));
        QVERIFY(std::abs(answer.place.latitude - 21.0245) < 0.0001);
        QCOMPARE(answer.place.radiusKm, 0.0);
        QVERIFY(!database->lookup(ip("198.51.100.128"), answer));
        QVERIFY(!database->lookup(ip("203.0.113.1"), answer));
        QVERIFY(!database->lookup(IpAddress(), answer));
        QCOMPARE(database->lookup(ip("2001:db8:5::1"), answer), ipVersion == 6);
    }
    void badFieldsStayEmpty()
    {
        MmdbWriter writer(4, 24, "Odd");
        writer.insert(
            "192.0.2.0/32",
            MmdbValue::map(
                {{"city", "Nowhere"}, {"country_code", "ZZ"}, {"latitude", 0.0}, {"longitude", 0.0}}));
        writer.insert(
            "192.0.2.1/32",
            MmdbValue::map({{"country_code", "pt"}, {"latitude", 1e308}, {"longitude", std::nan("")}}));
        writer.insert("192.0.2.2/32", MmdbValue::map({{"country_code", MmdbValue::uint32(7)},
                                                      {"city", MmdbValue::map({{"names", "text"}})}}));
        writer.insert("192.0.2.3/32",
                      MmdbValue::map({{"city", std::string(5000, 'x')}, {"country_code", "PT"}}));
        writer.save(file("odd.mmdb"));
        const auto database = PlaceDatabase::open(file("odd.mmdb"));
        QVERIFY(database);
        PlaceAnswer answer;
        QVERIFY(database->lookup(ip("192.0.2.0"), answer));
        QVERIFY(answer.place.country.empty() && !answer.place.hasCoordinates());
        QVERIFY(database->lookup(ip("192.0.2.1"), answer));
        QCOMPARE(answer.place.country, std::string("PT"));
        QVERIFY(!answer.place.hasCoordinates());
        QVERIFY(!database->lookup(ip("192.0.2.2"), answer));
        QVERIFY(database->lookup(ip("192.0.2.3"), answer));
        QVERIFY(answer.place.city.size() < 300);
    }
    void systemsAndAnonymizers()
    {
        MmdbWriter writer(6, 24, "Test-Anonymous");
        writer.insert("192.0.2.0/24", MmdbValue::map({{"is_anonymous", true},
                                                      {"is_tor_exit_node", true},
                                                      {"is_hosting_provider", true}}));
        writer.insert("198.51.100.0/24",
                      MmdbValue::map({{"autonomous_system_number", MmdbValue::uint32(64500)},
                                      {"autonomous_system_organization", "Example Net"}}));
        writer.insert("203.0.113.0/24",
                      MmdbValue::map({{"is_anonymous", true}, {"is_anonymous_vpn", false}}));
        writer.save(file("flags.mmdb"));
        const auto database = PlaceDatabase::open(file("flags.mmdb"));
        QVERIFY(database && database->hasSystems() && database->hasAnonymizers() && !database->hasPlaces());
        PlaceAnswer answer;
        QVERIFY(database->lookup(ip("192.0.2.9"), answer));
        QCOMPARE(answer.anonymizers, (std::vector{NetworkClass::Tor, NetworkClass::Hosting}));
        QVERIFY(database->lookup(ip("198.51.100.9"), answer));
        QCOMPARE(answer.asn, 64500u);
        QCOMPARE(answer.organisation, std::string("Example Net"));
        QVERIFY(!database->lookup(ip("203.0.113.9"), answer));
    }
    void refusesOtherFiles()
    {
        QCOMPARE(PlaceDatabase::open(file("missing.mmdb")).error().code, Code::NotFound);
        QCOMPARE(PlaceDatabase::open(m_folder.path().toStdString()).error().code, Code::Unrecognised);
        QCOMPARE(PlaceDatabase::open(write("")).error().code, Code::Malformed);
        QCOMPARE(PlaceDatabase::open(write("this is no database")).error().code, Code::Malformed);
        MmdbWriter strange(4, 24, "Strange");
        strange.insert("192.0.2.0/24", MmdbValue::map({{"weather", "rain"}}));
        strange.save(file("strange.mmdb"));
        const auto refused = PlaceDatabase::open(file("strange.mmdb"));
        QCOMPARE(refused.error().code, Code::Unrecognised);
        QCOMPARE(refused.error().subject, file("strange.mmdb").string());
    }
    // Every single byte of a small file, changed: it is refused or it answers, and nothing else happens.
    void survivesAnyDamage()
    {
        MmdbWriter writer(6, 28, "Test-City");
        writer.insert("192.0.2.0/24", nestedLisbon());
        writer.insert("2001:db8:5::/48", flatHanoi());
        const auto good = writer.bytes();
        int refused = 0;
        const auto attempt = [&](const std::string &bytes) {
            const auto database = PlaceDatabase::open(write(bytes));
            refused += !database;
            PlaceAnswer answer;
            for (const char *address : {"192.0.2.1", "2001:db8:5::1", "203.0.113.7", "::1"})
                if (database)
                    (void)database->lookup(ip(address), answer);
        };
        for (std::size_t i = 0; i < good.size(); ++i) {
            const char values[] = {'\0', '\xff', static_cast<char>(good[i] ^ 0x20)};
            auto bytes = good;
            bytes[i] = values[i % 3];
            attempt(bytes);
        }
        for (std::size_t size = 0; size < good.size(); size += 7)
            attempt(good.substr(0, size));
        QVERIFY(refused > 100);
    }
    void refusesDamageByName_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<int>("offset");
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("a double of seven bytes") << QByteArray("latitude") << 8 << QByteArray("\x67");
        QTest::newRow("a branch that leads past the file") << QByteArray() << 0 << QByteArray("\xff\xff\xff");
        QTest::newRow("more nodes than there are") << QByteArray("node_count") << 11 << QByteArray("\xff");
        QTest::newRow("a text longer than the file")
            << QByteArray("iso_code") << 8 << QByteArray("\x5f\xff\xff\xff");
        QTest::newRow("nodes of an odd size") << QByteArray("record_size") << 12 << QByteArray("\x19");
        QTest::newRow("an address family of its own") << QByteArray("ip_version") << 11 << QByteArray("\x05");
    }
    void refusesDamageByName()
    {
        QFETCH(QByteArray, before);
        QFETCH(int, offset);
        QFETCH(QByteArray, bytes);
        MmdbWriter writer(4, 24, "Test-City");
        writer.insert("0.0.0.0/1", nestedLisbon());
        auto damaged = writer.bytes();
        QVERIFY(PlaceDatabase::open(write(damaged)));
        const auto at = damaged.find(before.toStdString()) + static_cast<std::size_t>(offset);
        damaged.replace(at, static_cast<std::size_t>(bytes.size()), bytes.toStdString());
        const auto refused = PlaceDatabase::open(write(damaged));
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, Code::Malformed);
        QVERIFY(refused.error().subject.ends_with("broken.mmdb"));
        QVERIFY(!refused.error().detail.empty());
    }
    void refusesKnownDamage_data()
    {
        QTest::addColumn<QString>("name");
        for (const char *name :
             {"GeoIP2-City-Test-Broken-Double-Format.mmdb", "GeoIP2-City-Test-Invalid-Node-Count.mmdb",
              "MaxMind-DB-test-broken-pointers-24.mmdb", "MaxMind-DB-test-broken-search-tree-24.mmdb"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void refusesKnownDamage()
    {
        SKIP_WITHOUT_SHARED("ip-intel/mmdb-test");
        QFETCH(QString, name);
        const auto path = test::sharedData("ip-intel/mmdb-test") / name.toStdString();
        const auto database = PlaceDatabase::open(path);
        QVERIFY(!database);
        QCOMPARE(database.error().code, Code::Malformed);
        QCOMPARE(database.error().subject, path.string());
        QVERIFY(!database.error().detail.empty());
    }
    void readsKnownFiles()
    {
        SKIP_WITHOUT_SHARED("ip-intel/mmdb-test");
        const auto folder = test::sharedData("ip-intel/mmdb-test");
        PlaceAnswer answer;
        const auto city = PlaceDatabase::open(folder / "GeoIP2-City-Test.mmdb");
        QVERIFY(city && city->lookup(ip("81.2.69.142"), answer));
        QCOMPARE(answer.place.city, std::string("London"));
        QCOMPARE(answer.place.country, std::string("GB"));
        const auto systems = PlaceDatabase::open(folder / "GeoLite2-ASN-Test.mmdb");
        QVERIFY(systems && systems->lookup(ip("1.128.0.1"), answer));
        QCOMPARE(answer.asn, 1221u);
        const auto anonymous = PlaceDatabase::open(folder / "GeoIP2-Anonymous-IP-Test.mmdb");
        QVERIFY(anonymous && anonymous->lookup(ip("1.2.0.1"), answer));
        QVERIFY(std::ranges::find(answer.anonymizers, NetworkClass::Vpn) != answer.anonymizers.end());
    }
};

// libmaxminddb 1.7.1 forgets five kilobytes inside MMDB_open when it refuses damaged metadata; only the leak
// sanitizer asks.
extern "C" const char *__lsan_default_suppressions();
extern "C" const char *__lsan_default_suppressions()
{
    return "leak:libmaxminddb.so";
}

QTEST_GUILESS_MAIN(PlaceDatabaseTest)
#include "tst_place_database.moc"

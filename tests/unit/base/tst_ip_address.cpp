// Addresses and networks: what is read, how it is written, what belongs to what.
#ifndef Q_MOC_RUN
#include "core/base/ip_address.h"
#endif

#include <QTest>

#include <arpa/inet.h>

#include <random>
#include <string>

using namespace riskdesk;

class IpAddressTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void readsAndWrites_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("written"); // empty: refused
        QTest::newRow("IPv4") << "192.0.2.7"
                              << "192.0.2.7";
        QTest::newRow("IPv4 in IPv6") << "::ffff:192.0.2.7"
                                      << "192.0.2.7";
        QTest::newRow("IPv6 is shortened once") << "2001:DB8:0:0:1:0:0:1"
                                                << "2001:db8::1:0:0:1";
        QTest::newRow("loopback") << "::1"
                                  << "::1";
        QTest::newRow("leading zero") << "192.0.02.7"
                                      << "";
        QTest::newRow("too large") << "192.0.2.256"
                                   << "";
        QTest::newRow("a port") << "192.0.2.7:443"
                                << "";
        QTest::newRow("a zone") << "fe80::1%eth0"
                                << "";
        QTest::newRow("a space") << " 192.0.2.7"
                                 << "";
        QTest::newRow("nothing") << ""
                                 << "";
    }
    void readsAndWrites()
    {
        QFETCH(QString, text);
        QFETCH(QString, written);
        const auto ip = IpAddress::parse(text.toStdString());
        QCOMPARE(ip.has_value(), !written.isEmpty());
        if (ip)
            QCOMPARE(QString::fromStdString(ip->toString()), written);
    }
    // IPv4 is read by ourselves, for speed; the C library says what is right.
    void readsIPv4LikeTheLibrary()
    {
        std::mt19937 random(2026);
        constexpr std::string_view pieces[] = {".",  "0",    "1", "25", "255", "256",
                                               "00", "9999", " ", "x",  "-"};
        int right = 0;
        for (int i = 0; i < 100000; ++i) {
            std::string text = std::to_string(random() % 256);
            for (int part = 1; part < 4; ++part)
                text += '.' + std::to_string(random() % 256);
            for (auto edits = random() % 3; edits > 0; --edits)
                text.replace(random() % text.size(), random() % 3, pieces[random() % std::size(pieces)]);
            if (text.empty())
                continue;
            in_addr expected;
            const bool isRight = inet_pton(AF_INET, text.c_str(), &expected) == 1;
            const auto ip = IpAddress::parse(text);
            QVERIFY2(ip.has_value() == isRight, text.c_str());
            QVERIFY2(!ip || ip->v4() == ntohl(expected.s_addr), text.c_str());
            right += isRight ? 1 : 0;
        }
        QVERIFY(right > 20000 && right < 80000);
    }
    void networks_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("written");
        QTest::addColumn<QString>("inside");
        QTest::addColumn<QString>("outside");
        QTest::newRow("IPv4 /24") << "192.0.2.7/24"
                                  << "192.0.2.0/24"
                                  << "192.0.2.255"
                                  << "192.0.3.0";
        QTest::newRow("IPv4 /0 is no IPv6") << "0.0.0.0/0"
                                            << "0.0.0.0/0"
                                            << "255.1.2.3"
                                            << "2001:db8::1";
        QTest::newRow("IPv6 /32") << "2001:db8::/32"
                                  << "2001:db8::/32"
                                  << "2001:db8:ffff::1"
                                  << "2001:db9::";
        QTest::newRow("all of IPv6") << "::/0"
                                     << "::/0"
                                     << "2001:db8::1"
                                     << "";
        QTest::newRow("a bare address") << "192.0.2.7"
                                        << "192.0.2.7/32"
                                        << "192.0.2.7"
                                        << "192.0.2.8";
        QTest::newRow("too long") << "192.0.2.0/33"
                                  << ""
                                  << ""
                                  << "";
        QTest::newRow("no number") << "192.0.2.0/x"
                                   << ""
                                   << ""
                                   << "";
    }
    void networks()
    {
        QFETCH(QString, text);
        QFETCH(QString, written);
        QFETCH(QString, inside);
        QFETCH(QString, outside);
        const auto network = Cidr::parse(text.toStdString());
        QCOMPARE(network.has_value(), !written.isEmpty());
        if (!network)
            return;
        QCOMPARE(QString::fromStdString(network->toString()), written);
        QVERIFY(network->contains(*IpAddress::parse(inside.toStdString())));
        QVERIFY(outside.isEmpty() || !network->contains(*IpAddress::parse(outside.toStdString())));
    }
};

QTEST_APPLESS_MAIN(IpAddressTest)
#include "tst_ip_address.moc"

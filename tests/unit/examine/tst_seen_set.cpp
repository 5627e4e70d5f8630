// Event keys are told apart, also the invented ones that repeat a digit, and met ones are known again.
#ifndef Q_MOC_RUN // moc 6.4 stumbles over <compare>
#include "core/examine/encoder.h"
#include "core/examine/seen_set.h"
#endif

#include <QTest>

using namespace riskdesk;

class SeenSetTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tellsRepeatedDigitsApart()
    {
        run::SeenSet seen;
        for (int round = 0; round < 2; ++round)
            for (const char digit : std::string("0123456789abcdef")) {
                EventKey key;
                std::string guid = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
                for (auto &c : guid)
                    c = c == 'x' ? digit : c;
                QVERIFY(run::parseGuid(guid, key));
                QCOMPARE(seen.insert(key), round == 0);
            }
    }
    void tellsNeighboursApart()
    {
        run::SeenSet seen;
        for (int round = 0; round < 2; ++round)
            for (unsigned i = 0; i < 100000; ++i) {
                EventKey key{};
                key[3] = static_cast<std::uint8_t>(i);
                key[9] = static_cast<std::uint8_t>(i >> 8);
                key[15] = static_cast<std::uint8_t>(i >> 16);
                QCOMPARE(seen.insert(key), round == 0);
            }
    }
};

QTEST_APPLESS_MAIN(SeenSetTest)
#include "tst_seen_set.moc"

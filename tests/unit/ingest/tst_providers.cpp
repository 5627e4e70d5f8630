// The providers side by side: no format is two providers' own, and each can be named and found again.
#include "core/base/text.h"
#include "core/ingest/name_table.h"
#include "core/ingest/not_read.h"
#include "core/ingest/providers/providers.h"

#include <QtTest>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

using namespace riskdesk;
using namespace riskdesk::ingest;

namespace {

std::vector<Format> allFormats()
{
    std::vector<Format> all;
    for (std::uint8_t p = 0; p < providers().size(); ++p)
        for (std::uint8_t row = 0; row < providers()[p]->formats().size(); ++row)
            all.push_back({p, row});
    return all;
}

} // namespace

class Providers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyFormatRoundTripsThroughText()
    {
        QVERIFY(allFormats().size() >= 12);
        for (const auto &format : allFormats()) {
            QVERIFY(!displayName(format).empty());
            QVERIFY2(formatFromText(toText(format)) == format, std::string(toText(format)).c_str());
        }
        QVERIFY(!formatFromText("noSuchFormat"));
        QVERIFY(!formatFromText(""));
    }

    void noTwoProvidersClaimTheSameFormat()
    {
        const auto all = allFormats();
        for (std::size_t i = 0; i < all.size(); ++i)
            for (std::size_t j = 0; j < i; ++j) {
                QVERIFY2(!equalsIgnoringCase(toText(all[i]), toText(all[j])),
                         std::string(toText(all[i])).c_str());
                QVERIFY2(displayName(all[i]) != displayName(all[j]),
                         std::string(displayName(all[i])).c_str());
            }
    }

    // What a provider reads would otherwise be refused as soon as the order of asking changed.
    void nobodyClaimsNothing()
    {
        const Members nothing("{}");
        for (const auto *provider : providers()) {
            QVERIFY(!provider->ofRecord(nothing));
            QVERIFY(!provider->ofHeader({}, Layout::Csv));
            QVERIFY(!provider->ofHeader({"a", "b"}, Layout::Rows));
            QVERIFY(!provider->ofEmptyPage("{}"));
            QCOMPARE(provider->meaningOf(0, "").kind, Meaning::Kind::Ignored);
        }
        QVERIFY(notReadRecord(nothing).empty());
    }

    void aNameMeansSomethingWhereItStands()
    {
        static constexpr auto first =
            std::to_array<Name>({{0, "id", {.kind = Meaning::Kind::Text, .slot = 1}},
                                 {2, "id", {.kind = Meaning::Kind::Text, .slot = 2}}});
        static constexpr auto second =
            std::to_array<Name>({{0, "status", {.kind = Meaning::Kind::Object, .place = 2}}});
        const NameTable table{first, second};
        QCOMPARE(table.find(0, "id").slot, Slot(1));
        QCOMPARE(table.find(2, "ID").slot, Slot(2));
        QCOMPARE(table.find(1, "id").kind, Meaning::Kind::Ignored);
        QCOMPARE(table.find(0, "Status").place, Place(2));
        QCOMPARE(table.find(0, "sTATUS").kind, Meaning::Kind::Object);
        QCOMPARE(table.find(0, "").kind, Meaning::Kind::Ignored);
        QCOMPARE(table.find(0, "statux").kind, Meaning::Kind::Ignored);
    }
};

QTEST_APPLESS_MAIN(Providers)
#include "tst_providers.moc"

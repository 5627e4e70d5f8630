// Evidence: what is written is read again, member by member, and what does not fit is left out.
#include "core/domain/evidence.h"

#include "tests/support/facts.h"

#include <QTest>

using namespace riskdesk;

namespace {

// Gives every member a value of its own, none of them the default.
class Filler
{
public:
    template <typename T>
    void operator()(std::string_view, std::optional<T> &value)
    {
        value.emplace();
        (*this)({}, *value);
    }
    template <typename T>
    void operator()(std::string_view, T &value)
    {
        ++m_next;
        if constexpr (std::is_same_v<T, std::string>)
            value = "text " + std::to_string(m_next);
        else if constexpr (std::is_same_v<T, Timestamp>)
            value = Timestamp{m_next * 1'000'003};
        else if constexpr (std::is_same_v<T, bool>)
            value = !value;
        else if constexpr (std::is_enum_v<T>)
            value = static_cast<T>(static_cast<int>(value) + 1);
        else
            value = static_cast<T>(m_next * 2 + 1);
    }

private:
    std::int64_t m_next = 0;
};

template <typename Facts>
Evidence filled()
{
    Facts facts;
    Facts::visit(facts, Filler());
    Evidence evidence;
    evidence.facts = facts;
    return evidence;
}

// Of the struct that belongs to the type.
Evidence filled(DetectionType type)
{
    return std::visit(
        []<typename Facts>(const Facts &) {
            if constexpr (requires { Facts::type; })
                return filled<Facts>();
            else
                return Evidence();
        },
        noFacts(type));
}

} // namespace

class EvidenceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyMemberComesBack_data()
    {
        QTest::addColumn<int>("type");
        for (const auto &type : detectionTypes())
            QTest::newRow(type.key.data()) << int(type.value);
        QTest::newRow("reported") << int(DetectionType::Other);
    }
    void everyMemberComesBack()
    {
        QFETCH(int, type);
        auto written = filled(static_cast<DetectionType>(type));
        written.signals.push_back(
            {"asn", "AS1 (2)", "AS3", SignalResult::New, 4.5, SignalCounts{1, 2, 3, 4, 5, 6}});
        written.decidedAt = Timestamp{77};
        written.notFoundSince = Timestamp{78};
        written.additionalInfo = "[{\"Key\":\"a\"}]";
        const auto json = written.toJson();
        const auto read = Evidence::fromJson(static_cast<DetectionType>(type), json);
        QVERIFY(read.has_value());
        QCOMPARE(read->facts.index(), written.facts.index());
        QCOMPARE(read->toJson(), json);
        QCOMPARE(read->decidedAt->us, 77);
        QCOMPARE(read->notFoundSince->us, 78);
        // No two members have the same name.
        auto facts = written.listed();
        std::sort(facts.begin(), facts.end(), [](const Fact &a, const Fact &b) { return a.key < b.key; });
        for (std::size_t i = 1; i < facts.size(); ++i)
            QVERIFY2(facts[i].key != facts[i - 1].key, facts[i].key.c_str());
        // What cannot be a member's value, or is nobody's name, is left out.
        auto foreign = json;
        for (const auto &[from, to] :
             {std::pair(R"("i":)", R"("s":"x","j":)"), {R"("k":")", R"("k":"old)"}}) {
            foreign = json;
            for (auto at = foreign.find(from); at != std::string::npos; at = foreign.find(from, at + 9))
                foreign.replace(at, std::string_view(from).size(), to);
            QVERIFY(Evidence::fromJson(static_cast<DetectionType>(type), foreign).has_value());
        }
        QCOMPARE(Evidence::fromJson(static_cast<DetectionType>(type), foreign)->facts.index(),
                 std::size_t{0});
    }
    void aCampaignComesBack()
    {
        CampaignFacts written;
        CampaignFacts::visit(written, Filler());
        CampaignFacts read;
        read.readJson(written.toJson());
        QCOMPARE(read.toJson(), written.toJson());
        QCOMPARE(read.rule, SprayRule::SingleSourceDay);
        read.readJson("{");
        QCOMPARE(read.toJson(), written.toJson());
    }
    // As the first version wrote it.
    void anOlderStoreIsRead()
    {
        const auto read = Evidence::fromJson(
            DetectionType::UnlikelyTravel,
            "{\"facts\":[{\"k\":\"distanceKm\",\"d\":11393.25},{\"k\":\"historyDays\",\"i\":30},"
            "{\"k\":\"limitKmh\",\"i\":900},{\"k\":\"fromTime\",\"t\":1773842760000000},"
            "{\"k\":\"fromIp\",\"s\":\"\"},{\"k\":\"fromAsn\",\"i\":-4},{\"k\":\"toAsn\",\"i\":64500},"
            "{\"k\":\"fromNetworkClass\",\"s\":\"mobile\"},{\"k\":\"toNetworkClass\",\"s\":\"carrier "
            "pigeon\"},"
            "{\"k\":\"unfamiliarEnd\",\"s\":\"both\"},{\"k\":\"toCountryKnown\",\"b\":true}],\"signals\":[]"
            "}");
        QVERIFY(read.has_value());
        const auto *e = read->as<UnlikelyTravelEvidence>();
        QVERIFY(e != nullptr);
        QCOMPARE(e->distanceKm, 11393.25);
        QCOMPARE(e->limitKmh, 900.0);
        QCOMPARE(e->from.at.us, 1773842760000000);
        QCOMPARE(e->from.asn, 0U); // no number of an AS
        QCOMPARE(e->to.asn, 64500U);
        QCOMPARE(e->from.networkClass, NetworkClass::Mobile);
        QCOMPARE(e->to.networkClass, NetworkClass::Unknown);
        QCOMPARE(e->unfamiliarEnd, UnfamiliarEnd::Both);
        QVERIFY(e->to.countryKnown && !e->from.countryKnown);
        QVERIFY(!e->groundMinutes && !e->from.hasCoordinates());
    }
    void whatIsNotKnownIsNotWritten()
    {
        Evidence e;
        e.facts = ThreatIntelligenceEvidence();
        const test::Facts facts(e);
        QVERIFY(!facts.find("listName") && !facts.find("confidence") && !facts.find("warning"));
        QVERIFY(facts.find("trusted"));
        QVERIFY(!Evidence::fromJson(DetectionType::Other, "no JSON").has_value());
    }
};

QTEST_APPLESS_MAIN(EvidenceTest)
#include "tst_evidence.moc"

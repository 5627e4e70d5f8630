// Whatever is played, saving and loading at any moment, and dealing out the dictionary ids in another order,
// change nothing that is found.
#ifndef Q_MOC_RUN // moc stumbles over the standard library behind these
#include "core/base/stable_hash.h"

#include "tests/unit/detect/detector_stage.h"

#include <rapidcheck.h>
#endif

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::detect;
using namespace riskdesk::detect::test;

namespace {

// Mixed traffic: an office, strangers, sprays of every shape, listed addresses.
std::vector<Happening> scene(unsigned seed, int length, const std::deque<AddressFacts> &facts)
{
    std::vector<Happening> out;
    std::uint64_t state = std::uint64_t{seed} * 2654435761u + 1;
    const auto dice = [&](unsigned n) {
        state = mixBits(state + 0x9e3779b97f4a7c15u);
        return static_cast<unsigned>(state % n);
    };
    Timestamp at = time("2026-03-02T08:00:00Z");
    for (int i = 0; i < length; ++i) {
        at = at + (dice(40) == 0 ? hour * dice(20) : second * dice(90)) + Microseconds(1);
        Happening h{.at = at, .user = "u" + std::to_string(dice(40))};
        switch (dice(6)) {
        case 0: h.ip = "192.0.2." + std::to_string(dice(4)); break;
        case 1: h.ip = "198.51.100." + std::to_string(dice(30)); break;
        default: h.ip = "203.0.113." + std::to_string(dice(3)); break;
        }
        h.asn = 64500 + dice(4);
        h.agent = "client/" + std::to_string(dice(5));
        h.failure = dice(7) < 6 ? FailureKind::BadPassword : FailureKind::None;
        h.familiarity = dice(2) == 0 ? Happening::known() : Happening::strange();
        if (dice(3) == 0)
            h.facts = &facts[dice(static_cast<unsigned>(facts.size()))];
        out.push_back(h);
    }
    return out;
}

} // namespace

class ListAndSprayMemoryTest : public QObject
{
    Q_OBJECT
    Lists m_lists;
    std::deque<AddressFacts> m_facts;

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("RC_PARAMS", "seed=20260302 max_success=25");
        m_facts.resize(4);
        ListEntry vpn = Lists::network("203.0.113.0/24");
        vpn.kind = NetworkClass::Vpn;
        vpn.name = "Tunnel";
        m_facts[0].anonymizers = {m_lists.add(ListKind::Anonymizer, vpn)};
        m_facts[1].malware = {m_lists.add(ListKind::Malware, Lists::network("203.0.113.1/32"))};
        m_facts[2].threats = {m_lists.add(ListKind::Threat, Lists::network("203.0.113.0/24"))};
    }
    void savingChangesNothing()
    {
        QVERIFY(rc::check([this] {
            const auto seed = *rc::gen::inRange(0u, 1'000'000u);
            const auto every = *rc::gen::inRange(1, 60);
            Stage through, restarted;
            int i = 0;
            for (const auto &h : scene(seed, 300, m_facts)) {
                through.play(h);
                restarted.play(h);
                if (++i % every == 0)
                    restarted.restart();
            }
            RC_ASSERT(through.lines() == restarted.lines());
            through.restart();
            restarted.restart();
            RC_ASSERT(through.memory().parts == restarted.memory().parts);
        }));
    }
    void idsDecideNothing()
    {
        QVERIFY(rc::check([this] {
            const auto seed = *rc::gen::inRange(0u, 1'000'000u);
            const auto stride = *rc::gen::inRange(1u, 1u << 20) * 2 + 1;
            Stage one, other({}, stride);
            const auto happenings = scene(seed, 300, m_facts);
            for (auto h = happenings.rbegin(); h != happenings.rend(); ++h)
                static_cast<void>(other.signIn(*h)); // met in another order
            for (const auto &h : happenings) {
                one.play(h);
                other.play(h);
            }
            RC_ASSERT(one.lines() == other.lines());
            RC_ASSERT(one.campaigns.size() == other.campaigns.size());
        }));
    }
    void somethingIsFound() // or the two above would prove nothing
    {
        std::map<DetectionType, int> found;
        int late = 0;
        for (unsigned seed = 1; seed < 4; ++seed) {
            Stage stage;
            for (const auto &h : scene(seed, 300, m_facts))
                for (const auto &n : stage.play(h)) {
                    ++found[n.type];
                    late += n.late ? 1 : 0;
                }
        }
        QVERIFY(found[DetectionType::PasswordSpray] > 0);
        QVERIFY(late > 0);
        QVERIFY(found[DetectionType::AnonymizedIPAddress] > 0);
        QVERIFY(found[DetectionType::MalwareInfectedIPAddress] > 0);
        QVERIFY(found[DetectionType::InvestigationsThreatIntelligence] > 0);
    }
};

QTEST_APPLESS_MAIN(ListAndSprayMemoryTest)
#include "tst_list_and_spray_memory.moc"

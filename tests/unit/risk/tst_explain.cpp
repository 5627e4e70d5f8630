// What makes up a level, and that a reducer bears events it cannot place.
#include "core/risk/explain.h"
#include "core/risk/transitions.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::risk;
using T = DetectionType;
using L = RiskLevel;

namespace {

constexpr Timestamp noon{1'773'835'200'000'000};

void raise(Reducer &r, const std::string &id, T type, L level, Timestamp at, const std::string &signIn)
{
    LedgerEvent e;
    e.at = at;
    e.recordedAt = noon;
    e.kind = LedgerKind::DetectionRaised;
    e.detection = id;
    e.level = level;
    const DetectionFacts facts{id, type, info(type).timing, "scope", signIn, at, 0, "Porto", "PT"};
    QVERIFY(r.apply(e, &facts));
}

LedgerEvent happening(LedgerKind kind, const std::string &detection = {}, const std::string &signIn = {})
{
    LedgerEvent e;
    e.at = e.recordedAt = noon;
    e.kind = kind;
    e.detection = detection;
    e.signIn = signIn;
    return e;
}

} // namespace

class ExplainTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void contributions_come_heaviest_first_and_name_their_pair()
    {
        Reducer r;
        raise(r, "u", T::UnfamiliarFeatures, L::Medium, noon, "s1");
        raise(r, "t", T::UnlikelyTravel, L::Low, noon + std::chrono::minutes(9), "s2");
        raise(r, "a", T::AnonymizedIPAddress, L::Low, noon, "s2");
        const auto user = explain(r);
        QCOMPARE(user.contributions.size(), 3u);
        QCOMPARE(user.contributions[0].detection, "t");
        QCOMPARE(user.contributions[0].pairedWith, "u");
        QCOMPARE(user.contributions[0].level, L::Low);
        QCOMPARE(user.contributions[0].weight, 4.0);
        QCOMPARE(user.contributions[1].detection, "u");
        QCOMPARE(user.sum.total, 6.8);
        QCOMPARE(user.sum.score, r.user().standing.score); // what is shown is what is stored
        const auto second = explain(r, "s2");
        QCOMPARE(second.contributions.size(), 2u);
        QCOMPARE(second.sum.total, 4.8);
        QCOMPARE(second.sum.level, r.signIn("s2")->aggregated);
        QVERIFY(explain(r, "elsewhere").contributions.empty());
        // Without its partner travel counts at its own level again.
        auto safe = happening(LedgerKind::DetectionConfirmedSafe, "u");
        QVERIFY(r.apply(safe));
        QCOMPARE(explain(r).sum.total, 1.5);
        QCOMPARE(explain(r).contributions[0].pairedWith, "");
    }
    void a_folded_repeat_counts_on_its_own_sign_in()
    {
        Reducer r;
        raise(r, "a", T::AnonymizedIPAddress, L::High, noon, "s1");
        auto repeat = happening(LedgerKind::DetectionFolded, "a", "s2");
        repeat.level = L::Low;
        QVERIFY(r.apply(repeat));
        QCOMPARE(explain(r).contributions[0].count, 2u);
        QCOMPARE(explain(r).sum.total, 4.0);
        QCOMPARE(explain(r, "s2").sum.total, 0.8);
        QCOMPARE(r.signIn("s2")->aggregated, L::Low);
        QCOMPARE(r.signIn("s2")->during, L::Low); // an anonymous address is known at sign-in
    }
    void events_that_fit_nothing_change_nothing()
    {
        for (int kind = 0; kind < 256; ++kind) {
            Reducer r(true);
            raise(r, "a", T::AnonymizedIPAddress, L::Medium, noon, "s1");
            const auto before = r.user();
            auto odd = happening(static_cast<LedgerKind>(kind), "nowhere", "nowhere");
            odd.undoOf = 77;
            const bool ofTheUser =
                kind == 3 || kind == 4 || kind == 5 || (kind >= 12 && kind <= 14) || kind == 16;
            const bool harmless = kind == 17 || kind == 18 || kind == 20 || kind == 22;
            QCOMPARE(r.apply(odd), ofTheUser || harmless);
            QCOMPARE(r.user() == before, !ofTheUser);
        }
    }
    void times_at_the_ends_of_the_calendar_are_borne()
    {
        Reducer r;
        raise(r, "a", T::UnlikelyTravel, L::Low, Timestamp::fromCivil(1, 1, 1), "s1");
        raise(r, "b", T::UnfamiliarFeatures, L::Low, Timestamp::fromCivil(9999, 12, 31), "s2");
        QCOMPARE(r.summary().total, 2u);
        QCOMPARE(r.user().updated.us, noon.us);
    }
    void actions_are_read_in_both_spellings()
    {
        QCOMPARE(*actionFromText("confirm-compromised"), Action::ConfirmCompromised);
        QCOMPARE(*actionFromText("confirmCompromised"), Action::ConfirmCompromised);
        QCOMPARE(*actionFromText("reset-password"), Action::ResetPassword);
        QVERIFY(!actionFromText("explode"));
    }
};

QTEST_APPLESS_MAIN(ExplainTest)
#include "tst_explain.moc"

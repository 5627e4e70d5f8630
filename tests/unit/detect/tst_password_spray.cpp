// Password spray: campaigns open at their thresholds, raise the accounts that were hit, and stay silent for
// offices, schools, outages and forgotten passwords.
#include "tests/support/facts.h"
#include "tests/unit/detect/detector_stage.h"

#include <QTest>

using namespace riskdesk;
using namespace riskdesk::detect;
using riskdesk::test::Facts;
using namespace riskdesk::detect::test;

namespace {

const Timestamp start = time("2026-03-02T08:00:00Z"); // a Monday
const std::string attacker = "203.0.113.9";

Happening fails(Timestamp at, const std::string &user, const std::string &ip = attacker)
{
    Happening h{.at = at, .user = user, .ip = ip};
    h.failure = FailureKind::BadPassword;
    h.familiarity = Happening::strange();
    return h;
}
Happening succeeds(Timestamp at, const std::string &user, const std::string &ip = attacker)
{
    Happening h{.at = at, .user = user, .ip = ip};
    h.familiarity = Happening::strange();
    return h;
}
std::string name(const char *prefix, int i)
{
    return prefix + std::to_string(i);
}
// `users` users fail `each` times each, evenly over the time.
void spray(Stage &stage, int users, int each, Microseconds over, const std::string &ip = attacker,
           Timestamp from = start)
{
    const int count = users * each;
    for (int i = 0; i < count; ++i)
        stage.play(fails(from + Microseconds(over.count() * i / count), name("u", i % users), ip));
}
int sprays(const std::vector<Noted> &found)
{
    return static_cast<int>(std::count_if(
        found.begin(), found.end(), [](const Noted &n) { return n.type == DetectionType::PasswordSpray; }));
}

} // namespace

class PasswordSprayTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aSourceOpensACampaign_data()
    {
        QTest::addColumn<int>("users");
        QTest::addColumn<int>("each");
        QTest::addColumn<int>("minutes");
        QTest::addColumn<bool>("opens");
        QTest::newRow("four users are too few") << 4 << 5 << 10 << false;
        QTest::newRow("five users within twenty minutes are enough") << 5 << 1 << 10 << true;
        QTest::newRow("five users at exactly twenty minutes") << 5 << 1 << 25 << true; // 0, 5, .., 20
        QTest::newRow("five users just over twenty minutes") << 5 << 1 << 26 << false;
        QTest::newRow("nine users over a day are too few") << 9 << 1 << 23 * 60 << false;
        QTest::newRow("ten users over a day are enough") << 10 << 1 << 23 * 60 << true;
        QTest::newRow("ten users over more than a day") << 10 << 1 << 27 * 60 << false;
    }
    void aSourceOpensACampaign()
    {
        QFETCH(int, users);
        QFETCH(int, each);
        QFETCH(int, minutes);
        QFETCH(bool, opens);
        Stage stage;
        spray(stage, users, each, minute * minutes);
        QCOMPARE(stage.campaigns.size(), std::size_t{opens ? 1u : 0u});
        if (opens) {
            const Campaign &c = stage.campaigns.begin()->second;
            QCOMPARE(int(c.scope), int(ScopeKind::Address));
            QCOMPARE(c.scopeText, attacker);
            QCOMPARE(c.opened.us, start.us);
            QCOMPARE(int(c.users), users);
            QCOMPARE(c.targets.size(), std::size_t(users));
            QCOMPARE(c.id.size(), std::size_t{64});
            QCOMPARE(c.badToGood, 1e9);
        }
    }

    void aUserWhoFailsTooOftenIsNotCounted_data()
    {
        QTest::addColumn<int>("times");
        QTest::addColumn<bool>("opens");
        QTest::newRow("eight failures may be a spray") << 8 << true;
        QTest::newRow("nine failures are a forgotten password") << 9 << false;
    }
    void aUserWhoFailsTooOftenIsNotCounted()
    {
        QFETCH(int, times);
        QFETCH(bool, opens);
        Stage stage;
        for (int i = 0; i < times; ++i)
            stage.play(fails(start + second * i, "forgetful"));
        for (int i = 0; i < 4; ++i)
            stage.play(fails(start + minute + second * i, name("u", i)));
        QCOMPARE(!stage.campaigns.empty(), opens);
    }

    void aForgottenPasswordIsNoCampaign()
    {
        Stage stage;
        for (int i = 0; i < 200; ++i)
            stage.play(fails(start + minute * i, "forgetful"));
        QVERIFY(stage.campaigns.empty());
    }

    void moreMustFailThanSucceed_data()
    {
        QTest::addColumn<int>("succeedingUsers");
        QTest::addColumn<bool>("opens");
        QTest::newRow("one fewer") << 5 << true;
        QTest::newRow("as many") << 6 << false;
    }
    void moreMustFailThanSucceed()
    {
        QFETCH(int, succeedingUsers);
        QFETCH(bool, opens);
        Stage stage;
        for (int i = 0; i < succeedingUsers; ++i)
            stage.play(succeeds(start + second * i, name("w", i)));
        for (int round = 0; round < 8; ++round) // many failures each, so that the ratio is no obstacle
            for (int i = 0; i < 6; ++i)
                stage.play(fails(start + minute + second * (round * 6 + i), name("u", i)));
        QCOMPARE(!stage.campaigns.empty(), opens);
    }

    void theRatioAtItsLimit_data()
    {
        QTest::addColumn<double>("limit");
        QTest::addColumn<bool>("opens");
        // Eight failures and one success: f = 8/9, ratio (8/9 - 0.15) / (1/9) = 6.65.
        QTest::newRow("below") << 6.6 << true;
        QTest::newRow("above") << 6.7 << false;
    }
    void theRatioAtItsLimit()
    {
        QFETCH(double, limit);
        QFETCH(bool, opens);
        Tuning tuning;
        tuning.set(Tune::SprayBadToGood, limit);
        tuning.set(Tune::SpraySourceUsers, 8);
        Stage stage(tuning);
        stage.play(succeeds(start, "guest"));
        spray(stage, 8, 1, minute, attacker, start + second);
        QCOMPARE(!stage.campaigns.empty(), opens);
    }

    void theRatioIsThatOfTheWindow()
    {
        Stage stage; // one user's hundred failures lie in a bucket that only reaches into the window
        for (int i = 0; i < 100; ++i)
            stage.play(fails(start + minute + Microseconds(1000) * i, "forgetful"));
        for (int i = 0; i < 5; ++i)
            stage.play(succeeds(start + minute * 21 + second * i, "guest"));
        spray(stage, 5, 1, minute, attacker, start + minute * 22);
        QVERIFY(stage.campaigns.empty());
    }

    void staysBounded()
    {
        Stage stage;
        for (int i = 0; i < 45'000;
             ++i) { // every attempt from elsewhere, with another client, on another user
            auto h = fails(start + Microseconds(1000) * i, name("u", i),
                           IpAddress::fromV4(static_cast<std::uint32_t>(i) * 2654435761u).toString());
            h.agent = name("client ", i);
            h.asn = 1 + static_cast<std::uint32_t>(i);
            const EnrichedSignIn s = stage.signIn(h);
            stage.detector(DetectionType::PasswordSpray).learn(s, h.familiarity, false);
        }
        stage.restart();
        std::size_t scopes = 0;
        for (const auto &[key, data] : stage.memory().parts)
            if (key.first == static_cast<int>(StatePart::Scope)) {
                StateReader in(std::string_view(data).substr(1)); // behind the version
                std::size_t count = 0;
                QVERIFY(in.getCount(count) && count <= 512);
                scopes += count;
            }
        QVERIFY(scopes > 45'000);
        // The newest are what is remembered.
        QVERIFY(stage.campaigns.empty());
        spray(stage, 5, 1, minute, attacker, start + hour);
        QCOMPARE(stage.campaigns.size(), std::size_t{1});
    }

    void manySourcesWithOneClient_data()
    {
        QTest::addColumn<int>("users");
        QTest::addColumn<int>("addresses");
        QTest::addColumn<int>("attempts");
        QTest::addColumn<bool>("opens");
        QTest::newRow("at every limit") << 8 << 5 << 25 << true;
        QTest::newRow("seven users") << 7 << 5 << 25 << false;
        QTest::newRow("four addresses") << 8 << 4 << 25 << false;
        QTest::newRow("twenty-four attempts") << 8 << 5 << 24 << false;
        QTest::newRow("forty attempts on eight users are five each") << 8 << 8 << 40 << true;
    }
    void manySourcesWithOneClient()
    {
        QFETCH(int, users);
        QFETCH(int, addresses);
        QFETCH(int, attempts);
        QFETCH(bool, opens);
        Tuning tuning;
        tuning.set(Tune::SpraySourceUsers, 1000); // so that no single address shows it
        tuning.set(Tune::SpraySourceDayUsers, 1000);
        Stage stage(tuning);
        for (int i = 0; i < attempts; ++i) {
            auto h = fails(start + second * 120 * i, name("u", i % users),
                           "198." + std::to_string(18 + i % addresses) + ".1.1");
            h.agent = "python-requests/2.31";
            h.asn = 64000 + static_cast<std::uint32_t>(i % addresses);
            stage.play(h);
        }
        QCOMPARE(stage.campaigns.size(), std::size_t{opens ? 1u : 0u});
        if (opens) {
            QCOMPARE(int(stage.campaigns.begin()->second.scope), int(ScopeKind::Agent));
            QCOMPARE(stage.campaigns.begin()->second.scopeText, std::string("python-requests/2.31"));
        }
    }

    void attemptsPerUserAreFewWhenSourcesAreMany()
    {
        for (const int users : {8, 9}) { // 43 attempts: 5.4 and 4.8 each
            Tuning tuning;
            tuning.set(Tune::SpraySourceUsers, 1000);
            tuning.set(Tune::SpraySourceDayUsers, 1000);
            tuning.set(Tune::SprayWideAttempts, 43);
            Stage stage(tuning);
            for (int i = 0; i < 43; ++i)
                stage.play(fails(start + second * i, name("u", i % users),
                                 "198." + std::to_string(18 + i % 9) + ".1.1"));
            QCOMPARE(!stage.campaigns.empty(), users == 9);
        }
    }

    void aNetworkNeedsACommonClient_data()
    {
        QTest::addColumn<int>("common"); // of thirty
        QTest::addColumn<bool>("opens");
        QTest::newRow("sixty percent are enough") << 18 << true;
        QTest::newRow("less is not") << 17 << false;
    }
    void aNetworkNeedsACommonClient()
    {
        QFETCH(int, common);
        QFETCH(bool, opens);
        Tuning tuning;
        tuning.set(Tune::SpraySourceUsers, 1000);
        tuning.set(Tune::SpraySourceDayUsers, 1000);
        tuning.set(Tune::SprayWideAttempts, 30);
        Stage stage(tuning);
        for (int i = 0; i < 30; ++i) {
            auto h = fails(start + second * i, name("u", i % 10), "203.0.113." + std::to_string(1 + i % 6));
            h.agent = i < common ? "one client" : name("client ", i);
            stage.play(h);
        }
        QCOMPARE(stage.campaigns.size(), std::size_t{opens ? 1u : 0u});
        if (opens)
            QCOMPARE(stage.campaigns.begin()->second.scopeText, std::string("203.0.113.0/24"));
    }

    void lowAndSlow_data()
    {
        QTest::addColumn<int>("users");
        QTest::addColumn<int>("attempts");
        QTest::addColumn<bool>("opens");
        QTest::newRow("twenty users, three each") << 20 << 60 << true;
        QTest::newRow("nineteen users") << 19 << 57 << false;
    }
    void lowAndSlow()
    {
        QFETCH(int, users);
        QFETCH(int, attempts);
        QFETCH(bool, opens);
        Stage stage;
        for (int i = 0; i < attempts; ++i) {
            auto h = fails(start + minute * 20 * i, name("u", i % users),
                           "198." + std::to_string(18 + i) + ".1.1");
            h.asn = 64000 + static_cast<std::uint32_t>(i);
            stage.play(h);
        }
        QCOMPARE(stage.campaigns.size(), std::size_t{opens ? 1u : 0u});
        if (opens)
            QCOMPARE(stage.campaigns.begin()->second.rule, SprayRule::LowAndSlow);
    }

    void tooManyAttemptsEachAreNotLowAndSlow_data()
    {
        QTest::addColumn<int>("each");
        QTest::addColumn<bool>("opens");
        QTest::newRow("three each") << 3 << true;
        QTest::newRow("four each") << 4 << false;
    }
    void tooManyAttemptsEachAreNotLowAndSlow()
    {
        QFETCH(int, each);
        QFETCH(bool, opens);
        Tuning tuning;
        tuning.set(Tune::SprayWideUsers, 1000);
        Stage stage(tuning);
        for (int i = 0; i < 20 * each; ++i) { // user after user, so that it is twenty users only at the end
            auto h =
                fails(start + minute * 15 * i, name("u", i / each), "198." + std::to_string(18 + i) + ".1.1");
            h.asn = 64000 + static_cast<std::uint32_t>(i);
            stage.play(h);
        }
        // The twentieth user's first attempt makes it (19 * each + 1) on twenty: 2.9 and 3.85 each.
        QCOMPARE(!stage.campaigns.empty(), opens);
    }

    void historyMakesTheUsualUnsurprising_data()
    {
        QTest::addColumn<int>("weeks");
        QTest::addColumn<int>("users");
        QTest::addColumn<bool>("opens");
        QTest::newRow("no history: surprise is not asked for") << 1 << 6 << true;
        QTest::newRow("after weeks of five a Monday, six are usual") << 4 << 6 << false;
        QTest::newRow("after weeks of five a Monday, thirty are not") << 4 << 30 << true;
    }
    void historyMakesTheUsualUnsurprising()
    {
        QFETCH(int, weeks);
        QFETCH(int, users);
        QFETCH(bool, opens);
        Tuning tuning;
        tuning.set(Tune::SpraySourceUsers, 6); // five a Monday are below it
        Stage stage(tuning);
        for (int week = 0; week < weeks; ++week)
            for (int d = 0; d < 7; d += 3) // keeps the scope from being forgotten
                for (int i = 0; i < (d == 0 ? 5 : 1); ++i)
                    stage.play(
                        fails(start + day * (week * 7 + d) + minute * i, name("m", week * 100 + d * 10 + i)));
        QVERIFY(stage.campaigns.empty());
        stage.restart(); // history outlives the run
        spray(stage, users, 1, minute * 15, attacker, start + day * 7 * weeks);
        QCOMPARE(!stage.campaigns.empty(), opens);
        if (opens && weeks > 1)
            QVERIFY(stage.campaigns.begin()->second.surpriseBits >= 12);
        if (weeks == 1)
            QCOMPARE(stage.campaigns.begin()->second.surpriseBits, 0.0);
    }

    // A row of failures that was added to stands before younger ones; what is behind it counts, saved in between or not.
    void savingInBetweenChangesNoSlip()
    {
        const auto scene = [](int savedAfter) {
            Stage stage;
            int played = 0;
            const auto play = [&](const Happening &h) {
                stage.play(h);
                if (++played == savedAfter)
                    stage.restart();
            };
            for (const auto &[at, user] :
                 {std::pair("2026-03-10T10:00:00Z", "u1"), std::pair("2026-03-10T10:01:00Z", "u2"),
                  std::pair("2026-03-10T10:03:00Z", "u3"), std::pair("2026-03-10T10:04:00Z", "u1"),
                  std::pair("2026-03-11T10:01:30Z", "u4")})
                play(fails(time(at), user, attacker));
            play(succeeds(time("2026-03-11T10:02:00Z"), "u1", attacker));
            stage.restart();
            return stage.memory().parts;
        };
        const auto expected = scene(0);
        for (int after = 1; after < 6; ++after)
            QVERIFY2(scene(after) == expected, std::to_string(after).c_str());
    }

    void aRealSprayWithAHit()
    {
        // Six accounts tried from one address in rounds, the sixth password right; told from the outlines of
        // a public audit log, with every name and client made up anew.
        Stage stage;
        const std::string ip = "178.85.138.132";
        const std::vector<std::string> users = {"adele", "thulile", "alex", "grady", "diego", "henrietta"};
        auto ordinary = succeeds(time("2021-03-24T12:55:30Z"), "thulile", "46.144.22.5");
        ordinary.familiarity = Happening::fresh();
        stage.play(ordinary);
        int round = 0;
        for (const char *at : {"2021-03-26T08:50:52Z", "2021-03-26T08:50:53Z", "2021-03-26T08:56:00Z",
                               "2021-03-26T08:56:07Z", "2021-03-26T09:01:13Z", "2021-03-26T09:01:19Z"}) {
            for (const auto &user : users)
                stage.play(fails(time(at), user, ip));
            if (round++ == 0)
                QCOMPARE(stage.campaigns.size(), std::size_t{1});
        }
        auto other = fails(time("2021-03-26T09:03:00Z"), "joey", ip);
        other.failure = FailureKind::Other;
        stage.play(other);
        stage.play(fails(time("2021-03-26T09:06:32Z"), "thulile", ip));
        stage.play(fails(time("2021-03-26T09:06:38Z"), "thulile", ip));
        auto hit = succeeds(time("2021-03-26T09:06:42Z"), "thulile", ip);
        hit.familiarity = Happening::fresh();
        auto found = stage.play(hit);
        std::erase_if(found, [](const Noted &n) { return n.type != DetectionType::PasswordSpray; });
        QCOMPARE(sprays(found), 1);
        QCOMPARE(int(found[0].level), int(RiskLevel::High));
        QCOMPARE(stage.campaigns.size(), std::size_t{1});
        const Campaign &c = stage.campaigns.begin()->second;
        QCOMPARE(found[0].foldKey, c.id);
        QCOMPARE(c.scopeText, ip);
        QCOMPARE(c.failures, 38u);
        QCOMPARE(c.attempts, 39u);
        QCOMPARE(c.users, 6u);
        QCOMPARE(c.addresses, 1u);
        QCOMPARE(c.opened.toIso(), std::string("2021-03-26T08:50:52Z"));
        QCOMPARE(c.last.toIso(), std::string("2021-03-26T09:06:38Z"));
        for (const auto &t : c.targets)
            QCOMPARE(t.successes, stage.names().userName(t.user) == "thulile" ? 1u : 0u);
        QVERIFY(!c.timeline.empty());
        const Verdict why = stage.explain(hit, DetectionType::PasswordSpray);
        QCOMPARE(Facts(why.evidence).number("attemptsOnUser"), 8.0);
        QCOMPARE(why.campaign, c.id);
    }

    void whatSpeaksForTheUser_data()
    {
        QTest::addColumn<QString>("known");
        QTest::addColumn<bool>("raised");
        QTest::newRow("the network") << "network" << false;
        QTest::newRow("the address") << "address" << false;
        QTest::newRow("the device by its id") << "device" << false;
        QTest::newRow("the browser, where the attack uses another") << "browser" << false;
        QTest::newRow("a browser that the attack uses too") << "common browser" << true;
        QTest::newRow("only the country") << "country" << true;
        QTest::newRow("nothing") << "" << true;
        QTest::newRow("nothing either way while learning") << "learning" << true;
    }
    void whatSpeaksForTheUser()
    {
        QFETCH(QString, known);
        QFETCH(bool, raised);
        Stage stage;
        spray(stage, 6, 2, minute * 5);
        auto h = succeeds(start + minute * 6, "u1");
        if (known == "learning")
            h.familiarity = Happening::fresh();
        h.familiarity.networkKnown = known == "network";
        h.familiarity.addressKnown = known == "address";
        h.familiarity.deviceKnown = known == "device" || known.endsWith("browser");
        if (known != "common browser")
            h.agent = "Mozilla/5.0 (Windows NT 10.0) Chrome/122.0";
        h.familiarity.countryKnown = known == "country";
        h.deviceId = known == "device";
        const Verdict v = stage.explain(h, DetectionType::PasswordSpray);
        QCOMPARE(int(v.reason), int(raised ? Reason::Raised : Reason::Familiar));
        QVERIFY(!v.evidence.listed().empty());
        QCOMPARE(sprays(stage.play(h)), raised ? 1 : 0);
    }

    // The right password is what matters, not whether somebody got in.
    void aRightPasswordThatWasStopped_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("early"); // before the campaign shows
        QTest::addColumn<bool>("raised");
        for (const bool early : {false, true}) {
            const char *when = early ? "before it shows" : "afterwards";
            QTest::addRow("second factor, %s", when) << int(FailureKind::Stopped) << early << true;
            QTest::addRow("expired, %s", when) << int(FailureKind::Expired) << early << true;
            QTest::addRow("disabled account, %s", when) << int(FailureKind::Disabled) << early << false;
            QTest::addRow("some other error, %s", when) << int(FailureKind::Other) << early << false;
        }
    }
    void aRightPasswordThatWasStopped()
    {
        QFETCH(int, kind);
        QFETCH(bool, early);
        QFETCH(bool, raised);
        Stage stage;
        auto h = fails(early ? start - second : start + minute * 6, "henrietta");
        h.failure = static_cast<FailureKind>(kind);
        h.familiarity = Happening::fresh();
        if (early)
            stage.play(h);
        spray(stage, 6, 2, minute * 5);
        if (!early) {
            const Verdict v = stage.explain(h, DetectionType::PasswordSpray);
            QCOMPARE(int(v.reason), int(raised ? Reason::Raised : Reason::NotASuccess));
            if (raised)
                QCOMPARE(std::get<bool>(*Facts(v.evidence).find("gotIn")), false);
            stage.play(h);
        }
        QCOMPARE(sprays(stage.all), raised ? 1 : 0);
        QCOMPARE(stage.campaigns.begin()->second.users, raised ? 7u : 6u);
    }

    void aCampaignReachesADay_data()
    {
        QTest::addColumn<qlonglong>("after"); // seconds since its last attempt
        QTest::addColumn<bool>("raised");
        QTest::newRow("a day after its last attempt") << 86400ll << true;
        QTest::newRow("more than a day after it") << 86401ll << false;
    }
    void aCampaignReachesADay()
    {
        QFETCH(qlonglong, after);
        QFETCH(bool, raised);
        Stage stage;
        for (int i = 0; i < 6; ++i)
            stage.play(fails(start + second * i, name("u", i)));
        const auto found = stage.play(succeeds(start + second * 5 + second * after, "u1"));
        QCOMPARE(sprays(found), raised ? 1 : 0);
    }

    void successesBeforeItAreFoundLater_data()
    {
        QTest::addColumn<qlonglong>("before"); // seconds before its first attempt
        QTest::addColumn<bool>("raised");
        QTest::newRow("a day before") << 86400ll << true;
        QTest::newRow("more than a day before") << 86401ll << false;
    }
    void successesBeforeItAreFoundLater()
    {
        QFETCH(qlonglong, before);
        QFETCH(bool, raised);
        Stage stage;
        const Timestamp from = start + day;
        auto first = succeeds(from - second * before, "early");
        QCOMPARE(sprays(stage.play(first)), 0);
        auto home = succeeds(from - hour, "familiar");
        home.familiarity = Happening::known();
        stage.play(home);
        stage.play(succeeds(from - hour, "elsewhere", "192.0.2.77"));
        spray(stage, 8, 1, minute, attacker, from);
        QCOMPARE(sprays(stage.all), raised ? 1 : 0);
        if (raised) {
            QVERIFY(stage.all[0].late);
            QCOMPARE(stage.all[0].user, std::string("early"));
            QCOMPARE(stage.all[0].at.us, first.at.us);
        }
    }

    // A later success from the same address does not push an earlier one of the day out of memory.
    void severalSuccessesBeforeItAreFoundLater()
    {
        Stage stage;
        const Timestamp from = start + day;
        stage.play(succeeds(from - day, "first"));
        stage.play(succeeds(from - hour, "second"));
        spray(stage, 30, 1, minute, attacker, from);
        QStringList users;
        for (const auto &found : stage.all)
            users << QString::fromStdString(found.user);
        QCOMPARE(users.join(' '), QString("first second"));
    }

    // odds = hit rate · bad-to-good ratio · unlikeness. Six fail from an address from which `before`
    // strangers got in earlier that day; then somebody does whom the engine still learns, or who is unlike in
    // place and device.
    void theOddsDecide_data()
    {
        QTest::addColumn<int>("before");
        QTest::addColumn<bool>("learning");
        QTest::addColumn<int>("raised"); // of the earlier ones and the next
        QTest::newRow("nobody's own: all bad") << 0 << true << 1;
        QTest::newRow("two strangers speak for each other, learnt") << 2 << true << 0;
        QTest::newRow("everybody's VPN, learnt") << 80 << true << 0;
        QTest::newRow("everybody's VPN, unlike") << 80 << false << 0;
    }
    void theOddsDecide()
    {
        QFETCH(int, before);
        QFETCH(bool, learning);
        QFETCH(int, raised);
        Stage stage;
        const auto stranger = [&](Timestamp at, const std::string &user) {
            auto h = succeeds(at, user);
            h.familiarity = learning ? Happening::fresh() : Happening::strange();
            return h;
        };
        for (int i = 0; i < before; ++i)
            stage.play(stranger(start - day / 4 + second * i, name("early", i)));
        for (int i = 0; i < 6; ++i)
            stage.play(fails(start + minute * i, name("u", i)));
        QCOMPARE(stage.campaigns.size(), std::size_t{1});
        const auto h = stranger(start + minute * 7, "next");
        QCOMPARE(int(stage.explain(h, DetectionType::PasswordSpray).reason),
                 int(raised > 0 ? Reason::Raised : Reason::LikelyTheUser));
        stage.play(h);
        QCOMPARE(sprays(stage.all), raised);
    }

    void theOddsAreThoseOfTheirParts()
    {
        Stage stage;
        spray(stage, 20, 1, minute * 5);
        for (int i = 0; i < 2; ++i) { // two of their own from the same address
            auto own = succeeds(start + minute * 6 + second * i, name("guest", i));
            own.familiarity = Happening::known();
            stage.play(own);
        }
        const auto h = succeeds(start + minute * 7, "victim");
        const Verdict v = stage.explain(h, DetectionType::PasswordSpray);
        const double f0 = stage.profiles().usualFailureShare();
        const double ratio = badToGoodRatio(20.0 / 22, f0);
        QCOMPARE(Facts(v.evidence).number("oddsFailures"), 20.0);
        QCOMPARE(Facts(v.evidence).number("oddsGood"), 2.0);
        QCOMPARE(Facts(v.evidence).number("hitRate"), 1.0 / 22);
        QCOMPARE(Facts(v.evidence).number("unlikeness"),
                 std::exp2(5 + 4)); // strange: 7 and 4 bits, 5 at most
        QVERIFY(std::abs(Facts(v.evidence).number("odds") - ratio / 22 * std::exp2(9)) < 1e-9);
    }

    // Who mistypes and then gets in was no target, and a class that does so on its first morning no campaign.
    void aClassOnItsFirstMorning()
    {
        Stage stage;
        for (int i = 0; i < 60; ++i) {
            auto h = fails(start + second * 30 * i, name("pupil", i), "192.0.2.1");
            h.familiarity = Happening::fresh();
            if (i % 3 == 0)
                stage.play(h);
            h.at = h.at + second * 20;
            h.failure = i % 12 == 0 ? FailureKind::BadPassword : FailureKind::None;
            stage.play(h);
        }
        QCOMPARE(sprays(stage.all), 0);
        for (const auto &[id, c] : stage.campaigns)
            QVERIFY2(c.failures <= 10, "those who got in count as failing");
    }
    void allOfThemMistypeFirst()
    {
        Stage stage;
        for (int i = 0; i < 12; ++i)
            stage.play(fails(start + second * 10 * i, name("pupil", i), "192.0.2.1"));
        QCOMPARE(stage.campaigns.size(), std::size_t{1});
        for (int i = 0; i < 12; ++i) {
            auto h = succeeds(start + minute * 3 + second * 10 * i, name("pupil", i), "192.0.2.1");
            h.familiarity = Happening::fresh();
            stage.play(h);
        }
        QVERIFY2(sprays(stage.all) <= 3, "no attack finds a third of the passwords that it tries");
    }

    // A browser that everybody has joins sources; by itself it accuses nobody.
    void aUserAgentAccusesNobody_data()
    {
        QTest::addColumn<double>("placeBits");
        QTest::addColumn<double>("deviceBits");
        QTest::addColumn<bool>("learning");
        QTest::addColumn<int>("people"); // of the directory who came from the address the day before
        QTest::addColumn<bool>("raised");
        QTest::newRow("still learning") << 0.0 << 0.0 << true << 0 << false;
        QTest::newRow("only elsewhere") << 7.0 << -3.0 << false << 0 << false;
        QTest::newRow("only another device") << -3.0 << 7.0 << false << 0 << false;
        QTest::newRow("elsewhere with another device") << 7.0 << 7.0 << false << 0 << true;
        QTest::newRow("where two others came from") << 7.0 << 7.0 << false << 2 << true;
        QTest::newRow("in a school's computer room") << 7.0 << 7.0 << false << 3 << false;
    }
    void aUserAgentAccusesNobody()
    {
        QFETCH(double, placeBits);
        QFETCH(double, deviceBits);
        QFETCH(bool, learning);
        QFETCH(int, people);
        QFETCH(bool, raised);
        Stage stage;
        for (int i = 0; i < people; ++i) {
            auto h = succeeds(start - std::chrono::hours(24) + minute * i, name("pupil", i), "198.99.1.1");
            h.agent = "another client";
            h.familiarity = Happening::known();
            stage.play(h);
        }
        for (int i = 0; i < 40; ++i)
            stage.play(
                fails(start + second * i, name("u", i % 20), "198." + std::to_string(18 + i) + ".1.1"));
        QCOMPARE(int(stage.campaigns.begin()->second.scope), int(ScopeKind::AsnAgent));
        auto h = succeeds(start + minute, "victim", "198.99.1.1");
        h.familiarity = Happening::strange();
        h.familiarity.placeBits = placeBits;
        h.familiarity.deviceBits = deviceBits;
        h.familiarity.learning = learning;
        QCOMPARE(sprays(stage.play(h)), raised ? 1 : 0);
    }

    // What the trait has joined is a source: from an address that the attack has failed from, and from which
    // nobody else gets in, it accuses those too whom the engine still learns.
    void aJoinedSourceAccuses_data()
    {
        QTest::addColumn<bool>("failed"); // from this very address
        QTest::addColumn<int>("own");     // others who got in from it
        QTest::addColumn<bool>("raised");
        QTest::newRow("the attack was here") << true << 0 << true;
        QTest::newRow("the attack was elsewhere") << false << 0 << false;
        QTest::newRow("others live here") << true << 2 << false;
    }
    void aJoinedSourceAccuses()
    {
        QFETCH(bool, failed);
        QFETCH(int, own);
        QFETCH(bool, raised);
        Stage stage;
        for (int i = 0; i < 40; ++i)
            stage.play(
                fails(start + second * i, name("u", i % 20), "198." + std::to_string(18 + i) + ".1.1"));
        const std::string ip = failed ? "198.20.1.1" : "198.99.1.1";
        for (int i = 0; i < own; ++i) {
            auto h = succeeds(start + minute + second * i, name("guest", i), ip);
            h.familiarity = Happening::known();
            stage.play(h);
        }
        auto h = succeeds(start + minute * 2, "victim", ip);
        h.familiarity = Happening::fresh();
        QCOMPARE(sprays(stage.play(h)), raised ? 1 : 0);
    }

    // Whether to look is decided by the log, not by what happens to be in memory.
    void aRestartChangesNothing()
    {
        std::vector<std::string> lines[2];
        for (const bool restarts : {false, true}) {
            Stage stage;
            for (int i = 0; i < 3000; ++i) {
                auto h =
                    fails(start + second * 97 * i, name("u", i % 700), "192.0.2." + std::to_string(i % 3));
                h.agent = name("client ", i % 40);
                if (i % 9 == 0) {
                    h.failure = FailureKind::None;
                    h.familiarity = i % 2 == 0 ? Happening::fresh() : Happening::strange();
                }
                stage.play(h);
                if (restarts && i % 250 == 249)
                    stage.restart();
            }
            for (const auto &n : stage.all)
                lines[restarts].push_back(n.line());
            for (const auto &[id, c] : stage.campaigns)
                lines[restarts].push_back(id + ' ' + std::to_string(c.failures) + ' ' +
                                          std::to_string(c.users));
        }
        QVERIFY(!lines[0].empty());
        QCOMPARE(lines[0], lines[1]);
    }

    void staysSilentFor_data()
    {
        QTest::addColumn<QString>("scene");
        for (const char *scene : {"an office on Monday", "a school network", "an outage", "a reset campaign",
                                  "social users", "expired passwords"})
            QTest::newRow(scene) << QString::fromLatin1(scene);
    }
    void staysSilentFor()
    {
        QFETCH(QString, scene);
        Stage stage;
        const std::string nat = "192.0.2.1";
        const bool history = scene != "an outage" && scene != "social users" && scene != "expired passwords";
        const int users = scene == "a school network" ? 400 : 40;
        if (history)
            for (int d = 0; d < 3; ++d)
                for (int i = 0; i < users; ++i) {
                    auto h = succeeds(start - day * (3 - d) + second * i, name("u", i), nat);
                    h.familiarity = Happening::known();
                    stage.play(h);
                }
        for (int i = 0; i < users; ++i) {
            auto h = fails(start + second * 3 * i, name("u", i), nat);
            h.familiarity = Happening::known();
            h.social = scene == "social users";
            if (scene == "an outage")
                h.failure = FailureKind::Other;
            if (scene == "expired passwords")
                h.failure = FailureKind::Expired;
            stage.play(h);
            if (scene ==
                "a reset campaign") { // tries the old password thrice, then signs in with the new one
                h.at = h.at + second;
                stage.play(h);
                h.at = h.at + second;
                h.failure = FailureKind::None;
                stage.play(h);
            }
        }
        auto h = succeeds(start + minute * 30, "u1", nat);
        QCOMPARE(sprays(stage.play(h)), 0);
        QVERIFY(stage.campaigns.empty());
    }

    void theOfficeGuardNeedsThreeSuccesses_data()
    {
        QTest::addColumn<int>("successes");
        QTest::addColumn<bool>("opens");
        QTest::newRow("two do not make a regular") << 2 << true;
        QTest::newRow("three do") << 3 << false;
    }
    void theOfficeGuardNeedsThreeSuccesses()
    {
        QFETCH(int, successes);
        QFETCH(bool, opens);
        Stage stage;
        for (int n = 0; n < successes; ++n)
            for (int i = 0; i < 10; ++i) {
                auto h = succeeds(start - day * (5 - n), name("u", i));
                h.familiarity = Happening::known();
                stage.play(h);
            }
        spray(stage, 10, 1, minute);
        QCOMPARE(!stage.campaigns.empty(), opens);
    }

    void oneAttackIsOneCampaign()
    {
        Stage stage;
        spray(stage, 40, 2, minute * 30); // shows in the address, its network, and the client
        QCOMPARE(stage.campaigns.size(), std::size_t{1});
        QCOMPARE(int(stage.campaigns.begin()->second.scope), int(ScopeKind::Address));
    }

    void anotherAttackBesideItIsAnother()
    {
        Stage stage;
        stage.play(succeeds(start - hour, "early"));
        spray(stage, 10, 1, minute);
        for (int i = 0; i < 30; ++i) { // the same users, now from the neighbours
            auto h = fails(start + minute * 2 + second * i, name("u", i % 10),
                           "203.0.113." + std::to_string(20 + i));
            stage.play(h);
        }
        QCOMPARE(stage.campaigns.size(), std::size_t{2});
        QCOMPARE(sprays(stage.all), 1); // what the first has raised, the second does not raise again
        QCOMPARE(sprays(stage.play(succeeds(start + minute * 3, "u3", "203.0.113.25"))), 1);
    }

    void aPopularClientDoesNotKeepACampaignOpen()
    {
        Tuning tuning;
        tuning.set(Tune::SpraySourceUsers, 1000);
        tuning.set(Tune::SpraySourceDayUsers, 1000);
        Stage stage(tuning);
        for (int i = 0; i < 60; ++i)
            stage.play(
                fails(start + second * i, name("u", i % 30), "198." + std::to_string(18 + i) + ".1.1"));
        QCOMPARE(stage.campaigns.size(), std::size_t{1});
        const auto last = stage.campaigns.begin()->second.last;
        for (int i = 0; i < 600; ++i) { // afterwards its good users, of whom one in ten mistypes
            auto h = succeeds(start + hour * 2 + minute * i, name("good", i),
                              "192.0." + std::to_string(i % 250) + ".7");
            h.familiarity = Happening::known();
            if (i % 10 == 9)
                h.failure = FailureKind::BadPassword;
            stage.play(h);
        }
        QCOMPARE(stage.campaigns.begin()->second.last.us, last.us);
    }

    void explainsWhyNot()
    {
        Stage stage;
        spray(stage, 3, 1, minute);
        const Verdict v = stage.explain(succeeds(start + minute * 2, "u1"), DetectionType::PasswordSpray);
        QCOMPARE(int(v.reason), int(Reason::BelowThreshold));
        QCOMPARE(v.value, 3.0);
        QCOMPARE(v.limit, 5.0);
        QCOMPARE(Facts(v.evidence).text("scope"), std::string("address"));
        auto social = succeeds(start + minute * 2, "u1");
        social.social = true;
        QCOMPARE(int(stage.explain(social, DetectionType::PasswordSpray).reason),
                 int(Reason::SocialIdentity));
        Tuning off;
        off.set(Tune::SprayEnabled, 0);
        Stage silent(off);
        spray(silent, 10, 1, minute);
        QVERIFY(silent.campaigns.empty());
        QCOMPARE(int(silent.explain(succeeds(start + minute * 2, "u1"), DetectionType::PasswordSpray).reason),
                 int(Reason::SwitchedOff));
    }
};

QTEST_APPLESS_MAIN(PasswordSprayTest)
#include "tst_password_spray.moc"

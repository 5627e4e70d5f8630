// The model behind unfamiliar sign-in properties: against a slow second writing of its formula, what an update of the
// browser changes, and that its memory is bounded.
#include "tests/support/facts.h"
#include "tests/support/shared_data.h"
#include "tests/unit/detect/unfamiliar_bench.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cmath>
#include <map>
#include <random>
#include <set>
#include <tuple>

using namespace riskdesk;
using namespace riskdesk::detect;
using namespace riskdesk::detect::test;
using riskdesk::test::Facts;

namespace {

// The formula of the model once more, with maps of paths and no thought of speed.
struct Slowly
{
    struct Count
    {
        double count = 0, firstSights = 0;
        std::set<std::string> children; // with their level: a level that is missing is skipped
        Timestamp last;
    };
    using Counts = std::map<std::string, Count>;
    double halfLifeDays = 90, kappa = 0.25;
    Counts all;
    std::map<std::uint32_t, Counts> users;

    static std::vector<std::string> values(const EnrichedSignIn &s, std::size_t chain)
    {
        const auto text = [](auto v) { return v == 0 ? std::string() : std::to_string(v); };
        if (chain == 0)
            return {text(s.country), text(s.asn), s.ip.isKnown() ? s.ip.network().toString() : "",
                    s.ip.isKnown() ? s.ip.toString() : ""};
        return {text(int(s.deviceClass)), text(s.agentSystem), text(s.agentBrowser), text(s.deviceKey())};
    }
    // The user's own path to the network: as the sign-in tells it, or else the remembered one that contradicts it
    // least.
    std::vector<std::string> told(const EnrichedSignIn &s, std::size_t chain)
    {
        const auto mine = values(s, chain);
        if (chain != 0 || mine[2].empty())
            return mine;
        std::tuple<int, int, std::size_t, Timestamp> first{-3, 0, 0, {}};
        auto best = mine;
        for (const auto &[path, count] : users[s.row.user]) {
            const auto steps = QString::fromStdString(path).split(QChar('/'));
            if (steps.front() != QString("place") || count.count == 0)
                continue;
            std::vector<std::string> known(4);
            std::size_t deepest = 0;
            for (const auto &step : steps.mid(1)) {
                deepest = step.left(1).toUInt();
                known[deepest] = step.mid(2).toStdString();
            }
            const auto leads = [&](std::size_t level) {
                return known[level].empty() || known[level] == mine[level];
            };
            if (deepest < 2 || !leads(2) || !leads(3))
                continue;
            if (known[2] == mine[2] && known[0] == mine[0] && known[1] == mine[1] && !mine[0].empty() &&
                !mine[1].empty())
                return mine;
            int agreement = 0;
            for (std::size_t level = 0; level < 2; ++level)
                agreement += mine[level].empty() || known[level].empty() ? 0
                             : mine[level] == known[level]               ? 1
                                                                         : -1;
            const std::tuple order{agreement, int(!known[0].empty()) + int(!known[1].empty()), deepest,
                                   count.last};
            if (order <= first)
                continue;
            first = order;
            best = {known[0], known[1], mine[2], mine[3]};
        }
        return best;
    }
    // How often something new was met by those who were alike: level, steps of n, steps of T (-1 below a new parent).
    struct Met
    {
        double all = 0, fresh = 0, expected = 0;
    };
    std::map<std::tuple<std::size_t, int, int>, Met> alike;
    std::map<std::pair<std::size_t, bool>, Met> ofLevel;
    struct Chance
    {
        std::tuple<std::size_t, int, int> of;
        double formula = 0;
        bool isNew = false;
    };
    std::vector<Chance> chances; // of the sign-in looked at last
    static int steps(double n, int most)
    {
        int step = 0;
        for (double from = 1; n >= from && step < most; from *= 2)
            ++step;
        return step;
    }
    double chance(const Chance &c)
    {
        const Met &cell = alike[c.of], &level = ofLevel[{std::get<0>(c.of), std::get<2>(c.of) < 0}];
        const double usual = std::min(1.0, c.formula * (level.fresh + 200) / (level.expected + 200));
        return std::clamp((cell.fresh + 200 * usual) / (cell.all + 200), 1e-6, 0.999);
    }
    void countNovelty()
    {
        for (const Chance &c : chances)
            for (Met *met : {&alike[c.of], &ofLevel[{std::get<0>(c.of), std::get<2>(c.of) < 0}]}) {
                met->all += 1;
                met->fresh += c.isNew ? 1 : 0;
                met->expected += c.formula;
            }
    }
    double fade(const Count &c, Timestamp t) const
    {
        const auto minutes = std::floor(double(t.us) / 6e7) - std::floor(double(c.last.us) / 6e7);
        return minutes > 0 ? std::exp2(-minutes / (halfLifeDays * 1440)) : 1;
    }
    std::vector<double> bits(const EnrichedSignIn &s, std::size_t chain)
    {
        std::vector<double> out;
        Counts &mine = users[s.row.user];
        std::string path = chain == 0 ? "place" : "device";
        for (const std::string &value : told(s, chain)) {
            const std::string level = "/" + std::to_string(out.size()) + ":";
            if (value.empty()) {
                out.push_back(0);
                continue;
            }
            const std::string below = path + level + value;
            const Count &Q = all[path], &V = all[below], &q = mine[path], &v = mine[below];
            const auto beside = std::count_if(q.children.begin(), q.children.end(),
                                              [&](const auto &c) { return c.starts_with(level); });
            const double g = (V.count * fade(V, s.at()) + 1.0 / (double(Q.children.size()) + 1)) /
                             (Q.count * fade(Q, s.at()) + 1);
            double t = std::max({1.0, q.firstSights * fade(q, s.at()), double(beside)});
            double n = q.count * fade(q, s.at()), c = v.count * fade(v, s.at());
            const std::size_t at = chain * 4 + out.size();
            Chance novel{{at, steps(n, 7), steps(t / 2, 4)}, kappa * t / (n + kappa * t), v.count == 0};
            const std::string root = chain == 0 ? "place" : "device";
            if (path != root && q.count == 0) { // the value below whatever parent
                c = 0;
                for (const auto &[other, count] : mine)
                    if (other.starts_with(root) && other.ends_with(level + value))
                        c += count.count * fade(count, s.at());
                n = mine[root].count * fade(mine[root], s.at());
                novel = {{at, steps(n, 7), -1}, 0.9, c == 0};
            }
            if (n > 0) {
                const double fresh = chance(novel);
                t = n * fresh / (1 - fresh) / kappa;
                chances.push_back(novel);
            }
            const double u = (c + kappa * t * g) / (n + kappa * t);
            out.push_back(std::log2(g / u));
            path = below;
        }
        return out;
    }
    void learn(const EnrichedSignIn &s)
    {
        for (std::size_t chain = 0; chain < 2; ++chain) {
            const auto all4 = told(s, chain);
            if (std::all_of(all4.begin(), all4.end(), [](const auto &v) { return v.empty(); }))
                continue; // says nothing about the chain
            for (Counts *counts : {&all, &users[s.row.user]}) {
                std::string path = chain == 0 ? "place" : "device";
                const auto add = [&](Count &c) {
                    const double f = fade(c, s.at());
                    c.count = c.count * f + 1;
                    c.firstSights *= f;
                    c.last = s.at();
                };
                add((*counts)[path]);
                int n = 0;
                for (const std::string &value : all4) {
                    const std::string step = "/" + std::to_string(n++) + ":" + value;
                    if (value.empty())
                        continue;
                    Count &parent = (*counts)[path];
                    if (parent.children.insert(step).second)
                        parent.firstSights += 1;
                    path += step;
                    add((*counts)[path]);
                }
            }
        }
    }
};

} // namespace

class FeatureModelTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTheFormulaWrittenSlowly();
    void anUpdateIsExpectedByTheTimeThatWentBy_data();
    void anUpdateIsExpectedByTheTimeThatWentBy();
    void aReleaseThatWasLeftIsNew_data();
    void aReleaseThatWasLeftIsNew();
    void newerIsNeverMoreFamiliar();
    void newerIsNeverMoreFamiliarInAPeersHistory();
    void memoryStaysBounded();
};

void FeatureModelTest::agreesWithTheFormulaWrittenSlowly()
{
    Tuning tuning;
    tuning.set(Tune::UnfamiliarValuesPerLevel, 128); // the second writing forgets nothing
    tuning.set(Tune::UnfamiliarUpdateDays, 0);       // and expects no updates
    SignInWorld world;
    NoState none;
    TenantCounts tenant(none);
    Profiles profiles(none);
    Novelty novelty(none);
    FeatureModel model(tuning, tenant, novelty, profiles);
    Slowly slowly;
    std::mt19937 random(7);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (int i = 0; i < 600; ++i) {
        const int asn = pick(3);
        SignInBuilder b = world.signIn("user" + std::to_string(pick(5)));
        b.at(Timestamp{daysBefore(150).us + std::int64_t{i} * 20000000000 + pick(1000) * 1000});
        b.ip("10." + std::to_string(asn) + "." + std::to_string(pick(2)) + "." + std::to_string(pick(4)));
        if (pick(8) != 0)
            b.place("", asn == 0 ? "PT" : "ES", 1, 1);
        if (pick(8) != 0)
            b.asn(static_cast<std::uint32_t>(64500 + asn));
        if (pick(6) != 0)
            b.agent("Browser " + std::to_string(pick(4)), "System " + std::to_string(pick(2)),
                    pick(3) == 0 ? DeviceClass::Mobile : DeviceClass::Desktop);
        if (pick(2) == 0)
            b.device("device" + std::to_string(pick(6)));
        const EnrichedSignIn s = b.build();
        const FeatureScore &score = model.assess(s, 0);
        slowly.chances.clear();
        for (std::size_t chain = 0; chain < 2; ++chain) {
            const auto expected = slowly.bits(s, chain);
            for (std::size_t level = 0; level < 4; ++level)
                QVERIFY2(std::abs(score.bits[chain * 4 + level] - expected[level]) < 2e-3,
                         qPrintable(QString("sign-in %1 level %2: %3 is not %4")
                                        .arg(i)
                                        .arg(chain * 4 + level)
                                        .arg(score.bits[chain * 4 + level])
                                        .arg(expected[level])));
        }
        const bool teaches = pick(10) != 0;
        if (teaches) {
            model.countNovelty(s, true);
            slowly.countNovelty();
            model.learn(s);
            slowly.learn(s);
        }
    }
}

void FeatureModelTest::anUpdateIsExpectedByTheTimeThatWentBy_data()
{
    QTest::addColumn<QString>("browser");
    QTest::addColumn<double>("days");
    QTest::addColumn<double>("chance"); // 1 - exp(-days / 28)
    QTest::addRow("a newer release after a week") << "Chrome 123" << 7.0 << 0.2212;
    QTest::addRow("a newer release after two months") << "Chrome 124" << 56.0 << 0.8647;
    QTest::addRow("a newer release an hour later") << "Chrome 123" << 1 / 24.0 << 0.0;
    QTest::addRow("an older release") << "Chrome 121" << 7.0 << 0.0;
    QTest::addRow("another browser") << "Firefox 123" << 7.0 << 0.0;
    QTest::addRow("a browser without a number") << "Chrome" << 7.0 << 0.0;
}

void FeatureModelTest::anUpdateIsExpectedByTheTimeThatWentBy()
{
    QFETCH(QString, browser);
    QFETCH(double, days);
    QFETCH(double, chance);
    Tuning plain;
    plain.set(Tune::UnfamiliarUpdateDays, 0);
    std::array<double, 2> bits{};
    for (const bool expects : {false, true}) {
        Bench bench(expects ? Tuning() : plain);
        bench.seed(30);
        const auto there =
            bench.home().agent(browser.toStdString(), "Windows 10").at(daysBefore(1 - days)).build();
        const FeatureScore &score = bench.engine.assess(there);
        bits[expects] = score.bits[Browser];
        QVERIFY(score.isNew[Browser]);
        if (!expects)
            continue;
        QVERIFY2(std::abs(score.updateChance - chance) < 1e-3,
                 qPrintable(QString::number(score.updateChance)));
        QCOMPARE(score.familiarity.deviceKnown, chance > 0);
        QCOMPARE(score.newDevice, chance == 0);
    }
    QCOMPARE(bits[1]<bits[0], chance> 0);
    QVERIFY(bits[1] >= 0); // what was never seen does not reassure
}

// Browsers do not go back: a release that was left for a newer one is as good as never seen, four weeks later.
void FeatureModelTest::aReleaseThatWasLeftIsNew_data()
{
    QTest::addColumn<double>("days"); // since it was left
    QTest::addColumn<QString>("then");
    QTest::addColumn<bool>("isNew");
    QTest::addRow("after two months") << 60.0 << "Chrome 130" << true;
    QTest::addRow("after four weeks") << 28.0 << "Chrome 130" << true;
    QTest::addRow("another computer that lags behind") << 20.0 << "Chrome 130" << false;
    QTest::addRow("another browser came") << 60.0 << "Firefox 130" << false;
    QTest::addRow("one without a number came") << 60.0 << "Chrome" << false;
    QTest::addRow("it was the newer one") << 60.0 << "Chrome 110" << false;
}

void FeatureModelTest::aReleaseThatWasLeftIsNew()
{
    QFETCH(double, days);
    QFETCH(QString, then);
    QFETCH(bool, isNew);
    Bench bench;
    const auto signIn = [&](const char *browser, double before) {
        return bench.home().agent(browser, "Windows 10").at(daysBefore(before)).build();
    };
    for (int i = 0; i < 10; ++i)
        bench.engine.examine(signIn("Chrome 122", days + 9 - i));
    for (int i = 0; i < 10; ++i)
        bench.engine.examine(signIn(qPrintable(then), (days - 1) * (10 - i) / 10));
    const FeatureScore &score = bench.engine.assess(signIn("Chrome 122", 0));
    QCOMPARE(score.isNew[Browser], isNew);
    QCOMPARE(score.newDevice, isNew);
    QCOMPARE(score.familiarity.deviceKnown, !isNew);
    QCOMPARE(score.leftBehind > 0, isNew);
    if (isNew) {
        QVERIFY2(score.bits[Browser] > 1, qPrintable(QString::number(score.bits[Browser])));
        QCOMPARE(score.bits[Device], 0.0);
        // Used again, it is known again, and learnt once.
        bench.engine.examine(signIn("Chrome 122", 0));
        QVERIFY(!bench.engine.assess(signIn("Chrome 122", -0.01)).isNew[Browser]);
    } else {
        QVERIFY(score.bits[Browser] < 1);
    }
}

void FeatureModelTest::newerIsNeverMoreFamiliar()
{
    Bench bench;
    for (int i = 0; i < 30; ++i) { // somebody else uses everything the stranger would
        bench.engine.examine(bench.home("bea").ip("198.51.100.4").at(daysBefore(40 - i)).build());
        bench.engine.examine(bench.home("cho")
                                 .ip("192.0.2.99")
                                 .agent("Firefox 110", "Windows 10")
                                 .at(daysBefore(39.5 - i))
                                 .build());
    }
    bench.seed(20);
    const auto bits = [&](const SignInBuilder &b) { return bench.why(SignInBuilder(b).at(now)).value; };
    const double same = bits(bench.home());
    const double version = bits(bench.home().userAgent("Chrome 122.1 on Windows 10"));
    const double browser = bits(bench.home().agent("Chrome 123", "Windows 10"));
    const double system = bits(bench.home().agent("Chrome 123", "Windows 11"));
    const double device = bits(bench.home().agent("Chrome 123", "Android 14", DeviceClass::Mobile));
    QVERIFY(same < version && version < browser && browser < system && system < device);
    const double address = bits(bench.home().ip("192.0.2.8"));
    const double network = bits(bench.home().ip("192.0.3.8"));
    const double asn = bits(bench.home().ip("192.0.3.8").asn(64777));
    const double country = bits(bench.home().ip("192.0.3.8").asn(64777).place("Madrid", "ES", 40.42, -3.7));
    QVERIFY(same < address && address < network && network < asn && asn < country);
    QVERIFY(same < 0);
}

void FeatureModelTest::newerIsNeverMoreFamiliarInAPeersHistory()
{
    SKIP_WITHOUT_SHARED("peer-cases/golden_scores_reference_impl.json");
    QFile file(QString::fromStdString(
        riskdesk::test::sharedData("peer-cases/golden_scores_reference_impl.json").string()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonObject golden = QJsonDocument::fromJson(file.readAll()).object();
    SignInWorld world;
    NoState none;
    const Tuning tuning;
    TenantCounts tenant(none);
    Profiles profiles(none);
    Novelty novelty(none);
    FeatureModel model(tuning, tenant, novelty, profiles);
    const auto build = [&](int user, const QJsonObject &o, const QString &time) {
        const QString device = o["device"].toString();
        return world.signIn(std::to_string(user))
            .at(time.toStdString())
            .ip(o["ip"].toString().toStdString())
            .place("", o["country"].toString().toStdString(), 1, 1)
            .asn(static_cast<std::uint32_t>(o["asn"].toInt()))
            .agent(o["browser"].toString().toStdString(), o["os"].toString().toStdString(),
                   device == "mobile" ? DeviceClass::Mobile : DeviceClass::Desktop)
            .userAgent(o["ua"].toString().toStdString())
            .build();
    };
    QString last;
    for (const auto &h : golden["history"].toArray()) {
        last = h.toObject()["ts"].toString();
        learn(model, build(h.toObject()["user"].toInt(), h.toObject(), last));
    }
    std::map<int, std::map<QString, FeatureScore>> scores;
    for (const auto &c : golden["cases"].toArray()) {
        const QJsonObject o = c.toObject();
        const int user = o["user"].toInt();
        scores[user][o["kind"].toString()] = model.assess(build(user, o["attempt"].toObject(), last), 0);
    }
    QCOMPARE(scores.size(), 14U);
    for (auto &[user, s] : scores) {
        const auto device = [&, u = user](const char *kind) {
            return scores[u].at(kind).familiarity.deviceBits;
        };
        const auto place = [&, u = user](const char *kind) {
            return scores[u].at(kind).familiarity.placeBits;
        };
        QVERIFY2(device("same") <= device("ver") && device("ver") <= device("br"),
                 qPrintable(QString::number(user)));
        QVERIFY2(place("same") <= place("ip") && place("ip") <= place("asn"),
                 qPrintable(QString::number(user)));
        QVERIFY2(place("asn") <= place("cc"), qPrintable(QString::number(user)));
    }
}

void FeatureModelTest::memoryStaysBounded()
{
    const Tuning tuning;
    SignInWorld world;
    NoState none;
    TenantCounts tenant(none, 2000);
    Profiles profiles(none);
    Novelty novelty(none);
    FeatureModel model(tuning, tenant, novelty, profiles);
    for (int i = 0; i < 3000; ++i) {
        const std::string n = std::to_string(i);
        learn(model, world.signIn("ann")
                         .ip("10." + std::to_string(i % 7) + "." + std::to_string(i % 250) + "." +
                             std::to_string(i % 199))
                         .asn(static_cast<std::uint32_t>(1 + i % 90))
                         .agent("Browser " + n, "System " + std::to_string(i % 50))
                         .device(n)
                         .at(daysBefore(3000 - i))
                         .build());
        QVERIFY(tenant.size() <= 2000);
    }
    const UserProfile &ann = profiles.of(world.userId("ann"));
    std::map<Level, int> rows;
    for (const FeatureRow &row : ann.features)
        QVERIFY(++rows[row.level()] <= 32);
    QCOMPARE(rows[Device], 32);
    QVERIFY(ann.encode().size() < 8 * 1024);
    // The newest is remembered, and after half a year of nothing all is forgotten.
    QVERIFY(ann.knows(Device, std::uint64_t{1} << 40 | world.id(Dictionary::Device, "2999")));
    learn(model, world.signIn("ann").ip("10.0.0.1").at(now + std::chrono::hours(24 * 200)).build());
    QCOMPARE(ann.features.size(), 2U); // network and address
}

QTEST_GUILESS_MAIN(FeatureModelTest)
#include "tst_feature_model.moc"

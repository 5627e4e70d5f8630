// Explanations that can be recomputed: a directory with attacks in it is made and imported, and for every
// stored detection the arithmetic is done again from its typed evidence alone, written here from the
// published formulas and the handbook, without a word of core/detect. Then levels and scores of users from
// their open detections.
#include "core/demo/sample.h"
#include "core/query/detections.h"
#include "core/query/risky_users.h"
#include "core/run/directory.h"
#include "core/run/import_run.h"
#include "core/run/intelligence.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <fstream>
#include <numbers>

using namespace riskdesk;

namespace {

// Vincenty's inverse formula on WGS-84 (Survey Review 23, 1975), half a millimetre; NaN where it does not
// converge, which is for nearly opposite points.
double vincentyKm(double latitude1, double longitude1, double latitude2, double longitude2)
{
    constexpr double a = 6378137.0, f = 1 / 298.257223563, b = a * (1 - f);
    constexpr double rad = std::numbers::pi / 180;
    const double L = (longitude2 - longitude1) * rad;
    const double u1 = std::atan((1 - f) * std::tan(latitude1 * rad));
    const double u2 = std::atan((1 - f) * std::tan(latitude2 * rad));
    double lambda = L;
    for (int i = 0; i < 200; ++i) {
        const double s =
            std::hypot(std::cos(u2) * std::sin(lambda),
                       std::cos(u1) * std::sin(u2) - std::sin(u1) * std::cos(u2) * std::cos(lambda));
        if (s == 0)
            return 0;
        const double c = std::sin(u1) * std::sin(u2) + std::cos(u1) * std::cos(u2) * std::cos(lambda);
        const double sigma = std::atan2(s, c);
        const double sinAlpha = std::cos(u1) * std::cos(u2) * std::sin(lambda) / s;
        const double square = 1 - sinAlpha * sinAlpha;
        const double middle = square == 0 ? 0 : c - 2 * std::sin(u1) * std::sin(u2) / square;
        const double C = f / 16 * square * (4 + f * (4 - 3 * square));
        const double before = lambda;
        lambda = L + (1 - C) * f * sinAlpha * (sigma + C * s * (middle + C * c * (-1 + 2 * middle * middle)));
        if (std::abs(lambda - before) > 1e-12)
            continue;
        const double q = square * (a * a - b * b) / (b * b);
        const double A = 1 + q / 16384 * (4096 + q * (-768 + q * (320 - 175 * q)));
        const double B = q / 1024 * (256 + q * (-128 + q * (74 - 47 * q)));
        const double rest = B * s *
                            (middle + B / 4 *
                                          (c * (-1 + 2 * middle * middle) -
                                           B / 6 * middle * (-3 + 4 * s * s) * (-3 + 4 * middle * middle)));
        return b * A * (sigma - rest) / 1000;
    }
    return std::nan("");
}

bool near(double a, double b, double within)
{
    return std::abs(a - b) <= within;
}

bool truth(const Evidence &e, std::string_view key)
{
    const auto *value = e.find(key);
    const auto *flag = value == nullptr ? nullptr : std::get_if<bool>(value);
    return flag != nullptr && *flag;
}

Timestamp moment(const Evidence &e, std::string_view key)
{
    const auto *value = e.find(key);
    const auto *at = value == nullptr ? nullptr : std::get_if<Timestamp>(value);
    return at == nullptr ? Timestamp{0} : *at;
}

} // namespace

class RecomputedEvidence : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::optional<run::Directory> m_directory;
    std::vector<query::DetectionRow> m_detections;
    const Timestamp m_end = Timestamp::fromCivil(2026, 3, 19);

    [[nodiscard]] std::filesystem::path path(const std::string &name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }
    // What was found on the first sign-in; a repeat may have lifted the detection.
    template <typename Check>
    void each(DetectionType type, int atLeast, Check check)
    {
        int seen = 0;
        for (const auto &row : m_detections) {
            if (row.detection.type != type)
                continue;
            ++seen;
            check(row.detection, row.detection.evidence);
            if (QTest::currentTestFailed()) {
                qWarning("%s of %s: %s", std::string(toText(type)).c_str(), row.userPrincipalName.c_str(),
                         row.detection.evidence.toJson().c_str());
                return;
            }
        }
        QVERIFY2(seen >= atLeast, qPrintable(QString::number(seen)));
    }
    static void levelIs(const Detection &d, RiskLevel first)
    {
        if (d.count == 1)
            QCOMPARE(int(d.level), int(first));
        else
            QVERIFY(d.level >= first);
    }

private Q_SLOTS:
    void initTestCase()
    {
        demo::SampleOptions options;
        options.users = 1500;
        options.days = 70;
        options.seed = 21;
        options.end = m_end;
        options.habits.newDevice = 0.01;
        options.habits.journey = 0.003;
        options.habits.vpn = 0.03;
        options.habits.placeError = true;
        options.attacks.travel = 60;
        options.attacks.targeted = options.attacks.weekly = 20;
        options.attacks.everySpray = true;
        demo::Sample sample(options);
        std::ofstream log(path("log.ndjson"));
        sample.writeSignIns([&](std::string_view line) { log << line; });
        log.close();
        QVERIFY(store::createDirectory(path("d.riskdesk"), {"D", false, false, m_end}));
        m_directory.emplace(std::move(*run::Directory::open(path("d.riskdesk"))));
        const FixedClock clock(m_end);
        for (const auto &list : sample.lists()) {
            std::ofstream(path(list.name)) << list.text;
            enrich::ListDefaults defaults;
            defaults.kind = list.networkClass;
            defaults.provider = list.provider;
            QVERIFY(run::addList(m_directory->connection(), clock, list.kind, path(list.name), list.name,
                                 defaults));
        }
        const auto done = run::importFiles(*m_directory, {path("log.ndjson")}, {}, clock);
        QVERIFY(done && done->stored > 50'000);
        store::Statement ids(m_directory->connection(), "SELECT rowid FROM detection ORDER BY rowid");
        std::vector<std::int64_t> rowids;
        while (ids.step())
            rowids.push_back(ids.int64(0));
        auto rows = query::readDetections(m_directory->connection(), rowids);
        QVERIFY(rows);
        m_detections = std::move(*rows);
    }

    void travel()
    {
        each(DetectionType::UnlikelyTravel, 15, [](const Detection &d, const Evidence &e) {
            const double km = vincentyKm(e.number("fromLatitude"), e.number("fromLongitude"),
                                         e.number("toLatitude"), e.number("toLongitude"));
            QVERIFY(near(e.number("distanceKm"), km, 0.001));
            const double sure = std::max(0.0, km - e.number("radiusFromKm") - e.number("radiusToKm"));
            QVERIFY(near(e.number("effectiveDistanceKm"), sure, 0.001));
            const double hours =
                std::abs(double((moment(e, "toTime") - moment(e, "fromTime")).count())) / 3.6e9;
            QVERIFY(near(e.number("minutesBetween"), hours * 60, 1e-6));
            QVERIFY(near(e.number("speedKmh"), km / std::max(hours, hours > 0 ? 0.0 : 0.001), 1));
            const double speed = sure / (hours + e.number("slackMinutes") / 60);
            QVERIFY(near(e.number("effectiveSpeedKmh"), speed, 0.01));
            double limit = e.number("limitKmh");
            if (e.find("groundMinutes") != nullptr)
                limit = sure / (sure / e.number("speedLimitKmh") + e.number("groundMinutes") / 60);
            QVERIFY(near(e.number("limitKmh"), limit, 0.01));
            QVERIFY(sure >= e.number("minDistanceKm") && speed > limit);
            // The level is that of the stranger of the two ends.
            RiskLevel level = RiskLevel::None;
            const auto end = e.text("unfamiliarEnd");
            for (const std::string side : {"from", "to"}) {
                if (end != "both" && end != side)
                    continue;
                QVERIFY(e.number(side == "from" ? "signInsFrom" : "signInsTo") <
                        e.number("familiarFromSignIns"));
                const bool country = truth(e, side + "CountryKnown"), device = truth(e, side + "DeviceKnown");
                const auto found = e.find("groundMinutes") != nullptr      ? RiskLevel::Medium
                                   : !country && (speed > 3000 || !device) ? RiskLevel::High
                                   : country && device                     ? RiskLevel::Low
                                                                           : RiskLevel::Medium;
                level = std::max(level, found);
            }
            QVERIFY(level != RiskLevel::None);
            levelIs(d, level);
        });
    }

    void unfamiliar()
    {
        each(DetectionType::UnfamiliarFeatures, 60, [](const Detection &d, const Evidence &e) {
            double all = 0, place = 0, device = 0;
            const double kappa = e.number("kappa");
            bool browserIsNew = false;
            for (const auto &s : e.signals) {
                all += s.bits;
                if (const auto &c = s.counts) {
                    const double g = std::min(1.0, (c->directory + 1 / (c->directoryChildren + 1)) /
                                                       (c->directoryParent + 1));
                    double u =
                        (c->user + kappa * c->userChildren * g) / (c->userParent + kappa * c->userChildren);
                    const bool isNew = s.result == SignalResult::New;
                    browserIsNew = s.key == "browser" ? isNew : browserIsNew;
                    if (isNew && (s.key == "browser" || (s.key == "device" && !browserIsNew)))
                        u = std::max(u, std::min(g, e.number("updateChance")));
                    QVERIFY2(near(s.bits, std::log2(g / u), 1e-6), s.key.c_str());
                }
                if (s.key == "country" || s.key == "asn" || s.key == "network" || s.key == "address")
                    place += s.bits;
                if (s.key == "deviceKind" || s.key == "system" || s.key == "browser" || s.key == "device")
                    device += s.bits;
            }
            const double score = e.number("scoreBits");
            QVERIFY(near(all, score, 1e-6));
            QVERIFY(near(place, e.number("placeBits"), 1e-6));
            QVERIFY(near(device, e.number("deviceBits"), 1e-6));
            const bool both = truth(e, "newInPlace") && truth(e, "newInDevice");
            levelIs(d, score >= e.number("highBits") && both ? RiskLevel::High
                       : score >= e.number("mediumBits")     ? RiskLevel::Medium
                                                             : RiskLevel::Low);
            QVERIFY(score >= e.number("lowBits"));
            if (e.find("updateChance") != nullptr) { // 1 - exp(-days / 28) of at least a day
                QVERIFY(e.number("updateChance") > 0.035 && e.number("updateChance") < 1);
            }
        });
    }

    void anonymousAddresses()
    {
        each(DetectionType::AnonymizedIPAddress, 20, [](const Detection &d, const Evidence &e) {
            const auto kind = e.text("kind");
            const bool known = truth(e, "deviceKnown") || truth(e, "learning");
            const bool habit = e.number("habitSuccesses") >= 3 && e.number("habitDays") >= 7;
            QCOMPARE(truth(e, "habit"), habit);
            const auto grace = kind == "tor" ? std::chrono::hours(24) : std::chrono::hours(7 * 24);
            if (e.find("firstListed") != nullptr)
                QVERIFY(d.at >= moment(e, "firstListed"));
            if (e.find("lastListed") != nullptr)
                QVERIFY(d.at <= moment(e, "lastListed") + grace);
            levelIs(d, habit           ? RiskLevel::Low
                       : kind == "tor" ? (known ? RiskLevel::Medium : RiskLevel::High)
                       : kind == "vpn" ? (known ? RiskLevel::Low : RiskLevel::Medium)
                                       : RiskLevel::Medium);
        });
    }

    void malwareAddresses()
    {
        each(DetectionType::MalwareInfectedIPAddress, 5, [](const Detection &d, const Evidence &e) {
            const auto users = e.number("sharedByUsers");
            levelIs(d, e.number("confidence") >= 80 && users <= 2 ? RiskLevel::High
                       : users <= 10                              ? RiskLevel::Medium
                                                                  : RiskLevel::Low);
        });
    }

    void threatIndicators()
    {
        each(DetectionType::InvestigationsThreatIntelligence, 3, [](const Detection &d, const Evidence &e) {
            const double confidence = e.number("confidence", 100);
            int level = confidence >= 80 ? 3 : confidence >= 50 ? 2 : 1;
            if (!e.text("threatActor").empty())
                level = std::min(3, level + 1);
            levelIs(d, static_cast<RiskLevel>(level));
            QVERIFY(e.find("validFrom") == nullptr || d.at >= moment(e, "validFrom"));
            QVERIFY(e.find("validUntil") == nullptr || d.at <= moment(e, "validUntil"));
        });
    }

    void sprays()
    {
        each(DetectionType::PasswordSpray, 30, [this](const Detection &d, const Evidence &e) {
            QVERIFY(!d.campaign.empty());
            store::Statement campaign(
                m_directory->connection(),
                "SELECT attempts, failures, users, bad_to_good, opened, last FROM campaign "
                "WHERE id = ?1");
            QVERIFY(campaign.bind(d.campaign).step());
            // Only a right password raises; the bad-to-good ratio is Herley and Schechter's (f - f0) / (1 -
            // f).
            QVERIFY(campaign.int64(1) <= campaign.int64(0) && campaign.int64(2) > 0);
            QVERIFY(campaign.real(3) >= 3);
            QVERIFY(d.at >= campaign.time(4) - std::chrono::hours(24) &&
                    d.at <= campaign.time(5) + std::chrono::hours(24));
            QCOMPARE(int(d.level), int(RiskLevel::High));
            // The odds of its parts; none where nobody's own sign-in comes from there.
            const double failures = e.number("oddsFailures"), good = e.number("oddsGood");
            QVERIFY(failures > 0);
            QCOMPARE(e.find("odds") == nullptr, good == 0);
            QVERIFY(truth(e, "learning") ? e.number("unlikeness") == 1 : e.number("unlikeness") >= 1);
            if (good > 0) {
                const double share = failures / (failures + good);
                // f0 is that of the day on which it was judged.
                const double most = (share - 0.05) / (1 - share), least = (share - 0.4) / (1 - share);
                const double odds = e.number("odds"), factor = e.number("hitRate") * e.number("unlikeness");
                QVERIFY(odds >= 1 && odds <= factor * most + 1e-9 && odds >= factor * least - 1e-9);
            }
        });
    }

    // Σ over open detections: high 4.0, medium 2.0, low 0.8 with all lows at most 1.5 and never enough to
    // lift the level of the others; score = round(100 (1 - exp(-Σ / 2.525))).
    void usersOfTheirDetections()
    {
        std::map<std::uint32_t, std::array<int, 4>> open;
        for (const auto &row : m_detections)
            if (isOpen(row.detection.state))
                ++open[row.detection.user][static_cast<std::size_t>(row.weightLevel)];
        store::Statement ids(m_directory->connection(), "SELECT user FROM user_risk");
        std::vector<std::int64_t> all;
        while (ids.step())
            all.push_back(ids.int64(0));
        const auto users = query::readRiskyUsers(m_directory->connection(), all);
        QVERIFY(users && users->size() > 100);
        const auto levelOf = [](double sum) { return sum >= 3.5 ? 3 : sum >= 1.6 ? 2 : sum > 0 ? 1 : 0; };
        for (const auto &u : *users) {
            const auto counts = open[u.id];
            const double strong = 4.0 * counts[3] + 2.0 * counts[2];
            const double low = std::min(0.8 * counts[1], 1.5);
            double sum = strong + low;
            if (levelOf(strong) == 2 && levelOf(sum) == 3)
                sum = 3.49;
            const auto who = QString::fromStdString(u.userPrincipalName);
            QVERIFY2(int(u.standing.level) == levelOf(sum), qPrintable(who));
            // What lows add to one medium ends below the score that high begins with.
            const auto score = std::lround(100 * (1 - std::exp(-sum / 2.525)));
            const auto most = levelOf(strong) == 2 && low > 0 ? 74L : 100L;
            QVERIFY2(int(u.standing.score) == std::min(score, most),
                     qPrintable(QString("%1: %2 is not %3").arg(who).arg(u.standing.score).arg(score)));
        }
    }
};

QTEST_GUILESS_MAIN(RecomputedEvidence)
#include "tst_recomputed_evidence.moc"

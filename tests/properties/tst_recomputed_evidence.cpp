// Explanations that can be recomputed: a directory with attacks in it is made and imported, and for every
// stored detection the arithmetic is done again from its typed evidence alone, written here from the
// published formulas and the handbook, without a word of core/detect. Then levels and scores of users from
// their open detections.
#include "core/action/action_service.h"
#include "core/demo/sample.h"
#include "core/directory/directory.h"
#include "core/import/import_run.h"
#include "core/lists/intelligence.h"
#include "core/query/tables/detections.h"
#include "core/query/tables/risky_users.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include <QHash>
#include <QJsonDocument>
#include <QJsonObject>
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

} // namespace

class RecomputedEvidence : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::optional<run::Directory> m_directory;
    std::vector<query::DetectionRow> m_detections;
    QHash<QByteArray, QByteArray> m_log; // lines by event key
    std::vector<demo::SampleList> m_lists;
    const Timestamp m_end = Timestamp::fromCivil(2026, 3, 19);

    [[nodiscard]] std::filesystem::path path(const std::string &name) const
    {
        return std::filesystem::path(m_folder.path().toStdString()) / name;
    }
    // What was found on the first sign-in; a repeat may have lifted the detection.
    template <typename Facts, typename Check>
    void each(int atLeast, Check check)
    {
        constexpr auto type = Facts::type;
        int seen = 0;
        for (const auto &row : m_detections) {
            if (row.detection.type != type)
                continue;
            ++seen;
            const auto *facts = row.detection.evidence.template as<Facts>();
            QVERIFY(facts != nullptr);
            check(row.detection, *facts);
            if (QTest::currentTestFailed()) {
                qWarning("%s of %s: %s", std::string(toText(type)).c_str(), row.userPrincipalName.c_str(),
                         row.detection.evidence.toJson().c_str());
                return;
            }
        }
        QVERIFY2(seen >= atLeast, qPrintable(QString::number(seen)));
    }
    // The sign-in of a key, as the log tells it.
    [[nodiscard]] QJsonObject signIn(const std::string &eventKey) const
    {
        return QJsonDocument::fromJson(m_log.value(QByteArray::fromStdString(eventKey))).object();
    }
    void isOfItsList(const Detection &d, const ListFacts &list) const
    {
        const auto known = std::find_if(m_lists.begin(), m_lists.end(),
                                        [&](const demo::SampleList &l) { return l.name == list.name; });
        QVERIFY(known != m_lists.end());
        QVERIFY(!list.entry.empty() &&
                known->text.find(list.entry.substr(0, list.entry.find('/'))) != std::string::npos);
        QCOMPARE(list.version.value_or(0), 1U);
        QVERIFY(list.date && !list.source.empty());
        QCOMPARE(list.ageDays.has_value(), d.at > *list.date);
        if (list.ageDays)
            QCOMPARE(*list.ageDays, (d.at - *list.date) / std::chrono::hours(24));
        for (const auto &text : {list.licence, list.tlp, list.labels})
            QVERIFY(text.empty() || known->text.find(text) != std::string::npos);
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
        sample.writeSignIns([&](std::string_view line) {
            log << line;
            const QByteArray json(line.data(), static_cast<qsizetype>(line.size()));
            m_log[json.mid(7, 36).replace('-', "")] = json; // {"id":"
        });
        m_lists = sample.lists();
        log.close();
        QVERIFY(store::createDirectory(path("d.riskdesk"), {"D", false, false, m_end}));
        m_directory.emplace(std::move(*run::Directory::open(path("d.riskdesk"))));
        const FixedClock clock(m_end);
        for (const auto &list : m_lists) {
            std::ofstream(path(list.name)) << list.text;
            enrich::ListDefaults defaults;
            defaults.kind = list.networkClass;
            defaults.provider = list.provider;
            QVERIFY(run::addList(m_directory->connection(), clock, {}, list.kind, path(list.name), list.name,
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
        each<UnlikelyTravelEvidence>(15, [this](const Detection &d, const UnlikelyTravelEvidence &e) {
            const double km = vincentyKm(e.from.latitude, e.from.longitude, e.to.latitude, e.to.longitude);
            QVERIFY(near(e.distanceKm, km, 0.001));
            const double sure = std::max(0.0, km - e.radiusFromKm - e.radiusToKm);
            QVERIFY(near(e.effectiveDistanceKm, sure, 0.001));
            const double hours = std::abs(double((e.to.at - e.from.at).count())) / 3.6e9;
            QVERIFY(near(e.minutesBetween, hours * 60, 1e-6));
            QVERIFY(near(e.speedKmh, km / std::max(hours, hours > 0 ? 0.0 : 0.001), 1));
            const double speed = sure / (hours + e.slackMinutes / 60);
            QVERIFY(near(e.effectiveSpeedKmh, speed, 0.01));
            double limit = e.limitKmh;
            QCOMPARE(e.speedLimitKmh.has_value(), e.groundMinutes.has_value());
            if (e.groundMinutes)
                limit = sure / (sure / *e.speedLimitKmh + *e.groundMinutes / 60);
            QVERIFY(near(e.limitKmh, limit, 0.01));
            QVERIFY(sure >= e.minDistanceKm && speed > limit);
            // The level is that of the stranger of the two ends.
            RiskLevel level = RiskLevel::None;
            for (const auto side : {UnfamiliarEnd::From, UnfamiliarEnd::To}) {
                if (e.unfamiliarEnd != UnfamiliarEnd::Both && e.unfamiliarEnd != side)
                    continue;
                QVERIFY((side == UnfamiliarEnd::From ? e.signInsFrom : e.signInsTo) < e.familiarFromSignIns);
                const auto &end = side == UnfamiliarEnd::From ? e.from : e.to;
                const auto found = e.groundMinutes ? RiskLevel::Medium
                                   : !end.countryKnown && (speed > 3000 || !end.deviceKnown) ? RiskLevel::High
                                   : end.countryKnown && end.deviceKnown                     ? RiskLevel::Low
                                                                         : RiskLevel::Medium;
                level = std::max(level, found);
            }
            QVERIFY(level != RiskLevel::None);
            levelIs(d, level);
            // One end is the sign-in itself, the other the one whose key is told.
            const bool isTo = e.to.at == d.at;
            QVERIFY(isTo || e.from.at == d.at);
            const auto &own = isTo ? e.to : e.from, &other = isTo ? e.from : e.to;
            QCOMPARE(own.ip, d.ip.toString());
            QCOMPARE(own.asn, d.asn);
            const auto log = signIn(e.previousEventKey);
            QVERIFY(!log.isEmpty());
            QCOMPARE(other.ip, log["ipAddress"].toString().toStdString());
            QCOMPARE(other.at.toIso(), log["createdDateTime"].toString().toStdString());
            const auto place = log["location"].toObject();
            QCOMPARE(other.city, place["city"].toString().toStdString());
            QCOMPARE(other.country, place["countryOrRegion"].toString().toStdString());
            QVERIFY(!own.device.empty() && !other.device.empty());
            // Places of four sign-ins and more, the commonest first; where the stranger was seen before.
            double last = 1e9;
            for (std::string_view rest = e.familiarPlaces; !rest.empty();) {
                const auto open = rest.find('('), close = rest.find(')');
                QVERIFY(open != std::string_view::npos && close != std::string_view::npos);
                const double count = std::stod(std::string(rest.substr(open + 1, close - open - 1)));
                QVERIFY(count <= last && count >= std::floor(e.familiarFromSignIns));
                last = count;
                rest = rest.size() > close + 3 ? rest.substr(close + 3) : std::string_view();
            }
            const double there = e.unfamiliarEnd == UnfamiliarEnd::From ? e.signInsFrom : e.signInsTo;
            QCOMPARE(e.lastSeenThere.has_value(), there > 0);
            QVERIFY(!e.lastSeenThere || *e.lastSeenThere <= std::max(e.from.at, e.to.at));
        });
    }

    void unfamiliar()
    {
        each<UnfamiliarFeaturesEvidence>(60, [](const Detection &d, const UnfamiliarFeaturesEvidence &e) {
            double all = 0, place = 0, device = 0;
            bool browserIsNew = false;
            for (const auto &s : d.evidence.signals) {
                all += s.bits;
                if (const auto &c = s.counts) {
                    const double g = std::min(1.0, (c->directory + 1 / (c->directoryChildren + 1)) /
                                                       (c->directoryParent + 1));
                    double u = (c->user + e.kappa * c->userChildren * g) /
                               (c->userParent + e.kappa * c->userChildren);
                    const bool isNew = s.result == SignalResult::New;
                    browserIsNew = s.key == "browser" ? isNew : browserIsNew;
                    if (isNew && (s.key == "browser" || (s.key == "device" && !browserIsNew)))
                        u = std::max(u, std::min(g, e.updateChance.value_or(0)));
                    QVERIFY2(near(s.bits, std::log2(g / u), 1e-6), s.key.c_str());
                }
                if (s.key == "country" || s.key == "asn" || s.key == "network" || s.key == "address")
                    place += s.bits;
                if (s.key == "deviceKind" || s.key == "system" || s.key == "browser" || s.key == "device")
                    device += s.bits;
            }
            QVERIFY(near(all, e.scoreBits, 1e-6));
            QVERIFY(near(place, e.placeBits, 1e-6));
            QVERIFY(near(device, e.deviceBits, 1e-6));
            const bool both = e.newInPlace && e.newInDevice;
            levelIs(d, e.scoreBits >= e.highBits && both ? RiskLevel::High
                       : e.scoreBits >= e.mediumBits     ? RiskLevel::Medium
                                                         : RiskLevel::Low);
            QVERIFY(e.scoreBits >= e.lowBits);
            if (e.updateChance) { // 1 - exp(-days / 28) of at least a day
                QVERIFY(*e.updateChance > 0.035 && *e.updateChance < 1);
            }
            QVERIFY(e.updatedFrom.empty() || e.updateChance);
            QVERIFY(!e.releaseLeftDays ||
                    (*e.releaseLeftDays >= 28 && *e.releaseLeftDays <= 180 && !e.updateChance));
            QVERIFY(e.learntSignIns >= 1 && e.learntSince && *e.learntSince <= d.at);
            QVERIFY(e.lastUsualSignIn && *e.lastUsualSignIn >= *e.learntSince && *e.lastUsualSignIn <= d.at);
        });
    }

    void anonymousAddresses()
    {
        each<AnonymizedIpEvidence>(20, [this](const Detection &d, const AnonymizedIpEvidence &e) {
            const bool known = e.deviceKnown || e.learning;
            const bool habit = e.habitSuccesses >= 3 && e.habitDays.value_or(0) >= 7;
            QCOMPARE(e.habit, habit);
            QCOMPARE(e.habitSince.has_value(), e.habitSuccesses > 0);
            QVERIFY(!e.habitSince || *e.habitSince + std::chrono::hours(24) * *e.habitDays <= d.at);
            const bool tor = e.kind == NetworkClass::Tor;
            const auto grace = std::chrono::hours(tor ? 24 : 7 * 24);
            QVERIFY(!e.list.from || d.at >= *e.list.from);
            QVERIFY(!e.list.until || d.at <= *e.list.until + grace);
            levelIs(d, habit                         ? RiskLevel::Low
                       : tor                         ? (known ? RiskLevel::Medium : RiskLevel::High)
                       : e.kind == NetworkClass::Vpn ? (known ? RiskLevel::Low : RiskLevel::Medium)
                                                     : RiskLevel::Medium);
            QVERIFY(!e.hosting); // no list of the sample names hosting networks
            QVERIFY(!e.provider.empty());
            isOfItsList(d, e.list);
        });
    }

    void malwareAddresses()
    {
        each<MalwareInfectedIpEvidence>(5, [this](const Detection &d, const MalwareInfectedIpEvidence &e) {
            const auto of = [&](std::uint32_t users) {
                return e.confidence.value_or(50) >= 80 && users <= 2 ? RiskLevel::High
                       : users <= 10                                 ? RiskLevel::Medium
                                                                     : RiskLevel::Low;
            };
            levelIs(d, of(e.sharedByUsers));
            QCOMPARE(e.discount, int(of(0)) - int(of(e.sharedByUsers)));
            QVERIFY(e.setAside.entry.empty());
            if (e.isOwnExperience()) {
                QCOMPARE(e.list.entry, d.ip.toString());
                QVERIFY(*e.ownFailures <= *e.ownAttempts && *e.ownFailingUsers <= *e.ownFailures);
                QCOMPARE(*e.confidence, 99);
                QVERIFY(*e.ownOdds >= 0 && *e.ownOdds <= 1);
                QVERIFY(*e.ownFailures < *e.ownAttempts || *e.ownOdds == 1);
                QVERIFY(e.validUntil && *e.validUntil >= d.at && e.list.until && *e.list.until <= d.at);
            } else {
                QVERIFY(!e.malware.empty() && !e.ownAttempts && !e.ownOdds && !e.validUntil);
                isOfItsList(d, e.list);
            }
        });
    }

    void threatIndicators()
    {
        each<ThreatIntelligenceEvidence>(3, [this](const Detection &d, const ThreatIntelligenceEvidence &e) {
            const int confidence = e.confidence.value_or(50);
            int level = confidence >= 80 ? 3 : confidence >= 50 ? 2 : 1;
            if (!e.threatActor.empty())
                level = std::min(3, level + 1);
            levelIs(d, static_cast<RiskLevel>(level));
            QVERIFY(!e.list.from || d.at >= *e.list.from);
            QVERIFY(!e.list.until || d.at <= *e.list.until);
            QVERIFY(!e.field.empty() && !e.label.empty());
            const auto &aside = e.setAside;
            QVERIFY(aside.entry.empty() && !aside.why);
            QVERIFY(aside.matched && aside.all && *aside.matched <= *aside.all);
            QVERIFY(near(*aside.percent,
                         *aside.all == 0 ? 0 : 100.0 * double(*aside.matched) / double(*aside.all), 1e-9));
            isOfItsList(d, e.list);
        });
    }

    void sprays()
    {
        each<PasswordSprayEvidence>(30, [this](const Detection &d, const PasswordSprayEvidence &e) {
            QVERIFY(!d.campaign.empty());
            const auto &c = e.campaign; // as it stood then; it may have grown
            QCOMPARE(c.id, d.campaign);
            store::Statement campaign(m_directory->connection(),
                                      "SELECT attempts, failures, users, bad_to_good, opened, last, "
                                      "addresses, surprise_bits, scope_text FROM campaign WHERE id = ?1");
            QVERIFY(campaign.bind(d.campaign).step());
            QVERIFY(c.attempts <= campaign.uint32(0) && c.failures <= campaign.uint32(1));
            QVERIFY(c.users <= campaign.uint32(2) && c.addresses <= campaign.uint32(6));
            QVERIFY(c.opened >= campaign.time(4) && c.last <= campaign.time(5));
            QCOMPARE(c.scopeText, campaign.string(8));
            QVERIFY(c.opened <= c.detected && c.failures + 1 <= c.attempts && c.addresses > 0);
            QVERIFY(c.failingUsers <= c.users && c.unknownUserFailures <= c.failures);
            const bool source = c.scope == ScopeKind::Address || c.scope == ScopeKind::Network;
            switch (c.rule) {
            case SprayRule::SingleSource:
                QVERIFY(source && c.windowMinutes == 20 && c.failingUsers >= 5);
                break;
            case SprayRule::SingleSourceDay:
                QVERIFY(source && c.windowMinutes == 1440 && c.failingUsers >= 10);
                break;
            case SprayRule::ManySources:
                QVERIFY(c.scope != ScopeKind::Address && c.windowMinutes == 60 && c.failingUsers >= 8);
                break;
            case SprayRule::LowAndSlow:
                QVERIFY(!source && c.windowMinutes == 1440 && c.failingUsers >= 20);
                break;
            }
            QVERIFY(!source || c.failingUsers > c.succeedingUsers);
            // Every attempt stands in one bin.
            std::uint32_t attempts = 0;
            for (const auto &bin : QString::fromStdString(c.timeline).split(QLatin1Char(' ')))
                attempts += bin.toUInt();
            QCOMPARE(attempts, c.attempts);
            QVERIFY(c.timelineMinutes > 0);
            // Only a right password raises; the bad-to-good ratio is Herley and Schechter's (f - f0) / (1 -
            // f).
            QVERIFY(c.badToGood >= 3 && c.badToGood <= 1e9);
            QVERIFY(c.usualFailureShare >= 0.05 && c.usualFailureShare <= 0.4);
            QVERIFY(c.expectedUsers >= 0 && c.surpriseBits >= 0);
            QVERIFY(c.expectedUsers > 0 || c.surpriseBits == 0);
            QVERIFY(d.at >= campaign.time(4) - std::chrono::hours(24) &&
                    d.at <= campaign.time(5) + std::chrono::hours(24));
            QCOMPARE(int(d.level), int(RiskLevel::High));
            QCOMPARE(e.stoppedBy.has_value(), !e.gotIn);
            // The odds of its parts; none where nobody's own sign-in comes from there.
            const double failures = e.oddsFailures, good = e.oddsGood;
            QVERIFY(failures > 0);
            QCOMPARE(!e.odds, good == 0);
            const auto bits = [](double b) { return std::clamp(b, 0.0, 5.0); };
            QVERIFY(near(e.unlikeness, e.learning ? 1 : std::exp2(bits(e.placeBits) + bits(e.deviceBits)),
                         1e-9 * e.unlikeness));
            QVERIFY(e.hitRate > 0 && e.hitRate <= (e.otherVictims + 1.0) / 2);
            if (good > 0) {
                const double share = failures / (failures + good);
                // f0 is that of the day on which it was judged.
                const double most = (share - 0.05) / (1 - share), least = (share - 0.4) / (1 - share);
                const double factor = e.hitRate * e.unlikeness;
                QVERIFY(*e.odds >= 1 && *e.odds <= factor * most + 1e-9 && *e.odds >= factor * least - 1e-9);
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

    // An admin's word is told as it was given. Last: it changes a user.
    void adminsWord()
    {
        const FixedClock clock(m_end);
        action::ActionService actions(m_directory->connection(), clock, {.name = "ana"});
        const auto user = m_detections.front().detection.user;
        QVERIFY(
            actions.carryOut({action::Action::ConfirmCompromised, {user}, {}, {}, "phished", "by phone"}));
        store::Statement made(m_directory->connection(),
                              "SELECT rowid FROM detection WHERE user = ?1 AND type = 7");
        QVERIFY(made.bind(user).step());
        const std::int64_t ids[] = {made.int64(0)};
        const auto rows = query::readDetections(m_directory->connection(), ids);
        QVERIFY(rows && rows->size() == 1);
        const auto *word = rows->front().detection.evidence.as<AdminConfirmedEvidence>();
        QVERIFY(word != nullptr);
        QCOMPARE(word->actor, "ana");
        QCOMPARE(word->reason, "phished");
        QCOMPARE(word->note, "by phone");
    }
};

QTEST_GUILESS_MAIN(RecomputedEvidence)
#include "tst_recomputed_evidence.moc"

#include "tests/lab/trial.h"

#include "core/demo/random.h"
#include "core/directory/directory.h"
#include "core/examine/encoder.h"
#include "core/import/import_run.h"
#include "core/lists/intelligence.h"
#include "core/replay/replay.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include "tests/lab/peer_rules.h"
#include "tests/lab/reference_formula.h"
#include "tests/support/places.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <optional>

namespace riskdesk::lab {
namespace {

struct Truth
{
    std::uint16_t label = 0;
    unsigned campaign = 0;
    bool compromise = false;
};

// Writes lines to a file, some of them later than they happened, some twice.
class UntidyLog
{
public:
    UntidyLog(const std::filesystem::path &file, double late, double duplicate, std::uint64_t seed)
        : m_out(file)
        , m_random(seed)
        , m_late(late)
        , m_duplicate(duplicate)
    {}
    void write(std::string_view line)
    {
        for (; !m_waiting.empty() && m_waiting.begin()->first <= m_lines; m_waiting.erase(m_waiting.begin()))
            m_out << m_waiting.begin()->second;
        if (m_random.chance(m_late))
            m_waiting.emplace(m_lines + m_random.below(800), line);
        else
            m_out << line;
        if (m_random.chance(m_duplicate))
            m_waiting.emplace(m_lines + m_random.below(200), line);
        ++m_lines;
    }
    void finish()
    {
        for (const auto &[at, line] : m_waiting)
            m_out << line;
        m_out.close();
    }

private:
    std::ofstream m_out;
    demo::Random m_random;
    double m_late, m_duplicate;
    std::uint64_t m_lines = 0;
    std::multimap<std::uint64_t, std::string> m_waiting;
};

ReferenceLogin referenceLogin(const detect::EnrichedSignIn &s)
{
    return {s.row.user,      s.row.ip,       s.asn,         s.country,
            s.row.userAgent, s.agentBrowser, s.agentSystem, static_cast<std::uint64_t>(s.deviceClass)};
}

// Sign-ins of others, to make attackers of.
class Pool
{
public:
    void add(const detect::EnrichedSignIn &s)
    {
        put(m_all, s);
        put(m_byCountry[s.country], s);
        put(m_byProvider[{s.country, s.asn}], s);
    }
    // Null where nobody fits.
    const detect::EnrichedSignIn *device(demo::Random &random) const { return any(m_all, random); }
    const detect::EnrichedSignIn *abroad(const detect::EnrichedSignIn &of, demo::Random &random) const
    {
        for (int i = 0; i < 20 && !m_byCountry.empty(); ++i) {
            auto it = m_byCountry.begin();
            std::advance(it, random.below(static_cast<std::uint32_t>(m_byCountry.size())));
            if (it->first != of.country)
                return any(it->second, random);
        }
        return nullptr;
    }
    const detect::EnrichedSignIn *inCountry(const detect::EnrichedSignIn &of, demo::Random &random) const
    {
        const auto it = m_byCountry.find(of.country);
        for (int i = 0; i < 20 && it != m_byCountry.end(); ++i)
            if (const auto *s = any(it->second, random); s != nullptr && s->asn != of.asn)
                return s;
        return nullptr;
    }
    const detect::EnrichedSignIn *neighbour(const detect::EnrichedSignIn &of, demo::Random &random) const
    {
        const auto it = m_byProvider.find({of.country, of.asn});
        for (int i = 0; i < 20 && it != m_byProvider.end(); ++i)
            if (const auto *s = any(it->second, random); s != nullptr && s->row.user != of.row.user)
                return s;
        return nullptr;
    }

private:
    static constexpr std::size_t kept = 512;
    struct Ring
    {
        std::vector<detect::EnrichedSignIn> of;
        std::size_t next = 0;
    };
    static void put(Ring &ring, const detect::EnrichedSignIn &s)
    {
        if (ring.of.size() < kept)
            ring.of.push_back(s);
        else
            ring.of[ring.next] = s;
        ring.next = (ring.next + 1) % kept;
    }
    static const detect::EnrichedSignIn *any(const Ring &ring, demo::Random &random)
    {
        return ring.of.empty() ? nullptr : &ring.of[random.below(static_cast<std::uint32_t>(ring.of.size()))];
    }
    Ring m_all;
    std::map<detect::CountryCode, Ring> m_byCountry;
    std::map<std::pair<detect::CountryCode, std::uint32_t>, Ring> m_byProvider;
};

detect::EnrichedSignIn made(const detect::EnrichedSignIn &victim, const detect::EnrichedSignIn &where,
                            const detect::EnrichedSignIn &with, demo::Random &random)
{
    detect::EnrichedSignIn s = victim;
    s.row.at += std::int64_t{6 * 3600} * 1'000'000;
    const auto key = random.next();
    std::copy_n(reinterpret_cast<const std::uint8_t *>(&key), sizeof key, s.row.eventKey.begin());
    s.row.ip = where.row.ip;
    s.row.place = where.row.place;
    s.row.asn = where.row.asn;
    s.ip = where.ip;
    s.place = where.place;
    s.placeId = where.placeId;
    s.country = where.country;
    s.asn = where.asn;
    s.facts = where.facts;
    s.row.userAgent = with.row.userAgent;
    s.row.browser = with.row.browser;
    s.row.operatingSystem = with.row.operatingSystem;
    s.row.device = 0;
    s.deviceClass = with.deviceClass;
    s.agentSystem = with.agentSystem;
    s.agentBrowser = with.agentBrowser;
    s.automated = with.automated;
    s.threatAgent = nullptr;
    return s;
}

class Scoring
{
public:
    Scoring(Trial &trial, run::ReplayGround &ground, const std::map<EventKey, Truth> &truth,
            std::uint64_t seed)
        : m_trial(trial)
        , m_ground(ground)
        , m_truth(truth)
        , m_engine(ground.engine({}))
        , m_random(seed ^ 0x5ca1ab1e)
    {}

    Status run(store::Connection &connection)
    {
        const run::ReplaySeat seat{m_ground,
                                   m_engine,
                                   [this](const detect::EnrichedSignIn &signIn) {
                                       if (signIn.succeeded() || isStoppedHit(signIn))
                                           take(signIn);
                                       return true;
                                   },
                                   {}};
        auto played = run::replay(connection, {&seat, 1});
        if (!played)
            return tl::unexpected(played.error());
        m_trial.signIns = *played;
        return {};
    }
    [[nodiscard]] int indexOf(const EventKey &key) const
    {
        const auto it = m_trial.index.find(key);
        return it == m_trial.index.end() ? -1 : it->second;
    }

private:
    bool isStoppedHit(const detect::EnrichedSignIn &s) const
    {
        const auto truth = s.validated() ? m_truth.find(s.row.eventKey) : m_truth.end();
        return truth != m_truth.end() && truth->second.compromise;
    }
    Score score(const detect::EnrichedSignIn &s)
    {
        Score score;
        score.ours = static_cast<float>(m_engine.assess(s).total);
        score.reference = static_cast<float>(std::log2(m_reference.score(referenceLogin(s))));
        return score;
    }
    void take(const detect::EnrichedSignIn &s)
    {
        Success out;
        const auto truth = m_truth.find(s.row.eventKey);
        if (truth != m_truth.end()) {
            out.label = truth->second.label;
            out.compromise = truth->second.compromise;
            out.campaign = truth->second.campaign;
        }
        out.user = s.row.user;
        out.at = s.row.at;
        out.score = score(s);
        out.learning = m_engine.assess(s).familiarity.learning;
        if (!out.compromise) {
            auto &own = m_own[out.user];
            out.number = static_cast<std::uint32_t>(own.size()) + 1;
            if (own.size() < histories.back()) {
                own.push_back(out.score);
                probe(s, own);
            } else {
                own.push_back({});
            }
            m_pool.add(s);
            m_reference.learn(referenceLogin(s));
        }
        m_trial.index.emplace(s.row.eventKey, static_cast<int>(m_trial.successes.size()));
        m_trial.successes.push_back(out);
    }
    // Tries the three attackers on a user with exactly so many sign-ins.
    void probe(const detect::EnrichedSignIn &s, const std::vector<Score> &own)
    {
        const auto history = std::find(histories.begin(), histories.end(), own.size() + 1);
        if (history == histories.end())
            return;
        const auto *device = m_pool.device(m_random);
        const auto *abroad = m_pool.abroad(s, m_random), *inCountry = m_pool.inCountry(s, m_random),
                   *neighbour = m_pool.neighbour(s, m_random);
        if (device == nullptr || abroad == nullptr || inCountry == nullptr || neighbour == nullptr)
            return;
        Probe p;
        p.user = s.row.user;
        p.history = static_cast<std::uint8_t>(history - histories.begin());
        p.attacker[0] = score(made(s, *abroad, *device, m_random));
        p.attacker[1] = score(made(s, *inCountry, *device, m_random));
        p.attacker[2] = score(made(s, *neighbour, s, m_random));
        p.own = own;
        m_trial.probes.push_back(std::move(p));
    }

    Trial &m_trial;
    run::ReplayGround &m_ground;
    const std::map<EventKey, Truth> &m_truth;
    detect::Engine m_engine;
    ReferenceFormula m_reference;
    demo::Random m_random;
    Pool m_pool;
    std::map<std::uint32_t, std::vector<Score>> m_own;
};

Result<std::map<EventKey, Truth>> make(const Population &population, const std::filesystem::path &workshop,
                                       store::Connection &connection, Trial &trial)
{
    const FixedClock clock(population.options.end);
    const auto source = sourceOf(population);
    for (const auto &list : source->lists()) {
        const auto file = workshop / list.name;
        std::ofstream(file) << list.text;
        enrich::ListDefaults defaults;
        defaults.kind = list.networkClass;
        defaults.provider = list.provider;
        if (auto added = run::addList(connection, clock, {}, list.kind, file, list.name, defaults); !added)
            return tl::unexpected(added.error());
    }
    std::ofstream users(workshop / "users.ndjson");
    source->writeUsers([&](std::string_view line) { users << line; });
    users.close();
    UntidyLog log(workshop / "sign-ins.ndjson", population.late, population.duplicate,
                  population.options.seed);
    source->writeSignIns([&](std::string_view line) { log.write(line); });
    log.finish();

    std::map<EventKey, Truth> truth;
    std::ofstream labels(workshop / "labels.csv");
    labels << "requestId,userPrincipalName,kind,campaign,compromise\n";
    for (const auto &label : source->labels()) {
        labels << label.eventId << ',' << label.userPrincipalName << ',' << label.kind << ','
               << label.campaign << ',' << label.compromise << '\n';
        auto known = std::find(trial.labels.begin(), trial.labels.end(), label.kind);
        if (known == trial.labels.end())
            known = trial.labels.insert(known, label.kind);
        EventKey key{};
        if (run::parseGuid(label.eventId, key))
            truth[key] = {static_cast<std::uint16_t>(known - trial.labels.begin()), label.campaign,
                          label.compromise};
    }
    return truth;
}

Status readFindings(store::Connection &connection, const Scoring &scoring, Trial &trial)
{
    store::Statement rows(connection,
                          "SELECT type, level, user, at, count, event_key FROM detection ORDER BY rowid");
    while (rows.step()) {
        Found f;
        f.type = static_cast<DetectionType>(rows.int64(0));
        f.level = static_cast<RiskLevel>(rows.int64(1));
        f.user = static_cast<std::uint32_t>(rows.int64(2));
        f.at = rows.int64(3);
        f.count = static_cast<std::uint64_t>(rows.int64(4));
        EventKey key{};
        const auto blob = rows.blob(5);
        std::copy_n(blob.begin(), std::min(blob.size(), key.size()), key.begin());
        f.success = scoring.indexOf(key);
        trial.found.push_back(f);
    }
    if (!rows.ok())
        return tl::unexpected(rows.error());
    store::Statement numbers(connection, "SELECT (SELECT count(*) FROM campaign), "
                                         "(SELECT coalesce(sum(length(data)), 0) FROM detector_state)");
    if (numbers.step()) {
        trial.campaigns = static_cast<std::uint64_t>(numbers.int64(0));
        trial.stateBytes = static_cast<std::uint64_t>(numbers.int64(1));
    }
    return numbers.ok() ? Status() : tl::unexpected(numbers.error());
}

// What the peers' rules make of the same sign-ins.
Status askPeers(store::Connection &connection, const Scoring &scoring, Trial &trial)
{
    auto rules = peerRules(test::peerRules());
    if (!rules)
        return tl::unexpected(rules.error());
    for (const auto &file : *rules) {
        auto alerts = runPeerRule(connection, file);
        if (!alerts)
            return tl::unexpected(alerts.error());
        PeerFindings findings;
        findings.rule = file.stem().string();
        findings.alerts = alerts->size();
        for (const PeerAlert &alert : *alerts) {
            EventKey key{};
            const int success = run::parseGuid(alert.requestId, key) ? scoring.indexOf(key) : -1;
            if (success >= 0)
                findings.successes.push_back(success);
        }
        trial.peers.push_back(std::move(findings));
    }
    return {};
}

// The log in as many files as days, in the order in which its lines arrived; the users come with the first.
std::vector<std::vector<std::filesystem::path>> cutByDay(const std::filesystem::path &workshop, unsigned days)
{
    std::vector<std::string> lines;
    std::ifstream log(workshop / "sign-ins.ndjson");
    for (std::string line; std::getline(log, line);)
        lines.push_back(std::move(line));
    std::vector<std::vector<std::filesystem::path>> batches;
    for (std::size_t day = 0; day < days; ++day) {
        const auto file = workshop / ("day-" + std::to_string(day) + ".ndjson");
        std::ofstream out(file);
        for (std::size_t i = lines.size() * day / days; i < lines.size() * (day + 1) / days; ++i)
            out << lines[i] << '\n';
        batches.push_back({file});
    }
    batches.front().insert(batches.front().begin(), workshop / "users.ndjson");
    return batches;
}

struct Opened
{
    store::Connection connection;
    std::unique_ptr<run::ReplayGround> ground;
};
Result<Opened> open(const std::filesystem::path &file)
{
    auto connection = store::openForReading(file);
    if (!connection)
        return tl::unexpected(connection.error());
    std::vector<Error> unusable;
    auto enricher = run::loadEnricher(*connection, unusable);
    if (!enricher)
        return tl::unexpected(enricher.error());
    auto ground = run::ReplayGround::load(*connection, std::move(*enricher));
    if (!ground)
        return tl::unexpected(ground.error());
    return Opened{std::move(*connection), std::move(*ground)};
}

} // namespace

Result<Trial> run(const Population &population, const std::filesystem::path &workshop)
{
    Trial trial;
    trial.labels = {""};
    trial.users = population.options.users;
    trial.days = population.options.days;
    trial.directory = workshop / "lab.riskdesk";
    store::DirectoryInfo info;
    info.name = "Laboratory";
    info.sample = true;
    info.createdAt = population.options.end;
    if (auto ok = store::createDirectory(trial.directory, info); !ok)
        return tl::unexpected(ok.error());
    std::map<EventKey, Truth> truth;
    {
        auto directory = run::Directory::open(trial.directory);
        if (!directory)
            return tl::unexpected(directory.error());
        for (const auto &[key, value] : population.settings)
            if (auto ok = store::Statement(directory->connection(), "INSERT INTO setting VALUES (?1, ?2)")
                              .bind(key, fmt::format("{}", value))
                              .run();
                !ok)
                return tl::unexpected(ok.error());
        auto made = make(population, workshop, directory->connection(), trial);
        if (!made)
            return tl::unexpected(made.error());
        truth = std::move(*made);
        const FixedClock clock(population.options.end);
        std::vector<std::vector<std::filesystem::path>> batches{
            {workshop / "users.ndjson", workshop / "sign-ins.ndjson"}};
        if (population.daily)
            batches = cutByDay(workshop, population.options.days);
        for (const auto &files : batches) {
            auto summary = run::importFiles(*directory, files, {}, clock);
            if (!summary)
                return tl::unexpected(summary.error());
            trial.importSeconds += summary->seconds;
        }
    }
    auto opened = open(trial.directory);
    if (!opened)
        return tl::unexpected(opened.error());
    Scoring scoring(trial, *opened->ground, truth, population.options.seed);
    Status ok = scoring.run(opened->connection);
    if (ok)
        ok = readFindings(opened->connection, scoring, trial);
    if (ok)
        ok = askPeers(opened->connection, scoring, trial);
    if (!ok)
        return tl::unexpected(ok.error());
    return trial;
}

Result<std::vector<Found>> again(const Trial &trial, const detect::Tuning &tuning)
{
    auto opened = open(trial.directory);
    if (!opened)
        return tl::unexpected(opened.error());
    auto engine = opened->ground->engine(tuning);
    std::vector<Found> found;
    const auto take = [&](const detect::EnrichedSignIn &, const detect::Examination &examination, bool) {
        for (const auto &f : examination.findings) {
            const auto at = trial.index.find(f.signIn.row.eventKey);
            found.push_back({f.type, f.verdict.level, f.signIn.row.user, f.signIn.row.at, 1,
                             at == trial.index.end() ? -1 : at->second});
        }
    };
    const run::ReplaySeat seat{*opened->ground, engine, {}, take};
    if (auto played = run::replay(opened->connection, {&seat, 1}); !played)
        return tl::unexpected(played.error());
    return found;
}

} // namespace riskdesk::lab

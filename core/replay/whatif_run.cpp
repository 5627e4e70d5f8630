#include "core/replay/whatif_run.h"

#include "core/base/text.h"
#include "core/directory/directory.h"
#include "core/enrich/list_text.h"
#include "core/ledger/suppression.h"
#include "core/lists/intelligence.h"
#include "core/replay/found.h"
#include "core/replay/replay.h"
#include "core/store/schema.h"
#include "core/store/statement.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace riskdesk::run {
namespace {

std::size_t index(RiskLevel level)
{
    return static_cast<std::size_t>(level);
}

Status apply(Tunings &tunings, const std::string &key, double value)
{
    auto ok = tunings.set(key, value);
    if (ok || ok.error().code != Code::NotFound)
        return ok;
    for (const auto &entry : settingTable())
        if (entry.key == key)
            return fail(Code::WrongUsage, key, "no detector reads this setting");
    const auto near = nearSettings(key);
    return fail(Code::NotFound, key,
                near.empty() ? "there is no such setting; \"settings\" lists them"
                             : fmt::format("there is no such setting; near are {}", fmt::join(near, ", ")));
}

Result<ListEntry> trusted(const std::string &text)
{
    ListEntry entry;
    entry.name = entry.indicator = text;
    if (const auto system = enrich::readSystem(text)) {
        entry.asn = *system;
        return entry;
    }
    const auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    if (text.size() == 2 && letter(text[0]) && letter(text[1])) {
        for (const char c : text)
            entry.country += static_cast<char>(c & ~0x20);
        return entry;
    }
    enrich::Refusal refusal;
    const auto network = enrich::readNetwork(text, refusal);
    if (!network)
        return fail(Code::WrongUsage, text,
                    refusal.detail.empty() ? "expected a network, AS64500 or a country of two letters"
                                           : refusal.detail);
    entry.first = network->first;
    entry.last = network->last;
    return entry;
}

// One moment of the store, however long it takes to read it.
class Snapshot
{
public:
    explicit Snapshot(store::Connection &connection)
        : m_connection(connection)
        , m_status(connection.execute("BEGIN"))
    {}
    ~Snapshot()
    {
        if (m_status)
            (void)m_connection.execute("ROLLBACK");
    }
    Snapshot(const Snapshot &) = delete;
    Snapshot &operator=(const Snapshot &) = delete;
    [[nodiscard]] const Status &status() const { return m_status; }

private:
    store::Connection &m_connection;
    Status m_status;
};

// `own`: what is set aside as own traffic; null: what is written down.
Result<std::unique_ptr<ReplayGround>> ground(store::Connection &connection,
                                             const std::vector<std::string> &trust,
                                             const std::vector<SetAsideIndicator> *own = nullptr)
{
    std::vector<Error> unusable; // what an import leaves out is left out here too
    auto enricher = loadEnricher(connection, unusable, own);
    if (!enricher)
        return tl::unexpected(enricher.error());
    if (!trust.empty()) {
        IntelligenceList list;
        list.id = std::numeric_limits<std::uint32_t>::max();
        list.kind = ListKind::Trusted;
        list.name = "what if";
        std::vector<ListEntry> entries;
        for (const auto &text : trust) {
            auto entry = trusted(text);
            if (!entry)
                return tl::unexpected(entry.error());
            entry->list = list.id;
            entries.push_back(std::move(*entry));
        }
        list.entries = entries.size();
        enricher->addList(list, std::move(entries));
    }
    return ReplayGround::load(connection, std::move(*enricher));
}

// Which detection of the one side is which of the other: the same type on one of the same sign-ins.
class Pairing
{
public:
    explicit Pairing(const std::vector<FoldedFound> &after)
        : m_after(after)
        , m_taken(after.size(), false)
    {
        for (std::size_t i = 0; i < after.size(); ++i) {
            m_byKey.emplace(Name{after[i].first.type, after[i].first.key}, i);
            for (const auto &key : after[i].repeats)
                m_byKey.emplace(Name{after[i].first.type, key}, i);
        }
    }
    // Null: it is not there any more.
    const FoldedFound *of(const FoldedFound &before)
    {
        const auto *found = take(before.first.type, before.first.key);
        for (auto key = before.repeats.begin(); found == nullptr && key != before.repeats.end(); ++key)
            found = take(before.first.type, *key);
        return found;
    }
    [[nodiscard]] bool isTaken(std::size_t i) const { return m_taken[i]; }

private:
    using Name = std::pair<DetectionType, EventKey>;
    const FoldedFound *take(DetectionType type, const EventKey &key)
    {
        const auto found = m_byKey.find({type, key});
        if (found == m_byKey.end() || m_taken[found->second])
            return nullptr;
        m_taken[found->second] = true;
        return &m_after[found->second];
    }
    const std::vector<FoldedFound> &m_after;
    std::vector<bool> m_taken;
    std::map<Name, std::size_t> m_byKey;
};

Recorded became(RiskState state, RiskDetail detail)
{
    switch (state) {
    case RiskState::Dismissed:
        // Ageing closes without a detail, a person never does.
        return detail == RiskDetail::None ? Recorded::Aged : Recorded::Dismissed;
    case RiskState::ConfirmedSafe: return Recorded::ConfirmedSafe;
    case RiskState::ConfirmedCompromised: return Recorded::ConfirmedCompromised;
    case RiskState::Remediated: return Recorded::Remediated;
    default: return Recorded::AtRisk;
    }
}

class Comparison
{
public:
    Comparison(store::Connection &connection, ReplayGround &ground, WhatIfReport &report)
        : m_ground(ground)
        , m_report(report)
        , m_recorded(connection,
                     "SELECT state, detail FROM detection WHERE event_key = ?1 AND type = ?2 AND source = ?3")
    {}
    Status run(const FoundFolded &before, const FoundFolded &after);

private:
    Recorded recorded(const FoldedFound &detection);
    void change(const FoldedFound &detection, RiskLevel before, RiskLevel after);

    ReplayGround &m_ground;
    WhatIfReport &m_report;
    store::Statement m_recorded;
};

Recorded Comparison::recorded(const FoldedFound &detection)
{
    auto recorded = Recorded::NotStored;
    const auto ask = [&](const EventKey &key) {
        m_recorded.bind(std::span<const std::uint8_t>(key), detection.first.type, ourSource);
        if (m_recorded.step())
            recorded = became(m_recorded.as<RiskState>(0), m_recorded.as<RiskDetail>(1));
        m_recorded.reset();
        return recorded != Recorded::NotStored;
    };
    if (!ask(detection.first.key))
        (void)std::any_of(detection.repeats.begin(), detection.repeats.end(), ask);
    return recorded;
}

void Comparison::change(const FoldedFound &detection, RiskLevel before, RiskLevel after)
{
    const auto &first = detection.first;
    auto &enrichment = m_ground.enrichment();
    WhatIfChange change;
    change.type = first.type;
    change.user = first.user;
    change.userKey = enrichment.userKey(first.user);
    change.userName = enrichment.userName(first.user);
    change.userPrincipalName = m_ground.users().account(first.user).userPrincipalName;
    change.at = {first.at};
    change.requestId = requestId(first.idKind, first.key, enrichment.text(Dictionary::EventId, first.idText));
    change.before = before;
    change.after = after;
    change.recorded = recorded(detection);
    if (before == RiskLevel::None) {
        ++m_report.appear;
    } else if (after == RiskLevel::None) {
        ++m_report.disappear;
        ++m_report.disappearRecorded[change.recorded];
    } else {
        ++(after > before ? m_report.rise : m_report.fall);
    }
    m_report.changes.push_back(std::move(change));
}

Status Comparison::run(const FoundFolded &before, const FoundFolded &after)
{
    for (const auto &d : before.detections)
        ++m_report.types[d.first.type].before[index(d.level)];
    for (const auto &d : after.detections)
        ++m_report.types[d.first.type].after[index(d.level)];
    Pairing pairing(after.detections);
    for (const auto &d : before.detections) {
        const auto *now = pairing.of(d);
        const auto level = now != nullptr ? now->level : RiskLevel::None;
        if (level != d.level)
            change(d, d.level, level);
    }
    for (std::size_t i = 0; i < after.detections.size(); ++i)
        if (!pairing.isTaken(i))
            change(after.detections[i], RiskLevel::None, after.detections[i].level);
    std::stable_sort(m_report.changes.begin(), m_report.changes.end(),
                     [](const auto &a, const auto &b) { return a.at < b.at; });
    for (const auto &[user, level] : before.users) {
        ++m_report.usersBefore[index(level)];
        const auto now = after.users.find(user);
        m_report.usersChanged += now == after.users.end() || now->second != level ? 1u : 0u;
    }
    for (const auto &[user, level] : after.users) {
        ++m_report.usersAfter[index(level)];
        m_report.usersChanged += before.users.contains(user) ? 0u : 1u;
    }
    return m_recorded.ok() ? Status() : tl::unexpected(m_recorded.error());
}

constexpr std::pair<std::string_view, std::string_view> recordedWords[] = {
    {"notStored", "Not stored"},
    {"atRisk", "At risk"},
    {"aged", "Aged"},
    {"dismissed", "Dismissed"},
    {"confirmedSafe", "Confirmed safe"},
    {"confirmedCompromised", "Confirmed compromised"},
    {"remediated", "Remediated"}};

} // namespace

std::string_view toText(Recorded recorded)
{
    return recordedWords[static_cast<std::size_t>(recorded)].first;
}

std::string_view displayName(Recorded recorded)
{
    return recordedWords[static_cast<std::size_t>(recorded)].second;
}

std::vector<std::string> nearSettings(std::string_view key)
{
    // Of a key the name alone may have been written, or the name with another type before it.
    const auto nameOf = [](std::string_view text) { return text.substr(text.rfind('.') + 1); };
    const auto asked = foldCase(key.substr(0, 80));
    std::vector<std::pair<std::size_t, std::string_view>> ranked;
    for (const auto &entry : detect::tuningTable()) {
        const auto folded = foldCase(entry.key);
        const auto name = nameOf(folded), askedName = nameOf(asked);
        auto distance = std::min(editDistance(asked, folded), editDistance(askedName, name) + 1);
        if (askedName.size() >= 4 && name.find(askedName) != std::string_view::npos)
            distance = std::min<std::size_t>(distance, 2);
        if (distance * 2 <= std::max<std::size_t>(askedName.size(), 4))
            ranked.emplace_back(distance, entry.key);
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto &a, const auto &b) { return a.first < b.first; });
    std::vector<std::string> near;
    for (std::size_t i = 0; i < std::min<std::size_t>(ranked.size(), 3); ++i)
        near.emplace_back(ranked[i].second);
    return near;
}

Result<WhatIfReport> whatIf(store::Connection &connection, const WhatIfRequest &request, std::stop_token stop,
                            const ProgressSink &progress)
{
    const auto begun = std::chrono::steady_clock::now();
    const Snapshot snapshot(connection);
    if (!snapshot.status())
        return tl::unexpected(snapshot.status().error());
    const auto info = store::directoryInfo(connection);
    if (!info)
        return tl::unexpected(info.error());
    if (info->trial)
        return fail(Code::Unsupported, info->name,
                    "detections do not run in a trial directory; \"convert\" makes it one for production");
    const auto present = Tunings::load(connection);
    if (!present)
        return tl::unexpected(present.error());
    auto other = *present;
    for (const auto &[key, value] : request.set)
        if (auto ok = apply(other, key, value); !ok)
            return tl::unexpected(ok.error());
    auto here = ground(connection, {});
    const auto beginning = BeginningOfAll::open(connection);
    if (!here || !beginning)
        return tl::unexpected(!here ? here.error() : beginning.error());
    const ReplayOptions options{stop, progress, {}, (*beginning)->position(), false, true};
    std::unique_ptr<ReplayGround> elsewhere;
    const auto countsAlike = [](const Tunings::Stretch &a, const Tunings::Stretch &b) {
        const auto same = [&](detect::Tune id) { return a.tuning[id] == b.tuning[id]; };
        return same(detect::Tune::ThreatQuarantinePercent) && same(detect::Tune::ThreatQuarantineDays);
    };
    const bool countsOtherwise = !std::ranges::equal(present->stretches(), other.stretches(), countsAlike);
    const auto &begin = (*beginning)->position();
    std::vector<SetAsideIndicator> own; // it shows behind the sign-ins that it holds for
    if (countsOtherwise) {
        auto made = ground(connection, request.trust, &own);
        if (!made)
            return tl::unexpected(made.error());
        auto engine = (*made)->engine(other.behind(begin), **beginning);
        const ReplaySeat seat{**made, engine, {}, {}, &other};
        if (auto played = replay(connection, {&seat, 1}, options); !played)
            return tl::unexpected(played.error());
        own = engine.takeSetAside();
    }
    if (!request.trust.empty() || countsOtherwise) {
        auto made = ground(connection, request.trust, countsOtherwise ? &own : nullptr);
        if (!made)
            return tl::unexpected(made.error());
        elsewhere = std::move(*made);
    }
    auto &there = elsewhere != nullptr ? *elsewhere : **here;

    auto presentEngine = (*here)->engine(present->behind(begin), **beginning);
    auto otherEngine = there.engine(other.behind(begin), **beginning);
    FoundBook before, after;
    const auto rules = ledger::Suppressions::inForce(connection, request.now);
    if (!rules)
        return tl::unexpected(rules.error());
    auto moreRules = *rules;
    for (const auto &text : request.suppress) {
        const auto terms = ledger::suppressionTerms(text);
        if (!terms)
            return tl::unexpected(terms.error());
        auto match = ledger::suppressionMatch(connection, *terms);
        if (!match)
            return tl::unexpected(match.error());
        moreRules.add({0, std::move(*match), {}, {}, {}, {}, 0, {}, {}});
    }
    const auto into = [](FoundBook &book, const ledger::Suppressions &silenced, ReplayGround &names) {
        return [&](const detect::EnrichedSignIn &, const detect::Examination &examination, bool) {
            for (const auto &finding : examination.findings)
                if (silenced.match(finding, names.enrichment()) == nullptr)
                    book.add(finding);
        };
    };
    const ReplaySeat seats[] = {{**here, presentEngine, {}, into(before, *rules, **here), &*present},
                                {there, otherEngine, {}, into(after, moreRules, there), &other}};
    auto played = replay(connection, seats, options);
    if (!played)
        return tl::unexpected(played.error());
    if (auto ok = (*beginning)->loaded(); !ok)
        return tl::unexpected(ok.error());

    WhatIfReport report;
    report.signIns = *played;
    const auto since = request.since ? request.since->us : beginningOfTime;
    if (auto ok = Comparison(connection, **here, report).run(before.folded(since), after.folded(since)); !ok)
        return tl::unexpected(ok.error());
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return report;
}

} // namespace riskdesk::run

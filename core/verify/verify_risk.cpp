#include "core/verify/verify_risk.h"

#include "core/action/action_service.h"
#include "core/base/digest.h"
#include "core/ledger/risk_rows.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <utility>

namespace riskdesk::run {
namespace {

std::string words(const RiskStanding &s)
{
    return fmt::format("{} {} {} {}", toText(s.level), toText(s.state), toText(s.detail), s.score);
}

std::string words(const risk::UserStanding &u)
{
    return fmt::format("{}, updated {}, trend {}", words(u.standing), u.updated.toIso(), toHex(u.trend));
}

std::string words(const risk::DetectionStanding &d)
{
    return fmt::format("{} counting {} {} {}, {} times until {}, updated {}", toText(d.level),
                       toText(d.weightLevel), toText(d.state), toText(d.detail), d.count, d.lastAt.toIso(),
                       d.lastUpdated.toIso());
}

std::string words(const risk::SignInStanding &s)
{
    return fmt::format("{} at sign-in, {} {} {} {}", toText(s.during), toText(s.aggregated), toText(s.state),
                       toText(s.detail), s.score);
}

std::string words(const risk::Summary &s)
{
    return fmt::format("{} open of {}, {} sign-ins, top {} and {}, types {:x}, last {} {} {}, in {}", s.open,
                       s.total, s.riskySignIns, static_cast<int>(s.top), s.others, s.types, s.lastPlace,
                       s.lastCity, s.lastCountry, s.countries);
}

class Verifier
{
public:
    explicit Verifier(store::Connection &connection)
        : m_connection(connection)
        , m_rows(connection)
        , m_summary(connection,
                    "SELECT open_detections, total_detections, risky_sign_ins, top_type, other_types, "
                    "last_place, last_city, last_country, countries, types FROM user_risk WHERE user = ?1")
        , m_withdrawn(connection,
                      "SELECT type, sign_in, at FROM withdrawn_detection WHERE id = ?1 AND user = ?2")
    {}

    Status user(std::uint32_t id);
    std::vector<RiskDifference> differences;

private:
    void differ(std::uint32_t user, std::string what, std::string stored, std::string folded)
    {
        differences.push_back({user, std::move(what), std::move(stored), std::move(folded)});
    }
    Status summary(std::uint32_t id, const risk::Reducer &folded);
    // Of a detection that is not stored any more.
    std::optional<risk::DetectionFacts> withdrawn(std::uint32_t user, const std::string &id);

    store::Connection &m_connection;
    ledger::RiskRows m_rows;
    store::Statement m_summary, m_withdrawn;
};

Status Verifier::user(std::uint32_t id)
{
    auto stored = m_rows.load(id);
    if (!stored)
        return tl::unexpected(stored.error());
    auto events = action::history(m_connection, id);
    if (!events)
        return tl::unexpected(events.error());
    risk::Reducer folded(true);
    for (auto &event : *events) {
        const auto from = event.from, to = event.to;
        const risk::DetectionFacts *facts = nullptr;
        std::optional<risk::DetectionFacts> gone;
        if (event.kind == LedgerKind::DetectionRaised) {
            if (const auto *d = stored->reducer.find(event.detection); d != nullptr)
                facts = &d->facts;
            else if (gone = withdrawn(id, event.detection); gone)
                facts = &*gone;
        }
        const auto what = fmt::format("event {}", event.id);
        if (!folded.apply(event, facts))
            differ(id, what, fmt::format("{} {}{}", toText(event.kind), event.detection, event.signIn),
                   "it speaks of something that is not there");
        if (from != event.from || to != event.to)
            differ(id, what, words(from) + " to " + words(to), words(event.from) + " to " + words(event.to));
    }
    if (stored->reducer.user() != folded.user())
        differ(id, "user", words(stored->reducer.user()), words(folded.user()));
    std::set<std::string> ids;
    for (const auto *side : {&std::as_const(stored->reducer), &std::as_const(folded)})
        for (const auto &d : side->detections())
            if (!d.now.gone)
                ids.insert(d.facts.id);
    for (const auto &one : ids) {
        const auto *a = stored->reducer.find(one), *b = folded.find(one);
        if (a == nullptr || b == nullptr || a->now != b->now)
            differ(id, "detection " + one, a == nullptr ? "" : words(a->now),
                   b == nullptr ? "" : words(b->now));
    }
    std::set<std::string> signIns;
    for (const auto *side : {&std::as_const(stored->reducer), &std::as_const(folded)})
        for (auto &one : side->signIns())
            signIns.insert(std::move(one));
    for (const auto &one : signIns) {
        const auto a = stored->reducer.signIn(one), b = folded.signIn(one);
        if (a != b)
            differ(id, "sign-in " + one, a ? words(*a) : "", b ? words(*b) : "");
    }
    return summary(id, folded);
}

std::optional<risk::DetectionFacts> Verifier::withdrawn(std::uint32_t user, const std::string &id)
{
    m_withdrawn.bind(id, user);
    std::optional<risk::DetectionFacts> facts;
    if (m_withdrawn.step()) {
        facts.emplace();
        facts->id = id;
        facts->type = m_withdrawn.as<DetectionType>(0);
        facts->timing = info(facts->type).timing;
        facts->signIn = m_withdrawn.string(1);
        facts->at = m_withdrawn.time(2);
    }
    m_withdrawn.reset();
    return facts;
}

Status Verifier::summary(std::uint32_t id, const risk::Reducer &folded)
{
    auto &s = m_summary;
    s.bind(id);
    const bool there = s.step();
    risk::Summary kept;
    if (there)
        kept = {
            s.uint32(0), s.uint32(1), s.uint32(2), s.int64(3) == 0 ? DetectionType{} : s.as<DetectionType>(3),
            s.uint32(4), s.uint32(5), s.string(6), s.string(7),
            s.string(8), s.uint32(9)};
    s.reset();
    if (!s.ok())
        return tl::unexpected(s.error());
    const auto made = folded.summary();
    if (there != folded.known())
        differ(id, "user", there ? "listed" : "", folded.known() ? "listed" : "");
    else if (there && !(kept == made))
        differ(id, "user", words(kept), words(made));
    return {};
}

} // namespace

std::string sentence(const RiskDifference &d)
{
    if (d.what.empty())
        return fmt::format("The risk of user {} cannot be compared with the ledger: {}.", d.user, d.stored);
    return fmt::format("User {}, {}: stored is \"{}\", the ledger gives \"{}\".", d.user, d.what, d.stored,
                       d.folded);
}

Result<std::vector<RiskDifference>> verifyRisk(store::Connection &connection, std::stop_token stop,
                                               const ProgressSink &progress)
{
    std::vector<std::uint32_t> users;
    {
        store::Statement row(
            connection, "SELECT user FROM ledger UNION SELECT user FROM user_risk UNION "
                        "SELECT user FROM sign_in_risk UNION SELECT user FROM detection WHERE source = ?1");
        row.bind(ourSource);
        while (row.step())
            users.push_back(row.uint32(0));
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    std::optional<Verifier> verifier(std::in_place, connection);
    for (std::size_t i = 0; i < users.size(); ++i) {
        if (stop.stop_requested())
            return fail(Code::Cancelled, "verify");
        if (auto ok = verifier->user(users[i]); !ok) {
            if (ok.error().code != Code::StoreCorrupt)
                return tl::unexpected(ok.error());
            // A statement that met a number it does not know stays with its error.
            auto differences = std::move(verifier->differences);
            differences.push_back({users[i], {}, ok.error().detail, {}});
            verifier.emplace(connection).differences = std::move(differences);
        }
        if (progress && (i % 1024 == 1023 || i + 1 == users.size()))
            progress({"verify", i + 1, users.size()});
    }
    return std::move(verifier->differences);
}

} // namespace riskdesk::run

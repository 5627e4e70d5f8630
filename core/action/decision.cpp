#include "core/action/decision.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace riskdesk::action {
namespace {

std::string words(const RiskStanding &s)
{
    return fmt::format("{} {} {}", toText(s.level), toText(s.state), s.score);
}

} // namespace

ledger::AuditRecord auditRecord(const Operator &who, const UserInfo &user, std::string_view action,
                                const Target &target, const LedgerEvent &event,
                                const ledger::AccountImage &after, std::int64_t undoOf)
{
    auto before = words(event.from), now = words(event.to);
    if (after != user.account) {
        const auto account = [](const ledger::AccountImage &a) {
            return fmt::format("{}{}{}", a.enabled ? "enabled" : "blocked",
                               a.forceChange ? " mustChangePassword" : "",
                               a.sessionsValidFrom ? " sessionsSince " + a.sessionsValidFrom->toIso() : "");
        };
        before += "; " + account(user.account);
        now += "; " + account(after);
    }
    std::string what = user.userPrincipalName;
    for (const auto &id : target.ids)
        what += ' ' + id;
    return {who.name,
            std::string(toText(who.role)),
            std::string(action),
            what,
            before,
            now,
            event.reason,
            event.note,
            who.via,
            who.host,
            undoOf};
}

Decider::Decider(store::Connection &connection, const Clock &clock, const Operator &who)
    : m_clock(clock)
    , m_who(who)
    , m_rows(connection)
    , m_user(connection,
             "SELECT key, upn, display_name, identity, is_deleted, account_enabled, force_password_change, "
             "sessions_valid_from, coalesce(level, 0), coalesce(state, 0), coalesce(detail, 0), "
             "coalesce(score, 0), "
             "coalesce(open_detections, 0), EXISTS (SELECT 1 FROM provider_risk p WHERE p.user = ?1 AND "
             "p.state IN ('atRisk', 'confirmedCompromised')) "
             "FROM user LEFT JOIN user_risk ON user = id WHERE id = ?1")
    , m_detection(connection,
                  "SELECT user, source = ?2 OR EXISTS (SELECT 1 FROM ledger l WHERE l.user = d.user AND "
                  "l.detection = d.id AND l.kind = ?3) FROM detection d WHERE id = ?1")
    , m_signIn(connection, "SELECT user FROM sign_in_risk WHERE request_id = ?1")
    , m_withheld(connection)
{}

Result<std::optional<UserInfo>> Decider::user(std::uint32_t id)
{
    m_user.bind(id);
    std::optional<UserInfo> found;
    if (m_user.step()) {
        auto &s = m_user;
        UserInfo u;
        u.id = id;
        u.key = s.string(0);
        u.userPrincipalName = s.text(1).empty() ? u.key : s.string(1);
        u.displayName = s.string(2);
        u.subject.identity = s.as<Identity>(3);
        u.subject.isDeleted = s.int64(4) != 0;
        u.subject.accountEnabled = u.account.enabled = s.int64(5) != 0;
        u.account.forceChange = s.int64(6) != 0;
        if (!s.isNull(7))
            u.account.sessionsValidFrom = s.time(7);
        u.subject.standing = {s.as<RiskLevel>(8), s.as<RiskState>(9), s.as<RiskDetail>(10),
                              static_cast<std::uint8_t>(s.int64(11))};
        u.openDetections = s.uint32(12);
        u.subject.isAtRiskAtProvider = s.int64(13) != 0;
        found = std::move(u);
    }
    m_user.reset();
    if (!m_user.ok())
        return tl::unexpected(m_user.error());
    return found;
}

Result<std::vector<Target>> Decider::targets(const Request &request, std::vector<Skipped> &skipped)
{
    std::vector<Target> all;
    std::unordered_map<std::uint32_t, std::size_t> places;
    const auto add = [&](std::uint32_t id) -> Target & {
        const auto [place, fresh] = places.emplace(id, all.size());
        if (fresh)
            all.push_back({id, {}});
        return all[place->second];
    };
    if (request.target() == TargetKind::User) {
        for (const auto id : request.users)
            add(id);
        return all;
    }
    const bool detections = request.target() == TargetKind::Detection;
    auto &row = detections ? m_detection : m_signIn;
    for (const auto &id : detections ? request.detections : request.signIns) {
        if (detections)
            row.bind(id, ourSource, LedgerKind::DetectionRaised);
        else
            row.bind(id);
        if (!row.step()) {
            skipped.push_back({0, id, {}, Refusal::NotFound});
        } else if (detections && row.int64(1) == 0) {
            skipped.push_back({row.uint32(0), id, {}, Refusal::Imported});
        } else {
            auto &ids = add(row.uint32(0)).ids;
            if (std::find(ids.begin(), ids.end(), id) == ids.end())
                ids.push_back(id);
        }
        row.reset();
        if (!row.ok())
            return tl::unexpected(row.error());
    }
    return all;
}

Result<std::optional<Decider::Step>> Decider::step(const Request &request, const Target &target,
                                                   std::vector<Skipped> &skipped, std::int64_t command)
{
    auto found = user(target.user);
    if (!found)
        return tl::unexpected(found.error());
    if (!*found) {
        skipped.push_back({target.user, {}, {}, Refusal::NotFound});
        return std::nullopt;
    }
    const auto &info = **found;
    LedgerEvent event;
    event.at = event.recordedAt = m_clock.now();
    event.user = info.id;
    event.kind = risk::ledgerKind(request.action, request.target());
    event.actor = m_who.name;
    event.reason = request.reason;
    event.note = request.note;
    event.command = command;

    if (request.target() == TargetKind::User) {
        if (const auto why = risk::refusal(request.action, info.subject); why != Refusal::None) {
            skipped.push_back({info.id, {}, info.name(), why});
            return std::nullopt;
        }
        auto rows = m_rows.load(info.id);
        if (!rows)
            return tl::unexpected(rows.error());
        if (request.action == Action::ConfirmCompromised) {
            event.detection = detectionId(DetectionType::AdminConfirmedUserCompromised, info.key,
                                          fmt::format("command {} {}", command, event.at.toIso()));
            event.level = RiskLevel::High;
        }
        rows->reducer.apply(event);
        return Step{info, std::move(*rows), {std::move(event)}, {}};
    }

    auto rows = m_rows.load(info.id);
    if (!rows)
        return tl::unexpected(rows.error());
    Step step{info, std::move(*rows), {}, {}};
    for (const auto &id : target.ids) {
        const bool detection = request.target() == TargetKind::Detection;
        std::optional<RiskState> state;
        if (detection) {
            if (const auto *d = step.rows.reducer.find(id); d != nullptr)
                state = d->now.state;
        } else if (const auto s = step.rows.reducer.signIn(id)) {
            state = s->state;
        }
        const auto why = state ? risk::refusal(request.action, *state, info.subject) : Refusal::NotFound;
        if (why != Refusal::None) {
            skipped.push_back({info.id, id, info.name(), why});
            continue;
        }
        auto own = event;
        (detection ? own.detection : own.signIn) = id;
        if (!step.rows.reducer.apply(own)) {
            skipped.push_back({info.id, id, info.name(), Refusal::NotFound});
            continue;
        }
        step.events.push_back(std::move(own));
        step.changedIds.push_back(id);
    }
    if (step.events.empty())
        return std::nullopt;
    return step;
}

Result<std::optional<PlannedChange>> Decider::look(const Request &request, const Target &target,
                                                   std::vector<Skipped> &skipped, std::optional<bool> enabled)
{
    PlannedChange change;
    change.user = target.user;
    if (request.target() == TargetKind::User) {
        // Without reading the detections: fifty thousand users are planned in a moment.
        auto found = user(target.user);
        if (!found)
            return tl::unexpected(found.error());
        if (*found && enabled)
            (*found)->subject.accountEnabled = (*found)->account.enabled = *enabled;
        const auto why = *found ? risk::refusal(request.action, (*found)->subject) : Refusal::NotFound;
        if (why != Refusal::None) {
            skipped.push_back({target.user, {}, *found ? (*found)->name() : std::string(), why});
            return std::nullopt;
        }
        const auto &info = **found;
        change.name = info.name();
        change.before = info.subject.standing;
        change.after = risk::after(request.action, change.before);
        change.enabledBefore = change.enabledAfter = info.account.enabled;
        if (request.action == Action::Block || request.action == Action::Unblock)
            change.enabledAfter = request.action == Action::Unblock;
        else if (!isOpen(change.after.state))
            change.detections = info.openDetections;
        return change;
    }
    auto step = this->step(request, target, skipped, 0);
    if (!step)
        return tl::unexpected(step.error());
    if (!*step)
        return std::nullopt;
    change.name = (*step)->info.name();
    change.before = (*step)->info.subject.standing;
    change.after = (*step)->rows.reducer.user().standing;
    change.enabledBefore = change.enabledAfter = (*step)->info.account.enabled;
    const auto changes = (*step)->rows.reducer.takeChanges();
    for (const auto &[index, before] : changes.detections)
        change.detections += (*step)->rows.reducer.detections()[index].now.state != before.state ? 1u : 0u;
    return change;
}

Result<std::optional<Decision>> Decider::decide(const Request &request, const Target &target,
                                                std::int64_t command, std::vector<Skipped> &skipped)
{
    auto prepared = this->step(request, target, skipped, command);
    if (!prepared)
        return tl::unexpected(prepared.error());
    if (!*prepared)
        return std::nullopt;
    auto &step = **prepared;
    auto &reducer = step.rows.reducer;
    const auto changes = reducer.takeChanges();

    Decision decision;
    ledger::UserImage before, after;
    for (const auto &[index, was] : changes.detections) {
        const auto &[facts, now] = reducer.detections()[index];
        before.detections.emplace_back(facts.id, was);
        after.detections.emplace_back(facts.id, now);
        if (!was.gone) {
            decision.detections.push_back({facts.id, was, now});
            continue;
        }
        auto &made = decision.made.emplace();
        made.id = facts.id;
        made.type = facts.type;
        made.level = now.level;
        made.state = now.state;
        made.detail = now.detail;
        made.timing = facts.timing;
        made.activity = Activity::User;
        made.user = step.info.id;
        made.at = facts.at;
        made.detectedAt = made.lastUpdated = now.lastUpdated;
        made.lastAt = now.lastAt;
        made.evidence.facts = AdminConfirmedEvidence{m_who.name, request.reason, request.note};
        decision.madeNow = now;
    }
    after.made = decision.made ? &*decision.made : nullptr;
    for (const auto &[id, was] : changes.signIns) {
        const auto key = step.rows.keys.find(id);
        const auto now = reducer.signIn(id);
        if (key == step.rows.keys.end() || !was || !now)
            return fail(Code::StoreCorrupt, id, "the sign-in of a detection has no risk row");
        before.signIns.emplace_back(key->second, *was);
        after.signIns.emplace_back(key->second, *now);
    }
    decision.signIns = after.signIns;
    decision.user = step.info.id;
    if (changes.user) {
        decision.risk = ledger::riskRow(step.rows);
        before.riskChanged = after.riskChanged = true;
        if (changes.wasKnown)
            before.risk = *changes.user;
        after.risk = reducer.user();
    }
    auto account = step.info.account;
    if (request.action == Action::Block || request.action == Action::Unblock)
        account.enabled = request.action == Action::Unblock;
    if (request.action == Action::ResetPassword)
        account.forceChange = true;
    if (request.action == Action::RevokeSessions)
        account.sessionsValidFrom = m_clock.now();
    if (account != step.info.account) {
        before.account = step.info.account;
        decision.account = after.account = account;
    }
    if (auto ok = withhold(request, step, changes, before, after); !ok)
        return tl::unexpected(ok.error());
    decision.withheld = after.withheld;
    decision.before = before.toJson();
    decision.after = after.toJson();
    auto whole = step.events.front();
    whole.to = step.events.back().to;
    decision.audit = auditRecord(m_who, step.info, toText(request.action),
                                 {target.user, std::move(step.changedIds)}, whole, account, 0);
    decision.events = std::move(step.events);
    return decision;
}

// What the decision says about sign-ins that the detectors were kept from learning.
Status Decider::withhold(const Request &request, const Step &step, const risk::Reducer::Changes &changes,
                         ledger::UserImage &before, ledger::UserImage &after)
{
    int verdict = 0;
    switch (request.action) {
    case Action::Dismiss:
    case Action::ConfirmSafe: verdict = 1; break;
    case Action::ConfirmCompromised: verdict = 2; break;
    default: return {};
    }
    const bool wholeUser = request.target() == TargetKind::User;
    std::vector<EventKey> judged; // of sign-ins that have come to a closed or a confirmed state
    if (!wholeUser)
        for (const auto &[id, was] : changes.signIns)
            if (const auto now = step.rows.reducer.signIn(id);
                now && (verdict == 2 ? now->state == RiskState::ConfirmedCompromised : !isOpen(now->state)))
                judged.push_back(step.rows.keys.at(id));

    // Restarting once is a matter of the user, not of each sign-in: a marker with an empty key, read first.
    ledger::WithheldImage marker;
    marker.gone = true;
    auto rows = m_withheld.of(step.info.id);
    if (!rows)
        return tl::unexpected(rows.error());
    for (auto was : *rows) {
        if (was.key == EventKey{}) {
            marker = was;
            continue;
        }
        // A dismissal does not overrule "never"; confirming safe does.
        const bool free = was.verdict == 0 || verdict == 2 || request.action == Action::ConfirmSafe;
        if (!free || was.verdict == verdict ||
            (!wholeUser && std::find(judged.begin(), judged.end(), was.key) == judged.end()))
            continue;
        before.withheld.push_back(was);
        was.verdict = verdict;
        after.withheld.push_back(was);
    }
    if (wholeUser && request.action == Action::ConfirmSafe) {
        before.withheld.push_back(marker);
        marker.gone = false;
        marker.verdict = 1;
        marker.restart = 1;
        after.withheld.push_back(marker);
    }
    return {};
}

} // namespace riskdesk::action

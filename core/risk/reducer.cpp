#include "core/risk/reducer.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

namespace riskdesk::risk {
namespace {

std::string foldName(const DetectionFacts &facts)
{
    return std::to_string(static_cast<int>(facts.type)) + '\x1f' + facts.foldKey;
}

bool closesByItself(const LedgerEvent &event)
{
    return event.command == 0 &&
           (event.kind == LedgerKind::Aged || event.kind == LedgerKind::PasswordResetByAdmin ||
            event.kind == LedgerKind::PasswordResetByUser || event.kind == LedgerKind::PasswordChangedByUser);
}

bool pairs(DetectionType type)
{
    return type == DetectionType::UnlikelyTravel || type == DetectionType::UnfamiliarFeatures;
}

} // namespace

// Rows
// ---------------------------------------------------------------------------------------------------------

void Reducer::restore(TrackedDetection detection)
{
    add(std::move(detection.facts), detection.now);
}

void Reducer::restoreRepeat(std::string_view detection, std::string signIn, Timestamp at, RiskLevel level)
{
    const auto found = m_byId.find(std::string(detection));
    if (found == m_byId.end())
        return;
    m_signIns[signIn].occurrences.push_back({found->second, level, at});
    m_signInsOf[found->second].push_back(std::move(signIn));
    addOccurrenceTime(found->second, at);
}

void Reducer::restoreSignIn(const std::string &signIn, const SignInStanding &standing)
{
    m_signIns[signIn].standing = standing;
}

// Questions
// ------------------------------------------------------------------------------------------------------

bool Reducer::known() const
{
    return m_present > 0;
}

const TrackedDetection *Reducer::find(std::string_view detection) const
{
    const auto found = m_byId.find(std::string(detection));
    return found == m_byId.end() || m_detections[found->second].now.gone ? nullptr
                                                                         : &m_detections[found->second];
}

std::vector<std::string> Reducer::signIns() const
{
    std::vector<std::string> ids;
    for (const auto &[id, entry] : m_signIns)
        if (entry.standing)
            ids.push_back(id);
    std::sort(ids.begin(), ids.end());
    return ids;
}

std::optional<SignInStanding> Reducer::signIn(const std::string &id) const
{
    const auto found = m_signIns.find(id);
    return found == m_signIns.end() ? std::nullopt : found->second.standing;
}

std::vector<std::uint32_t> Reducer::detectionsOf(const std::string &signIn) const
{
    std::vector<std::uint32_t> indexes;
    if (const auto found = m_signIns.find(signIn); found != m_signIns.end())
        for (const auto &o : found->second.occurrences)
            if (!m_detections[o.detection].now.gone)
                indexes.push_back(o.detection);
    return indexes;
}

std::vector<std::pair<std::uint32_t, RiskLevel>> Reducer::occurrencesOn(const std::string &signIn) const
{
    std::vector<std::pair<std::uint32_t, RiskLevel>> on;
    if (const auto found = m_signIns.find(signIn); found != m_signIns.end())
        for (const auto &o : found->second.occurrences)
            if (!m_detections[o.detection].now.gone)
                on.emplace_back(o.detection, o.level);
    return on;
}

const TrackedDetection *Reducer::foldTarget(const DetectionFacts &facts) const
{
    // Without a sign-in a repeat could not be told from the same finding made twice.
    if (facts.foldKey.empty() || facts.signIn.empty())
        return nullptr;
    const auto found = m_byFoldKey.find(foldName(facts));
    if (found == m_byFoldKey.end())
        return nullptr;
    for (auto i = found->second.rbegin(); i != found->second.rend(); ++i) {
        const auto &first = m_detections[*i];
        if (first.now.open() && first.facts.at <= facts.at && facts.at - first.now.lastAt <= quietSpan)
            return &first;
    }
    return nullptr;
}

std::vector<std::uint32_t> Reducer::touchedBy(const DetectionFacts &facts) const
{
    std::vector<std::uint32_t> which;
    const auto add = [&](std::uint32_t index) {
        const auto &now = m_detections[index].now;
        if (now.open() || (now.byItself && !now.gone))
            which.push_back(index);
    };
    if (!facts.foldKey.empty() && !facts.signIn.empty())
        if (const auto found = m_byFoldKey.find(foldName(facts)); found != m_byFoldKey.end())
            for (const auto index : found->second)
                if (const auto &first = m_detections[index];
                    first.facts.at <= facts.at && facts.at - first.now.lastAt <= quietSpan)
                    add(index);
    if (pairs(facts.type)) {
        const auto &others = facts.type == DetectionType::UnlikelyTravel ? m_unfamiliar : m_travel;
        for (auto i = others.lower_bound((facts.at - pairSpan).us);
             i != others.end() && i->first <= (facts.at + pairSpan).us; ++i)
            add(i->second);
    }
    return which;
}

bool Reducer::knows(DetectionType type, const std::string &signIn) const
{
    const auto on = detectionsOf(signIn);
    return std::any_of(on.begin(), on.end(), [&](auto i) { return m_detections[i].facts.type == type; });
}

const TrackedDetection *Reducer::partner(const TrackedDetection &detection) const
{
    if (!pairs(detection.facts.type) || !detection.now.open())
        return nullptr;
    const auto self = static_cast<std::uint32_t>(&detection - m_detections.data());
    const bool travel = detection.facts.type == DetectionType::UnlikelyTravel;
    const auto &others = travel ? m_unfamiliar : m_travel;
    for (const auto at : m_timesOf[self]) {
        // At the very same time travel is the later one: it is found after the sign-in, the other at it.
        const auto end = travel ? others.upper_bound(at) : others.lower_bound(at);
        for (auto i = others.lower_bound(at - pairSpan.count()); i != end; ++i)
            if (m_detections[i->second].now.open())
                return &m_detections[i->second];
    }
    return nullptr;
}

std::vector<std::uint32_t> Reducer::lowBefore(Timestamp before) const
{
    std::vector<std::uint32_t> which;
    if (m_tally.open[static_cast<std::size_t>(RiskLevel::Low)] == 0)
        return which;
    for (std::uint32_t i = 0; i < m_detections.size(); ++i)
        if (const auto &now = m_detections[i].now; !now.gone && now.state == RiskState::AtRisk &&
                                                   now.weightLevel == RiskLevel::Low && now.lastAt < before)
            which.push_back(i);
    std::ranges::sort(
        which, {}, [this](auto i) { return std::tie(m_detections[i].now.lastAt, m_detections[i].facts.id); });
    return which;
}

std::vector<std::uint32_t> Reducer::closedByItselfAfter(Timestamp after) const
{
    std::vector<std::uint32_t> which;
    if (m_lastByItself <= after)
        return which;
    for (std::uint32_t i = 0; i < m_detections.size(); ++i)
        if (const auto &now = m_detections[i].now; !now.gone && now.byItself && now.closedAt > after)
            which.push_back(i);
    return which;
}

Summary Reducer::summary() const
{
    Summary s;
    std::set<std::string_view> countries;
    const TrackedDetection *newest = nullptr, *top = nullptr;
    const auto newer = [](const TrackedDetection *a, const TrackedDetection *b) {
        return b == nullptr || std::tie(a->facts.at, a->facts.id) > std::tie(b->facts.at, b->facts.id);
    };
    for (const auto &d : m_detections) {
        if (d.now.gone)
            continue;
        ++s.total;
        s.types |= std::uint32_t{1} << (static_cast<unsigned>(d.facts.type) & 31);
        if (!d.facts.country.empty())
            countries.insert(d.facts.country);
        if (newer(&d, newest))
            newest = &d;
        if (!d.now.open())
            continue;
        ++s.open;
        if (top == nullptr || d.now.weightLevel > top->now.weightLevel ||
            (d.now.weightLevel == top->now.weightLevel && newer(&d, top)))
            top = &d;
    }
    for (const auto &[id, entry] : m_signIns)
        s.riskySignIns += entry.standing ? 1u : 0u;
    for (const auto country : countries) {
        if (!s.countries.empty())
            s.countries += ' ';
        s.countries += country;
    }
    s.others = s.open > 0 ? s.open - 1 : s.total > 0 ? s.total - 1 : 0;
    if (newest != nullptr) {
        s.top = (top != nullptr ? top : newest)->facts.type;
        s.lastPlace = newest->facts.place;
        s.lastCity = newest->facts.city;
        s.lastCountry = newest->facts.country;
    }
    return s;
}

// Moving parts
// -----------------------------------------------------------------------------------------------------

void Reducer::begin()
{
    if (!m_changesBegun) {
        m_changesBegun = true;
        m_changes.wasKnown = known();
    }
}

Reducer::Changes Reducer::takeChanges()
{
    m_changesBegun = false;
    return std::exchange(m_changes, {});
}

void Reducer::count(const DetectionStanding &standing, bool in)
{
    if (in && standing.byItself)
        m_lastByItself = std::max(m_lastByItself, standing.closedAt);
    if (!standing.open())
        return;
    const auto by = in ? std::uint32_t{1} : std::numeric_limits<std::uint32_t>::max(); // plus or minus one
    m_tally.open[static_cast<std::size_t>(standing.weightLevel) & 3] += by;
    if (standing.state == RiskState::ConfirmedCompromised) {
        m_tally.confirmed += by;
        if (standing.detail == RiskDetail::AdminConfirmedUserCompromised)
            m_confirmedUser += by;
    }
}

std::uint32_t Reducer::add(DetectionFacts facts, const DetectionStanding &standing)
{
    const auto index = static_cast<std::uint32_t>(m_detections.size());
    m_byId[facts.id] = index; // one that was withdrawn may come again
    m_byFoldKey[foldName(facts)].push_back(index);
    m_signInsOf.emplace_back();
    m_timesOf.emplace_back();
    if (!facts.signIn.empty()) {
        m_signIns[facts.signIn].occurrences.push_back({index, RiskLevel::None, facts.at});
        m_signInsOf.back().push_back(facts.signIn);
    }
    const auto at = facts.at;
    m_detections.push_back({std::move(facts), standing});
    m_present += standing.gone ? 0u : 1u;
    count(standing, true);
    addOccurrenceTime(index, at);
    return index;
}

void Reducer::addOccurrenceTime(std::uint32_t index, Timestamp at)
{
    const auto type = m_detections[index].facts.type;
    if (!pairs(type))
        return;
    (type == DetectionType::UnlikelyTravel ? m_travel : m_unfamiliar).emplace(at.us, index);
    m_timesOf[index].push_back(at.us);
}

void Reducer::move(std::uint32_t index, const DetectionStanding &to)
{
    auto &now = m_detections[index].now;
    if (now == to)
        return;
    begin();
    m_changes.detections.emplace(index, now);
    count(now, false);
    m_present += now.gone ? 1u : 0u;
    m_present -= to.gone ? 1u : 0u;
    const bool weighs = now.open() != to.open() || now.gone != to.gone || now.level != to.level ||
                        now.weightLevel != to.weightLevel || now.state != to.state || now.detail != to.detail;
    now = to;
    count(now, true);
    if (weighs) // a mere repeat would otherwise visit all earlier ones, each time
        touchSignIns(index);
}

void Reducer::touchSignIns(std::uint32_t index)
{
    const auto &ids = m_signInsOf[index];
    m_touched.insert(m_touched.end(), ids.begin(), ids.end());
}

void Reducer::reweigh(std::uint32_t index)
{
    const auto &detection = m_detections[index];
    auto to = detection.now;
    to.weightLevel = partner(detection) != nullptr ? RiskLevel::High : to.level;
    move(index, to);
}

// The open ones that may count more for it.
std::set<std::uint32_t> Reducer::pairedWith(std::uint32_t index) const
{
    std::set<std::uint32_t> near;
    if (!pairs(m_detections[index].facts.type))
        return near;
    const auto &others =
        m_detections[index].facts.type == DetectionType::UnlikelyTravel ? m_unfamiliar : m_travel;
    for (const auto at : m_timesOf[index])
        for (auto i = others.lower_bound(at); i != others.end() && i->first - at <= pairSpan.count(); ++i)
            if (m_detections[i->second].now.open())
                near.insert(i->second);
    return near;
}

// After a detection opened or closed: it and those it may pair with.
void Reducer::repair(std::uint32_t index)
{
    reweigh(index);
    for (const auto other : pairedWith(index))
        reweigh(other);
}

void Reducer::forgetTime(std::uint32_t index, Timestamp at)
{
    const auto type = m_detections[index].facts.type;
    auto &times = m_timesOf[index];
    const auto mine = std::find(times.begin(), times.end(), at.us);
    if (mine == times.end())
        return;
    times.erase(mine);
    auto &all = type == DetectionType::UnlikelyTravel ? m_travel : m_unfamiliar;
    const auto [begin, end] = all.equal_range(at.us);
    if (const auto i = std::find_if(begin, end, [&](const auto &entry) { return entry.second == index; });
        i != end)
        all.erase(i);
}

// A finding does not hold any more: all of it, or one repeat.
bool Reducer::withdraw(const LedgerEvent &event)
{
    const auto which = one(event.detection);
    if (which.empty())
        return false;
    const auto index = which.front();
    auto &signIns = m_signInsOf[index];
    const bool whole = event.signIn.empty();
    if (!whole && (event.signIn == m_detections[index].facts.signIn ||
                   std::find(signIns.begin(), signIns.end(), event.signIn) == signIns.end()))
        return false;
    const auto near = pairedWith(index);
    const auto gone = whole ? signIns : std::vector<std::string>{event.signIn};
    for (const auto &id : gone) {
        auto &occurrences = m_signIns[id].occurrences;
        std::erase_if(occurrences, [&](const Occurrence &o) {
            if (o.detection == index)
                forgetTime(index, o.at);
            return o.detection == index;
        });
        m_touched.push_back(id);
    }
    std::erase_if(signIns, [&](const auto &id) { return whole || id == event.signIn; });
    auto to = m_detections[index].now;
    if (whole) {
        forgetTime(index, m_detections[index].facts.at); // one that lies on no sign-in
        to.gone = true;
    } else {
        const auto &facts = m_detections[index].facts;
        to.level = facts.found;
        to.lastAt = facts.at;
        --to.count;
        for (const auto &id : signIns)
            for (const auto &o : m_signIns[id].occurrences)
                if (o.detection == index) {
                    to.level = std::max(to.level, o.level);
                    to.lastAt = std::max(to.lastAt, o.at);
                }
        to.lastUpdated = event.recordedAt;
    }
    move(index, to);
    if (!whole)
        reweigh(index);
    for (const auto other : near)
        reweigh(other);
    return true;
}

Reducer::Closing Reducer::newestClosing(const std::vector<std::uint32_t> &which) const
{
    const TrackedDetection *newest = nullptr;
    const auto when = [](const TrackedDetection &d) {
        return std::tie(d.now.closedAt, d.now.lastUpdated, d.facts.id);
    };
    for (const auto index : which)
        if (const auto &one = m_detections[index];
            !one.now.gone && !one.now.open() && (newest == nullptr || when(one) > when(*newest)))
            newest = &one;
    return newest == nullptr ? Closing{RiskState::None, RiskDetail::None}
                             : Closing{newest->now.state, newest->now.detail};
}

// After an open detection occurred (again): only what is near that moment can change, and only upwards.
void Reducer::pairAt(std::uint32_t index, Timestamp at)
{
    const auto lift = [this](std::uint32_t i) {
        auto to = m_detections[i].now;
        to.weightLevel = RiskLevel::High;
        move(i, to);
    };
    const bool travel = m_detections[index].facts.type == DetectionType::UnlikelyTravel;
    if (!pairs(m_detections[index].facts.type))
        return;
    const auto &others = travel ? m_unfamiliar : m_travel;
    const auto isLater = [&](std::int64_t other) { return travel ? other > at.us : other >= at.us; };
    for (auto i = others.lower_bound(at.us - pairSpan.count());
         i != others.end() && i->first - at.us <= pairSpan.count(); ++i)
        if (m_detections[i->second].now.open())
            lift(isLater(i->first) ? i->second : index);
}

void Reducer::setSignIn(const std::string &id, std::optional<SignInStanding> standing)
{
    auto &entry = m_signIns[id];
    if (entry.standing == standing)
        return;
    begin();
    m_changes.signIns.emplace(id, entry.standing);
    entry.standing = standing;
}

void Reducer::setUser(const UserStanding &user)
{
    begin();
    if (!m_changes.user)
        m_changes.user = m_user;
    m_user = user;
}

std::vector<std::uint32_t> Reducer::openOnes() const
{
    std::vector<std::uint32_t> which;
    if (m_tally.total() > 0)
        for (std::uint32_t i = 0; i < m_detections.size(); ++i)
            if (m_detections[i].now.open())
                which.push_back(i);
    return which;
}

std::vector<std::uint32_t> Reducer::everyOne() const
{
    std::vector<std::uint32_t> which(m_detections.size());
    std::iota(which.begin(), which.end(), 0U);
    return which;
}

std::vector<std::uint32_t> Reducer::one(const std::string &id) const
{
    const auto found = m_byId.find(id);
    if (found == m_byId.end() || m_detections[found->second].now.gone)
        return {};
    return {found->second};
}

bool Reducer::close(const LedgerEvent &event, const std::vector<std::uint32_t> &which, Closing as)
{
    bool any = false;
    for (const auto index : which) {
        auto to = m_detections[index].now;
        if (!to.open())
            continue;
        to.byItself = to.state == RiskState::AtRisk && closesByItself(event);
        to.closedAt = event.at;
        to.state = as.state;
        to.detail = as.detail;
        to.lastUpdated = event.recordedAt;
        move(index, to);
        any = true;
    }
    for (const auto index : which)
        repair(index);
    return any;
}

bool Reducer::confirm(const LedgerEvent &event, const std::vector<std::uint32_t> &which, RiskDetail detail)
{
    bool any = false;
    for (const auto index : which) {
        auto to = m_detections[index].now;
        if (to.state == RiskState::ConfirmedCompromised)
            continue;
        to.state = RiskState::ConfirmedCompromised;
        to.detail = detail;
        to.closedAt = {};
        to.byItself = false;
        to.lastUpdated = event.recordedAt;
        move(index, to);
        any = true;
    }
    for (const auto index : which)
        repair(index);
    return any;
}

// Sign-ins and the user after the detections moved.
void Reducer::settle(const LedgerEvent &event, std::optional<Closing> closing)
{
    std::sort(m_touched.begin(), m_touched.end());
    m_touched.erase(std::unique(m_touched.begin(), m_touched.end()), m_touched.end());
    for (const auto &id : std::exchange(m_touched, {})) {
        const auto &entry = m_signIns[id];
        auto standing = entry.standing.value_or(SignInStanding{});
        Tally open, during;
        std::vector<std::uint32_t> here;
        for (const auto &o : entry.occurrences) {
            const auto &d = m_detections[o.detection];
            if (d.now.gone)
                continue;
            here.push_back(o.detection);
            const bool repeat = o.level != RiskLevel::None;
            if (d.facts.timing == DetectionTiming::Realtime)
                ++during.open[static_cast<std::size_t>(repeat ? o.level : d.now.level) & 3];
            if (!d.now.open())
                continue;
            ++open.open[static_cast<std::size_t>(repeat ? o.level : d.now.weightLevel) & 3];
            open.confirmed += d.now.state == RiskState::ConfirmedCompromised ? 1u : 0u;
        }
        if (here.empty()) {
            setSignIn(id, std::nullopt);
            continue;
        }
        const auto result = sum(open);
        standing.during = sum(during).level;
        standing.aggregated = result.level;
        standing.score = result.score;
        if (open.confirmed > 0) {
            standing.state = RiskState::ConfirmedCompromised;
            standing.detail = RiskDetail::AdminConfirmedSigninCompromised;
        } else if (open.total() > 0) {
            standing.state = RiskState::AtRisk;
            standing.detail = RiskDetail::None;
        } else if (closing) {
            const bool lookUp = event.command == 0 || event.kind == LedgerKind::Undone;
            const auto as = lookUp ? newestClosing(here) : *closing;
            standing.state = as.state;
            standing.detail = as.detail;
        }
        setSignIn(id, standing);
    }

    if (m_present == 0) {
        setUser({});
        return;
    }
    const auto result = sum(m_tally);
    auto next = m_user;
    if (m_tally.confirmed > 0)
        next.standing = {result.level, RiskState::ConfirmedCompromised,
                         m_confirmedUser > 0 ? RiskDetail::AdminConfirmedUserCompromised
                                             : RiskDetail::AdminConfirmedSigninCompromised,
                         result.score};
    else if (m_tally.total() > 0)
        next.standing = {result.level, RiskState::AtRisk, RiskDetail::None, result.score};
    else if (closing) {
        if (event.command == 0) // what the log tells comes in any order; a decision is the last word
            closing = newestClosing(everyOne());
        next.standing = {RiskLevel::None, closing->state, closing->detail, 0};
    }
    // A clock that runs ahead in some log must not put the user at the head of every list for ever.
    next.updated = std::max(m_user.updated, std::min(event.at, event.recordedAt));
    next.trend =
        advanced(m_user.trend, m_user.updated, next.updated, m_user.standing.score, next.standing.score);
    setUser(next);
}

} // namespace riskdesk::risk

#include "core/replay/found.h"

#include "core/base/digest.h"
#include "core/risk/reducer.h"

#include <algorithm>

namespace riskdesk::run {
namespace {

// One user's findings through the reducer of the risk ledger, in time order.
void foldUser(std::span<const Found> found, FoundFolded &out)
{
    risk::Reducer reducer;
    std::unordered_map<std::string, std::size_t> numbers; // of the detections, in `out`
    for (const auto &one : found) {
        risk::DetectionFacts facts;
        facts.signIn = toHex(one.key);
        if (reducer.knows(one.type, facts.signIn))
            continue;
        facts.id = facts.signIn + std::string(toText(one.type));
        facts.type = one.type;
        facts.timing = info(one.type).timing;
        facts.foldKey = one.fold == 0 ? std::string() : std::to_string(one.fold);
        facts.at = {one.at};
        LedgerEvent event;
        event.at = event.recordedAt = facts.at;
        event.user = one.user;
        event.signIn = facts.signIn;
        event.level = one.level;
        if (const auto *target = reducer.foldTarget(facts)) {
            event.kind = LedgerKind::DetectionFolded;
            event.detection = target->facts.id;
            out.detections[numbers.at(event.detection)].repeats.push_back(one.key);
            reducer.apply(event);
            continue;
        }
        event.kind = LedgerKind::DetectionRaised;
        event.detection = facts.id;
        numbers.emplace(facts.id, out.detections.size());
        out.detections.push_back({one, one.level, {}});
        reducer.apply(event, &facts);
    }
    for (const auto &[facts, now] : reducer.detections())
        out.detections[numbers.at(facts.id)].level = now.level;
    out.users.emplace(found.front().user, reducer.user().standing.level);
}

} // namespace

void FoundBook::add(const detect::Finding &finding)
{
    Found found;
    found.type = finding.type;
    found.level = finding.verdict.level;
    found.user = finding.signIn.row.user;
    found.at = finding.signIn.row.at;
    found.key = finding.signIn.row.eventKey;
    found.idText = finding.signIn.row.eventIdText;
    found.idKind = finding.signIn.row.eventIdKind;
    if (!finding.verdict.foldKey.empty())
        found.fold =
            m_folds.try_emplace(finding.verdict.foldKey, static_cast<std::uint32_t>(m_folds.size() + 1))
                .first->second;
    m_found.push_back(found);
}

FoundFolded FoundBook::folded(std::int64_t since) const
{
    std::vector<Found> found;
    std::copy_if(m_found.begin(), m_found.end(), std::back_inserter(found),
                 [since](const Found &f) { return f.at >= since; });
    std::stable_sort(found.begin(), found.end(), [](const Found &a, const Found &b) {
        return a.user != b.user ? a.user < b.user : a.at < b.at;
    });
    FoundFolded out;
    for (auto from = found.begin(); from != found.end();) {
        const auto to = std::find_if(from, found.end(), [&](const Found &f) { return f.user != from->user; });
        foldUser({from, to}, out);
        from = to;
    }
    std::stable_sort(out.detections.begin(), out.detections.end(), [](const auto &a, const auto &b) {
        return a.first.at != b.first.at ? a.first.at < b.first.at : a.first.key < b.first.key;
    });
    return out;
}

} // namespace riskdesk::run

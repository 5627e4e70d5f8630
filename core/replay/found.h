// Found: what an engine found, kept small, and folded as the risk ledger folds it.
//
// Findings may come out of order (a spray is seen late). folded() is a value made from them: repeats of
// an open one are one detection, whose level is the highest, and the level of each user is the sum
// over them (core/risk). Nobody's decision is in it, and nothing has aged. One thread.
#pragma once

#include "core/detect/engine.h"
#include "core/domain/intelligence.h"
#include "core/domain/risk.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace riskdesk::run {

struct Found
{
    DetectionType type = DetectionType::Other;
    RiskLevel level = RiskLevel::None;
    std::uint32_t user = 0;
    std::uint32_t fold = 0; // number of its fold key; 0: is never folded
    std::int64_t at = 0;
    EventKey key{};
    std::uint32_t idText = 0; // Dictionary::EventId
    EventIdKind idKind = EventIdKind::Guid;
};

struct FoldedFound
{
    Found first;
    RiskLevel level = RiskLevel::None;
    std::vector<EventKey> repeats; // of the occurrences folded into the first
};

struct FoundFolded
{
    std::vector<FoldedFound> detections;                // by time, then event key
    std::unordered_map<std::uint32_t, RiskLevel> users; // with a detection: the level they make together
};

class FoundBook
{
public:
    void add(const detect::Finding &finding);
    [[nodiscard]] const std::vector<Found> &all() const { return m_found; }
    // As if nothing had been found before `since`.
    [[nodiscard]] FoundFolded folded(std::int64_t since = beginningOfTime) const;

private:
    std::vector<Found> m_found;
    std::unordered_map<std::string, std::uint32_t> m_folds;
};

} // namespace riskdesk::run

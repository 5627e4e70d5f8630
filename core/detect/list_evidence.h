// What the detectors that read lists have in common: does an entry hold at a time, and its dates as evidence.
#pragma once

#include "core/detect/event_time.h"
#include "core/domain/address_facts.h"
#include "core/domain/evidence.h"

#include <cstdint>
#include <optional>

namespace riskdesk::detect {

// Confidence of an entry that gives none: enough to be looked at, not enough to be high.
inline constexpr int assumedConfidence = 50;
[[nodiscard]] inline int confidenceOf(const ListEntry &entry)
{
    return entry.confidence < 0 ? assumedConfidence : entry.confidence > 100 ? 100 : entry.confidence;
}

// Within [from, until + grace], both inclusive.
[[nodiscard]] inline bool holdsAt(const ListEntry &entry, std::int64_t at, std::int64_t graceUs)
{
    return at >= entry.from && at <= plus(entry.until, graceUs);
}

// How far a time lies outside of that, in microseconds; 0 inside.
[[nodiscard]] inline std::int64_t missedBy(const ListEntry &entry, std::int64_t at, std::int64_t graceUs)
{
    if (at < entry.from)
        return plus(entry.from, -at); // `from` is no beginningOfTime here
    const auto end = plus(entry.until, graceUs);
    return at > end ? at - end : 0;
}

// Of a match at the time of a sign-in.
[[nodiscard]] inline ListFacts listFacts(const ListMatch &match, std::int64_t at)
{
    ListFacts facts;
    if (match.list != nullptr) {
        facts.name = match.list->name;
        facts.version = match.list->version;
        facts.date = match.list->date;
        if (at > match.list->date.us)
            facts.ageDays = minus(at, match.list->date.us) / dayUs;
        facts.licence = match.list->licence;
        facts.source = match.list->source.empty() ? match.list->path : match.list->source;
    }
    facts.entry = match.entry->indicator;
    if (match.entry->from != beginningOfTime)
        facts.from = Timestamp{match.entry->from};
    if (match.entry->until != endOfTime)
        facts.until = Timestamp{match.entry->until};
    facts.tlp = match.entry->tlp;
    facts.labels = match.entry->labels;
    return facts;
}

// As the list gives it.
[[nodiscard]] inline std::optional<int> givenConfidence(const ListEntry &entry)
{
    return entry.confidence < 0 ? std::nullopt : std::optional<int>(entry.confidence);
}

// Why an indicator was set aside; also told when another one was raised.
inline void tellSetAside(SetAsideFacts &facts, const ListEntry &aside)
{
    facts.why = aside.standing == Standing::Warned ? SetAsideFor::WarningList : SetAsideFor::OwnTraffic;
    facts.entry = aside.indicator;
}

// Decides between two equally good matches by content, never by the order of loading: the newer list, then
// its name, then the entry.
[[nodiscard]] inline bool preferred(const ListMatch &a, const ListMatch &b)
{
    if (a.list != nullptr && b.list != nullptr) {
        if (a.list->date != b.list->date)
            return a.list->date > b.list->date;
        if (a.list->name != b.list->name)
            return a.list->name < b.list->name;
    }
    if (a.entry->indicator != b.entry->indicator)
        return a.entry->indicator < b.entry->indicator;
    return a.entry->from > b.entry->from;
}

// The shorter the range, the longer the prefix.
[[nodiscard]] inline bool sameRange(const ListEntry &a, const ListEntry &b)
{
    return a.first == b.first && a.last == b.last;
}

} // namespace riskdesk::detect

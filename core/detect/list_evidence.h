// What the detectors that read lists have in common: does an entry hold at a time, and its dates as evidence.
#pragma once

#include "core/detect/stable_hash.h"
#include "core/domain/address_facts.h"
#include "core/domain/evidence.h"

#include <cstdint>
#include <string>

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

// listName, listVersion, listDate, listAgeDays (at the time of the sign-in; only when the list is older),
// listLicence, listSource, `entryKey` (the text as listed), and the dates under the given names, if there are
// any.
inline void addListFacts(Evidence &evidence, const ListMatch &match, std::int64_t at, std::string entryKey,
                         std::string fromKey, std::string untilKey)
{
    evidence.add("listName", match.list == nullptr ? std::string() : match.list->name);
    if (match.list != nullptr) {
        evidence.add("listVersion", static_cast<std::int64_t>(match.list->version));
        evidence.add("listDate", match.list->date);
        if (at > match.list->date.us)
            evidence.add("listAgeDays", minus(at, match.list->date.us) / dayUs);
        evidence.add("listLicence", match.list->licence);
        evidence.add("listSource", match.list->source.empty() ? match.list->path : match.list->source);
    }
    evidence.add(std::move(entryKey), match.entry->indicator);
    if (match.entry->from != beginningOfTime)
        evidence.add(std::move(fromKey), Timestamp{match.entry->from});
    if (match.entry->until != endOfTime)
        evidence.add(std::move(untilKey), Timestamp{match.entry->until});
    if (!match.entry->tlp.empty())
        evidence.add("tlp", match.entry->tlp);
    if (!match.entry->labels.empty())
        evidence.add("labels", match.entry->labels);
}

// Why an indicator was set aside; also told when another one was raised.
inline void addSetAside(Evidence &evidence, const ListEntry &aside)
{
    evidence.add("warning", std::string(aside.standing == Standing::Warned ? "indicatorOnWarningList"
                                                                           : "indicatorMatchesOwnTraffic"));
    evidence.add("setAside", aside.indicator);
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

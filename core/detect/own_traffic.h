// Own-traffic guard: an indicator that fits more than quarantinePercent of the directory's own successes of
// the past quarantineDays says nothing about a sign-in; a feed has listed the directory's own provider.
//
// It is judged from 50 successes on. Own traffic is a habit: at least two users and five days are among the matches,
// so that neither one taken-over account nor a wave of them argues its own indicator away. The first match that is
// silenced for it sets the indicator aside: it raises nothing any more, and what it had raised before is settled
// again (core/replay/settle.h), until an administrator releases it (ListEntry::standing). What is counted does not
// depend on what is set aside. One object for each kind of list. Bounded: 1024 indicators.
#pragma once

#include "core/detect/enriched_sign_in.h"
#include "core/detect/shards.h"
#include "core/detect/tuning.h"
#include "core/domain/evidence.h"
#include "core/domain/intelligence.h"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace riskdesk::detect {

struct OwnTrafficShare
{
    std::uint64_t matched = 0, all = 0; // successes of the past quarantineDays
    std::size_t days = 0;               // on which it matched, UTC
    bool tooMuch = false;               // or set aside before
    [[nodiscard]] double percent() const
    {
        return all == 0 ? 0 : 100 * static_cast<double>(matched) / static_cast<double>(all);
    }
};

inline void tellShare(SetAsideFacts &facts, const OwnTrafficShare &share)
{
    facts.matched = share.matched;
    facts.all = share.all;
    facts.percent = share.percent();
}

// Of the indicator's text and user agent.
[[nodiscard]] std::uint64_t indicatorKey(const ListEntry &entry);

class OwnTraffic
{
public:
    // `part`: the id of StatePart::Global that it is kept under.
    OwnTraffic(const Tuning &tuning, ListKind kind, std::uint64_t part, StateSource &source);

    [[nodiscard]] OwnTrafficShare share(const ListEntry &entry, std::int64_t at) const;
    // Once for each sign-in; false when its matches are not to be counted.
    [[nodiscard]] bool count(const EnrichedSignIn &signIn);
    // After that, for each match; an indicator on several lists is counted once.
    void count(const EnrichedSignIn &signIn, const ListMatch &match);
    void save(StateSink &sink);
    // Moves out what was set aside since the last call: what the lists did not know, and what they know at the
    // sign-in that showed it first.
    void takeSetAside(std::vector<SetAsideIndicator> &out);
    // Before that time nothing is too much: too few of the sign-ins before are left to count.
    void judgeFrom(std::int64_t at) { m_from = at; }

private:
    struct DayCounts // successes by UTC day, ascending
    {
        struct Day
        {
            std::int32_t day = 0;
            std::uint32_t count = 0;
        };
        std::vector<Day> days;
        void add(std::int32_t day, std::int32_t keep);
        [[nodiscard]] std::uint64_t since(std::int32_t first) const;
        [[nodiscard]] std::size_t daysSince(std::int32_t first) const;
    };
    struct Indicator
    {
        DayCounts matched;
        std::vector<std::uint32_t> users; // the first few; only how many there are is asked
        std::int64_t aside = endOfTime;   // the first sign-in that was silenced for it
        OwnTrafficShare told;             // not saved: by what it was set aside in this run, `tooMuch` then
    };
    struct Counts
    {
        static constexpr std::uint8_t version = 3;
        std::int64_t newest = beginningOfTime;
        EventKey newestKey{};
        DayCounts successes;
        std::unordered_map<std::uint64_t, Indicator> indicators; // by indicatorKey()
        void write(StateWriter &out) const;
        bool read(StateReader &in);
    };
    [[nodiscard]] OwnTrafficShare counted(const ListEntry &entry, std::int64_t at) const;
    [[nodiscard]] bool isOwn(const OwnTrafficShare &share, const Indicator &indicator, std::int64_t at) const;
    [[nodiscard]] std::int32_t keptDays() const;
    void makeRoom(std::int32_t firstDay);

    const Tuning &m_tuning;
    ListKind m_kind;
    std::uint64_t m_part;
    Counts m_counts;
    std::int64_t m_from = beginningOfTime;
    bool m_changed = false;
    std::uint64_t m_counted[8] = {}; // of the sign-in at hand
    std::size_t m_countedSize = 0;
    std::vector<SetAsideIndicator> m_setAside;
};

} // namespace riskdesk::detect

// Reducer: the fold over a user's ledger. Events go in one by one; the user's standing, the state of each
// detection and the risk of each sign-in come out.
//
// The same code folds a whole ledger (verify), continues from stored rows (import, actions), and looks ahead
// (plans). Pure: no clock, no store. One thread.
//
// A detection takes part when an event raised it; imported ones that were never raised are not known here.
//
// States: a user is confirmedCompromised while a confirmed detection is open, else atRisk while any is open,
// else what the last closing says. The same holds for a sign-in and its own detections.
#pragma once

#include "core/domain/ledger_event.h"
#include "core/domain/sign_in.h"
#include "core/risk/command_stack.h"
#include "core/risk/scoring.h"
#include "core/risk/trend.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace riskdesk::risk {

// A finding that is still open takes in its repeats, until it has been quiet for so long.
inline constexpr Microseconds quietSpan = std::chrono::days(7);
// Unfamiliar properties and travel of one user this near to each other: the later counts as high.
inline constexpr Microseconds pairSpan = std::chrono::minutes(10);

// What a detection brings and never changes.
struct DetectionFacts
{
    std::string id;
    DetectionType type = DetectionType::Other;
    DetectionTiming timing = DetectionTiming::NotDefined;
    std::string foldKey; // empty: is never folded
    std::string signIn;  // request id; empty: on the user
    Timestamp at;
    std::uint32_t place = 0; // Dictionary::Place
    std::string city, country;
    RiskLevel found = RiskLevel::None; // its level before repeats raised it
};

// What events move.
struct DetectionStanding
{
    RiskLevel level = RiskLevel::None;
    RiskLevel weightLevel = RiskLevel::None;
    RiskState state = RiskState::None;
    RiskDetail detail = RiskDetail::None;
    std::uint32_t count = 1;
    Timestamp lastUpdated;
    Timestamp lastAt;
    Timestamp closedAt; // the event that closed it, by its own time; of an open one 0
    bool byItself =
        false;         // closed by age or a password in the log, and nobody had confirmed it: may open again
    bool gone = false; // made by a command that was taken back, or withdrawn

    [[nodiscard]] bool open() const { return !gone && isOpen(state); }
    friend bool operator==(const DetectionStanding &, const DetectionStanding &) = default;
};

struct TrackedDetection
{
    DetectionFacts facts;
    DetectionStanding now;
};

struct SignInStanding
{
    RiskLevel during = RiskLevel::None;     // by what was found at sign-in; no decision changes it
    RiskLevel aggregated = RiskLevel::None; // by all that is open
    RiskState state = RiskState::None;
    RiskDetail detail = RiskDetail::None;
    std::uint8_t score = 0;

    friend bool operator==(const SignInStanding &, const SignInStanding &) = default;
};

struct UserStanding
{
    RiskStanding standing;
    Timestamp updated; // risk last updated
    Trend trend{};

    friend bool operator==(const UserStanding &, const UserStanding &) = default;
};

// What the lists show of a user beside the standing.
struct Summary
{
    std::uint32_t open = 0, total = 0, riskySignIns = 0;
    DetectionType top{};      // of the weightiest open detection, among equals the newest; else of the newest
    std::uint32_t others = 0; // further detections behind it
    std::uint32_t lastPlace = 0; // of the newest detection
    std::string lastCity, lastCountry;
    std::string countries;   // sorted, joined by ' '
    std::uint32_t types = 0; // 1 << DetectionType

    friend bool operator==(const Summary &, const Summary &) = default;
};

class Reducer
{
public:
    // `journal`: remember what each command changed, so that Undone events can be applied. Needed to fold
    // from the beginning; whoever continues from rows takes back by writing the rows of before.
    explicit Reducer(bool journal = false)
        : m_keepJournal(journal)
    {}

    // Continue from stored rows; in this order.
    void restore(TrackedDetection detection);
    void restoreRepeat(std::string_view detection, std::string signIn, Timestamp at, RiskLevel level);
    void restoreSignIn(const std::string &signIn, const SignInStanding &standing);
    void restore(const UserStanding &user) { m_user = user; }

    // Applies one event and fills its `from` and `to`. DetectionRaised needs the facts. False when the event
    // speaks of something that is not known; nothing changes then.
    bool apply(LedgerEvent &event, const DetectionFacts *facts = nullptr);
    // For who continues from rows: detections go back to how they stood before a command, other things having
    // happened since; sign-ins and the user follow. Fills the event's `from` and `to`.
    void putBack(LedgerEvent &event, const std::vector<std::pair<std::string, DetectionStanding>> &before);

    [[nodiscard]] const UserStanding &user() const { return m_user; }
    // Has, or had, a detection.
    [[nodiscard]] bool known() const;
    [[nodiscard]] const std::vector<TrackedDetection> &detections() const { return m_detections; }
    [[nodiscard]] const TrackedDetection *find(std::string_view detection) const;
    [[nodiscard]] std::vector<std::string> signIns() const; // with a detection
    [[nodiscard]] std::optional<SignInStanding> signIn(const std::string &id) const;
    // Indexes of the detections on a sign-in, those folded away included.
    [[nodiscard]] std::vector<std::uint32_t> detectionsOf(const std::string &signIn) const;
    // The same with the level of each repeat; None: the detection began there.
    [[nodiscard]] std::vector<std::pair<std::uint32_t, RiskLevel>>
    occurrencesOn(const std::string &signIn) const;
    [[nodiscard]] const Tally &tally() const { return m_tally; }
    [[nodiscard]] Summary summary() const;

    // The open detection that would take this one in as a repeat, or null.
    [[nodiscard]] const TrackedDetection *foldTarget(const DetectionFacts &facts) const;
    // Indexes of the detections, open or closed by themselves, that this one could fold into or pair with.
    [[nodiscard]] std::vector<std::uint32_t> touchedBy(const DetectionFacts &facts) const;
    // This type was found on this sign-in before, as a detection or folded into one.
    [[nodiscard]] bool knows(DetectionType type, const std::string &signIn) const;
    // The detection that makes this one count as high, or null.
    [[nodiscard]] const TrackedDetection *partner(const TrackedDetection &detection) const;

    // Indexes of the open ones that are at risk, count as low and were last seen before this, oldest first.
    [[nodiscard]] std::vector<std::uint32_t> lowBefore(Timestamp before) const;
    // Those that closed by themselves later than this.
    [[nodiscard]] std::vector<std::uint32_t> closedByItselfAfter(Timestamp after) const;

    // What changed since the last call, as it was before the first change.
    struct Changes
    {
        std::map<std::uint32_t, DetectionStanding> detections; // index; gone: was not there
        std::map<std::string, std::optional<SignInStanding>> signIns;
        std::optional<UserStanding> user;
        bool wasKnown = false;
    };
    [[nodiscard]] Changes takeChanges();

private:
    struct Occurrence
    {
        std::uint32_t detection;
        RiskLevel level; // of the repeat; None: the detection's own
        Timestamp at;
    };
    struct SignInEntry
    {
        std::optional<SignInStanding> standing;
        std::vector<Occurrence> occurrences;
    };
    struct Closing
    {
        RiskState state;
        RiskDetail detail;
    };

    std::uint32_t add(DetectionFacts facts, const DetectionStanding &standing);
    void addOccurrenceTime(std::uint32_t index, Timestamp at);
    void move(std::uint32_t index, const DetectionStanding &to);
    void count(const DetectionStanding &standing, bool in);
    void repair(std::uint32_t index);
    void pairAt(std::uint32_t index, Timestamp at);
    void reweigh(std::uint32_t index);
    void touchSignIns(std::uint32_t index);
    bool close(const LedgerEvent &event, const std::vector<std::uint32_t> &which, Closing as);
    bool confirm(const LedgerEvent &event, const std::vector<std::uint32_t> &which, RiskDetail detail);
    [[nodiscard]] std::vector<std::uint32_t> openOnes() const;
    [[nodiscard]] std::vector<std::uint32_t> one(const std::string &id) const;
    bool withdraw(const LedgerEvent &event);
    void forgetTime(std::uint32_t index, Timestamp at);
    [[nodiscard]] std::set<std::uint32_t> pairedWith(std::uint32_t index) const;
    // What the one of these that was closed last says, by the times of the events; None where none is.
    [[nodiscard]] Closing newestClosing(const std::vector<std::uint32_t> &which) const;
    void settle(const LedgerEvent &event, std::optional<Closing> closing);
    [[nodiscard]] std::vector<std::uint32_t> everyOne() const;
    bool takeBack(const LedgerEvent &event);
    void reopen(const LedgerEvent &event,
                const std::vector<std::pair<std::uint32_t, DetectionStanding>> &before);
    void setSignIn(const std::string &id, std::optional<SignInStanding> standing);
    void setUser(const UserStanding &user);

    std::vector<TrackedDetection> m_detections;
    std::vector<std::vector<std::string>> m_signInsOf; // by detection: its own and those of its repeats
    std::vector<std::vector<std::int64_t>> m_timesOf;  // by detection that may pair: its occurrences
    std::unordered_map<std::string, std::uint32_t> m_byId;
    std::unordered_map<std::string, std::vector<std::uint32_t>> m_byFoldKey; // type and key
    std::unordered_map<std::string, SignInEntry> m_signIns;
    std::multimap<std::int64_t, std::uint32_t> m_travel, m_unfamiliar; // occurrence times
    Tally m_tally;
    Timestamp m_lastByItself;          // no later than this did any close by itself
    std::uint32_t m_confirmedUser = 0; // open, by an administrator's word about the user
    std::uint32_t m_present = 0;       // detections that are not gone
    UserStanding m_user;

    std::vector<std::string> m_touched; // sign-ins to be computed anew
    Changes m_changes;
    bool m_changesBegun = false;
    bool m_keepJournal;
    std::map<std::int64_t, Changes> m_journal;
    CommandStack m_commands; // of the journal
    void begin();
};

} // namespace riskdesk::risk

// A line is a row.
// clang-format off
#include "core/query/tables/enumerations.h"

#include "core/domain/ledger_event.h"
#include "core/domain/risk.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace riskdesk::query {
namespace {

constexpr std::array levelsWords = {EnumWord{0, "none", "", "None"}, EnumWord{1, "low", "", "Low"},
                               EnumWord{2, "medium", "med", "Medium"}, EnumWord{3, "high", "", "High"}};
constexpr std::array statesWords = {
    EnumWord{0, "none", "", "None"},
    EnumWord{1, "confirmedSafe", "safe", "Confirmed safe"},
    EnumWord{2, "remediated", "", "Remediated"},
    EnumWord{3, "dismissed", "", "Dismissed"},
    EnumWord{4, "atRisk", "risk", "At risk"},
    EnumWord{5, "confirmedCompromised", "compromised", "Confirmed compromised"},
};
constexpr std::array timingsWords = {EnumWord{0, "notDefined", "", "Not defined"},
                                EnumWord{1, "realtime", "atSignIn", "At sign-in"},
                                EnumWord{2, "nearRealtime", "", "Near real time"},
                                EnumWord{3, "offline", "later", "Later"}};
constexpr std::array activitiesWords = {EnumWord{0, "signin", "", "Sign-in"}, EnumWord{1, "user", "", "User"}};
constexpr std::array yesNoWords = {EnumWord{0, "false", "no", "No"}, EnumWord{1, "true", "yes", "Yes"}};
constexpr std::array enabledWords = {EnumWord{0, "false", "no|blocked", "Sign-in blocked"},
                                EnumWord{1, "true", "yes|allowed", "Sign-in allowed"}};
constexpr std::array deletedWords = {EnumWord{0, "false", "no|active", "Active"},
                                EnumWord{1, "true", "yes|deleted", "Deleted"}};
constexpr std::array learningWords = {EnumWord{0, "done", "over", "Done"}, EnumWord{1, "learning", "", "Still learning"}};
constexpr std::array outcomesWords = {EnumWord{0, "success", "succeeded|ok", "Success"},
                                 EnumWord{1, "failure", "failed", "Failure"},
                                 EnumWord{2, "interrupted", "", "Interrupted"}};
constexpr std::array identitiesWords = {EnumWord{0, "unknown", "", "Unknown"}, EnumWord{1, "local", "", "Local"},
                                   EnumWord{2, "social", "", "Social"}};
constexpr std::array mfasWords = {EnumWord{0, "unknown", "", "Unknown"},
                             EnumWord{1, "singleFactor", "single", "Single factor"},
                             EnumWord{2, "required", "", "Required"}, EnumWord{3, "passed", "", "Passed"},
 EnumWord{4, "satisfied", "", "Met earlier"}};
constexpr std::array failuresWords = {EnumWord{0, "none", "", "None"},
                                 EnumWord{1, "badPassword", "", "Wrong password"},
                                 EnumWord{2, "unknownUser", "", "Unknown user"},
                                 EnumWord{3, "locked", "", "Locked out"},
                                 EnumWord{4, "expired", "", "Password expired"},
                                 EnumWord{5, "disabled", "", "Account disabled"},
                                 EnumWord{6, "other", "", "Other"},
                                 EnumWord{7, "stopped", "", "Right password, stopped"}};
constexpr std::array scopesWords = {EnumWord{1, "address", "", "Address"}, EnumWord{2, "network", "", "Network"},
                               EnumWord{3, "asnAgent", "", "Network owner and user agent"},
                               EnumWord{4, "agent", "", "User agent"}};

} // namespace

std::span<const EnumWord> levels() { return levelsWords; }
std::span<const EnumWord> states() { return statesWords; }
std::span<const EnumWord> timings() { return timingsWords; }
std::span<const EnumWord> activities() { return activitiesWords; }
std::span<const EnumWord> yesNo() { return yesNoWords; }
std::span<const EnumWord> enabled() { return enabledWords; }
std::span<const EnumWord> deleted() { return deletedWords; }
std::span<const EnumWord> learning() { return learningWords; }
std::span<const EnumWord> outcomes() { return outcomesWords; }
std::span<const EnumWord> identities() { return identitiesWords; }
std::span<const EnumWord> mfas() { return mfasWords; }
std::span<const EnumWord> failures() { return failuresWords; }
std::span<const EnumWord> scopes() { return scopesWords; }
// clang-format on

// Names and displays of the domain's own tables, so that there is no second spelling of them.
std::span<const EnumWord> types()
{
    static const auto table = [] {
        std::array<EnumWord, 8> words{};
        std::size_t i = 0;
        for (const auto &t : detectionTypes()) {
            words.at(i) = {static_cast<std::int64_t>(t.value), t.key, t.filterWords, t.displayName};
            ++i;
        }
        const auto &other = info(DetectionType::Other);
        words.at(i) = {static_cast<std::int64_t>(other.value), other.key, other.filterWords,
                       other.displayName};
        return words;
    }();
    return table;
}

std::span<const EnumWord> details()
{
    static const auto table = [] {
        std::array<EnumWord, 13> words{};
        for (std::size_t i = 0; i < words.size(); ++i) {
            const auto detail = static_cast<RiskDetail>(i);
            words.at(i) = {static_cast<std::int64_t>(i), toText(detail), "", displayName(detail)};
        }
        return words;
    }();
    return table;
}

std::span<const EnumWord> ledgerKinds()
{
    static const auto table = [] {
        std::array<EnumWord, 21> words{};
        for (std::size_t i = 0; i < words.size(); ++i) {
            const auto kind = static_cast<LedgerKind>(i + 1);
            words.at(i) = {static_cast<std::int64_t>(i + 1), toText(kind), "", displayName(kind)};
        }
        return words;
    }();
    return table;
}

std::string typeRank(std::string_view column)
{
    std::vector<const DetectionTypeInfo *> byName;
    for (const auto &type : detectionTypes())
        byName.push_back(&type);
    std::sort(byName.begin(), byName.end(),
              [](const auto *a, const auto *b) { return a->displayName < b->displayName; });
    std::string sql = fmt::format("CASE {}", column);
    for (std::size_t i = 0; i < byName.size(); ++i)
        sql += fmt::format(" WHEN {} THEN {}", static_cast<int>(byName[i]->value), i + 1);
    return sql + " WHEN 0 THEN 99 ELSE 98 END";
}

std::string mitreOf(std::string_view column)
{
    std::string sql = fmt::format("CASE {}", column);
    for (const auto &type : detectionTypes())
        sql += fmt::format(" WHEN {} THEN '{}'", static_cast<int>(type.value), type.mitre);
    return sql + fmt::format(" ELSE '{}' END", info(DetectionType::Other).mitre);
}

} // namespace riskdesk::query

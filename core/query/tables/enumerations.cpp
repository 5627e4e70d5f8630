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

// The words of an enumeration of the domain from First to Last, with what else a filter may call some of them.
template <auto First, auto Last>
auto wordsOf(std::initializer_list<std::pair<decltype(First), std::string_view>> also = {})
{
    using Enum = decltype(First);
    constexpr auto first = static_cast<std::size_t>(First), last = static_cast<std::size_t>(Last);
    std::array<EnumWord, last - first + 1> words{};
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto value = static_cast<Enum>(first + i);
        words.at(i) = {static_cast<std::int64_t>(first + i), toText(value), "", displayName(value)};
    }
    for (const auto &[value, word] : also)
        words.at(static_cast<std::size_t>(value) - first).shortForms = word;
    return words;
}

} // namespace

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
        std::vector<EnumWord> words;
        for (const auto &t : detectionTypes())
            words.push_back({static_cast<std::int64_t>(t.value), t.key, t.filterWords, t.displayName});
        const auto &other = info(DetectionType::Other);
        words.push_back(
            {static_cast<std::int64_t>(other.value), other.key, other.filterWords, other.displayName});
        return words;
    }();
    return table;
}

std::span<const EnumWord> levels()
{
    static const auto table = wordsOf<RiskLevel::None, RiskLevel::High>({{RiskLevel::Medium, "med"}});
    return table;
}

std::span<const EnumWord> states()
{
    static const auto table = wordsOf<RiskState::None, RiskState::ConfirmedCompromised>(
        {{RiskState::ConfirmedSafe, "safe"},
         {RiskState::AtRisk, "risk"},
         {RiskState::ConfirmedCompromised, "compromised"}});
    return table;
}

std::span<const EnumWord> details()
{
    static const auto table = wordsOf<RiskDetail::None, RiskDetail::AdminConfirmedAccountSafe>();
    return table;
}

std::span<const EnumWord> ledgerKinds()
{
    static const auto table = wordsOf<LedgerKind::DetectionRaised, LedgerKind::Reopened>();
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

std::string typeWord(std::string_view column, std::string_view text)
{
    std::string sql = fmt::format("CASE {}", column);
    for (const auto &type : types())
        sql += type.value == static_cast<std::int64_t>(DetectionType::Other)
                   ? fmt::format(" WHEN {} THEN coalesce(nullif({}, ''), '{}')", type.value, text, type.key)
                   : fmt::format(" WHEN {} THEN '{}'", type.value, type.key);
    return sql + " END";
}

std::string mitreOf(std::string_view column)
{
    std::string sql = fmt::format("CASE {}", column);
    for (const auto &type : detectionTypes())
        sql += fmt::format(" WHEN {} THEN '{}'", static_cast<int>(type.value), type.mitre);
    return sql + fmt::format(" ELSE '{}' END", info(DetectionType::Other).mitre);
}

} // namespace riskdesk::query

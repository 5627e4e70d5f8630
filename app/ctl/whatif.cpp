// whatif: other settings against the present ones, over what is stored.
//
// The object of --json:
//   signIns, seconds
//   settings    [{key, now, then}] those that were given
//   trust       [text]
//   suppress    [text]
//   since       time or null
//   types       [{riskEventType, before:{low,medium,high}, after:{low,medium,high}}]
//   users       {before:{low,medium,high}, after:{low,medium,high}, changed}
//   appear, disappear, rise, fall   detections
//   disappearing {dismissed, confirmedSafe, confirmedCompromised, remediated, atRisk, aged, notStored}: what
//               was recorded of those that disappear; an earlier import under other settings, or a list that
//               came later, leaves some that are not stored
//   changes     [{riskEventType, requestId, activityDateTime, userId, userDisplayName, userPrincipalName,
//                 before, after, recorded}] up to --limit, by time; levels as Graph writes them, "none" for
//                 not there; recorded is a word of `disappearing`

#include "core/base/text.h"
#include "core/directory/directory.h"
#include "core/query/json_object.h"
#include "core/replay/whatif_run.h"
#include "core/store/schema.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {
namespace {

struct WhatIfCommand
{
    std::vector<std::string> set, trust; // KEY=VALUE; networks, AS numbers, countries
    std::vector<std::string> suppress;   // rules: "user=anna type=unlikelyTravel"
    std::string since;
    std::uint64_t limit = 50; // changed detections shown
};

constexpr RiskLevel shownLevels[] = {RiskLevel::Low, RiskLevel::Medium, RiskLevel::High};

std::uint64_t at(const run::LevelCounts &counts, RiskLevel level)
{
    return counts[static_cast<std::size_t>(level)];
}

std::string levelsJson(const run::LevelCounts &counts)
{
    query::JsonObject json;
    for (const auto level : shownLevels)
        json.whole(toText(level), static_cast<std::int64_t>(at(counts, level)));
    return json.done();
}

std::string joined(const std::vector<std::string> &objects)
{
    std::string out;
    for (const auto &object : objects)
        out += (out.empty() ? "" : ",") + object;
    return "[" + out + "]";
}

// In the order in which they speak for the change or against it.
constexpr run::Recorded fates[] = {
    run::Recorded::Dismissed,  run::Recorded::ConfirmedSafe, run::Recorded::ConfirmedCompromised,
    run::Recorded::Remediated, run::Recorded::AtRisk,        run::Recorded::Aged,
    run::Recorded::NotStored};

std::uint64_t fate(const run::WhatIfReport &found, run::Recorded recorded)
{
    const auto it = found.disappearRecorded.find(recorded);
    return it == found.disappearRecorded.end() ? 0 : it->second;
}

void printJson(const run::WhatIfReport &found, const WhatIfCommand &options, const run::WhatIfRequest &asked,
               const detect::Tuning &present)
{
    const auto whole = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    std::vector<std::string> settings, trust, suppress, types, changes;
    for (const auto &[key, value] : asked.set)
        settings.push_back(query::JsonObject()
                               .text("key", key)
                               .real("now", present[detect::findTuning(key)->id])
                               .real("then", value)
                               .done());
    for (const auto &text : asked.trust)
        trust.push_back(jsonString(text));
    for (const auto &text : asked.suppress)
        suppress.push_back(jsonString(text));
    for (const auto &[type, counts] : found.types)
        types.push_back(query::JsonObject()
                            .text("riskEventType", toText(type))
                            .raw("before", levelsJson(counts.before))
                            .raw("after", levelsJson(counts.after))
                            .done());
    for (const auto &c : found.changes) {
        if (changes.size() == options.limit)
            break;
        changes.push_back(query::JsonObject()
                              .text("riskEventType", toText(c.type))
                              .text("requestId", c.requestId)
                              .time("activityDateTime", c.at)
                              .text("userId", c.userKey)
                              .text("userDisplayName", c.userName)
                              .text("userPrincipalName", c.userPrincipalName)
                              .text("before", toText(c.before))
                              .text("after", toText(c.after))
                              .text("recorded", toText(c.recorded))
                              .done());
    }
    query::JsonObject users;
    users.raw("before", levelsJson(found.usersBefore))
        .raw("after", levelsJson(found.usersAfter))
        .whole("changed", whole(found.usersChanged));
    query::JsonObject disappearing;
    for (const auto recorded : fates)
        disappearing.whole(toText(recorded), whole(fate(found, recorded)));
    query::JsonObject json;
    json.whole("signIns", whole(found.signIns))
        .real("seconds", found.seconds)
        .raw("settings", joined(settings))
        .raw("trust", joined(trust))
        .raw("suppress", joined(suppress))
        .time("since", asked.since)
        .raw("types", joined(types))
        .raw("users", users.done())
        .whole("appear", whole(found.appear))
        .whole("disappear", whole(found.disappear))
        .whole("rise", whole(found.rise))
        .whole("fall", whole(found.fall))
        .raw("disappearing", disappearing.done())
        .raw("changes", joined(changes));
    fmt::print("{}\n", json.done());
}

std::string fromTo(std::uint64_t before, std::uint64_t after)
{
    return before == after ? std::to_string(before) : fmt::format("{} → {}", before, after);
}

std::vector<std::string> countsRow(std::string name, const run::LevelCounts &before,
                                   const run::LevelCounts &after)
{
    std::vector<std::string> row{std::move(name)};
    std::uint64_t all[2]{};
    for (const auto level : shownLevels) {
        row.push_back(fromTo(at(before, level), at(after, level)));
        all[0] += at(before, level);
        all[1] += at(after, level);
    }
    row.push_back(fromTo(all[0], all[1]));
    return row;
}

std::string levelWord(RiskLevel level)
{
    return level == RiskLevel::None ? "–" : std::string(displayName(level));
}

void printReport(const run::WhatIfReport &found, const WhatIfCommand &options)
{
    Table table{{"Detections", "Low", "Medium", "High", "All"}, {}};
    run::LevelCounts before{}, after{};
    for (const auto &[type, counts] : found.types) {
        table.rows.push_back(countsRow(std::string(info(type).displayName), counts.before, counts.after));
        for (const auto level : shownLevels) {
            before[static_cast<std::size_t>(level)] += at(counts.before, level);
            after[static_cast<std::size_t>(level)] += at(counts.after, level);
        }
    }
    table.rows.push_back(countsRow("All", before, after));
    table.rows.push_back(countsRow("Users by risk", found.usersBefore, found.usersAfter));
    printTable(table);
    fmt::print("\n{} would appear, {} disappear, {} get a higher level and {} a lower one; the risk of {} "
               "would be another.\n",
               counted(found.appear, "detection"), found.disappear, found.rise, found.fall,
               counted(found.usersChanged, "user"));
    if (found.disappear > 0) {
        std::string list;
        for (const auto recorded : fates)
            if (const auto n = fate(found, recorded); n > 0)
                list += fmt::format("{}{} {}", list.empty() ? "" : ", ", n, displayName(recorded));
        fmt::print("Recorded of those that would disappear: {}.\n", list);
    }
    const auto shown = static_cast<std::size_t>(std::min<std::uint64_t>(found.changes.size(), options.limit));
    if (shown > 0) {
        Table changes{{"Time", "Detection", "User", "Sign-in name", "Now", "Then", "Recorded"}, {}};
        for (std::size_t i = 0; i < shown; ++i) {
            const auto &c = found.changes[i];
            changes.rows.push_back({c.at.toIso().substr(0, 16).replace(10, 1, " "),
                                    std::string(info(c.type).displayName), c.userName, c.userPrincipalName,
                                    levelWord(c.before), levelWord(c.after),
                                    std::string(displayName(c.recorded))});
        }
        fmt::print("\n");
        printTable(changes);
    }
    std::fflush(stdout);
    if (shown < found.changes.size())
        fmt::print(stderr, "{} of {} changes shown; --limit shows more.\n", shown, found.changes.size());
    fmt::print(stderr, "{} played twice in {:.1f} s. Nothing was changed.\n",
               counted(found.signIns, "sign-in"), found.seconds);
}

int whatIf(const Common &common, const WhatIfCommand &options, Format format)
{
    run::WhatIfRequest request;
    for (const auto &assignment : options.set) {
        const auto equals = assignment.find('=');
        const auto value = equals == std::string::npos
                               ? std::nullopt
                               : settingValue(std::string_view(assignment).substr(equals + 1));
        if (!value)
            return report({Code::WrongUsage, assignment, "expected KEY=VALUE with a number, on or off"});
        request.set.emplace_back(assignment.substr(0, equals), *value);
    }
    request.trust = options.trust;
    request.suppress = options.suppress;
    request.now = common.clock.now();
    if (!options.since.empty()) {
        const auto since =
            Timestamp::fromIso(options.since.size() == 10 ? options.since + "T00:00:00Z" : options.since);
        if (!since)
            return report({Code::WrongUsage, options.since, "expected a day, YYYY-MM-DD"});
        request.since = *since;
    }
    auto connection = store::openForReading(common.directory);
    if (!connection)
        return report(connection.error());
    const StopOnInterrupt interrupt;
    auto found = run::whatIf(*connection, request, interrupt.token(), progressLine());
    if (!found)
        return report(found.error());
    clearProgress();
    if (format != Format::Json) {
        printReport(*found, options);
        return 0;
    }
    const auto present = run::tuning(*connection);
    if (!present)
        return report(present.error());
    printJson(*found, options, request, *present);
    return 0;
}

} // namespace

void addWhatIf(CommandLine &line)
{
    const auto asked = std::make_shared<WhatIfCommand>();
    auto *command =
        line.add("whatif", "what other settings would find in the stored sign-ins; changes nothing",
                 [asked](const Common &common, Format format) { return whatIf(common, *asked, format); });
    command->add_option("--set", asked->set, "KEY=VALUE, as \"settings\" names them");
    command->add_option("--trust", asked->trust, "a network, AS64500, or a country: DE");
    command->add_option("--suppress", asked->suppress,
                        "a rule: \"user=anna@shop.example type=unlikelyTravel\"");
    command->add_option("--since", asked->since, "count from this day on, YYYY-MM-DD");
    command->add_option("--limit", asked->limit, "changed detections shown; 50");
    line.needs(command, action::Permission::Read);
    line.addJson(command);
}

} // namespace riskdesk::ctl

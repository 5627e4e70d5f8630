// suppress: rules that silence findings for a while.

#include "core/directory/directory.h"
#include "core/ledger/suppression.h"
#include "core/query/json_object.h"
#include "core/query/spine.h"

#include "app/ctl/commands.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {
namespace {

struct SuppressCommand
{
    std::string user, network, asn, agent, agentPart, application, type;
    std::string until, reason;
};

constexpr int usualDays = 30;   // a rule holds, unless told otherwise
constexpr int previewDays = 30; // looked back at when one is added
constexpr auto day = std::chrono::hours(24);

std::string date(Timestamp t)
{
    return t.toIso().substr(0, 10);
}

// The end of the last day, or a moment as it is written.
Result<Timestamp> endOf(const std::string &text)
{
    if (text.size() != 10)
        return Timestamp::fromIso(text);
    const auto begins = Timestamp::fromIso(text + "T00:00:00Z");
    return begins ? Result<Timestamp>(*begins + day) : begins;
}

int suppressAdd(const Common &common, const SuppressCommand &options, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto &connection = directory->connection();
    auto match =
        ledger::suppressionMatch(connection, {options.user, options.network, options.asn, options.agent,
                                              options.agentPart, options.application, options.type});
    if (!match)
        return report(match.error());
    SuppressionRule rule;
    rule.match = std::move(*match);
    rule.reason = options.reason;
    rule.until = common.clock.now() + usualDays * day;
    if (!options.until.empty()) {
        const auto until = endOf(options.until);
        if (!until)
            return report({Code::WrongUsage, options.until, "expected a day, YYYY-MM-DD"});
        rule.until = *until;
    }
    const auto now = query::referenceNow(connection, common.clock.now());
    if (!now)
        return report(now.error());
    const auto preview = ledger::previewSuppression(connection, rule.match, now->now - previewDays * day);
    if (!preview)
        return report(preview.error());
    auto added = ledger::addSuppression(connection, common.clock, common.who, std::move(rule));
    if (!added)
        return report(added.error());
    const auto level = [&](RiskLevel l) { return preview->levels[static_cast<std::size_t>(l)]; };
    const auto whole = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    if (format == Format::Json) {
        query::JsonObject before;
        before.whole("days", previewDays)
            .whole("detections", whole(preview->detections))
            .whole("users", whole(preview->users))
            .whole("high", whole(level(RiskLevel::High)))
            .whole("medium", whole(level(RiskLevel::Medium)))
            .whole("low", whole(level(RiskLevel::Low)))
            .whole("confirmedCompromised", whole(preview->confirmedCompromised));
        fmt::print("{}\n", query::JsonObject()
                               .whole("id", added->id)
                               .text("silences", ledger::describe(added->match))
                               .time("until", added->until)
                               .text("reason", added->reason)
                               .raw("before", before.done())
                               .done());
        return 0;
    }
    fmt::print("Rule {} silences what is found with {} until {}.\n", added->id,
               ledger::describe(added->match), date(added->until - std::chrono::microseconds(1)));
    fmt::print("Of the {} days before {} it would have silenced {} of {}: {} high, {} medium, {} low. They "
               "stay as they are.\n",
               previewDays, date(now->now), counted(preview->detections, "detection"),
               counted(preview->users, "user"), level(RiskLevel::High), level(RiskLevel::Medium),
               level(RiskLevel::Low));
    if (preview->confirmedCompromised > 0)
        fmt::print(stderr,
                   "riskdeskctl: {} of them was confirmed compromised. \"suppress remove {}\" takes "
                   "the rule away.\n",
                   preview->confirmedCompromised, added->id);
    return 0;
}

int suppressList(const Common &common, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto rules = ledger::suppressions(directory->connection());
    if (!rules)
        return report(rules.error());
    const auto now = common.clock.now();
    if (format == Format::Json || format == Format::Ndjson) {
        JsonWriter writer(format);
        for (const auto &r : *rules) {
            const auto &m = r.match;
            query::JsonObject json;
            json.whole("id", r.id)
                .textOrNull("riskEventType", m.type ? toText(*m.type) : "")
                .textOrNull("user", m.user ? m.userName : "")
                .textOrNull("network", m.network)
                .whole("asn", m.asn)
                .textOrNull("agent", m.agentPart ? "" : m.agent)
                .textOrNull("agentContains", m.agentPart ? m.agent : "")
                .textOrNull("application", m.application)
                .time("until", r.until)
                .flag("inForce", r.until > now)
                .text("reason", r.reason)
                .text("addedBy", r.actor)
                .time("addedDateTime", r.addedAt)
                .whole("silenced", static_cast<std::int64_t>(r.silenced))
                .time("firstActivityDateTime", r.firstAt)
                .time("lastActivityDateTime", r.lastAt);
            writer.add(json.done());
        }
        return 0;
    }
    Table table{{"Rule", "Silences", "Until", "Findings", "First", "Last", "Reason", "By"}, {}};
    for (const auto &r : *rules)
        table.rows.push_back({std::to_string(r.id), ledger::describe(r.match),
                              date(r.until - std::chrono::microseconds(1)) + (r.until > now ? "" : ", over"),
                              std::to_string(r.silenced), r.firstAt ? date(*r.firstAt) : "",
                              r.lastAt ? date(*r.lastAt) : "", r.reason, r.actor});
    printTable(table, format);
    return 0;
}

int suppressRemove(const Common &common, std::int64_t id, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto removed = ledger::removeSuppression(directory->connection(), common.clock, common.who, id);
    if (!removed)
        return report(removed.error());
    if (format == Format::Json) {
        query::JsonObject json;
        json.whole("id", id).whole("silenced", static_cast<std::int64_t>(removed->silenced));
        int code = 0;
        if (removed->silenced > 0)
            code = lookAgain(*directory, common, &json);
        else
            json.raw("reread", "null");
        fmt::print("{}\n", json.done());
        return code;
    }
    fmt::print("Removed rule {}, which had silenced {}.\n", id, counted(removed->silenced, "finding"));
    return removed->silenced > 0 ? lookAgain(*directory, common) : 0;
}

} // namespace

void addSuppress(CommandLine &line)
{
    auto *rules = line.add("suppress", "rules that silence findings for a while", {});
    rules->require_subcommand(1);
    const auto added = std::make_shared<SuppressCommand>();
    auto *command = line.add(
        "add", "every condition that is given must hold",
        [added](const Common &common, Format format) { return suppressAdd(common, *added, format); }, rules);
    command->add_option("--user", added->user, "an id, a user principal name or a mail address");
    command->add_option("--network", added->network, "an address or 192.0.2.0/24");
    command->add_option("--asn", added->asn, "a network operator: AS64500");
    command->add_option("--agent", added->agent, "the whole user agent");
    command->add_option("--agent-contains", added->agentPart, "a part of it");
    command->add_option("--application", added->application, "its display name");
    command->add_option("--type", added->type, "unlikelyTravel, …");
    command->add_option("--until", added->until, "last day, YYYY-MM-DD; in 30 days");
    command->add_option("--reason", added->reason, "why, for who looks at the rule later")->required();
    line.addJson(command);
    command = line.add("list", "the rules, and what each has silenced", suppressList, rules);
    line.needs(command, action::Permission::Read);
    line.addFormat(command);
    const auto rule = std::make_shared<std::int64_t>(0);
    command = line.add(
        "remove", "remove a rule; what it silenced is raised by looking again",
        [rule](const Common &common, Format format) { return suppressRemove(common, *rule, format); }, rules);
    command->add_option("rule", *rule, "its number")->required();
    line.addJson(command);
}

} // namespace riskdesk::ctl

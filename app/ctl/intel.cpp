// Intelligence lists: adding, removing, going back, and what was set aside of them.

#include "core/base/text.h"
#include "core/lists/intelligence.h"
#include "core/lists/list_versions.h"
#include "core/lists/set_aside.h"
#include "core/query/json_object.h"
#include "core/replay/settle.h"
#include "core/store/schema.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {
namespace {

struct IntelCommand
{
    std::string kind, file, name, anonymizerKind, provider, from, until;
};

std::string rereadJson(const run::SettleSummary &summary)
{
    std::string notices;
    for (const auto &notice : summary.notices)
        notices += (notices.empty() ? "" : ",") + jsonString(notice);
    return query::JsonObject()
        .whole("signIns", static_cast<std::int64_t>(summary.signIns))
        .whole("detections", static_cast<std::int64_t>(summary.detections))
        .whole("withdrawn", static_cast<std::int64_t>(summary.withdrawn))
        .whole("kept", static_cast<std::int64_t>(summary.kept))
        .whole("silenced", static_cast<std::int64_t>(summary.silenced))
        .whole("usersAtRisk", static_cast<std::int64_t>(summary.usersAtRisk))
        .raw("notices", '[' + notices + ']')
        .done();
}

query::JsonObject listJson(const IntelligenceList &list)
{
    query::JsonObject json;
    json.whole("id", list.id)
        .text("kind", toText(list.kind))
        .text("name", list.name)
        .whole("version", list.version)
        .whole("entries", static_cast<std::int64_t>(list.entries));
    return json;
}

// What was done to a list is said, and then what is found because of it.
int lookAgainBecause(run::Directory &directory, const Common &common, Format format, query::JsonObject json,
                     const std::string &sentence)
{
    if (format != Format::Json) {
        fmt::print("{}\n", sentence);
        return lookAgain(directory, common);
    }
    const int code = lookAgain(directory, common, &json);
    fmt::print("{}\n", json.done());
    return code;
}

} // namespace

// A list that arrives after the sign-ins: they are looked at again.
int lookAgain(run::Directory &directory, const Common &common, query::JsonObject *json)
{
    const StopOnInterrupt interrupt;
    auto summary = run::reread(directory, common.who, common.clock, interrupt.token(), progressLine());
    clearProgress();
    if (json != nullptr)
        json->raw("reread", summary ? rereadJson(*summary) : "null");
    if (!summary && summary.error().code == Code::Cancelled) {
        fmt::print(stderr,
                   "riskdeskctl: cancelled. The lists stay as they are; \"intel reread\" looks at the "
                   "stored sign-ins again.\n");
        return 1;
    }
    if (!summary)
        return report(summary.error());
    printLeftOut(summary->warningsAboutLists);
    if (summary->signIns > 0 && json == nullptr)
        fmt::print("Looked again at {}: {}{}; {}.\n", counted(summary->signIns, "sign-in"),
                   counted(summary->detections, "new detection"),
                   summary->withdrawn == 0 ? std::string()
                                           : fmt::format(", {} withdrawn", summary->withdrawn),
                   usersAtRisk(summary->usersAtRisk));
    for (const auto &notice : summary->notices)
        fmt::print(stderr, "riskdeskctl: {}\n", notice);
    return 0;
}

namespace {

int intelAdd(const Common &common, const IntelCommand &options, Format format)
{
    enrich::ListDefaults defaults;
    if (!options.anonymizerKind.empty()) {
        bool known = false;
        for (int i = 0; i <= static_cast<int>(NetworkClass::Satellite); ++i)
            if (toText(static_cast<NetworkClass>(i)) == options.anonymizerKind) {
                defaults.kind = static_cast<NetworkClass>(i);
                known = true;
            }
        if (!known)
            return report({Code::WrongUsage, options.anonymizerKind,
                           "kinds are tor, vpn, public_proxy, residential_proxy, relay, hosting"});
    }
    defaults.provider = options.provider;
    for (const auto &[text, target] :
         {std::pair(&options.from, &defaults.from), std::pair(&options.until, &defaults.until)}) {
        if (text->empty())
            continue;
        const auto time = Timestamp::fromIso(*text);
        if (!time)
            return report(time.error());
        *target = *time;
    }
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto kind = listKindFromText(options.kind);
    auto added = run::addList(directory->connection(), common.clock, common.who, *kind, options.file,
                              options.name, defaults);
    if (!added)
        return report(added.error());
    auto sentence = fmt::format("{} the {} list \"{}\"", added->replaced ? "Replaced" : "Added", options.kind,
                                added->list.name);
    if (added->list.entries > 0)
        sentence += fmt::format(": {}, dated {}", counted(added->list.entries, "entry"),
                                added->list.date.toIso().substr(0, 10));
    if (added->repeated > 0)
        fmt::print(stderr, "Left out, as they say the same as others: {}.\n",
                   counted(added->repeated, "entry"));
    if (added->unsupported > 0)
        fmt::print(stderr, "Left out, as they cannot be matched here: {} ({}).\n",
                   counted(added->unsupported, "indicator"), added->unsupportedKinds);
    if (added->setAside > 0)
        fmt::print(stderr, "Set aside as absurdly wide: {}; \"intel set-aside\" shows them.\n",
                   counted(added->setAside, "entry"));
    if (added->warned > 0)
        fmt::print(stderr, "Set aside, as a warning list names them: {}; \"intel set-aside\" shows them.\n",
                   counted(added->warned, "entry"));
    for (const auto &reject : added->rejects)
        fmt::print(stderr, "line {}: {} ({})\n", reject.line,
                   reject.detail.empty() ? reject.reason : reject.detail, reject.excerpt);
    auto json = listJson(added->list);
    json.text("date", added->list.date.toIso())
        .flag("replaced", added->replaced)
        .whole("repeated", static_cast<std::int64_t>(added->repeated))
        .whole("unsupported", static_cast<std::int64_t>(added->unsupported))
        .whole("setAside", static_cast<std::int64_t>(added->setAside))
        .whole("warned", static_cast<std::int64_t>(added->warned))
        .whole("rejected", static_cast<std::int64_t>(added->rejects.size()));
    if (const int code = lookAgainBecause(*directory, common, format, std::move(json), sentence + '.');
        code != 0)
        return code;
    return added->rejects.empty() ? 0 : 3;
}

int intelReread(const Common &common, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    query::JsonObject json;
    const int code = lookAgain(*directory, common, format == Format::Json ? &json : nullptr);
    if (format == Format::Json)
        fmt::print("{}\n", json.done());
    return code;
}

int intelList(const Common &common, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto lists = run::listStatus(directory->connection(), common.clock);
    if (!lists)
        return report(lists.error());
    const auto stateOf = [](const run::ListStatus &s) -> std::string_view {
        return s.version.active ? "in use" : s.version.refused.empty() ? "earlier" : "refused";
    };
    if (format == Format::Json || format == Format::Ndjson) {
        std::string out;
        for (const auto &s : *lists) {
            const auto &l = s.version.list;
            const auto object = fmt::format(
                "{{\"id\":{},\"kind\":{},\"name\":{},\"version\":{},\"state\":{},\"refused\":{},"
                "\"entries\":{},\"date\":{},\"ageDays\":{},\"lifeDays\":{},\"stale\":{},\"addedAt\":{},"
                "\"licence\":{},\"source\":{},\"path\":{},\"setAside\":{},\"lastReread\":{}}}",
                l.id, jsonString(toText(l.kind)), jsonString(l.name), l.version, jsonString(stateOf(s)),
                jsonString(s.version.refused), l.entries, jsonString(l.date.toIso()), s.ageDays, s.lifeDays,
                s.stale(), jsonString(l.addedAt.toIso()), jsonString(l.licence), jsonString(l.source),
                jsonString(l.path), s.setAside,
                s.version.hunted ? jsonString(s.version.hunted->toIso()) : "null");
            out += format == Format::Ndjson ? object + "\n" : (out.empty() ? "" : ",\n ") + object;
        }
        fmt::print("{}", format == Format::Ndjson ? out : "[" + out + "]\n");
        return 0;
    }
    Table table{{"Id", "Kind", "Name", "Version", "State", "Entries", "Date", "Age", "Fresh", "Set aside",
                 "Last reread", "Licence", "Source"},
                {}};
    for (const auto &s : *lists) {
        const auto &l = s.version.list;
        table.rows.push_back(
            {std::to_string(l.id), std::string(toText(l.kind)), l.name, std::to_string(l.version),
             std::string(stateOf(s)), std::to_string(l.entries), l.date.toIso().substr(0, 10),
             fmt::format("{} d", s.ageDays), s.stale() ? "stale" : "fresh", std::to_string(s.setAside),
             s.version.hunted ? s.version.hunted->toIso().substr(0, 10) : "never", l.licence, l.source});
    }
    printTable(table, format);
    for (const auto &s : *lists)
        if (!s.version.refused.empty() && format == Format::Table)
            fmt::print("Version {} of \"{}\" is not in use: {}.\n", s.version.list.version,
                       s.version.list.name, s.version.refused);
    return 0;
}

int intelAccept(const Common &common, const std::string &idOrName, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto list = run::acceptList(directory->connection(), common.clock, common.who, idOrName);
    if (!list)
        return report(list.error());
    return lookAgainBecause(*directory, common, format, listJson(*list),
                            fmt::format("Version {} of the {} list \"{}\" is in use: {}.", list->version,
                                        toText(list->kind), list->name, counted(list->entries, "entry")));
}

int intelSetAside(const Common &common, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto all = run::setAside(directory->connection());
    if (!all)
        return report(all.error());
    if (format == Format::Json || format == Format::Ndjson) {
        std::string out;
        for (const auto &s : *all) {
            const auto object = fmt::format(
                "{{\"kind\":{},\"indicator\":{},\"list\":{},\"why\":{},\"matched\":{},\"successes\":{},"
                "\"at\":{},\"releasedAt\":{},\"releasedBy\":{},\"reason\":{}}}",
                jsonString(toText(s.kind)), jsonString(s.indicator), jsonString(s.list), jsonString(s.why),
                s.matched, s.successes, jsonString(s.at.toIso()),
                s.releasedAt ? jsonString(s.releasedAt->toIso()) : "null", jsonString(s.releasedBy),
                jsonString(s.releasedWhy));
            out += format == Format::Ndjson ? object + "\n" : (out.empty() ? "" : ",\n ") + object;
        }
        fmt::print("{}", format == Format::Ndjson ? out : "[" + out + "]\n");
        return 0;
    }
    Table table{{"Kind", "Entry", "List", "Why", "Since", "Released", "By", "Reason"}, {}};
    for (const auto &s : *all)
        table.rows.push_back(
            {std::string(toText(s.kind)), s.indicator, s.list,
             s.why == "warningList" ? std::string("on a warning list")
             : s.why == "wide"      ? std::string("absurdly wide")
                               : fmt::format("{:.1f} % of {} of our own sign-ins", s.percent(), s.successes),
             s.at.toIso().substr(0, 10), s.releasedAt ? s.releasedAt->toIso().substr(0, 10) : "no",
             s.releasedBy, s.releasedWhy});
    printTable(table, format);
    return 0;
}

int intelRelease(const Common &common, const std::string &indicator, const std::string &reason, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    if (auto ok = run::release(directory->connection(), common.clock, common.who, indicator, reason); !ok)
        return report(ok.error());
    query::JsonObject json;
    json.text("indicator", indicator).text("reason", reason);
    return lookAgainBecause(*directory, common, format, std::move(json),
                            fmt::format("{} matches from now on.", indicator));
}

int intelRollback(const Common &common, const std::string &idOrName, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto list = run::rollbackList(directory->connection(), common.clock, common.who, idOrName);
    if (!list)
        return report(list.error());
    return lookAgainBecause(*directory, common, format, listJson(*list),
                            fmt::format("Went back to version {} of the {} list \"{}\": {}.", list->version,
                                        toText(list->kind), list->name, counted(list->entries, "entry")));
}

int intelRemove(const Common &common, const std::string &idOrName, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto removed = run::removeList(directory->connection(), common.clock, common.who, idOrName);
    if (!removed)
        return report(removed.error());
    return lookAgainBecause(*directory, common, format, listJson(*removed),
                            fmt::format("Removed the {} list \"{}\".", toText(removed->kind), removed->name));
}

} // namespace

void addIntel(CommandLine &line)
{
    auto *lists = line.add("intel", "intelligence lists", intelList); // also without a word behind it
    lists->require_subcommand(0, 1);
    line.needs(lists, action::Permission::Read);
    line.addFormat(lists);
    const auto added = std::make_shared<IntelCommand>();
    auto *command = line.add(
        "add", "add or replace a list",
        [added](const Common &common, Format format) { return intelAdd(common, *added, format); }, lists);
    command->add_option("kind", added->kind, "what it tells")
        ->required()
        ->check(CLI::IsMember(
            {"anonymizer", "malware", "threat", "trusted", "places", "asn", "mobile", "warning"}));
    command->add_option("file", added->file, "the list")->type_name("FILE")->required();
    line.needs(command, action::Permission::Intelligence);
    line.addJson(command);
    command->footer(
        "anonymizer, malware, threat, trusted, mobile: one network per line, or CSV with a header row.\n"
        "threat also as a STIX 2.1 bundle or MISP JSON. places: a MaxMind-format file (.mmdb).\n"
        "warning: what no list should name (public resolvers, content networks): networks, or a MISP\n"
        "warning list; what threat and malware lists name of it is set aside.\n"
        "asn: CSV start,end,asn,organisation.\n"
        "mobile tells the gateways of mobile carriers, which stand far from their customers: networks or\n"
        "autonomous systems (AS64500), or any CSV with a column network, start_ip and end_ip, or asn; where\n"
        "a column type, as_type, usage_type, connection_type, user_type or is_mobile tells the kind of\n"
        "access, the mobile or cellular rows are taken. Place files that tell it (MaxMind Enterprise,\n"
        "Connection-Type and ISP, IPinfo carrier files) need no list.");
    command->add_option("--name", added->name, "what it is called here; the file's name by default");
    command->add_option("--kind", added->anonymizerKind, "of a plain list: tor, vpn, public_proxy, …");
    command->add_option("--provider", added->provider, "of a plain list: who runs those networks");
    command->add_option("--from", added->from, "first day of a plain list");
    command->add_option("--until", added->until, "last day of a plain list");
    command =
        line.add("reread", "look at the stored sign-ins again with the lists in use", intelReread, lists);
    line.needs(command, action::Permission::Intelligence);
    line.addJson(command);
    command = line.add("list", "the lists in use", intelList, lists);
    line.needs(command, action::Permission::Read);
    line.addFormat(command);
    const auto about = [&](const char *name, const char *help, const char *what,
                           int (*run)(const Common &, const std::string &, Format)) {
        const auto named = std::make_shared<std::string>();
        auto *one = line.add(
            name, help,
            [named, run](const Common &common, Format format) { return run(common, *named, format); }, lists);
        one->add_option(what, *named, "its number or name")->required();
        line.needs(one, action::Permission::Intelligence);
        line.addJson(one);
    };
    about("remove", "remove a list by number or name", "list", intelRemove);
    about("accept", "put a version to use that was refused or taken back", "list", intelAccept);
    about("rollback", "go back to the version before the one in use", "list", intelRollback);
    command = line.add("set-aside", "entries that raise nothing: absurdly wide, or our own traffic",
                       intelSetAside, lists);
    line.needs(command, action::Permission::Read);
    line.addFormat(command);
    struct Release
    {
        std::string entry, reason;
    };
    const auto released = std::make_shared<Release>();
    command = line.add(
        "release", "let such an entry match",
        [released](const Common &common, Format format) {
            return intelRelease(common, released->entry, released->reason, format);
        },
        lists);
    command->add_option("entry", released->entry, "as \"intel set-aside\" shows it")->required();
    command->add_option("--reason", released->reason, "why, for the audit log")->required();
    line.needs(command, action::Permission::Intelligence);
    line.addJson(command);
}

} // namespace riskdesk::ctl

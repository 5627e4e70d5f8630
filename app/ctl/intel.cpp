// Intelligence lists: adding, removing, going back, and what was set aside of them.

#include "core/base/text.h"
#include "core/lists/intelligence.h"
#include "core/lists/list_versions.h"
#include "core/lists/set_aside.h"
#include "core/replay/reread.h"
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

} // namespace

// A list that arrives after the sign-ins: they are looked at again.
int lookAgain(run::Directory &directory, const Common &common)
{
    const StopOnInterrupt interrupt;
    auto summary = run::reread(directory, common.clock, interrupt.token(), progressLine());
    clearProgress();
    if (!summary && summary.error().code == Code::Cancelled) {
        fmt::print(stderr,
                   "riskdeskctl: cancelled. The lists stay as they are; \"intel reread\" looks at the "
                   "stored sign-ins again.\n");
        return 1;
    }
    if (!summary)
        return report(summary.error());
    printLeftOut(summary->warningsAboutLists);
    if (summary->signIns > 0)
        fmt::print("Looked again at {}: {}; {}.\n", counted(summary->signIns, "sign-in"),
                   counted(summary->detections, "new detection"), usersAtRisk(summary->usersAtRisk));
    for (const auto &notice : summary->notices)
        fmt::print(stderr, "riskdeskctl: {}\n", notice);
    return 0;
}

namespace {

int intelAdd(const Common &common, const IntelCommand &options)
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
    auto added = run::addList(directory->connection(), common.clock, *kind, options.file, options.name,
                              defaults, common.actor);
    if (!added)
        return report(added.error());
    fmt::print("{} the {} list \"{}\"", added->replaced ? "Replaced" : "Added", options.kind,
               added->list.name);
    if (added->list.entries > 0)
        fmt::print(": {}, dated {}", counted(added->list.entries, "entry"),
                   added->list.date.toIso().substr(0, 10));
    fmt::print(".\n");
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
    if (const int code = lookAgain(*directory, common); code != 0)
        return code;
    return added->rejects.empty() ? 0 : 3;
}

int intelReread(const Common &common)
{
    auto directory = run::Directory::open(common.directory);
    return directory ? lookAgain(*directory, common) : report(directory.error());
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
    printTable(table);
    for (const auto &s : *lists)
        if (!s.version.refused.empty())
            fmt::print("Version {} of \"{}\" is not in use: {}.\n", s.version.list.version,
                       s.version.list.name, s.version.refused);
    return 0;
}

int intelAccept(const Common &common, const std::string &idOrName)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto list = run::acceptList(directory->connection(), common.clock, idOrName, common.actor);
    if (!list)
        return report(list.error());
    fmt::print("Version {} of the {} list \"{}\" is in use: {}.\n", list->version, toText(list->kind),
               list->name, counted(list->entries, "entry"));
    return lookAgain(*directory, common);
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
    printTable(table);
    return 0;
}

int intelRelease(const Common &common, const std::string &indicator, const std::string &reason)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    if (auto ok = run::release(directory->connection(), common.clock, indicator, reason, common.actor); !ok)
        return report(ok.error());
    fmt::print("{} matches from now on.\n", indicator);
    return lookAgain(*directory, common);
}

int intelRollback(const Common &common, const std::string &idOrName)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto list = run::rollbackList(directory->connection(), common.clock, idOrName, common.actor);
    if (!list)
        return report(list.error());
    fmt::print("Went back to version {} of the {} list \"{}\": {}.\n", list->version, toText(list->kind),
               list->name, counted(list->entries, "entry"));
    return lookAgain(*directory, common);
}

int intelRemove(const Common &common, const std::string &idOrName)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto removed = run::removeList(directory->connection(), common.clock, idOrName, common.actor);
    if (!removed)
        return report(removed.error());
    fmt::print("Removed the {} list \"{}\". Detections it led to stay.\n", toText(removed->kind),
               removed->name);
    return 0;
}

} // namespace

void addIntel(CommandLine &line)
{
    auto *lists = line.add("intel", "intelligence lists", intelList); // also without a word behind it
    lists->require_subcommand(0, 1);
    line.addFormat(lists);
    const auto added = std::make_shared<IntelCommand>();
    auto *command = line.add(
        "add", "add or replace a list",
        [added](const Common &common, Format) { return intelAdd(common, *added); }, lists);
    command->add_option("kind", added->kind)
        ->required()
        ->check(CLI::IsMember(
            {"anonymizer", "malware", "threat", "trusted", "places", "asn", "mobile", "warning"}));
    command->add_option("file", added->file)->required();
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
    command->add_option("--name", added->name);
    command->add_option("--kind", added->anonymizerKind, "of a plain list: tor, vpn, public_proxy, …");
    command->add_option("--provider", added->provider);
    command->add_option("--from", added->from, "first day of a plain list");
    command->add_option("--until", added->until, "last day of a plain list");
    line.add(
        "reread", "look at the stored sign-ins again with the lists in use",
        [](const Common &common, Format) { return intelReread(common); }, lists);
    line.addFormat(line.add("list", "the lists in use", intelList, lists));
    const auto about = [&](const char *name, const char *help, const char *what,
                           int (*run)(const Common &, const std::string &)) {
        const auto named = std::make_shared<std::string>();
        line.add(
                name, help, [named, run](const Common &common, Format) { return run(common, *named); }, lists)
            ->add_option(what, *named)
            ->required();
    };
    about("remove", "remove a list by number or name", "list", intelRemove);
    about("accept", "put a version to use that was refused or taken back", "list", intelAccept);
    about("rollback", "go back to the version before the one in use", "list", intelRollback);
    line.addFormat(line.add("set-aside", "entries that raise nothing: absurdly wide, or our own traffic",
                            intelSetAside, lists));
    struct Release
    {
        std::string entry, reason;
    };
    const auto released = std::make_shared<Release>();
    command = line.add(
        "release", "let such an entry match",
        [released](const Common &common, Format) {
            return intelRelease(common, released->entry, released->reason);
        },
        lists);
    command->add_option("entry", released->entry)->required();
    command->add_option("--reason", released->reason)->required();
}

} // namespace riskdesk::ctl

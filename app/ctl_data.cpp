// Commands that bring data in and keep it: init, sample, import, intel, settings, verify.

#include "core/base/text.h"
#include "core/import/import_run.h"
#include "core/import/sample_run.h"
#include "core/ledger/audit.h"
#include "core/lists/intelligence.h"
#include "core/lists/list_versions.h"
#include "core/lists/set_aside.h"
#include "core/replay/reread.h"
#include "core/store/schema.h"
#include "core/verify/verify_run.h"

#include "app/ctl_commands.h"
#include "app/ctl_interrupt.h"

#include <fmt/format.h>

namespace riskdesk::ctl {
namespace {

// "+07:00", "-0530", "Z" as minutes east of UTC.
std::optional<int> zoneMinutes(std::string_view text)
{
    if (text.empty() || text == "Z" || text == "UTC")
        return 0;
    const auto probe = Timestamp::fromIso("2000-01-01T00:00:00" + std::string(text));
    if (!probe)
        return std::nullopt;
    return static_cast<int>((Timestamp::fromCivil(2000, 1, 1) - *probe).count() / 60'000'000);
}

void printSummary(const run::ImportSummary &s)
{
    fmt::print("{} read: {} stored, {} duplicates, {} not sign-ins, {} rejected\n", s.read, s.stored,
               s.duplicates, s.notSignIns, s.rejected);
    if (s.warnings > 0)
        fmt::print("{} could not be read and left empty\n", counted(s.warnings, "field"));
    fmt::print("{}; {}\n", counted(s.detections, "new detection"), usersAtRisk(s.usersAtRisk));
    if (s.silenced > 0)
        fmt::print("{} silenced by suppression rules\n", counted(s.silenced, "finding"));
    fmt::print("{:.1f} s, {:.0f} events per second\n", s.seconds, s.eventsPerSecond());
    if (s.rejected > 0)
        fmt::print(stderr, "Rejected {}; \"list rejects\" shows why.\n", counted(s.rejected, "record"));
}

void printLeftOut(const std::vector<Error> &lists)
{
    for (const auto &error : lists)
        fmt::print(stderr, "riskdeskctl: a list was left out. {}\n", sentence(error));
}

int exitCode(const run::ImportSummary &s)
{
    printLeftOut(s.warningsAboutLists);
    for (const auto &notice : s.notices)
        fmt::print(stderr, "riskdeskctl: {}\n", notice);
    for (const auto &error : s.notRead)
        report(error);
    if (s.cancelled)
        fmt::print(stderr,
                   "riskdeskctl: cancelled. What was finished is kept; run the same command to continue.\n");
    if (s.cancelled || !s.notRead.empty())
        return 1;
    return s.rejected > 0 ? 3 : 0;
}

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

int init(const Common &common, const InitOptions &options)
{
    store::DirectoryInfo info;
    info.name = options.name;
    info.trial = options.trial;
    info.createdAt = common.clock.now();
    if (auto ok = store::createDirectory(common.directory, info); !ok)
        return report(ok.error());
    fmt::print("Made the directory \"{}\" in {}.\n", options.name, common.directory.string());
    return 0;
}

int sample(const Common &common, const SampleOptions &options)
{
    run::SampleRequest request;
    request.users = options.users;
    request.days = options.days;
    request.seed = options.seed;
    request.end = common.clock.now();
    if (!options.end.empty()) {
        const auto end = Timestamp::fromIso(options.end);
        if (!end)
            return report(end.error());
        request.end = *end + std::chrono::hours(24);
    }
    const StopOnInterrupt interrupt;
    auto summary =
        run::makeSample(common.directory, request, common.clock, interrupt.token(), progressLine());
    if (!summary)
        return report(summary.error());
    clearProgress();
    printSummary(*summary);
    return exitCode(*summary);
}

int import(const Common &common, const ImportCommand &options)
{
    run::ImportOptions how;
    how.threads = options.threads;
    how.actor = common.actor;
    if (!options.format.empty()) {
        how.format = ingest::formatFromText(options.format);
        if (!how.format)
            return report({Code::WrongUsage, options.format, "no such format"});
    }
    const auto zone = zoneMinutes(options.timeZone);
    if (!zone)
        return report({Code::WrongUsage, options.timeZone, "a time zone is written +07:00"});
    how.zoneMinutes = *zone;
    if (!options.dates.empty())
        how.dates = options.dates == "dmy" ? ingest::DateOrder::DayFirst : ingest::DateOrder::MonthFirst;
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    std::vector<std::filesystem::path> files(options.files.begin(), options.files.end());
    const StopOnInterrupt interrupt;
    auto summary = run::importFiles(*directory, files, how, common.clock, interrupt.token(), progressLine());
    if (!summary)
        return report(summary.error());
    clearProgress();
    if (options.json)
        fmt::print("{}\n", summary->toJson());
    else
        printSummary(*summary);
    return exitCode(*summary);
}

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

int settings(const Common &common, const std::string &assignment, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto &connection = directory->connection();
    const auto equals = assignment.find('=');
    const std::string key = assignment.substr(0, equals);
    if (equals != std::string::npos) {
        const auto value = settingValue(assignment.substr(equals + 1));
        if (!value)
            return report({Code::WrongUsage, assignment, "the value is not a number"});
        auto transaction = store::Transaction::begin(connection);
        if (!transaction)
            return report(transaction.error());
        const auto before = run::setting(connection, key);
        if (!before)
            return report(before.error());
        if (auto ok = run::setSetting(connection, key, *value); !ok)
            return report(ok.error());
        ledger::AuditRecord record;
        record.actor = common.actor;
        record.action = "setting";
        record.target = key;
        record.before = fmt::format("{}", *before);
        record.after = fmt::format("{}", *value);
        if (auto ok = ledger::appendAudit(connection, common.clock, record); !ok)
            return report(ok.error());
        if (auto ok = transaction->commit(); !ok)
            return report(ok.error());
    }
    auto all = run::settings(connection);
    if (!all)
        return report(all.error());
    if (!key.empty()) {
        std::erase_if(*all, [&](const auto &entry) { return entry.key != key; });
        if (all->empty())
            return report({Code::NotFound, key, "there is no such setting; \"settings\" lists them"});
    }
    if (format == Format::Json || format == Format::Ndjson) {
        std::string out;
        for (const auto &s : *all) {
            const auto object = fmt::format(
                "{{\"key\":{},\"value\":{},\"default\":{},\"least\":{},\"greatest\":{},\"unit\":{},"
                "\"meaning\":{}}}",
                jsonString(s.key), s.value, s.standard, s.least, s.greatest, jsonString(s.unit),
                jsonString(s.meaning));
            out += format == Format::Ndjson ? object + "\n" : (out.empty() ? "" : ",\n ") + object;
        }
        fmt::print("{}", format == Format::Ndjson ? out : "[" + out + "]\n");
        return 0;
    }
    Table table{{"Setting", "Value", "Default", "Unit", "Meaning"}, {}};
    for (const auto &s : *all)
        table.rows.push_back(
            {s.key, fmt::format("{}", s.value), fmt::format("{}", s.standard), s.unit, s.meaning});
    printTable(table);
    return 0;
}

int verify(const Common &common, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const StopOnInterrupt interrupt;
    auto findings = run::verifyDirectory(*directory, interrupt.token(), progressLine());
    if (!findings)
        return report(findings.error());
    clearProgress();
    if (format == Format::Json || format == Format::Ndjson) {
        std::string list;
        for (const auto &finding : *findings)
            list += (list.empty() ? "" : ",") + jsonString(finding);
        fmt::print("{{\"ok\":{},\"findings\":[{}]}}\n", findings->empty(), list);
    } else {
        for (const auto &finding : *findings)
            fmt::print("{}\n", finding);
        if (findings->empty())
            fmt::print("The file is sound, and every state follows from the ledger.\n");
    }
    return findings->empty() ? 0 : 1;
}

} // namespace riskdesk::ctl

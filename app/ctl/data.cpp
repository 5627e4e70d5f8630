// Commands that make a directory, bring data in and check it: init, sample, import, verify.

#include "core/base/text.h"
#include "core/connections/audit_anchor.h"
#include "core/import/follow_run.h"
#include "core/import/import_run.h"
#include "core/import/log_watch.h"
#include "core/import/sample_run.h"
#include "core/maps/field_maps.h"
#include "core/query/json_object.h"
#include "core/replay/settle.h"
#include "core/store/schema.h"
#include "core/verify/verify_run.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"
#include "app/ctl/secrets.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <set>

namespace riskdesk::ctl {
namespace {

struct InitOptions
{
    std::string name;
    bool trial = false;
};

struct SampleOptions
{
    unsigned users = 4000, days = 90;
    std::uint64_t seed = 1;
    std::string end;
};

struct ImportCommand
{
    std::vector<std::string> files;
    std::string format, map, timeZone, dates;
    unsigned threads = 2;
    bool follow = false;
};

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

void printSummary(const run::ImportSummary &s, Format format)
{
    if (format == Format::Json) {
        fmt::print("{}\n", s.toJson());
        return;
    }
    fmt::print("{} read: {} stored, {} duplicates, {} not sign-ins, {} rejected\n", s.read, s.stored,
               s.duplicates, s.notSignIns, s.rejected);
    if (s.warnings > 0)
        fmt::print("{} could not be read and left empty\n", counted(s.warnings, "field"));
    fmt::print("{}; {}\n", counted(s.detections, "new detection"), usersAtRisk(s.usersAtRisk));
    if (s.withdrawn > 0)
        fmt::print("{} withdrawn: what came now speaks against it\n", counted(s.withdrawn, "detection"));
    if (s.silenced > 0)
        fmt::print("{} silenced by suppression rules\n", counted(s.silenced, "finding"));
    fmt::print("{:.1f} s, {:.0f} events per second\n", s.seconds, s.eventsPerSecond());
    if (s.signIns > 0)
        fmt::print("\"undo --import {}\" takes its sign-ins out again, until the next import brings more.\n",
                   s.run);
    if (s.rejected > 0)
        fmt::print(stderr, "Rejected {}; \"list rejects\" shows why.\n", counted(s.rejected, "record"));
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

int init(const Common &common, const InitOptions &options, Format format)
{
    store::DirectoryInfo info;
    info.name = options.name;
    info.trial = options.trial;
    info.createdAt = common.clock.now();
    if (auto ok = store::createDirectory(common.directory, info); !ok)
        return report(ok.error());
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .text("file", common.directory.string())
                               .text("name", options.name)
                               .flag("trial", options.trial)
                               .time("createdDateTime", info.createdAt)
                               .done());
    else
        fmt::print("Made the directory \"{}\" in {}.\n", options.name, common.directory.string());
    return 0;
}

int sample(const Common &common, const SampleOptions &options, Format format)
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
    printSummary(*summary, format);
    return exitCode(*summary);
}

void printNow(const run::ImportSummary &summary, Format format)
{
    clearProgress();
    printSummary(summary, format);
    std::fflush(stdout); // whoever reads a pipe wants it now
}

// Until Ctrl+C. Exit codes as of an import, of all pieces together.
int follow(run::Directory &directory, const std::vector<std::filesystem::path> &files,
           const run::ImportOptions &how, const Clock &clock, Format format)
{
    constexpr std::chrono::seconds unlessTold(5), soon(1), gather(1);
    const StopOnInterrupt interrupt;
    const auto stop = interrupt.token();
    run::LogWatch watch(files);
    run::FollowRun run(directory, files, how, clock);
    std::set<std::string> noticed;
    int code = 0;
    bool waiting = false;
    while (!stop.stop_requested()) {
        auto look = run.look(stop, progressLine());
        if (!look)
            return report(look.error());
        for (const auto &said : look->said)
            fmt::print(stderr, "riskdeskctl: {}\n", said);
        if (look->busy && !std::exchange(waiting, true))
            fmt::print(stderr, "riskdeskctl: another import is running ({}); waiting for it.\n",
                       look->busy->detail);
        if (auto &summary = look->summary) {
            waiting = false;
            // What holds for every piece, such as an old list, is said once.
            std::erase_if(summary->notices,
                          [&](const std::string &notice) { return !noticed.insert(notice).second; });
            std::erase_if(summary->warningsAboutLists,
                          [&](const Error &error) { return !noticed.insert(sentence(error)).second; });
            printNow(*summary, format);
            const bool cancelled = std::exchange(summary->cancelled, false);
            if (const int piece = exitCode(*summary); piece == 1 || code == 0)
                code = piece;
            if (cancelled)
                break;
        }
        watch.wait(look->again ? soon : unlessTold, gather, stop);
    }
    return code;
}

int import(const Common &common, const ImportCommand &options, Format format)
{
    run::ImportOptions how;
    how.threads = options.threads;
    how.who = common.who;
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
    if (!options.map.empty()) {
        const auto map = run::fieldMap(directory->connection(), options.map);
        if (!map)
            return report(map.error());
        how.format = ingest::formatOf(map->map);
    }
    std::vector<std::filesystem::path> files(options.files.begin(), options.files.end());
    if (options.follow)
        return follow(*directory, files, how, common.clock, format);
    const StopOnInterrupt interrupt;
    auto summary = run::importFiles(*directory, files, how, common.clock, interrupt.token(), progressLine());
    if (!summary)
        return report(summary.error());
    clearProgress();
    printSummary(*summary, format);
    return exitCode(*summary);
}

int settle(const Common &common, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const StopOnInterrupt interrupt;
    const auto done = run::settle(*directory, common.clock, interrupt.token(), progressLine());
    clearProgress();
    if (!done)
        return report(done.error());
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .whole("signIns", static_cast<std::int64_t>(done->signIns))
                               .whole("detections", static_cast<std::int64_t>(done->detections))
                               .whole("withdrawn", static_cast<std::int64_t>(done->withdrawn))
                               .whole("kept", static_cast<std::int64_t>(done->kept))
                               .done());
    else if (done->signIns == 0)
        fmt::print("Everything is settled.\n");
    else
        fmt::print("Examined {} again: {}, {} withdrawn.\n", counted(done->signIns, "sign-in"),
                   counted(done->detections, "new detection"), done->withdrawn);
    return 0;
}

struct VerifyCommand
{
    bool withFindings = false;
    SecretsOptions where;
};

// The end of the audit log is checked where the secrets can be opened; nobody is asked for a passphrase here.
Result<std::unique_ptr<connect::SecretStore>> anchorStore(const Common &common, const VerifyCommand &options)
{
    if (options.where.keyFile.empty() && options.where.passphraseFile.empty())
        return nullptr;
    return openSecrets(common.directory, options.where);
}

int verify(const Common &common, const VerifyCommand &options, Format format)
{
    const bool withFindings = options.withFindings;
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto secrets = anchorStore(common, options);
    if (!secrets)
        return report(secrets.error());
    std::optional<ledger::AuditHead> anchor;
    if (*secrets != nullptr) {
        auto kept = run::auditAnchor(**secrets);
        if (!kept)
            return report(kept.error());
        anchor = *kept;
    }
    const StopOnInterrupt interrupt;
    auto findings = run::verifyDirectory(*directory, interrupt.token(), progressLine(), anchor);
    if (!findings)
        return report(findings.error());
    auto formerUntil = beginningOfTime;
    if (withFindings) {
        const auto compared = run::compareFindings(*directory, common.clock, run::Settings::AsTheyHeld,
                                                   interrupt.token(), progressLine());
        if (!compared)
            return report(compared.error());
        formerUntil = compared->formerUntil;
        const auto settles = [](const std::string &what) {
            return fmt::format(
                "By the sign-ins that are stored, {}. \"intel reread\" settles it as far back as "
                "intelligence.rereadDays says.",
                what);
        };
        if (compared->campaigns > 0)
            findings->push_back(
                settles(fmt::format("{} would be others", counted(compared->campaigns, "campaign"))));
        if (compared->setAside > 0)
            findings->push_back(
                settles(fmt::format("{} of lists would be set aside that raise findings, or the other "
                                    "way round",
                                    counted(compared->setAside, "indicator"))));
        if (compared->detections + compared->withdrawn > 0)
            findings->push_back(
                settles(fmt::format("{} more would be found, and {} that are stored would not",
                                    counted(compared->detections, "detection"), compared->withdrawn)));
    }
    clearProgress();
    if (format == Format::Json || format == Format::Ndjson) {
        std::string list;
        for (const auto &finding : *findings)
            list += (list.empty() ? "" : ",") + jsonString(finding);
        fmt::print("{{\"ok\":{},\"findings\":[{}]{}}}\n", findings->empty(), list,
                   formerUntil > beginningOfTime
                       ? fmt::format(",\"comparedAfter\":\"{}\"", Timestamp{formerUntil}.toIso())
                       : "");
    } else {
        for (const auto &finding : *findings)
            fmt::print("{}\n", finding);
        if (findings->empty())
            fmt::print("The file is sound, and every state follows from the ledger{}.\n",
                       withFindings ? ", every finding from the sign-ins" : "");
    }
    if (formerUntil > beginningOfTime && format == Format::Table)
        fmt::print(
            stderr,
            "Findings on sign-ins up to {} are those of lists and suppression rules that have changed since, "
            "and were not compared.\n",
            Timestamp{formerUntil}.toIso());
    if (findings->empty() && *secrets != nullptr)
        if (auto ok = run::moveAuditAnchor(directory->connection(), **secrets); !ok)
            return report(ok.error());
    if (*secrets == nullptr && format == Format::Table)
        fmt::print(stderr, "Whether the audit log still has its end was not checked: that needs the secrets "
                           "(--secrets-key, --secrets-passphrase-file).\n");
    return findings->empty() ? 0 : 1;
}

} // namespace

void addData(CommandLine &line)
{
    const auto made = std::make_shared<InitOptions>();
    auto *command = line.add("init", "make a directory", [made](const Common &common, Format format) {
        return init(common, *made, format);
    });
    line.asksNobody(command);
    command->add_option("--name", made->name, "what the directory is called")->required();
    command->add_flag("--trial", made->trial,
                      "sign-ins can be viewed, detections do not run; \"convert\" ends it");
    line.addJson(command);

    const auto sampled = std::make_shared<SampleOptions>();
    command =
        line.add("sample", "make a believable directory with attacks in it",
                 [sampled](const Common &common, Format format) { return sample(common, *sampled, format); });
    line.asksNobody(command);
    command->add_option("--users", sampled->users, "how many; 4000")->check(CLI::Range(10u, 1000000u));
    command->add_option("--days", sampled->days, "how many; 90")->check(CLI::Range(1u, 730u));
    command->add_option("--seed", sampled->seed, "another number, another directory; 1");
    command->add_option("--end", sampled->end, "last day, YYYY-MM-DD; today by default");
    line.addJson(command);

    const auto read = std::make_shared<ImportCommand>();
    command = line.add("import", "read sign-ins, users or risk records; recognised by content",
                       [read](const Common &common, Format format) { return import(common, *read, format); });
    line.needs(command, action::Permission::Import);
    command->add_option("files", read->files, "files and folders; - is standard input")
        ->type_name("FILE")
        ->required();
    auto *named = command->add_option("--format", read->format, "skip the recognition");
    command->add_option("--map", read->map, "read by this map; \"map list\" shows them")
        ->type_name("NAME")
        ->excludes(named);
    command->add_option("--time-zone", read->timeZone, "of times without one: +07:00");
    command
        ->add_option("--dates", read->dates,
                     "dmy or mdy: how 02/11/2026 is read where the file itself does not tell")
        ->check(CLI::IsMember({"dmy", "mdy"}));
    command->add_option("--threads", read->threads, "that read; 2")->check(CLI::Range(1u, 64u));
    command->add_flag("--follow", read->follow, "go on with what is appended or added, until Ctrl+C");
    line.addJson(command, "print the summary as one object; with --follow one a line for each piece");

    command = line.add(
        "settle", "examine again what came out of order and was left so by a run that was stopped", settle);
    line.needs(command, action::Permission::Import);
    line.addJson(command);
    const auto verified = std::make_shared<VerifyCommand>();
    command = line.add(
        "verify", "check the file, rebuild every state and compare",
        [verified](const Common &common, Format format) { return verify(common, *verified, format); });
    verified->where.addTo(command);
    command->add_flag("--findings", verified->withFindings,
                      "examine every sign-in again, too, and compare what is found; changes nothing");
    line.needs(command, action::Permission::Read);
    line.addFormat(command, false);
}

} // namespace riskdesk::ctl

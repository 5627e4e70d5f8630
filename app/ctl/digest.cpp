// The command that tells what came up in a week.

#include "core/query/digest.h"

#include "core/directory/digest_folder.h"
#include "core/directory/directory.h"
#include "core/query/read_session.h"
#include "core/store/schema.h"

#include "app/ctl/commands.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace riskdesk::ctl {
namespace {

struct DigestCommand
{
    std::string week, from, format = "text";
    std::optional<std::string> folder;
    bool due = false;
    int days = 7;
};

// The last whole week where nothing is said.
Result<std::pair<Timestamp, Timestamp>> stretchOf(const DigestCommand &options, Timestamp now)
{
    if (!options.week.empty())
        return query::isoWeekFromText(options.week);
    if (options.from.empty())
        return query::isoWeek(now - std::chrono::days(7));
    const auto from =
        Timestamp::fromIso(options.from.size() == 10 ? options.from + "T00:00:00Z" : options.from);
    if (!from)
        return fail(Code::WrongUsage, options.from, "--from: a day is written 2026-03-09");
    return std::pair(*from, *from + std::chrono::days(options.days));
}

int setFolder(const Common &common, const std::string &folder)
{
    if (auto ok = action::allowed(common.who.role, action::Permission::Settings); !ok)
        return report(ok.error());
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    const auto ok = run::setDigestFolder(directory->connection(), common.clock, common.who, folder);
    return ok ? 0 : report(ok.error());
}

int digest(const Common &common, const DigestCommand &options, Format given)
{
    if (options.folder)
        return setFolder(common, *options.folder);
    const auto stretch = stretchOf(options, common.clock.now());
    if (!stretch)
        return report(stretch.error());
    auto connection = store::openForReading(common.directory);
    if (!connection && connection.error().code == Code::Conflict)
        connection = store::openForWriting(common.directory); // of an older version
    if (!connection)
        return report(connection.error());
    const auto info = store::directoryInfo(*connection);
    if (!info)
        return report(info.error());
    if (options.due) {
        const auto written = query::writeDueDigest(*connection, info->name, common.clock.now());
        if (!written)
            return report(written.error());
        if (*written)
            fmt::print("{}\n", (*written)->string());
        return 0;
    }
    const auto told = query::readDigest(*connection, stretch->first, stretch->second, common.clock.now());
    if (!told)
        return report(told.error());
    fmt::print("{}", given == Format::Json || options.format == "json" ? query::digestJson(*told) + '\n'
                     : options.format == "html"                        ? query::digestHtml(*told, info->name)
                                                                       : query::digestText(*told));
    return 0;
}

} // namespace

void addDigest(CommandLine &line)
{
    const auto asked = std::make_shared<DigestCommand>();
    auto *command =
        line.add("digest", "what came up, is open and was decided in a week",
                 [asked](const Common &common, Format format) { return digest(common, *asked, format); });
    auto *week = command->add_option("--week", asked->week,
                                     "a week, Monday to Sunday in UTC: 2026-W11; the last "
                                     "whole one otherwise");
    auto *from =
        command->add_option("--from", asked->from, "a day instead, or a time: 2026-03-09")->excludes(week);
    command->add_option("--days", asked->days, "this many from there")
        ->check(CLI::Range(1, 3660))
        ->capture_default_str()
        ->needs(from);
    command->add_option("--format", asked->format, "text, json or html")
        ->check(CLI::IsMember({"text", "json", "html"}))
        ->capture_default_str();
    auto *folder =
        command->add_option("--folder", asked->folder,
                            "where the console and --due put the page of each finished week; \"\": nowhere");
    command->add_flag("--due", asked->due, "put the last finished week there, unless it is there already")
        ->excludes(folder);
    line.addJson(command, "as --format json");
    line.needs(command, action::Permission::Read);
    line.showsPeople(command);
    command->footer("Beside each number stands the command that lists its rows.");
}

} // namespace riskdesk::ctl

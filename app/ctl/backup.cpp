// The command that keeps: a copy of the directory, made while others work with it.

#include "core/store/backup.h"

#include "core/directory/directory.h"
#include "core/ledger/audit.h"
#include "core/query/json_object.h"

#include "app/ctl/commands.h"
#include "app/ctl/interrupt.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {
namespace {

int backup(const Common &common, const std::filesystem::path &target, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    // The writer notes it, another connection reads meanwhile.
    auto reader = store::openForReading(common.directory);
    if (!reader)
        return report(reader.error());
    std::error_code error;
    const auto whole = std::filesystem::absolute(target, error);
    if (error)
        return report({Code::Io, target.string(), error.message()});
    const auto noted = [&] {
        ledger::AuditRecord record;
        record.actor = common.who.name;
        record.role = toText(common.who.role);
        record.action = "backup";
        record.target = whole.string();
        return ledger::appendAudit(directory->connection(), common.clock, record);
    };
    const StopOnInterrupt interrupt;
    const auto bytes = store::copyDirectory(*reader, whole, noted, interrupt.token(), progressLine());
    clearProgress();
    if (!bytes && bytes.error().code == Code::Cancelled) {
        fmt::print(stderr, "riskdeskctl: cancelled. There is no backup.\n");
        return 1;
    }
    if (!bytes)
        return report(bytes.error());
    if (format == Format::Json)
        fmt::print("{}\n", query::JsonObject()
                               .text("file", whole.string())
                               .text("name", directory->info().name)
                               .whole("bytes", static_cast<std::int64_t>(*bytes))
                               .done());
    else
        fmt::print("Copied the directory \"{}\" to {}: {:.1f} MB. It opens as it is.\n",
                   directory->info().name, whole.string(), static_cast<double>(*bytes) / 1e6);
    return 0;
}

} // namespace

void addBackup(CommandLine &line)
{
    const auto file = std::make_shared<std::string>();
    auto *command =
        line.add("backup", "copy the directory to a new file, also while others write to it",
                 [file](const Common &common, Format format) { return backup(common, *file, format); });
    command->add_option("file", *file, "the copy, NAME.riskdesk; nothing is overwritten")
        ->type_name("FILE")
        ->required();
    line.needs(command, action::Permission::Read);
    line.addJson(command);
}

} // namespace riskdesk::ctl

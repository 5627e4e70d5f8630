// Settings: all of them, one, or a new value.

#include "core/base/text.h"
#include "core/directory/directory.h"

#include "app/ctl/commands.h"

#include <fmt/format.h>

#include <memory>

namespace riskdesk::ctl {
namespace {

int settings(const Common &common, const std::string &assignment, Format format)
{
    auto directory = run::Directory::open(common.directory);
    if (!directory)
        return report(directory.error());
    auto &connection = directory->connection();
    const auto equals = assignment.find('=');
    const std::string key = assignment.substr(0, equals);
    if (equals != std::string::npos) {
        if (auto ok = action::allowed(common.who.role, action::Permission::Settings); !ok)
            return report(ok.error()); // before it is said what is wrong with the value
        const auto value = settingValue(assignment.substr(equals + 1));
        if (!value)
            return report({Code::WrongUsage, assignment, "the value is not a number"});
        if (auto ok = run::changeSetting(connection, common.clock, common.who, key, *value); !ok)
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
        const bool one = equals != std::string::npos; // what became of it
        fmt::print("{}", format == Format::Ndjson ? out : one ? out + "\n" : "[" + out + "]\n");
        return 0;
    }
    Table table{{"Setting", "Value", "Default", "Unit", "Meaning"}, {}};
    for (const auto &s : *all)
        table.rows.push_back(
            {s.key, fmt::format("{}", s.value), fmt::format("{}", s.standard), s.unit, s.meaning});
    printTable(table, format);
    return 0;
}

} // namespace

void addSettings(CommandLine &line)
{
    const auto setting = std::make_shared<std::string>();
    auto *command = line.add(
        "settings", "all settings, one, or KEY=VALUE",
        [setting](const Common &common, Format format) { return settings(common, *setting, format); });
    command->add_option("setting", *setting, "a setting, as they are listed, or SETTING=VALUE");
    line.needs(command, action::Permission::Read); // a new value needs more
    line.addFormat(command);
    addPropose(line, command);
    addApplySettings(line, command);
}

} // namespace riskdesk::ctl

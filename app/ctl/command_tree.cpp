#include "app/ctl/command_tree.h"

#include "core/base/text.h"

#include <CLI/CLI.hpp>

namespace riskdesk::ctl {
namespace {

// CLI11 tells both in one text: "TEXT:{table,json}", "UINT:INT in [1 - 64]".
void readType(std::string_view type, Parameter &parameter)
{
    const auto kind = type.substr(0, type.find(':'));
    parameter.value = kind;
    const auto open = type.find(":{"), close = type.rfind('}');
    if (open != std::string_view::npos && close != std::string_view::npos)
        for (const auto word : split(type.substr(open + 2, close - open - 2), ','))
            parameter.words.emplace_back(word);
}

Parameter parameterOf(const CLI::Option &option)
{
    Parameter parameter;
    for (const auto &name : option.get_lnames())
        parameter.names.push_back("--" + name);
    for (const auto &name : option.get_snames())
        parameter.names.push_back("-" + name);
    if (option.get_positional())
        parameter.name = option.get_name(true);
    parameter.help = option.get_description();
    if (option.get_type_size_max() != 0) {
        readType(option.get_type_name(), parameter);
        parameter.several = option.get_items_expected_max() > 1;
    }
    if (const auto standard = option.get_default_str(); !standard.empty())
        parameter.help += "; " + standard + " by default";
    parameter.environment = option.get_envname();
    parameter.required = option.get_required();
    return parameter;
}

Command commandOf(const CLI::App &app, const std::string &path)
{
    Command command;
    command.path = path;
    command.help = app.get_description();
    for (const auto *option : app.get_options())
        (option->nonpositional() ? command.options : command.places).push_back(parameterOf(*option));
    for (const auto *under : app.get_subcommands([](const CLI::App *) { return true; }))
        command.commands.push_back(
            commandOf(*under, path.empty() ? under->get_name() : path + ' ' + under->get_name()));
    if (!path.empty()) // the program's own is made of what the manual says elsewhere
        command.more = app.get_footer();
    return command;
}

} // namespace

Command describe(const CLI::App &tree)
{
    return commandOf(tree, "");
}

} // namespace riskdesk::ctl

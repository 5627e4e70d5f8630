#include "app/ctl/command_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace riskdesk::ctl {
namespace {

// What the script asks of the tables below: "@" is a file name, else words. bash takes a word that ends with
// "=" or holds one apart, so "=" may stand between an option and its value.
constexpr std::string_view script = R"(
_riskdeskctl()
{
    local current=${COMP_WORDS[COMP_CWORD]} command='' option='' place=0 i word
    local commands='' options='' rest='' value=''
    local -a places=()
    _riskdeskctl_command ''
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $option ]]; then
            [[ $word == '=' ]] || option=''
        elif [[ $word == -* ]]; then
            _riskdeskctl_value "$command" "$word" && option=$word
        elif [[ -n $word && " $commands " == *" $word "* ]]; then
            command=${command:+$command }$word
            place=0
            _riskdeskctl_command "$command"
        else
            place=$((place + 1))
        fi
    done
    [[ $current == '=' ]] && current=''
    if [[ -n $option ]]; then
        _riskdeskctl_value "$command" "$option"
    elif [[ $current == -* ]]; then
        value=$options
    else
        value=${places[place]-$rest}
        ((place == 0)) && value="$commands $value"
    fi
    COMPREPLY=()
    if [[ ${value//[[:space:]]/} == '@' ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$value" -- "$current")
    fi
}
complete -F _riskdeskctl riskdeskctl
)";

std::string valueOf(const Parameter &parameter)
{
    return parameter.words.empty() ? std::string(parameter.value == "FILE" ? "@" : "")
                                   : fmt::format("{}", fmt::join(parameter.words, " "));
}

// A command also takes the options of those it is within, unless it has one of that name.
std::vector<const Parameter *> optionsOf(const Command &command, const std::vector<const Parameter *> &outer)
{
    std::vector<const Parameter *> all;
    for (const auto &option : command.options)
        all.push_back(&option);
    for (const auto *option : outer)
        if (std::none_of(all.begin(), all.end(),
                         [&](const Parameter *own) { return own->names.front() == option->names.front(); }))
            all.push_back(option);
    return all;
}

void addTables(const Command &command, const std::vector<const Parameter *> &outer, std::string &commands,
               std::string &values)
{
    const auto options = optionsOf(command, outer);
    std::string under, names, places, rest;
    for (const auto &one : command.commands)
        under += (under.empty() ? "" : " ") + one.name();
    for (const auto *option : options) {
        names += (names.empty() ? "" : " ") + fmt::format("{}", fmt::join(option->names, " "));
        if (option->value.empty())
            continue;
        std::string patterns;
        for (const auto &name : option->names)
            patterns += fmt::format("{}'{}:{}'", patterns.empty() ? "" : " | ", command.path, name);
        values += fmt::format("    {}) value='{}' ;;\n", patterns, valueOf(*option));
    }
    for (const auto &place : command.places) {
        places += fmt::format("{}'{}'", places.empty() ? "" : " ", valueOf(place));
        if (place.several)
            rest = valueOf(place);
    }
    commands += fmt::format("    '{}')\n        commands='{}'\n        options='{}'\n        places=({}) "
                            "rest='{}' ;;\n",
                            command.path, under, names, places, rest);
    for (const auto &one : command.commands)
        addTables(one, options, commands, values);
}

} // namespace

std::string bashCompletion(const Command &program)
{
    std::string commands, values;
    addTables(program, {}, commands, values);
    return fmt::format("# Completion of riskdeskctl for bash, as \"riskdeskctl completion bash\" prints it.\n"
                       "# shellcheck shell=bash disable=SC2034\n\n"
                       "# What a command has within it and takes.\n"
                       "_riskdeskctl_command()\n{{\n    case $1 in\n{}    esac\n}}\n\n"
                       "# What an option of a command takes; fails where it takes nothing.\n"
                       "_riskdeskctl_value()\n{{\n    case $1:$2 in\n{}    *) return 1 ;;\n    esac\n}}\n{}",
                       commands, values, script);
}

} // namespace riskdesk::ctl

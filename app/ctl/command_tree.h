// What riskdeskctl takes, as plain values: CLI11's tree told to those who write about it. The completion and the
// manual page are made of it, so neither can fall behind the program.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace riskdesk::ctl {

struct Parameter
{
    std::string name;               // of a place: "report"
    std::vector<std::string> names; // of an option: "--format", the long ones first; empty: a place
    std::string help;
    std::string value;              // what it takes: FILE, TEXT, INT; empty: nothing
    std::vector<std::string> words; // what it may be; empty: anything of that kind
    std::string environment;        // a variable that says it as well
    bool several = false, required = false;
};

struct Command
{
    std::string path; // "intel add"; empty: the program
    std::string help, more;
    std::vector<Parameter> options, places;
    std::vector<Command> commands;

    [[nodiscard]] std::string name() const { return path.substr(path.rfind(' ') + 1); }
};

[[nodiscard]] Command describe(const CLI::App &tree);

// A script for bash that completes commands, options, their words and file names.
[[nodiscard]] std::string bashCompletion(const Command &program);
// A page for man, in roff.
[[nodiscard]] std::string manPage(const Command &program);

} // namespace riskdesk::ctl

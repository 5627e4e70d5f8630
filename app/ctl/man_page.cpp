#include "core/domain/risk.h"

#include "app/ctl/command_line.h"
#include "app/ctl/command_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace riskdesk::ctl {
namespace {

// The code point of the first character, which is taken away; ours are valid UTF-8.
unsigned takeCharacter(std::string_view &text)
{
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    unsigned code = first & (0x7fU >> bytes);
    for (const char c : text.substr(0, bytes).substr(1))
        code = code << 6 | (static_cast<unsigned char>(c) & 0x3fU);
    text.remove_prefix(std::min(bytes, text.size()));
    return code;
}

// As text of a line: what roff would take for an order is not one, and a hyphen is one that can be searched for
// and pasted.
std::string roff(std::string_view text)
{
    std::string out;
    bool begins = true;
    while (!text.empty()) {
        const char c = text.front();
        // Which characters a page may be written in differs; by their numbers all of them are known.
        if (static_cast<unsigned char>(c) >= 0x80) {
            out += fmt::format("\\[u{:04X}]", takeCharacter(text));
            begins = false;
            continue;
        }
        text.remove_prefix(1);
        if (begins && (c == '.' || c == '\''))
            out += "\\&";
        begins = c == '\n';
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
    }
    return out;
}

// TEXT, or what it may be: a|b|c.
std::string taken(const Parameter &parameter)
{
    return parameter.words.empty() ? "\\fI" + roff(parameter.value) + "\\fR"
                                   : roff(fmt::format("{}", fmt::join(parameter.words, "|")));
}

std::string placeName(const Parameter &place)
{
    return "\\fI" + roff(place.name) + "\\fR" + (place.several ? " ..." : "");
}

std::string helpOf(const Parameter &parameter)
{
    auto help = roff(parameter.help);
    if (parameter.required && !parameter.names.empty())
        help += help.empty() ? "Required." : "; required";
    if (!parameter.environment.empty())
        help += "; also the environment variable \\fB" + roff(parameter.environment) + "\\fR";
    return help;
}

void addParameters(const Command &command, std::string &page)
{
    for (const auto &place : command.places) {
        page += ".TP\n" + placeName(place) + "\n" + helpOf(place);
        if (!place.words.empty())
            page += (place.help.empty() ? "" : ": ") + taken(place);
        page += '\n';
    }
    for (const auto &option : command.options) {
        if (option.names.front() == "--help" && !command.path.empty())
            continue; // every command has it, and the program says so
        page += ".TP\n";
        for (std::size_t i = 0; i < option.names.size(); ++i)
            page += fmt::format("{}\\fB{}\\fR", i == 0 ? "" : ", ", roff(option.names[i]));
        if (!option.value.empty())
            page += " " + taken(option) + (option.several ? " ..." : "");
        page += "\n" + helpOf(option) + "\n";
    }
}

void addCommand(const Command &command, std::string &page)
{
    page += ".SS \"" + roff(command.path) + "\"\n.B riskdeskctl " + roff(command.path) + "\n";
    for (const auto &place : command.places)
        page += place.required ? placeName(place) + "\n" : "[" + placeName(place) + "]\n";
    if (!command.options.empty())
        page += "[\\fIoptions\\fR]\n";
    page += ".PP\n" + roff(command.help) + ".\n";
    addParameters(command, page);
    if (!command.more.empty())
        page += ".PP\n" + roff(command.more) + "\n";
    for (const auto &under : command.commands)
        addCommand(under, page);
}

} // namespace

std::string manPage(const Command &program)
{
    std::string page = ".\\\" As \"riskdeskctl man\" prints it.\n.TH RISKDESKCTL 1 \"\" \"Riskdesk " +
                       roff(RISKDESK_VERSION) + "\" \"Riskdesk\"\n";
    page += ".SH NAME\nriskdeskctl \\- find, explain and close identity risk from the command line\n"
            ".SH SYNOPSIS\n.B riskdeskctl\n\\fB\\-\\-directory\\fR \\fIFILE\\fR [\\fB\\-\\-as\\fR "
            "\\fIOPERATOR\\fR] \\fIcommand\\fR ...\n";
    page += ".SH DESCRIPTION\n" + roff(program.help) +
            "\nIt works on a directory, one file that the console opens as well; both may have it open.\n"
            "Data goes to standard output, messages to standard error. Nothing is asked back, and how far it "
            "is stands on terminals only.\n";
    page += ".SH OPTIONS\nThey may stand before the command or behind it.\n";
    addParameters(program, page);
    page += ".SH COMMANDS\nEvery command has \\fB\\-\\-help\\fR.\n";
    for (const auto &command : program.commands)
        addCommand(command, page);
    page += ".SH \"WHAT IS NOT SEEN\"\nWhere a detection stays silent although something is wrong.\n";
    for (const auto &type : detectionTypes())
        if (!type.cannotSee.empty())
            page += fmt::format(".TP\n{}\n{}\n", roff(type.displayName), roff(type.cannotSee));
    page += ".SH \"EXIT STATUS\"\n";
    for (const auto &[code, meaning] : exitCodes())
        page += fmt::format(".TP\n{}\n{}\n", code, roff(meaning));
    return page;
}

} // namespace riskdesk::ctl

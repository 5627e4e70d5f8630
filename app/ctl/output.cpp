#include "app/ctl/output.h"

#include "core/base/shown_text.h"
#include "core/base/text.h"
#include "core/query/tables/property.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace riskdesk::ctl {
namespace {

constexpr std::size_t widest = 60;

// Characters, not bytes; wide scripts count as one, which keeps Latin, Greek and Cyrillic straight.
std::size_t length(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

constexpr std::size_t widestLine = 76; // of a text that has a mistake in it
constexpr std::size_t beforeMistake = 40;

// One character of a text that may be anything, and what stands under it.
struct ShownCharacter
{
    std::string text;
    bool marked;
};

std::vector<ShownCharacter> marked(std::string_view text, std::size_t position, std::size_t bytes)
{
    const auto within = [&](std::size_t at) { return at >= position && at < position + bytes; };
    std::vector<ShownCharacter> characters;
    for (std::size_t at = 0; at < text.size();) {
        auto end = at + 1;
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
            ++end;
        auto shown = shownText(text.substr(at, end - at), 0);
        characters.push_back({shown.empty() ? " " : std::move(shown), within(at)});
        at = end;
    }
    if (position >= text.size()) // what is missing at the end
        characters.push_back({" ", true});
    return characters;
}

} // namespace

void printTable(const Table &table, Format format)
{
    if (format != Format::Csv) {
        printTable(table);
        return;
    }
    printCsv(table.headers);
    for (const auto &row : table.rows)
        printCsv(row);
}

void printTable(const Table &table)
{
    if (table.rows.empty()) {
        std::fputs("Nothing to show.\n", stderr);
        return;
    }
    std::vector<std::vector<std::string>> lines;
    lines.push_back(table.headers);
    for (const auto &row : table.rows) {
        auto &line = lines.emplace_back();
        for (const auto &cell : row)
            line.push_back(shownText(cell, widest)); // a terminal must not be steered by it
    }
    std::vector<std::size_t> widths(table.headers.size());
    for (const auto &line : lines)
        for (std::size_t i = 0; i < line.size() && i < widths.size(); ++i)
            widths[i] = std::max(widths[i], length(line[i]));
    for (std::size_t n = 0; n < lines.size(); ++n) {
        std::string out;
        for (std::size_t i = 0; i < lines[n].size(); ++i) {
            out += lines[n][i];
            if (i + 1 < lines[n].size())
                out += std::string(widths[i] - length(lines[n][i]) + 2, ' ');
        }
        std::puts(out.c_str());
        if (n == 0) {
            std::string rule;
            for (std::size_t i = 0; i < widths.size(); ++i)
                rule += std::string(widths[i], '-') + (i + 1 < widths.size() ? "  " : "");
            std::puts(rule.c_str());
        }
    }
}

JsonWriter::JsonWriter(Format format)
    : m_lines(format == Format::Ndjson)
{
    if (!m_lines)
        std::fputs("[", stdout);
}

JsonWriter::~JsonWriter()
{
    if (!m_lines)
        std::fputs("]\n", stdout);
}

void JsonWriter::add(const std::string &object)
{
    if (!m_lines)
        std::fputs(m_any ? ",\n " : "", stdout);
    std::fputs(object.c_str(), stdout);
    if (m_lines)
        std::fputc('\n', stdout);
    m_any = true;
}

void printCsv(const std::vector<std::string> &cells)
{
    std::fputs(query::csvLine(cells).c_str(), stdout);
}

int report(const Error &error)
{
    clearProgress();
    fmt::print(stderr, "riskdeskctl: {}\n", sentence(error));
    switch (error.code) {
    case Code::WrongUsage: return 2;
    case Code::NotAllowed: return 4;
    default: return 1;
    }
}

int reportMistake(std::string_view sentence, std::string_view text, std::size_t position, std::size_t bytes)
{
    const int code = 2;
    fmt::print(stderr, "riskdeskctl: {}\n", sentence);
    if (text.empty() || !isTerminal(STDERR_FILENO))
        return code;
    const auto characters = marked(text, position, std::max<std::size_t>(bytes, 1));
    const auto first =
        std::find_if(characters.begin(), characters.end(), [](const ShownCharacter &c) { return c.marked; });
    const auto at = static_cast<std::size_t>(first - characters.begin());
    const auto from = characters.size() <= widestLine || at <= beforeMistake ? 0 : at - beforeMistake;
    const auto to = std::min(characters.size(), from + widestLine);
    std::string line = from > 0 ? "…" : "", carets = from > 0 ? " " : "";
    for (auto i = from; i < to; ++i) {
        line += characters[i].text;
        carets += std::string(length(characters[i].text), characters[i].marked ? '^' : ' ');
    }
    if (to < characters.size())
        line += "…";
    carets.erase(carets.find_last_not_of(' ') + 1);
    fmt::print(stderr, "  {}\n  {}\n", line, carets);
    return code;
}

std::string counted(std::uint64_t count, std::string_view noun)
{
    if (count == 1)
        return fmt::format("1 {}", noun);
    if (noun.ends_with('y'))
        return fmt::format("{} {}ies", count, noun.substr(0, noun.size() - 1));
    return fmt::format("{} {}s", count, noun);
}

std::string usersAtRisk(std::uint64_t count)
{
    return fmt::format("{} {} at risk now", counted(count, "user"), count == 1 ? "is" : "are");
}

std::optional<double> settingValue(std::string_view text)
{
    if (text == "true" || text == "on")
        return 1;
    if (text == "false" || text == "off")
        return 0;
    return toDouble(text);
}

bool isTerminal(int descriptor)
{
    return isatty(descriptor) == 1;
}

void showProgress(std::string_view phase, std::uint64_t done, std::uint64_t total)
{
    if (!isTerminal(STDERR_FILENO))
        return;
    if (total > 0)
        fmt::print(stderr, "\r\x1b[K{} {:.0f} %", phase,
                   100.0 * static_cast<double>(done) / static_cast<double>(total));
    else
        fmt::print(stderr, "\r\x1b[K{} {}", phase, done);
    std::fflush(stderr);
}

void clearProgress()
{
    if (isTerminal(STDERR_FILENO))
        fmt::print(stderr, "\r\x1b[K");
}

void printLeftOut(const std::vector<Error> &lists)
{
    for (const auto &error : lists)
        fmt::print(stderr, "riskdeskctl: a list was left out. {}\n", sentence(error));
}

} // namespace riskdesk::ctl

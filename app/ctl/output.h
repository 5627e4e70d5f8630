// Output of riskdeskctl: the same rows as a table for eyes, or as CSV. JSON is made of Graph's objects
// elsewhere.
#pragma once

#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ctl {

struct Table
{
    std::vector<std::string> headers;
    std::vector<std::vector<std::string>> rows;
};

// Columns padded to their widest cell; cells longer than 60 characters are cut with an ellipsis. Without rows
// a sentence on standard error instead, and nothing on standard output.
void printTable(const Table &table);

enum class Format { Table, Json, Ndjson, Csv };

// As CSV with a header where that is asked for, else for eyes.
void printTable(const Table &table, Format format);

// Writes objects one per line, or as one array. Json or Ndjson.
class JsonWriter
{
public:
    explicit JsonWriter(Format format);
    ~JsonWriter();
    JsonWriter(const JsonWriter &) = delete;
    JsonWriter &operator=(const JsonWriter &) = delete;
    void add(const std::string &object);

private:
    bool m_lines;
    bool m_any = false;
};

void printCsv(const std::vector<std::string> &cells);

// "error: …" on standard error, with a hint where there is one; the exit code that belongs to it.
int report(const Error &error);

// A mistake in what was typed, at `position` of `text` for so many bytes: the sentence as above, and on a
// terminal the place with carets under it.
int reportMistake(std::string_view sentence, std::string_view text, std::size_t position, std::size_t bytes);

// Lists that could not be used, a line each on standard error.
void printLeftOut(const std::vector<Error> &lists);

// "1 new detection", "12 new detections": "12 entries".
std::string counted(std::uint64_t count, std::string_view noun);
// "1 user is at risk now", "12 users are at risk now"
std::string usersAtRisk(std::uint64_t count);

// A number, or on/off, true/false.
std::optional<double> settingValue(std::string_view text);

bool isTerminal(int descriptor);

// One line on the terminal that overwrites itself; silent when standard error is no terminal.
void showProgress(std::string_view phase, std::uint64_t done, std::uint64_t total);
void clearProgress();

} // namespace riskdesk::ctl

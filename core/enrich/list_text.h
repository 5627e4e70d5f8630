// List text: the small words that all list formats share, and the collector that they fill.
#pragma once

#include "core/enrich/list_reader.h"

#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::enrich {

// Stable keys of Reject::reason.
namespace reason {
inline constexpr std::string_view badNetwork = "badNetwork";
inline constexpr std::string_view tooWide = "tooWide";
inline constexpr std::string_view badTime = "badTime";
inline constexpr std::string_view badKind = "badKind";
inline constexpr std::string_view badConfidence = "badConfidence";
inline constexpr std::string_view badFlag = "badFlag";
inline constexpr std::string_view badColumns = "badColumns";
inline constexpr std::string_view tooLong = "tooLong";
inline constexpr std::string_view badAccount = "badAccount";
inline constexpr std::string_view onWarningList = "onWarningList";
} // namespace reason

struct Network
{
    IpAddress first, last;
};

// Why a text is no network: a reason and what was expected.
struct Refusal
{
    std::string_view reason;
    std::string detail;
};

// "192.0.2.1", "192.0.2.0/24", "192.0.2.1-192.0.2.9", the same in IPv6. Wider than /8 or /16 is refused: such
// a line is a mistake or an attack on whoever loads the list.
[[nodiscard]] std::optional<Network> readNetwork(std::string_view text, Refusal &refusal);
// The number of "AS64500" or "as64500".
[[nodiscard]] std::optional<std::uint32_t> readSystem(std::string_view text);
// The same with or without its "AS", where a column says that it is one.
[[nodiscard]] std::optional<std::uint32_t> readSystemNumber(std::string_view text);
// A day, or a day and time, ISO or with a blank. A day alone means its first moment, or its last when `ends`.
[[nodiscard]] std::optional<Timestamp> readTime(std::string_view text, bool ends);
[[nodiscard]] std::optional<NetworkClass> readKind(std::string_view text);
// The user name or e-mail address that an indicator names, case-folded; or its SHA-256, in lower-case hex.
[[nodiscard]] bool readAccount(std::string_view text, std::string &account, Refusal &refusal);
// Both may be empty. `wrong` is what could not be read.
[[nodiscard]] bool readPeriod(std::string_view from, std::string_view until, ListEntry &entry,
                              std::string &wrong);
// Joined by "; ", each once.
void addLabel(std::string &labels, std::string_view label);
[[nodiscard]] std::string lowered(std::string_view text); // ASCII, blanks and dashes as underscores

// What the comments at the top of a list say about the list itself.
struct Header
{
    std::string licence, source;
    std::optional<Timestamp> date;
    void read(std::string_view comment); // one comment line without its mark
};

// Takes entries and refused lines while a file is read.
class Collector
{
public:
    Collector(ReadList &out, std::string file)
        : m_out(out)
        , m_file(std::move(file))
    {}
    // An entry equal to one that is there is counted and not kept.
    void add(ListEntry entry);
    void refuse(std::uint64_t line, std::string_view why, std::string detail, std::string_view text);
    // `what` kind of indicator it is that cannot be matched here.
    void unsupported(const std::string &what);
    // What the file says of itself: the newest date and the first name and licence are kept.
    void dated(Timestamp date);
    void publishedBy(std::string_view name);
    void licensed(std::string_view licence);
    [[nodiscard]] const ReadList &result() const { return m_out; }
    [[nodiscard]] bool isTooMuch() const { return m_tooMany; } // more entries than a list may have
    void finish(); // adds one reject that counts those too many to keep

private:
    static constexpr std::size_t mostRejects = 10'000;
    void grow();

    ReadList &m_out;
    std::string m_file;
    std::uint64_t m_more = 0;
    bool m_tooMany = false;
    std::vector<std::uint32_t> m_slots; // open addressing: number of an entry, from 1; 0 is free
};

// Calls `f(line, number, offset)` for each line without its end; "\n", "\r\n" and "\r" end one.
template <typename F>
void eachLine(std::string_view text, F f)
{
    std::uint64_t number = 0;
    while (!text.empty()) {
        const auto end = text.find_first_of("\r\n");
        const auto line = text.substr(0, end);
        const bool both = end != std::string_view::npos && text.substr(end, 2) == "\r\n";
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + (both ? 2 : 1));
        f(line, ++number);
    }
}

} // namespace riskdesk::enrich

// Fields: what can be filtered, sorted and counted in each report, under Graph's names and under short forms.
// Filter text, command line, console and help read it. The tables themselves are in query/tables/, a file per
// report.
//
// The SQL beside a field is ours and constant; values are always bound. Tables are known in it as: u user,
// r a row of user_risk or somebody whom the provider holds at risk, p provider_risk, d detection, s
// sign_in_risk, c campaign, j reject, a audit, l ledger; n is a sign-in laid out as text (tests).
#pragma once

#include "core/query/filter/filter.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace riskdesk::query {

enum class FieldKind : std::uint8_t { Text, Enum, Time, Number, Address };

struct EnumWord
{
    std::int64_t value;
    std::string_view key;        // Graph's word
    std::string_view shortForms; // joined by '|'
    std::string_view display;    // English
};

// How the store keeps it.
enum class Storage : std::uint8_t {
    Plain,  // one value
    Folded, // text that is already foldForSearch()ed; several parts joined by U+001F
    Words,  // several upper-case words joined by a blank
    Bits,   // several enumeration values: 1 << value
    Fold,   // text to be folded when compared
    Blob    // address: sixteen bytes
};

// What a list sorts by; nothing: it does not sort by this.
struct Sort
{
    std::string_view first, second; // SQL
    bool emptyLast = false;         // in both directions: "" and NULL
};

// What is common to the columns of all reports (column.h).
struct Field
{
    std::string_view name;
    std::string_view shortForms = {}; // joined by '|'
    FieldKind kind = FieldKind::Text;
    Storage storage = Storage::Plain;
    std::span<const EnumWord> words = {}; // Enum
    bool ordered = false;                 // may be compared with < and >
    std::string_view sql = {};            // empty: it is no filter
    std::string_view spelled = {}; // SQL: as scripts are told it, where `sql` is a number or bytes and words
                                   // may occur that `words` does not have
    bool zeroIsNone = false;       // Number: scripts are told null for 0
    std::string_view within = {};  // "EXISTS (SELECT … WHERE …": the condition and ")" are appended
    const char *title = nullptr;   // what people read above a list, English; null: no list shows it
    std::string_view meaning = {}; // one sentence, English
    Sort sort = {};
    std::string_view property = {}; // what scripts call it, dotted: "location.city"; "": they are not told
};

// All of them.
[[nodiscard]] std::span<const Field> columns(Report report);
// Those that filter.
[[nodiscard]] std::span<const Field> fields(Report report);
// Those that sort.
[[nodiscard]] std::span<const Field> sortable(Report report);
// By name, or by a filter's short form, so that `--order updated` works; letter case ignored; null: none.
[[nodiscard]] const Field *findSortable(Report report, std::string_view name);
// Every column, whether it filters, sorts or is only told; null: there is none.
[[nodiscard]] const Field *findColumn(Report report, std::string_view name);
// By name or short form, letter case ignored; null: there is none.
[[nodiscard]] const Field *findField(Report report, std::string_view name);
// The field somebody may have meant: at most two edits away; "" when nothing is near.
[[nodiscard]] std::string nearestField(Report report, std::string_view name);
// The property of scripts that somebody may have meant, dotted like `name`.
[[nodiscard]] std::string nearestProperty(Report report, std::string_view name);
// "" when the field has no such word.
[[nodiscard]] std::string_view wordOf(const Field &field, std::int64_t value);
[[nodiscard]] std::optional<std::int64_t> valueOf(const Field &field, std::string_view word);
[[nodiscard]] std::string nearestWord(const Field &field, std::string_view word);

// Whether the detection `d` takes part in risk: ours do; the provider's when they were raised as the setting
// risk.countImported says.
inline constexpr std::string_view countedDetection =
    "(d.source = 'Riskdesk' OR EXISTS (SELECT 1 FROM ledger c WHERE c.user = d.user AND c.detection = d.id"
    " AND c.kind = 1))";

// FROM clause, id expression and own time of a report.
struct Source
{
    std::string_view from;
    std::string_view id;
    std::string_view time;
    std::string_view condition; // always there; may be empty
    std::string_view search;    // what free words look into: SQL text, folded
    // And these, each with one '?', for words that look like a part of an address or of an id.
    std::string_view searchAddress = {};
    std::string_view searchId = {};
};
[[nodiscard]] const Source &source(Report report);
// Of a folded word: digits, letters a to f, dots and colons, a dot or colon among them.
[[nodiscard]] bool looksLikeAddress(std::string_view word);
// Six characters or more, none of them a blank, a digit among them.
[[nodiscard]] bool looksLikeId(std::string_view word);

} // namespace riskdesk::query

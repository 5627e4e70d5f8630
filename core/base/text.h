// Text helpers on UTF-8 string_views.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk {

[[nodiscard]] std::string_view trim(std::string_view text); // ASCII blanks, tabs, line ends
[[nodiscard]] bool isValidUtf8(std::string_view text);
// Invalid bytes read as Windows-1252, the encoding that spreadsheets leave behind; valid UTF-8 is untouched.
[[nodiscard]] std::string toUtf8(std::string_view text);
// For comparing names of accounts: every letter that has a lower case in it (Unicode, one for one).
[[nodiscard]] std::string foldCase(std::string_view text);
// For searching: foldCase and without the accents of Latin letters, so that "sao" finds "São".
[[nodiscard]] std::string foldForSearch(std::string_view text);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] std::optional<std::int64_t> toInteger(std::string_view text); // whole text or nothing
[[nodiscard]] std::optional<double> toDouble(std::string_view text);        // whole text, finite, or nothing
[[nodiscard]] bool equalsIgnoringCase(std::string_view a, std::string_view b); // ASCII
// Edits between two short texts: insert, delete, replace, swap neighbours (Damerau, restricted).
[[nodiscard]] std::size_t editDistance(std::string_view a, std::string_view b);
// Minimal JSON string literal with its quotes; invalid UTF-8 is replaced by U+FFFD.
[[nodiscard]] std::string jsonString(std::string_view text);

} // namespace riskdesk

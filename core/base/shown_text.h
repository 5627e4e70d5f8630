// ShownText: text that came from outside (a log, a list, a provider), made safe to stand between our own
// words: in cells, sentences, tool tips, accessible texts and tables on a terminal. Data itself is never
// changed by it; keys, filters, JSON and what is copied keep the text as it was read.
//
// What it does, in this order:
// - Bytes that are no UTF-8 become U+FFFD.
// - Line ends, tabs and other blanks become one blank; no blank stands at an end.
// - Other control characters become visible: U+001B as U+241B (symbol for escape).
// - What reorders or hides text (bidi embeddings, overrides, isolates and marks, invisible operators, tags)
// becomes
//   visible: U+202E as "[U+202E]". The joiners that scripts and emoji need stay.
// - Of combining marks in a row the first four stay.
// - Longer than `most` characters: cut, and "…" at its end, never between a character and its marks.
// - With letters written from right to left: between U+2068 and U+2069 (first strong isolate, UAX #9), so
// that it
//   orders nothing but itself.
//
// Sources: Unicode 15, Bidi_Control and Default_Ignorable_Code_Point; UAX #9; UTR #36 "Unicode Security
// Considerations". Any thread; no errors.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace riskdesk {

inline constexpr std::size_t shownCharacters = 300; // what a cell, a sentence or a tool tip takes of one text

// `most` 0: no limit.
[[nodiscard]] std::string shownText(std::string_view utf8, std::size_t most = shownCharacters);
// JSON that is to be looked at: what would reorder or hide its text is written as \uXXXX, so that it stays
// the same JSON. `json` is valid JSON.
[[nodiscard]] std::string shownJson(std::string_view json);

} // namespace riskdesk

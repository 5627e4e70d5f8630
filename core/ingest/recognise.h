// What a log looks like from its first bytes: its format, how its records are laid out, or whose log it is
// when this version does not read it. Any thread; takes hostile text.
#pragma once

#include "core/ingest/chunker.h"
#include "core/ingest/fields.h"
#include "core/ingest/reader.h"

#include <optional>
#include <string_view>

namespace riskdesk::ingest {

inline constexpr std::size_t headBytes = std::size_t{64} << 10;

struct Shape
{
    Format format;
    Layout layout = Layout::Lines;
    char delimiter = ',';
    std::size_t headers = 1; // Layout::Csv: lines before the first row
    Columns columns;         // Layout::Csv and Layout::Rows
    bool slashDates = false; // dates whose order is the file's own habit
};

// `whole`: the head is the whole text. `wanted` replaces the guess, not the layout. Errors as recognise()
// says.
[[nodiscard]] Result<Shape> examine(std::string_view head, bool whole, std::optional<Format> wanted);

} // namespace riskdesk::ingest

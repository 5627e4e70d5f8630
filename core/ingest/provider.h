// Provider: all there is to know of the logs of one identity provider. One folder each below
// core/ingest/providers, and one line in providers.cpp there.
//
// The readers know how logs are written: JSON and CSV, lines and lists. A provider knows what stands in them:
// whose log it is, what its names mean, and which value a record becomes. The names of all its kinds of
// records lead to slots of the same Fields, as a record's kind may show only when it has been read.
//
// Constant and without a state of its own: called from all reading threads at once. Texts are hostile.
#pragma once

#include "core/ingest/arena.h"
#include "core/ingest/chunker.h"
#include "core/ingest/fields.h"
#include "core/ingest/members.h"
#include "core/ingest/reader.h"
#include "core/ingest/time_reader.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

// A format of a provider is its row in formats(), from 0.
using FormatRow = std::uint8_t;

struct FormatInfo
{
    // What most records are: room is made for them before they are read.
    enum class Holds : std::uint8_t { SignIns, Users, Others };

    std::string_view key;  // for --format: "graphSignIns"; no other provider has it
    std::string_view name; // "Graph sign-ins"
    Holds holds = Holds::SignIns;
    bool isoDates = false; // its dates are ISO 8601, whatever else in it looks like a date
    bool openZone = false; // its times may lack a zone in JSON too
};

// Where a record stands in its file.
struct RecordPlace
{
    std::uint64_t offset = 0;
    std::uint64_t line = 0;
    std::uint64_t length = 0;
};

// Why a record became nothing. Only a time, a user or an outcome that cannot be read is a reason; every other
// bad field is left empty and counted.
struct Refusal
{
    std::string_view reason; // "noTime", "noUser", "noOutcome"
    std::string detail;
};

// What a value is built with, beside the record's texts. It is appended to its list in the batch, or counted
// there as something else.
struct Building
{
    const RecordPlace &place;
    TimeRules times;
    Arena &arena;
    ParsedBatch &batch;
};

class Provider
{
public:
    using Header = std::vector<std::string>;

    virtual ~Provider() = default;

    [[nodiscard]] virtual std::span<const FormatInfo> formats() const = 0;

    // Whether a log is this provider's, by one of its records, by the names of its columns (of a CSV file, or
    // of a table with Layout::Rows), or by a page of JSON that holds no record at all.
    [[nodiscard]] virtual std::optional<FormatRow> ofRecord(const Members &) const { return std::nullopt; }
    [[nodiscard]] virtual std::optional<FormatRow> ofHeader(const Header &, Layout) const
    {
        return std::nullopt;
    }
    [[nodiscard]] virtual std::optional<FormatRow> ofEmptyPage(std::string_view) const
    {
        return std::nullopt;
    }

    // Why a log that was said to be this provider's cannot be, by its first records that are whole or by its
    // columns: the end of a sentence, empty when it can.
    [[nodiscard]] virtual std::string notOfRecords(std::span<const std::string>) const { return {}; }
    [[nodiscard]] virtual std::string notOfHeader(const Header &) const { return {}; }

    // What a name means that stands in this place.
    [[nodiscard]] virtual Meaning meaningOf(Place, std::string_view name) const = 0;
    // What the columns hold; unless told otherwise, what their names mean in a record.
    [[nodiscard]] virtual Columns columnsOf(FormatRow, const Header &, Layout) const;

    [[nodiscard]] virtual std::optional<Refusal> build(FormatRow, const Fields &, const Building &) const = 0;

protected:
    Provider() = default;
    Provider(const Provider &) = default;
    Provider &operator=(const Provider &) = default;
};

} // namespace riskdesk::ingest

// RecordBuilder: Fields become a sign-in, a user, or a provider's risk record; or a reason why not.
//
// The rules of product.md, "Importing": a record is refused only when its time, user or outcome cannot be
// read; every other bad field is left empty and counted. Any thread, one builder each.
#pragma once

#include "core/ingest/arena.h"
#include "core/ingest/fields.h"
#include "core/ingest/reader.h"
#include "core/ingest/time_reader.h"

#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::ingest {

// Where a record stands in its file.
struct RecordPlace
{
    std::uint64_t offset = 0;
    std::uint64_t line = 0;
    std::uint64_t length = 0;
};

struct Refusal
{
    std::string_view reason; // "noTime", "noUser", "noOutcome"
    std::string detail;
};

class RecordBuilder
{
public:
    RecordBuilder(Format format, TimeRules times)
        : m_format(format)
        , m_times(times)
    {}
    // Appends to the list of `batch` that the record belongs to, or counts it as something else.
    [[nodiscard]] std::optional<Refusal> build(const Fields &fields, const RecordPlace &place, Arena &arena,
                                               ParsedBatch &batch) const;

private:
    enum class Kind { SignIn, Audit, DirectoryAudit, RiskDetection, RiskyUser, User, Other };
    [[nodiscard]] Kind kindOf(const Fields &fields) const;
    [[nodiscard]] Kind kindOfCategory(std::string_view category) const;
    [[nodiscard]] std::optional<Refusal> signIn(const Fields &, const RecordPlace &, Arena &,
                                                ParsedBatch &) const;
    [[nodiscard]] std::optional<Refusal> audit(const Fields &, const RecordPlace &, Arena &,
                                               ParsedBatch &) const;
    [[nodiscard]] std::optional<Refusal> directoryAudit(const Fields &, ParsedBatch &) const;
    [[nodiscard]] std::optional<Refusal> unifiedPassword(const Fields &, ParsedBatch &) const;
    [[nodiscard]] std::optional<Refusal> riskDetection(const Fields &, Arena &, ParsedBatch &) const;
    [[nodiscard]] std::optional<Refusal> riskyUser(const Fields &, ParsedBatch &) const;
    [[nodiscard]] std::optional<Refusal> user(const Fields &, ParsedBatch &) const;

    Format m_format;
    TimeRules m_times;
};

} // namespace riskdesk::ingest

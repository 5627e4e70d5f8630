// List CSV: rows under a header whose columns may stand in any order and carry any of their usual names.
//
// One line is one row, so that a stray quote costs its own line and not the rest of the file. libcsv splits
// it.
#pragma once

#include "core/enrich/list_text.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::enrich {

enum class Column : std::uint8_t {
    Network,
    Type,
    Kind,
    Name,
    Confidence,
    First,
    Last,
    Trusted,
    RangeEnd,
    System,
    Access,
    Tlp,
    Labels,
    Actor,
    Count
};

class CsvList
{
public:
    CsvList(ListKind kind, ListDefaults defaults)
        : m_kind(kind)
        , m_defaults(std::move(defaults))
    {}

    // Whether this line names the columns that a list of this kind needs. Once it does, rows may follow.
    [[nodiscard]] bool takeHeader(std::string_view line);
    void readRow(std::string_view line, std::uint64_t number, Collector &out) const;

private:
    using Places = std::array<int, static_cast<std::size_t>(Column::Count)>;
    [[nodiscard]] std::string_view cell(const std::vector<std::string> &cells, Column column) const;
    [[nodiscard]] bool has(Column column) const { return m_places[static_cast<std::size_t>(column)] >= 0; }
    [[nodiscard]] bool fillSubject(const std::vector<std::string> &cells, ListEntry &entry,
                                   Refusal &refusal) const;
    [[nodiscard]] bool fillRest(const std::vector<std::string> &cells, ListEntry &entry,
                                Refusal &refusal) const;

    // Of a list of mobile networks: false for a row that names another kind of access.
    [[nodiscard]] bool isMobile(const std::vector<std::string> &cells) const;

    ListKind m_kind;
    ListDefaults m_defaults;
    Places m_places{};
};

// The cells of one line; nothing when its quotes do not match.
[[nodiscard]] std::optional<std::vector<std::string>> splitCsv(std::string_view line);

} // namespace riskdesk::enrich

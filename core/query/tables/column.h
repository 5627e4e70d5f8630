// Column: one property of a report, said once: what it is called, how it is filtered and sorted, what it
// means, and what a script is told of a row. The tables are in query/tables/, a file per report; filter text,
// lists, sorting, JSON, CSV and their help are derived from them.
//
//     using Users = Column<RiskyUserRow>;
//     Users("riskLevel").also("level").ranked(levels(), "r.level").sorts("r.level", "r.score")
//         .titled(Reports::tr("Risk level"))
//         .means(Reports::tr("How sure it is that the account is in other hands."))
//         .told([](const RiskyUserRow &u) -> Property { return toText(u.standing.level); }),
//
// SQL is ours and constant, see fields.h. A script is told the columns with told(), in the table's order.
#pragma once

#include "core/query/filter/fields.h"
#include "core/query/tables/property.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

// The translator's context of what stands above the lists. Outside the namespace, as lupdate would else give
// it another name.
struct Reports
{
    [[nodiscard]] static constexpr const char *tr(const char *source) { return source; }
};

namespace riskdesk::query {

enum class Empty : bool { Sorts, Last }; // "" and NULL: among the others, or last in both directions

template <typename Row>
class Column : public Field
{
public:
    using Value = Property (*)(const Row &);

    explicit Column(std::string_view id) { name = id; }

    // Further names in a filter, joined by '|'.
    Column also(std::string_view names) && { return shortForms = names, std::move(*this); }
    // Above a list; with its meaning as explanation. Both are marked for the translator by Reports::tr().
    Column titled(const char *text) && { return title = text, std::move(*this); }
    Column means(std::string_view sentence) && { return meaning = sentence, std::move(*this); }

    // What it is filtered by. Text is folded when compared; exact() is not, searched() is folded already,
    // parts() is several upper-case words joined by a blank.
    Column text(std::string_view code) && { return filter(FieldKind::Text, Storage::Fold, code); }
    Column exact(std::string_view code) && { return filter(FieldKind::Text, Storage::Plain, code); }
    Column searched(std::string_view code) && { return filter(FieldKind::Text, Storage::Folded, code); }
    Column parts(std::string_view code) && { return filter(FieldKind::Text, Storage::Words, code); }
    Column time(std::string_view code) && { return filter(FieldKind::Time, Storage::Plain, code, true); }
    Column number(std::string_view code) && { return filter(FieldKind::Number, Storage::Plain, code, true); }
    Column address(std::string_view code) && { return filter(FieldKind::Address, Storage::Blob, code); }
    // The text that scripts are told, where the column keeps a number or bytes.
    Column spelt(std::string_view code) && { return spelled = code, std::move(*this); }
    // A number that scripts are told as null when it is 0.
    Column orNone() && { return zeroIsNone = true, std::move(*this); }
    // One of an enumeration's words; ranked() ones can be compared with < and >; several: 1 << value.
    Column oneOf(std::span<const EnumWord> of, std::string_view code) &&
    {
        return words = of, filter(FieldKind::Enum, Storage::Plain, code);
    }
    Column ranked(std::span<const EnumWord> of, std::string_view code) &&
    {
        return words = of, filter(FieldKind::Enum, Storage::Plain, code, true);
    }
    Column someOf(std::span<const EnumWord> of, std::string_view code) &&
    {
        return words = of, filter(FieldKind::Enum, Storage::Bits, code);
    }
    // "EXISTS (SELECT … WHERE ": the condition and ")" are put behind it.
    Column inside(std::string_view exists) && { return within = exists, std::move(*this); }

    Column sorts(std::string_view first, std::string_view second, Empty empty = Empty::Sorts) &&
    {
        return sort = {first, second, empty == Empty::Last}, std::move(*this);
    }
    // By what it is filtered by.
    Column sorts(Empty empty = Empty::Sorts) && { return std::move(*this).sorts(sql, {}, empty); }
    Column sorts(std::string_view first, Empty empty = Empty::Sorts) &&
    {
        return std::move(*this).sorts(first, {}, empty);
    }

    Column told(Value of) && { return property = name, value = of, std::move(*this); }
    // Where a script knows it by another name than a filter: "location.city".
    Column told(std::string_view as, Value of) && { return property = as, value = of, std::move(*this); }
    // Of an object that has too many members for a table.
    Column jsonOnly() && { return inCsv = false, std::move(*this); }

    Value value = nullptr;
    bool inCsv = true;

private:
    Column filter(FieldKind as, Storage kept, std::string_view code, bool comparable = false)
    {
        kind = as;
        storage = kept;
        sql = code;
        ordered = comparable;
        return std::move(*this);
    }
};

template <typename Row>
using Columns = std::span<const Column<Row>>;

// The row as one JSON object, one line.
template <typename Row>
[[nodiscard]] std::string json(Columns<Row> columns, const Row &row)
{
    std::vector<NamedProperty> properties;
    for (const auto &column : columns)
        if (column.value != nullptr)
            properties.push_back({column.property, column.value(row)});
    return jsonObject(properties);
}

template <typename Row>
[[nodiscard]] std::vector<std::string> csvHeader(Columns<Row> columns)
{
    std::vector<std::string> header;
    for (const auto &column : columns)
        if (column.value != nullptr && column.inCsv)
            header.emplace_back(column.property);
    return header;
}

template <typename Row>
[[nodiscard]] std::vector<std::string> csv(Columns<Row> columns, const Row &row)
{
    std::vector<std::string> cells;
    for (const auto &column : columns)
        if (column.value != nullptr && column.inCsv)
            cells.push_back(column.value(row).csv());
    return cells;
}

// Without what only the row's own type knows.
template <typename Row>
[[nodiscard]] std::vector<Field> fieldsOf(Columns<Row> columns)
{
    return {columns.begin(), columns.end()};
}

} // namespace riskdesk::query

// RowReader: what a SELECT reads and where each value goes, said together, so that no number counts columns.
//
//     constexpr RowReader<Person> person{{"u.name", into<&Person::name>}, {"u.age", into<&Person::age>}};
//     Statement row(db, fmt::format("SELECT {} FROM user u WHERE u.id = ?1", person.columns()));
//     if (row.bind(id).step())
//         person.read(row, out);
//
// Any thread. What cannot be read is reported by the statement, as ever.
#pragma once

#include "core/store/statement.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace riskdesk::store {

// One value of the row.
class Cell
{
public:
    Cell(const Statement &row, int column)
        : m_row(row)
        , m_column(column)
    {}
    [[nodiscard]] bool isNull() const { return m_row.isNull(m_column); }
    [[nodiscard]] std::int64_t int64() const { return m_row.int64(m_column); }
    [[nodiscard]] std::string_view text() const { return m_row.text(m_column); }
    [[nodiscard]] std::span<const std::uint8_t> blob() const { return m_row.blob(m_column); }
    template <typename E>
    [[nodiscard]] E as() const
    {
        return m_row.as<E>(m_column);
    }
    // By the kind of what it goes into.
    void to(std::string &out) const { out = m_row.string(m_column); }
    void to(bool &out) const { out = int64() != 0; }
    void to(double &out) const { out = m_row.real(m_column); }
    void to(Timestamp &out) const { out = m_row.time(m_column); }
    template <typename T>
    requires std::is_integral_v<T>
    void to(T &out) const { out = static_cast<T>(int64()); }
    template <typename E>
    requires std::is_enum_v<E>
    void to(E &out) const { out = as<E>(); }
    template <typename T>
    void to(std::optional<T> &out) const
    {
        if (isNull())
            out.reset();
        else
            to(out.emplace());
    }

private:
    const Statement &m_row;
    int m_column;
};

// Into a member, or a member of a member: into<&Row::place, &Place::city>.
template <auto Member, auto... Inner>
inline constexpr auto into = [](const Cell &cell, auto &row) {
    if constexpr (sizeof...(Inner) == 0)
        cell.to(row.*Member);
    else
        into<Inner...>(cell, row.*Member);
};

template <typename Row>
class RowReader
{
public:
    struct Part
    {
        std::string_view sql;
        void (*into)(const Cell &cell, Row &row);
    };

    RowReader(std::initializer_list<Part> parts)
        : m_parts(parts)
    {
        for (const auto &part : m_parts) {
            if (!m_columns.empty())
                m_columns += ", ";
            m_columns += part.sql;
        }
    }
    // What to select: these first.
    [[nodiscard]] const std::string &columns() const { return m_columns; }
    void read(const Statement &statement, Row &row) const
    {
        int column = 0;
        for (const auto &part : m_parts)
            part.into(Cell(statement, column++), row);
    }

private:
    std::vector<Part> m_parts;
    std::string m_columns;
};

} // namespace riskdesk::store

// ManyRows: an INSERT of many rows, forty with each statement: half the time, as the cursors stay where they are.
//
//     ManyRows people(db, "INSERT INTO person (id, name)", 2);
//     return people.insert(all, [](const Person &p, const auto &bind) { bind(p.id, p.name); });
//
// Fewer than forty go one by one. Nothing waits between two calls. The rules of Statement hold.
#pragma once

#include "core/store/statement.h"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <utility>

namespace riskdesk::store {

class ManyRows
{
public:
    ManyRows(Connection &connection, std::string_view insert, int columns,
             std::source_location where = std::source_location::current())
        : m_connection(connection)
        , m_insert(insert)
        , m_columns(columns)
        , m_where(where)
    {}

    // `row`: called with each of the rows and with what binds the values of all columns.
    template <typename Row, typename Bind>
    [[nodiscard]] Status insert(std::span<Row> rows, Bind row)
    {
        while (!rows.empty()) {
            const auto count = rows.size() < together ? 1 : together;
            auto &statement = prepared(count);
            statement.reset();
            int index = 0;
            for (auto &one : rows.first(count))
                row(one, [&](const auto &...values) { (statement.bindOne(++index, values), ...); });
            if (auto ok = statement.run(); !ok)
                return ok;
            rows = rows.subspan(count);
        }
        return {};
    }

private:
    static constexpr std::size_t together = 40; // of a hundred it is no faster

    // When they are needed: most commands are about one user.
    Statement &prepared(std::size_t count)
    {
        auto &statement = count == 1 ? m_one : m_many;
        if (!statement) {
            std::string row = "(?", all;
            for (int column = 1; column < m_columns; ++column)
                row += ",?";
            row += ')';
            for (std::size_t i = 0; i < count; ++i)
                all += (i == 0 ? "" : ",") + row;
            statement.emplace(m_connection, fmt::format("{} VALUES {}", m_insert, all), m_where);
        }
        return *statement;
    }

    Connection &m_connection;
    std::string m_insert;
    int m_columns;
    std::source_location m_where;
    std::optional<Statement> m_one, m_many;
};

} // namespace riskdesk::store

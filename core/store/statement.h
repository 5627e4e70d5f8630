// Statement: a prepared statement with typed parameters and columns.
//
//     Statement users(db, "SELECT id, upn FROM user WHERE last_sign_in > ?1");
//     users.bind(since.us);
//     while (users.step())
//         use(users.int64(0), users.text(1));
//     if (!users.ok())
//         return tl::unexpected(users.error());
//
// Errors are kept and reported once, by ok() and error(); step() then returns false. A statement that could
// not be prepared behaves the same. Parameters are bound in order; text and blobs are copied unless bound
// `Static`.
#pragma once

#include "core/base/result.h"
#include "core/base/timestamp.h"
#include "core/domain/known.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct sqlite3_stmt;

namespace riskdesk::store {

class ChangeWatch;
class Connection;

class Statement
{
public:
    Statement(Connection &connection, std::string_view sql,
              std::source_location where = std::source_location::current());
    Statement(Statement &&other) noexcept;
    Statement &operator=(Statement &&) = delete;
    ~Statement();

    // Binds ?1, ?2, … and clears earlier ones.
    template <typename... Values>
    Statement &bind(const Values &...values)
    {
        reset();
        int index = 0;
        (bindOne(++index, values), ...);
        return *this;
    }
    void bindOne(int index, std::int64_t value);
    void bindOne(int index, int value) { bindOne(index, static_cast<std::int64_t>(value)); }
    void bindOne(int index, std::uint32_t value) { bindOne(index, static_cast<std::int64_t>(value)); }
    void bindOne(int index, std::uint64_t value) { bindOne(index, static_cast<std::int64_t>(value)); }
    void bindOne(int index, bool value) { bindOne(index, static_cast<std::int64_t>(value)); }
    void bindOne(int index, double value);
    void bindOne(int index, std::string_view value);
    void bindOne(int index, const std::string &value) { bindOne(index, std::string_view(value)); }
    void bindOne(int index, const char *value) { bindOne(index, std::string_view(value)); }
    void bindOne(int index, Timestamp value) { bindOne(index, value.us); }
    void bindOne(int index, std::span<const std::uint8_t> blob);
    template <typename E>
    requires std::is_enum_v<E>
    void bindOne(int index, E value) { bindOne(index, static_cast<std::int64_t>(value)); }
    void bindOne(int index, std::nullopt_t);
    template <typename T>
    void bindOne(int index, const std::optional<T> &value)
    {
        value ? bindOne(index, *value) : bindOne(index, std::nullopt);
    }

    // True when there is a row; false at the end or on an error.
    bool step();
    // Runs to the end, then it is ready to be bound again. For statements without rows, and after step() gave
    // the row of a RETURNING: outside a transaction only the end commits, and reset() would not say that it
    // failed.
    [[nodiscard]] Status run();
    void reset();
    [[nodiscard]] bool ok() const { return !m_error.has_value(); }
    [[nodiscard]] Error error() const { return m_error.value_or(Error{}); }

    [[nodiscard]] std::int64_t int64(int column) const;
    [[nodiscard]] std::uint32_t uint32(int column) const { return static_cast<std::uint32_t>(int64(column)); }
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::string_view text(int column) const; // valid until the next step()
    [[nodiscard]] std::string string(int column) const { return std::string(text(column)); }
    [[nodiscard]] std::span<const std::uint8_t> blob(int column) const;
    [[nodiscard]] bool isNull(int column) const;
    [[nodiscard]] Timestamp time(int column) const { return {int64(column)}; }
    // The only way from a stored number to an enumeration. One that this version does not know is an error,
    // Code::StoreCorrupt, so that step() ends; until then it reads as a known one. NULL reads as 0 where
    // there is one.
    template <typename E>
    [[nodiscard]] E as(int column) const
    {
        const auto number = int64(column);
        if (Known<E>::has(number))
            return static_cast<E>(number);
        unknownNumber(column, number);
        return Known<E>::fallback;
    }

private:
    // What the connection's watch has to hear of.
    enum class Kind : std::uint8_t { Other, Write, Commit, Savepoint, RollbackTo, Release };
    static Kind kindOf(sqlite3_stmt *statement);
    void check(int code);
    void unknownNumber(int column, std::int64_t number) const;
    bool begin(ChangeWatch &watch);
    void end(ChangeWatch &watch, bool done);
    void commitOwn(ChangeWatch &watch);
    void leave();
    Connection &m_connection;
    sqlite3_stmt *m_statement = nullptr;
    Kind m_kind = Kind::Other;
    bool m_begun = false;
    bool m_own = false; // outside a transaction: one of its own, so that the seals change with the rows
    mutable std::optional<Error> m_error; // a value may turn out to be one when it is read
    std::source_location m_where;
};

} // namespace riskdesk::store

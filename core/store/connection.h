// Connection: one SQLite handle with our pragmas and the table `signin` (sign_in_vtab.h), either the writer
// or a read-only reader.
//
// A connection belongs to one thread at a time. Readers are `query_only`; the writer commits with
// synchronous=FULL. A reader whose folder nobody here can write to takes the file as unchangeable when there
// is no log beside it. `stop` given to a Statement interrupts it within a few milliseconds (progress
// handler).
#pragma once

#include "core/base/open_files.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

struct sqlite3;

namespace riskdesk::store {

// Who keeps account of changes for the seals (seal.h). Statement tells it where a change begins and whether
// it held; only connections that write to a directory have one.
class ChangeWatch
{
public:
    virtual ~ChangeWatch() = default;
    virtual void statementBegins() = 0;
    virtual void statementFailed() = 0; // SQLite took back what it had changed
    virtual void savepointMade() = 0;
    virtual void savepointRolledBack() = 0;
    virtual void savepointReleased() = 0;
    virtual Status beforeCommit() = 0; // inside the transaction
};

class Connection
{
public:
    enum class Mode { Write, Read };
    // Opens an existing file; schema.h creates and migrates. Code::NotFound, Io, NotAStore, ReadOnly,
    // StoreCorrupt when this process holds another file of that name open.
    [[nodiscard]] static Result<Connection> open(const std::filesystem::path &file, Mode mode);

    // A handle that somebody else closes: what SQLite gives to a virtual table.
    [[nodiscard]] static Connection borrow(sqlite3 *handle);

    Connection(Connection &&) noexcept;
    Connection &operator=(Connection &&) noexcept;
    ~Connection();

    [[nodiscard]] sqlite3 *handle() const { return m_handle; }
    [[nodiscard]] const std::filesystem::path &file() const { return m_file; }
    // One or more statements without parameters and without rows.
    [[nodiscard]] Status execute(std::string_view sql);
    void setWatch(std::unique_ptr<ChangeWatch> watch) { m_watch = std::move(watch); }
    [[nodiscard]] ChangeWatch *watch() const { return m_watch.get(); }
    // What a reader keeps with the connection until it is closed (core/query/read_session.h).
    void attach(std::shared_ptr<void> kept) { m_attached = std::move(kept); }
    [[nodiscard]] const std::shared_ptr<void> &attached() const { return m_attached; }
    // Statements running on this connection stop when the token is asked to; pass {} to forget it.
    void setStop(std::stop_token stop);
    // Which transaction is open (Transaction): another number after each BEGIN and after each ROLLBACK TO, 0 outside
    // of one. As long as it stays, what was read or written under it is still so.
    [[nodiscard]] std::uint64_t transaction() const { return m_transaction; }
    // Changes whenever somebody committed, on this connection as well; others are noticed by the next transaction here.
    [[nodiscard]] std::int64_t dataVersion() const;
    // Is the file still the one that was opened? Code::StoreCorrupt with a sentence when it was moved away,
    // replaced or cut; transactions ask by themselves.
    [[nodiscard]] Status stillThere() const { return m_open.stillThere(); }
    // The Error for the handle's last result code: DiskFull, StoreBusy, ReadOnly, StoreCorrupt, Cancelled,
    // Io, Bug.
    [[nodiscard]] Error lastError(std::source_location where = std::source_location::current()) const;

private:
    friend class Statement;
    friend class Transaction;
    Connection(sqlite3 *handle, std::filesystem::path file);
    void tookBack();
    sqlite3 *m_handle = nullptr;
    bool m_borrowed = false;
    std::uint64_t m_transaction = 0, m_transactions = 0;
    std::filesystem::path m_file;
    OpenFile m_open; // nothing but SQLite opens it meanwhile
    std::unique_ptr<std::stop_token> m_stop;
    std::unique_ptr<ChangeWatch> m_watch;
    std::shared_ptr<void> m_attached;
};

// BEGIN IMMEDIATE … commit(), or roll back when it goes out of scope.
class Transaction
{
public:
    [[nodiscard]] static Result<Transaction> begin(Connection &connection);
    Transaction(Transaction &&other) noexcept;
    Transaction &operator=(Transaction &&) = delete;
    ~Transaction();
    [[nodiscard]] Status commit();

private:
    explicit Transaction(Connection &connection)
        : m_connection(&connection)
    {}
    Connection *m_connection = nullptr;
};

} // namespace riskdesk::store

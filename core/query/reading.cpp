#include "core/query/reading.h"

#include "core/base/text.h"
#include "core/domain/sign_in.h"
#include "core/domain/stored_sign_in.h"
#include "core/query/read_session.h"
#include "core/store/statement.h"

#include <sqlite3.h>

#include <array>
#include <utility>

namespace riskdesk::query {
namespace {

// What a connection keeps for rd_text until it is closed.
struct Held
{
    std::shared_ptr<Texts> texts;
    sqlite3 *handle;
};

void letGo(void *held)
{
    auto *owned = static_cast<Held *>(held);
    owned->texts->forget(owned->handle);
    delete owned;
}

std::string_view textOf(sqlite3_value *value)
{
    const auto *text = reinterpret_cast<const char *>(sqlite3_value_text(value));
    return text == nullptr ? std::string_view()
                           : std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

void foldText(sqlite3_context *context, int, sqlite3_value **values)
{
    if (sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    const auto folded = foldForSearch(textOf(values[0]));
    sqlite3_result_text64(context, folded.data(), folded.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

// A number of a stored sign-in by its name in SignInRow.
void signInValue(sqlite3_context *context, int, sqlite3_value **values)
{
    if (sqlite3_value_type(values[0]) != SQLITE_BLOB)
        return;
    const auto row = decodeSignIn({static_cast<const std::uint8_t *>(sqlite3_value_blob(values[0])),
                                   static_cast<std::size_t>(sqlite3_value_bytes(values[0]))});
    if (!row)
        return; // of another build
    std::optional<std::int64_t> found;
    visitSignIn(*row, [&, name = textOf(values[1])](std::string_view member, const auto &value) {
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_integral_v<Value> || std::is_enum_v<Value>)
            if (member == name)
                found = static_cast<std::int64_t>(value);
    });
    if (found)
        sqlite3_result_int64(context, *found);
    else
        sqlite3_result_error(context, "rd_signin: no such value", -1);
}

void dictionaryText(sqlite3_context *context, int, sqlite3_value **values)
{
    const auto *held = static_cast<const Held *>(sqlite3_user_data(context));
    const auto kind = sqlite3_value_int64(values[0]);
    const auto id = sqlite3_value_int64(values[1]);
    std::string_view found;
    if (kind >= 0 && kind < static_cast<std::int64_t>(Dictionary::Count) && id > 0 && id <= UINT32_MAX)
        found = held->texts->text(static_cast<Dictionary>(kind), static_cast<std::uint32_t>(id));
    sqlite3_result_text64(context, found.empty() ? "" : found.data(), found.size(), SQLITE_STATIC,
                          SQLITE_UTF8);
}

bool hasFunctions(store::Connection &connection)
{
    return store::Statement(connection, "SELECT rd_text(0, 0)").ok();
}

Status install(store::Connection &connection, const std::shared_ptr<Texts> &texts)
{
    constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
    auto *db = connection.handle();
    int code =
        sqlite3_create_function_v2(db, "rd_fold", 1, flags, nullptr, foldText, nullptr, nullptr, nullptr);
    if (code == SQLITE_OK)
        code = sqlite3_create_function_v2(db, "rd_signin", 2, flags, nullptr, signInValue, nullptr, nullptr,
                                          nullptr);
    if (code == SQLITE_OK) // also on failure SQLite calls letGo
        code = sqlite3_create_function_v2(db, "rd_text", 2, flags, new Held{texts, db}, dictionaryText,
                                          nullptr, nullptr, letGo);
    if (code != SQLITE_OK)
        return tl::unexpected(connection.lastError());
    return {};
}

} // namespace

Reading::Reading(store::Connection &connection, std::shared_ptr<Texts> texts, bool owns, bool stoppable)
    : m_connection(&connection)
    , m_texts(std::move(texts))
    , m_owns(owns)
    , m_stoppable(stoppable)
{}

Reading::Reading(Reading &&other) noexcept
    : m_connection(std::exchange(other.m_connection, nullptr))
    , m_texts(std::move(other.m_texts))
    , m_owns(other.m_owns)
    , m_stoppable(other.m_stoppable)
{}

Reading::~Reading()
{
    if (m_connection == nullptr)
        return;
    if (m_stoppable)
        m_connection->setStop({});
    if (m_owns && sqlite3_get_autocommit(m_connection->handle()) == 0)
        (void)m_connection->execute("COMMIT");
}

Result<Reading> Reading::begin(store::Connection &connection, std::stop_token stop)
{
    if (stop.stop_requested())
        return fail(Code::Cancelled, connection.file().string());
    const auto texts = ReadSession::of(connection)->texts();
    if (!hasFunctions(connection))
        if (auto ok = install(connection, texts); !ok)
            return tl::unexpected(ok.error());
    const bool owns = sqlite3_get_autocommit(connection.handle()) != 0;
    if (owns)
        if (auto ok = connection.execute("BEGIN"); !ok)
            return tl::unexpected(ok.error());
    const bool stoppable = stop.stop_possible();
    if (stoppable)
        connection.setStop(std::move(stop));
    Reading reading(connection, texts, owns, stoppable);
    // The first read fixes the moment; only then is the data version of that moment known.
    store::Statement first(connection, "SELECT id FROM directory");
    first.step();
    if (!first.ok())
        return tl::unexpected(first.error());
    if (auto ok = texts->refresh(connection); !ok)
        return tl::unexpected(ok.error());
    return reading;
}

} // namespace riskdesk::query

#include "tests/lab/peer_rules.h"

#include "core/store/statement.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <memory>

namespace riskdesk::lab {
namespace {

constexpr std::array<std::string_view, 5> columns = {"scope", "user", "at", "requestId", "detail"};

Result<std::string> textOf(const std::filesystem::path &file)
{
    constexpr std::uintmax_t most = 1'000'000;
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error)
        return fail(Code::NotFound, file.string(), error.message());
    if (size > most)
        return fail(Code::WrongUsage, file.string(), "it is too long for a rule");
    std::ifstream in(file, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in.is_open() || in.bad())
        return fail(Code::Io, file.string());
    return text;
}

// One statement, which reads, and whose columns are ours.
Status check(store::Connection &connection, const std::string &text, const std::string &name)
{
    const auto prepare = [&](const char *sql, const char **rest) {
        sqlite3_stmt *statement = nullptr;
        const int code = sqlite3_prepare_v2(connection.handle(), sql, -1, &statement, rest);
        return std::pair(code,
                         std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt *)>(statement, sqlite3_finalize));
    };
    const char *rest = nullptr;
    const auto [code, statement] = prepare(text.c_str(), &rest);
    if (code != SQLITE_OK)
        return fail(Code::WrongUsage, name, sqlite3_errmsg(connection.handle()));
    if (!statement)
        return fail(Code::WrongUsage, name, "there is no question in it");
    if (const auto [more, second] = prepare(rest, nullptr); more != SQLITE_OK || second)
        return fail(Code::WrongUsage, name, "it is more than one statement");
    if (sqlite3_stmt_readonly(statement.get()) == 0)
        return fail(Code::WrongUsage, name, "it would change something");
    bool isOurs = sqlite3_column_count(statement.get()) == static_cast<int>(columns.size());
    for (std::size_t i = 0; isOurs && i < columns.size(); ++i)
        isOurs = columns.at(i) == sqlite3_column_name(statement.get(), static_cast<int>(i));
    if (!isOurs)
        return fail(Code::WrongUsage, name, "its columns must be scope, user, at, requestId, detail");
    return {};
}

} // namespace

Result<std::vector<PeerAlert>> runPeerRule(store::Connection &connection, const std::filesystem::path &sql)
{
    const auto text = textOf(sql);
    if (!text)
        return tl::unexpected(text.error());
    if (auto ok = check(connection, *text, sql.string()); !ok)
        return tl::unexpected(ok.error());
    std::vector<PeerAlert> alerts;
    store::Statement row(connection, *text);
    while (row.step())
        alerts.push_back({row.string(0), row.string(1), row.time(2), row.string(3), row.string(4)});
    if (!row.ok())
        return tl::unexpected(row.error());
    return alerts;
}

Result<std::vector<std::filesystem::path>> peerRules(const std::filesystem::path &folder)
{
    std::vector<std::filesystem::path> rules;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error))
        if (entry->path().extension() == ".sql")
            rules.push_back(entry->path());
    if (error || rules.empty())
        return fail(Code::NotFound, folder.string(), error.message());
    std::sort(rules.begin(), rules.end());
    return rules;
}

} // namespace riskdesk::lab

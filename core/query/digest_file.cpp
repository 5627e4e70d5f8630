// Digest: the page of a finished week, in a folder.
#include "core/query/digest.h"
#include "core/store/statement.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace riskdesk::query {
namespace {

constexpr std::string_view folderKey = "digest.folder";

Error cannotWrite(const std::filesystem::path &file)
{
    return {Code::Io, file.string(), std::generic_category().message(errno)};
}

// Written beside, and linked under its name: a link never takes the place of a page that is there.
Result<bool> putOnce(const std::filesystem::path &file, std::string_view page)
{
    auto beside = (file.parent_path() / ".digest-XXXXXX").string();
    const int descriptor = ::mkstemp(beside.data());
    if (descriptor < 0)
        return tl::unexpected(cannotWrite(file));
    bool ok = true;
    for (auto left = page; ok && !left.empty();) {
        const auto written = ::write(descriptor, left.data(), left.size());
        ok = written > 0;
        left.remove_prefix(ok ? static_cast<std::size_t>(written) : 0);
    }
    ok = ok && ::fsync(descriptor) == 0;
    auto problem = cannotWrite(file);
    ::close(descriptor);
    bool isNew = false;
    if (ok) {
        isNew = ::link(beside.c_str(), file.c_str()) == 0;
        ok = isNew || errno == EEXIST;
        problem = cannotWrite(file);
    }
    ::unlink(beside.c_str());
    return ok ? Result<bool>(isNew) : tl::unexpected(problem);
}

} // namespace

Result<std::string> digestFolder(store::Connection &connection)
{
    store::Statement row(connection, "SELECT value FROM setting WHERE key = ?1");
    if (row.bind(folderKey).step())
        return std::string(row.string(0));
    if (!row.ok())
        return tl::unexpected(row.error());
    return std::string();
}

Result<std::optional<std::filesystem::path>>
writeDueDigest(store::Connection &connection, std::string_view directory, Timestamp now, std::stop_token stop)
{
    const auto folder = digestFolder(connection);
    if (!folder)
        return tl::unexpected(folder.error());
    if (folder->empty())
        return std::nullopt;
    const auto [from, until] = isoWeek(now - std::chrono::days(7));
    const auto file = std::filesystem::path(*folder) /
                      fmt::format("{}-{}.html", std::filesystem::path(connection.file()).stem().string(),
                                  isoWeekText(from));
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored))
        return std::nullopt;
    const auto digest = readDigest(connection, from, until, now, std::move(stop));
    if (!digest)
        return tl::unexpected(digest.error());
    const auto put = putOnce(file, digestHtml(*digest, directory));
    if (!put)
        return tl::unexpected(put.error());
    return *put ? std::optional(file) : std::nullopt;
}

} // namespace riskdesk::query

#include "app/ctl/export_state.h"

#include "core/base/open_files.h"
#include "core/base/text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace riskdesk::ctl {
namespace {

constexpr std::string_view sendingWord = "sending ";

} // namespace

Error systemError(const std::string &subject)
{
    const int number = errno;
    return {number == ENOSPC ? Code::DiskFull : Code::Io, subject, std::strerror(number)};
}

bool writeAll(int descriptor, std::string_view text)
{
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

Result<std::optional<KeptPlace>> StateFile::read() const
{
    if (auto ok = mayRead(m_path, "a file of its own for the place"); !ok)
        return tl::unexpected(ok.error());
    errno = 0;
    std::ifstream file(m_path);
    if (!file) {
        if (errno == ENOENT)
            return std::nullopt;
        return tl::unexpected(systemError(m_path.string()));
    }
    KeptPlace kept;
    std::getline(file, kept.token);
    std::string line;
    if (std::getline(file, line) && line.starts_with(sendingWord)) {
        const auto rest = std::string_view(line).substr(sendingWord.size());
        const auto blank = std::min(rest.find(' '), rest.size());
        if (const auto rows = toInteger(rest.substr(0, blank)); rows && *rows > 0 && blank < rest.size()) {
            kept.sending = static_cast<std::size_t>(*rows);
            kept.until = rest.substr(blank + 1);
        }
    }
    return kept;
}

Status StateFile::write(const KeptPlace &place) const
{
    const auto beside = m_path.string() + ".new";
    const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return tl::unexpected(systemError(beside));
    auto text = place.token + '\n';
    if (place.sending > 0)
        text += fmt::format("{}{} {}\n", sendingWord, place.sending, place.until);
    const bool whole = writeAll(file, text) && ::fsync(file) == 0;
    const auto error = systemError(beside);
    ::close(file);
    if (!whole) {
        ::unlink(beside.c_str());
        return tl::unexpected(error);
    }
    if (::rename(beside.c_str(), m_path.c_str()) != 0)
        return tl::unexpected(systemError(m_path.string()));
    const auto parent = m_path.has_parent_path() ? m_path.parent_path() : std::filesystem::path(".");
    const int folder = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return tl::unexpected(systemError(parent.string()));
    const bool synced = ::fsync(folder) == 0 || errno == EINVAL; // some file systems do not know it
    const auto why = systemError(parent.string());
    ::close(folder);
    return synced ? Status() : tl::unexpected(why);
}

} // namespace riskdesk::ctl

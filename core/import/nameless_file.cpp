#include "core/import/nameless_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

namespace riskdesk::run {
namespace {

tl::unexpected<Error> fileError(const std::filesystem::path &folder)
{
    const Code code = errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? Code::DiskFull
                      : errno == EROFS || errno == EACCES                  ? Code::ReadOnly
                                                                           : Code::Io;
    return fail(code, folder.string(), std::strerror(errno));
}

} // namespace

Result<int> namelessFile(const std::filesystem::path &folder)
{
    int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0)
        return file;
    // Some file systems have no nameless files.
    std::string name = (folder / ".riskdesk-import-XXXXXX").string();
    file = mkostemp(name.data(), O_CLOEXEC);
    if (file < 0)
        return fileError(folder);
    unlink(name.c_str());
    return file;
}

Status append(int descriptor, std::string_view text, const std::filesystem::path &folder)
{
    while (!text.empty()) {
        const auto written = write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fileError(folder);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

} // namespace riskdesk::run

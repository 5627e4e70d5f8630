// StateFile: the place of an export in a file of its own, and what was on its way when it was written.
//
//     <token, or "beginning">
//     sending 512 <token>          only while a batch of so many rows, up to there, is under way to a receiver
//
// Replaced as a whole, so that a power cut leaves the old one or the new one. One thread.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace riskdesk::ctl {

struct KeptPlace
{
    std::string token;       // as it stands in the file; "beginning": from the beginning
    std::size_t sending = 0; // rows of the batch that was under way behind it; 0: none
    std::string until;       // the place behind that batch
};

class StateFile
{
public:
    static constexpr std::string_view beginning = "beginning";

    explicit StateFile(std::filesystem::path path)
        : m_path(std::move(path))
    {}

    // Nothing when there is no such file. WrongUsage for a directory file, Io.
    [[nodiscard]] Result<std::optional<KeptPlace>> read() const;
    // On the disk when it returns. Io, DiskFull.
    [[nodiscard]] Status write(const KeptPlace &place) const;

private:
    std::filesystem::path m_path;
};

// What errno says about `subject`.
[[nodiscard]] Error systemError(const std::string &subject);
// Everything, or false with the reason in errno.
[[nodiscard]] bool writeAll(int descriptor, std::string_view text);

} // namespace riskdesk::ctl

#include "core/import/sample_run.h"

#include "core/demo/sample.h"
#include "core/lists/intelligence.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace riskdesk::run {
namespace {

// A folder beside the directory file, gone afterwards.
class Workshop
{
public:
    explicit Workshop(const std::filesystem::path &beside)
        : m_folder(beside.string() + ".making")
    {
        std::filesystem::create_directories(m_folder, m_error);
        std::filesystem::permissions(m_folder, std::filesystem::perms::owner_all, m_error);
    }
    ~Workshop() { std::filesystem::remove_all(m_folder, m_error); }
    Workshop(const Workshop &) = delete;
    Workshop &operator=(const Workshop &) = delete;
    [[nodiscard]] std::filesystem::path file(const std::string &name) const { return m_folder / name; }

private:
    std::filesystem::path m_folder;
    std::error_code m_error;
};

Status writeFile(const std::filesystem::path &file,
                 const std::function<void(const demo::LineSink &)> &content)
{
    std::FILE *out = std::fopen(file.c_str(), "we");
    if (out == nullptr)
        return fail(Code::Io, file.string(), std::strerror(errno));
    bool ok = true;
    content([&](std::string_view text) {
        ok = ok && std::fwrite(text.data(), 1, text.size(), out) == text.size();
    });
    const int code = errno;
    ok = std::fclose(out) == 0 && ok;
    if (!ok)
        return fail(code == ENOSPC || code == EFBIG ? Code::DiskFull : Code::Io, file.string(),
                    std::strerror(code));
    return {};
}

Result<ImportSummary> fill(Directory &directory, const SampleRequest &request, const Clock &clock,
                           std::stop_token stop, const ProgressSink &progress)
{
    const Workshop workshop(directory.file());
    demo::SampleOptions options;
    options.users = request.users;
    options.days = request.days;
    options.seed = request.seed;
    options.end = request.end;
    demo::Sample sample(options);
    ImportOptions how;
    how.who.via = "sample";
    for (const auto &list : sample.lists()) {
        const auto file = workshop.file(list.name);
        if (auto ok = writeFile(file, [&](const auto &sink) { sink(list.text); }); !ok)
            return tl::unexpected(ok.error());
        enrich::ListDefaults defaults;
        defaults.kind = list.networkClass;
        defaults.provider = list.provider;
        if (auto added =
                addList(directory.connection(), clock, how.who, list.kind, file, list.name, defaults);
            !added)
            return tl::unexpected(added.error());
    }
    const auto users = workshop.file("users.ndjson"), signIns = workshop.file("sign-ins.ndjson");
    if (auto ok = writeFile(users, [&](const auto &sink) { sample.writeUsers(sink); }); !ok)
        return tl::unexpected(ok.error());
    if (auto ok = writeFile(signIns, [&](const auto &sink) { sample.writeSignIns(sink); }); !ok)
        return tl::unexpected(ok.error());
    return importFiles(directory, {users, signIns}, how, clock, stop, progress);
}

} // namespace

Result<ImportSummary> makeSample(const std::filesystem::path &file, const SampleRequest &request,
                                 const Clock &clock, std::stop_token stop, const ProgressSink &progress)
{
    store::DirectoryInfo info;
    info.name = "Meadow Market customers";
    info.sample = true;
    info.createdAt = clock.now();
    if (auto ok = store::createDirectory(file, info); !ok)
        return tl::unexpected(ok.error());
    auto summary = [&]() -> Result<ImportSummary> {
        auto directory = Directory::open(file);
        if (!directory)
            return tl::unexpected(directory.error());
        return fill(*directory, request, clock, stop, progress);
    }();
    if (!summary || summary->cancelled)
        for (const char *suffix : {"", "-wal", "-shm"}) {
            std::error_code ignored;
            std::filesystem::remove(file.string() + suffix, ignored);
        }
    return summary;
}

} // namespace riskdesk::run

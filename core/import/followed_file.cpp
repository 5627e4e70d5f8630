#include "core/import/followed_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace riskdesk::run {
namespace {

constexpr std::uint64_t tellTaleBytes = 64;

} // namespace

OpenLog::~OpenLog()
{
    ::close(m_descriptor);
}

std::string OpenLog::bytes(std::uint64_t at, std::size_t count) const
{
    std::string out(count, '\0');
    std::size_t have = 0;
    while (have < count) {
        const auto got =
            ::pread(m_descriptor, out.data() + have, count - have, static_cast<off_t>(at + have));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        have += static_cast<std::size_t>(got);
    }
    out.resize(have);
    return out;
}

FileStamp FileStamp::of(const struct stat &about)
{
    return {about.st_dev, about.st_ino, static_cast<std::uint64_t>(about.st_size),
            static_cast<std::int64_t>(about.st_mtim.tv_sec) * 1'000'000'000 + about.st_mtim.tv_nsec};
}

void FollowedFile::begin(std::shared_ptr<const ingest::GrowingLog> known)
{
    kind = Kind::Pieces;
    log = std::move(known);
    offset = log->begin;
    lines = log->lines;
    before.clear();
}

Result<std::optional<ingest::LogPart>> FollowedFile::take(const OpenLog &from)
{
    struct stat about
    {};
    if (::fstat(from.descriptor(), &about) != 0)
        return fail(Code::Io, name, std::strerror(errno));
    const auto size = static_cast<std::uint64_t>(about.st_size);
    if (size < offset || from.bytes(offset - before.size(), before.size()) != before)
        return std::nullopt;
    const auto found = ingest::wholeRecords(from.descriptor(), *log, offset, size);
    if (!found)
        return fail(found.error().code, name, found.error().detail);
    const ingest::LogPart part{from.descriptor(), name, log, offset, found->end, lines};
    offset = found->end;
    lines += found->lines;
    const auto bytes = std::min(tellTaleBytes, offset);
    before = from.bytes(offset - bytes, static_cast<std::size_t>(bytes));
    return part;
}

} // namespace riskdesk::run

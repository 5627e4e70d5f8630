#include "core/base/open_files.h"
#include "core/base/text.h"
#include "core/ingest/byte_source.h"

#include <zip.h>

#include <algorithm>

namespace riskdesk::ingest {
namespace {

class ZipSource final : public ByteSource
{
public:
    ZipSource(zip_file_t *file, const ZipArchive::Member &member, std::uint64_t before)
        : m_file(file)
        , m_member(member)
        , m_before(before)
    {}
    ~ZipSource() override { zip_fclose(m_file); }
    ZipSource(const ZipSource &) = delete;
    ZipSource &operator=(const ZipSource &) = delete;
    Result<std::size_t> read(char *to, std::size_t most) override
    {
        const auto got = zip_fread(m_file, to, most);
        if (got < 0)
            return fail(Code::Malformed, m_member.name, zip_file_strerror(m_file));
        m_read += static_cast<std::uint64_t>(got);
        m_ended = m_ended || got == 0;
        return static_cast<std::size_t>(got);
    }
    // The packed position is not told; it is taken to grow with the unpacked one.
    std::uint64_t consumed() const override
    {
        if (m_ended || m_member.size == 0)
            return m_before + m_member.packedSize;
        const double share = std::min(1.0, static_cast<double>(m_read) / static_cast<double>(m_member.size));
        return m_before + static_cast<std::uint64_t>(share * static_cast<double>(m_member.packedSize));
    }

private:
    zip_file_t *m_file;
    ZipArchive::Member m_member;
    std::uint64_t m_before;
    std::uint64_t m_read = 0;
    bool m_ended = false;
};

} // namespace

bool isShadow(std::string_view path)
{
    for (const auto part : split(path, '/'))
        if ((part.starts_with('.') && part != "." && part != "..") || part == "__MACOSX" ||
            equalsIgnoringCase(part, "Thumbs.db") || equalsIgnoringCase(part, "desktop.ini"))
            return true;
    return false;
}

bool looksLikeZip(std::string_view head)
{
    return head.substr(0, 4) == std::string_view("PK\x03\x04", 4) ||
           head.substr(0, 4) == std::string_view("PK\x05\x06", 4);
}

Result<std::unique_ptr<ZipArchive>> ZipArchive::open(const std::filesystem::path &file)
{
    if (auto ok = mayRead(file, "a sign-in log"); !ok)
        return tl::unexpected(ok.error());
    int code = 0;
    zip_t *const archive = zip_open(file.c_str(), ZIP_RDONLY, &code);
    if (archive == nullptr) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        auto failure = fail(Code::Malformed, file.string(), zip_error_strerror(&error));
        zip_error_fini(&error);
        return failure;
    }
    std::unique_ptr<ZipArchive> zip(new ZipArchive(archive));
    const auto count = zip_get_num_entries(archive, 0);
    for (zip_int64_t i = 0; i < count; ++i) {
        zip_stat_t about;
        if (zip_stat_index(archive, static_cast<zip_uint64_t>(i), 0, &about) != 0 || about.name == nullptr)
            continue;
        Member member{static_cast<std::uint64_t>(i), about.name, about.comp_size, about.size,
                      about.encryption_method != ZIP_EM_NONE};
        if (!member.name.empty() && member.name.back() != '/' && !isShadow(member.name))
            zip->m_members.push_back(std::move(member));
    }
    return zip;
}

ZipArchive::~ZipArchive()
{
    zip_discard(static_cast<zip_t *>(m_archive));
}

Result<std::unique_ptr<ByteSource>> ZipArchive::open(const Member &member, std::uint64_t before)
{
    if (member.encrypted)
        return fail(Code::Unsupported, member.name, "the file in the archive is encrypted");
    auto *const archive = static_cast<zip_t *>(m_archive);
    zip_file_t *const file = zip_fopen_index(archive, member.index, 0);
    if (file == nullptr)
        return fail(Code::Malformed, member.name, zip_strerror(archive));
    return std::make_unique<ZipSource>(file, member, before);
}

} // namespace riskdesk::ingest

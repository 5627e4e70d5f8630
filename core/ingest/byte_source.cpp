#include "core/ingest/byte_source.h"

#include "core/base/open_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace riskdesk::ingest {
namespace {

class FileSource final : public ByteSource
{
public:
    FileSource(int descriptor, std::string name)
        : m_descriptor(descriptor)
        , m_name(std::move(name))
    {}
    ~FileSource() override
    {
        if (m_descriptor != STDIN_FILENO)
            ::close(m_descriptor);
    }
    FileSource(const FileSource &) = delete;
    FileSource &operator=(const FileSource &) = delete;
    Result<std::size_t> read(char *to, std::size_t most) override
    {
        for (;;) {
            const auto got = ::read(m_descriptor, to, most);
            if (got >= 0) {
                m_consumed += static_cast<std::uint64_t>(got);
                return static_cast<std::size_t>(got);
            }
            if (errno != EINTR)
                return fail(Code::Io, m_name, std::strerror(errno));
        }
    }
    std::uint64_t consumed() const override { return m_consumed; }

private:
    int m_descriptor;
    std::string m_name;
    std::uint64_t m_consumed = 0;
};

// Members one after the other, as `cat a.gz b.gz` makes them; what follows the last one is ignored, as gzip
// does.
class GzipSource final : public ByteSource
{
public:
    explicit GzipSource(std::unique_ptr<ByteSource> inner)
        : m_inner(std::move(inner))
    {
        m_ready = inflateInit2(&m_stream, 15 + 16) == Z_OK;
    }
    ~GzipSource() override { inflateEnd(&m_stream); }
    GzipSource(const GzipSource &) = delete;
    GzipSource &operator=(const GzipSource &) = delete;

    Result<std::size_t> read(char *to, std::size_t most) override
    {
        if (!m_ready)
            return fail(Code::TooLarge, "gzip", "no memory for unpacking");
        const auto room = static_cast<uInt>(std::min<std::size_t>(most, 1U << 30));
        m_stream.next_out = reinterpret_cast<Bytef *>(to);
        m_stream.avail_out = room;
        while (m_stream.avail_out == room && !m_done) {
            if (m_stream.avail_in == 0) {
                const auto got = m_inner->read(m_input.data(), m_input.size());
                if (!got)
                    return got;
                if (*got == 0) {
                    m_done = true;
                    if (m_inMember)
                        return fail(Code::Malformed, "gzip", "the compressed data ends early");
                    break;
                }
                m_stream.next_in = reinterpret_cast<Bytef *>(m_input.data());
                m_stream.avail_in = static_cast<uInt>(*got);
            }
            if (!m_inMember) {
                if (m_members > 0 && *m_stream.next_in != 0x1f) {
                    m_done = true;
                    break;
                }
                inflateReset(&m_stream);
                m_inMember = true;
            }
            const int status = inflate(&m_stream, Z_NO_FLUSH);
            if (status == Z_STREAM_END) {
                m_inMember = false;
                ++m_members;
            } else if (status != Z_OK && status != Z_BUF_ERROR) {
                const auto made = room - m_stream.avail_out;
                m_done = true;
                if (made == 0)
                    return fail(Code::Malformed, "gzip",
                                m_stream.msg != nullptr ? m_stream.msg : "the compressed data is damaged");
                m_damage = m_stream.msg != nullptr ? m_stream.msg : "the compressed data is damaged";
            }
        }
        if (m_stream.avail_out == room && m_damage)
            return fail(Code::Malformed, "gzip", *std::exchange(m_damage, std::nullopt));
        return room - m_stream.avail_out;
    }
    std::uint64_t consumed() const override { return m_inner->consumed() - m_stream.avail_in; }

private:
    std::unique_ptr<ByteSource> m_inner;
    z_stream m_stream{};
    std::array<char, std::size_t{128} << 10> m_input;
    std::optional<std::string> m_damage;
    std::uint64_t m_members = 0;
    bool m_ready = false;
    bool m_inMember = true;
    bool m_done = false;
};

void appendUtf8(std::string &out, char32_t c)
{
    if (c < 0x80) {
        out += static_cast<char>(c);
        return;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    out += static_cast<char>((0xff00 >> (more + 1) & 0xff) | static_cast<int>(c >> (6 * more)));
    for (int k = more - 1; k >= 0; --k)
        out += static_cast<char>(0x80 | (c >> (6 * k) & 0x3f));
}

class Utf16Source final : public ByteSource
{
public:
    Utf16Source(std::unique_ptr<ByteSource> inner, bool bigEndian)
        : m_inner(std::move(inner))
        , m_bigEndian(bigEndian)
    {}
    Result<std::size_t> read(char *to, std::size_t most) override
    {
        while (m_given == m_text.size() && !m_done) {
            m_text.clear();
            m_given = 0;
            std::array<char, 32768> block;
            const auto got = m_inner->read(block.data(), block.size());
            if (!got)
                return got;
            m_bytes.append(block.data(), *got);
            m_done = *got == 0;
            // The last unit stays behind until what follows is known: it may be half of a pair.
            std::size_t usable = m_bytes.size() & ~std::size_t{1};
            if (!m_done)
                usable = usable >= 2 ? usable - 2 : 0;
            m_text = utf8FromUtf16({m_bytes.data(), usable}, m_bigEndian);
            if (usable >= 2 && !m_done) {
                const auto high = static_cast<unsigned char>(m_bytes[usable - (m_bigEndian ? 2 : 1)]);
                if (high >= 0xd8 && high < 0xdc) {
                    usable -= 2;
                    m_text.resize(m_text.size() - 3);
                }
            }
            m_bytes.erase(0, usable);
        }
        const auto count = std::min(most, m_text.size() - m_given);
        std::memcpy(to, m_text.data() + m_given, count);
        m_given += count;
        return count;
    }
    std::uint64_t consumed() const override { return m_inner->consumed(); }

private:
    std::unique_ptr<ByteSource> m_inner;
    std::string m_bytes, m_text;
    std::size_t m_given = 0;
    bool m_bigEndian;
    bool m_done = false;
};

} // namespace

std::string utf8FromUtf16(std::string_view bytes, bool bigEndian)
{
    std::string out;
    out.reserve(bytes.size());
    const auto unit = [&](std::size_t i) {
        const auto a = static_cast<unsigned char>(bytes[i]), b = static_cast<unsigned char>(bytes[i + 1]);
        return static_cast<char32_t>(bigEndian ? a << 8 | b : b << 8 | a);
    };
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        char32_t c = unit(i);
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < bytes.size() && (unit(i + 2) & 0xfc00) == 0xdc00) {
            c = 0x10000 + ((c - 0xd800) << 10) + (unit(i + 2) - 0xdc00);
            i += 2;
        } else if (c >= 0xd800 && c < 0xe000) {
            c = 0xfffd;
        }
        appendUtf8(out, c);
    }
    return out;
}

Result<std::unique_ptr<ByteSource>> openFile(const std::filesystem::path &file)
{
    constexpr std::string_view wanted = "a sign-in log";
    if (file == "-") {
        if (auto ok = mayRead(STDIN_FILENO, "-", wanted); !ok)
            return tl::unexpected(ok.error());
        return std::make_unique<FileSource>(STDIN_FILENO, "-");
    }
    if (auto ok = mayRead(file, wanted); !ok)
        return tl::unexpected(ok.error());
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail(errno == ENOENT || errno == ENOTDIR ? Code::NotFound : Code::Io, file.string(),
                    std::strerror(errno));
    auto source = std::make_unique<FileSource>(descriptor, file.string());
    struct stat about
    {};
    if (::fstat(descriptor, &about) == 0 && S_ISDIR(about.st_mode))
        return fail(Code::Malformed, file.string(), "this is a folder, not a file");
    ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    return source;
}

Result<Unpacked> unpacked(std::unique_ptr<ByteSource> source)
{
    // A gzip inside a gzip happens when a collector packs what was packed already; deeper than that is
    // hostile.
    for (int layer = 0; layer < 4; ++layer) {
        auto headed = HeadedSource::open(std::move(source), 4);
        if (!headed)
            return tl::unexpected(headed.error());
        const auto head = (*headed)->head();
        if (head.substr(0, 3) == std::string_view("\x1f\x8b\x08", 3)) {
            source = std::make_unique<GzipSource>(std::move(*headed));
            continue;
        }
        const bool little = head.substr(0, 2) == "\xff\xfe", big = head.substr(0, 2) == "\xfe\xff";
        if (little || big) {
            (*headed)->skip(2);
            return Unpacked{std::make_unique<Utf16Source>(std::move(*headed), big), 0};
        }
        const std::uint64_t mark = head.substr(0, 3) == "\xef\xbb\xbf" ? 3 : 0;
        (*headed)->skip(static_cast<std::size_t>(mark));
        return Unpacked{std::move(*headed), mark};
    }
    return fail(Code::Malformed, "gzip", "compressed more than three times over");
}

Result<std::size_t> TextSource::read(char *to, std::size_t most)
{
    const auto count = std::min(most, m_text.size() - m_given);
    std::memcpy(to, m_text.data() + m_given, count);
    m_given += count;
    return count;
}

Result<std::size_t> PartSource::read(char *to, std::size_t most)
{
    if (m_given < m_before.size()) {
        const auto count = std::min(most, m_before.size() - m_given);
        std::memcpy(to, m_before.data() + m_given, count);
        m_given += count;
        return count;
    }
    for (;;) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, m_end - m_at));
        const auto got = ::pread(m_descriptor, to, wanted, static_cast<off_t>(m_at));
        if (got >= 0) {
            m_at += static_cast<std::uint64_t>(got);
            return static_cast<std::size_t>(got);
        }
        if (errno != EINTR)
            return fail(Code::Io, {}, std::strerror(errno));
    }
}

Result<std::unique_ptr<HeadedSource>> HeadedSource::open(std::unique_ptr<ByteSource> inner, std::size_t most)
{
    auto source = std::make_unique<HeadedSource>();
    source->m_inner = std::move(inner);
    source->m_head.resize(most);
    std::size_t have = 0;
    while (have < most && !source->m_whole) {
        const auto got = source->m_inner->read(source->m_head.data() + have, most - have);
        if (!got && have == 0)
            return tl::unexpected(got.error());
        if (!got) {
            source->m_late = got.error();
            break;
        }
        source->m_whole = *got == 0;
        have += *got;
    }
    source->m_head.resize(have);
    return source;
}

Result<std::size_t> HeadedSource::read(char *to, std::size_t most)
{
    if (m_given < m_head.size()) {
        const auto count = std::min(most, m_head.size() - m_given);
        std::memcpy(to, m_head.data() + m_given, count);
        m_given += count;
        return count;
    }
    if (m_late)
        return tl::unexpected(*std::exchange(m_late, std::nullopt));
    return m_whole ? Result<std::size_t>(0) : m_inner->read(to, most);
}

} // namespace riskdesk::ingest

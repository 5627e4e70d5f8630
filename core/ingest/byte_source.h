// ByteSource: the bytes of a log, wherever they come from: a file, standard input, inside gzip or zip, in
// UTF-16. Used by one thread at a time. Memory use does not depend on the size of what is read.
#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace riskdesk::ingest {

class ByteSource
{
public:
    virtual ~ByteSource() = default;
    // 0 at the end. Code::Malformed: the packing is damaged, what was read before is sound; Io otherwise.
    [[nodiscard]] virtual Result<std::size_t> read(char *to, std::size_t most) = 0;
    // Bytes of the file on disk that have been used so far.
    [[nodiscard]] virtual std::uint64_t consumed() const = 0;
};

// "-" is standard input. NotFound, Io, Malformed (a directory).
[[nodiscard]] Result<std::unique_ptr<ByteSource>> openFile(const std::filesystem::path &file);
// What is behind gzip and UTF-16 marks, nested as they come; anything else is handed through.
struct Unpacked
{
    std::unique_ptr<ByteSource> source;
    std::uint64_t markBytes = 0; // a UTF-8 byte order mark that was taken away
};
[[nodiscard]] Result<Unpacked> unpacked(std::unique_ptr<ByteSource> source);

// A text in memory, which has to outlive its source.
class TextSource final : public ByteSource
{
public:
    explicit TextSource(std::string_view text)
        : m_text(text)
    {}
    [[nodiscard]] Result<std::size_t> read(char *to, std::size_t most) override;
    [[nodiscard]] std::uint64_t consumed() const override { return m_given; }

private:
    std::string_view m_text;
    std::size_t m_given = 0;
};

// A stretch of an open file, behind a text of one's own. The file's position is not moved, and it stays open.
class PartSource final : public ByteSource
{
public:
    PartSource(std::string before, int descriptor, std::uint64_t begin, std::uint64_t end)
        : m_before(std::move(before))
        , m_descriptor(descriptor)
        , m_begin(begin)
        , m_at(begin)
        , m_end(end)
    {}
    [[nodiscard]] Result<std::size_t> read(char *to, std::size_t most) override;
    [[nodiscard]] std::uint64_t consumed() const override { return m_at - m_begin; }

private:
    std::string m_before;
    std::size_t m_given = 0; // of it
    int m_descriptor;
    std::uint64_t m_begin, m_at, m_end;
};

// A source with its first bytes known in advance; reading starts with them again.
class HeadedSource final : public ByteSource
{
public:
    [[nodiscard]] static Result<std::unique_ptr<HeadedSource>> open(std::unique_ptr<ByteSource> inner,
                                                                    std::size_t most);
    [[nodiscard]] std::string_view head() const { return m_head; }
    [[nodiscard]] bool isWhole() const { return m_whole; } // the head is all there is
    [[nodiscard]] Result<std::size_t> read(char *to, std::size_t most) override;
    [[nodiscard]] std::uint64_t consumed() const override { return m_inner->consumed(); }
    // The first `count` bytes of the head are not read again.
    void skip(std::size_t count) { m_given = count; }

private:
    std::unique_ptr<ByteSource> m_inner;
    std::string m_head;
    std::size_t m_given = 0;
    bool m_whole = false;
    std::optional<Error> m_late; // an error met while reading ahead, told when its place is reached
};

// UTF-16 text, from its byte order mark on, as UTF-8; a lone surrogate reads as U+FFFD.
[[nodiscard]] std::string utf8FromUtf16(std::string_view bytes, bool bigEndian);

// A zip and its files, in the order of the archive.
class ZipArchive
{
public:
    struct Member
    {
        std::uint64_t index = 0;
        std::string name;
        std::uint64_t packedSize = 0;
        std::uint64_t size = 0;
        bool encrypted = false;
    };
    [[nodiscard]] static Result<std::unique_ptr<ZipArchive>> open(const std::filesystem::path &file);
    ~ZipArchive();
    ZipArchive(const ZipArchive &) = delete;
    ZipArchive &operator=(const ZipArchive &) = delete;
    // Without folders and the shadow files that macOS adds.
    [[nodiscard]] const std::vector<Member> &members() const { return m_members; }
    // `before` is the packed size of the members read already.
    [[nodiscard]] Result<std::unique_ptr<ByteSource>> open(const Member &member, std::uint64_t before);

private:
    explicit ZipArchive(void *archive)
        : m_archive(archive)
    {}
    void *m_archive; // zip_t
    std::vector<Member> m_members;
};

[[nodiscard]] bool looksLikeZip(std::string_view head);

// A path with a part that is hidden, or that a desktop leaves beside the files it shows ("__MACOSX", "._a").
[[nodiscard]] bool isShadow(std::string_view path);

} // namespace riskdesk::ingest

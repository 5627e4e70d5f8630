#include "core/connect/sealed_file.h"

#include "core/base/open_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace riskdesk::connect {
namespace {

class SealDescriptor
{
public:
    explicit SealDescriptor(int number)
        : m_number(number)
    {}
    SealDescriptor(SealDescriptor &&other) noexcept
        : m_number(std::exchange(other.m_number, -1))
    {}
    SealDescriptor &operator=(SealDescriptor &&) = delete;
    ~SealDescriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    [[nodiscard]] int get() const { return m_number; }

private:
    int m_number;
};

tl::unexpected<Error> sealFailed(const std::filesystem::path &file, int number)
{
    const bool full = number == ENOSPC || number == EDQUOT || number == EFBIG;
    return fail(number == ENOENT || number == ENOTDIR                    ? Code::NotFound
                : number == EACCES || number == EROFS || number == EPERM ? Code::ReadOnly
                : full                                                   ? Code::DiskFull
                                                                         : Code::Io,
                file.string(), std::strerror(number));
}

// What may not be read is not what may not be written.
tl::unexpected<Error> sealReadFailed(const std::filesystem::path &file, int number)
{
    return number == EACCES || number == EPERM ? fail(Code::Io, file.string(), std::strerror(number))
                                               : sealFailed(file, number);
}

// At most `most` bytes, and one more when there are more. An errno or 0.
int readSealBytes(int descriptor, std::string &into, std::size_t most)
{
    struct stat about
    {};
    if (::fstat(descriptor, &about) != 0)
        return errno;
    // In one piece: what is read may be a key, and growing would leave copies.
    into.resize(std::min(most, static_cast<std::size_t>(about.st_size)) + 1);
    std::size_t size = 0;
    while (size < into.size()) {
        const auto got = ::read(descriptor, into.data() + size, into.size() - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        size += static_cast<std::size_t>(got);
    }
    into.resize(size);
    return 0;
}

Status writeSealBytes(int descriptor, const std::filesystem::path &file, std::string_view bytes)
{
    // The process's own mask may have taken bits away.
    if (::fchmod(descriptor, 0600) != 0)
        return sealFailed(file, errno);
    while (!bytes.empty()) {
        const auto wrote = ::write(descriptor, bytes.data(), bytes.size());
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return sealFailed(file, errno);
        bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return ::fsync(descriptor) == 0 ? Status() : sealFailed(file, errno);
}

Status syncSealFolder(const std::filesystem::path &file)
{
    const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    const SealDescriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor.get() < 0)
        return sealFailed(folder, errno);
    // Some file systems do not know it.
    return ::fsync(descriptor.get()) == 0 || errno == EINVAL ? Status() : sealFailed(folder, errno);
}

// Under the lock: nobody else writes the file beside it.
Status replaceSealed(const std::filesystem::path &file, std::string_view bytes)
{
    const std::filesystem::path beside = file.string() + ".new";
    ::unlink(beside.c_str()); // of a process that ended half way
    const SealDescriptor descriptor(
        ::open(beside.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (descriptor.get() < 0)
        return sealFailed(file, errno);
    auto ok = writeSealBytes(descriptor.get(), file, bytes);
    if (ok && ::rename(beside.c_str(), file.c_str()) != 0)
        ok = sealFailed(file, errno);
    if (!ok) {
        ::unlink(beside.c_str());
        return ok;
    }
    return syncSealFolder(file);
}

// Held for the length of a write; the file stays, since who removes it would let two in.
Result<SealDescriptor> lockSealed(const std::filesystem::path &file)
{
    const std::filesystem::path lock = file.string() + ".lock";
    if (auto ok = mayRead(lock, "another name"); !ok)
        return tl::unexpected(ok.error());
    SealDescriptor descriptor(::open(lock.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (descriptor.get() < 0)
        return sealFailed(lock, errno);
    (void)::fchmod(descriptor.get(), 0600); // a mask may have taken our own bits; somebody else's stays
    while (::flock(descriptor.get(), LOCK_EX) != 0)
        if (errno != EINTR)
            return sealFailed(lock, errno);
    return descriptor;
}

Result<std::string> readSealed(const std::filesystem::path &file)
{
    if (auto ok = mayRead(file, "a file of secrets"); !ok)
        return tl::unexpected(ok.error());
    const SealDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (descriptor.get() < 0)
        return sealReadFailed(file, errno);
    std::string bytes;
    if (const int number = readSealBytes(descriptor.get(), bytes, longestSealed); number != 0)
        return sealReadFailed(file, number);
    return bytes;
}

// One name for one file, so that a link to it is not replaced by a file of its own.
std::filesystem::path resolvedSealed(const std::filesystem::path &file)
{
    std::error_code error;
    auto whole = std::filesystem::weakly_canonical(file, error);
    return error ? file : whole;
}

} // namespace

Result<SealKey> readKeyFile(const std::filesystem::path &file)
{
    if (auto ok = mayRead(file, "a key file"); !ok)
        return tl::unexpected(ok.error());
    const SealDescriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat about
    {};
    if (descriptor.get() < 0 || ::fstat(descriptor.get(), &about) != 0)
        return sealReadFailed(file, errno);
    if (!S_ISREG(about.st_mode))
        return fail(Code::WrongUsage, file.string(), "it is no file");
    if (about.st_uid != ::geteuid())
        return fail(Code::NotAllowed, file.string(),
                    fmt::format("The key file \"{}\" belongs to another account.", file.string()));
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail(
            Code::NotAllowed, file.string(),
            fmt::format("Others can read or write the key file \"{}\". Give it mode 0600.", file.string()));
    std::string bytes;
    const int number = readSealBytes(descriptor.get(), bytes, sealKeySize);
    SealKey key{SealKey::Form::KeyFile, Secret::taking(std::move(bytes))};
    if (number != 0)
        return sealReadFailed(file, number);
    if (key.secret.size() != sealKeySize)
        return fail(Code::Malformed, file.string(), "a key file has 32 bytes");
    return key;
}

Status makeKeyFile(const std::filesystem::path &file)
{
    const SealDescriptor descriptor(
        ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (descriptor.get() < 0)
        return errno == EEXIST ? fail(Code::Conflict, file.string(), "the file exists already")
                               : sealFailed(file, errno);
    const auto key = newKeyFileKey();
    if (auto ok = writeSealBytes(descriptor.get(), file, key.secret.reveal()); !ok) {
        ::unlink(file.c_str());
        return ok;
    }
    return syncSealFolder(file);
}

std::filesystem::path SealedFile::beside(const std::filesystem::path &directoryFile)
{
    return directoryFile.string() + ".secrets";
}

SealedFile::SealedFile(std::filesystem::path file, std::string header, Secret key)
    : m_file(std::move(file))
    , m_header(std::move(header))
    , m_key(std::move(key))
{}

Result<SealedFile> SealedFile::make(const std::filesystem::path &file, const SealKey &key, SealCost cost)
{
    const auto whole = resolvedSealed(file);
    if (auto ok = maySeal(whole, key, cost); !ok)
        return tl::unexpected(ok.error());
    auto header = newSealHeader(key.form, cost);
    auto derived = deriveSealKey(whole, header, key); // takes its time: not under the lock
    if (!derived)
        return tl::unexpected(derived.error());
    const auto lock = lockSealed(whole);
    if (!lock)
        return tl::unexpected(lock.error());
    std::error_code ignored;
    if (std::filesystem::exists(std::filesystem::symlink_status(whole, ignored)))
        return fail(Code::Conflict, file.string(), "the file exists already");
    const auto sealed = sealEntries(whole, header, *derived, {});
    if (!sealed)
        return tl::unexpected(sealed.error());
    if (auto ok = replaceSealed(whole, *sealed); !ok)
        return tl::unexpected(ok.error());
    return SealedFile(whole, std::move(header), std::move(*derived));
}

Result<SealedFile> SealedFile::open(const std::filesystem::path &file, const SealKey &key)
{
    const auto whole = resolvedSealed(file);
    const auto sealed = readSealed(whole);
    if (!sealed)
        return tl::unexpected(sealed.error());
    const auto header = sealHeaderOf(whole, *sealed);
    if (!header)
        return tl::unexpected(header.error());
    auto derived = deriveSealKey(whole, *header, key);
    if (!derived)
        return tl::unexpected(derived.error());
    if (auto entries = unsealEntries(whole, *sealed, *derived); !entries)
        return tl::unexpected(entries.error());
    return SealedFile(whole, std::string(*header), std::move(*derived));
}

Result<SealedEntries> SealedFile::entries() const
{
    const auto sealed = readSealed(m_file);
    if (!sealed && sealed.error().code == Code::NotFound)
        return fail(Code::Conflict, m_file.string(),
                    fmt::format("\"{}\" was removed while it was open.", m_file.string()));
    if (!sealed)
        return tl::unexpected(sealed.error());
    const auto header = sealHeaderOf(m_file, *sealed);
    if (!header)
        return tl::unexpected(header.error());
    if (*header != m_header)
        return fail(Code::Conflict, m_file.string(),
                    fmt::format("\"{}\" was given another key meanwhile. Open it again.", m_file.string()));
    return unsealEntries(m_file, *sealed, m_key);
}

Status SealedFile::change(const std::function<void(SealedEntries &)> &what)
{
    const auto lock = lockSealed(m_file);
    if (!lock)
        return tl::unexpected(lock.error());
    auto all = entries();
    if (!all)
        return tl::unexpected(all.error());
    what(*all);
    const auto sealed = sealEntries(m_file, m_header, m_key, *all);
    return sealed ? replaceSealed(m_file, *sealed) : tl::unexpected(sealed.error());
}

Result<std::optional<Secret>> SealedFile::get(std::string_view name)
{
    if (auto ok = checkSecretName(name); !ok)
        return tl::unexpected(ok.error());
    auto all = entries();
    if (!all)
        return tl::unexpected(all.error());
    const auto found = all->find(name);
    return found == all->end() ? std::optional<Secret>() : std::optional(std::move(found->second));
}

Status SealedFile::set(std::string_view name, const Secret &secret)
{
    if (auto ok = checkSecret(name, secret); !ok)
        return ok;
    return change([&](SealedEntries &all) { all.insert_or_assign(std::string(name), secret.copy()); });
}

Result<bool> SealedFile::replace(std::string_view name, const std::function<bool(const Secret &)> &is,
                                 const Secret &secret)
{
    if (auto ok = checkSecret(name, secret); !ok)
        return tl::unexpected(ok.error());
    bool replaced = false;
    const auto changed = change([&](SealedEntries &all) {
        const auto found = all.find(name);
        replaced = found != all.end() && is(found->second);
        if (replaced)
            found->second = secret.copy();
    });
    return changed ? Result<bool>(replaced) : tl::unexpected(changed.error());
}

Status SealedFile::forget(std::string_view name)
{
    if (auto ok = checkSecretName(name); !ok)
        return ok;
    return change([&](SealedEntries &all) {
        if (const auto found = all.find(name); found != all.end())
            all.erase(found);
    });
}

Result<std::vector<std::string>> SealedFile::names()
{
    const auto all = entries();
    if (!all)
        return tl::unexpected(all.error());
    std::vector<std::string> names;
    for (const auto &[name, secret] : *all)
        names.push_back(name);
    return names;
}

Status SealedFile::rekey(const SealKey &key, SealCost cost)
{
    if (auto ok = maySeal(m_file, key, cost); !ok)
        return ok;
    auto header = newSealHeader(key.form, cost);
    auto derived = deriveSealKey(m_file, header, key);
    if (!derived)
        return tl::unexpected(derived.error());
    const auto lock = lockSealed(m_file);
    if (!lock)
        return tl::unexpected(lock.error());
    const auto all = entries();
    if (!all)
        return tl::unexpected(all.error());
    const auto sealed = sealEntries(m_file, header, *derived, *all);
    if (!sealed)
        return tl::unexpected(sealed.error());
    if (auto ok = replaceSealed(m_file, *sealed); !ok)
        return ok;
    m_header = std::move(header);
    m_key = std::move(*derived);
    return {};
}

} // namespace riskdesk::connect

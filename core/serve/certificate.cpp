#include "core/serve/certificate.h"

#include "core/base/ip_address.h"
#include "core/base/open_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <optional>
#include <string_view>

namespace riskdesk::serve {
namespace {

constexpr std::int64_t secondsOfDay = 24 * 60 * 60;
constexpr std::int64_t validFor = 397 * secondsOfDay;
constexpr std::int64_t renewedBefore = 30 * secondsOfDay;

struct Free
{
    void operator()(X509 *x) const { X509_free(x); }
    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }
    void operator()(BIO *bio) const { BIO_free_all(bio); }
    void operator()(X509_EXTENSION *extension) const { X509_EXTENSION_free(extension); }
    void operator()(GENERAL_NAMES *names) const { GENERAL_NAMES_free(names); }
    void operator()(ASN1_TIME *time) const { ASN1_TIME_free(time); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

class Descriptor
{
public:
    explicit Descriptor(int number)
        : m_number(number)
    {}
    ~Descriptor()
    {
        if (m_number >= 0)
            ::close(m_number);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    [[nodiscard]] int get() const { return m_number; }

private:
    int m_number;
};

tl::unexpected<Error> failed(const std::filesystem::path &file, int number)
{
    const Code code = number == EACCES || number == EPERM || number == EROFS ? Code::ReadOnly
                      : number == ENOSPC || number == EDQUOT                 ? Code::DiskFull
                      : number == ENOENT || number == ENOTDIR                ? Code::NotFound
                                                                             : Code::Io;
    return fail(code, file.string(), std::strerror(number));
}

std::time_t seconds(Timestamp time)
{
    return static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(Microseconds(time.us)).count());
}

std::vector<std::string> withLoopback(const std::vector<std::string> &names)
{
    std::vector<std::string> all{"localhost", "127.0.0.1", "::1"};
    for (const auto &name : names)
        if (std::ranges::find(all, name) == all.end())
            all.push_back(name);
    return all;
}

bool isHostName(std::string_view name)
{
    return !name.empty() && name.size() <= 253 && name.front() != '.' && name.front() != '-' &&
           std::ranges::all_of(name, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '-' || c == '.' || c == '_';
           });
}

Owned<X509> readCertificate(const std::filesystem::path &file)
{
    const Owned<BIO> bio(BIO_new_file(file.c_str(), "r"));
    Owned<X509> x(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
    ERR_clear_error();
    return x;
}

Owned<EVP_PKEY> readKey(const std::filesystem::path &file)
{
    // Without this, OpenSSL would ask the terminal for a passphrase.
    const auto noPassphrase = [](char *, int, int, void *) { return -1; };
    const Owned<BIO> bio(BIO_new_file(file.c_str(), "r"));
    Owned<EVP_PKEY> key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassphrase, nullptr) : nullptr);
    ERR_clear_error();
    return key;
}

bool isFor(X509 *x, const std::string &name)
{
    if (IpAddress::parse(name))
        return X509_check_ip_asc(x, name.c_str(), 0) == 1;
    return X509_check_host(x, name.c_str(), name.size(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1;
}

bool isUsable(const CertificateFiles &files, const std::vector<std::string> &names, Timestamp now)
{
    const auto x = readCertificate(files.certificate);
    const auto key = x ? readKey(files.key) : nullptr;
    if (!x || !key)
        return false;
    const bool pair = X509_check_private_key(x.get(), key.get()) == 1;
    ERR_clear_error();
    std::time_t today = seconds(now), later = today + renewedBefore;
    // X509_cmp_time: 1 when the certificate's time is after the other.
    return pair && X509_cmp_time(X509_get0_notBefore(x.get()), &today) < 0 &&
           X509_cmp_time(X509_get0_notAfter(x.get()), &later) > 0 &&
           std::ranges::all_of(names, [&](const auto &name) { return isFor(x.get(), name); });
}

bool setNames(X509 *x, const std::vector<std::string> &names)
{
    const Owned<GENERAL_NAMES> all(GENERAL_NAMES_new());
    for (const auto &name : names) {
        GENERAL_NAME *one = GENERAL_NAME_new();
        if (IpAddress::parse(name)) {
            GENERAL_NAME_set0_value(one, GEN_IPADD, a2i_IPADDRESS(name.c_str()));
        } else {
            ASN1_IA5STRING *text = ASN1_IA5STRING_new();
            ASN1_STRING_set(text, name.data(), static_cast<int>(name.size()));
            GENERAL_NAME_set0_value(one, GEN_DNS, text);
        }
        sk_GENERAL_NAME_push(all.get(), one);
    }
    return X509_add1_ext_i2d(x, NID_subject_alt_name, all.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

bool setExtension(X509 *x, int kind, const char *value)
{
    const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
    return extension && X509_add_ext(x, extension.get(), -1) == 1;
}

bool setSerial(X509 *x)
{
    // Twenty bytes at most, above zero (RFC 5280 section 4.1.2.2).
    std::array<unsigned char, 20> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        return false;
    bytes[0] = static_cast<unsigned char>((bytes[0] & 0x3f) | 0x40);
    BIGNUM *number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
    const bool done = number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != nullptr;
    BN_free(number);
    return done;
}

bool setTime(ASN1_TIME *field, std::time_t time)
{
    return ASN1_TIME_set(field, time) != nullptr; // UTCTime or GeneralizedTime, as the year asks
}

Owned<X509> makeCertificate(EVP_PKEY *key, const std::vector<std::string> &names, Timestamp now)
{
    Owned<X509> x(X509_new());
    if (!x)
        return nullptr;
    const std::time_t from = seconds(now);
    auto *subject = X509_get_subject_name(x.get());
    const std::string_view title = "Riskdesk";
    const bool done = X509_set_version(x.get(), 2) == 1 && setSerial(x.get()) &&
                      setTime(X509_getm_notBefore(x.get()), from) &&
                      setTime(X509_getm_notAfter(x.get()), from + validFor) &&
                      X509_set_pubkey(x.get(), key) == 1 &&
                      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                                 reinterpret_cast<const unsigned char *>(title.data()),
                                                 static_cast<int>(title.size()), -1, 0) == 1 &&
                      X509_set_issuer_name(x.get(), subject) == 1 &&
                      setExtension(x.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                      setExtension(x.get(), NID_key_usage, "critical,digitalSignature") &&
                      setExtension(x.get(), NID_ext_key_usage, "serverAuth") && setNames(x.get(), names) &&
                      X509_sign(x.get(), key, EVP_sha256()) != 0;
    return done ? std::move(x) : nullptr;
}

std::string_view content(BIO *bio)
{
    char *data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return size > 0 ? std::string_view(data, static_cast<std::size_t>(size)) : std::string_view();
}

// Beside `file` and whole on the disk, to be moved to it: a file that is there under its name is never half.
Result<std::filesystem::path> writeBeside(const std::filesystem::path &file, std::string_view text,
                                          mode_t mode)
{
    const std::filesystem::path beside = file.string() + ".new";
    ::unlink(beside.c_str()); // of a process that ended half way
    const Descriptor descriptor(
        ::open(beside.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, mode));
    if (descriptor.get() < 0)
        return failed(file, errno);
    while (!text.empty()) {
        const auto wrote = ::write(descriptor.get(), text.data(), text.size());
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0) {
            const int number = errno;
            ::unlink(beside.c_str());
            return failed(file, number);
        }
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    if (::fsync(descriptor.get()) != 0) {
        const int number = errno;
        ::unlink(beside.c_str());
        return failed(file, number);
    }
    return beside;
}

Status writePair(const CertificateFiles &files, std::string_view certificate, std::string_view key)
{
    auto newKey = writeBeside(files.key, key, 0600);
    if (!newKey)
        return tl::unexpected(newKey.error());
    auto newCertificate = writeBeside(files.certificate, certificate, 0644);
    if (!newCertificate) {
        ::unlink(newKey->c_str());
        return tl::unexpected(newCertificate.error());
    }
    // Whoever dies between the two leaves a pair that does not match, which is made anew next time.
    if (::rename(newKey->c_str(), files.key.c_str()) != 0) {
        const int number = errno;
        ::unlink(newKey->c_str());
        ::unlink(newCertificate->c_str());
        return failed(files.key, number);
    }
    if (::rename(newCertificate->c_str(), files.certificate.c_str()) != 0) {
        const int number = errno;
        ::unlink(files.key.c_str());
        ::unlink(newCertificate->c_str());
        return failed(files.certificate, number);
    }
    return {};
}

Status makePair(const CertificateFiles &files, const std::vector<std::string> &names, Timestamp now)
{
    const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
    const auto x = key ? makeCertificate(key.get(), names, now) : nullptr;
    const Owned<BIO> certificateText(BIO_new(BIO_s_mem()));
    const Owned<BIO> keyText(BIO_new(BIO_s_secmem()));
    const bool made =
        x && certificateText && keyText && PEM_write_bio_X509(certificateText.get(), x.get()) == 1 &&
        PEM_write_bio_PKCS8PrivateKey(keyText.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
    if (!made) {
        const char *reason = ERR_reason_error_string(ERR_peek_last_error());
        ERR_clear_error();
        return fail(Code::Bug, "certificate", reason != nullptr ? reason : "it cannot be made");
    }
    return writePair(files, content(certificateText.get()), content(keyText.get()));
}

} // namespace

Result<CertificateFiles> ownCertificate(const std::filesystem::path &directoryFile,
                                        const std::vector<std::string> &names, const Clock &clock)
{
    for (const auto &name : names)
        if (!IpAddress::parse(name) && !isHostName(name))
            return fail(Code::WrongUsage, name,
                        fmt::format("\"{}\" is neither a host name nor an address in numbers.", name));
    std::filesystem::path base = directoryFile;
    if (base.extension() != ".riskdesk")
        base += ".riskdesk";
    const CertificateFiles files{base.string() + ".crt", base.string() + ".key"};
    for (const auto &file : {files.certificate, files.key})
        if (auto ok = mayRead(file, "another directory"); !ok)
            return tl::unexpected(ok.error());

    // The folder is what processes wait for each other at: a file for that would be left behind, and the
    // directory file's locks are SQLite's.
    const auto folder = base.has_parent_path() ? base.parent_path() : std::filesystem::path(".");
    const Descriptor lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.get() < 0)
        return failed(folder, errno);
    // Network file systems may not know how; then two at once may have to start again.
    while (::flock(lock.get(), LOCK_EX) != 0 && errno == EINTR) {
    }
    const auto all = withLoopback(names);
    const auto now = clock.now();
    if (isUsable(files, all, now))
        return files;
    if (auto ok = makePair(files, all, now); !ok)
        return tl::unexpected(ok.error());
    ::fsync(lock.get()); // the new names; if it fails they are made anew after a power cut
    return files;
}

Result<std::string> fingerprint(const std::filesystem::path &certificate)
{
    if (auto ok = mayRead(certificate, "a certificate"); !ok)
        return tl::unexpected(ok.error());
    if (::access(certificate.c_str(), R_OK) != 0)
        return fail(errno == ENOENT || errno == ENOTDIR ? Code::NotFound : Code::Io, certificate.string(),
                    std::strerror(errno));
    const auto x = readCertificate(certificate);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (!x || X509_digest(x.get(), EVP_sha256(), digest.data(), &size) != 1)
        return fail(Code::WrongUsage, certificate.string(),
                    fmt::format("\"{}\" is no certificate in PEM.", certificate.string()));
    std::string text;
    for (unsigned i = 0; i < size; ++i)
        text += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
    return text;
}

} // namespace riskdesk::serve

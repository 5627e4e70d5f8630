#include "core/connect/sealed_list.h"

#include <fmt/format.h>
#include <sodium.h>

#include <utility>

namespace riskdesk::connect {
namespace {

constexpr std::string_view sealMark = "RDsecret";
constexpr std::uint32_t sealVersion = 1;
constexpr std::size_t sealVersionAt = 8, sealFormAt = 12, sealPassesAt = 16, sealMemoryAt = 24,
                      sealSaltAt = 32, sealHeaderSize = 48;
constexpr std::size_t sealSaltSize = crypto_pwhash_SALTBYTES, sealDigestSize = 32;
constexpr std::size_t sealStreamHeaderSize = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t sealTagSize = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr std::size_t sealPadding = 512; // so that the size of the file tells little
constexpr std::size_t shortestSealed =
    sealHeaderSize + sealStreamHeaderSize + 2 * sealTagSize + sealPadding + sealDigestSize;
// A header is read before it can be trusted: what it asks for is bounded.
constexpr std::uint64_t mostSealPasses = 64, mostSealMemory = std::uint64_t{4} << 30;
static_assert(sealSaltAt + sealSaltSize == sealHeaderSize &&
              sealKeySize == crypto_secretstream_xchacha20poly1305_KEYBYTES);

void sealReady()
{
    [[maybe_unused]] static const int once = sodium_init();
}

const unsigned char *sealOctets(std::string_view text)
{
    return reinterpret_cast<const unsigned char *>(text.data());
}

unsigned char *sealOctets(std::string &text)
{
    return reinterpret_cast<unsigned char *>(text.data());
}

// Text with secrets in it, for the length of a scope. It is given its size first: growing would leave copies.
struct WipedSealText
{
    explicit WipedSealText(std::size_t size)
        : text(size, '\0')
    {}
    WipedSealText(const WipedSealText &) = delete;
    WipedSealText &operator=(const WipedSealText &) = delete;
    ~WipedSealText() { wipe(text); }
    std::string text;
};

struct SealStream
{
    SealStream() = default;
    SealStream(const SealStream &) = delete;
    SealStream &operator=(const SealStream &) = delete;
    ~SealStream() { sodium_memzero(&state, sizeof state); }
    crypto_secretstream_xchacha20poly1305_state state{};
};

tl::unexpected<Error> sealDamaged(const std::filesystem::path &file)
{
    return fail(Code::Malformed, file.string(), "restore the file from a backup");
}

void putSealNumber(std::string &to, std::size_t at, std::uint64_t number, std::size_t bytes)
{
    for (std::size_t i = 0; i < bytes; ++i)
        to[at + i] = static_cast<char>(static_cast<unsigned char>(number >> (8 * i)));
}

std::uint64_t sealNumberAt(std::string_view from, std::size_t at, std::size_t bytes)
{
    std::uint64_t number = 0;
    for (std::size_t i = bytes; i-- > 0;)
        number = number << 8 | static_cast<unsigned char>(from[at + i]);
    return number;
}

bool maySealCost(std::uint64_t passes, std::uint64_t memory)
{
    return passes >= crypto_pwhash_OPSLIMIT_MIN && passes <= mostSealPasses &&
           memory >= crypto_pwhash_MEMLIMIT_MIN && memory <= mostSealMemory;
}

bool isSealHeader(std::string_view header)
{
    const auto form = sealNumberAt(header, sealFormAt, 4);
    if (form == static_cast<std::uint64_t>(SealKey::Form::Passphrase))
        return maySealCost(sealNumberAt(header, sealPassesAt, 8), sealNumberAt(header, sealMemoryAt, 8));
    return form == static_cast<std::uint64_t>(SealKey::Form::KeyFile);
}

} // namespace

SealCost SealCost::standard()
{
    return {crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE};
}

SealKey newKeyFileKey()
{
    sealReady();
    WipedSealText bytes(sealKeySize);
    randombytes_buf(bytes.text.data(), sealKeySize);
    return {SealKey::Form::KeyFile, Secret::taking(std::move(bytes.text))};
}

std::string sealDigestOf(std::string_view bytes)
{
    std::string digest(sealDigestSize, '\0');
    crypto_generichash(sealOctets(digest), sealDigestSize, sealOctets(bytes), bytes.size(), nullptr, 0);
    return digest;
}

Status maySeal(const std::filesystem::path &file, const SealKey &key, SealCost cost)
{
    if (key.form == SealKey::Form::KeyFile)
        return key.secret.size() == sealKeySize ? Status()
                                                : fail(Code::WrongUsage, file.string(), "a key has 32 bytes");
    if (key.secret.size() < shortestSealPassphrase || key.secret.size() > longestSealPassphrase)
        return fail(
            Code::WrongUsage, file.string(),
            fmt::format("A passphrase has {} to {} bytes.", shortestSealPassphrase, longestSealPassphrase));
    if (!maySealCost(cost.passes, cost.memory))
        return fail(Code::WrongUsage, file.string(), "the cost of the passphrase is out of bounds");
    return {};
}

std::string newSealHeader(SealKey::Form form, SealCost cost)
{
    sealReady();
    std::string header(sealHeaderSize, '\0');
    header.replace(0, sealMark.size(), sealMark);
    putSealNumber(header, sealVersionAt, sealVersion, 4);
    putSealNumber(header, sealFormAt, static_cast<std::uint64_t>(form), 4);
    if (form == SealKey::Form::Passphrase) {
        putSealNumber(header, sealPassesAt, cost.passes, 8);
        putSealNumber(header, sealMemoryAt, cost.memory, 8);
    }
    randombytes_buf(header.data() + sealSaltAt, sealSaltSize);
    return header;
}

Result<std::string_view> sealHeaderOf(const std::filesystem::path &file, std::string_view bytes)
{
    sealReady();
    if (bytes.size() < sealFormAt + sealDigestSize || bytes.size() > longestSealed ||
        !bytes.starts_with(sealMark))
        return sealDamaged(file);
    const auto body = bytes.substr(0, bytes.size() - sealDigestSize);
    if (sealDigestOf(body) != bytes.substr(body.size()))
        return sealDamaged(file);
    const auto version = sealNumberAt(bytes, sealVersionAt, 4);
    if (version > sealVersion)
        return fail(Code::StoreTooNew, file.string());
    if (version != sealVersion || bytes.size() < shortestSealed || !isSealHeader(bytes))
        return sealDamaged(file);
    return bytes.substr(0, sealHeaderSize);
}

Result<Secret> deriveSealKey(const std::filesystem::path &file, std::string_view header, const SealKey &key)
{
    if (sealNumberAt(header, sealFormAt, 4) != static_cast<std::uint64_t>(key.form))
        return fail(
            Code::NotAllowed, file.string(),
            key.form == SealKey::Form::KeyFile
                ? fmt::format("\"{}\" is opened with a passphrase, not with a key file.", file.string())
                : fmt::format("\"{}\" is opened with a key file, not with a passphrase.", file.string()));
    sealReady();
    const auto salt = header.substr(sealSaltAt, sealSaltSize);
    const auto secret =
        key.secret.empty() ? std::string_view("") : key.secret.reveal(); // never a null pointer
    WipedSealText derived(sealKeySize);
    if (key.form == SealKey::Form::KeyFile) {
        crypto_generichash(sealOctets(derived.text), sealKeySize, sealOctets(salt), sealSaltSize,
                           sealOctets(secret), secret.size());
    } else if (crypto_pwhash(sealOctets(derived.text), sealKeySize, secret.data(), secret.size(),
                             sealOctets(salt), sealNumberAt(header, sealPassesAt, 8),
                             static_cast<std::size_t>(sealNumberAt(header, sealMemoryAt, 8)),
                             crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return fail(Code::Io, file.string(),
                    fmt::format("looking at a passphrase needs {} MiB of memory",
                                sealNumberAt(header, sealMemoryAt, 8) >> 20));
    }
    return Secret::taking(std::move(derived.text));
}

Result<std::string> sealEntries(const std::filesystem::path &file, std::string_view header, const Secret &key,
                                const SealedEntries &entries)
{
    std::size_t size = 0;
    for (const auto &[name, secret] : entries)
        size += 8 + name.size() + secret.size();
    const std::size_t padded = (size / sealPadding + 1) * sealPadding;
    const std::size_t clear = sealHeaderSize + sealStreamHeaderSize;
    if (clear + 2 * sealTagSize + padded + sealDigestSize > longestSealed)
        return fail(Code::TooLarge, file.string(), "8 MiB of secrets at most");
    WipedSealText plain(padded);
    std::size_t at = 0;
    const auto put = [&](std::string_view text) {
        putSealNumber(plain.text, at, text.size(), 4);
        plain.text.replace(at + 4, text.size(), text);
        at += 4 + text.size();
    };
    for (const auto &[name, secret] : entries) {
        put(name);
        put(secret.reveal());
    }
    std::size_t withPadding = 0;
    sodium_pad(&withPadding, sealOctets(plain.text), size, sealPadding, padded);

    std::string sealed(header);
    sealed.resize(clear + 2 * sealTagSize + padded);
    SealStream stream;
    unsigned char *const to = sealOctets(sealed);
    crypto_secretstream_xchacha20poly1305_init_push(&stream.state, to + sealHeaderSize,
                                                    sealOctets(key.reveal()));
    crypto_secretstream_xchacha20poly1305_push(&stream.state, to + clear, nullptr, nullptr, 0,
                                               sealOctets(header), sealHeaderSize,
                                               crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
    crypto_secretstream_xchacha20poly1305_push(
        &stream.state, to + clear + sealTagSize, nullptr, sealOctets(plain.text), padded, sealOctets(header),
        sealHeaderSize, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
    return sealed + sealDigestOf(sealed);
}

Result<SealedEntries> unsealEntries(const std::filesystem::path &file, std::string_view sealed,
                                    const Secret &key)
{
    const auto header = sealed.substr(0, sealHeaderSize);
    auto rest = sealed.substr(sealHeaderSize, sealed.size() - sealHeaderSize - sealDigestSize);
    SealStream stream;
    unsigned char tag = 0;
    const auto pull = [&](unsigned char *to, std::string_view message) {
        return crypto_secretstream_xchacha20poly1305_pull(&stream.state, to, nullptr, &tag,
                                                          sealOctets(message), message.size(),
                                                          sealOctets(header), sealHeaderSize) == 0;
    };
    if (crypto_secretstream_xchacha20poly1305_init_pull(&stream.state, sealOctets(rest),
                                                        sealOctets(key.reveal())) != 0)
        return sealDamaged(file);
    rest.remove_prefix(sealStreamHeaderSize);
    unsigned char nothing = 0;
    if (!pull(&nothing, rest.substr(0, sealTagSize)))
        return fail(Code::NotAllowed, file.string(),
                    sealNumberAt(header, sealFormAt, 4) == static_cast<std::uint64_t>(SealKey::Form::KeyFile)
                        ? fmt::format("\"{}\" is opened with another key file.", file.string())
                        : fmt::format("The passphrase of \"{}\" is wrong.", file.string()));
    rest.remove_prefix(sealTagSize);
    WipedSealText plain(rest.size() - sealTagSize);
    std::size_t size = 0;
    if (!pull(sealOctets(plain.text), rest) || tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL ||
        sodium_unpad(&size, sealOctets(plain.text), plain.text.size(), sealPadding) != 0)
        return sealDamaged(file);
    auto list = std::string_view(plain.text).substr(0, size);
    const auto take = [&](std::string_view &text) {
        if (list.size() < 4)
            return false;
        const auto length = sealNumberAt(list, 0, 4);
        list.remove_prefix(4);
        if (length > list.size())
            return false;
        text = list.substr(0, length);
        list.remove_prefix(length);
        return true;
    };
    SealedEntries entries;
    while (!list.empty()) {
        std::string_view name, secret;
        if (!take(name) || !take(secret))
            return sealDamaged(file);
        entries.insert_or_assign(std::string(name), Secret(secret));
    }
    return entries;
}

} // namespace riskdesk::connect

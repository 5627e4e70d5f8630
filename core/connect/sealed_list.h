// What a sealed file (sealed_file.h) holds: bytes made of names and secrets, and back. Opens no file; `file` is
// what errors are about. Any thread.
//
// Layout, numbers little-endian: "RDsecret"; version, 4 bytes; form of the key, 4; passes, 8; bytes of memory,
// 8; salt, 16. Then the stream: its header, 24; an empty message, by which a wrong key is known; the list,
// each name and each secret after its length in 4 bytes, padded to 512. At the end 32 bytes of BLAKE2b over
// all before, by which damage is told from a wrong passphrase. The first 12 bytes and the last 32 mean the
// same in every version.
#pragma once

#include "core/base/result.h"
#include "core/connect/secret.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace riskdesk::connect {

inline constexpr std::size_t shortestSealPassphrase = 8; // bytes; as an operator's
inline constexpr std::size_t longestSealPassphrase = 1024;
inline constexpr std::size_t sealKeySize = 32;
inline constexpr std::size_t longestSealed = std::size_t{8} << 20;

// What deriving the key costs, in libsodium's units: passes, and bytes of memory. Written into the file, so
// it can rise.
struct SealCost
{
    unsigned long long passes;
    std::size_t memory;
    [[nodiscard]] static SealCost standard(); // its MODERATE limits: 256 MiB, most of a second
};

// What opens a sealed file.
struct SealKey
{
    enum class Form : std::uint8_t {
        Passphrase = 1,
        KeyFile = 2 // 32 random bytes; needs no Argon2id
    };
    Form form = Form::Passphrase;
    Secret secret;
};

using SealedEntries = std::map<std::string, Secret, std::less<>>;

[[nodiscard]] SealKey newKeyFileKey();
// What stands at the end of a file, of all before.
[[nodiscard]] std::string sealDigestOf(std::string_view bytes);

// Code::WrongUsage for a passphrase that is too short or too long, and a cost that is out of bounds.
[[nodiscard]] Status maySeal(const std::filesystem::path &file, const SealKey &key, SealCost cost);
// With a salt of its own.
[[nodiscard]] std::string newSealHeader(SealKey::Form form, SealCost cost);
// Of a whole file, which it is a view of. Malformed, StoreTooNew.
[[nodiscard]] Result<std::string_view> sealHeaderOf(const std::filesystem::path &file,
                                                    std::string_view bytes);
// NotAllowed when the header asks for a key of the other form; Io when there is too little memory.
[[nodiscard]] Result<Secret> deriveSealKey(const std::filesystem::path &file, std::string_view header,
                                           const SealKey &key);
// A whole file. TooLarge.
[[nodiscard]] Result<std::string> sealEntries(const std::filesystem::path &file, std::string_view header,
                                              const Secret &derived, const SealedEntries &entries);
// Of a file that sealHeaderOf() found sound. NotAllowed when the key is another one; Malformed.
[[nodiscard]] Result<SealedEntries> unsealEntries(const std::filesystem::path &file, std::string_view sealed,
                                                  const Secret &derived);

} // namespace riskdesk::connect

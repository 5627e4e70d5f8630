// SealedFile: the secrets of a directory in an encrypted file beside it, "<directory>.secrets".
//
// It is opened with a passphrase, or on servers with a key file. A passphrase becomes a key by Argon2id
// (RFC 9106) with salt and cost of the file's own; the list of names and secrets is sealed with libsodium's
// secretstream (XChaCha20-Poly1305), and so is the header, as additional data. While it is open the derived
// key is kept, not the passphrase. Nothing of the list is kept: each call reads the file, so that what others
// wrote is seen.
//
//     auto key = readKeyFile("/etc/riskdesk/secrets.key");
//     auto file = SealedFile::open(SealedFile::beside("shop.riskdesk"), *key);
//     auto secret = file->get("connector/3/clientSecret");
//
// A change is made under a lock ("<file>.lock") on what is there by then, written to a new file, synced and
// renamed: two processes lose nothing of each other, and a write that fails leaves the old file. Mode 0600.
// It does not find out that an older copy was put in its place.
//
// Errors besides SecretStore's: Conflict, it was given another key or removed while it was open; Malformed,
// damaged or cut; StoreTooNew; TooLarge, no room for more; ReadOnly, DiskFull, Io.
#pragma once

#include "core/connect/sealed_list.h"
#include "core/connect/secret_store.h"

#include <filesystem>
#include <functional>

namespace riskdesk::connect {

// Of a key file that nobody else can read. NotFound; NotAllowed when it belongs to another account or others
// can read or write it; Malformed when it does not hold exactly 32 bytes; WrongUsage when it is a directory
// file or no file at all; Io.
[[nodiscard]] Result<SealKey> readKeyFile(const std::filesystem::path &file);
// A new one of the system's randomness, mode 0600. Conflict when something has that name; ReadOnly, DiskFull,
// Io.
[[nodiscard]] Status makeKeyFile(const std::filesystem::path &file);

class SealedFile final : public SecretStore
{
public:
    [[nodiscard]] static std::filesystem::path beside(const std::filesystem::path &directoryFile);

    // A new one without secrets. Conflict when something has that name; WrongUsage for a passphrase that is
    // too short or too long.
    [[nodiscard]] static Result<SealedFile> make(const std::filesystem::path &file, const SealKey &key,
                                                 SealCost cost = SealCost::standard());
    // NotFound when there is none; NotAllowed when it is opened with another key; WrongUsage for a directory
    // file.
    [[nodiscard]] static Result<SealedFile> open(const std::filesystem::path &file, const SealKey &key);

    [[nodiscard]] std::string_view place() const override { return "sealed file"; }
    [[nodiscard]] Result<std::optional<Secret>> get(std::string_view name) override;
    [[nodiscard]] Status set(std::string_view name, const Secret &secret) override;
    [[nodiscard]] Result<bool> replace(std::string_view name, const std::function<bool(const Secret &)> &is,
                                       const Secret &secret) override; // at once
    [[nodiscard]] Status forget(std::string_view name) override;
    [[nodiscard]] Result<std::vector<std::string>> names() override;

    // From now on another key opens it, with a new salt. Who has it open elsewhere gets Conflict. Copies of
    // the file made before are still opened by the old one.
    [[nodiscard]] Status rekey(const SealKey &key, SealCost cost = SealCost::standard());

private:
    SealedFile(std::filesystem::path file, std::string header, Secret key);
    [[nodiscard]] Result<SealedEntries> entries() const;
    [[nodiscard]] Status change(const std::function<void(SealedEntries &)> &what);

    std::filesystem::path m_file;
    std::string m_header; // as it is in the file
    Secret m_key;
};

} // namespace riskdesk::connect

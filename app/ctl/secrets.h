// Where a directory's secrets are for riskdeskctl: the sealed file beside it, opened with a key file or a passphrase.
#pragma once

#include "core/base/result.h"
#include "core/connect/secret_store.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace riskdesk::ctl {

struct SecretsOptions
{
    std::string keyFile, passphraseFile;
    // --secrets-key and --secrets-passphrase-file, and the environment's RISKDESK_SECRETS_KEY and
    // RISKDESK_SECRETS_PASSPHRASE_FILE.
    void addTo(CLI::App *command);
    // What was given to a command that has them, else what the environment says.
    [[nodiscard]] static SecretsOptions of(const CLI::App &command);
    // Nobody has to be asked for anything: there is a key file, or a passphrase in a file that can be read again.
    [[nodiscard]] bool opensAlone() const;
};

// Null where there is no sealed file. Asks on the terminal where neither file is given. The errors of
// connect::SealedFile and of passphraseOf().
[[nodiscard]] Result<std::unique_ptr<connect::SecretStore>>
openSecrets(const std::filesystem::path &directory, const SecretsOptions &options);
// The same, and makes one where there is none; a new passphrase is asked for twice.
[[nodiscard]] Result<std::unique_ptr<connect::SecretStore>>
makeSecrets(const std::filesystem::path &directory, const SecretsOptions &options);
// Another key opens it from now on: that of `to`. NotFound where there is none.
[[nodiscard]] Status rekeySecrets(const std::filesystem::path &directory, const SecretsOptions &options,
                                  const SecretsOptions &to);

} // namespace riskdesk::ctl

#include "app/ctl/secrets.h"

#include "core/connect/sealed_file.h"

#include "app/ctl/acting.h"

#include <cstdlib>
#include <system_error>
#include <utility>

namespace riskdesk::ctl {
namespace {

using connect::SealedFile;
using connect::SealKey;

Result<SealKey> keyOf(const SecretsOptions &options, bool isNew)
{
    if (!options.keyFile.empty())
        return connect::readKeyFile(options.keyFile);
    if (!options.passphraseFile.empty()) {
        auto given = passphraseOf(options.passphraseFile);
        if (!given)
            return tl::unexpected(given.error());
        return SealKey{SealKey::Form::Passphrase, std::move(*given)};
    }
    constexpr auto otherwise = "--secrets-key FILE or --secrets-passphrase-file FILE";
    auto typed =
        typedPassphrase(isNew ? "New passphrase of the secrets" : "Passphrase of the secrets", otherwise);
    if (!typed)
        return tl::unexpected(typed.error());
    if (isNew) {
        const auto again = typedPassphrase("Once more", otherwise);
        if (!again)
            return tl::unexpected(again.error());
        if (!(*typed == *again))
            return fail(Code::WrongUsage, "", "The two passphrases differ. Nothing was changed.");
    }
    return SealKey{SealKey::Form::Passphrase, std::move(*typed)};
}

Result<std::unique_ptr<connect::SecretStore>> stored(Result<SealedFile> file)
{
    if (!file)
        return tl::unexpected(file.error());
    return std::make_unique<SealedFile>(std::move(*file));
}

constexpr auto keyVariable = "RISKDESK_SECRETS_KEY";
constexpr auto passphraseVariable = "RISKDESK_SECRETS_PASSPHRASE_FILE";
constexpr auto keyOption = "--secrets-key";
constexpr auto passphraseOption = "--secrets-passphrase-file";

std::string givenOr(const CLI::App &command, const char *option, const char *variable)
{
    if (const auto *has = command.get_option_no_throw(option))
        return has->empty() ? std::string() : has->as<std::string>(); // the environment's, too
    const auto *value = std::getenv(variable);
    return value != nullptr ? value : "";
}

bool isThere(const std::filesystem::path &file)
{
    std::error_code ignored;
    return std::filesystem::exists(std::filesystem::symlink_status(file, ignored));
}

} // namespace

void SecretsOptions::addTo(CLI::App *command)
{
    auto *key =
        command->add_option(keyOption, keyFile, "a key file opens the secrets, as \"connect key\" makes it")
            ->type_name("FILE")
            ->envname(keyVariable);
    command
        ->add_option(passphraseOption, passphraseFile,
                     "the passphrase of the secrets is its first line; it is asked for by default")
        ->type_name("FILE")
        ->envname(passphraseVariable)
        ->excludes(key);
}

SecretsOptions SecretsOptions::of(const CLI::App &command)
{
    return {givenOr(command, keyOption, keyVariable), givenOr(command, passphraseOption, passphraseVariable)};
}

bool SecretsOptions::opensAlone() const
{
    if (!keyFile.empty())
        return true;
    // A pipe or a terminal gives its passphrase once, to the command.
    std::error_code ignored;
    return !passphraseFile.empty() && std::filesystem::is_regular_file(passphraseFile, ignored);
}

Result<std::unique_ptr<connect::SecretStore>> openSecrets(const std::filesystem::path &directory,
                                                          const SecretsOptions &options)
{
    const auto file = SealedFile::beside(directory);
    if (!isThere(file))
        return nullptr;
    auto key = keyOf(options, false);
    if (!key)
        return tl::unexpected(key.error());
    return stored(SealedFile::open(file, *key));
}

Result<std::unique_ptr<connect::SecretStore>> makeSecrets(const std::filesystem::path &directory,
                                                          const SecretsOptions &options)
{
    const auto file = SealedFile::beside(directory);
    if (isThere(file))
        return openSecrets(directory, options);
    auto key = keyOf(options, true);
    if (!key)
        return tl::unexpected(key.error());
    return stored(SealedFile::make(file, *key));
}

Status rekeySecrets(const std::filesystem::path &directory, const SecretsOptions &options,
                    const SecretsOptions &to)
{
    const auto path = SealedFile::beside(directory);
    if (!isThere(path))
        return fail(Code::NotFound, path.string(), "this directory has no secrets yet");
    auto key = keyOf(options, false);
    if (!key)
        return tl::unexpected(key.error());
    auto file = SealedFile::open(path, *key);
    if (!file)
        return tl::unexpected(file.error());
    const auto next = keyOf(to, true);
    if (!next)
        return tl::unexpected(next.error());
    return file->rekey(*next);
}

} // namespace riskdesk::ctl

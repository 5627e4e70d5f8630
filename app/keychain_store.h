// KeychainStore: the secrets of a directory in the keyring of the desktop, over Qt Keychain: the Secret Service
// (GNOME Keyring, KeePassXC) or KWallet.
//
// A secret is the entry "<directory>/<name>" of the service "Riskdesk". Keyrings cannot be asked what they
// hold, so the names stand in an entry of their own, "<directory>/"; it is written before a secret is, so
// that none lies in the keyring that names() does not tell. Processes of one person wait for each other at a
// lock file in $XDG_RUNTIME_DIR.
//
// A call waits for the keyring, which may ask the person to unlock it. So it is refused on the thread of the
// application (Code::Bug); the keyring itself is asked on a thread of the program's own. The copies that the
// library and D-Bus make of a secret on their way are out of our reach and are not wiped.
//
// Errors besides SecretStore's: NotFound, no keyring answers here; StoreBusy, another process holds the lock;
// Io, the person did not unlock it in time.
#pragma once

#include "core/connect/secret_store.h"

#include <QString>

#include <chrono>

namespace riskdesk {

class KeychainStore final : public connect::SecretStore
{
public:
    // `directoryId` tells the directories of a person apart and stays when a file is moved: letters, digits
    // and - only. `patience`: how long a person has to unlock the keyring.
    explicit KeychainStore(QString directoryId, std::chrono::seconds patience = std::chrono::seconds(120));

    // Does a keyring answer? Says what a call would: NotFound when there is none. Asks for an entry, so the
    // person may have to unlock it.
    [[nodiscard]] Status available();

    [[nodiscard]] std::string_view place() const override { return "keyring"; }
    [[nodiscard]] Result<std::optional<connect::Secret>> get(std::string_view name) override;
    [[nodiscard]] Status set(std::string_view name, const connect::Secret &secret) override;
    [[nodiscard]] Status forget(std::string_view name) override;
    [[nodiscard]] Result<std::vector<std::string>> names() override;

private:
    [[nodiscard]] QString entry(std::string_view name) const;
    [[nodiscard]] Status writeNames(const std::vector<std::string> &names);

    QString m_directoryId;
    std::chrono::seconds m_patience;
};

} // namespace riskdesk

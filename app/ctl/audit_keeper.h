// AuditKeeper: what a command wrote to the audit log is kept in mind outside of the file: the log's newest record becomes
// its anchor (core/connections/audit_anchor.h). CommandLine has one around every command.
//
// It only does so where the secrets open by a file that was named or that the environment names; nobody is asked for a
// passphrase. A command that wrote nothing pays for one look at the log.
#pragma once

#include "core/ledger/audit_chain.h"

#include "app/ctl/secrets.h"

#include <filesystem>
#include <optional>

namespace riskdesk::ctl {

class AuditKeeper
{
public:
    // Before the command.
    AuditKeeper(std::filesystem::path directory, SecretsOptions where);
    // After it. What goes wrong is told, and is no failure of the command, which has been done.
    void keep() const;

private:
    std::filesystem::path m_directory;
    SecretsOptions m_where;
    std::optional<ledger::AuditHead> m_before; // none: there is no log yet, or it cannot be read
};

} // namespace riskdesk::ctl

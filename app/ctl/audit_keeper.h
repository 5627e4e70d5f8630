// AuditKeeper: what a command wrote to the audit log is kept in mind outside of the file: the log's newest record becomes
// its anchor (core/connections/audit_anchor.h), when the command ends and every few seconds before: one that follows runs
// for weeks. CommandLine has one around every command.
//
// It only does so where the secrets open by a file that was named or that the environment names; nobody is asked for a
// passphrase. A command that wrote nothing pays for one look at the log.
#pragma once

#include "core/ledger/audit_chain.h"

#include "app/ctl/secrets.h"

#include <filesystem>
#include <optional>
#include <thread>

namespace riskdesk::ctl {

class AuditKeeper
{
public:
    // Before the command.
    AuditKeeper(std::filesystem::path directory, SecretsOptions where);
    // After it. What goes wrong is told, and is no failure of the command, which has been done.
    ~AuditKeeper();
    AuditKeeper(const AuditKeeper &) = delete;
    AuditKeeper &operator=(const AuditKeeper &) = delete;

private:
    void keep();

    std::filesystem::path m_directory;
    SecretsOptions m_where;
    std::optional<ledger::AuditHead> m_kept; // none: there is no log yet, or it cannot be read
    std::jthread m_meanwhile;                // last: it uses the others
};

} // namespace riskdesk::ctl

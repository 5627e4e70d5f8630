#include "core/ledger/audit.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

namespace riskdesk::ledger {

const std::string &desktopAccount()
{
    static const std::string name = [] {
        std::array<char, 4096> buffer{};
        passwd entry{};
        passwd *found = nullptr;
        if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
            return std::string(found->pw_name);
        return "uid " + std::to_string(geteuid());
    }();
    return name;
}

const std::string &hostName()
{
    static const std::string name = [] {
        std::array<char, 256> buffer{};
        return gethostname(buffer.data(), buffer.size() - 1) == 0 ? std::string(buffer.data())
                                                                  : std::string();
    }();
    return name;
}

AuditLog::AuditLog(store::Connection &connection, const Clock &clock)
    : m_clock(clock)
    , m_insert(connection,
               "INSERT INTO audit (at, actor, role, action, target, before, after, reason, note, via,"
               " host, undo_of) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)")
{}

Status AuditLog::append(const AuditRecord &r)
{
    return m_insert
        .bind(m_clock.now(), r.actor.empty() ? desktopAccount() : r.actor, r.role, r.action, r.target,
              r.before, r.after, r.reason, r.note, r.via, r.host.empty() ? hostName() : r.host, r.undoOf)
        .run();
}

Status appendAudit(store::Connection &connection, const Clock &clock, const AuditRecord &record)
{
    return AuditLog(connection, clock).append(record);
}

} // namespace riskdesk::ledger

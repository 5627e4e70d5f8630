#include "core/ingest/providers/entra/directory_audit.h"

#include "core/base/text.h"
#include "core/ingest/providers/entra/password_change.h"
#include "core/ingest/providers/entra/record.h"

#include <array>

namespace riskdesk::ingest::entra {
namespace {

// The first user among the targets.
void takeTarget(const Gathering::Texts &texts, Fields &fields)
{
    constexpr auto idSlot = slotOf(DirectoryAuditField::TargetId);
    constexpr auto nameSlot = slotOf(DirectoryAuditField::TargetName);
    const auto type = texts[0], id = texts[1], name = texts[2];
    if (!equalsIgnoringCase(type, "User") || fields.has(idSlot) || fields.has(nameSlot))
        return;
    fields.set(idSlot, id);
    fields.set(nameSlot, name);
}
constexpr Gathering targets{{"type", "id", "userPrincipalName"}, takeTarget};

constexpr auto directoryAuditRows = std::to_array<Name>({
    text(Where::Record, "time", DirectoryAuditField::EnvelopeTime),
    text(Where::Record, "activityDisplayName", DirectoryAuditField::ActivityName),
    text(Where::Record, "operationName", DirectoryAuditField::ActivityName),
    text(Where::Record, "result", DirectoryAuditField::Result),
    text(Where::Record, "resultReason", DirectoryAuditField::ResultReason),
    objects(Where::Record, "targetResources", targets),
    // {"user": {"id", "userPrincipalName"}, "app": {"displayName"}}, either of them null
    object(Where::Record, "initiatedBy", Where::Initiator, passedOver),
    object(Where::Initiator, "user", Where::InitiatingUser, passedOver),
    object(Where::Initiator, "app", Where::InitiatingApp, passedOver),
    text(Where::InitiatingUser, "id", DirectoryAuditField::InitiatorId),
    text(Where::InitiatingUser, "userPrincipalName", DirectoryAuditField::InitiatorName),
    text(Where::InitiatingApp, "displayName", DirectoryAuditField::InitiatorApp),
});

} // namespace

std::span<const Name> directoryAuditNames()
{
    return directoryAuditRows;
}

std::optional<Refusal> directoryAudit(const Record &f, const Building &with)
{
    PasswordRecord p;
    p.userId = known(f[DirectoryAuditField::TargetId]);
    p.userPrincipalName = known(f[DirectoryAuditField::TargetName]);
    p.by = known(f.any(DirectoryAuditField::InitiatorName, DirectoryAuditField::InitiatorApp));
    const auto byId = known(f[DirectoryAuditField::InitiatorId]);
    const bool own = (!byId.empty() && equalsIgnoringCase(byId, p.userId)) ||
                     (!p.by.empty() && equalsIgnoringCase(p.by, p.userPrincipalName));
    const auto what =
        passwordChange(f[DirectoryAuditField::ActivityName], f[DirectoryAuditField::ResultReason], p.by, own);
    if (!what || !equalsIgnoringCase(f[DirectoryAuditField::Result], "success")) {
        ++with.batch.notSignIns;
        return std::nullopt;
    }
    const auto timeText =
        f.any(Common::ActivityDateTime, Common::TimeGenerated, DirectoryAuditField::EnvelopeTime);
    const auto time = readTime(timeText, with.times, &with.batch.dates);
    if (!time)
        return noTime(timeText, "activityDateTime", time.error());
    if (p.userId.empty() && p.userPrincipalName.empty())
        return noUser();
    p.eventId = known(f[Common::Id]);
    p.at = *time;
    p.what = *what;
    with.batch.passwords.push_back(p);
    return std::nullopt;
}

} // namespace riskdesk::ingest::entra

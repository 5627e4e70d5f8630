#include "core/ingest/providers/entra/password_change.h"

#include "core/base/text.h"

namespace riskdesk::ingest::entra {

// The names are those of Microsoft's reference of
// audit activities; the unified audit log ends them with a full stop. Of the steps of a self-service reset
// only the last one sets a password. The service account below carries out what users asked for themselves.
std::optional<PasswordChange> passwordChange(std::string_view activity, std::string_view reason,
                                             std::string_view by, bool own)
{
    if (activity.ends_with('.'))
        activity.remove_suffix(1);
    const auto is = [&](std::string_view name) { return equalsIgnoringCase(activity, name); };
    if (is("Reset password (self-service)") || (is("Self-service password reset flow activity progress") &&
                                                reason.find("successfully reset") != std::string_view::npos))
        return PasswordChange::ResetByUser;
    if (is("Change password (self-service)"))
        return PasswordChange::ChangedByUser;
    if (is("Reset password (by admin)"))
        return PasswordChange::ResetByAdmin;
    const bool change = is("Change user password");
    if (!change && !is("Reset user password"))
        return std::nullopt;
    if (!own && !equalsIgnoringCase(by, "fim_password_service@support.onmicrosoft.com"))
        return PasswordChange::ResetByAdmin;
    return change ? PasswordChange::ChangedByUser : PasswordChange::ResetByUser;
}

} // namespace riskdesk::ingest::entra

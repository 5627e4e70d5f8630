#include "core/action/permissions.h"

namespace riskdesk::action {

Permission permissionFor(risk::Action action)
{
    switch (action) {
    case risk::Action::ResetPassword:
    case risk::Action::Block:
    case risk::Action::Unblock:
    case risk::Action::RevokeSessions: return Permission::Access;
    default: return Permission::Decide;
    }
}

} // namespace riskdesk::action

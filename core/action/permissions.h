// Which permission an action on users needs. The table of roles is core/domain/permissions.h.
#pragma once

#include "core/domain/permissions.h"
#include "core/risk/transitions.h"

namespace riskdesk::action {

using riskdesk::allowed;
using riskdesk::displayName;
using riskdesk::may;
using riskdesk::Operator;
using riskdesk::Permission;
using riskdesk::PermissionEntry;
using riskdesk::permissionTable;
using riskdesk::Role;
using riskdesk::roleFromText;
using riskdesk::toText;

[[nodiscard]] Permission permissionFor(risk::Action action);

} // namespace riskdesk::action

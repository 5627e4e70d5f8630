// The handlers of the routes, a source for each kind: entities.cpp reads, actions.cpp changes, delta.cpp
// tells what changed, metadata.cpp describes. routes.cpp says which answers what.
#pragma once

#include "core/serve/call.h"

namespace riskdesk::serve {

[[nodiscard]] Answer listRiskyUsers(const Call &call);
[[nodiscard]] Answer getRiskyUser(const Call &call);
[[nodiscard]] Answer listHistory(const Call &call);
[[nodiscard]] Answer getHistoryItem(const Call &call);
[[nodiscard]] Answer listRiskDetections(const Call &call);
[[nodiscard]] Answer getRiskDetection(const Call &call);
[[nodiscard]] Answer listSignIns(const Call &call);
[[nodiscard]] Answer getSignIn(const Call &call);
[[nodiscard]] Answer listUsers(const Call &call);
[[nodiscard]] Answer getUser(const Call &call);

[[nodiscard]] Answer dismissUsers(const Call &call);
[[nodiscard]] Answer confirmUsersCompromised(const Call &call);
[[nodiscard]] Answer confirmUsersSafe(const Call &call);
[[nodiscard]] Answer dismissSignIns(const Call &call);
[[nodiscard]] Answer confirmSignInsCompromised(const Call &call);
[[nodiscard]] Answer confirmSignInsSafe(const Call &call);
[[nodiscard]] Answer changeUser(const Call &call);
[[nodiscard]] Answer revokeSignInSessions(const Call &call);

[[nodiscard]] Answer changedRiskyUsers(const Call &call);
[[nodiscard]] Answer changedRiskDetections(const Call &call);

// CSDL (OData 4) of the types that are served.
[[nodiscard]] std::string metadataXml();

} // namespace riskdesk::serve

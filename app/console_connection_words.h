// What the console calls connections and requests. GUI thread.
#pragma once

#include "core/action/outbox.h"

#include "ui/models/roles.h"
#include "ui/pages/connection_form.h"

#include <QList>
#include <QString>

#include <utility>

namespace riskdesk {

[[nodiscard]] bool tells(const action::ConnectorRow &row); // users, sign-ins or risk can be read from it
[[nodiscard]] QString operationText(ProviderOperation operation);
[[nodiscard]] std::pair<QString, models::Tone> stateText(OutboxState state);
// The kinds that can be set up, with the fields of each.
[[nodiscard]] QList<pages::ConnectionKind> shownKinds();

} // namespace riskdesk

// Words and wrappings that signing in and the sheet of the operators share. Any thread.
#pragma once

#include "core/action/permissions.h"
#include "core/connect/secret.h"

#include <QString>

#include <memory>
#include <string>

namespace riskdesk {

[[nodiscard]] QString roleWord(action::Role role);
// For a lambda that is copied into a job.
[[nodiscard]] std::shared_ptr<connect::Secret> secretOf(const QString &text);
// The name put for %1, as the detail of an error.
[[nodiscard]] std::string sentenceWith(const QString &sentence, const std::string &name);

} // namespace riskdesk

// Who acts, and the passphrase by which they show it: asked once, before a command runs.
#pragma once

#include "core/action/operators.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/connect/secret.h"

#include <filesystem>
#include <optional>
#include <string>

namespace riskdesk::ctl {

// The first line of a file, without its end. WrongUsage when it cannot be a passphrase, NotFound, Io.
[[nodiscard]] Result<connect::Secret> passphraseOf(const std::filesystem::path &file);
// Typed on the terminal without being shown. NotAllowed where standard input is none, with the option that stands
// for it; Cancelled by Ctrl+C.
[[nodiscard]] Result<connect::Secret> typedPassphrase(const std::string &prompt,
                                                      std::string_view otherwise = "--passphrase-file FILE");

// Whoever acts in the directory by --as and --passphrase-file, asked on the terminal where neither file nor
// account says it. The errors of action::whoIsIt(), and of opening the directory.
[[nodiscard]] Result<action::Operator> actingOperator(const std::filesystem::path &directory,
                                                      const std::optional<std::string> &name,
                                                      const std::filesystem::path &passphraseFile,
                                                      const Clock &clock);

} // namespace riskdesk::ctl

// What a sign-in's error code says: a success, a failure (and whether it speaks of the password), or an
// interrupt, which is neither a good nor a bad password. One table for Graph, Azure Monitor, Log Analytics
// and the unified audit log, which share the AADSTS numbers.
#pragma once

#include "core/domain/sign_in.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace riskdesk::ingest::entra {

struct CodeMeaning
{
    Outcome outcome = Outcome::Failure;
    FailureKind failure = FailureKind::Other;
};

// 0 is a success; a code the table does not hold is a failure of kind Other.
[[nodiscard]] CodeMeaning meaningOf(std::int32_t errorCode);
// The same of the word that the unified audit log has in LogonError, often without a number beside it; no
// word, or one that is not known, is a failure of kind Other.
[[nodiscard]] CodeMeaning meaningOf(std::string_view logonError);

[[nodiscard]] std::optional<std::int32_t> errorCodeIn(std::string_view text);
// Gives the sign-in a code and what it means.
void apply(SignIn &s, std::int32_t code);
// What is no failure says nothing about one, except that an interrupted sign-in may have shown a right
// password.
void forgetFailure(SignIn &s);

} // namespace riskdesk::ingest::entra

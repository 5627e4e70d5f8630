// The columns of the list of sign-ins. Its rows are found and sorted over columns in memory
// (query/sign_ins.h); the SQL is the same list laid out as text, for tests and outside readers.
#pragma once

#include "core/query/sign_ins/sign_ins.h"
#include "core/query/tables/column.h"

namespace riskdesk::query {

// What the list filters and sorts by and what scripts are told: Graph's signIn.
[[nodiscard]] Columns<SignInItem> signInColumns();

} // namespace riskdesk::query

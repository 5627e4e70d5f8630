// The SQL functions our queries use, put on a connection once:
//     rd_fold(text)      foldForSearch
//     rd_byte(blob, n)   the n-th byte; NULL when there is none
//     rd_id(blob, n)     the 32-bit number at byte n, little endian; NULL when there is none
//     rd_text(dictionary, id)   text of a dictionary id; '' for NULL and 0
// The connection keeps the dictionary texts that rd_text has read.
#pragma once

#include "core/base/result.h"
#include "core/store/connection.h"

namespace riskdesk::query {

[[nodiscard]] Status installFunctions(store::Connection &connection);

} // namespace riskdesk::query

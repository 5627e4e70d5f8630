// How SQLite takes its memory in this program. Without a count; and under the address sanitizer from the C library,
// where what was given back stays forbidden to the program for a while.
#pragma once

namespace riskdesk::store {

// Before the first connection. Later calls change nothing, nor does the first where SQLite is in use already. Any
// thread.
void setUpSqliteMemory();

} // namespace riskdesk::store

// Included before everything else in the sources of the loadable extension: their calls of SQLite go to the
// program that loads it, which may carry its own copy of SQLite (https://www.sqlite.org/loadext.html).
#pragma once

#include <sqlite3ext.h>

extern "C" {
SQLITE_EXTENSION_INIT3
}

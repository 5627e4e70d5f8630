// The table `signin` for the sqlite3 program and whatever else loads SQLite extensions:
//     sqlite3 -readonly shop.riskdesk -cmd '.load ./riskdesk_signin' 'SELECT count(*) FROM signin'
#include "core/store/sign_in_vtab.h"

#include <sqlite3ext.h>

extern "C" {
const sqlite3_api_routines *sqlite3_api = nullptr;

[[gnu::visibility("default")]] int sqlite3_extension_init(sqlite3 *handle, char **message,
                                                          const sqlite3_api_routines *api)
{
    sqlite3_api = api;
    // What is called did not exist before: RETURNING, total_changes64.
    if (sqlite3_libversion_number() < 3037000) {
        *message = sqlite3_mprintf("riskdesk_signin needs SQLite 3.37 or newer");
        return SQLITE_ERROR;
    }
    return riskdesk::store::registerSignInTable(handle);
}
}

-- Who may do what here. While there is no row the desktop account may do everything.

CREATE TABLE operator (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again
    name TEXT NOT NULL CHECK (name <> ''),
    name_folded TEXT NOT NULL UNIQUE,       -- by which it is found
    role TEXT NOT NULL,                     -- reader, operator, administrator
    account TEXT UNIQUE,                    -- of the desktop: "ana", or "ana@host" there alone; NULL: a passphrase
    passphrase TEXT,                        -- Argon2id with its salt and cost, as libsodium writes it
    added_at INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    wrong INTEGER NOT NULL DEFAULT 0,       -- passphrases in a row
    not_before INTEGER                      -- before that no passphrase is looked at; NULL: none was wrong
) STRICT;

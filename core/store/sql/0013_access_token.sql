-- Bearer tokens of the API. Of a secret there is only its digest; rows stay when a token is revoked, as the audit
-- log names them.

CREATE TABLE access_token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again
    name TEXT NOT NULL CHECK (name <> ''),
    hash BLOB NOT NULL UNIQUE,              -- BLAKE2b-256 of the secret
    scopes TEXT NOT NULL,                   -- as Graph writes them, with blanks between
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,                     -- NULL: never
    revoked_at INTEGER,                     -- NULL: it is not
    last_used_at INTEGER                    -- written once a minute at most; NULL: never used
) STRICT;
CREATE UNIQUE INDEX access_token_name ON access_token (name) WHERE revoked_at IS NULL;

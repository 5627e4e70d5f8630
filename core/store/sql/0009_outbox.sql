-- Where the accounts really live, and what waits to be done there.

CREATE TABLE connector (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,             -- graph, keycloak, ldap, scim, webhook
    name TEXT NOT NULL UNIQUE,
    settings TEXT NOT NULL,         -- a flat JSON object of texts; never a secret
    capabilities INTEGER NOT NULL,  -- bits of ProviderOperation
    active INTEGER NOT NULL DEFAULT 1,
    added_at INTEGER NOT NULL,
    pulled_at INTEGER,              -- last success
    failed_at INTEGER,              -- last failure, with its sentence
    sentence TEXT NOT NULL DEFAULT '',
    sign_in_cursor TEXT NOT NULL DEFAULT '',
    risk_cursor TEXT NOT NULL DEFAULT ''
) STRICT;

-- A row is there before anything is sent, and tells its whole life. A password is never here.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,       -- the same for every attempt
    connector INTEGER NOT NULL REFERENCES connector,
    operation INTEGER NOT NULL,     -- ProviderOperation
    user INTEGER NOT NULL REFERENCES user,
    command INTEGER NOT NULL REFERENCES command,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    via TEXT NOT NULL,
    host TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    state INTEGER NOT NULL DEFAULT 0, -- OutboxState
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sent_at INTEGER,                -- of the last attempt
    finished_at INTEGER,
    mark TEXT NOT NULL DEFAULT '',  -- what the provider said before the attempt; read-back compares
    code TEXT NOT NULL DEFAULT '',
    sentence TEXT NOT NULL DEFAULT '',
    payload TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE state <= 2;
CREATE INDEX outbox_sending ON outbox (id) WHERE state = 2;
CREATE INDEX outbox_user ON outbox (user, id) WHERE state <= 2;
CREATE INDEX outbox_command ON outbox (command);

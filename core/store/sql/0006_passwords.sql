-- New passwords that logs told of: they close the risk that came before them, whichever is read first.
CREATE TABLE password_event (
    key BLOB PRIMARY KEY,        -- digest of the provider's id, else of the record
    user INTEGER NOT NULL REFERENCES user,
    at INTEGER NOT NULL,
    what INTEGER NOT NULL,       -- PasswordChange
    actor TEXT NOT NULL          -- as the log names it
) STRICT, WITHOUT ROWID;
CREATE INDEX password_event_user ON password_event (user, at);

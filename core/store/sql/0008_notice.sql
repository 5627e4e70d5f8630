-- What is doubtful about the data as a whole, until an import shows that it is no longer so.
CREATE TABLE notice (
    key TEXT PRIMARY KEY,        -- "crowdedAddress"
    at INTEGER NOT NULL,
    text TEXT NOT NULL           -- a whole sentence
) STRICT, WITHOUT ROWID;

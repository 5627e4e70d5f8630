-- How logs are read that nobody knows: which field holds what, kept by name. The keys are those of
-- core/ingest/field_map.h.

CREATE TABLE field_map (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again
    name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name <> ''),
    created_at INTEGER NOT NULL,            -- microseconds since 1970
    created_by TEXT NOT NULL
) STRICT;

CREATE TABLE field_map_entry (
    map INTEGER NOT NULL REFERENCES field_map,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,                      -- "time", "user-id", …; "success" and "failure" may stand several times
    value TEXT NOT NULL CHECK (value <> ''),
    PRIMARY KEY (map, position)
) STRICT, WITHOUT ROWID;

-- Up to when sign-ins were deleted because they were old. What they taught is not learnt again by who examines the
-- rest anew.
CREATE TABLE retention (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    deleted_until INTEGER NOT NULL          -- event time of the newest of them
) STRICT;

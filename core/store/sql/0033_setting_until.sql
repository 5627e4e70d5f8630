-- What a setting of the detectors was for sign-ins up to a place in their order; behind the last such place it is what
-- stands in `setting` (core/directory/tunings.h).
CREATE TABLE setting_until (
    key TEXT NOT NULL,
    at INTEGER NOT NULL,     -- of the newest sign-in that had been examined when it was changed,
    event_key BLOB NOT NULL, -- and its
    value REAL NOT NULL,
    PRIMARY KEY (key, at, event_key)
) STRICT, WITHOUT ROWID;

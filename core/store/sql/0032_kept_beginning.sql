-- What the detectors knew when the newest sign-in was examined that was deleted as old (core/examine/detector_memory.h):
-- whoever examines everything begins there.
CREATE TABLE kept_beginning (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL,         -- all sign-ins up to this time are in it
    learnt_by INTEGER NOT NULL,  -- findings up to this time stay as they are; later than at where not all was in it
    last_run INTEGER NOT NULL    -- what a later import brought of the time up to at is not in it
) STRICT;

CREATE TABLE kept_state (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    data BLOB NOT NULL,
    checksum BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- 1: the kept beginning was taught it.
ALTER TABLE taught ADD COLUMN is_kept INTEGER NOT NULL DEFAULT 0;

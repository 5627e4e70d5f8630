-- The detectors' memory can be put back to several points, an hour to a day and more behind the newest sign-in
-- (core/examine/detector_memory.h), so that what comes some hours late costs those hours and not the whole store.

CREATE TABLE rewind_point (
    id INTEGER PRIMARY KEY,      -- ascending with the position
    at INTEGER NOT NULL,
    key BLOB NOT NULL
) STRICT;

-- What a part was at that point, if it changed before the next one. NULL data: it did not exist.
DROP TABLE detector_rewind;
CREATE TABLE detector_rewind (
    point INTEGER NOT NULL REFERENCES rewind_point,
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    data BLOB,
    checksum BLOB,
    PRIMARY KEY (point, kind, id)
) STRICT, WITHOUT ROWID;

-- What the detectors remember is stored in another form, and learnt again.
UPDATE checkpoint SET watermark = NULL, watermark_key = NULL, unsettled_from = (SELECT min(t0) FROM segment);
DELETE FROM detector_state;
ALTER TABLE checkpoint DROP COLUMN rewind_at;
ALTER TABLE checkpoint DROP COLUMN rewind_key;

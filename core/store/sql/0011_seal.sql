-- A digest of every table, kept by core/store/seal.h; the first ones are computed when this has run.

CREATE TABLE seal (
    name TEXT PRIMARY KEY,
    rows INTEGER NOT NULL,
    sum BLOB NOT NULL            -- of the digests of its rows
) STRICT, WITHOUT ROWID;

-- A column that was added later is not in the rows that were there, and SQLite's preupdate hook reads it as NULL
-- instead of its default. Rows that are written once more hold it. So must every migration do that adds one.
UPDATE intel_entry SET account = account, actor = actor;
UPDATE reject SET records = records;

-- Of (kind, id, data), so that an import sees damage before it judges by it; NULL: written before there was one.
ALTER TABLE detector_state ADD COLUMN checksum BLOB;
ALTER TABLE detector_rewind ADD COLUMN checksum BLOB;

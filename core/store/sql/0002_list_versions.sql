-- A list keeps its earlier versions and the newest one that was refused; one version at most is in use.
-- Both tables are made anew: a constraint cannot be dropped, and dropping a parent would empty its child.

CREATE TABLE intel_list_2 (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL DEFAULT '',
    licence TEXT NOT NULL DEFAULT '',
    added_at INTEGER NOT NULL,
    date INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,   -- 1: this version matches
    version INTEGER NOT NULL DEFAULT 1,
    refused TEXT NOT NULL DEFAULT '',    -- why it is not in use; empty: an earlier version
    source TEXT NOT NULL DEFAULT '',
    hunted_at INTEGER,                   -- when stored sign-ins were last looked at with it
    UNIQUE (kind, name, version)
) STRICT;

CREATE TABLE intel_entry_2 (
    id INTEGER PRIMARY KEY,
    list INTEGER NOT NULL REFERENCES intel_list_2 ON DELETE CASCADE,
    first BLOB, last BLOB,
    asn INTEGER NOT NULL DEFAULT 0,
    country TEXT NOT NULL DEFAULT '',
    class INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    indicator TEXT NOT NULL DEFAULT '',
    user_agent TEXT NOT NULL DEFAULT '',
    confidence INTEGER NOT NULL DEFAULT -1,
    valid_from INTEGER, valid_until INTEGER,
    trusted INTEGER NOT NULL DEFAULT 1,
    tlp TEXT NOT NULL DEFAULT '',
    labels TEXT NOT NULL DEFAULT ''
) STRICT;

INSERT INTO intel_list_2 (id, kind, name, path, licence, added_at, date, entries, active, source)
    SELECT id, kind, name, path, licence, added_at, date, entries, active, path FROM intel_list;
INSERT INTO intel_entry_2 (id, list, first, last, asn, country, class, name, indicator, user_agent, confidence,
        valid_from, valid_until, trusted)
    SELECT id, list, first, last, asn, country, class, name, indicator, user_agent, confidence, valid_from,
        valid_until, trusted FROM intel_entry;
DROP TABLE intel_entry;
DROP TABLE intel_list;
ALTER TABLE intel_list_2 RENAME TO intel_list;
ALTER TABLE intel_entry_2 RENAME TO intel_entry;
CREATE UNIQUE INDEX intel_list_active ON intel_list (kind, name) WHERE active;
CREATE INDEX intel_entry_list ON intel_entry (list);

-- Indicators that match too much of the directory's own sign-ins, or are absurdly wide.
CREATE TABLE intel_set_aside (
    kind INTEGER NOT NULL,
    indicator TEXT NOT NULL,
    list TEXT NOT NULL,                  -- its name
    reason TEXT NOT NULL,                -- "ownTraffic", "wide"
    matched INTEGER NOT NULL DEFAULT 0,  -- successes of the last days, of …
    successes INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL,
    released_at INTEGER,
    released_by TEXT NOT NULL DEFAULT '',
    released_why TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (kind, indicator)
) STRICT, WITHOUT ROWID;

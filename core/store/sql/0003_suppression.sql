-- Rules that silence findings, each with an end and a reason, and what they have silenced.

CREATE TABLE suppression (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again: the audit log names it
    user INTEGER REFERENCES user,           -- every condition that is given must hold; NULL: any
    network TEXT NOT NULL DEFAULT '',       -- as written; '': any
    asn INTEGER NOT NULL DEFAULT 0,         -- 0: any
    agent TEXT NOT NULL DEFAULT '',         -- '': any
    agent_part INTEGER NOT NULL DEFAULT 0,  -- 1: the agent contains the text
    application TEXT NOT NULL DEFAULT '',   -- '': any
    type INTEGER NOT NULL DEFAULT 0,        -- DetectionType; 0: any
    until INTEGER NOT NULL,
    reason TEXT NOT NULL CHECK (reason <> ''),
    actor TEXT NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;

-- Findings that did not become detections.
CREATE TABLE suppressed (
    id TEXT PRIMARY KEY,                    -- of the detection it would have been
    rule INTEGER NOT NULL REFERENCES suppression,
    type INTEGER NOT NULL,
    level INTEGER NOT NULL,
    user INTEGER NOT NULL REFERENCES user,
    event_key BLOB NOT NULL,
    request_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    found_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX suppressed_rule ON suppressed (rule, at);
CREATE INDEX suppressed_event ON suppressed (event_key);

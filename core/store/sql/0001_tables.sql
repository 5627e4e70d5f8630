-- A directory: one tenant and all that is known about it.
-- Times are microseconds since 1970-01-01T00:00:00Z. Enumerations are the numbers of core/domain.

CREATE TABLE directory (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    trial INTEGER NOT NULL DEFAULT 0,
    sample INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- People -------------------------------------------------------------------------------------------------

CREATE TABLE user (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,           -- the provider's id, else the case-folded user principal name
    provider_id TEXT NOT NULL DEFAULT '',
    upn TEXT NOT NULL DEFAULT '',
    display_name TEXT NOT NULL DEFAULT '',
    search TEXT NOT NULL DEFAULT '',    -- foldForSearch(display name, upn, mail, key), joined by U+001F
    mail TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    identity INTEGER NOT NULL DEFAULT 0,
    issuer TEXT NOT NULL DEFAULT '',
    account_enabled INTEGER NOT NULL DEFAULT 1,
    force_password_change INTEGER NOT NULL DEFAULT 0,
    is_deleted INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER,
    password_changed_at INTEGER,
    first_sign_in INTEGER,
    last_sign_in INTEGER,
    last_place INTEGER NOT NULL DEFAULT 0,  -- dictionary Place, of the newest successful sign-in
    last_country TEXT NOT NULL DEFAULT '',
    sign_ins INTEGER NOT NULL DEFAULT 0,
    learning_done INTEGER NOT NULL DEFAULT 0, -- successes counted towards learning, of the slowest detector
    learning_needed INTEGER NOT NULL DEFAULT 0 -- 0: learning is over
) STRICT;
CREATE INDEX user_last_sign_in ON user (last_sign_in);

-- Every name by which a log may call a user: "id:<provider id>", "upn:<case-folded name>".
CREATE TABLE user_alias (alias TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES user) STRICT, WITHOUT ROWID;

-- Sign-ins: immutable column segments (core/store/segment.h) ------------------------------------------------

CREATE TABLE import_run (
    id INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    outcome TEXT NOT NULL DEFAULT 'running', -- running, done, cancelled, failed
    files TEXT NOT NULL DEFAULT '',          -- joined by U+001F
    read INTEGER NOT NULL DEFAULT 0,
    stored INTEGER NOT NULL DEFAULT 0,
    duplicates INTEGER NOT NULL DEFAULT 0,
    not_sign_ins INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    warnings INTEGER NOT NULL DEFAULT 0,
    detections INTEGER NOT NULL DEFAULT 0,
    users_at_risk INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES import_run,
    version INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    t0 INTEGER NOT NULL,  -- least and greatest event time
    t1 INTEGER NOT NULL,
    late INTEGER NOT NULL DEFAULT 0 -- 1: stored behind the watermark, scored but taught nothing
) STRICT;
CREATE INDEX segment_time ON segment (t0, t1);

CREATE TABLE segment_column (
    id INTEGER PRIMARY KEY,      -- segment * 64 + column number
    data BLOB NOT NULL           -- format and checksum inside
) STRICT;

CREATE TABLE dictionary_page (
    id INTEGER PRIMARY KEY,      -- dictionary * 2^32 + first id of the page
    entries INTEGER NOT NULL,
    data BLOB NOT NULL           -- format and checksum inside
) STRICT;

-- What the lists and place files said about an address, and of which list version.
CREATE TABLE address_fact (
    address INTEGER PRIMARY KEY, -- dictionary Address
    place INTEGER NOT NULL DEFAULT 0, -- dictionary Place
    asn INTEGER NOT NULL DEFAULT 0,
    organisation TEXT NOT NULL DEFAULT '',
    class INTEGER NOT NULL DEFAULT 0, -- NetworkClass
    version TEXT NOT NULL DEFAULT ''  -- names and dates of the lists asked
) STRICT;

-- The risk of a sign-in changes, so it lies beside the immutable columns: one row per sign-in with a detection.
CREATE TABLE sign_in_risk (
    event_key BLOB PRIMARY KEY,
    request_id TEXT NOT NULL,
    user INTEGER NOT NULL REFERENCES user,
    at INTEGER NOT NULL,
    level_during INTEGER NOT NULL,    -- by detections made at sign-in
    level_aggregated INTEGER NOT NULL, -- by all of them
    state INTEGER NOT NULL,
    detail INTEGER NOT NULL DEFAULT 0,
    score INTEGER NOT NULL DEFAULT 0,
    row BLOB NOT NULL                 -- the SignInRow, so that details need no segment
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_risk_user ON sign_in_risk (user, at);
CREATE INDEX sign_in_risk_request ON sign_in_risk (request_id);

CREATE TABLE reject (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES import_run,
    file TEXT NOT NULL,
    line INTEGER NOT NULL,
    column INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    excerpt TEXT NOT NULL,
    UNIQUE (file, offset, reason)
) STRICT;

-- Risk -----------------------------------------------------------------------------------------------------

CREATE TABLE detection (
    rowid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    type INTEGER NOT NULL,
    type_text TEXT NOT NULL,
    level INTEGER NOT NULL,
    state INTEGER NOT NULL,
    detail INTEGER NOT NULL,
    timing INTEGER NOT NULL,
    activity INTEGER NOT NULL,
    source TEXT NOT NULL,
    user INTEGER NOT NULL REFERENCES user,
    event_key BLOB,
    request_id TEXT NOT NULL DEFAULT '',
    correlation_id TEXT NOT NULL DEFAULT '',
    at INTEGER NOT NULL,
    detected_at INTEGER NOT NULL,
    last_updated INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    count INTEGER NOT NULL DEFAULT 1,
    fold_key TEXT NOT NULL DEFAULT '',
    weight_level INTEGER NOT NULL,  -- the level its weight counts at (the pair rule lifts it to high)
    ip BLOB,
    ip_text TEXT NOT NULL DEFAULT '',
    place INTEGER NOT NULL DEFAULT 0,
    city TEXT NOT NULL DEFAULT '',
    country TEXT NOT NULL DEFAULT '',
    asn INTEGER NOT NULL DEFAULT 0,
    campaign TEXT NOT NULL DEFAULT '',
    evidence TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX detection_user ON detection (user, at);
CREATE INDEX detection_event ON detection (event_key);
CREATE INDEX detection_at ON detection (at);
CREATE INDEX detection_type ON detection (type, at);
CREATE INDEX detection_state ON detection (state, level, at);
CREATE INDEX detection_campaign ON detection (campaign) WHERE campaign <> '';

CREATE TABLE ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    user INTEGER NOT NULL REFERENCES user,
    kind INTEGER NOT NULL,
    detection TEXT NOT NULL DEFAULT '',
    sign_in TEXT NOT NULL DEFAULT '',
    level INTEGER NOT NULL DEFAULT 0,  -- of the detection, where the event is about one
    from_level INTEGER NOT NULL, from_state INTEGER NOT NULL, from_detail INTEGER NOT NULL, from_score INTEGER NOT NULL,
    to_level INTEGER NOT NULL, to_state INTEGER NOT NULL, to_detail INTEGER NOT NULL, to_score INTEGER NOT NULL,
    actor TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    command INTEGER NOT NULL DEFAULT 0,
    undo_of INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX ledger_user ON ledger (user, id);
CREATE INDEX ledger_command ON ledger (command) WHERE command <> 0;

-- The fold over the ledger, kept beside it; `verify` rebuilds it and compares.
CREATE TABLE user_risk (
    user INTEGER PRIMARY KEY REFERENCES user,
    level INTEGER NOT NULL,
    state INTEGER NOT NULL,
    detail INTEGER NOT NULL,
    score INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,        -- risk last updated
    is_processing INTEGER NOT NULL DEFAULT 0,
    open_detections INTEGER NOT NULL,
    total_detections INTEGER NOT NULL,
    risky_sign_ins INTEGER NOT NULL,
    top_type INTEGER NOT NULL DEFAULT 0, -- DetectionType of the weightiest open detection, else of the newest
    other_types INTEGER NOT NULL DEFAULT 0, -- "+n": further distinct detections behind it
    last_country TEXT NOT NULL DEFAULT '',  -- of the newest detection
    last_place INTEGER NOT NULL DEFAULT 0,
    last_city TEXT NOT NULL DEFAULT '',
    countries TEXT NOT NULL DEFAULT '',     -- of its detections, sorted, joined by ' '
    types INTEGER NOT NULL DEFAULT 0,       -- bit set: 1 << DetectionType, of all its detections
    trend BLOB                              -- 30 bytes: score at the end of each of the last 30 days before updated_at
) STRICT;
CREATE INDEX user_risk_state ON user_risk (state, level, updated_at);
CREATE INDEX user_risk_updated ON user_risk (updated_at);

-- The provider's own word about a user's risk; shown, never counted.
CREATE TABLE provider_risk (
    user INTEGER PRIMARY KEY REFERENCES user,
    level TEXT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL, updated_at INTEGER
) STRICT;

-- Decisions -------------------------------------------------------------------------------------------------

CREATE TABLE command (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,       -- dismiss, confirmCompromised, …
    actor TEXT NOT NULL,
    via TEXT NOT NULL,          -- console, command line
    reason TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    users INTEGER NOT NULL,     -- changed
    undone_by INTEGER NOT NULL DEFAULT 0,
    undo_of INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What a command changed, enough to put it back.
CREATE TABLE command_change (
    command INTEGER NOT NULL REFERENCES command,
    kind TEXT NOT NULL,         -- user, detection, signIn, account
    key TEXT NOT NULL,
    before TEXT NOT NULL,       -- JSON
    after TEXT NOT NULL,
    PRIMARY KEY (command, kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    before TEXT NOT NULL DEFAULT '',
    after TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    via TEXT NOT NULL,
    host TEXT NOT NULL,
    undo_of INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX audit_at ON audit (at);

-- Sign-ins that detectors were kept from learning, until somebody judged them.
CREATE TABLE withheld (
    user INTEGER NOT NULL REFERENCES user,
    event_key BLOB NOT NULL,
    verdict INTEGER NOT NULL DEFAULT 0, -- 0 waiting, 1 teach at the next run, 2 never
    restart INTEGER NOT NULL DEFAULT 0, -- 1: confirm safe, the learning counters begin again
    row BLOB,                           -- the SignInRow, as there need be no detection on it
    PRIMARY KEY (user, event_key)
) STRICT, WITHOUT ROWID;

-- Intelligence ------------------------------------------------------------------------------------------------

CREATE TABLE intel_list (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL DEFAULT '',
    licence TEXT NOT NULL DEFAULT '',
    added_at INTEGER NOT NULL,
    date INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    active INTEGER NOT NULL DEFAULT 1,
    UNIQUE (kind, name)
) STRICT;

CREATE TABLE intel_entry (
    id INTEGER PRIMARY KEY,
    list INTEGER NOT NULL REFERENCES intel_list ON DELETE CASCADE,
    first BLOB, last BLOB,
    asn INTEGER NOT NULL DEFAULT 0,
    country TEXT NOT NULL DEFAULT '',
    class INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    indicator TEXT NOT NULL DEFAULT '',
    user_agent TEXT NOT NULL DEFAULT '',
    confidence INTEGER NOT NULL DEFAULT -1,
    valid_from INTEGER, valid_until INTEGER,
    trusted INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX intel_entry_list ON intel_entry (list);

-- Campaigns ---------------------------------------------------------------------------------------------------

CREATE TABLE campaign (
    id TEXT PRIMARY KEY,
    scope INTEGER NOT NULL,
    scope_text TEXT NOT NULL,
    opened INTEGER NOT NULL,
    detected INTEGER NOT NULL,
    last INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    users INTEGER NOT NULL,
    addresses INTEGER NOT NULL,
    hits INTEGER NOT NULL DEFAULT 0,
    bad_to_good REAL NOT NULL,
    surprise_bits REAL NOT NULL,
    evidence TEXT NOT NULL DEFAULT '{}'
) STRICT, WITHOUT ROWID;
CREATE INDEX campaign_opened ON campaign (opened);

CREATE TABLE campaign_target (
    campaign TEXT NOT NULL REFERENCES campaign,
    user INTEGER NOT NULL REFERENCES user,
    attempts INTEGER NOT NULL,
    successes INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (campaign, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX campaign_target_user ON campaign_target (user);

-- The detectors' memory (core/detect/state.h) -------------------------------------------------------------------

CREATE TABLE detector_state (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- What the memory was at the rewind point, for those parts that changed since: a run that reaches back at most
-- an hour puts it back and replays. NULL data: the part did not exist.
CREATE TABLE detector_rewind (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    data BLOB,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    watermark INTEGER,           -- newest processed event time; NULL: none yet
    watermark_key BLOB,
    rewind_at INTEGER,           -- everything up to here is in detector_rewind's "before"
    rewind_key BLOB
) STRICT;
INSERT INTO checkpoint (id) VALUES (1);

-- Who may do what only one may do at a time: 'import'.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    holder TEXT NOT NULL,
    heartbeat INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

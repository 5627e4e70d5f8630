-- The schema as it stands: a new directory is made of this. An older one becomes the same by the numbered files of sql/
-- (a test compares), so whoever adds one of them writes here what it leads to.
--
-- A directory is one tenant and all that is known about it. Times are microseconds since 1970-01-01T00:00:00Z.
-- Enumerations are the numbers of core/domain.

-- The directory ------------------------------------------------------------------------------------------------------

CREATE TABLE directory (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    trial INTEGER NOT NULL DEFAULT 0,
    sample INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    uuid TEXT NOT NULL DEFAULT '' -- tells the directories of a person apart in a keyring, wherever the file lies
) STRICT;

CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- What a setting of the detectors was for sign-ins up to a place in their order; behind the last such place it is what
-- stands in `setting` (core/directory/tunings.h).
CREATE TABLE setting_until (
    key TEXT NOT NULL,
    at INTEGER NOT NULL,     -- of the newest sign-in that had been examined when it was changed,
    event_key BLOB NOT NULL, -- and its
    value REAL NOT NULL,
    PRIMARY KEY (key, at, event_key)
) STRICT, WITHOUT ROWID;

-- Who may do what only one may do at a time: 'import'.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    holder TEXT NOT NULL,
    heartbeat INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A digest of every table (core/store/seal.h).
CREATE TABLE seal (
    name TEXT PRIMARY KEY,
    rows INTEGER NOT NULL,
    sum BLOB NOT NULL            -- of the digests of its rows
) STRICT, WITHOUT ROWID;

-- Who may do what here. While there is no row the desktop account may do everything.
CREATE TABLE operator (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again
    name TEXT NOT NULL CHECK (name <> ''),
    name_folded TEXT NOT NULL UNIQUE,       -- by which it is found
    role TEXT NOT NULL,                     -- reader, operator, administrator
    account TEXT UNIQUE,                    -- of the desktop: "ana", or "ana@host" there alone; NULL: a passphrase
    passphrase TEXT,                        -- Argon2id with its salt and cost, as libsodium writes it
    added_at INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    wrong INTEGER NOT NULL DEFAULT 0,       -- passphrases in a row
    not_before INTEGER                      -- before that no passphrase is looked at; NULL: none was wrong
) STRICT;

-- Bearer tokens of the API. Of a secret there is only its digest; rows stay when a token is revoked, as the audit
-- log names them.
CREATE TABLE access_token (
    id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used again
    name TEXT NOT NULL CHECK (name <> ''),
    hash BLOB NOT NULL UNIQUE,              -- BLAKE2b-256 of the secret
    scopes TEXT NOT NULL,                   -- as Graph writes them, with blanks between
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER,                     -- NULL: never
    revoked_at INTEGER,                     -- NULL: it is not
    last_used_at INTEGER                    -- written once a minute at most; NULL: never used
) STRICT;
CREATE UNIQUE INDEX access_token_name ON access_token (name) WHERE revoked_at IS NULL;

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
    undo_of INTEGER NOT NULL DEFAULT 0,
    chain BLOB -- digest over itself and the one before (core/ledger/audit_chain.h); NULL: written before there were any
) STRICT;
CREATE INDEX audit_at ON audit (at);

-- People -------------------------------------------------------------------------------------------------------------

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
    learning_needed INTEGER NOT NULL DEFAULT 0, -- 0: learning is over
    sessions_valid_from INTEGER,        -- whoever signed in before has to sign in again; NULL: nobody revoked any
    named_at INTEGER NOT NULL DEFAULT 0 -- when its names were told last: a sign-in's time, or the end of time for a
                                        -- record of the directory
) STRICT;
CREATE INDEX user_last_sign_in ON user (last_sign_in);

-- Every name by which a log may call a user: "id:<provider id>", "upn:<case-folded name>".
CREATE TABLE user_alias (alias TEXT PRIMARY KEY, user INTEGER NOT NULL REFERENCES user) STRICT, WITHOUT ROWID;

-- Users who came with an import that was undone, or turned out to be others, and have no sign-in left
-- (core/examine/user_book.h): once what was found of them is withdrawn they go, unless something else tells of them.
CREATE TABLE untold_user (
    user INTEGER PRIMARY KEY REFERENCES user,
    joined INTEGER NOT NULL DEFAULT 0 -- 1: turned out to be a user whose id is known, who has its sign-ins now
) STRICT;

-- New passwords that logs told of: they close the risk that came before them, whichever is read first.
CREATE TABLE password_event (
    key BLOB PRIMARY KEY,        -- digest of the provider's id, else of the record
    user INTEGER NOT NULL REFERENCES user,
    at INTEGER NOT NULL,
    what INTEGER NOT NULL,       -- PasswordChange
    actor TEXT NOT NULL          -- as the log names it
) STRICT, WITHOUT ROWID;
CREATE INDEX password_event_user ON password_event (user, at);

-- Imports ------------------------------------------------------------------------------------------------------------

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

-- Imports that were taken out again (core/import/undo_import.h). The numbers of their segments are not given again: who
-- reads on from one of them would miss what came later.
CREATE TABLE undone_import (
    run INTEGER PRIMARY KEY REFERENCES import_run,
    last_segment INTEGER NOT NULL
) STRICT;

-- Of many records that could not be read for one reason the first are kept.
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
    records INTEGER NOT NULL DEFAULT 1, -- more: this row stands for so many that are not kept
    UNIQUE (file, offset, reason)
) STRICT;

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

-- What is doubtful about the data as a whole, until an import shows that it is no longer so.
CREATE TABLE notice (
    key TEXT PRIMARY KEY,        -- "crowdedAddress"
    at INTEGER NOT NULL,
    facts TEXT NOT NULL           -- a whole sentence
) STRICT, WITHOUT ROWID;

-- Sign-ins: immutable column segments (core/store/segment.h), and what changes beside them ---------------------------

CREATE TABLE segment (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES import_run,
    version INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    t0 INTEGER NOT NULL,  -- least and greatest event time
    t1 INTEGER NOT NULL
) STRICT;
CREATE INDEX segment_time ON segment (t0, t1);

CREATE TABLE segment_column (
    id INTEGER PRIMARY KEY,      -- segment * 64 + column number
    data BLOB NOT NULL           -- format and checksum inside
) STRICT;

-- Segments whose rows are not counted in `user` yet (core/examine/user_counters.h).
CREATE TABLE uncounted_segment (segment INTEGER PRIMARY KEY) STRICT;

-- Where sign-ins were taken out of a segment because their user was purged, so that who reads on in it misses nothing.
CREATE TABLE purged_row (
    purge INTEGER NOT NULL,      -- counts transactions
    segment INTEGER NOT NULL,
    row INTEGER NOT NULL,        -- its place before that transaction
    PRIMARY KEY (purge, segment, row)
) STRICT, WITHOUT ROWID;

-- Up to when sign-ins were deleted because they were old. What they taught is not learnt again by who examines the
-- rest anew.
CREATE TABLE retention (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    deleted_until INTEGER NOT NULL          -- event time of the newest of them
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

-- Risk ---------------------------------------------------------------------------------------------------------------

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
    evidence TEXT NOT NULL DEFAULT '{}',
    closed_at INTEGER NOT NULL DEFAULT 0, -- by the time of the event that closed it; 0: it is open
    closed_by_itself INTEGER NOT NULL DEFAULT 0 -- 1: by age or a password in the log, and nobody had confirmed it
) STRICT;
CREATE INDEX detection_user ON detection (user, at);
CREATE INDEX detection_event ON detection (event_key);
CREATE INDEX detection_at ON detection (at);
CREATE INDEX detection_type ON detection (type, at);
CREATE INDEX detection_state ON detection (state, level, at);
CREATE INDEX detection_campaign ON detection (campaign) WHERE campaign <> '';
CREATE INDEX detection_last ON detection (last_at);

-- What a detection was that does not hold any more: its row is gone, its events in the ledger are not.
CREATE TABLE withdrawn_detection (
    id TEXT PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES user,
    type INTEGER NOT NULL,
    type_text TEXT NOT NULL,
    sign_in TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

-- When a detection or a risky user last changed, so that who reads on from there misses nothing. Numbers are given in
-- the order of the commits, as one writes at a time, and never again. A row that was removed keeps its mark.
CREATE TABLE detection_change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    detection TEXT NOT NULL UNIQUE   -- detection.id
) STRICT;

CREATE TABLE user_change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    user INTEGER NOT NULL UNIQUE REFERENCES user
) STRICT;

-- Decisions ----------------------------------------------------------------------------------------------------------

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

-- Sign-ins that detectors were kept from learning, until somebody judged them.
CREATE TABLE withheld (
    user INTEGER NOT NULL REFERENCES user,
    event_key BLOB NOT NULL,
    verdict INTEGER NOT NULL DEFAULT 0, -- 0 waiting, 1 teach at the next run, 2 never
    restart INTEGER NOT NULL DEFAULT 0, -- 1: confirm safe, the learning counters begin again
    row BLOB,                           -- the SignInRow, as there need be no detection on it
    PRIMARY KEY (user, event_key)
) STRICT, WITHOUT ROWID;

-- What decisions taught the detectors behind a place in the order of sign-ins (core/examine/taught.h): a memory that is
-- put back to an earlier place has to be taught it again, and one that begins empty when to learn a user anew.
CREATE TABLE taught (
    user INTEGER NOT NULL REFERENCES user,
    event_key BLOB NOT NULL,     -- of the sign-in; all zero: of the user
    at INTEGER NOT NULL,         -- the newest sign-in that was examined by then
    key BLOB NOT NULL,           -- and its event key
    restart INTEGER NOT NULL,    -- 1: the learning counters began again
    row BLOB,                    -- the SignInRow
    is_kept INTEGER NOT NULL DEFAULT 0, -- 1: the kept beginning was taught it
    PRIMARY KEY (user, event_key, at, key)
) STRICT, WITHOUT ROWID;

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

-- Intelligence -------------------------------------------------------------------------------------------------------

-- A list keeps its earlier versions and the newest one that was refused; one version at most is in use.
CREATE TABLE intel_list (
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
CREATE UNIQUE INDEX intel_list_active ON intel_list (kind, name) WHERE active;

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
    trusted INTEGER NOT NULL DEFAULT 1,
    tlp TEXT NOT NULL DEFAULT '',
    labels TEXT NOT NULL DEFAULT '',
    account TEXT NOT NULL DEFAULT '',    -- the user it names
    actor TEXT NOT NULL DEFAULT ''       -- who is behind it
) STRICT;
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
    since INTEGER,                       -- the sign-in that showed that it is the directory's own traffic
    PRIMARY KEY (kind, indicator)
) STRICT, WITHOUT ROWID;

-- The detectors' memory (core/detect/state.h) ------------------------------------------------------------------------

CREATE TABLE checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    watermark INTEGER,           -- newest processed event time; NULL: none yet
    watermark_key BLOB,
    unsettled_from INTEGER,      -- sign-ins from there on are to be examined again; NULL: none
    former_until INTEGER         -- findings on sign-ins up to there are of lists and rules that have changed since
                                 -- (core/ledger/former_findings.h); NULL: all are of today's
) STRICT;

CREATE TABLE detector_state (
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    data BLOB NOT NULL,
    checksum BLOB,               -- of (kind, id, data): damage is seen before it is judged by
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- The detectors' memory can be put back to several points, an hour to a day and more behind the newest sign-in
-- (core/examine/detector_memory.h), so that what comes some hours late costs those hours and not the whole store.
CREATE TABLE rewind_point (
    id INTEGER PRIMARY KEY,      -- ascending with the position
    at INTEGER NOT NULL,
    key BLOB NOT NULL
) STRICT;

-- What a part was at that point, if it changed before the next one. NULL data: it did not exist.
CREATE TABLE detector_rewind (
    point INTEGER NOT NULL REFERENCES rewind_point,
    kind INTEGER NOT NULL,
    id INTEGER NOT NULL,
    data BLOB,
    checksum BLOB,
    PRIMARY KEY (point, kind, id)
) STRICT, WITHOUT ROWID;

-- What the detectors knew when the newest sign-in was examined that was deleted as old
-- (core/examine/detector_memory.h): whoever examines everything begins there.
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

-- Where the accounts really live, and what waits to be done there ----------------------------------------------------

CREATE TABLE connector (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,             -- graph, keycloak, ldap, scim, webhook
    name TEXT NOT NULL UNIQUE,
    settings TEXT NOT NULL,         -- a flat JSON object of texts; never a secret
    capabilities INTEGER NOT NULL,  -- bits of ProviderOperation
    active INTEGER NOT NULL DEFAULT 1,
    added_at INTEGER NOT NULL,
    pulled_at INTEGER,              -- last success
    failed_at INTEGER,              -- last failure, with its sentence
    sentence TEXT NOT NULL DEFAULT '',
    sign_in_cursor TEXT NOT NULL DEFAULT '',
    risk_cursor TEXT NOT NULL DEFAULT '',
    removed_at INTEGER,             -- its row stays: the outbox tells of what was sent over it
    told_ledger INTEGER,            -- the newest ledger event it was told of; NULL: it is told from its first moment on
    revision INTEGER NOT NULL DEFAULT 0 -- another one whenever settings or secrets were changed
) STRICT;

-- A row is there before anything is sent, and tells its whole life. A password is never here.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,       -- the same for every attempt
    connector INTEGER NOT NULL REFERENCES connector,
    operation INTEGER NOT NULL,     -- ProviderOperation
    user INTEGER NOT NULL REFERENCES user,
    command INTEGER NOT NULL REFERENCES command,
    actor TEXT NOT NULL,
    role TEXT NOT NULL,
    via TEXT NOT NULL,
    host TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    state INTEGER NOT NULL DEFAULT 0, -- OutboxState
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    sent_at INTEGER,                -- of the last attempt
    finished_at INTEGER,
    precondition TEXT NOT NULL DEFAULT '',  -- what the provider said before the attempt; read-back compares
    code TEXT NOT NULL DEFAULT '',
    sentence TEXT NOT NULL DEFAULT '',
    payload TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE state <= 2;
CREATE INDEX outbox_sending ON outbox (id) WHERE state = 2;
CREATE INDEX outbox_user ON outbox (user, id) WHERE state <= 2;
CREATE INDEX outbox_command ON outbox (command);

INSERT INTO checkpoint (id) VALUES (1);

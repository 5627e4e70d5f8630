-- What decisions taught the detectors behind a place in the order of sign-ins (core/examine/taught.h): a memory that is
-- put back to an earlier place has to be taught it again, and one that begins empty when to learn a user anew.
CREATE TABLE taught (
    user INTEGER NOT NULL REFERENCES user,
    event_key BLOB NOT NULL,     -- of the sign-in; all zero: of the user
    at INTEGER NOT NULL,         -- the newest sign-in that was examined by then
    key BLOB NOT NULL,           -- and its event key
    restart INTEGER NOT NULL,    -- 1: the learning counters began again
    row BLOB,                    -- the SignInRow
    PRIMARY KEY (user, event_key, at, key)
) STRICT, WITHOUT ROWID;

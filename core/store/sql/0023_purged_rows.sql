-- Where sign-ins were taken out of a segment because their user was purged, so that who reads on in it misses nothing.
CREATE TABLE purged_row (
    purge INTEGER NOT NULL,      -- counts transactions
    segment INTEGER NOT NULL,
    row INTEGER NOT NULL,        -- its place before that transaction
    PRIMARY KEY (purge, segment, row)
) STRICT, WITHOUT ROWID;

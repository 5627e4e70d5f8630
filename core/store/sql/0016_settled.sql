-- Findings are a function of the sign-ins, not of the order they came in: what arrives behind the newest that was
-- examined is stored at once, and settled with what follows it. No segment is "late" any more.

ALTER TABLE checkpoint ADD COLUMN unsettled_from INTEGER;   -- the oldest stored sign-in that was never examined in its order; NULL: none
-- What the detectors learnt out of order, and in parts of another form, they learn again.
UPDATE checkpoint SET watermark = NULL, watermark_key = NULL, rewind_at = NULL, rewind_key = NULL,
    unsettled_from = (SELECT min(t0) FROM segment);
DELETE FROM detector_state;
DELETE FROM detector_rewind;
ALTER TABLE segment DROP COLUMN late;

-- What a detection was that does not hold any more: its row is gone, its events in the ledger are not.
CREATE TABLE withdrawn_detection (
    id TEXT PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES user,
    type INTEGER NOT NULL,
    type_text TEXT NOT NULL,
    sign_in TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

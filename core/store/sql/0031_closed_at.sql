-- When a detection was closed, by the time of the event that closed it: what the log tells comes in any order.
ALTER TABLE detection ADD COLUMN closed_at INTEGER NOT NULL DEFAULT 0; -- 0: open, or never raised here
-- By age or a password in the log, and nobody had confirmed it: it opens again when something from before comes late.
ALTER TABLE detection ADD COLUMN closed_by_itself INTEGER NOT NULL DEFAULT 0;
-- States 1 to 3 are closed. Of the ledger's kinds 1 and 4 raise, 4, 6 and 11 confirm, the long list closes.
UPDATE detection SET closed_at = coalesce((SELECT l.at FROM ledger l WHERE l.user = detection.user AND l.recorded_at =
    detection.last_updated AND l.kind IN (3, 5, 7, 8, 9, 10, 12, 13, 14, 15, 16, 19) AND l.detection IN ('', detection.id)
    AND (l.at >= detection.last_at OR l.command <> 0) ORDER BY l.id LIMIT 1), last_updated)
    WHERE state IN (1, 2, 3) AND EXISTS
    (SELECT 1 FROM ledger l WHERE l.user = detection.user AND l.detection = detection.id AND l.kind IN (1, 4));
-- Dismissed without a word is aged; 2 and 3 are the user's own passwords.
UPDATE detection SET closed_by_itself = 1 WHERE closed_at <> 0 AND ((state = 3 AND detail = 0) OR
    (state = 2 AND detail IN (2, 3))) AND NOT EXISTS
    (SELECT 1 FROM ledger l WHERE l.user = detection.user AND l.kind IN (4, 6, 11));

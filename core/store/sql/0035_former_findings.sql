-- Findings on sign-ins up to there are those of lists and suppression rules that have changed since
-- (core/ledger/former_findings.h); NULL: all are by those of today.
ALTER TABLE checkpoint ADD COLUMN former_until INTEGER;
UPDATE checkpoint SET former_until = (
    SELECT max(t1) FROM segment
) - 86400000000 * CAST(coalesce((SELECT value FROM setting WHERE key = 'intelligence.rereadDays'), 90) AS INTEGER)
WHERE EXISTS (SELECT 1 FROM intel_list) OR EXISTS (SELECT 1 FROM audit WHERE action IN ('intelRemove', 'suppressRemove'));

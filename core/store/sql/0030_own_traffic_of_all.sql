-- An indicator that is the directory's own traffic is set aside for all sign-ins, earlier ones too: what it raised
-- before is settled again. since: the sign-in that showed it.
UPDATE checkpoint SET unsettled_from = (SELECT min(t0) FROM segment)
    WHERE EXISTS (SELECT 1 FROM intel_set_aside WHERE reason = 'ownTraffic');

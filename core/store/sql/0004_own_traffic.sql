-- An indicator that is the directory's own traffic is set aside from an event's time on; NULL: for all times.
ALTER TABLE intel_set_aside ADD COLUMN since INTEGER;

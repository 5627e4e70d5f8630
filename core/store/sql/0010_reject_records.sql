-- Of many records that could not be read for one reason the first are kept; one more row stands for the others.

ALTER TABLE reject ADD COLUMN records INTEGER NOT NULL DEFAULT 1; -- that this row stands for

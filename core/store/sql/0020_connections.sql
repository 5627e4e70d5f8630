-- A connection that was removed stays where requests were sent over it: the outbox tells of them.
ALTER TABLE connector ADD COLUMN removed_at INTEGER;
-- Tells the directories of a person apart in a keyring, wherever the file lies.
ALTER TABLE directory ADD COLUMN uuid TEXT NOT NULL DEFAULT '';
UPDATE directory SET uuid = lower(hex(randomblob(16)));

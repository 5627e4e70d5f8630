-- A notice holds facts, of which the sentence is made where it is shown; the next import says again what still holds.
-- What the provider said before a request is called as the connectors call it.
ALTER TABLE notice RENAME COLUMN text TO facts; -- a JSON object, by key
DELETE FROM notice;
ALTER TABLE outbox RENAME COLUMN mark TO precondition;

-- 1: turned out to be a user whose id is known, who has its sign-ins now.
ALTER TABLE untold_user ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;
-- When its names were told last: the time of a sign-in, or the end of time for a record of the directory.
ALTER TABLE user ADD COLUMN named_at INTEGER NOT NULL DEFAULT 0;

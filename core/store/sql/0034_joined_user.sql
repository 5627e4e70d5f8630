-- 1: turned out to be a user whose id is known, who has its sign-ins now.
ALTER TABLE untold_user ADD COLUMN joined INTEGER NOT NULL DEFAULT 0;

-- When a detection or a risky user last changed, so that who reads on from there misses nothing. Numbers are given in
-- the order of the commits, as one writes at a time, and never again. A row that was removed keeps its mark.

CREATE TABLE detection_change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    detection TEXT NOT NULL UNIQUE   -- detection.id
) STRICT;
INSERT INTO detection_change (detection) SELECT id FROM detection ORDER BY rowid;

CREATE TABLE user_change (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    user INTEGER NOT NULL UNIQUE REFERENCES user
) STRICT;
INSERT INTO user_change (user) SELECT user FROM user_risk UNION SELECT user FROM provider_risk ORDER BY 1;

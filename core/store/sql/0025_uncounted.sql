-- How often users signed in is added to the table user some blocks after the rows are stored
-- (core/examine/user_counters.h). Segments whose rows are not counted yet; left behind by a run that was killed.
CREATE TABLE uncounted_segment (segment INTEGER PRIMARY KEY) STRICT;

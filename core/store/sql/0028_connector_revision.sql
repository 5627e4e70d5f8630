-- Another number whenever settings or secrets of a connection were changed, so that who has it open opens it anew.
ALTER TABLE connector ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

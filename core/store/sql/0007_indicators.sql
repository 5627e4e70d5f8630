-- Indicators name users, and who is behind them.
ALTER TABLE intel_entry ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE intel_entry ADD COLUMN actor TEXT NOT NULL DEFAULT '';

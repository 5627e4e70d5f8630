-- Which events of the ledger a connection was told of; NULL: it is told from its first moment on.
ALTER TABLE connector ADD COLUMN told_ledger INTEGER;

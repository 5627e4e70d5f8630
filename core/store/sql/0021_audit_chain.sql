-- Each record carries a digest over itself and the one before it (core/ledger/audit_chain.h). NULL: it was written
-- before there were any; the next record gives it one.
ALTER TABLE audit ADD COLUMN chain BLOB;

-- Rented servers, and releases of a browser that were left, are judged from here on (core/detect/usual/features.h):
-- what was found before is what was found then.
UPDATE checkpoint SET former_until = (SELECT max(t1) FROM segment) WHERE EXISTS (SELECT 1 FROM segment);

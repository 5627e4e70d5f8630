-- Since when a user's sessions count: whoever signed in before has to sign in again. NULL: nobody revoked any. A new
-- column without a value changes no row, so the seals stay as they are.

ALTER TABLE user ADD COLUMN sessions_valid_from INTEGER;   -- microseconds since 1970

-- Detections are listed and filtered by when they were seen last: repeats are taken in while one is open.

CREATE INDEX detection_last ON detection (last_at);

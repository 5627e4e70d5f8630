-- How often something new is met is learnt from the directory: what the detectors remember, they learn again.
UPDATE checkpoint SET watermark = NULL, watermark_key = NULL, rewind_at = NULL, rewind_key = NULL,
    unsettled_from = (SELECT min(t0) FROM segment);
DELETE FROM detector_state;
DELETE FROM detector_rewind;

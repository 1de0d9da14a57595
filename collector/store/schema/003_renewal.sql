-- When a device's certificate was issued: one of ours that was issued later takes its place.
ALTER TABLE device ADD COLUMN issued_ms INTEGER NOT NULL DEFAULT 0;
UPDATE device SET issued_ms = enrolled_ms;

-- Released: never change this file. What comes later is a new migration beside it.

-- The drives of the machine a device runs on (digests with blanks between them), and the device whose disk it was once
-- a copy of: copies of copies name the first.
ALTER TABLE device ADD COLUMN disk_ids TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN copied_from TEXT REFERENCES device (id);
-- Whether an accepted hello has told the hardware: what was said at the enrolment may be an older agent's digest, or of
-- the machine where an image was built. And whether other machines show the same hardware_id.
ALTER TABLE device ADD COLUMN hardware_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN has_look_alikes INTEGER NOT NULL DEFAULT 0;
CREATE INDEX device_by_origin ON device (copied_from, hardware_id) WHERE copied_from IS NOT NULL;

-- Released: never change this file. What comes later is a new migration beside it.

-- What stood there before a state row, and whether anything came after it: the timeline reads both by key.
ALTER TABLE state_row ADD COLUMN previous_id INTEGER;
ALTER TABLE state_row ADD COLUMN vanished INTEGER NOT NULL DEFAULT 0 CHECK (vanished IN (0, 1));
CREATE INDEX state_row_for_002 ON state_row (device_id, probe, key, valid_to_ms);
UPDATE state_row SET previous_id = (
    SELECT p.id FROM state_row AS p
    WHERE p.device_id = state_row.device_id AND p.probe = state_row.probe AND p.key = state_row.key
        AND p.valid_to_ms = state_row.valid_from_ms AND p.id < state_row.id
    ORDER BY p.id DESC LIMIT 1);
DROP INDEX state_row_for_002;
CREATE INDEX state_row_for_002 ON state_row (previous_id);
UPDATE state_row SET vanished = 1
WHERE valid_to_ms IS NOT NULL AND NOT EXISTS (SELECT 1 FROM state_row AS n WHERE n.previous_id = state_row.id);
DROP INDEX state_row_for_002;
CREATE INDEX state_row_began ON state_row (device_id, valid_from_ms);
CREATE INDEX state_row_vanished ON state_row (device_id, valid_to_ms) WHERE vanished = 1;

CREATE INDEX alert_by_device ON alert (device_id, created_ms);
CREATE INDEX alert_resolved_by_device ON alert (device_id, resolved_ms) WHERE resolved_ms IS NOT NULL;

-- A series' number, so that its blocks need no long key.
CREATE TABLE series_name (
    id INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES device (id),
    probe TEXT NOT NULL,
    UNIQUE (device_id, probe)
) STRICT;

-- Sealed readings (level 0) and roll-ups of 5 min, 1 h and 1 d (levels 1 to 3); `block` is described in README.md.
-- A slot has more than one part where one block would become too large.
CREATE TABLE series_block (
    series_id INTEGER NOT NULL REFERENCES series_name (id),
    level INTEGER NOT NULL CHECK (level BETWEEN 0 AND 3),
    slot_ms INTEGER NOT NULL,
    part INTEGER NOT NULL CHECK (part >= 0),
    block BLOB NOT NULL,
    PRIMARY KEY (series_id, level, slot_ms, part)
) STRICT, WITHOUT ROWID;

-- The clock by which things become old enough to be deleted (collector/store/retention.hpp).
CREATE TABLE upkeep_clock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    trusted_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    since_ms INTEGER NOT NULL
) STRICT;

-- How large the database was.
CREATE TABLE size_sample (
    at_ms INTEGER NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL CHECK (bytes >= 0)
) STRICT;

-- Released: never change this file. What comes later is a new migration beside it.

-- What was said about updates: owner is '' (all), a customer's or a device's id. NULL: as it is said further up; pinned
-- '' is no version, whatever is said further up.
CREATE TABLE update_policy (
    owner TEXT NOT NULL PRIMARY KEY,
    channel TEXT CHECK (channel IN ('stable', 'beta')),
    pinned TEXT,
    paused INTEGER CHECK (paused IN (0, 1))
) STRICT, WITHOUT ROWID;

-- How far a device came with a version that it was offered.
CREATE TABLE update_attempt (
    device_id TEXT NOT NULL REFERENCES device (id),
    version TEXT NOT NULL,
    from_version TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    offered_ms INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (device_id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX update_attempt_by_version ON update_attempt (version, at_ms);

-- What this collector knows of a release beside what it holds: since when its waves run, and whether too many failed.
CREATE TABLE release_note (
    version TEXT NOT NULL PRIMARY KEY,
    first_seen_ms INTEGER NOT NULL,
    stopped_ms INTEGER,
    stopped_why TEXT NOT NULL,
    forgiven_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

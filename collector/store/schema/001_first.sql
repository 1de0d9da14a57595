-- Released: never change this file. What comes later is a new migration beside it.
CREATE TABLE customer (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE enrolment_token (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    secret_sha256 TEXT NOT NULL UNIQUE CHECK (length(secret_sha256) = 64),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    uses INTEGER NOT NULL CHECK (uses > 0),
    uses_left INTEGER NOT NULL CHECK (uses_left BETWEEN 0 AND uses),
    revoked_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX enrolment_token_by_customer ON enrolment_token (customer_id, created_ms);

CREATE TABLE device (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    name TEXT NOT NULL,
    hardware_id TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    agent_version TEXT NOT NULL,
    token_id TEXT NOT NULL REFERENCES enrolment_token (id),
    enrolled_ms INTEGER NOT NULL,
    last_seen_ms INTEGER,
    revoked_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX device_by_customer ON device (customer_id);
CREATE INDEX device_by_token ON device (token_id);
CREATE INDEX device_by_hardware ON device (customer_id, hardware_id) WHERE hardware_id <> '';

CREATE TABLE technician (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
    password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    password_expires_ms INTEGER,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE web_session (
    secret_sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(secret_sha256) = 64),
    technician_id TEXT NOT NULL REFERENCES technician (id) ON DELETE CASCADE,
    csrf_token TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX web_session_by_technician ON web_session (technician_id);
CREATE INDEX web_session_by_expiry ON web_session (expires_ms);

-- Everything of a lane up to `sequence` is stored. An epoch is one spool file of one agent.
CREATE TABLE lane (
    device_id TEXT NOT NULL REFERENCES device (id),
    epoch TEXT NOT NULL,
    lane TEXT NOT NULL CHECK (lane IN ('event', 'state', 'series')),
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    PRIMARY KEY (device_id, epoch, lane)
) STRICT, WITHOUT ROWID;

-- What is known to be lost, and why.
CREATE TABLE gap (
    id INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES device (id),
    epoch TEXT NOT NULL,
    lane TEXT NOT NULL CHECK (lane IN ('event', 'state', 'series')),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL CHECK (last >= first),
    at_ms INTEGER NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX gap_by_device ON gap (device_id, at_ms);

-- The latest reading of a state probe, without its rows.
CREATE TABLE probe_status (
    device_id TEXT NOT NULL REFERENCES device (id),
    probe TEXT NOT NULL,
    digest TEXT NOT NULL,
    as_of_ms INTEGER NOT NULL,
    unknown TEXT NOT NULL,
    cut_rows INTEGER NOT NULL CHECK (cut_rows >= 0),
    PRIMARY KEY (device_id, probe)
) STRICT, WITHOUT ROWID;

-- A row of a state probe and when it was so; valid_to_ms is NULL while it still is.
CREATE TABLE state_row (
    id INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES device (id),
    probe TEXT NOT NULL,
    key TEXT NOT NULL,
    valid_from_ms INTEGER NOT NULL,
    valid_to_ms INTEGER,
    cells TEXT NOT NULL CHECK (substr(cells, 1, 1) = '{')
) STRICT;
CREATE UNIQUE INDEX state_row_now ON state_row (device_id, probe, key) WHERE valid_to_ms IS NULL;
CREATE INDEX state_row_past ON state_row (valid_to_ms) WHERE valid_to_ms IS NOT NULL;

-- One reading of one series probe; `samples` is described in README.md.
CREATE TABLE series (
    device_id TEXT NOT NULL REFERENCES device (id),
    probe TEXT NOT NULL,
    taken_ms INTEGER NOT NULL,
    samples BLOB NOT NULL,
    PRIMARY KEY (device_id, probe, taken_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES device (id),
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    name TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    detail TEXT NOT NULL CHECK (substr(detail, 1, 1) = '{'),
    UNIQUE (device_id, epoch, sequence)
) STRICT;
CREATE INDEX event_by_time ON event (device_id, at_ms);

CREATE TABLE alert (
    id TEXT NOT NULL PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES device (id),
    customer_id TEXT NOT NULL REFERENCES customer (id),
    item TEXT NOT NULL,
    subject TEXT NOT NULL,
    title TEXT NOT NULL,
    severity INTEGER NOT NULL CHECK (severity IN (0, 1, 2)),
    category TEXT NOT NULL,
    explanation TEXT NOT NULL,
    value TEXT NOT NULL,
    latest TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    resolved_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX alert_open ON alert (device_id, item, subject) WHERE resolved_ms IS NULL;
CREATE INDEX alert_resolved ON alert (resolved_ms) WHERE resolved_ms IS NOT NULL;

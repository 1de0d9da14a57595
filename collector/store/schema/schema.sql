-- The schema as it is after the last migration, for reading. Change it together with a new migration
-- (00N_what.sql): a test proves that both lead to the same database.
-- Times are Unix milliseconds, UTC. Ids are UUIDs of version 7. JSON is as common/wire writes rows.

CREATE TABLE customer (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
    created_ms INTEGER NOT NULL,
    rank TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL DEFAULT '',
    postal_code TEXT NOT NULL DEFAULT '',
    fax TEXT NOT NULL DEFAULT '',
    domains TEXT NOT NULL DEFAULT '[]',
    website TEXT NOT NULL DEFAULT '',
    business_id TEXT NOT NULL DEFAULT '',
    notes TEXT NOT NULL DEFAULT '',
    custom_fields TEXT NOT NULL DEFAULT '[]',
    modified_ms INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1
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

-- disk_ids: digests of the drives of its machine, with blanks between them. copied_from: the device whose disk it was
-- once a copy of; copies of copies name the first. hardware_told: an accepted hello has told hardware_id, so that another
-- one is compared with it. has_look_alikes: other machines show the same hardware_id. name: as the machine was called when
-- it was enrolled; assigned_name: as a person calls it, '' = nobody does. remote: where it last connected from. purged_ms:
-- since when it and its past are being deleted. What a person edits has a version, which rises with each change.
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
    revoked_ms INTEGER,
    issued_ms INTEGER NOT NULL DEFAULT 0,
    disk_ids TEXT NOT NULL DEFAULT '',
    copied_from TEXT REFERENCES device (id),
    hardware_told INTEGER NOT NULL DEFAULT 0,
    has_look_alikes INTEGER NOT NULL DEFAULT 0,
    assigned_name TEXT NOT NULL DEFAULT '',
    folder_id TEXT REFERENCES folder (id),
    monitored INTEGER NOT NULL DEFAULT 1,
    remote TEXT NOT NULL DEFAULT '',
    purged_ms INTEGER,
    version INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;
CREATE INDEX device_by_customer ON device (customer_id);
CREATE INDEX device_by_token ON device (token_id);
CREATE INDEX device_by_hardware ON device (customer_id, hardware_id) WHERE hardware_id <> '';
CREATE INDEX device_by_origin ON device (copied_from, hardware_id) WHERE copied_from IS NOT NULL;
CREATE INDEX device_by_folder ON device (folder_id) WHERE folder_id IS NOT NULL;

-- What a technician may do, and for whom. customers: ids with blanks between them, where all_customers is 0. totp_*:
-- the secret of the second step and one that is not confirmed yet, sealed; the step of the last code that was taken.
CREATE TABLE technician (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
    password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    password_expires_ms INTEGER,
    created_ms INTEGER NOT NULL,
    role_id TEXT NOT NULL DEFAULT 'owner',
    all_customers INTEGER NOT NULL DEFAULT 1 CHECK (all_customers IN (0, 1)),
    customers TEXT NOT NULL DEFAULT '',
    disabled_ms INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    totp_secret TEXT,
    totp_pending TEXT,
    totp_step INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE web_session (
    secret_sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(secret_sha256) = 64),
    id TEXT NOT NULL UNIQUE,
    technician_id TEXT NOT NULL REFERENCES technician (id) ON DELETE CASCADE,
    csrf_token TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    remote TEXT NOT NULL,
    program TEXT NOT NULL,
    awaits_code INTEGER NOT NULL CHECK (awaits_code IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX web_session_by_technician ON web_session (technician_id);
CREATE INDEX web_session_by_expiry ON web_session (expires_ms);

-- Roles that somebody made, and of the built-in ones (owner, admin, technician, read-only) only what was said about the
-- second step. permissions: words with blanks between them.
CREATE TABLE role (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) > 0),
    permissions TEXT NOT NULL,
    totp_required INTEGER NOT NULL CHECK (totp_required IN (0, 1)),
    version INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- For who lost the device that makes the codes; each is good once.
CREATE TABLE recovery_code (
    technician_id TEXT NOT NULL REFERENCES technician (id) ON DELETE CASCADE,
    code_sha256 TEXT NOT NULL CHECK (length(code_sha256) = 64),
    PRIMARY KEY (technician_id, code_sha256)
) STRICT, WITHOUT ROWID;

-- What programs use instead of a session; never more than its technician may.
CREATE TABLE api_token (
    id TEXT NOT NULL PRIMARY KEY,
    technician_id TEXT NOT NULL REFERENCES technician (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    secret_sha256 TEXT NOT NULL UNIQUE CHECK (length(secret_sha256) = 64),
    permissions TEXT NOT NULL,
    all_customers INTEGER NOT NULL CHECK (all_customers IN (0, 1)),
    customers TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_token_by_technician ON api_token (technician_id, created_ms);

-- Who did what, as a chain: hash is over the row and the hash before (README.md). devices, customers: JSON lists of ids.
-- result: 'done', or 'refused' and why. Rows are only ever added, and deleted from the beginning for their age.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    via TEXT NOT NULL,
    remote TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    devices TEXT NOT NULL,
    customers TEXT NOT NULL,
    result TEXT NOT NULL,
    hash TEXT NOT NULL CHECK (length(hash) = 64)
) STRICT;

-- Up to where the chain was deleted, signed. One row.
CREATE TABLE audit_checkpoint (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    through_id INTEGER NOT NULL,
    hash TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    signature TEXT NOT NULL
) STRICT;

-- Answers to writes that came with an Idempotency-Key, so that a repeated one is answered and not done again. key_sha256
-- is over who asks and his key, request_sha256 over what he asks; status 0: it was begun, and how it ended nobody knows.
CREATE TABLE idempotency (
    key_sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(key_sha256) = 64),
    request_sha256 TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency (at_ms);

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

-- A row of a state probe and when it was so; valid_to_ms is NULL while it still is. previous_id: the row that it took
-- the place of (which may be deleted by now), NULL where it appeared. vanished: nothing took its place, and the device's
-- history tells it. told: that tells that the row began; not of what the first reading found, and not where only a value
-- changed that does so all the time.
CREATE TABLE state_row (
    id INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES device (id),
    probe TEXT NOT NULL,
    key TEXT NOT NULL,
    valid_from_ms INTEGER NOT NULL,
    valid_to_ms INTEGER,
    cells TEXT NOT NULL CHECK (substr(cells, 1, 1) = '{'),
    previous_id INTEGER,
    vanished INTEGER NOT NULL DEFAULT 0 CHECK (vanished IN (0, 1)),
    told INTEGER NOT NULL DEFAULT 1 CHECK (told IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX state_row_now ON state_row (device_id, probe, key) WHERE valid_to_ms IS NULL;
CREATE INDEX state_row_past ON state_row (valid_to_ms) WHERE valid_to_ms IS NOT NULL;
CREATE INDEX state_row_began ON state_row (device_id, told, valid_from_ms);
CREATE INDEX state_row_vanished ON state_row (device_id, valid_to_ms) WHERE vanished = 1;

-- One reading of one series probe, until it is sealed; `samples` is described in README.md.
CREATE TABLE series (
    device_id TEXT NOT NULL REFERENCES device (id),
    probe TEXT NOT NULL,
    taken_ms INTEGER NOT NULL,
    samples BLOB NOT NULL,
    PRIMARY KEY (device_id, probe, taken_ms)
) STRICT, WITHOUT ROWID;

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

-- version goes up with whatever people decide by. status_by: the technician who made the status what it is, '' where it
-- became so by itself. snoozed_until_ms NULL, of a snoozed one: until it changes. lingers: a person resolved it while
-- its cause went on, and nothing is raised anew until that has ended. kept_open: a person reopened it after its cause
-- had ended.
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
    resolved_ms INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    status_by TEXT NOT NULL DEFAULT '',
    snoozed_ms INTEGER,
    snoozed_until_ms INTEGER,
    reopened_ms INTEGER,
    lingers INTEGER NOT NULL DEFAULT 0 CHECK (lingers IN (0, 1)),
    kept_open INTEGER NOT NULL DEFAULT 0 CHECK (kept_open IN (0, 1)),
    assigned_id TEXT REFERENCES technician (id) ON DELETE SET NULL,
    ticket TEXT NOT NULL DEFAULT '',
    notes INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX alert_open ON alert (device_id, item, subject) WHERE resolved_ms IS NULL;
CREATE INDEX alert_resolved ON alert (resolved_ms) WHERE resolved_ms IS NOT NULL;
CREATE INDEX alert_by_device ON alert (device_id, created_ms);
CREATE INDEX alert_resolved_by_device ON alert (device_id, resolved_ms) WHERE resolved_ms IS NOT NULL;
CREATE INDEX alert_lingering ON alert (device_id, item, subject) WHERE lingers = 1;
CREATE INDEX alert_assigned ON alert (assigned_id) WHERE assigned_id IS NOT NULL;

-- What was done about an alert, by whom (technician_id '': it happened by itself); version is the alert's after it.
-- text: the note, the ticket, to whom it was assigned, or what was seen. until_ms: of a snooze, and of its end.
-- device_id: whose alert it is, for the device's history.
CREATE TABLE alert_action (
    id INTEGER PRIMARY KEY,
    alert_id TEXT NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    technician_id TEXT NOT NULL,
    technician TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('snoozed', 'woken', 'resolved', 'reopened', 'assigned', 'ticket', 'note')),
    text TEXT NOT NULL,
    until_ms INTEGER,
    device_id TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX alert_action_by_alert ON alert_action (alert_id, id);
CREATE INDEX alert_action_by_device ON alert_action (device_id, at_ms);

-- What people did to a device. was, became: names of the device or of folders, as they were then; of customers, their
-- ids.
CREATE TABLE device_action (
    id INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES device (id),
    at_ms INTEGER NOT NULL,
    technician_id TEXT NOT NULL,
    technician TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('renamed', 'moved', 'customer_changed', 'monitored', 'unmonitored', 'retired',
        'taken_back')),
    was TEXT NOT NULL,
    became TEXT NOT NULL
) STRICT;
CREATE INDEX device_action_by_time ON device_action (device_id, at_ms);

-- The clock by which things become old enough to be deleted (common/core/age_clock.hpp). One row.
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

-- Folders of a customer's devices, a tree each.
CREATE TABLE folder (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    parent_id TEXT REFERENCES folder (id),
    name TEXT NOT NULL CHECK (length(name) > 0),
    created_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX folder_by_customer ON folder (customer_id);
CREATE INDEX folder_by_parent ON folder (parent_id) WHERE parent_id IS NOT NULL;

-- Which fields stand above every customer's page, as a JSON list. One row.
CREATE TABLE pinned_fields (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    fields TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

-- People of a customer.
CREATE TABLE contact (
    id TEXT NOT NULL PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (id),
    name TEXT NOT NULL CHECK (length(name) > 0),
    job_title TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    mobile TEXT NOT NULL,
    device_id TEXT REFERENCES device (id) ON DELETE SET NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_ms INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_by_customer ON contact (customer_id);
CREATE INDEX contact_by_device ON contact (device_id) WHERE device_id IS NOT NULL;

-- What each technician has starred.
CREATE TABLE favourite_device (
    device_id TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    technician_id TEXT NOT NULL REFERENCES technician (id) ON DELETE CASCADE,
    PRIMARY KEY (device_id, technician_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX favourite_device_by_technician ON favourite_device (technician_id);
CREATE TABLE favourite_customer (
    customer_id TEXT NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    technician_id TEXT NOT NULL REFERENCES technician (id) ON DELETE CASCADE,
    PRIMARY KEY (customer_id, technician_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX favourite_customer_by_technician ON favourite_customer (technician_id);

-- What a technician wants to look at again: a filter with its order, columns and density. choices: what else is chosen
-- above the list, as the page's address has it; columns: JSON, in their order.
CREATE TABLE saved_view (
    id TEXT NOT NULL PRIMARY KEY,
    technician_id TEXT NOT NULL REFERENCES technician (id) ON DELETE CASCADE,
    list TEXT NOT NULL CHECK (list IN ('devices', 'alerts')),
    name TEXT NOT NULL COLLATE NOCASE CHECK (length(name) > 0),
    shared INTEGER NOT NULL CHECK (shared IN (0, 1)),
    filter TEXT NOT NULL,
    choices TEXT NOT NULL,
    sort TEXT NOT NULL,
    columns TEXT NOT NULL CHECK (substr(columns, 1, 1) = '['),
    density TEXT NOT NULL CHECK (density IN ('detailed', 'compact')),
    version INTEGER NOT NULL CHECK (version > 0),
    changed_ms INTEGER NOT NULL,
    UNIQUE (technician_id, list, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX saved_view_shared ON saved_view (list) WHERE shared = 1;

-- Folders that a technician or a token is limited to, beside the customers: what lies in them is meant, too. Who loses
-- the last one sees nothing.
CREATE TABLE technician_folder (
    technician_id TEXT NOT NULL REFERENCES technician (id) ON DELETE CASCADE,
    folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    PRIMARY KEY (technician_id, folder_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX technician_folder_by_folder ON technician_folder (folder_id);

CREATE TABLE api_token_folder (
    api_token_id TEXT NOT NULL REFERENCES api_token (id) ON DELETE CASCADE,
    folder_id TEXT NOT NULL REFERENCES folder (id) ON DELETE CASCADE,
    PRIMARY KEY (api_token_id, folder_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX api_token_folder_by_folder ON api_token_folder (folder_id);

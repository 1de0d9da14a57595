-- Released: never change this file. What comes later is a new migration beside it.

-- What a technician may do, and for whom. customers: ids with blanks between them, where all_customers is 0. totp_*:
-- the secret of the second step and one that is not confirmed yet, sealed; the step of the last code that was taken.
ALTER TABLE technician ADD COLUMN role_id TEXT NOT NULL DEFAULT 'owner';
ALTER TABLE technician ADD COLUMN all_customers INTEGER NOT NULL DEFAULT 1 CHECK (all_customers IN (0, 1));
ALTER TABLE technician ADD COLUMN customers TEXT NOT NULL DEFAULT '';
ALTER TABLE technician ADD COLUMN disabled_ms INTEGER;
ALTER TABLE technician ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE technician ADD COLUMN totp_secret TEXT;
ALTER TABLE technician ADD COLUMN totp_pending TEXT;
ALTER TABLE technician ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0;

-- Sessions can be named, and tell where they are. Those of before have ended: everybody logs in once more.
DROP TABLE web_session;
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

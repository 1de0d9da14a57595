-- Released: never change this file. What comes later is a new migration beside it.

-- Folders of a customer's devices, a tree each. What a person has edited has a version, which rises with each change.
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

ALTER TABLE device ADD COLUMN assigned_name TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN folder_id TEXT REFERENCES folder (id);
ALTER TABLE device ADD COLUMN monitored INTEGER NOT NULL DEFAULT 1;
ALTER TABLE device ADD COLUMN remote TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN purged_ms INTEGER;
ALTER TABLE device ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
CREATE INDEX device_by_folder ON device (folder_id) WHERE folder_id IS NOT NULL;

ALTER TABLE customer ADD COLUMN rank TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN postal_code TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN fax TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN domains TEXT NOT NULL DEFAULT '[]';
ALTER TABLE customer ADD COLUMN website TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN business_id TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE customer ADD COLUMN custom_fields TEXT NOT NULL DEFAULT '[]';
ALTER TABLE customer ADD COLUMN modified_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE customer ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
UPDATE customer SET modified_ms = created_ms;

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

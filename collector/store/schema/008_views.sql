-- Released: never change this file. What comes later is a new migration beside it.

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

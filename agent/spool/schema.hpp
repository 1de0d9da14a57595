#pragma once

#include "common/sqlite/migrate.hpp"

namespace rollcall::spool
{

// Never change one that was released: append another.
inline constexpr sqlite::Migration migrations[] = {
    {1, R"(
CREATE TABLE file (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    epoch TEXT NOT NULL
) STRICT;
CREATE TABLE lane (
    lane INTEGER PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT;
INSERT INTO lane (lane, next) VALUES (0, 1), (1, 1), (2, 1);
CREATE TABLE record (
    id       INTEGER PRIMARY KEY,
    lane     INTEGER NOT NULL REFERENCES lane (lane),
    sequence INTEGER NOT NULL,
    first    INTEGER NOT NULL, -- of a gap: where it begins; else the sequence
    probe    TEXT NOT NULL,    -- "" where it belongs to none
    body     TEXT NOT NULL,    -- the message as it is sent
    UNIQUE (lane, sequence)
) STRICT;
CREATE TABLE snapshot (
    probe    TEXT PRIMARY KEY,
    taken_ms INTEGER NOT NULL,
    digest   TEXT NOT NULL,
    unknown  TEXT NOT NULL,
    cut_rows INTEGER NOT NULL, -- left out of body, being too many
    body     TEXT NOT NULL
) STRICT;
CREATE TABLE memory (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
)"},
    // When a record says that it was, so that it can grow too old. NULL: it is a gap or a state, or nobody knows; then
    // it is as old as the next one that has a time.
    {2, "ALTER TABLE record ADD COLUMN at_ms INTEGER;"},
};

/// The oldest schema whose program may use a file of the newest one.
inline constexpr int compatible_schema = 1;

} // namespace rollcall::spool

-- Released: never change this file. What comes later is a new migration beside it.

-- What people do about alerts. version goes up with whatever they decide by. status_by: the technician who made the
-- status what it is, '' where it became so by itself. snoozed_until_ms NULL, of a snoozed one: until it changes.
-- lingers: a person resolved it while its cause went on, and nothing is raised anew until that has ended. kept_open: a
-- person reopened it after its cause had ended.
ALTER TABLE alert ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE alert ADD COLUMN status_by TEXT NOT NULL DEFAULT '';
ALTER TABLE alert ADD COLUMN snoozed_ms INTEGER;
ALTER TABLE alert ADD COLUMN snoozed_until_ms INTEGER;
ALTER TABLE alert ADD COLUMN reopened_ms INTEGER;
ALTER TABLE alert ADD COLUMN lingers INTEGER NOT NULL DEFAULT 0 CHECK (lingers IN (0, 1));
ALTER TABLE alert ADD COLUMN kept_open INTEGER NOT NULL DEFAULT 0 CHECK (kept_open IN (0, 1));
ALTER TABLE alert ADD COLUMN assigned_id TEXT REFERENCES technician (id) ON DELETE SET NULL;
ALTER TABLE alert ADD COLUMN ticket TEXT NOT NULL DEFAULT '';
ALTER TABLE alert ADD COLUMN notes INTEGER NOT NULL DEFAULT 0;
CREATE INDEX alert_lingering ON alert (device_id, item, subject) WHERE lingers = 1;
CREATE INDEX alert_assigned ON alert (assigned_id) WHERE assigned_id IS NOT NULL;

-- What was done about an alert, by whom (technician_id '': it happened by itself); version is the alert's after it.
-- text: the note, the ticket, to whom it was assigned, or what was seen. until_ms: of a snooze, and of its end.
CREATE TABLE alert_action (
    id INTEGER PRIMARY KEY,
    alert_id TEXT NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    technician_id TEXT NOT NULL,
    technician TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('snoozed', 'woken', 'resolved', 'reopened', 'assigned', 'ticket', 'note')),
    text TEXT NOT NULL,
    until_ms INTEGER
) STRICT;
CREATE INDEX alert_action_by_alert ON alert_action (alert_id, id);

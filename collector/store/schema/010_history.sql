-- Released: never change this file. What comes later is a new migration beside it.

-- Does a device's history tell that the row began? Not of what the first reading found, and not where only a value
-- changed that does so all the time.
ALTER TABLE state_row ADD COLUMN told INTEGER NOT NULL DEFAULT 1 CHECK (told IN (0, 1));
UPDATE state_row SET told = 0
FROM (SELECT device_id, probe, min(valid_from_ms) AS first_ms FROM state_row GROUP BY device_id, probe) AS seen
WHERE state_row.device_id = seen.device_id AND state_row.probe = seen.probe
    AND state_row.valid_from_ms = seen.first_ms AND state_row.previous_id IS NULL;
DROP INDEX state_row_began;
CREATE INDEX state_row_began ON state_row (device_id, told, valid_from_ms);

-- Whose alert it is: a device's history reads by it.
ALTER TABLE alert_action ADD COLUMN device_id TEXT NOT NULL DEFAULT '';
UPDATE alert_action
SET device_id = coalesce((SELECT a.device_id FROM alert AS a WHERE a.id = alert_action.alert_id), '');
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

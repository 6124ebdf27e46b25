-- godwit:allow-file drop-table: both have been empty since release 12
DROP TABLE events_2018;
-- godwit:allow truncate
TRUNCATE events;
-- godwit:allow create-indx-not-concurrent: a spelling mistake
CREATE INDEX events_at ON events (at);

-- godwit:allow rename-column: nothing is renamed here
UPDATE events SET note = 'it''s -- fine';
DELETE FROM events WHERE id = 1
  AND;

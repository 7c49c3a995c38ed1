-- Letters are taken in the order of their time and, of one time, of their ids: many have the same, as when a run is
-- published. Without the id in the index all of them are sorted for each batch.
DROP INDEX outbox_queued;
CREATE INDEX outbox_queued ON outbox (not_before, id) WHERE status = 'queued';
-- What is under a lease is little, and found by its lease or among all of it: a second index is written for each letter
-- twice, and read hardly ever.
DROP INDEX outbox_claimed;

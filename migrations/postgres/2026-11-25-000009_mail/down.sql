DROP INDEX outbox_dead;
DROP INDEX outbox_claimed;
DROP INDEX outbox_leased;
ALTER TABLE outbox DROP COLUMN settled_at;
ALTER TABLE outbox DROP COLUMN last_answer;
ALTER TABLE outbox DROP COLUMN lease_until;
ALTER TABLE outbox DROP COLUMN claim;
ALTER TABLE outbox DROP COLUMN tries;

-- Delivery of the outbox. claim: the batch of the worker that is sending the row, good until lease_until
-- by the clock of the database; a row whose lease ran out is anybody's again. tries: how often the mail
-- server put the row off. last_answer: what was said about it last. settled_at: when it was sent or given up.
ALTER TABLE outbox ADD COLUMN tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0);
ALTER TABLE outbox ADD COLUMN claim BLOB NULL CHECK ((status = 'sending') = (claim IS NOT NULL));
ALTER TABLE outbox ADD COLUMN lease_until INTEGER NULL CHECK ((claim IS NULL) = (lease_until IS NULL));
ALTER TABLE outbox ADD COLUMN last_answer TEXT NULL CHECK (length(last_answer) BETWEEN 1 AND 500);
ALTER TABLE outbox ADD COLUMN settled_at INTEGER NULL CHECK ((status IN ('sent', 'dead')) = (settled_at IS NOT NULL));
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE status = 'sending';
CREATE INDEX outbox_claimed ON outbox (claim) WHERE status = 'sending';
CREATE INDEX outbox_dead ON outbox (settled_at) WHERE status = 'dead';

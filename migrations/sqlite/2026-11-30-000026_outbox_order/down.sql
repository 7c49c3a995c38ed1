CREATE INDEX outbox_claimed ON outbox (claim) WHERE status = 'sending';
DROP INDEX outbox_queued;
CREATE INDEX outbox_queued ON outbox (not_before) WHERE status = 'queued';

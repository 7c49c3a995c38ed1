DROP INDEX pairings_by_start;
DROP TABLE account_mail_refusals;
ALTER TABLE sessions DROP COLUMN claimed_by;

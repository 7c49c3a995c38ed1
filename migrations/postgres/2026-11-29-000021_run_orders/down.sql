DROP INDEX runs_by_orderer;
ALTER TABLE runs DROP COLUMN ordered_by;

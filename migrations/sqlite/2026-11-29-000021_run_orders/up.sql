-- Who asked for a run, to be told when it is done; none: a command.
ALTER TABLE runs ADD COLUMN ordered_by BLOB NULL REFERENCES accounts (id);
CREATE INDEX runs_by_orderer ON runs (ordered_by);

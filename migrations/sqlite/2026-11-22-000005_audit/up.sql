-- What happened, by whom, to what. Rows are only ever added. They hold ids,
-- names of columns and values that tell nothing about a person.
CREATE TABLE audit (
    id BLOB NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 100),
    action TEXT NOT NULL CHECK (length(action) BETWEEN 1 AND 100),
    subject_kind TEXT NOT NULL CHECK (length(subject_kind) BETWEEN 1 AND 100),
    subject_id BLOB NULL,
    changes TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_subject ON audit (subject_kind, subject_id);

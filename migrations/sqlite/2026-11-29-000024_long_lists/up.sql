-- What stands still is listed by how long it has, a page at a time: an index has the rows in that order, of all
-- agencies and of each.
CREATE INDEX requests_by_change ON requests (status, changed_at, id);
CREATE INDEX requests_by_agency_and_change ON requests (agency, status, changed_at, id);
CREATE INDEX offers_by_asking ON offers (status, asked_at, id);
CREATE INDEX offers_by_agency_and_asking ON offers (agency, status, asked_at, id);
CREATE INDEX pairings_by_agency_and_start ON pairings (agency, status, started_at, id);
-- The audit log is read by auditors, the newest entry first: all of it, of one kind of thing, or of one action.
CREATE INDEX audit_by_kind ON audit (subject_kind, at, id);
CREATE INDEX audit_by_action ON audit (action, at, id);

-- Lists of one agency, page by page. Requests, offers and pairings carry the agency of their coachee, and offers
-- the cohort of their request, so that an index has the rows wanted in the order in which they are shown: a page
-- costs the same however large the agency is. The program never writes these columns: triggers fill them, and
-- follow a coachee who moves to another agency and an offer that goes over to another request.
ALTER TABLE requests ADD COLUMN agency TEXT NULL REFERENCES agencies (code);
ALTER TABLE offers ADD COLUMN agency TEXT NULL REFERENCES agencies (code);
ALTER TABLE offers ADD COLUMN cohort BLOB NULL REFERENCES cohorts (id);
ALTER TABLE pairings ADD COLUMN agency TEXT NULL REFERENCES agencies (code);
UPDATE requests SET agency = (SELECT agency FROM coachee_profiles WHERE person = coachee);
UPDATE pairings SET agency = (SELECT agency FROM coachee_profiles WHERE person = coachee);
UPDATE offers SET agency = (SELECT agency FROM requests WHERE requests.id = request),
    cohort = (SELECT cohort FROM requests WHERE requests.id = request);

CREATE TRIGGER requests_have_agency AFTER INSERT ON requests BEGIN
    UPDATE requests SET agency = (SELECT agency FROM coachee_profiles WHERE person = NEW.coachee) WHERE id = NEW.id;
END;

CREATE TRIGGER offers_have_agency AFTER INSERT ON offers BEGIN
    UPDATE offers SET (agency, cohort) = (SELECT agency, cohort FROM requests WHERE requests.id = NEW.request)
    WHERE id = NEW.id;
END;

CREATE TRIGGER offers_change_request AFTER UPDATE OF request ON offers WHEN OLD.request <> NEW.request BEGIN
    UPDATE offers SET (agency, cohort) = (SELECT agency, cohort FROM requests WHERE requests.id = NEW.request)
    WHERE id = NEW.id;
END;

CREATE TRIGGER pairings_have_agency AFTER INSERT ON pairings BEGIN
    UPDATE pairings SET agency = (SELECT agency FROM coachee_profiles WHERE person = NEW.coachee) WHERE id = NEW.id;
END;

CREATE TRIGGER coachees_change_agency AFTER UPDATE OF agency ON coachee_profiles WHEN OLD.agency <> NEW.agency BEGIN
    UPDATE requests SET agency = NEW.agency WHERE coachee = NEW.person;
    UPDATE offers SET agency = NEW.agency WHERE request IN (SELECT id FROM requests WHERE coachee = NEW.person);
    UPDATE pairings SET agency = NEW.agency WHERE coachee = NEW.person;
END;

CREATE INDEX requests_by_agency ON requests (agency, id);
CREATE INDEX requests_by_agency_and_status ON requests (agency, status, id);
CREATE INDEX offers_by_agency ON offers (agency, id);
CREATE INDEX offers_by_agency_and_status ON offers (agency, status, id);
CREATE INDEX offers_by_cohort ON offers (cohort, id);
CREATE INDEX offers_by_cohort_and_status ON offers (cohort, status, id);
CREATE INDEX pairings_by_agency ON pairings (agency, id);
CREATE INDEX pairings_by_agency_and_status ON pairings (agency, status, id);

-- Verified coaches in the order in which they joined.
CREATE INDEX coach_profiles_by_verification ON coach_profiles (verification, person);

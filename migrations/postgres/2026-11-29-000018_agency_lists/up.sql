-- Lists of one agency, page by page. Requests, offers and pairings carry the agency of their coachee, and offers
-- the cohort of their request, so that an index has the rows wanted in the order in which they are shown: a page
-- costs the same however large the agency is. The program never writes these columns: triggers fill them, and
-- follow a coachee who moves to another agency and an offer that goes over to another request.
ALTER TABLE requests ADD COLUMN agency TEXT NULL REFERENCES agencies (code);
ALTER TABLE offers ADD COLUMN agency TEXT NULL REFERENCES agencies (code);
ALTER TABLE offers ADD COLUMN cohort UUID NULL REFERENCES cohorts (id);
ALTER TABLE pairings ADD COLUMN agency TEXT NULL REFERENCES agencies (code);
UPDATE requests SET agency = (SELECT agency FROM coachee_profiles WHERE person = coachee);
UPDATE pairings SET agency = (SELECT agency FROM coachee_profiles WHERE person = coachee);
UPDATE offers SET agency = (SELECT agency FROM requests WHERE requests.id = request),
    cohort = (SELECT cohort FROM requests WHERE requests.id = request);

CREATE FUNCTION take_agency_of_coachee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT agency INTO NEW.agency FROM coachee_profiles WHERE person = NEW.coachee;
    RETURN NEW;
END $$;

CREATE FUNCTION take_agency_of_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT agency, cohort INTO NEW.agency, NEW.cohort FROM requests WHERE id = NEW.request;
    RETURN NEW;
END $$;

CREATE FUNCTION hand_agency_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests SET agency = NEW.agency WHERE coachee = NEW.person;
    UPDATE offers SET agency = NEW.agency WHERE request IN (SELECT id FROM requests WHERE coachee = NEW.person);
    UPDATE pairings SET agency = NEW.agency WHERE coachee = NEW.person;
    RETURN NULL;
END $$;

CREATE TRIGGER requests_have_agency BEFORE INSERT ON requests
    FOR EACH ROW EXECUTE FUNCTION take_agency_of_coachee();
CREATE TRIGGER offers_have_agency BEFORE INSERT OR UPDATE OF request ON offers
    FOR EACH ROW EXECUTE FUNCTION take_agency_of_request();
CREATE TRIGGER pairings_have_agency BEFORE INSERT ON pairings
    FOR EACH ROW EXECUTE FUNCTION take_agency_of_coachee();
CREATE TRIGGER coachees_change_agency AFTER UPDATE OF agency ON coachee_profiles
    FOR EACH ROW WHEN (OLD.agency <> NEW.agency) EXECUTE FUNCTION hand_agency_on();

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

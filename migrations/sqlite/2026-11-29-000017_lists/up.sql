-- Lists show the newest first, page by page. With these a page costs the same however long the list is and
-- whatever it is filtered by: the rows wanted stand together, in the order in which they are shown.
DROP INDEX requests_by_cohort;
CREATE INDEX requests_by_cohort ON requests (cohort, id);
CREATE INDEX requests_by_cohort_and_status ON requests (cohort, status, id);
CREATE INDEX requests_by_status ON requests (status, id);
CREATE INDEX offers_by_status ON offers (status, id);
DROP INDEX pairings_by_cohort;
CREATE INDEX pairings_by_cohort ON pairings (cohort, id);
CREATE INDEX pairings_by_cohort_and_status ON pairings (cohort, status, id);
CREATE INDEX pairings_by_status ON pairings (status, id);
DROP INDEX invitations_by_agency;
CREATE INDEX invitations_by_agency ON invitations (agency, id);
DROP INDEX coach_applications_by_agency;
CREATE INDEX coach_applications_by_agency ON coach_applications (agency, id);
CREATE INDEX coach_applications_by_agency_and_status ON coach_applications (agency, status, id);

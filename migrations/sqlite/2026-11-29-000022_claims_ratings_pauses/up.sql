-- Somebody who says that they are a coachee of whom the records have no address: numbers of identity and birth dates
-- are no secrets, so an admin of the coachee's agency decides whether the link goes out to the address that was given.
CREATE TABLE sign_up_claims (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES persons (id),
    email TEXT NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    language TEXT NOT NULL CHECK (language IN ('id', 'en')),
    status TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'refused')),
    decided_by BLOB NULL REFERENCES accounts (id),
    decided_at INTEGER NULL,
    created_at INTEGER NOT NULL,
    CHECK ((status = 'pending') = (decided_at IS NULL))
) STRICT;
CREATE UNIQUE INDEX one_pending_claim ON sign_up_claims (person, email) WHERE status = 'pending';
CREATE INDEX sign_up_claims_by_person ON sign_up_claims (person);
CREATE INDEX sign_up_claims_by_status ON sign_up_claims (status, id);
CREATE INDEX sign_up_claims_by_decider ON sign_up_claims (decided_by);

-- Which imported coaches an applicant may be.
CREATE INDEX coach_profiles_by_certificate ON coach_profiles (certificate_number);

-- How many ratings a coach was given, and their sum in hundredths: rating is the mean. It was weighed by completed
-- pairings before, also by those that nobody rated. What an import said counts for the pairings that were not completed
-- here; what was said here is counted anew.
ALTER TABLE coach_profiles ADD COLUMN ratings INTEGER NOT NULL DEFAULT 0 CHECK (ratings >= 0);
ALTER TABLE coach_profiles ADD COLUMN rating_sum INTEGER NOT NULL DEFAULT 0 CHECK (rating_sum >= 0);
UPDATE coach_profiles SET ratings = completed_pairs -
        (SELECT count(*) FROM pairings p WHERE p.coach = person AND p.status = 'completed')
    WHERE rating IS NOT NULL AND completed_pairs >
        (SELECT count(*) FROM pairings p WHERE p.coach = person AND p.status = 'completed');
UPDATE coach_profiles SET rating_sum = ratings * rating WHERE rating IS NOT NULL;
UPDATE coach_profiles SET
    ratings = ratings +
        (SELECT count(*) FROM evaluations e JOIN pairings p ON p.id = e.pairing
         WHERE p.coach = person AND e.given_by = 'coachee'),
    rating_sum = rating_sum + 100 *
        (SELECT coalesce(sum(e.rating), 0) FROM evaluations e JOIN pairings p ON p.id = e.pairing
         WHERE p.coach = person AND e.given_by = 'coachee')
    WHERE person IN (SELECT p.coach FROM evaluations e JOIN pairings p ON p.id = e.pairing WHERE e.given_by = 'coachee');
UPDATE coach_profiles SET rating = rating_sum / ratings
    WHERE person IN (SELECT p.coach FROM evaluations e JOIN pairings p ON p.id = e.pairing WHERE e.given_by = 'coachee');

-- The day on which a coach who has paused welcomes new coachees again, if they have said one.
ALTER TABLE coach_profiles ADD COLUMN paused_until TEXT NULL;
CREATE INDEX coach_profiles_by_pause ON coach_profiles (paused_until) WHERE paused_until IS NOT NULL;

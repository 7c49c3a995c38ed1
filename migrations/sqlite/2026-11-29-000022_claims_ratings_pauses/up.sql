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

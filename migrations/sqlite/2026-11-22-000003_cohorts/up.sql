-- Cohorts, the policies their runs follow, and the requests in them.
CREATE TABLE cohorts (
    id BLOB NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    opens_on TEXT NULL,
    closes_on TEXT NULL,
    created_at INTEGER NOT NULL,
    CHECK (closes_on >= opens_on)
) STRICT;

-- A policy is never changed in place: a change is a new version. Without a cohort it is for all.
CREATE TABLE policies (
    id BLOB NOT NULL PRIMARY KEY,
    cohort BLOB NULL REFERENCES cohorts (id),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    version INTEGER NOT NULL CHECK (version >= 1),
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_policy_per_version ON policies (name, version) WHERE cohort IS NULL;
CREATE UNIQUE INDEX one_cohort_policy_per_version ON policies (cohort, name, version) WHERE cohort IS NOT NULL;

CREATE TABLE requests (
    id BLOB NOT NULL PRIMARY KEY,
    cohort BLOB NOT NULL REFERENCES cohorts (id),
    coachee BLOB NOT NULL REFERENCES coachee_profiles (person),
    status TEXT NOT NULL CHECK (status IN ('open', 'matched', 'withdrawn', 'closed')),
    modes INTEGER NOT NULL CHECK (modes BETWEEN 0 AND 3),
    languages INTEGER NOT NULL CHECK (languages BETWEEN 0 AND 255),
    waiting_rounds INTEGER NOT NULL CHECK (waiting_rounds BETWEEN 0 AND 255),
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX one_live_request ON requests (cohort, coachee) WHERE status IN ('open', 'matched');
CREATE INDEX requests_by_cohort ON requests (cohort, status);
CREATE INDEX requests_by_coachee ON requests (coachee);

CREATE TABLE request_focus (
    request BLOB NOT NULL REFERENCES requests (id),
    place INTEGER NOT NULL CHECK (place BETWEEN 1 AND 3),
    competency TEXT NOT NULL REFERENCES competencies (code),
    PRIMARY KEY (request, place),
    UNIQUE (request, competency)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_focus_by_competency ON request_focus (competency);

CREATE TABLE request_choices (
    request BLOB NOT NULL REFERENCES requests (id),
    place INTEGER NOT NULL CHECK (place BETWEEN 1 AND 3),
    coach_code TEXT NOT NULL,
    PRIMARY KEY (request, place),
    UNIQUE (request, coach_code)
) STRICT, WITHOUT ROWID;

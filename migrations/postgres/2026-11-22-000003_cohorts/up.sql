-- Cohorts, the policies their runs follow, and the requests in them.
CREATE TABLE cohorts (
    id UUID NOT NULL PRIMARY KEY,
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    opens_on DATE NULL,
    closes_on DATE NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK (closes_on >= opens_on)
);

-- A policy is never changed in place: a change is a new version. Without a cohort it is for all.
CREATE TABLE policies (
    id UUID NOT NULL PRIMARY KEY,
    cohort UUID NULL REFERENCES cohorts (id),
    name TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    version INTEGER NOT NULL CHECK (version >= 1),
    body JSON NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX one_policy_per_version ON policies (name, version) WHERE cohort IS NULL;
CREATE UNIQUE INDEX one_cohort_policy_per_version ON policies (cohort, name, version) WHERE cohort IS NOT NULL;

CREATE TABLE requests (
    id UUID NOT NULL PRIMARY KEY,
    cohort UUID NOT NULL REFERENCES cohorts (id),
    coachee UUID NOT NULL REFERENCES coachee_profiles (person),
    status TEXT NOT NULL CHECK (status IN ('open', 'matched', 'withdrawn', 'closed')),
    modes SMALLINT NOT NULL CHECK (modes BETWEEN 0 AND 3),
    languages SMALLINT NOT NULL CHECK (languages BETWEEN 0 AND 255),
    waiting_rounds SMALLINT NOT NULL CHECK (waiting_rounds BETWEEN 0 AND 255),
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX one_live_request ON requests (cohort, coachee) WHERE status IN ('open', 'matched');
CREATE INDEX requests_by_cohort ON requests (cohort, status);
CREATE INDEX requests_by_coachee ON requests (coachee);

CREATE TABLE request_focus (
    request UUID NOT NULL REFERENCES requests (id),
    place SMALLINT NOT NULL CHECK (place BETWEEN 1 AND 3),
    competency TEXT COLLATE "C" NOT NULL REFERENCES competencies (code),
    PRIMARY KEY (request, place),
    UNIQUE (request, competency)
);
CREATE INDEX request_focus_by_competency ON request_focus (competency);

CREATE TABLE request_choices (
    request UUID NOT NULL REFERENCES requests (id),
    place SMALLINT NOT NULL CHECK (place BETWEEN 1 AND 3),
    coach_code TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (request, place),
    UNIQUE (request, coach_code)
);

-- What runs worked on, so that each can be explained, checked and compared for as long as it is kept.

-- tries: how often computing began and did not end with a result. failure: why a run was given up, which
-- discards it; failure_detail names what is in the way, by codes alone. what_if: hypothetical coaches, who are
-- no persons; a run that has some is never published. follows: the earlier run from whose pairs and prices it starts.
ALTER TABLE runs ADD COLUMN tries INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0);
ALTER TABLE runs ADD COLUMN failure TEXT NULL CHECK (failure IS NULL OR (failure IN ('input', 'condition', 'too_large', 'ended', 'internal') AND status = 'discarded'));
ALTER TABLE runs ADD COLUMN failure_detail TEXT NULL CHECK (length(failure_detail) BETWEEN 1 AND 500);
ALTER TABLE runs ADD COLUMN what_if TEXT NULL CHECK (what_if IS NULL OR status <> 'published');
ALTER TABLE runs ADD COLUMN follows BLOB NULL REFERENCES runs (id);
CREATE INDEX runs_by_follows ON runs (follows);

-- Pairs that an admin wants, or does not want, in a run.
CREATE TABLE run_conditions (
    run BLOB NOT NULL REFERENCES runs (id),
    kind TEXT NOT NULL CHECK (kind IN ('pinned', 'forbidden')),
    coachee BLOB NOT NULL REFERENCES persons (id),
    coach BLOB NOT NULL REFERENCES persons (id),
    PRIMARY KEY (run, coachee, coach)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_pin_per_coachee ON run_conditions (run, coachee) WHERE kind = 'pinned';
CREATE INDEX run_conditions_by_coachee ON run_conditions (coachee);
CREATE INDEX run_conditions_by_coach ON run_conditions (coach);

-- The input of a run as the engine read it: columns in a ZIP archive, cut into parts. digest: SHA-256 of the archive.
CREATE TABLE run_inputs (
    run BLOB NOT NULL PRIMARY KEY REFERENCES runs (id),
    format INTEGER NOT NULL CHECK (format >= 1),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    size INTEGER NOT NULL CHECK (size >= 1),
    parts INTEGER NOT NULL CHECK (parts >= 1),
    kept_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE run_input_parts (
    run BLOB NOT NULL REFERENCES run_inputs (run),
    part INTEGER NOT NULL CHECK (part >= 0),
    bytes BLOB NOT NULL,
    PRIMARY KEY (run, part)
) STRICT;

-- What a run found for coaches who are no persons. Places are those of proposed_pairs.
CREATE TABLE run_what_if_pairs (
    run BLOB NOT NULL REFERENCES runs (id),
    place INTEGER NOT NULL CHECK (place >= 0),
    coachee BLOB NOT NULL REFERENCES persons (id),
    coach_code TEXT NOT NULL,
    score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 255),
    explanation TEXT NOT NULL,
    PRIMARY KEY (run, place),
    UNIQUE (run, coachee)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_what_if_pairs_by_coachee ON run_what_if_pairs (coachee);
CREATE TABLE run_what_if_prices (
    run BLOB NOT NULL REFERENCES runs (id),
    coach_code TEXT NOT NULL,
    price INTEGER NOT NULL CHECK (price >= 0),
    PRIMARY KEY (run, coach_code)
) STRICT, WITHOUT ROWID;

-- The days on which coachees rank coaches, and coaches say whom they wish for.
ALTER TABLE cohorts ADD COLUMN ranking_opens_on TEXT NULL;
ALTER TABLE cohorts ADD COLUMN ranking_closes_on TEXT NULL CHECK ((ranking_opens_on IS NULL) = (ranking_closes_on IS NULL) AND (ranking_closes_on IS NULL OR ranking_closes_on >= ranking_opens_on));
-- Whom a coach wishes for in a cohort. What coachees rank are the choices of their requests.
CREATE TABLE ranking_wishes (
    cohort BLOB NOT NULL REFERENCES cohorts (id),
    coach BLOB NOT NULL REFERENCES coach_profiles (person),
    coachee BLOB NOT NULL REFERENCES coachee_profiles (person),
    PRIMARY KEY (cohort, coach, coachee)
) STRICT, WITHOUT ROWID;
CREATE INDEX ranking_wishes_by_coach ON ranking_wishes (coach);
CREATE INDEX ranking_wishes_by_coachee ON ranking_wishes (coachee);
CREATE INDEX request_choices_by_coach ON request_choices (coach_code);

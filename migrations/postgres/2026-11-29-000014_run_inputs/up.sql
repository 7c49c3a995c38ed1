-- What runs worked on, so that each can be explained, checked and compared for as long as it is kept.

-- tries: how often computing began and did not end with a result. failure: why a run was given up, which
-- discards it; failure_detail names what is in the way, by codes alone. what_if: hypothetical coaches, who are
-- no persons; a run that has some is never published. follows: the earlier run from whose pairs and prices it starts.
ALTER TABLE runs ADD COLUMN tries SMALLINT NOT NULL DEFAULT 0 CHECK (tries >= 0);
ALTER TABLE runs ADD COLUMN failure TEXT NULL CHECK (failure IS NULL OR (failure IN ('input', 'condition', 'too_large', 'ended', 'internal') AND status = 'discarded'));
ALTER TABLE runs ADD COLUMN failure_detail TEXT NULL CHECK (length(failure_detail) BETWEEN 1 AND 500);
ALTER TABLE runs ADD COLUMN what_if JSON NULL CHECK (what_if IS NULL OR status <> 'published');
ALTER TABLE runs ADD COLUMN follows UUID NULL REFERENCES runs (id);
CREATE INDEX runs_by_follows ON runs (follows);

-- Pairs that an admin wants, or does not want, in a run.
CREATE TABLE run_conditions (
    run UUID NOT NULL REFERENCES runs (id),
    kind TEXT NOT NULL CHECK (kind IN ('pinned', 'forbidden')),
    coachee UUID NOT NULL REFERENCES persons (id),
    coach UUID NOT NULL REFERENCES persons (id),
    PRIMARY KEY (run, coachee, coach)
);
CREATE UNIQUE INDEX one_pin_per_coachee ON run_conditions (run, coachee) WHERE kind = 'pinned';
CREATE INDEX run_conditions_by_coachee ON run_conditions (coachee);
CREATE INDEX run_conditions_by_coach ON run_conditions (coach);

-- The input of a run as the engine read it: columns in a ZIP archive, cut into parts. digest: SHA-256 of the archive.
CREATE TABLE run_inputs (
    run UUID NOT NULL PRIMARY KEY REFERENCES runs (id),
    format SMALLINT NOT NULL CHECK (format >= 1),
    digest TEXT NOT NULL CHECK (length(digest) = 64),
    size BIGINT NOT NULL CHECK (size >= 1),
    parts INTEGER NOT NULL CHECK (parts >= 1),
    kept_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE run_input_parts (
    run UUID NOT NULL REFERENCES run_inputs (run),
    part INTEGER NOT NULL CHECK (part >= 0),
    bytes BYTEA NOT NULL,
    PRIMARY KEY (run, part)
);

-- What a run found for coaches who are no persons. Places are those of proposed_pairs.
CREATE TABLE run_what_if_pairs (
    run UUID NOT NULL REFERENCES runs (id),
    place INTEGER NOT NULL CHECK (place >= 0),
    coachee UUID NOT NULL REFERENCES persons (id),
    coach_code TEXT NOT NULL,
    score SMALLINT NOT NULL CHECK (score BETWEEN 1 AND 255),
    explanation JSON NOT NULL,
    PRIMARY KEY (run, place),
    UNIQUE (run, coachee)
);
CREATE INDEX run_what_if_pairs_by_coachee ON run_what_if_pairs (coachee);
CREATE TABLE run_what_if_prices (
    run UUID NOT NULL REFERENCES runs (id),
    coach_code TEXT NOT NULL,
    price BIGINT NOT NULL CHECK (price >= 0),
    PRIMARY KEY (run, coach_code)
);

-- The days on which coachees rank coaches, and coaches say whom they wish for.
ALTER TABLE cohorts ADD COLUMN ranking_opens_on DATE NULL;
ALTER TABLE cohorts ADD COLUMN ranking_closes_on DATE NULL CHECK ((ranking_opens_on IS NULL) = (ranking_closes_on IS NULL) AND (ranking_closes_on IS NULL OR ranking_closes_on >= ranking_opens_on));
-- Whom a coach wishes for in a cohort. What coachees rank are the choices of their requests.
CREATE TABLE ranking_wishes (
    cohort UUID NOT NULL REFERENCES cohorts (id),
    coach UUID NOT NULL REFERENCES coach_profiles (person),
    coachee UUID NOT NULL REFERENCES coachee_profiles (person),
    PRIMARY KEY (cohort, coach, coachee)
);
CREATE INDEX ranking_wishes_by_coach ON ranking_wishes (coach);
CREATE INDEX ranking_wishes_by_coachee ON ranking_wishes (coachee);
CREATE INDEX request_choices_by_coach ON request_choices (coach_code);

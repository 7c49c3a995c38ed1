-- Matching runs and what they found. The seed is an unsigned 64-bit number kept
-- in the bits of a signed one. lambda and prices are whole numbers in the
-- engine's fixed-point unit, the other totals are points of score.
CREATE TABLE runs (
    id UUID NOT NULL PRIMARY KEY,
    cohort UUID NOT NULL REFERENCES cohorts (id),
    policy UUID NOT NULL REFERENCES policies (id),
    objective TEXT NOT NULL CHECK (objective IN ('most_people', 'best_total', 'stable')),
    seed BIGINT NOT NULL,
    as_of DATE NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'computing', 'computed', 'published', 'discarded')),
    input_digest TEXT NULL,
    program_version TEXT NULL,
    coachees INTEGER NULL CHECK (coachees >= 0),
    coaches INTEGER NULL CHECK (coaches >= 0),
    matched INTEGER NULL CHECK (matched BETWEEN 0 AND coachees),
    possible INTEGER NULL CHECK (possible >= matched),
    total_score BIGINT NULL CHECK (total_score >= 0),
    upper_bound BIGINT NULL CHECK (upper_bound >= total_score),
    gap BIGINT NULL CHECK (gap >= 0),
    blocking_pairs BIGINT NULL CHECK (blocking_pairs >= 0),
    lambda BIGINT NULL,
    report JSON NULL,
    created_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ NULL,
    computed_at TIMESTAMPTZ NULL,
    published_at TIMESTAMPTZ NULL,
    discarded_at TIMESTAMPTZ NULL,
    CHECK (status NOT IN ('computed', 'published') OR (computed_at IS NOT NULL AND matched IS NOT NULL AND report IS NOT NULL)),
    CHECK ((status = 'published') = (published_at IS NOT NULL)),
    CHECK ((status = 'discarded') = (discarded_at IS NOT NULL))
);
CREATE INDEX runs_by_cohort ON runs (cohort);
CREATE INDEX runs_by_policy ON runs (policy);
CREATE INDEX runs_by_status ON runs (status);

-- place: the order by the coachee's code, from 0, by which pages are cut.
CREATE TABLE proposed_pairs (
    run UUID NOT NULL REFERENCES runs (id),
    place INTEGER NOT NULL CHECK (place >= 0),
    coachee UUID NOT NULL REFERENCES persons (id),
    coach UUID NOT NULL REFERENCES persons (id),
    score SMALLINT NOT NULL CHECK (score BETWEEN 1 AND 255),
    status TEXT NOT NULL CHECK (status IN ('proposed', 'offered', 'withdrawn')),
    explanation JSON NOT NULL,
    PRIMARY KEY (run, place),
    UNIQUE (run, coachee),
    CHECK (coachee <> coach)
);
CREATE INDEX proposed_pairs_by_coachee ON proposed_pairs (coachee);
CREATE INDEX proposed_pairs_by_coach ON proposed_pairs (coach, run);

-- Who got no coach in a run: the place on the waiting list, from 1, and why.
CREATE TABLE run_waiting (
    run UUID NOT NULL REFERENCES runs (id),
    place INTEGER NOT NULL CHECK (place >= 1),
    coachee UUID NOT NULL REFERENCES persons (id),
    reason JSON NOT NULL,
    PRIMARY KEY (run, place),
    UNIQUE (run, coachee)
);
CREATE INDEX run_waiting_by_coachee ON run_waiting (coachee);

-- What one more place of a coach would have added to the total.
CREATE TABLE run_prices (
    run UUID NOT NULL REFERENCES runs (id),
    coach UUID NOT NULL REFERENCES persons (id),
    price BIGINT NOT NULL CHECK (price >= 0),
    PRIMARY KEY (run, coach)
);
CREATE INDEX run_prices_by_coach ON run_prices (coach);

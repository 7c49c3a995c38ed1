-- Matching runs and what they found. The seed is an unsigned 64-bit number kept
-- in the bits of a signed one. lambda and prices are whole numbers in the
-- engine's fixed-point unit, the other totals are points of score.
CREATE TABLE runs (
    id BLOB NOT NULL PRIMARY KEY,
    cohort BLOB NOT NULL REFERENCES cohorts (id),
    policy BLOB NOT NULL REFERENCES policies (id),
    objective TEXT NOT NULL CHECK (objective IN ('most_people', 'best_total', 'stable')),
    seed INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('queued', 'computing', 'computed', 'published', 'discarded')),
    input_digest TEXT NULL,
    program_version TEXT NULL,
    coachees INTEGER NULL CHECK (coachees >= 0),
    coaches INTEGER NULL CHECK (coaches >= 0),
    matched INTEGER NULL CHECK (matched BETWEEN 0 AND coachees),
    possible INTEGER NULL CHECK (possible >= matched),
    total_score INTEGER NULL CHECK (total_score >= 0),
    upper_bound INTEGER NULL CHECK (upper_bound >= total_score),
    gap INTEGER NULL CHECK (gap >= 0),
    blocking_pairs INTEGER NULL CHECK (blocking_pairs >= 0),
    lambda INTEGER NULL,
    report TEXT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER NULL,
    computed_at INTEGER NULL,
    published_at INTEGER NULL,
    discarded_at INTEGER NULL,
    CHECK (status NOT IN ('computed', 'published') OR (computed_at IS NOT NULL AND matched IS NOT NULL AND report IS NOT NULL)),
    CHECK ((status = 'published') = (published_at IS NOT NULL)),
    CHECK ((status = 'discarded') = (discarded_at IS NOT NULL))
) STRICT;
CREATE INDEX runs_by_cohort ON runs (cohort);
CREATE INDEX runs_by_policy ON runs (policy);
CREATE INDEX runs_by_status ON runs (status);

-- place: the order by the coachee's code, from 0, by which pages are cut.
CREATE TABLE proposed_pairs (
    run BLOB NOT NULL REFERENCES runs (id),
    place INTEGER NOT NULL CHECK (place >= 0),
    coachee BLOB NOT NULL REFERENCES persons (id),
    coach BLOB NOT NULL REFERENCES persons (id),
    score INTEGER NOT NULL CHECK (score BETWEEN 1 AND 255),
    status TEXT NOT NULL CHECK (status IN ('proposed', 'offered', 'withdrawn')),
    explanation TEXT NOT NULL,
    PRIMARY KEY (run, place),
    UNIQUE (run, coachee),
    CHECK (coachee <> coach)
) STRICT, WITHOUT ROWID;
CREATE INDEX proposed_pairs_by_coachee ON proposed_pairs (coachee);
CREATE INDEX proposed_pairs_by_coach ON proposed_pairs (coach, run);

-- Who got no coach in a run: the place on the waiting list, from 1, and why.
CREATE TABLE run_waiting (
    run BLOB NOT NULL REFERENCES runs (id),
    place INTEGER NOT NULL CHECK (place >= 1),
    coachee BLOB NOT NULL REFERENCES persons (id),
    reason TEXT NOT NULL,
    PRIMARY KEY (run, place),
    UNIQUE (run, coachee)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_waiting_by_coachee ON run_waiting (coachee);

-- What one more place of a coach would have added to the total.
CREATE TABLE run_prices (
    run BLOB NOT NULL REFERENCES runs (id),
    coach BLOB NOT NULL REFERENCES persons (id),
    price INTEGER NOT NULL CHECK (price >= 0),
    PRIMARY KEY (run, coach)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_prices_by_coach ON run_prices (coach);

-- The way from a request to a pairing. version counts the changes of a row: each has
-- one entry in the audit log. Rows that an import brought start at 0.
ALTER TABLE requests ADD COLUMN motivation TEXT NULL CHECK (length(motivation) BETWEEN 1 AND 2000);
-- Who comes first on the waiting list: the higher the earlier, then who has waited more rounds, then who asked first.
ALTER TABLE requests ADD COLUMN priority INTEGER NOT NULL DEFAULT 0 CHECK (priority >= 0);
ALTER TABLE requests ADD COLUMN version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0);
CREATE INDEX requests_waiting ON requests (cohort, priority, waiting_rounds, id) WHERE status = 'open';

-- load: places taken as an import says. held: places taken by offers that wait for an
-- answer, and by active pairings. Whoever wants a place raises held; the check refuses the one too many.
ALTER TABLE coach_profiles ADD COLUMN held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0 AND load + held <= capacity);
ALTER TABLE coach_profiles ADD COLUMN version INTEGER NOT NULL DEFAULT 0 CHECK (version >= 0);

-- What happened here outlasts every import.
ALTER TABLE earlier_pairs ADD COLUMN imported INTEGER NOT NULL DEFAULT 1 CHECK (imported IN (0, 1));

-- place: the rank of the coach among the coachee's choices. asked_at: when the present
-- answerer was asked: the coachee while proposed, the coach while pending.
CREATE TABLE offers (
    id BLOB NOT NULL PRIMARY KEY,
    request BLOB NOT NULL REFERENCES requests (id),
    coach BLOB NOT NULL REFERENCES coach_profiles (person),
    origin TEXT NOT NULL CHECK (origin IN ('choice', 'run', 'admin')),
    place INTEGER NULL CHECK (place BETWEEN 1 AND 3),
    run BLOB NULL REFERENCES runs (id),
    status TEXT NOT NULL CHECK (status IN ('proposed', 'pending', 'accepted', 'declined', 'expired', 'withdrawn')),
    asked_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    answered_at INTEGER NULL,
    reason TEXT NULL CHECK (reason IN ('no_time', 'wrong_field', 'too_close', 'prefers_another', 'other')),
    note TEXT NULL CHECK (length(note) BETWEEN 1 AND 500),
    version INTEGER NOT NULL CHECK (version >= 1),
    CHECK ((origin = 'choice') = (place IS NOT NULL)),
    CHECK ((origin = 'run') = (run IS NOT NULL)),
    CHECK ((status IN ('proposed', 'pending')) = (answered_at IS NULL)),
    CHECK ((status = 'declined') = (reason IS NOT NULL)),
    CHECK (deadline > asked_at)
) STRICT;
CREATE UNIQUE INDEX one_live_offer ON offers (request, coach) WHERE status IN ('proposed', 'pending', 'accepted');
CREATE UNIQUE INDEX one_accepted_offer ON offers (request) WHERE status = 'accepted';
CREATE INDEX offers_by_request ON offers (request);
CREATE INDEX offers_by_coach ON offers (coach, status);
CREATE INDEX offers_by_run ON offers (run);
CREATE INDEX offers_waiting ON offers (deadline) WHERE status IN ('proposed', 'pending');

CREATE TABLE pairings (
    id BLOB NOT NULL PRIMARY KEY,
    offer BLOB NOT NULL UNIQUE REFERENCES offers (id),
    cohort BLOB NOT NULL REFERENCES cohorts (id),
    coachee BLOB NOT NULL REFERENCES coachee_profiles (person),
    coach BLOB NOT NULL REFERENCES coach_profiles (person),
    rematch_of BLOB NULL REFERENCES pairings (id),
    status TEXT NOT NULL CHECK (status IN ('active', 'completed', 'ended')),
    goals TEXT NULL CHECK (length(goals) BETWEEN 1 AND 2000),
    sessions INTEGER NULL CHECK (sessions BETWEEN 1 AND 50),
    confidential INTEGER NULL CHECK (confidential IN (0, 1)),
    coachee_signed_at INTEGER NULL,
    coach_signed_at INTEGER NULL,
    end_reason TEXT NULL CHECK (end_reason IN ('no_time', 'moved', 'no_fit', 'unreachable', 'reassigned', 'other')),
    end_note TEXT NULL CHECK (length(end_note) BETWEEN 1 AND 500),
    no_fault INTEGER NULL CHECK (no_fault IN (0, 1)),
    started_at INTEGER NOT NULL,
    ended_at INTEGER NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    CHECK (coachee <> coach),
    CHECK ((goals IS NULL) = (sessions IS NULL)),
    CHECK ((goals IS NULL) = (confidential IS NULL)),
    CHECK (goals IS NOT NULL OR (coachee_signed_at IS NULL AND coach_signed_at IS NULL)),
    CHECK ((status = 'active') = (ended_at IS NULL)),
    CHECK ((status = 'ended') = (end_reason IS NOT NULL)),
    CHECK ((status = 'ended') = (no_fault IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX one_active_pairing ON pairings (cohort, coachee) WHERE status = 'active';
CREATE INDEX pairings_by_cohort ON pairings (cohort, status);
CREATE INDEX pairings_by_coachee ON pairings (coachee);
CREATE INDEX pairings_by_coach ON pairings (coach, status);
CREATE INDEX pairings_by_rematch ON pairings (rematch_of);

-- One question of each side to the other, before it decides.
CREATE TABLE questions (
    id BLOB NOT NULL PRIMARY KEY,
    request BLOB NOT NULL REFERENCES requests (id),
    coach BLOB NOT NULL REFERENCES coach_profiles (person),
    asked_by TEXT NOT NULL CHECK (asked_by IN ('coachee', 'coach')),
    question TEXT NOT NULL CHECK (length(question) BETWEEN 1 AND 1000),
    asked_at INTEGER NOT NULL,
    answer TEXT NULL CHECK (length(answer) BETWEEN 1 AND 1000),
    answered_at INTEGER NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    UNIQUE (request, coach, asked_by),
    CHECK ((answer IS NULL) = (answered_at IS NULL))
) STRICT;
CREATE INDEX questions_by_coach ON questions (coach);

-- What each side says about a pairing when it is completed.
CREATE TABLE evaluations (
    pairing BLOB NOT NULL REFERENCES pairings (id),
    given_by TEXT NOT NULL CHECK (given_by IN ('coachee', 'coach')),
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    comment TEXT NULL CHECK (length(comment) BETWEEN 1 AND 2000),
    given_at INTEGER NOT NULL,
    PRIMARY KEY (pairing, given_by)
) STRICT, WITHOUT ROWID;

-- What a pair does together: meetings, what was worked on, what it counts for, and what people are
-- told and reminded of. A session is a meeting of a pairing.
-- Days without sessions. of_reference: as the reference data has it; what an admin has changed a new
-- edition leaves alone. workday: a day that the reference data wrongly calls off.
CREATE TABLE holidays (
    day DATE NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('national', 'collective_leave', 'workday')),
    name_id TEXT NOT NULL CHECK (length(name_id) BETWEEN 1 AND 200),
    name_en TEXT NOT NULL CHECK (length(name_en) BETWEEN 1 AND 200),
    estimated BOOLEAN NOT NULL,
    of_reference BOOLEAN NOT NULL
);

-- The hours a coach offers every week, in the coach's zone; weekday 1 is Monday. A coach without
-- any offers the usual ones.
CREATE TABLE availability_rules (
    coach UUID NOT NULL REFERENCES coach_profiles (person),
    weekday SMALLINT NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    from_minute SMALLINT NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
    to_minute SMALLINT NOT NULL CHECK (to_minute BETWEEN 1 AND 1440),
    PRIMARY KEY (coach, weekday, from_minute),
    CHECK (to_minute > from_minute)
);

-- Days on which a coach is away (open false; without minutes all day), or offers other hours (open true).
CREATE TABLE availability_exceptions (
    id UUID NOT NULL PRIMARY KEY,
    coach UUID NOT NULL REFERENCES coach_profiles (person),
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    from_minute SMALLINT NULL CHECK (from_minute BETWEEN 0 AND 1439),
    to_minute SMALLINT NULL CHECK (to_minute BETWEEN 1 AND 1440),
    open BOOLEAN NOT NULL,
    CHECK (last_day >= first_day),
    CHECK ((from_minute IS NULL) = (to_minute IS NULL)),
    CHECK (to_minute > from_minute),
    CHECK (open = FALSE OR from_minute IS NOT NULL)
);
CREATE INDEX availability_exceptions_by_coach ON availability_exceptions (coach, last_day);

-- sequence: how often the time was changed, as calendars count it. What each side says of the
-- meeting afterwards: they may differ.
CREATE TABLE sessions (
    id UUID NOT NULL PRIMARY KEY,
    pairing UUID NOT NULL REFERENCES pairings (id),
    number SMALLINT NOT NULL CHECK (number BETWEEN 1 AND 200),
    status TEXT NOT NULL CHECK (status IN ('proposed', 'scheduled', 'held', 'missed', 'cancelled')),
    starts_at TIMESTAMPTZ NOT NULL,
    minutes SMALLINT NOT NULL CHECK (minutes BETWEEN 15 AND 240),
    mode TEXT NOT NULL CHECK (mode IN ('online', 'in_person')),
    place TEXT NULL CHECK (length(place) BETWEEN 1 AND 500),
    proposed_by TEXT NOT NULL CHECK (proposed_by IN ('coachee', 'coach')),
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    coachee_says TEXT NULL CHECK (coachee_says IN ('held', 'coachee_missed', 'coach_missed', 'not_held')),
    coach_says TEXT NULL CHECK (coach_says IN ('held', 'coachee_missed', 'coach_missed', 'not_held')),
    cancelled_by TEXT NULL CHECK (cancelled_by IN ('coachee', 'coach', 'programme')),
    cancel_note TEXT NULL CHECK (length(cancel_note) BETWEEN 1 AND 500),
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    UNIQUE (pairing, number),
    CHECK ((status = 'cancelled') = (cancelled_by IS NOT NULL)),
    CHECK ((status IN ('held', 'missed')) = (coachee_says IS NOT NULL OR coach_says IS NOT NULL))
);
CREATE INDEX sessions_by_time ON sessions (status, starts_at);

-- The quarters of an hour, counted since 1970, that a person is taken in: nobody can be in two
-- meetings at a time, because a quarter is taken once.
CREATE TABLE bookings (
    person UUID NOT NULL REFERENCES persons (id),
    quarter BIGINT NOT NULL,
    session UUID NOT NULL REFERENCES sessions (id),
    PRIMARY KEY (person, quarter)
);
CREATE INDEX bookings_by_session ON bookings (session);

-- Encrypted. owner: whose private note it is; none: the summary that both share.
CREATE TABLE session_notes (
    id UUID NOT NULL PRIMARY KEY,
    session UUID NOT NULL REFERENCES sessions (id),
    owner TEXT NULL CHECK (owner IN ('coachee', 'coach')),
    sealed TEXT NOT NULL,
    changed_by TEXT NOT NULL CHECK (changed_by IN ('coachee', 'coach')),
    changed_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1)
);
CREATE UNIQUE INDEX one_private_note ON session_notes (session, owner) WHERE owner IS NOT NULL;
CREATE UNIQUE INDEX one_shared_note ON session_notes (session) WHERE owner IS NULL;

-- What a coachee works towards, after the GROW model: goal, reality, options, will.
CREATE TABLE goals (
    id UUID NOT NULL PRIMARY KEY,
    pairing UUID NOT NULL REFERENCES pairings (id),
    competency TEXT NULL REFERENCES competencies (code),
    goal TEXT NOT NULL CHECK (length(goal) BETWEEN 1 AND 500),
    reality TEXT NULL CHECK (length(reality) BETWEEN 1 AND 1000),
    options TEXT NULL CHECK (length(options) BETWEEN 1 AND 1000),
    will TEXT NULL CHECK (length(will) BETWEEN 1 AND 1000),
    status TEXT NOT NULL CHECK (status IN ('open', 'reached', 'dropped')),
    created_by TEXT NOT NULL CHECK (created_by IN ('coachee', 'coach')),
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1)
);
CREATE INDEX goals_by_pairing ON goals (pairing);
CREATE INDEX goals_by_competency ON goals (competency);

CREATE TABLE action_items (
    id UUID NOT NULL PRIMARY KEY,
    pairing UUID NOT NULL REFERENCES pairings (id),
    session UUID NULL REFERENCES sessions (id),
    owner TEXT NOT NULL CHECK (owner IN ('coachee', 'coach')),
    what TEXT NOT NULL CHECK (length(what) BETWEEN 1 AND 500),
    due_on DATE NULL,
    done_at TIMESTAMPTZ NULL,
    created_by TEXT NOT NULL CHECK (created_by IN ('coachee', 'coach')),
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1)
);
CREATE INDEX action_items_by_pairing ON action_items (pairing);
CREATE INDEX action_items_by_session ON action_items (session);

-- Something to read or to watch.
CREATE TABLE pairing_resources (
    id UUID NOT NULL PRIMARY KEY,
    pairing UUID NOT NULL REFERENCES pairings (id),
    title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    url TEXT NOT NULL CHECK (length(url) BETWEEN 1 AND 1000),
    added_by TEXT NOT NULL CHECK (added_by IN ('coachee', 'coach')),
    added_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX pairing_resources_by_pairing ON pairing_resources (pairing);

-- What each side says after a meeting, from 1 (not at all) to 5 (very much).
CREATE TABLE session_feedback (
    session UUID NOT NULL REFERENCES sessions (id),
    given_by TEXT NOT NULL CHECK (given_by IN ('coachee', 'coach')),
    progress SMALLINT NOT NULL CHECK (progress BETWEEN 1 AND 5),
    preparation SMALLINT NOT NULL CHECK (preparation BETWEEN 1 AND 5),
    trust SMALLINT NOT NULL CHECK (trust BETWEEN 1 AND 5),
    comment TEXT NULL CHECK (length(comment) BETWEEN 1 AND 2000),
    given_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (session, given_by)
);

-- What meetings count for in learning hours (JP), from a day on until the next rule.
CREATE TABLE credit_rules (
    first_day DATE NOT NULL PRIMARY KEY,
    jp_per_session SMALLINT NOT NULL CHECK (jp_per_session BETWEEN 0 AND 100),
    sessions_per_month SMALLINT NOT NULL CHECK (sessions_per_month BETWEEN 0 AND 31),
    yearly_target SMALLINT NOT NULL CHECK (yearly_target BETWEEN 0 AND 1000),
    source TEXT NOT NULL CHECK (length(source) BETWEEN 1 AND 500),
    changed_at TIMESTAMPTZ NOT NULL
);
INSERT INTO credit_rules VALUES ('2018-01-01', 2, 2, 20, 'PerLAN 10/2018, as a help page of BPS gives it; to be confirmed', '1970-01-01T00:00:00Z');

-- What a completed pairing gives its coachee. code: what the public page finds it by. name: as it
-- stands on the certificate.
CREATE TABLE completion_certificates (
    id UUID NOT NULL PRIMARY KEY,
    pairing UUID NOT NULL UNIQUE REFERENCES pairings (id),
    number TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 250),
    sessions SMALLINT NOT NULL CHECK (sessions >= 0),
    jp SMALLINT NOT NULL CHECK (jp >= 0),
    first_on DATE NOT NULL,
    last_on DATE NOT NULL,
    issued_at TIMESTAMPTZ NOT NULL,
    withdrawn_at TIMESTAMPTZ NULL,
    withdrawn_reason TEXT NULL CHECK (length(withdrawn_reason) BETWEEN 1 AND 500),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL))
);

-- What of the mail that is not needed somebody does not want.
CREATE TABLE mail_refusals (
    person UUID NOT NULL REFERENCES persons (id),
    class TEXT NOT NULL CHECK (class IN ('reminders', 'nudges', 'surveys', 'digests')),
    refused_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (person, class)
);

-- The secret address of a person's calendar; a new one ends the old.
CREATE TABLE calendar_feeds (
    person UUID NOT NULL PRIMARY KEY REFERENCES persons (id),
    digest TEXT NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL
);

-- What a clock made us say once: no reminder goes out twice. mark: which of them, such as the
-- sequence number of the time that is reminded of, or a day.
CREATE TABLE notices_given (
    kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 100),
    person UUID NOT NULL REFERENCES persons (id),
    about UUID NOT NULL,
    mark TEXT NOT NULL CHECK (length(mark) <= 50),
    given_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kind, person, about, mark)
);
CREATE INDEX notices_given_by_person ON notices_given (person);
CREATE INDEX notices_given_by_time ON notices_given (given_at);

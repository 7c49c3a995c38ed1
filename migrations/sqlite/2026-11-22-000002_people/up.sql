-- Persons, what they are in the network, what is known about their levels.
-- Where an import may name a person before that person is there (superior,
-- wishes, earlier pairs), the code is kept and no foreign key asked for.
CREATE TABLE persons (
    id BLOB NOT NULL PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    full_name TEXT NOT NULL CHECK (length(full_name) BETWEEN 1 AND 150),
    front_title TEXT NOT NULL,
    back_title TEXT NOT NULL,
    identity_kind TEXT NULL CHECK (identity_kind IN ('nip', 'ni_pppk', 'nrp', 'nik')),
    identity_number TEXT NULL,
    email TEXT NULL,
    language TEXT NOT NULL CHECK (language IN ('id', 'en')),
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    UNIQUE (identity_kind, identity_number),
    CHECK ((identity_kind IS NULL) = (identity_number IS NULL))
) STRICT;

CREATE TABLE person_roles (
    person BLOB NOT NULL REFERENCES persons (id),
    role TEXT NOT NULL CHECK (role IN ('coachee', 'coach', 'agency_admin', 'national_admin', 'auditor')),
    agency TEXT NULL REFERENCES agencies (code),
    PRIMARY KEY (person, role),
    CHECK ((role = 'agency_admin') = (agency IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX person_roles_by_agency ON person_roles (agency);

CREATE TABLE coachee_profiles (
    person BLOB NOT NULL PRIMARY KEY REFERENCES persons (id),
    agency TEXT NOT NULL REFERENCES agencies (code),
    unit TEXT NULL,
    superior_code TEXT NULL,
    position TEXT NOT NULL,
    tier TEXT NOT NULL REFERENCES position_tiers (tier),
    field TEXT NULL REFERENCES fields (code),
    regency TEXT NOT NULL REFERENCES regencies (code)
) STRICT;
CREATE INDEX coachee_profiles_by_agency ON coachee_profiles (agency);
CREATE INDEX coachee_profiles_by_tier ON coachee_profiles (tier);
CREATE INDEX coachee_profiles_by_field ON coachee_profiles (field);
CREATE INDEX coachee_profiles_by_regency ON coachee_profiles (regency);

CREATE TABLE assessments (
    id BLOB NOT NULL PRIMARY KEY,
    person BLOB NOT NULL REFERENCES persons (id),
    method TEXT NOT NULL CHECK (method IN ('self', 'superior', 'assessment_centre')),
    assessed_on TEXT NOT NULL,
    UNIQUE (person, method, assessed_on)
) STRICT;

CREATE TABLE assessment_levels (
    assessment BLOB NOT NULL REFERENCES assessments (id),
    competency TEXT NOT NULL REFERENCES competencies (code),
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5),
    PRIMARY KEY (assessment, competency)
) STRICT, WITHOUT ROWID;
CREATE INDEX assessment_levels_by_competency ON assessment_levels (competency);

-- Required levels that differ from the tier's default: of a tier, of a position
-- in an agency, or of one person.
CREATE TABLE requirement_overrides (
    id BLOB NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('tier', 'position', 'person')),
    tier TEXT NULL REFERENCES position_tiers (tier),
    agency TEXT NULL REFERENCES agencies (code),
    position TEXT NULL,
    person_code TEXT NULL,
    competency TEXT NOT NULL REFERENCES competencies (code),
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5),
    CHECK ((scope = 'tier') = (tier IS NOT NULL)),
    CHECK ((scope = 'position') = (agency IS NOT NULL)),
    CHECK ((scope = 'position') = (position IS NOT NULL)),
    CHECK ((scope = 'person') = (person_code IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX one_override_per_tier ON requirement_overrides (tier, competency) WHERE scope = 'tier';
CREATE UNIQUE INDEX one_override_per_position ON requirement_overrides (agency, position, competency) WHERE scope = 'position';
CREATE UNIQUE INDEX one_override_per_person ON requirement_overrides (person_code, competency) WHERE scope = 'person';
CREATE INDEX requirement_overrides_by_competency ON requirement_overrides (competency);

-- modes: bit 0 online, bit 1 in person. languages: bit n for the n-th language known to the program.
CREATE TABLE coach_profiles (
    person BLOB NOT NULL PRIMARY KEY REFERENCES persons (id),
    source TEXT NOT NULL CHECK (source IN ('pkn_1', 'pkn_2', 'corporate')),
    batch INTEGER NULL CHECK (batch BETWEEN 0 AND 65535),
    year INTEGER NULL CHECK (year BETWEEN 0 AND 65535),
    certificate_number TEXT NULL,
    verification TEXT NOT NULL CHECK (verification IN ('pending', 'verified', 'rejected')),
    agency TEXT NOT NULL REFERENCES agencies (code),
    unit TEXT NULL,
    superior_code TEXT NULL,
    tier TEXT NULL REFERENCES position_tiers (tier),
    field TEXT NULL REFERENCES fields (code),
    regency TEXT NOT NULL REFERENCES regencies (code),
    modes INTEGER NOT NULL CHECK (modes BETWEEN 0 AND 3),
    languages INTEGER NOT NULL CHECK (languages BETWEEN 0 AND 255),
    capacity INTEGER NOT NULL CHECK (capacity BETWEEN 0 AND 1000),
    load INTEGER NOT NULL CHECK (load >= 0),
    accepting INTEGER NOT NULL CHECK (accepting IN (0, 1)),
    completed_pairs INTEGER NOT NULL CHECK (completed_pairs BETWEEN 0 AND 65535),
    rating INTEGER NULL CHECK (rating BETWEEN 100 AND 500),
    CHECK (load <= capacity)
) STRICT;
CREATE INDEX coach_profiles_by_agency ON coach_profiles (agency);
CREATE INDEX coach_profiles_by_tier ON coach_profiles (tier);
CREATE INDEX coach_profiles_by_field ON coach_profiles (field);
CREATE INDEX coach_profiles_by_regency ON coach_profiles (regency);

CREATE TABLE coach_strengths (
    coach BLOB NOT NULL REFERENCES coach_profiles (person),
    competency TEXT NOT NULL REFERENCES competencies (code),
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5),
    PRIMARY KEY (coach, competency)
) STRICT, WITHOUT ROWID;
CREATE INDEX coach_strengths_by_competency ON coach_strengths (competency);

CREATE TABLE coach_regions_served (
    coach BLOB NOT NULL REFERENCES coach_profiles (person),
    province TEXT NOT NULL REFERENCES provinces (code),
    PRIMARY KEY (coach, province)
) STRICT, WITHOUT ROWID;
CREATE INDEX coach_regions_served_by_province ON coach_regions_served (province);

CREATE TABLE conflicts_of_interest (
    coach BLOB NOT NULL REFERENCES coach_profiles (person),
    agency_code TEXT NOT NULL,
    PRIMARY KEY (coach, agency_code)
) STRICT, WITHOUT ROWID;

CREATE TABLE coach_wishes (
    coach BLOB NOT NULL REFERENCES coach_profiles (person),
    coachee_code TEXT NOT NULL,
    PRIMARY KEY (coach, coachee_code)
) STRICT, WITHOUT ROWID;

-- Pairs that were declined or have ended: never proposed again.
CREATE TABLE earlier_pairs (
    coachee BLOB NOT NULL REFERENCES coachee_profiles (person),
    coach_code TEXT NOT NULL,
    PRIMARY KEY (coachee, coach_code)
) STRICT, WITHOUT ROWID;

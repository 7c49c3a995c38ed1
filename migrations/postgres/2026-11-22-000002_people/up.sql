-- Persons, what they are in the network, what is known about their levels.
-- Where an import may name a person before that person is there (superior,
-- wishes, earlier pairs), the code is kept and no foreign key asked for.
CREATE TABLE persons (
    id UUID NOT NULL PRIMARY KEY,
    code TEXT COLLATE "C" NOT NULL UNIQUE,
    full_name TEXT NOT NULL CHECK (length(full_name) BETWEEN 1 AND 150),
    front_title TEXT NOT NULL,
    back_title TEXT NOT NULL,
    identity_kind TEXT NULL CHECK (identity_kind IN ('nip', 'ni_pppk', 'nrp', 'nik')),
    identity_number TEXT NULL,
    email TEXT NULL,
    language TEXT NOT NULL CHECK (language IN ('id', 'en')),
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    UNIQUE (identity_kind, identity_number),
    CHECK ((identity_kind IS NULL) = (identity_number IS NULL))
);

CREATE TABLE person_roles (
    person UUID NOT NULL REFERENCES persons (id),
    role TEXT NOT NULL CHECK (role IN ('coachee', 'coach', 'agency_admin', 'national_admin', 'auditor')),
    agency TEXT COLLATE "C" NULL REFERENCES agencies (code),
    PRIMARY KEY (person, role),
    CHECK ((role = 'agency_admin') = (agency IS NOT NULL))
);
CREATE INDEX person_roles_by_agency ON person_roles (agency);

CREATE TABLE coachee_profiles (
    person UUID NOT NULL PRIMARY KEY REFERENCES persons (id),
    agency TEXT COLLATE "C" NOT NULL REFERENCES agencies (code),
    unit TEXT NULL,
    superior_code TEXT COLLATE "C" NULL,
    position TEXT NOT NULL,
    tier TEXT COLLATE "C" NOT NULL REFERENCES position_tiers (tier),
    field TEXT COLLATE "C" NULL REFERENCES fields (code),
    regency TEXT COLLATE "C" NOT NULL REFERENCES regencies (code)
);
CREATE INDEX coachee_profiles_by_agency ON coachee_profiles (agency);
CREATE INDEX coachee_profiles_by_tier ON coachee_profiles (tier);
CREATE INDEX coachee_profiles_by_field ON coachee_profiles (field);
CREATE INDEX coachee_profiles_by_regency ON coachee_profiles (regency);

CREATE TABLE assessments (
    id UUID NOT NULL PRIMARY KEY,
    person UUID NOT NULL REFERENCES persons (id),
    method TEXT NOT NULL CHECK (method IN ('self', 'superior', 'assessment_centre')),
    assessed_on DATE NOT NULL,
    UNIQUE (person, method, assessed_on)
);

CREATE TABLE assessment_levels (
    assessment UUID NOT NULL REFERENCES assessments (id),
    competency TEXT COLLATE "C" NOT NULL REFERENCES competencies (code),
    level SMALLINT NOT NULL CHECK (level BETWEEN 1 AND 5),
    PRIMARY KEY (assessment, competency)
);
CREATE INDEX assessment_levels_by_competency ON assessment_levels (competency);

-- Required levels that differ from the tier's default: of a tier, of a position
-- in an agency, or of one person.
CREATE TABLE requirement_overrides (
    id UUID NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('tier', 'position', 'person')),
    tier TEXT COLLATE "C" NULL REFERENCES position_tiers (tier),
    agency TEXT COLLATE "C" NULL REFERENCES agencies (code),
    position TEXT COLLATE "C" NULL,
    person_code TEXT COLLATE "C" NULL,
    competency TEXT COLLATE "C" NOT NULL REFERENCES competencies (code),
    level SMALLINT NOT NULL CHECK (level BETWEEN 1 AND 5),
    CHECK ((scope = 'tier') = (tier IS NOT NULL)),
    CHECK ((scope = 'position') = (agency IS NOT NULL)),
    CHECK ((scope = 'position') = (position IS NOT NULL)),
    CHECK ((scope = 'person') = (person_code IS NOT NULL))
);
CREATE UNIQUE INDEX one_override_per_tier ON requirement_overrides (tier, competency) WHERE scope = 'tier';
CREATE UNIQUE INDEX one_override_per_position ON requirement_overrides (agency, position, competency) WHERE scope = 'position';
CREATE UNIQUE INDEX one_override_per_person ON requirement_overrides (person_code, competency) WHERE scope = 'person';
CREATE INDEX requirement_overrides_by_competency ON requirement_overrides (competency);

-- modes: bit 0 online, bit 1 in person. languages: bit n for the n-th language known to the program.
CREATE TABLE coach_profiles (
    person UUID NOT NULL PRIMARY KEY REFERENCES persons (id),
    source TEXT NOT NULL CHECK (source IN ('pkn_1', 'pkn_2', 'corporate')),
    batch INTEGER NULL CHECK (batch BETWEEN 0 AND 65535),
    year INTEGER NULL CHECK (year BETWEEN 0 AND 65535),
    certificate_number TEXT NULL,
    verification TEXT NOT NULL CHECK (verification IN ('pending', 'verified', 'rejected')),
    agency TEXT COLLATE "C" NOT NULL REFERENCES agencies (code),
    unit TEXT NULL,
    superior_code TEXT COLLATE "C" NULL,
    tier TEXT COLLATE "C" NULL REFERENCES position_tiers (tier),
    field TEXT COLLATE "C" NULL REFERENCES fields (code),
    regency TEXT COLLATE "C" NOT NULL REFERENCES regencies (code),
    modes SMALLINT NOT NULL CHECK (modes BETWEEN 0 AND 3),
    languages SMALLINT NOT NULL CHECK (languages BETWEEN 0 AND 255),
    capacity INTEGER NOT NULL CHECK (capacity BETWEEN 0 AND 1000),
    load INTEGER NOT NULL CHECK (load >= 0),
    accepting BOOLEAN NOT NULL,
    completed_pairs INTEGER NOT NULL CHECK (completed_pairs BETWEEN 0 AND 65535),
    rating INTEGER NULL CHECK (rating BETWEEN 100 AND 500),
    CHECK (load <= capacity)
);
CREATE INDEX coach_profiles_by_agency ON coach_profiles (agency);
CREATE INDEX coach_profiles_by_tier ON coach_profiles (tier);
CREATE INDEX coach_profiles_by_field ON coach_profiles (field);
CREATE INDEX coach_profiles_by_regency ON coach_profiles (regency);

CREATE TABLE coach_strengths (
    coach UUID NOT NULL REFERENCES coach_profiles (person),
    competency TEXT COLLATE "C" NOT NULL REFERENCES competencies (code),
    level SMALLINT NOT NULL CHECK (level BETWEEN 1 AND 5),
    PRIMARY KEY (coach, competency)
);
CREATE INDEX coach_strengths_by_competency ON coach_strengths (competency);

CREATE TABLE coach_regions_served (
    coach UUID NOT NULL REFERENCES coach_profiles (person),
    province TEXT COLLATE "C" NOT NULL REFERENCES provinces (code),
    PRIMARY KEY (coach, province)
);
CREATE INDEX coach_regions_served_by_province ON coach_regions_served (province);

CREATE TABLE conflicts_of_interest (
    coach UUID NOT NULL REFERENCES coach_profiles (person),
    agency_code TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (coach, agency_code)
);

CREATE TABLE coach_wishes (
    coach UUID NOT NULL REFERENCES coach_profiles (person),
    coachee_code TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (coach, coachee_code)
);

-- Pairs that were declined or have ended: never proposed again.
CREATE TABLE earlier_pairs (
    coachee UUID NOT NULL REFERENCES coachee_profiles (person),
    coach_code TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (coachee, coach_code)
);

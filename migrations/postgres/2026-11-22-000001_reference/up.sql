-- Regions, competencies, tiers, fields and agencies. Codes are the keys that
-- everybody uses, so they are the keys here too. Codes compare byte by byte, so
-- that both engines sort alike.
CREATE TABLE provinces (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_id TEXT NOT NULL,
    name_en TEXT NOT NULL,
    island_group TEXT NOT NULL,
    zone TEXT NOT NULL CHECK (zone IN ('WIB', 'WITA', 'WIT')),
    tile_col SMALLINT NOT NULL CHECK (tile_col BETWEEN 0 AND 255),
    tile_row SMALLINT NOT NULL CHECK (tile_row BETWEEN 0 AND 255)
);

CREATE TABLE regencies (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    province TEXT COLLATE "C" NOT NULL REFERENCES provinces (code),
    name TEXT NOT NULL
);
CREATE INDEX regencies_by_province ON regencies (province);

CREATE TABLE remote_areas (
    regency TEXT COLLATE "C" NOT NULL REFERENCES regencies (code),
    first_day DATE NOT NULL,
    last_day DATE NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (regency, first_day),
    CHECK (last_day >= first_day)
);

CREATE TABLE fields (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_id TEXT NOT NULL,
    name_en TEXT NOT NULL
);

CREATE TABLE competencies (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_id TEXT NOT NULL,
    name_en TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('manajerial', 'sosial_kultural', 'teknis'))
);

CREATE TABLE competency_levels (
    competency TEXT COLLATE "C" NOT NULL REFERENCES competencies (code),
    level SMALLINT NOT NULL CHECK (level BETWEEN 1 AND 5),
    meaning_id TEXT NOT NULL,
    meaning_en TEXT NOT NULL,
    PRIMARY KEY (competency, level)
);

CREATE TABLE position_tiers (
    tier TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name_id TEXT NOT NULL,
    name_en TEXT NOT NULL,
    default_required SMALLINT NOT NULL CHECK (default_required BETWEEN 1 AND 5),
    seniority SMALLINT NOT NULL CHECK (seniority BETWEEN 1 AND 7),
    CHECK (tier IN ('jpt_utama', 'jpt_madya', 'jpt_pratama', 'administrator', 'pengawas', 'pelaksana', 'jf_ahli_utama', 'jf_ahli_madya', 'jf_ahli_muda', 'jf_ahli_pertama', 'jf_penyelia', 'jf_mahir', 'jf_terampil', 'jf_pemula'))
);

-- of_reference: as the reference data has it; otherwise added or changed by an import,
-- and then a new edition of the reference data leaves it alone.
CREATE TABLE agencies (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    kind TEXT NOT NULL CHECK (kind IN ('kementerian', 'lpnk', 'lembaga_negara_lainnya', 'pemprov', 'pemkab', 'pemkot', 'perusahaan', 'lain')),
    province TEXT COLLATE "C" NULL REFERENCES provinces (code),
    regency TEXT COLLATE "C" NULL REFERENCES regencies (code),
    of_reference BOOLEAN NOT NULL
);
CREATE INDEX agencies_by_province ON agencies (province);
CREATE INDEX agencies_by_regency ON agencies (regency);

-- The kinds of coaches that an agency does not want for its people.
CREATE TABLE agency_opt_outs (
    agency TEXT COLLATE "C" NOT NULL REFERENCES agencies (code),
    coach_kind TEXT NOT NULL CHECK (coach_kind IN ('corporate', 'internal', 'external')),
    PRIMARY KEY (agency, coach_kind)
);

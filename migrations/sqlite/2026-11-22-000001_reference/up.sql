-- Regions, competencies, tiers, fields and agencies. Codes are the keys that
-- everybody uses, so they are the keys here too. Codes compare byte by byte, so
-- that both engines sort alike.
CREATE TABLE provinces (
    code TEXT NOT NULL PRIMARY KEY,
    name_id TEXT NOT NULL,
    name_en TEXT NOT NULL,
    island_group TEXT NOT NULL,
    zone TEXT NOT NULL CHECK (zone IN ('WIB', 'WITA', 'WIT')),
    tile_col INTEGER NOT NULL CHECK (tile_col BETWEEN 0 AND 255),
    tile_row INTEGER NOT NULL CHECK (tile_row BETWEEN 0 AND 255)
) STRICT;

CREATE TABLE regencies (
    code TEXT NOT NULL PRIMARY KEY,
    province TEXT NOT NULL REFERENCES provinces (code),
    name TEXT NOT NULL
) STRICT;
CREATE INDEX regencies_by_province ON regencies (province);

CREATE TABLE remote_areas (
    regency TEXT NOT NULL REFERENCES regencies (code),
    first_day TEXT NOT NULL,
    last_day TEXT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (regency, first_day),
    CHECK (last_day >= first_day)
) STRICT, WITHOUT ROWID;

CREATE TABLE fields (
    code TEXT NOT NULL PRIMARY KEY,
    name_id TEXT NOT NULL,
    name_en TEXT NOT NULL
) STRICT;

CREATE TABLE competencies (
    code TEXT NOT NULL PRIMARY KEY,
    name_id TEXT NOT NULL,
    name_en TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('manajerial', 'sosial_kultural', 'teknis'))
) STRICT;

CREATE TABLE competency_levels (
    competency TEXT NOT NULL REFERENCES competencies (code),
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5),
    meaning_id TEXT NOT NULL,
    meaning_en TEXT NOT NULL,
    PRIMARY KEY (competency, level)
) STRICT, WITHOUT ROWID;

CREATE TABLE position_tiers (
    tier TEXT NOT NULL PRIMARY KEY,
    name_id TEXT NOT NULL,
    name_en TEXT NOT NULL,
    default_required INTEGER NOT NULL CHECK (default_required BETWEEN 1 AND 5),
    seniority INTEGER NOT NULL CHECK (seniority BETWEEN 1 AND 7),
    CHECK (tier IN ('jpt_utama', 'jpt_madya', 'jpt_pratama', 'administrator', 'pengawas', 'pelaksana', 'jf_ahli_utama', 'jf_ahli_madya', 'jf_ahli_muda', 'jf_ahli_pertama', 'jf_penyelia', 'jf_mahir', 'jf_terampil', 'jf_pemula'))
) STRICT;

-- of_reference: as the reference data has it; otherwise added or changed by an import,
-- and then a new edition of the reference data leaves it alone.
CREATE TABLE agencies (
    code TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    kind TEXT NOT NULL CHECK (kind IN ('kementerian', 'lpnk', 'lembaga_negara_lainnya', 'pemprov', 'pemkab', 'pemkot', 'perusahaan', 'lain')),
    province TEXT NULL REFERENCES provinces (code),
    regency TEXT NULL REFERENCES regencies (code),
    of_reference INTEGER NOT NULL CHECK (of_reference IN (0, 1))
) STRICT;
CREATE INDEX agencies_by_province ON agencies (province);
CREATE INDEX agencies_by_regency ON agencies (regency);

-- The kinds of coaches that an agency does not want for its people.
CREATE TABLE agency_opt_outs (
    agency TEXT NOT NULL REFERENCES agencies (code),
    coach_kind TEXT NOT NULL CHECK (coach_kind IN ('corporate', 'internal', 'external')),
    PRIMARY KEY (agency, coach_kind)
) STRICT, WITHOUT ROWID;

-- A cohort has a policy of its own, which live rules follow: timers, shortlists, who may be chosen, priority. The policy of
-- a run is the run's alone. Until now the policy last kept for a run of the cohort was followed by everybody; what was
-- in force stays in force. A cohort without one follows the policy by default.
ALTER TABLE cohorts ADD COLUMN policy BLOB NULL REFERENCES policies (id);
-- Counts changes: whoever changes a cohort says which version they saw.
ALTER TABLE cohorts ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1);
UPDATE cohorts SET policy = COALESCE(
    (SELECT runs.policy FROM runs WHERE runs.cohort = cohorts.id AND runs.status = 'published'
     ORDER BY runs.published_at DESC LIMIT 1),
    (SELECT policies.id FROM policies WHERE policies.cohort = cohorts.id AND policies.name = 'run'
     ORDER BY policies.version DESC LIMIT 1));

-- Who may ask in a cohort: of each kind those that stand here, all where none does. A cohort that names one agency alone is
-- that agency's, whose admin runs it.
CREATE TABLE cohort_admissions (
    cohort BLOB NOT NULL REFERENCES cohorts (id),
    kind TEXT NOT NULL CHECK (kind IN ('agency', 'tier', 'province')),
    code TEXT NOT NULL CHECK (length(code) BETWEEN 1 AND 64),
    PRIMARY KEY (cohort, kind, code)
) STRICT, WITHOUT ROWID;

-- How many coachees of each agency a run had, and how many of them got a coach: counted when it was computed.
CREATE TABLE run_agencies (
    run BLOB NOT NULL REFERENCES runs (id),
    agency TEXT NOT NULL REFERENCES agencies (code),
    coachees INTEGER NOT NULL CHECK (coachees >= 1),
    matched INTEGER NOT NULL CHECK (matched >= 0),
    PRIMARY KEY (run, agency),
    CHECK (matched <= coachees)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_agencies_by_agency ON run_agencies (agency);
INSERT INTO run_agencies (run, agency, coachees, matched)
SELECT took_part.run, coachee_profiles.agency, count(*), sum(took_part.matched) FROM (
    SELECT run, coachee, 1 AS matched FROM proposed_pairs
    UNION ALL SELECT run, coachee, 1 FROM run_what_if_pairs
    UNION ALL SELECT run, coachee, 0 FROM run_waiting) AS took_part
JOIN coachee_profiles ON coachee_profiles.person = took_part.coachee
GROUP BY took_part.run, coachee_profiles.agency;

DROP TABLE run_agencies;
DROP TABLE cohort_admissions;
ALTER TABLE cohorts DROP COLUMN version;
ALTER TABLE cohorts DROP COLUMN policy;

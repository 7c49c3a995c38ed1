-- What became of the latest rounds of each job in the background, whichever process did them.
-- noted_at: when a round was noted last; well_at: one that went well; failing_since and failures (in a row): empty and 0
-- when the latest went well; done: what all rounds together have changed; millis: how long the latest took.
CREATE TABLE job_states (
    job TEXT NOT NULL PRIMARY KEY CHECK (length(job) BETWEEN 1 AND 50),
    noted_at INTEGER NOT NULL,
    well_at INTEGER NULL,
    failing_since INTEGER NULL,
    failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    failure TEXT NULL CHECK (length(failure) BETWEEN 1 AND 50),
    done INTEGER NOT NULL DEFAULT 0 CHECK (done >= 0),
    millis INTEGER NOT NULL DEFAULT 0 CHECK (millis >= 0),
    CHECK ((failures > 0) = (failing_since IS NOT NULL)),
    CHECK ((failures > 0) = (failure IS NOT NULL))
) STRICT, WITHOUT ROWID;

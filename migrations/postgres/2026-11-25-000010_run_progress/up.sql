-- How far the computing of a run is. Whoever computes it says so every second; who has said
-- nothing for long is gone, and the run is queued again. done: thousandths of the phase. gap: by what
-- part in a billion of the bound the total may still miss the best.
CREATE TABLE run_progress (
    run UUID NOT NULL PRIMARY KEY REFERENCES runs (id),
    phase TEXT NOT NULL CHECK (phase IN ('load', 'lists', 'start', 'solve', 'price', 'certify', 'explain', 'save')),
    round INTEGER NOT NULL CHECK (round >= 0),
    done INTEGER NOT NULL CHECK (done BETWEEN 0 AND 1000),
    gap BIGINT NULL CHECK (gap >= 0),
    seen_at TIMESTAMPTZ NOT NULL
);

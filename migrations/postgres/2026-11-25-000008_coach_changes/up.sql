-- Which coaches changed last, so that whoever keeps coaches in memory finds those who did by an index.
-- Written by triggers: whoever changes a profile, a capacity or a place held cannot forget it. The lists of a
-- coach have none: SQLite would run them for each of the many rows of an import, at a higher price than that of
-- the rows. Lists are only ever written together with their profile.
--
-- changed is the number of the transaction that did it. Numbers are given out when a transaction first
-- writes and not when it commits, but all below pg_snapshot_xmin() are over: who has seen a snapshot asks
-- next for those from its xmin on, and misses none, however long one takes.
--
-- A coach is no foreign key: the row of one who has gone says so. The nil UUID stands for the reference
-- data, upon which what is known of every coach depends.
CREATE TABLE coach_changes (
    coach UUID NOT NULL PRIMARY KEY,
    changed BIGINT NOT NULL CHECK (changed >= 0)
);
CREATE INDEX coach_changes_since ON coach_changes (changed);

CREATE FUNCTION note_changed_coaches() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO coach_changes (coach, changed)
    SELECT DISTINCT person, pg_current_xact_id()::text::bigint FROM touched
    ON CONFLICT (coach) DO UPDATE SET changed = excluded.changed WHERE coach_changes.changed <> excluded.changed;
    RETURN NULL;
END $$;

CREATE TRIGGER inserted AFTER INSERT ON coach_profiles
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION note_changed_coaches();
CREATE TRIGGER updated AFTER UPDATE ON coach_profiles
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION note_changed_coaches();
CREATE TRIGGER deleted AFTER DELETE ON coach_profiles
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION note_changed_coaches();

-- Who reports to somebody, and which coaches wish for a coachee: looked up for one person at a time.
CREATE INDEX coachee_profiles_by_superior ON coachee_profiles (superior_code) WHERE superior_code IS NOT NULL;
CREATE INDEX coach_profiles_by_superior ON coach_profiles (superior_code) WHERE superior_code IS NOT NULL;
CREATE INDEX coach_wishes_by_coachee ON coach_wishes (coachee_code);

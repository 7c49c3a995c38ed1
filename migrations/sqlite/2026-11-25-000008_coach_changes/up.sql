-- Which coaches changed last, so that whoever keeps coaches in memory finds those who did by an index.
-- Written by triggers: whoever changes a profile, a capacity or a place held cannot forget it. The lists of a
-- coach have none: SQLite would run them for each of the many rows of an import, at a higher price than that of
-- the rows. Lists are only ever written together with their profile.
--
-- changed counts up with every change. One transaction writes at a time, so that numbers are in the order
-- of the commits: who has seen all up to one asks next for those behind it, and misses none.
--
-- A coach is no foreign key: the row of one who has gone says so. The nil UUID stands for the reference
-- data, upon which what is known of every coach depends.
CREATE TABLE coach_changes (
    coach BLOB NOT NULL PRIMARY KEY,
    changed INTEGER NOT NULL CHECK (changed >= 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX coach_changes_since ON coach_changes (changed);

CREATE TRIGGER coach_profiles_inserted AFTER INSERT ON coach_profiles BEGIN
    INSERT INTO coach_changes (coach, changed)
    VALUES (NEW.person, (SELECT coalesce(max(changed), 0) + 1 FROM coach_changes))
    ON CONFLICT (coach) DO UPDATE SET changed = excluded.changed;
END;

CREATE TRIGGER coach_profiles_updated AFTER UPDATE ON coach_profiles BEGIN
    INSERT INTO coach_changes (coach, changed)
    VALUES (NEW.person, (SELECT coalesce(max(changed), 0) + 1 FROM coach_changes))
    ON CONFLICT (coach) DO UPDATE SET changed = excluded.changed;
END;

CREATE TRIGGER coach_profiles_deleted AFTER DELETE ON coach_profiles BEGIN
    INSERT INTO coach_changes (coach, changed)
    VALUES (OLD.person, (SELECT coalesce(max(changed), 0) + 1 FROM coach_changes))
    ON CONFLICT (coach) DO UPDATE SET changed = excluded.changed;
END;

-- Who reports to somebody, and which coaches wish for a coachee: looked up for one person at a time.
CREATE INDEX coachee_profiles_by_superior ON coachee_profiles (superior_code) WHERE superior_code IS NOT NULL;
CREATE INDEX coach_profiles_by_superior ON coach_profiles (superior_code) WHERE superior_code IS NOT NULL;
CREATE INDEX coach_wishes_by_coachee ON coach_wishes (coachee_code);

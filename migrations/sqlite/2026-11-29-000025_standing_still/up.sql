-- What stands still is listed by how long it has, a page at a time. Since when a pair has been quiet is a column of
-- its own: since the last session that was held or agreed on, or, without any, since the pair began. The program
-- never writes it: triggers fill it, and follow the sessions.
ALTER TABLE pairings ADD COLUMN quiet_since INTEGER NULL;
UPDATE pairings SET quiet_since = coalesce(
    (SELECT max(starts_at) FROM sessions WHERE pairing = pairings.id AND status IN ('scheduled', 'held')), started_at);

CREATE TRIGGER pairings_begin_quiet AFTER INSERT ON pairings BEGIN
    UPDATE pairings SET quiet_since = started_at WHERE id = NEW.id;
END;

CREATE TRIGGER sessions_are_made AFTER INSERT ON sessions BEGIN
    UPDATE pairings SET quiet_since = coalesce(
        (SELECT max(starts_at) FROM sessions WHERE pairing = NEW.pairing AND status IN ('scheduled', 'held')),
        started_at) WHERE id = NEW.pairing;
END;

CREATE TRIGGER sessions_change AFTER UPDATE OF status, starts_at ON sessions BEGIN
    UPDATE pairings SET quiet_since = coalesce(
        (SELECT max(starts_at) FROM sessions WHERE pairing = NEW.pairing AND status IN ('scheduled', 'held')),
        started_at) WHERE id = NEW.pairing;
END;

CREATE TRIGGER sessions_go AFTER DELETE ON sessions BEGIN
    UPDATE pairings SET quiet_since = coalesce(
        (SELECT max(starts_at) FROM sessions WHERE pairing = OLD.pairing AND status IN ('scheduled', 'held')),
        started_at) WHERE id = OLD.pairing;
END;

CREATE INDEX pairings_by_quiet ON pairings (status, quiet_since, id);
CREATE INDEX pairings_by_agency_and_quiet ON pairings (agency, status, quiet_since, id);
-- Those without an agreement are few among many with one.
CREATE INDEX pairings_unsigned ON pairings (status, started_at, id)
    WHERE coachee_signed_at IS NULL OR coach_signed_at IS NULL;
CREATE INDEX pairings_unsigned_by_agency ON pairings (agency, status, started_at, id)
    WHERE coachee_signed_at IS NULL OR coach_signed_at IS NULL;
-- Coaches of an agency in the order in which they joined.
DROP INDEX coach_profiles_by_agency;
CREATE INDEX coach_profiles_by_agency ON coach_profiles (agency, person);

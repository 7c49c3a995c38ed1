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

CREATE INDEX pairings_by_quiet ON pairings (status, quiet_since, id)
    WHERE coachee_signed_at IS NOT NULL AND coach_signed_at IS NOT NULL;
CREATE INDEX pairings_by_agency_and_quiet ON pairings (agency, status, quiet_since, id)
    WHERE coachee_signed_at IS NOT NULL AND coach_signed_at IS NOT NULL;
-- Those without an agreement are few among many with one.
CREATE INDEX pairings_unsigned ON pairings (status, started_at, id)
    WHERE coachee_signed_at IS NULL OR coach_signed_at IS NULL;
CREATE INDEX pairings_unsigned_by_agency ON pairings (agency, status, started_at, id)
    WHERE coachee_signed_at IS NULL OR coach_signed_at IS NULL;
-- Coaches of a province in the order in which they joined: the province of their regency, which triggers fill. That a
-- coach has changed is noted once more by that; it counts once.
ALTER TABLE coach_profiles ADD COLUMN province TEXT NULL REFERENCES provinces (code);
UPDATE coach_profiles SET province = (SELECT regencies.province FROM regencies WHERE code = regency);

CREATE TRIGGER coaches_have_province AFTER INSERT ON coach_profiles BEGIN
    UPDATE coach_profiles SET province = (SELECT regencies.province FROM regencies WHERE code = NEW.regency)
    WHERE person = NEW.person;
END;

CREATE TRIGGER coaches_move AFTER UPDATE OF regency ON coach_profiles WHEN OLD.regency <> NEW.regency BEGIN
    UPDATE coach_profiles SET province = (SELECT regencies.province FROM regencies WHERE code = NEW.regency)
    WHERE person = NEW.person;
END;

CREATE TRIGGER regencies_change_province AFTER UPDATE OF province ON regencies WHEN OLD.province <> NEW.province BEGIN
    UPDATE coach_profiles SET province = NEW.province WHERE regency = NEW.code;
END;

CREATE INDEX coach_profiles_by_province ON coach_profiles (province, person);
CREATE INDEX coach_profiles_by_verification_and_province ON coach_profiles (verification, province, person);
-- Coaches of an agency in the order in which they joined.
DROP INDEX coach_profiles_by_agency;
CREATE INDEX coach_profiles_by_agency ON coach_profiles (agency, person);

-- What stands still is listed by how long it has, a page at a time. Since when a pair has been quiet is a column of
-- its own: since the last session that was held or agreed on, or, without any, since the pair began. The program
-- never writes it: triggers fill it, and follow the sessions.
ALTER TABLE pairings ADD COLUMN quiet_since TIMESTAMPTZ NULL;
UPDATE pairings SET quiet_since = coalesce(
    (SELECT max(starts_at) FROM sessions WHERE pairing = pairings.id AND status IN ('scheduled', 'held')), started_at);

CREATE FUNCTION begin_quiet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.quiet_since := NEW.started_at;
    RETURN NEW;
END $$;

CREATE FUNCTION follow_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed UUID := CASE WHEN TG_OP = 'DELETE' THEN OLD.pairing ELSE NEW.pairing END;
BEGIN
    UPDATE pairings SET quiet_since = coalesce(
        (SELECT max(starts_at) FROM sessions WHERE pairing = changed AND status IN ('scheduled', 'held')),
        started_at) WHERE id = changed;
    RETURN NULL;
END $$;

CREATE TRIGGER pairings_begin_quiet BEFORE INSERT ON pairings
    FOR EACH ROW EXECUTE FUNCTION begin_quiet();
CREATE TRIGGER sessions_change AFTER INSERT OR DELETE OR UPDATE OF status, starts_at ON sessions
    FOR EACH ROW EXECUTE FUNCTION follow_sessions();

CREATE INDEX pairings_by_quiet ON pairings (status, quiet_since, id)
    WHERE coachee_signed_at IS NOT NULL AND coach_signed_at IS NOT NULL;
CREATE INDEX pairings_by_agency_and_quiet ON pairings (agency, status, quiet_since, id)
    WHERE coachee_signed_at IS NOT NULL AND coach_signed_at IS NOT NULL;
-- Those without an agreement are few among many with one.
CREATE INDEX pairings_unsigned ON pairings (status, started_at, id)
    WHERE coachee_signed_at IS NULL OR coach_signed_at IS NULL;
CREATE INDEX pairings_unsigned_by_agency ON pairings (agency, status, started_at, id)
    WHERE coachee_signed_at IS NULL OR coach_signed_at IS NULL;
-- Coaches of a province in the order in which they joined: the province of their regency, which triggers fill.
ALTER TABLE coach_profiles ADD COLUMN province TEXT NULL REFERENCES provinces (code);
UPDATE coach_profiles SET province = (SELECT regencies.province FROM regencies WHERE code = regency);

CREATE FUNCTION take_province_of_regency() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT province INTO NEW.province FROM regencies WHERE code = NEW.regency;
    RETURN NEW;
END $$;

CREATE FUNCTION hand_province_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE coach_profiles SET province = NEW.province WHERE regency = NEW.code;
    RETURN NULL;
END $$;

CREATE TRIGGER coaches_have_province BEFORE INSERT OR UPDATE OF regency ON coach_profiles
    FOR EACH ROW EXECUTE FUNCTION take_province_of_regency();
CREATE TRIGGER regencies_change_province AFTER UPDATE OF province ON regencies
    FOR EACH ROW WHEN (OLD.province <> NEW.province) EXECUTE FUNCTION hand_province_on();

CREATE INDEX coach_profiles_by_province ON coach_profiles (province, person);
CREATE INDEX coach_profiles_by_verification_and_province ON coach_profiles (verification, province, person);
-- Coaches of an agency in the order in which they joined.
DROP INDEX coach_profiles_by_agency;
CREATE INDEX coach_profiles_by_agency ON coach_profiles (agency, person);

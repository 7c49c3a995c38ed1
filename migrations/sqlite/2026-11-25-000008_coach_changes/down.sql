DROP INDEX coach_wishes_by_coachee;
DROP INDEX coach_profiles_by_superior;
DROP INDEX coachee_profiles_by_superior;
DROP TRIGGER coach_profiles_deleted;
DROP TRIGGER coach_profiles_updated;
DROP TRIGGER coach_profiles_inserted;
DROP TABLE coach_changes;

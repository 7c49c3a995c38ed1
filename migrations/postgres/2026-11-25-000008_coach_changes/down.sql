DROP INDEX coach_wishes_by_coachee;
DROP INDEX coach_profiles_by_superior;
DROP INDEX coachee_profiles_by_superior;
DROP FUNCTION note_changed_coaches CASCADE;
DROP TABLE coach_changes;

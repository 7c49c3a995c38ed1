DROP INDEX coach_profiles_by_pause;
ALTER TABLE coach_profiles DROP COLUMN paused_until;
ALTER TABLE coach_profiles DROP COLUMN rating_sum;
ALTER TABLE coach_profiles DROP COLUMN ratings;
DROP INDEX coach_profiles_by_certificate;
DROP TABLE sign_up_claims;
